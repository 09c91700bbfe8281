//! What the program leaves to AWS, as it is in AWS.

use std::borrow::Cow;
use std::collections::BTreeMap;

use asiaq_ir::{Address, Ir, Kind, Resource};

use crate::Observed;

/// The program with what it leaves to AWS as it is in the live resources at the same addresses.
pub(super) fn settled<'a>(ir: &'a Ir, observed: &Observed) -> Cow<'a, Ir> {
    let mut live: BTreeMap<(&Address, Kind), &Resource> = BTreeMap::new();
    for found in &observed.found {
        live.entry((&found.address, found.resource.kind())).or_insert(&found.resource);
    }
    let settled = ir.resources.iter().filter_map(|(address, node)| {
        let there = live.get(&(address, node.resource.kind())).copied();
        Some((address, node.resource.settled(there)?))
    });
    let settled: Vec<(&Address, Resource)> = settled.collect();
    if settled.is_empty() {
        return Cow::Borrowed(ir);
    }
    let mut program = ir.clone();
    for (address, resource) in settled {
        if let Some(node) = program.resources.get_mut(address) {
            node.resource = resource;
        }
    }
    Cow::Owned(program)
}

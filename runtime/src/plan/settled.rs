//! What the program leaves to AWS, as it is in AWS.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, AutoScalingGroup, Ir, Kind, METRICS_TAG, Resource};

use crate::Found;

/// The program with what it leaves to AWS as it is in the live resources at the same addresses.
pub(super) fn settled<'a>(ir: &'a Ir, found: &[Found]) -> Cow<'a, Ir> {
    let mut live: BTreeMap<(&Address, Kind), &Found> = BTreeMap::new();
    for found in found {
        live.entry((&found.address, found.resource.kind())).or_insert(found);
    }
    let settled = ir.resources.iter().filter_map(|(address, node)| {
        let there = live.get(&(address, node.resource.kind())).copied();
        Some((address, of_resource(&node.resource, there)?))
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

/// A resource with what the program leaves to AWS; absent if that changes nothing.
fn of_resource(wanted: &Resource, live: Option<&Found>) -> Option<Resource> {
    match (wanted, live) {
        (Resource::AutoScalingGroup(wanted), Some(live)) => {
            let metrics = metrics_of_others(live)?;
            let metrics = metrics.union(&wanted.metrics).cloned().collect();
            Some(AutoScalingGroup { metrics, ..wanted.clone() }.into())
        }
        (wanted, live) => wanted.with_tls_policies(live.map(|live| &live.resource)),
    }
}

/// The metrics of a live group that asiaq did not switch on: they stay on. Absent if there are none.
fn metrics_of_others(live: &Found) -> Option<BTreeSet<String>> {
    let Resource::AutoScalingGroup(group) = &live.resource else { return None };
    let own: BTreeSet<&str> =
        live.tags.get(METRICS_TAG).map(String::as_str).unwrap_or_default().split(' ').collect();
    let others = group.metrics.iter().filter(|metric| !own.contains(metric.as_str()));
    let others: BTreeSet<String> = others.cloned().collect();
    (!others.is_empty()).then_some(others)
}

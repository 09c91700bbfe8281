//! What is created in place of a resource whose declaration was renamed, and which AWS cannot rename.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Kind, Renamed};

use super::moves::Moves;
use super::step::{Action, Step};

/// The part of an address after which a record has its name in DNS.
const RECORD: &str = "/record/";

/// Says in each deletion which creation takes the place of the resource.
pub(super) fn find(steps: &mut [Step], moves: &Moves<'_>) {
    let created = steps.iter().filter(|step| matches!(step.action, Action::Create { .. }));
    // The name of a record of a load balancer follows from its hostclass; another one is known by its place alone.
    let mut places: BTreeMap<(Kind, &str), Vec<&Address>> = BTreeMap::new();
    for step in created {
        places.entry((step.kind, place(step.kind, &step.address))).or_default().push(&step.address);
    }
    let successor = |step: &Step| {
        let is_deletion = matches!(step.action, Action::Delete { .. });
        let to = moves
            .successor(&step.address)
            .filter(|_| is_deletion && step.kind.schema().renamed == Renamed::ByName)?;
        let there = places.get(&(step.kind, place(step.kind, &to)))?;
        let only = || if let [only] = there.as_slice() { Some(*only) } else { None };
        there.iter().copied().find(|address| **address == to).or_else(only).cloned()
    };
    let found: Vec<Option<Address>> = steps.iter().map(successor).collect();
    for (step, found) in steps.iter_mut().zip(found) {
        step.replaced_by = found;
    }
}

fn place(kind: Kind, address: &Address) -> &str {
    let text = address.as_str();
    match kind {
        Kind::RecordSet => text.split_once(RECORD).map_or(text, |(place, _)| place),
        _ => text,
    }
}

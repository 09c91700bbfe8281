//! The resources as they are and as they will be, in the form of a program's: references by address, and
//! places in the source where it is known what they come from.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, IngressRules, Ir, Node, Origin, Ref, Resource, SmokeTest, resolve};

use crate::{Action, Found, Observed, Plan};

/// What is there. Nothing of it has a place in the source.
pub fn current_ir(observed: &Observed) -> Ir {
    let addresses = addresses(&observed.found);
    let mut ir = Ir::default();
    for found in &observed.found {
        // Of two that stand for one address the first counts.
        ir.resources.entry(found.address.clone()).or_insert_with(|| node(found, &addresses));
    }
    ir
}

/// What will be there when `plan`, made from what was `observed`, has been applied.
pub fn planned_ir(plan: &Plan, observed: &Observed) -> Ir {
    let mut ir = current_ir(observed);
    let goes: BTreeSet<(&Address, &str)> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Delete { live } => Some((&live.address, live.id.as_str())),
            Action::Create { .. } | Action::Update { .. } | Action::Replace { .. } => None,
        })
        .collect();
    // Where two stand for one address, only one of them goes.
    let stays = observed.found.iter().filter(|found| !goes.contains(&(&found.address, found.id.as_str())));
    let stays: BTreeSet<&Address> = stays.map(|found| &found.address).collect();
    ir.resources.retain(|address, _| stays.contains(address));
    for step in &plan.steps {
        match &step.action {
            Action::Create { node } | Action::Replace { node, .. } => {
                ir.resources.insert(step.address.clone(), node.clone());
            }
            Action::Update { wanted, .. } => {
                if let Some(node) = ir.resources.get_mut(&step.address) {
                    node.resource = wanted.clone();
                }
            }
            Action::Delete { .. } => {}
        }
    }
    // Rules and smoke tests go with their group, and need no step of their own.
    let addresses: BTreeSet<Address> = ir.resources.keys().cloned().collect();
    ir.resources.retain(|_, node| match &node.resource {
        Resource::IngressRules(IngressRules { group: Ref::To(group), .. })
        | Resource::SmokeTest(SmokeTest { group: Ref::To(group), .. }) => addresses.contains(group),
        _ => true,
    });
    for (address, node) in &mut ir.resources {
        if let Some(declared) = plan.ir.resources.get(address) {
            node.origin.clone_from(&declared.origin);
            node.provenance.clone_from(&declared.provenance);
        }
    }
    ir
}

/// The address of what carries an AWS id. A part carries the id of what it is in, which speaks first.
pub(crate) fn addresses(found: &[Found]) -> BTreeMap<&str, &Address> {
    let is_part = |found: &Found| asiaq_ir::refs(&found.resource).contains(&Ref::Id(found.id.clone()));
    let (parts, wholes): (Vec<&Found>, Vec<&Found>) = found.iter().partition(|found| is_part(found));
    let mut addresses = BTreeMap::new();
    for found in wholes.into_iter().chain(parts) {
        addresses.entry(found.id.as_str()).or_insert(&found.address);
    }
    addresses
}

fn node(found: &Found, addresses: &BTreeMap<&str, &Address>) -> Node {
    let resource = resolve(&found.resource, &mut |reference| {
        let address = reference.id().and_then(|id| addresses.get(id));
        address.map_or_else(|| reference.clone(), |address| Ref::To((*address).clone()))
    });
    Node {
        resource,
        region: found.region.clone(),
        tags: found.tags.clone(),
        after: BTreeSet::new(),
        origin: Origin { file: String::new(), line: 0, column: 0 },
        protect: None,
        provenance: BTreeMap::new(),
    }
}

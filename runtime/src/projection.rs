//! The live resources, and those after an apply, as an [`Ir`]: with references by address, and with places in the
//! source if these are known.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, IngressRules, Ir, Node, Origin, Ref, Resource, SmokeTest, resolve};

use crate::{Action, Found, Observed, Plan, as_moved};

/// The observed resources. They have no places in the source.
pub fn current_ir(observed: &Observed) -> Ir {
    let addresses = addresses(&observed.found);
    let mut ir = Ir::default();
    for found in &observed.found {
        // Of duplicates at an address, the first counts.
        ir.resources.entry(found.address.clone()).or_insert_with(|| node(found, &addresses));
    }
    ir
}

/// The resources after an apply of `plan`, which was made from `observed`. Those whose declaration was renamed are at their
/// new addresses.
pub fn planned_ir(plan: &Plan, observed: &Observed) -> Ir {
    let observed = as_moved(&plan.ir, observed);
    let mut ir = current_ir(&observed);
    let deleted: BTreeSet<(&Address, &str)> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Delete { live } => Some((&live.address, live.id.as_str())),
            Action::Create { .. } | Action::Update { .. } | Action::Replace { .. } => None,
        })
        .collect();
    // The deletion of a duplicate leaves a resource at its address.
    let kept = observed.found.iter().filter(|found| !deleted.contains(&(&found.address, found.id.as_str())));
    let kept: BTreeSet<&Address> = kept.map(|found| &found.address).collect();
    ir.resources.retain(|address, _| kept.contains(address));
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
    // Rules and smoke tests are deleted with their group, without a step of their own.
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

/// Addresses by AWS id. A part has the AWS id of its parent; the id then gives the address of the parent.
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

//! Property test: the projection of a plan equals the resources after its apply.

use std::collections::BTreeMap;

use asiaq_ir::{Address, GroupSize, Ir, Ref, Resource};
use proptest::prelude::*;

use super::converge::project;
use super::world::{Project, World};
use crate::{Coverage, current_ir, planned_ir};

/// The resources without values that are not compared: descriptions, which do not change after creation, empty rules,
/// and the references of parts to themselves.
fn bare(ir: Ir) -> BTreeMap<Address, Resource> {
    let resources = ir.resources.into_iter().map(|(address, node)| (address, node.resource));
    let tidy = |(address, mut resource): (Address, Resource)| {
        match &mut resource {
            Resource::SecurityGroup(group) => group.description.clear(),
            Resource::NetworkInterface(interface) => interface.description.clear(),
            Resource::VpnAttachment(attachment) => attachment.gateway = Ref::Id(String::new()),
            Resource::AutoScalingGroup(group) => {
                (group.desired, group.initial) = (None, GroupSize::default());
            }
            Resource::IngressRules(ingress) if ingress.rules.is_empty() => return None,
            _ => {}
        }
        Some((address, resource))
    };
    resources.filter_map(tidy).collect()
}

async fn foresees(
    before: &Project,
    after: &Project,
) -> (BTreeMap<Address, Resource>, BTreeMap<Address, Resource>) {
    let world = World::with(before).await;
    let ir = world.lower(after);
    let plan = world.plan(&ir, &Coverage::default()).await;
    let foreseen = planned_ir(&plan, &world.observe().await);
    world.apply(&ir, &Coverage::default()).await;
    (bare(foreseen), bare(current_ir(&world.observe().await)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_projection_is_live_after_the_apply(before in project(), after in project()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (foreseen, found) = runtime.block_on(foresees(&before, &after));
        prop_assert_eq!(foreseen, found);
    }
}

//! What an apply deletes before its successor exists is announced.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;
use proptest::prelude::*;

use super::converge::project;
use super::lowering::origin;
use super::world::{NOW, PROJECT, Project, REGIONS, World};
use crate::memory::Call;
use crate::{Coverage, Interruptions, Memory, Plan, observe, plan};

/// The addresses and kinds that the calls leave empty for a while: deleted, and created afterwards.
fn gaps(plan: &Plan, calls: &[Call]) -> BTreeSet<(Address, Kind)> {
    let kinds: BTreeMap<(&Address, &str), Kind> = plan
        .steps
        .iter()
        .filter_map(|step| Some(((&step.address, step.live()?.id.as_str()), step.kind)))
        .collect();
    let mut deleted = BTreeSet::new();
    let mut gaps = BTreeSet::new();
    for call in calls {
        match call {
            Call::Delete { address, id } => {
                deleted.extend(kinds.get(&(address, id.as_str())).map(|kind| (address.clone(), *kind)));
            }
            Call::Create { address, kind } if deleted.contains(&(address.clone(), *kind)) => {
                gaps.insert((address.clone(), *kind));
            }
            _ => {}
        }
    }
    gaps
}

async fn unannounced(before: &Project, after: &Project, seed: u64) -> Vec<(Address, Kind)> {
    let world = World::with(before).await;
    world.memory.shuffle(seed);
    let ir = world.lower(after);
    let plan = world.plan(&ir, &Coverage::default()).await;
    let start = world.memory.calls().len();
    world.apply(&ir, &Coverage::default()).await;
    let interruptions = Interruptions::of(&plan);
    let announced: BTreeSet<_> =
        interruptions.iter().map(|(address, kind, _)| (address.clone(), kind)).collect();
    // A group without instances serves nothing.
    let is_idle = |(address, kind): &(Address, Kind)| {
        let live = plan.steps.iter().find(|step| step.address == *address && step.kind == *kind);
        matches!(
            live.and_then(|step| step.live()).map(|live| &live.resource),
            Some(Resource::AutoScalingGroup(group)) if group.desired == Some(0)
        )
    };
    let gaps = gaps(&plan, &world.memory.calls()[start..]).into_iter();
    let gaps = gaps.filter(|gap| gap.1.schema().outage.is_some() && !is_idle(gap));
    gaps.filter(|gap| !announced.contains(gap)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_deleted_before_its_successor_is_made_is_announced(
        before in project(), after in project(), seed in any::<u64>()
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        prop_assert_eq!(runtime.block_on(unannounced(&before, &after, seed)), []);
    }
}

/// A program with these resources in `ci`.
fn program(resources: Vec<(&str, Resource)>) -> Ir {
    let mut ir = Ir { project: PROJECT.to_owned(), ..Ir::default() };
    for (path, resource) in resources {
        let address = Address::new("ci", path);
        let tags = address.ownership_tags(PROJECT);
        let node = Node {
            resource,
            region: REGIONS[0].to_owned(),
            tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            after: BTreeSet::new(),
            origin: origin(1),
            protect: None,
            provenance: BTreeMap::new(),
        };
        ir.resources.insert(address, node);
    }
    ir
}

/// What the plan of `after` interrupts where `before` is applied, a line each.
async fn said(before: &Ir, after: &Ir) -> Vec<String> {
    let memory = Memory::new();
    let regions = BTreeSet::from([REGIONS[0].to_owned()]);
    for (ir, is_applied) in [(before, true), (after, false)] {
        let observed = observe(&memory, PROJECT, &regions).await.unwrap();
        let plan = plan(ir, &observed, &Coverage::default(), NOW);
        if is_applied {
            let limits = crate::Limits::default();
            let done = crate::apply(&memory, &plan, &limits, &crate::CancellationToken::new(), &|_| {}).await;
            assert!(done.is_complete(), "{done:#?}");
            continue;
        }
        let interruptions = Interruptions::of(&plan);
        let lines = interruptions.iter().flat_map(|(address, _, stops)| {
            stops.iter().map(move |stop| format!("{address}: {} for {} s", stop.what, stop.seconds))
        });
        return lines.collect();
    }
    Vec::new()
}

/// A VPC with a Classic Load Balancer that has these listeners: port, protocol and port of the instances.
fn classic(listeners: &[(u16, &str, u16)]) -> Ir {
    let vpc = Vpc {
        cidr: "10.0.0.0/20".parse().unwrap(),
        dns_support: true,
        dns_hostnames: true,
        dhcp_options: None,
    };
    let subnet = Subnet {
        vpc: Ref::to("ci", "vpc"),
        cidr: "10.0.0.0/24".parse().unwrap(),
        zone: "us-west-2a".to_owned(),
    };
    let listener = |(port, protocol, to_port): &(u16, &str, u16)| ClassicListener {
        port: *port,
        protocol: (*protocol).to_owned(),
        to_port: *to_port,
        to_protocol: "HTTP".to_owned(),
        certificate: None,
        tls_policy: None,
    };
    let balancer = ClassicLoadBalancer {
        name: "ci-front".to_owned(),
        scheme: Scheme::Internal,
        subnets: [Ref::to("ci", "app/subnet/1")].into(),
        groups: [Ref::to("ci", "app/security-group")].into(),
        listeners: listeners.iter().map(listener).collect(),
        health_check: ClassicHealthCheck {
            target: "HTTP:80/".to_owned(),
            interval: 5,
            timeout: 2,
            unhealthy: 2,
            healthy: 2,
        },
        stickiness: None,
        idle_timeout: 60,
        draining: 60,
        cross_zone: true,
        attributes: BTreeMap::new(),
    };
    program(vec![
        ("vpc", vpc.into()),
        ("app/subnet/1", subnet.into()),
        ("app/security-group", SecurityGroup::new(Ref::to("ci", "vpc"), "ci_app", "app").into()),
        ("hostclass/front/elb", balancer.into()),
    ])
}

#[tokio::test]
async fn a_port_that_a_classic_load_balancer_reopens_is_announced() {
    let before = classic(&[(80, "HTTP", 80), (443, "HTTPS", 80)]);
    let closed = |port: u16| format!("ci/hostclass/front/elb: port {port} is closed for 5 s");
    let after = classic(&[(80, "HTTP", 8080), (443, "HTTPS", 80)]);
    assert_eq!(said(&before, &after).await, [closed(80)]);
    let after = classic(&[(80, "HTTP", 80), (443, "HTTP", 80)]);
    assert_eq!(said(&before, &after).await, [closed(443)]);
    // A new port, and one that goes for good, interrupt nothing that stays.
    let after = classic(&[(80, "HTTP", 80), (81, "HTTP", 80)]);
    assert_eq!(said(&before, &after).await, [""; 0]);
}

//! Tests of the order in which new resources take the place of old ones.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;

use super::plan::small;
use super::world::{Machines, NOW, PROJECT, Project, REGIONS, World};
use crate::memory::Call;
use crate::{Coverage, Found, Limits, Memory, Observed, Outcome, apply, observe, plan};

/// A project with one group of instances.
fn with(host: &'static str) -> Project {
    let mut project = small();
    let machines = Machines { is_balanced: true, desired: Some(2), ..Machines::default() };
    project.env("ci").machines = BTreeMap::from([(host, machines)]);
    project
}

fn place(calls: &[Call], what: impl Fn(&Call) -> bool) -> usize {
    calls.iter().position(what).unwrap()
}

fn deletes(call: &Call, of: &str) -> bool {
    matches!(call, Call::Delete { address, .. } if address.as_str() == of)
}

fn waits_for(call: &Call, of: &str) -> bool {
    matches!(call, Call::Serving { address, .. } if address.as_str() == of)
}

#[tokio::test]
async fn a_group_is_deleted_when_its_successor_serves() {
    for seed in 0..20 {
        let mut before = with("mhcfoo");
        before.env("ci").machines.insert("mhcweb", Machines::default());
        let mut after = with("mhcfoobar");
        after.env("ci").machines.insert("mhcweb", Machines::default());
        let world = World::with(&before).await;
        world.memory.shuffle(seed);
        let start = world.memory.calls().len();
        // Another image, so that the new group is not the old one under another name.
        after.env("ci").machines.get_mut("mhcfoobar").unwrap().image = 1;
        world.apply(&world.lower(&after), &Coverage::default()).await;
        let calls = &world.memory.calls()[start..];
        let serves = place(calls, |call| waits_for(call, "ci/hostclass/mhcfoobar/group"));
        let gone = place(calls, |call| deletes(call, "ci/hostclass/mhcfoo/group"));
        assert!(serves < gone, "{calls:#?}");
    }
}

#[tokio::test]
async fn a_group_whose_successor_never_serves_stays() {
    let world = World::with(&with("mhcfoo")).await;
    let mut after = with("mhcfoobar");
    after.env("ci").machines.get_mut("mhcfoobar").unwrap().image = 1;
    let ir = world.lower(&after);
    world.memory.idle(&Address::parse("ci/hostclass/mhcfoobar/group"));
    let plan = world.plan(&ir, &Coverage::default()).await;
    let outcome =
        apply(&world.memory, &plan, &Limits::default(), &crate::CancellationToken::new(), &|_| {}).await;
    let failed: Vec<&str> = outcome.failed.iter().map(|failure| failure.operation.address.as_str()).collect();
    assert_eq!(failed, ["ci/hostclass/mhcfoo/group"]);
    let left = world.memory.contents();
    for path in ["group", "elb", "launch-template"] {
        let address = format!("ci/hostclass/mhcfoo/{path}");
        assert!(left.iter().any(|found| found.address.as_str() == address), "{address} is gone");
    }
}

#[tokio::test]
async fn a_launch_template_is_replaced_while_its_group_has_one() {
    let project = with("mhcfoo");
    let world = World::with(&project).await;
    let mut ir = world.lower(&project);
    let template = Address::parse("ci/hostclass/mhcfoo/launch-template");
    let Resource::LaunchTemplate(wanted) = &mut ir.resources.get_mut(&template).unwrap().resource else {
        panic!("a template")
    };
    "another".clone_into(&mut wanted.name);
    let before = world.memory.calls().len();
    world.apply(&ir, &Coverage::default()).await;
    let calls = world.memory.calls();
    let writes = calls[before..].iter().filter_map(|call| match call {
        Call::Create { address, .. } => Some(("create", address)),
        Call::Update { address, .. } => Some(("update", address)),
        Call::Delete { address, .. } => Some(("delete", address)),
        Call::List { .. } | Call::Serving { .. } => None,
    });
    let group = Address::parse("ci/hostclass/mhcfoo/group");
    let expected = [("create", &template), ("update", &group), ("delete", &template)];
    assert_eq!(writes.collect::<Vec<_>>(), expected);
}

/// A zone with records: the name of the declaration, the host, the type and the value of each.
fn records(records: &[(&str, &str, &str, &str)]) -> Ir {
    let mut ir = Ir { project: PROJECT.to_owned(), ..Ir::default() };
    let zone = HostedZone { domain: "shop.example".into(), vpcs: BTreeSet::new(), comment: String::new() };
    let mut add = |path: &str, resource: Resource| {
        let address = Address::new("ci", path);
        let tags =
            address.ownership_tags(PROJECT).map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let node = Node {
            resource,
            region: REGIONS[0].to_owned(),
            tags,
            after: BTreeSet::new(),
            origin: super::lowering::origin(1),
            protect: None,
            provenance: BTreeMap::new(),
        };
        ir.resources.insert(address, node);
    };
    add("zone/world", zone.into());
    for (path, name, record, value) in records {
        let target = RecordTarget::Values(BTreeSet::from([(*value).to_owned()]));
        let record = RecordSet {
            zone: Ref::to("ci", "zone/world"),
            name: format!("{name}.shop.example"),
            record: (*record).to_owned(),
            ttl: Some(60),
            target,
        };
        add(&format!("zone/world/record/{path}"), record.into());
    }
    ir
}

async fn applied(memory: &Memory, ir: &Ir) -> Outcome {
    let regions = BTreeSet::from([REGIONS[0].to_owned()]);
    let observed: Observed = observe(memory, PROJECT, &regions).await.unwrap();
    let plan = plan(ir, &observed, &Coverage::default(), NOW);
    apply(memory, &plan, &Limits::default(), &crate::CancellationToken::new(), &|_| {}).await
}

#[tokio::test]
async fn names_change_hands_in_one_call() {
    let before = records(&[
        ("old-1", "h1", "CNAME", "a.example.com"),
        ("old-2", "h2", "A", "203.0.113.1"),
        ("old-3", "h2", "AAAA", "2001:db8::1"),
        ("same", "h3", "CNAME", "a.example.com"),
        ("one", "h4", "CNAME", "one.example.com"),
        ("two", "h5", "CNAME", "two.example.com"),
    ]);
    let after = records(&[
        ("new-1", "h1", "A", "203.0.113.1"),
        ("new-2", "h1", "AAAA", "2001:db8::1"),
        ("new-3", "h2", "CNAME", "a.example.com"),
        ("same", "h3", "A", "203.0.113.1"),
        ("one", "h5", "CNAME", "one.example.com"),
        ("two", "h4", "CNAME", "two.example.com"),
    ]);
    for seed in 0..20 {
        for (from, to) in [(&before, &after), (&after, &before)] {
            let memory = Memory::new();
            assert!(applied(&memory, from).await.is_complete());
            memory.shuffle(seed);
            let start = memory.calls().len();
            let outcome = applied(&memory, to).await;
            assert!(outcome.is_complete(), "{outcome:#?}");
            let calls = memory.calls();
            let deletes = calls[start..].iter().filter(|call| matches!(call, Call::Delete { .. }));
            assert_eq!(deletes.count(), 0, "a record is deleted by the call that replaces it: {calls:#?}");
            let left = memory.contents().into_iter().filter(|found| found.resource.kind() == Kind::RecordSet);
            assert_eq!(left.count(), 6);
            assert!(applied(&memory, to).await.done.is_empty());
        }
    }
}

/// The ids of the resources of the kinds that a rename keeps, by kind.
fn kept(found: &[Found]) -> BTreeSet<(Kind, String)> {
    let kept = found.iter().filter(|found| !found.resource.kind().schema().hides_tags);
    kept.map(|found| (found.resource.kind(), found.id.clone())).collect()
}

#[tokio::test]
async fn a_renamed_hostclass_and_a_renamed_network_keep_what_they_made() {
    for (host, net) in [("mhcfoo", "web"), ("mhcweb", "app"), ("mhcweb", "web"), ("mhcfoobar", "db")] {
        let before = with("mhcfoo");
        let world = World::with(&before).await;
        let mut after = with(host);
        let content = after.env("ci").nets.remove("app").unwrap();
        after.env("ci").nets.insert(net, content);
        let ids = kept(&world.ours());
        let plan = world.plan(&world.lower(&after), &Coverage::default()).await;
        let moved = plan.steps.iter().filter(|step| step.moved_from.is_some()).count();
        assert!(moved > 0, "{:#?}", plan.steps);
        world.apply(&world.lower(&after), &Coverage::default()).await;
        assert_eq!(kept(&world.ours()), ids, "{host} {net}");
        // A later change of what was renamed is a change in place.
        after.env("ci").machines.get_mut(host).unwrap().image = 7;
        world.apply(&world.lower(&after), &Coverage::default()).await;
        assert_eq!(kept(&world.ours()), ids, "{host} {net}");
    }
}

#[tokio::test]
async fn two_declarations_alike_are_told_apart_by_a_declared_move() {
    let mut before = with("mhcfoo");
    let machines = before.envs["ci"].machines["mhcfoo"];
    before.env("ci").machines.insert("mhcweb", machines);
    let mut after = with("mhcfoobar");
    after.env("ci").machines.get_mut("mhcfoobar").unwrap().stage = 0;
    let world = World::with(&before).await;
    let id_of = |path: &str| {
        let address = format!("ci/hostclass/{path}/group");
        world.ours().into_iter().find(|found| found.address.as_str() == address).unwrap().id
    };
    let old = id_of("mhcweb");
    let mut ir = world.lower(&after);
    let plan = world.plan(&ir, &Coverage::default()).await;
    assert!(plan.steps.iter().all(|step| step.moved_from.is_none()), "{:#?}", plan.steps);
    ir.moved.insert("hostclass/mhcweb".to_owned(), "hostclass/mhcfoobar".to_owned());
    world.apply(&ir, &Coverage::default()).await;
    assert_eq!(id_of("mhcfoobar"), old);
}

#[tokio::test]
async fn a_name_that_is_handed_over_does_not_end() {
    let memory = Memory::new();
    assert!(applied(&memory, &records(&[("front", "front", "A", "10.0.0.1")])).await.is_complete());
    let protected = |path: &str, name: &str| {
        let mut ir = records(&[(path, name, "A", "10.0.0.1")]);
        let origin = super::lowering::origin(1);
        let region = REGIONS[0].to_owned();
        ir.environments.insert(
            "ci".to_owned(),
            Environment { region, account: None, account_name: None, protect: true, secrets: None, origin },
        );
        ir
    };
    let refused = async |ir: &Ir| {
        let observed = observe(&memory, PROJECT, &super::world::regions()).await.unwrap();
        let plan = plan(ir, &observed, &Coverage::default(), NOW);
        plan.refused(&BTreeSet::new()).len()
    };
    assert_eq!(refused(&protected("old", "front")).await, 0);
    assert_eq!(refused(&protected("web", "web")).await, 1);
}

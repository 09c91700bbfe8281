//! Tests of Auto Scaling groups: stages, parts of an environment, and resources kept after it is destroyed.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Ir, Kind, LogGroup, Resource, Risk, Scope, Topic};

use super::failing::{Failing, Trouble};
use super::plan::small;
use super::world::{Machines, NOW, Project, World};
use crate::graph::Graph;
use crate::memory::Call;
use crate::{Action, CancellationToken, Coverage, Event, Goal, Limits, Note, apply, plan};

/// One environment with two stages; the first has a smoke test.
fn staged() -> Project {
    let mut project = small();
    let first = Machines { stage: 1, is_tested: true, desired: Some(2), ..Machines::default() };
    let second = Machines { stage: 2, is_balanced: true, ..Machines::default() };
    project.env("ci").machines = BTreeMap::from([
        ("mhcfoo", second),
        ("mhcfoobar", first),
        ("mhcweb", Machines { stage: 2, ..first }),
    ]);
    project
}

fn part(goal: Goal, hostclasses: &[&str]) -> Coverage {
    let under = hostclasses.iter().map(|name| format!("hostclass/{name}")).collect();
    Coverage {
        only: Some(BTreeSet::from([Scope::environment("ci")])),
        under: Some(under),
        goal,
        named: true,
        ..Coverage::default()
    }
}

/// The calls since call `from` that wrote to a kind, as verb and address, in order.
fn writes(world: &World, from: usize, of: &str) -> Vec<String> {
    let calls = &world.memory.calls()[from..];
    let written = calls.iter().filter_map(|call| match call {
        Call::Create { address, .. } => Some(format!("+ {address}")),
        Call::Update { address, .. } => Some(format!("~ {address}")),
        Call::Delete { address, .. } => Some(format!("- {address}")),
        Call::Serving { address, .. } => Some(format!("? {address}")),
        Call::List { .. } => None,
    });
    written.filter(|text| text.ends_with(of)).collect()
}

#[tokio::test]
async fn a_stage_starts_after_the_tests_of_earlier_stages() {
    for seed in 0..20 {
        let world = World::new();
        world.memory.shuffle(seed);
        world.apply(&world.lower(&staged()), &Coverage::default()).await;
        let made = [writes(&world, 0, "/group/smoke-test"), writes(&world, 0, "/group")].concat();
        let calls = writes(&world, 0, "");
        let place = |what: &str| calls.iter().position(|call| call == what).unwrap();
        let tested = place("+ ci/hostclass/mhcfoobar/group/smoke-test");
        assert!(tested < place("+ ci/hostclass/mhcfoo/group"), "{made:#?}");
        assert!(tested < place("+ ci/hostclass/mhcweb/group"), "{made:#?}");
    }
}

#[tokio::test]
async fn a_group_whose_subnets_are_all_replaced_is_replaced_with_its_load_balancer() {
    let mut before = small();
    let machines = Machines { is_balanced: true, desired: Some(2), ..Machines::default() };
    before.env("ci").machines.insert("mhcfoo", machines);
    let mut after = before.clone();
    // The new network has the CIDR blocks of the deleted one.
    let net = after.env("ci").nets.remove("app").unwrap();
    after.env("ci").nets.insert("web", net);
    // It is another one, and not the old one renamed.
    after.net("web").ports.insert(23, 0);
    let world = World::with(&before).await;
    let plan = world.plan(&world.lower(&after), &Coverage::default()).await;
    let is_replaced = |path: &str| {
        let step = plan.steps.iter().find(|step| step.address.path() == path);
        matches!(step.map(|step| &step.action), Some(Action::Replace { .. }))
    };
    assert!(is_replaced("hostclass/mhcfoo/group"), "{:#?}", plan.steps);
    assert!(is_replaced("hostclass/mhcfoo/elb"), "{:#?}", plan.steps);
    world.apply(&world.lower(&after), &Coverage::default()).await;
}

#[tokio::test]
async fn stages_are_deleted_in_the_opposite_order() {
    for seed in 0..20 {
        let world = World::with(&staged()).await;
        world.memory.shuffle(seed);
        let before = world.memory.calls().len();
        world.apply(&world.lower(&staged()), &Coverage { goal: Goal::Destroy, ..Coverage::default() }).await;
        let calls = writes(&world, before, "/group");
        let place =
            |host: &str| calls.iter().position(|call| call == &format!("- ci/hostclass/{host}/group"));
        assert!(place("mhcfoobar") > place("mhcfoo"), "{calls:#?}");
        assert!(place("mhcfoobar") > place("mhcweb"), "{calls:#?}");
    }
}

/// The program with every earlier group and test named by each group, in place of barriers.
fn all_to_all(ir: &Ir) -> Ir {
    let mut plain = ir.clone();
    for node in plain.resources.values_mut() {
        let mut rest: Vec<Address> = std::mem::take(&mut node.after).into_iter().collect();
        while let Some(address) = rest.pop() {
            match ir.barriers.get(&address) {
                Some(members) => rest.extend(members.iter().cloned()),
                None => drop(node.after.insert(address)),
            }
        }
    }
    plain.barriers.clear();
    plain
}

/// All that each operation of a plan comes after, directly or not.
fn before(plan: &crate::Plan) -> BTreeMap<String, BTreeSet<String>> {
    let order = plan.order();
    let name = |at: usize| format!("{:?} {}", order[at].operation.verb, order[at].operation.address);
    let all = |at: usize| {
        let (mut seen, mut rest) = (BTreeSet::new(), order[at].after.clone());
        while let Some(earlier) = rest.pop() {
            if seen.insert(earlier) {
                rest.extend(&order[earlier].after);
            }
        }
        seen.into_iter().map(name).collect()
    };
    (0..order.len()).map(|at| (name(at), all(at))).collect()
}

/// Six stages, of which some are empty, with changes to some of them.
fn stages(seed: usize, image: u8) -> Project {
    let mut project = small();
    let names = ["a1", "a2", "b1", "b2", "c1", "c2", "d1", "d2"];
    for (at, name) in names.into_iter().enumerate().filter(|(at, _)| seed >> at & 1 == 1) {
        let stage = u8::try_from(at / 2 * 2 + 1).unwrap();
        let image = if at % 3 == 0 { image } else { 1 };
        let machines = Machines { stage, image, is_tested: at % 2 == 0, ..Machines::default() };
        project.env("ci").machines.insert(name, machines);
    }
    project
}

#[tokio::test]
async fn barriers_order_as_if_every_group_named_all_earlier_ones() {
    for seed in (1..256).step_by(7) {
        let world = World::with(&stages(seed, 1)).await;
        for (to, goal) in [(seed, Goal::Apply), (seed ^ 0b0101_1010, Goal::Apply), (seed, Goal::Destroy)] {
            let ir = world.lower(&stages(to, 2));
            for scope in [Coverage { goal, ..Coverage::default() }, part(goal, &["a1", "c2", "d1"])] {
                let plan = world.plan(&ir, &scope).await;
                let full = world.plan(&all_to_all(&ir), &scope).await;
                assert_eq!(before(&plan), before(&full), "{seed}");
            }
        }
        let empty = World::new();
        let ir = empty.lower(&stages(seed, 1));
        let (plan, full) = (
            empty.plan(&ir, &Coverage::default()).await,
            empty.plan(&all_to_all(&ir), &Coverage::default()).await,
        );
        assert_eq!(before(&plan), before(&full), "{seed}");
    }
}

#[tokio::test]
async fn a_plan_has_a_few_edges_and_bytes_for_each_group() {
    let sizes = |plan: &crate::Plan| {
        let graph = Graph::new(plan);
        let nodes = graph.waits().len();
        let edges: usize = (0..nodes).map(|node| graph.next(node).len()).sum();
        (edges / nodes, serde_json::to_string(plan).unwrap().len() / plan.steps.len())
    };
    let wide = |hosts: usize| {
        let mut project = small();
        for at in 0..hosts {
            let name: &'static str = format!("h{at}").leak();
            let stage = u8::try_from(at * 4 / hosts + 1).unwrap();
            project.env("ci").machines.insert(name, Machines { stage, ..Machines::default() });
        }
        project
    };
    let world = World::new();
    let fresh = world.plan(&world.lower(&wide(120)), &Coverage::default()).await;
    let (edges, bytes) = sizes(&fresh);
    assert!(edges < 6 && bytes < 3000, "{edges} edges and {bytes} bytes");
    let world = World::with(&wide(120)).await;
    let down = Coverage { goal: Goal::Destroy, ..Coverage::default() };
    let (edges, bytes) = sizes(&world.plan(&world.lower(&wide(120)), &down).await);
    assert!(edges < 6 && bytes < 3000, "{edges} edges and {bytes} bytes");
}

#[tokio::test]
async fn a_failed_test_holds_back_later_stages_and_is_retried() {
    let world = World::new();
    let ir = world.lower(&staged());
    let first = world.plan(&ir, &Coverage::default()).await;
    let test = first.steps.iter().position(|step| step.kind == Kind::SmokeTest).unwrap();
    assert_eq!(first.steps[test].address.as_str(), "ci/hostclass/mhcfoobar/group/smoke-test");
    // The smoke test is the only call of its kind, so that it fails at any index.
    let memory = Failing { memory: &world.memory, kind: Kind::SmokeTest, how: Trouble::Fails };
    let outcome = apply(&memory, &first, &Limits::default(), &CancellationToken::new(), &|_: Event| {}).await;
    let failed: Vec<&str> = outcome.failed.iter().map(|failure| failure.operation.address.as_str()).collect();
    assert_eq!(failed, ["ci/hostclass/mhcfoobar/group/smoke-test"]);
    let skipped: BTreeSet<&str> =
        outcome.skipped.iter().map(|skip| skip.operation.address.as_str()).collect();
    assert!(skipped.contains("ci/hostclass/mhcfoo/group") && skipped.contains("ci/hostclass/mhcweb/group"));

    let next = world.plan(&ir, &Coverage::default()).await;
    let begins: Vec<&str> = next.steps.iter().map(|step| step.address.as_str()).collect();
    assert!(begins.contains(&"ci/hostclass/mhcfoobar/group/smoke-test"), "{begins:?}");
    assert!(!begins.contains(&"ci/hostclass/mhcfoobar/group"), "{begins:?}");
}

#[tokio::test]
async fn a_cancelled_apply_does_not_wait_for_instances() {
    let world = World::new();
    let ir = world.lower(&staged());
    let memory = Failing { memory: &world.memory, kind: Kind::SmokeTest, how: Trouble::Hangs };
    let stop = CancellationToken::new();
    let on_event = |event: Event| {
        if event.operation.kind == Kind::SmokeTest {
            stop.request();
        }
    };
    let plan = world.plan(&ir, &Coverage::default()).await;
    let outcome = apply(&memory, &plan, &Limits::default(), &stop, &on_event).await;
    assert!(outcome.stopped && outcome.failed.is_empty() && outcome.abandoned.is_empty(), "{outcome:#?}");
    let interrupted: Vec<Kind> = outcome.interrupted.iter().map(|operation| operation.kind).collect();
    assert_eq!(interrupted, [Kind::SmokeTest]);
    world.apply(&ir, &Coverage::default()).await;
}

#[tokio::test]
async fn a_part_of_an_environment_is_applied_and_destroyed_alone() {
    let world = World::with(&staged()).await;
    let ir = world.lower(&staged());
    let paths = |world: &World| -> BTreeSet<String> {
        world.ours().iter().map(|found| found.address.path().to_owned()).collect()
    };
    let before = paths(&world);
    world.apply(&ir, &part(Goal::Destroy, &["mhcfoo"])).await;
    let gone: Vec<String> = before.difference(&paths(&world)).cloned().collect();
    assert_eq!(
        gone,
        ["hostclass/mhcfoo/elb", "hostclass/mhcfoo/group", "hostclass/mhcfoo/launch-template"],
        "and nothing of `mhcfoobar`"
    );
    world.apply(&ir, &part(Goal::Apply, &["mhcfoo"])).await;
    assert_eq!(paths(&world), before);
}

#[tokio::test]
async fn an_environment_that_does_not_exist_is_not_created_in_part() {
    let world = World::new();
    let plan = world.plan(&world.lower(&staged()), &part(Goal::Apply, &["mhcweb"])).await;
    assert_eq!(plan.steps, []);
    let missing: Vec<String> = plan.notes.iter().map(ToString::to_string).collect();
    assert!(missing.iter().any(|note| note.contains("`ci/app/group`")), "{missing:?}");
}

#[tokio::test]
async fn a_topic_is_kept_on_destroy_and_deleted_when_undeclared() {
    let world = World::new();
    let mut with_topic = world.lower(&small());
    let address = Address::new("ci", "topic/critical");
    let mut node = with_topic.resources[&Address::new("ci", "vpc")].clone();
    node.resource =
        Topic { name: "ci_critical".to_owned(), subscriptions: BTreeSet::new(), publishers: BTreeSet::new() }
            .into();
    node.tags.insert(asiaq_ir::ADDRESS_TAG.to_owned(), address.to_string());
    with_topic.resources.insert(address.clone(), node);
    world.apply(&with_topic, &Coverage::default()).await;
    let is_there =
        |world: &World| world.ours().iter().any(|found| matches!(found.resource, Resource::Topic(_)));

    let destroy = Coverage { goal: Goal::Destroy, ..Coverage::default() };
    let stays = Note::Stays { address, id: world.id("ci/topic/critical") };
    assert_eq!(world.plan(&with_topic, &destroy).await.notes, std::slice::from_ref(&stays));
    world.apply(&with_topic, &destroy).await;
    assert!(is_there(&world));
    let undeclared = Ir { project: with_topic.project.clone(), ..Ir::default() };
    let nothing = plan(&undeclared, &world.observe().await, &Coverage::default(), NOW);
    assert!(nothing.is_empty() && nothing.notes == [stays], "{nothing:#?}");

    // The environment is created again and keeps its topic; without the declaration, the topic is deleted.
    world.apply(&with_topic, &Coverage::default()).await;
    world.apply(&world.lower(&small()), &Coverage::default()).await;
    assert!(!is_there(&world));
}

#[tokio::test]
async fn a_smaller_limit_is_a_risk_and_a_greater_one_is_safe() {
    let world = World::new();
    let address = Address::new("ci", "log/mhcfoo/var/log/messages");
    let with = |retention: Option<u32>| {
        let mut ir = world.lower(&small());
        let mut node = ir.resources[&Address::new("ci", "vpc")].clone();
        node.resource =
            LogGroup { name: "ci/mhcfoo/var/log/messages".to_owned(), retention, filters: BTreeSet::new() }
                .into();
        node.tags.insert(asiaq_ir::ADDRESS_TAG.to_owned(), address.to_string());
        ir.resources.insert(address.clone(), node);
        ir
    };
    let mut steps = Vec::new();
    for retention in [None, Some(30), Some(60), Some(7), None] {
        let plan = world.plan(&with(retention), &Coverage::default()).await;
        let step = plan.steps.iter().find(|step| step.address == address).unwrap();
        steps.push((matches!(step.action, Action::Update { .. }), step.risk));
        world.apply(&with(retention), &Coverage::default()).await;
    }
    assert_eq!(
        steps,
        [
            (false, Risk::Safe),
            (true, Risk::DataLoss),
            (true, Risk::Safe),
            (true, Risk::DataLoss),
            (true, Risk::Safe)
        ]
    );
}

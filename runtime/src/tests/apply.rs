//! Tests of an apply: order, events, failures and cancellation.

use std::collections::BTreeSet;
use std::sync::Mutex;

use asiaq_ir::{Address, Ref, Resource};

use super::plan::small;
use super::world::{Exit, NOW, Nat, World};
use crate::{
    Call, CancellationToken, Coverage, Event, InjectedFault, Limits, Outcome, Plan, Progress, Verb, apply,
    plan,
};

/// Applies `plan` and returns the outcome and the events, one per line.
async fn run(
    world: &World,
    plan: &Plan,
    concurrency: usize,
    stop: &CancellationToken,
) -> (Outcome, Vec<Event>) {
    let events = Mutex::new(Vec::new());
    let outcome = apply(&world.memory, plan, &Limits { concurrency }, stop, &|event| {
        events.lock().unwrap().push(event);
    })
    .await;
    let events = events.into_inner().unwrap();
    in_order(plan, &events);
    (outcome, events)
}

/// Asserts that the operation of every event has its number, and that none starts before its predecessors finish.
fn in_order(plan: &Plan, events: &[Event]) {
    let order = plan.order();
    let mut finished = BTreeSet::new();
    for event in events {
        let planned = &order[event.number];
        assert_eq!(planned.operation, event.operation);
        match event.progress {
            Progress::Started => assert!(planned.after.iter().all(|number| finished.contains(number))),
            Progress::Finished { .. } => assert!(finished.insert(event.number)),
            Progress::Failed { .. } | Progress::Skipped { .. } => {}
        }
    }
}

fn text(events: &[Event]) -> String {
    let line = |event: &Event| {
        let Event { operation, progress, done, total, number: _ } = event;
        let progress = match progress {
            Progress::Started => "started".to_owned(),
            Progress::Finished { id } => format!("finished {id}"),
            Progress::Failed { error } => format!("failed: {error}"),
            Progress::Skipped { because } => format!("skipped because of {because}"),
        };
        format!("{done}/{total} {} {} {progress}\n", operation.verb, operation.address)
    };
    events.iter().map(line).collect()
}

#[tokio::test]
async fn events_show_progress_and_a_failure_skips_only_its_dependents() {
    let world = World::new();
    let plan = world.plan(&world.lower(&small()), &Coverage::default()).await;
    world.memory.fail(1, InjectedFault::Before);
    let (outcome, events) = run(&world, &plan, 1, &CancellationToken::new()).await;
    insta::assert_snapshot!(text(&events), @r#"
    0/6 create ci/vpc started
    1/6 create ci/vpc finished vpc-0040
    1/6 create ci/app/group started
    2/6 create ci/app/group failed: Create: the connection was closed before an answer came
    3/6 create ci/app/group/ingress skipped because of ci/app/group
    3/6 create ci/app/subnet/0 started
    4/6 create ci/app/subnet/0 finished subnet-0041
    4/6 create ci/igw started
    5/6 create ci/igw finished internet-gateway-0042
    5/6 create ci/app/table/0 started
    6/6 create ci/app/table/0 finished route-table-0043
    "#);
    assert_eq!((outcome.done.len(), outcome.failed.len(), outcome.skipped.len()), (4, 1, 1));
    assert!(!outcome.stopped && !outcome.is_complete());
}

#[tokio::test]
async fn a_new_gateway_is_in_use_before_the_old_one_is_deleted() {
    let mut before = small();
    (before.net("app").nat, before.net("app").exit) = (Nat::Auto, Exit::Nat("app"));
    let world = World::with(&before).await;
    let mut after = before.clone();
    after.net("app").nat = Nat::Static;
    let plan = world.plan(&world.lower(&after), &Coverage::default()).await;
    let calls = world.memory.calls().len();
    let (outcome, _) = run(&world, &plan, 4, &CancellationToken::new()).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let calls: Vec<String> = world.memory.calls()[calls..]
        .iter()
        .map(|call| match call {
            Call::List { .. } => "list".to_owned(),
            Call::Create { address, .. } => format!("create {address}"),
            Call::Update { address, .. } => format!("update {address}"),
            Call::Serving { address, .. } => format!("serving {address}"),
            Call::Delete { address, .. } => format!("delete {address}"),
        })
        .collect();
    assert_eq!(
        calls,
        ["create ci/app/nat/0", "update ci/app/table/0", "delete ci/app/nat/0", "delete ci/app/address/0"]
    );
}

#[tokio::test]
async fn the_limit_of_concurrency_holds() {
    for concurrency in [0, 1, 3] {
        let world = World::new();
        let plan = world.plan(&world.lower(&small()), &Coverage::default()).await;
        let (outcome, events) = run(&world, &plan, concurrency, &CancellationToken::new()).await;
        assert!(outcome.is_complete());
        let mut in_flight = BTreeSet::new();
        for event in events {
            match event.progress {
                Progress::Started => assert!(in_flight.insert(event.operation)),
                _ => assert!(in_flight.remove(&event.operation)),
            }
            assert!(in_flight.len() <= concurrency.max(1));
        }
    }
}

#[tokio::test]
async fn the_first_cancellation_request_finishes_operations_in_flight() {
    let world = World::new();
    let plan = world.plan(&world.lower(&small()), &Coverage::default()).await;
    let stop = CancellationToken::new();
    let finished = Mutex::new(0);
    let outcome = apply(&world.memory, &plan, &Limits { concurrency: 2 }, &stop, &|event: Event| {
        if let Progress::Started = event.progress
            && event.operation.verb == Verb::Create
            && event.operation.address.as_str() == "ci/app/subnet/0"
        {
            stop.request();
        }
        *finished.lock().unwrap() += usize::from(matches!(event.progress, Progress::Finished { .. }));
    })
    .await;
    assert!(outcome.stopped && outcome.abandoned.is_empty() && outcome.failed.is_empty());
    assert_eq!(outcome.done.len(), *finished.lock().unwrap());
    assert!(outcome.done.iter().any(|operation| operation.address.as_str() == "ci/app/subnet/0"));
    assert!(outcome.done.len() < plan.operations());
}

#[tokio::test]
async fn the_second_cancellation_request_returns_at_once() {
    let world = World::new();
    let plan = world.plan(&world.lower(&small()), &Coverage::default()).await;
    let stop = CancellationToken::new();
    let outcome = apply(&world.memory, &plan, &Limits::default(), &stop, &|_: Event| {
        stop.request();
        stop.request();
    })
    .await;
    assert!(outcome.stopped && outcome.done.is_empty());
    assert_eq!(outcome.abandoned.len(), 1);
    let (outcome, events) = run(&world, &plan, 4, &stop).await;
    assert!(outcome.stopped && outcome.abandoned.is_empty() && events.is_empty());
}

#[tokio::test]
async fn an_unresolved_reference_fails_without_a_call() {
    let world = World::new();
    let mut ir = world.lower(&small());
    ir.resources.get_mut(&Address::parse("ci/igw")).unwrap().resource =
        Resource::from(asiaq_ir::InternetGateway { vpc: Some(Ref::to("ci", "cellar")) });
    let plan = plan(&ir, &world.observe().await, &Coverage::default(), NOW);
    let (outcome, _) = run(&world, &plan, 4, &CancellationToken::new()).await;
    let [failure] = outcome.failed.as_slice() else { panic!("{outcome:#?}") };
    assert_eq!(failure.error.to_string(), "Resolve: `ci/igw` references `ci/cellar`, which does not exist");
    assert!(
        world
            .memory
            .calls()
            .iter()
            .all(|call| !matches!(call, Call::Create { address, .. } if address.as_str() == "ci/igw"))
    );
}

//! Obeys a plan: every operation as soon as what it waits for is done, so many at a time.

mod execution;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind};
use futures::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};

use crate::event::{Event, Operation, Progress};
use crate::graph::Graph;
use crate::{CancellationToken, Cloud, CloudError, Limits, Plan, telemetry};
use execution::Execution;

/// How an apply ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What worked, in the order in which it did.
    pub done: Vec<Operation>,
    /// What did not.
    pub failed: Vec<Failure>,
    /// What was not tried, because something it needs failed.
    pub skipped: Vec<Skip>,
    /// Calls that were on their way when the apply was told to stop now: nobody knows whether they worked.
    pub abandoned: Vec<Operation>,
    /// Whether it was told to stop before everything was tried.
    pub stopped: bool,
}

/// An operation that did not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The operation.
    #[serde(flatten)]
    pub operation: Operation,
    /// What the cloud said.
    pub error: CloudError,
}

/// An operation that was not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// The operation.
    #[serde(flatten)]
    pub operation: Operation,
    /// Address of what failed.
    pub because: Address,
}

impl Outcome {
    /// Whether everything was done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.stopped
    }
}

/// Applies `plan`, and tells `on_event` of every start and end of an operation.
///
/// A failure stops only what needs the failed resource; everything else goes on. Nothing is tried twice:
/// patience is the cloud's. What was done stays done, and a fresh plan picks up from there.
pub async fn apply<C: Cloud>(
    cloud: &C,
    plan: &Plan,
    limits: &Limits,
    stop: &CancellationToken,
    on_event: &(dyn Fn(Event) + Sync),
) -> Outcome {
    let graph = Graph::new(&plan.steps, &plan.known);
    let mut run = Run::new(plan, &graph, on_event);
    let mut calls = FuturesUnordered::new();
    loop {
        while calls.len() < limits.concurrency.max(1)
            && !stop.requested()
            && let Some((op, execution)) = run.start()
        {
            calls.push(async move { (op, telemetry::during(op, execution.run(cloud)).await) });
        }
        if calls.is_empty() || (stop.requested() && run.only_waits()) {
            break;
        }
        tokio::select! {
            biased;
            () = stop.now() => break,
            () = stop.asked(), if !stop.requested() => {}
            Some((op, result)) = calls.next() => run.end(op, result),
        }
    }
    drop(calls);
    run.finish()
}

/// An apply on its way.
struct Run<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    on_event: &'a (dyn Fn(Event) + Sync),
    /// For each operation, how many it still waits for.
    waits: Vec<usize>,
    /// What waits for nothing more, the one with the longest chain behind it first.
    ready: BTreeSet<(Reverse<usize>, usize)>,
    in_flight: BTreeSet<usize>,
    over: BTreeSet<usize>,
    /// AWS ids by address: what the plan knew, and what has been made since.
    ids: BTreeMap<Address, String>,
    outcome: Outcome,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, graph: &'a Graph, on_event: &'a (dyn Fn(Event) + Sync)) -> Self {
        let waits = graph.waits().to_vec();
        let ready = (0..graph.len())
            .filter(|op| waits.get(*op) == Some(&0))
            .map(|op| (Reverse(graph.depth(op)), op))
            .collect();
        Self {
            plan,
            graph,
            on_event,
            waits,
            ready,
            in_flight: BTreeSet::new(),
            over: BTreeSet::new(),
            ids: plan.known.clone(),
            outcome: Outcome::default(),
        }
    }

    /// The next operation to start, if one is ready.
    fn start(&mut self) -> Option<(usize, Execution<'a>)> {
        while let Some((_, op)) = self.ready.pop_first() {
            match self.execution(op) {
                Some(Ok(execution)) => {
                    self.in_flight.insert(op);
                    self.emit(op, Progress::Started);
                    return Some((op, execution));
                }
                Some(Err(error)) => self.end(op, Err(error)),
                None => {}
            }
        }
        None
    }

    fn execution(&self, op: usize) -> Option<Result<Execution<'a>, CloudError>> {
        let op = self.graph.op(op)?;
        let step = self.plan.steps.get(op.step)?;
        Some(Execution::new(self.plan, step, op.part, &self.ids))
    }

    /// Whether what is in flight is nothing but waiting for machines, which may as well be given up.
    fn only_waits(&self) -> bool {
        self.in_flight.iter().all(|op| self.is_wait(*op))
    }

    fn is_wait(&self, op: usize) -> bool {
        self.operation(op).is_some_and(|operation| operation.kind == Kind::SmokeTest)
    }

    /// Takes in how an operation ended.
    fn end(&mut self, op: usize, result: Result<String, CloudError>) {
        self.in_flight.remove(&op);
        self.over.insert(op);
        let Some(operation) = self.operation(op) else { return };
        match result {
            Ok(id) => {
                if operation.id.is_none() {
                    self.ids.insert(operation.address.clone(), id.clone());
                }
                self.outcome.done.push(operation);
                self.emit(op, Progress::Finished { id });
                for next in self.graph.next(op) {
                    if let Some(waits) = self.waits.get_mut(*next) {
                        *waits -= 1;
                        if *waits == 0 {
                            self.ready.insert((Reverse(self.graph.depth(*next)), *next));
                        }
                    }
                }
            }
            Err(error) => {
                let because = operation.address.clone();
                self.outcome.failed.push(Failure { operation, error: error.clone() });
                self.emit(op, Progress::Failed { error });
                self.skip_after(op, &because);
            }
        }
    }

    /// Gives up everything that waits for a failed operation, directly or not.
    fn skip_after(&mut self, failed: usize, because: &Address) {
        let mut rest: Vec<usize> = self.graph.next(failed).iter().rev().copied().collect();
        while let Some(op) = rest.pop() {
            if !self.over.insert(op) {
                continue;
            }
            if let Some(operation) = self.operation(op) {
                self.outcome.skipped.push(Skip { operation, because: because.clone() });
            }
            self.emit(op, Progress::Skipped { because: because.clone() });
            rest.extend(self.graph.next(op).iter().rev());
        }
    }

    fn operation(&self, op: usize) -> Option<Operation> {
        let op = self.graph.op(op)?;
        let step = self.plan.steps.get(op.step)?;
        Some(op.of_step(step))
    }

    fn emit(&self, op: usize, progress: Progress) {
        if let Some(operation) = self.operation(op) {
            let (done, total) = (self.over.len(), self.graph.len());
            (self.on_event)(Event { number: op, operation, progress, done, total });
        }
    }

    fn finish(mut self) -> Outcome {
        self.outcome.stopped = self.over.len() < self.graph.len();
        let abandoned = self.in_flight.iter().filter(|op| !self.is_wait(**op));
        self.outcome.abandoned = abandoned.filter_map(|op| self.operation(*op)).collect();
        self.outcome
    }
}

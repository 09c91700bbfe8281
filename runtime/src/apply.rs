//! Applies a plan: starts every operation as soon as its predecessors are done, up to the limit of concurrency.

mod execution;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind};
use futures::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};

use crate::event::{Event, Operation, Progress};
use crate::graph::Graph;
use crate::{CancellationToken, Cloud, CloudError, Limits, Plan, Result, telemetry};
use execution::Execution;

/// The result of an apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Operations that succeeded, in the order in which they ended.
    pub done: Vec<Operation>,
    /// Operations that failed.
    pub failed: Vec<Failure>,
    /// Operations that were not tried because one that they depend on failed.
    pub skipped: Vec<Skip>,
    /// Operations that were in flight when the second cancellation request came: their result is unknown.
    pub abandoned: Vec<Operation>,
    /// Smoke tests whose wait ended with the cancellation request; the next run waits again.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub interrupted: Vec<Operation>,
    /// Whether cancellation kept operations from ending or from being tried.
    pub stopped: bool,
}

/// An operation that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The operation.
    #[serde(flatten)]
    pub operation: Operation,
    /// The error of its call.
    pub error: CloudError,
}

/// An operation that was not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// The operation.
    #[serde(flatten)]
    pub operation: Operation,
    /// Address of the resource whose operation failed.
    pub because: Address,
}

impl Outcome {
    /// Whether all operations succeeded.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.stopped
    }
}

/// Applies `plan`, and calls `on_event` at every start and end of an operation.
///
/// A failure skips only the operations that depend on the failed one; all others go on. No operation is retried here:
/// retries are the cloud's. Operations that succeeded are not rolled back; a new plan continues from there.
pub async fn apply<C: Cloud>(
    cloud: &C,
    plan: &Plan,
    limits: &Limits,
    stop: &CancellationToken,
    on_event: &(dyn Fn(Event) + Sync),
) -> Outcome {
    let graph = Graph::new(plan);
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
            () = stop.second_request() => break,
            () = stop.first_request(), if !stop.requested() => {}
            Some((op, result)) = calls.next() => run.end(op, result),
        }
    }
    drop(calls);
    run.finish()
}

/// The state of an apply.
struct Run<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    on_event: &'a (dyn Fn(Event) + Sync),
    /// For each operation, the number of predecessors that are not done.
    waits: Vec<usize>,
    /// Operations whose predecessors are done, with their depth in the graph, longest path first.
    ready: BTreeSet<(Reverse<usize>, usize)>,
    in_flight: BTreeSet<usize>,
    /// Operations that are finished, failed or skipped.
    ended: BTreeSet<usize>,
    /// Gates that do not open, because an operation before them failed.
    closed: BTreeSet<usize>,
    /// AWS ids by address: those the plan knew, and those of resources created since.
    ids: BTreeMap<Address, String>,
    outcome: Outcome,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, graph: &'a Graph, on_event: &'a (dyn Fn(Event) + Sync)) -> Self {
        let waits = graph.waits().to_vec();
        let free: Vec<usize> = (0..waits.len()).filter(|node| waits.get(*node) == Some(&0)).collect();
        let mut run = Self {
            plan,
            graph,
            on_event,
            waits,
            ready: BTreeSet::new(),
            in_flight: BTreeSet::new(),
            ended: BTreeSet::new(),
            closed: BTreeSet::new(),
            ids: plan.known.clone(),
            outcome: Outcome::default(),
        };
        run.free(free);
        run
    }

    /// Makes operations ready whose predecessors are done, and passes the gates among `nodes`.
    fn free(&mut self, mut nodes: Vec<usize>) {
        while let Some(node) = nodes.pop() {
            if self.graph.is_gate(node) {
                nodes.extend(self.after(node));
            } else {
                self.ready.insert((Reverse(self.graph.depth(node)), node));
            }
        }
    }

    /// Counts the end of a node. Returns its successors that waited for it alone.
    fn after(&mut self, node: usize) -> Vec<usize> {
        let mut free = Vec::new();
        for next in self.graph.next(node) {
            if let Some(waits) = self.waits.get_mut(*next) {
                *waits -= 1;
                free.extend((*waits == 0).then_some(*next));
            }
        }
        free
    }

    /// Starts the next operation, if one is ready. An operation with an unresolved reference fails at once.
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

    fn execution(&self, op: usize) -> Option<Result<Execution<'a>>> {
        Execution::new(self.plan, self.graph, op, &self.ids)
    }

    /// Whether all operations in flight are smoke tests: these only wait, and can be dropped without a doubt about
    /// their result.
    fn only_waits(&self) -> bool {
        self.in_flight.iter().all(|op| self.is_wait(*op))
    }

    fn is_wait(&self, op: usize) -> bool {
        self.operation(op).is_some_and(|operation| operation.kind == Kind::SmokeTest)
    }

    /// Records the result of an operation, and makes its successors ready or skips them.
    fn end(&mut self, op: usize, result: Result<String>) {
        self.in_flight.remove(&op);
        self.ended.insert(op);
        let Some(operation) = self.operation(op) else { return };
        match result {
            Ok(id) => {
                if operation.id.is_none() {
                    self.ids.insert(operation.address.clone(), id.clone());
                }
                self.outcome.done.push(operation);
                self.emit(op, Progress::Finished { id });
                let free = self.after(op);
                self.free(free);
            }
            Err(error) => {
                let because = operation.address.clone();
                self.outcome.failed.push(Failure { operation, error: error.clone() });
                self.emit(op, Progress::Failed { error });
                self.skip_after(op, &because);
            }
        }
    }

    /// Skips all direct and indirect successors of a failed operation.
    fn skip_after(&mut self, failed: usize, because: &Address) {
        let mut rest: Vec<usize> = self.graph.next(failed).iter().rev().copied().collect();
        while let Some(op) = rest.pop() {
            let is_new = if self.graph.is_gate(op) { self.closed.insert(op) } else { self.ended.insert(op) };
            if !is_new {
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
            let (done, total) = (self.ended.len(), self.graph.len());
            (self.on_event)(Event { number: op, operation, progress, done, total });
        }
    }

    fn finish(mut self) -> Outcome {
        self.outcome.stopped = self.ended.len() < self.graph.len();
        let (waits, calls): (Vec<usize>, Vec<usize>) =
            self.in_flight.iter().partition(|op| self.is_wait(**op));
        let named = |ops: Vec<usize>| ops.into_iter().filter_map(|op| self.operation(op)).collect();
        let (interrupted, abandoned) = (named(waits), named(calls));
        self.outcome.interrupted = interrupted;
        self.outcome.abandoned = abandoned;
        self.outcome
    }
}

//! What has to come before what.
//!
//! A step is one or two operations: a creation makes, an update changes, a deletion removes, a replacement
//! makes and removes. An update that leans on something deleted before its successor is made lets go of it
//! first. The ties among operations come from the wanted references, the live ones, and what kinds state
//! in their schemas. Some ties matter more than others, so that a circle always has one to give up.

mod edges;
mod operation;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Replacement};
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeFiltered, EdgeRef};

use crate::plan::step::{Action, MinimumViolations, Step};
use edges::StepDependencies;
use operation::{EdgeStrength, OperationGraph, STRENGTHS, creates_first};

pub(crate) use operation::{Op, Part};

/// The operations of a plan and their order, free of circles.
#[derive(Debug)]
pub(crate) struct Graph {
    ops: Vec<Op>,
    next: Vec<Vec<usize>>,
    waits: Vec<usize>,
    depth: Vec<usize>,
}

/// Settles how each step is done, so that none waits for itself through others.
///
/// An update that leans on what is deleted, and has to wait for what the deletion makes room for, lets go of
/// it first. A replacement whose old half holds what the new half needs deletes first. The answer is what cannot let
/// go, because AWS would not let it hold so little, and was not `already_replaced` already: nothing is settled before that is
/// made anew.
pub(crate) fn resolve_cycles(
    steps: &mut [Step],
    known: &BTreeMap<Address, String>,
    already_replaced: &MinimumViolations,
) -> MinimumViolations {
    let dependencies = dependencies(steps, known);
    edges::detach_from_deleted(steps);
    loop {
        let minimum_violations: MinimumViolations = steps
            .iter()
            .flat_map(edges::minimum_violations)
            .filter(|one| !already_replaced.contains(one))
            .collect();
        if !minimum_violations.is_empty() {
            return minimum_violations;
        }
        let graph = edges::build_graph(steps, &dependencies);
        let cycles = cycles(&graph, EdgeStrength::Reference);
        let detach = cycles
            .iter()
            .flat_map(|cycle| steps_to_detach(&graph, cycle, steps, &dependencies))
            .collect::<Vec<_>>();
        if !detach.is_empty() {
            for (step, id) in detach {
                if let Some(Step { action: Action::Update { detach, .. }, .. }) = steps.get_mut(step) {
                    detach.insert(id);
                }
            }
            continue;
        }
        let turned: Vec<usize> =
            cycles.iter().filter_map(|cycle| replacement_to_reorder(&graph, cycle, steps)).collect();
        if turned.is_empty() {
            return MinimumViolations::new();
        }
        for step in turned {
            if let Some(Step { action: Action::Replace { order, .. }, .. }) = steps.get_mut(step) {
                *order = Replacement::DeleteFirst;
            }
        }
    }
}

/// Updates in a circle that can let go of what is deleted in it: index of the step, AWS id.
fn steps_to_detach(
    graph: &OperationGraph,
    cycle: &[NodeIndex],
    steps: &[Step],
    dependencies: &[StepDependencies],
) -> Vec<(usize, String)> {
    let within = cycle.iter().flat_map(|op| graph.edges(*op)).filter(|edge| {
        *edge.weight() == EdgeStrength::Reference && cycle.binary_search(&edge.target()).is_ok()
    });
    within
        .filter_map(|edge| {
            let (from, to) = (graph.node_weight(edge.source())?, graph.node_weight(edge.target())?);
            let id = &steps.get(to.step)?.live()?.id;
            let can = from.part == Part::Update
                && edges::can_detach(steps.get(from.step)?, dependencies.get(from.step)?, id);
            can.then(|| (from.step, id.clone()))
        })
        .collect()
}

/// The first replacement in a circle that could delete first.
fn replacement_to_reorder(graph: &OperationGraph, cycle: &[NodeIndex], steps: &[Step]) -> Option<usize> {
    let mut count: BTreeMap<usize, usize> = BTreeMap::new();
    for op in cycle.iter().filter_map(|op| graph.node_weight(*op)) {
        *count.entry(op.step).or_default() += 1;
    }
    let both_halves = |(step, halves): (usize, usize)| (halves > 1).then_some(step);
    count.into_iter().filter_map(both_halves).find(|step| steps.get(*step).is_some_and(creates_first))
}

fn dependencies(steps: &[Step], known: &BTreeMap<Address, String>) -> Vec<StepDependencies> {
    steps.iter().map(|step| StepDependencies::new(step, known)).collect()
}

/// Groups of operations that wait for each other through ties of at least `least`, in a stable order.
fn cycles(graph: &OperationGraph, least: EdgeStrength) -> Vec<Vec<NodeIndex>> {
    let strong = EdgeFiltered::from_fn(graph, |edge| *edge.weight() >= least);
    let mut cycles = tarjan_scc(&strong);
    cycles.retain(|cycle| cycle.len() > 1);
    for cycle in &mut cycles {
        cycle.sort();
    }
    cycles.sort();
    cycles
}

impl Graph {
    /// The operations of these steps; `known` has the AWS ids of live resources that they refer to.
    ///
    /// Where some wait for each other, the least of the ties inside their circle are given up until none
    /// is left: after the firm ones are gone too, no tie is inside a circle, so there is no circle.
    pub(crate) fn new(steps: &[Step], known: &BTreeMap<Address, String>) -> Self {
        let mut graph = edges::build_graph(steps, &dependencies(steps, known));
        for strength in STRENGTHS {
            let mut cycle_of = BTreeMap::new();
            for (number, cycle) in cycles(&graph, EdgeStrength::Preferred).into_iter().enumerate() {
                cycle_of.extend(cycle.into_iter().map(|op| (op, number)));
            }
            if cycle_of.is_empty() {
                break;
            }
            graph.retain_edges(|graph, edge| {
                let within = graph.edge_endpoints(edge).is_some_and(|(from, to)| {
                    cycle_of.get(&from).is_some_and(|cycle| cycle_of.get(&to) == Some(cycle))
                });
                !within || graph.edge_weight(edge) != Some(&strength)
            });
        }
        Self::from_draft(&graph)
    }

    fn from_draft(graph: &OperationGraph) -> Self {
        let mut depth = vec![0; graph.node_count()];
        for op in toposort(graph, None).unwrap_or_default().into_iter().rev() {
            let below = graph.neighbors(op).filter_map(|next| depth.get(next.index()).copied()).max();
            if let Some(depth) = depth.get_mut(op.index()) {
                *depth = below.map_or(0, |below| below + 1);
            }
        }
        let next = graph.node_indices().map(|op| {
            let next: BTreeSet<usize> = graph.edges(op).map(|edge| edge.target().index()).collect();
            next.into_iter().collect()
        });
        let next: Vec<Vec<usize>> = next.collect();
        let mut waits = vec![0; graph.node_count()];
        for op in next.iter().flatten() {
            if let Some(waits) = waits.get_mut(*op) {
                *waits += 1;
            }
        }
        Self { ops: graph.node_weights().cloned().collect(), next, waits, depth }
    }

    /// How many operations there are.
    pub(crate) fn len(&self) -> usize {
        self.ops.len()
    }

    pub(crate) fn op(&self, op: usize) -> Option<&Op> {
        self.ops.get(op)
    }

    /// For each operation, how many it waits for.
    pub(crate) fn waits(&self) -> &[usize] {
        &self.waits
    }

    /// Operations that wait for `op`.
    pub(crate) fn next(&self, op: usize) -> &[usize] {
        self.next.get(op).map(Vec::as_slice).unwrap_or_default()
    }

    /// Length of the longest chain of operations that waits for `op`: the longest starts first.
    pub(crate) fn depth(&self, op: usize) -> usize {
        self.depth.get(op).copied().unwrap_or_default()
    }
}

//! The order of the operations of a plan, as a directed acyclic graph.
//!
//! A step consists of one or two operations: create, update, delete; a replacement creates and deletes. If an
//! update still references a resource that is deleted before its replacement exists, the update detaches it
//! first, as a separate operation. Edges come from the wanted references, the live references, and the schemas
//! of the kinds. Each edge has a strength, so that a cycle always has an edge to drop.

mod edges;
mod gates;
mod operation;
mod outages;
mod switches;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Replacement};
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeFiltered, EdgeRef};

use crate::Plan;
use crate::plan::step::{Action, MinimumViolations, Step};
use edges::StepDependencies;
use operation::{EdgeStrength, Node, OperationGraph, STRENGTHS, Switches, creates_first};

pub(crate) use operation::{Op, Part};
pub(crate) use outages::stops;

/// The operations of a plan and their order, without cycles. Operations are indices into `ops`.
#[derive(Debug)]
pub(crate) struct Graph {
    ops: Vec<Op>,
    /// The direct successors of each node, in order: operations first, then gates.
    next: Vec<Vec<usize>>,
    /// The number of direct predecessors of each node.
    waits: Vec<usize>,
    /// The length, in operations, of the longest path that starts at each node.
    depth: Vec<usize>,
    /// The steps whose new resources have to serve before an operation, by operation.
    serving: BTreeMap<usize, Vec<usize>>,
    /// The steps whose live resources a creation deletes in the same call, by operation.
    displaced: BTreeMap<usize, Vec<usize>>,
    /// Deletions that another operation includes.
    included: BTreeSet<usize>,
}

/// Decides how each step is done, so that no step depends on itself through others.
///
/// Returns the sets that cannot drop below AWS's minimum and are not yet in `already_replaced`. If the result is
/// not empty, the steps are only partly decided: the caller replaces these resources and calls again with the
/// new steps. An empty result means that `steps` are final.
///
/// # The problem
///
/// A wanted reference orders operations one way, a live reference the other way. Take an Application Load
/// Balancer `lb` with the subnets `a`, `b` and `c`. The program moves `a` to another Availability Zone, so `a` is
/// replaced. Its CIDR block stays the same and two subnets of a VPC must not overlap, so the old `a` is deleted first.
/// Written as "before → after":
///
/// ```text
/// delete old a → create new a     the CIDR block must be free
/// create new a → update lb        lb references the new subnet
/// update lb    → delete old a     AWS deletes no subnet that is in use by lb
/// ```
///
/// This is a cycle. Only its last edge is an [`EdgeStrength::Reference`]; the others are
/// [`EdgeStrength::Required`]. Each round of the loop resolves the cycles of these strengths in one of two ways:
///
/// 1. **Detach** ([`steps_to_detach`]). The update of `lb` is split: a first call removes the old `a` from the live
///    set and changes nothing else, the second call makes all other changes.
///
///    ```text
///    detach a from lb → delete old a → create new a → update lb
///    ```
///
/// 2. **Delete first** ([`replacement_to_reorder`]). If no update can detach anything, a replacement that has both
///    of its halves in the cycle and creates first is turned around: its old half holds something that its new
///    half needs.
///
/// Sets in `Schema::detach_before_delete` are detached before the loop, with or without a cycle.
///
/// # Why the caller replaces resources and calls again
///
/// Suppose that `lb` only has `a` and `b`. Detaching `a` would leave one subnet, and AWS requires two
/// (`Resource::min_elements`). No order of operations works as long as `lb` is updated in place. This function
/// cannot turn the update into a replacement, because that changes other steps too: `lb` gets another AWS id, so
/// every resource that references it, such as a record set that is an alias of it, differs from its live counterpart
/// and gets a step of its own. These steps come from matching the wanted resources with the live ones.
/// The result is therefore `{(id of lb, "subnets")}`, and [`plan`](crate::plan::plan) does the following:
///
/// ```text
/// already_replaced = {}
/// loop:
///     match wanted and live resources; replace each resource in already_replaced
///     found = resolve_cycles(steps, …, already_replaced)
///     if found is empty: done
///     already_replaced += found
/// ```
///
/// In the second round `lb` is a replacement, which deletes first because the name of a load balancer is unique:
///
/// ```text
/// delete old lb → delete old a → create new a → create new lb
/// ```
///
/// The replacement of `lb` can cause further violations, for a resource that references `lb` and must not be
/// without it; these are found in the next round.
///
/// # Termination
///
/// Each round of the loop adds an AWS id to the `detach` of an update or turns a replacement from create-first to
/// delete-first. Neither is ever undone, and both are finite. Each call that returns a non-empty result adds at
/// least one pair of AWS id and field to `already_replaced`, which is bounded by the sets of the live resources;
/// a pair that is already in it is not returned again, even if its violation remains.
pub(crate) fn resolve_cycles(
    steps: &mut [Step],
    known: &BTreeMap<Address, String>,
    barriers: &BTreeMap<Address, BTreeSet<Address>>,
    already_replaced: &MinimumViolations,
) -> MinimumViolations {
    let dependencies = dependencies(steps, known);
    edges::detach_from_deleted(steps);
    switches::release_last(steps, &dependencies);
    loop {
        let minimum_violations: MinimumViolations = steps
            .iter()
            .flat_map(edges::minimum_violations)
            .filter(|violation| !already_replaced.contains(violation))
            .collect();
        if !minimum_violations.is_empty() {
            return minimum_violations;
        }
        let (graph, _) = edges::build_graph(steps, &dependencies, barriers);
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
        let reorder: Vec<usize> =
            cycles.iter().filter_map(|cycle| replacement_to_reorder(&graph, cycle, steps)).collect();
        if reorder.is_empty() {
            return MinimumViolations::new();
        }
        for step in reorder {
            if let Some(Step { action: Action::Replace { order, .. }, .. }) = steps.get_mut(step) {
                *order = Replacement::DeleteFirst;
            }
        }
    }
}

/// Updates in a cycle that can detach a resource deleted in the same cycle: index of the step, and AWS id of the
/// deleted resource.
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
            let op = |node| graph.node_weight(node).and_then(Node::op);
            let (from, to) = (op(edge.source())?, op(edge.target())?);
            let id = &steps.get(to.step)?.live()?.id;
            let can = from.part == Part::Update
                && edges::can_detach(steps.get(from.step)?, dependencies.get(from.step)?, id);
            can.then(|| (from.step, id.clone()))
        })
        .collect()
}

/// The first replacement that creates first and has both halves in the cycle: index of the step.
fn replacement_to_reorder(graph: &OperationGraph, cycle: &[NodeIndex], steps: &[Step]) -> Option<usize> {
    let mut count: BTreeMap<usize, usize> = BTreeMap::new();
    for op in cycle.iter().filter_map(|op| graph.node_weight(*op)?.op()) {
        *count.entry(op.step).or_default() += 1;
    }
    let both_halves = |(step, halves): (usize, usize)| (halves > 1).then_some(step);
    let can = |step: &Step| creates_first(step) && !step.kind.schema().handed_over;
    count.into_iter().filter_map(both_halves).find(|step| steps.get(*step).is_some_and(can))
}

fn dependencies(steps: &[Step], known: &BTreeMap<Address, String>) -> Vec<StepDependencies> {
    steps.iter().map(|step| StepDependencies::new(step, known)).collect()
}

/// The strongly connected components of more than one operation, over edges of at least strength `least`, in a
/// stable order. Each component is sorted.
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
    /// The graph of the operations of a plan.
    ///
    /// Remaining cycles are broken by dropping the edges inside them, weakest strength first, until there are none.
    /// Once the required edges are dropped too, no edge is inside a cycle, so the graph is acyclic.
    pub(crate) fn new(plan: &Plan) -> Self {
        let Plan { steps, known, ir, .. } = plan;
        let (mut graph, switches) = edges::build_graph(steps, &dependencies(steps, known), &ir.barriers);
        for strength in STRENGTHS {
            let mut cycle_of = BTreeMap::new();
            for (number, cycle) in cycles(&graph, EdgeStrength::Courtesy).into_iter().enumerate() {
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
        Self::from_acyclic(&graph, &switches)
    }

    fn from_acyclic(graph: &OperationGraph, switches: &Switches) -> Self {
        let mut depth = vec![0; graph.node_count()];
        for op in toposort(graph, None).unwrap_or_default().into_iter().rev() {
            let below = graph.neighbors(op).filter_map(|next| depth.get(next.index()).copied()).max();
            if let Some(depth) = depth.get_mut(op.index()) {
                let own = usize::from(graph.node_weight(op).and_then(Node::op).is_some());
                *depth = below.map_or(0, |below| below + own);
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
        let mut serving: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (op, before, step) in &switches.serving {
            if !graph.contains_edge(*before, *op) {
                continue;
            }
            serving.entry(op.index()).or_default().push(*step);
        }
        let mut displaced: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut included = BTreeSet::new();
        for (op, deletion, step) in &switches.displaced {
            if !graph.contains_edge(*op, *deletion) {
                continue;
            }
            displaced.entry(op.index()).or_default().push(*step);
            included.insert(deletion.index());
        }
        let ops = graph.node_weights().filter_map(Node::op).cloned().collect();
        Self { ops, next, waits, depth, serving, displaced, included }
    }

    /// The steps whose new resources have to serve before `op` starts.
    pub(crate) fn serving(&self, op: usize) -> &[usize] {
        self.serving.get(&op).map(Vec::as_slice).unwrap_or_default()
    }

    /// The steps whose live resources `op` deletes in the call that creates its own.
    pub(crate) fn displaced(&self, op: usize) -> &[usize] {
        self.displaced.get(&op).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether another operation has deleted the resource of `op` already.
    pub(crate) fn is_included(&self, op: usize) -> bool {
        self.included.contains(&op)
    }

    /// The number of operations.
    pub(crate) fn len(&self) -> usize {
        self.ops.len()
    }

    pub(crate) fn op(&self, op: usize) -> Option<&Op> {
        self.ops.get(op)
    }

    /// Whether a node is a gate: it ends at once when its predecessors have ended.
    pub(crate) fn is_gate(&self, node: usize) -> bool {
        node >= self.ops.len()
    }

    /// The operations that wait for `op` and for no other operation in between, as far as edges tell.
    pub(crate) fn successors(&self, op: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut rest = self.next(op).to_vec();
        while let Some(node) = rest.pop() {
            if found.insert(node) && self.is_gate(node) {
                rest.extend(self.next(node));
            }
        }
        found.retain(|node| !self.is_gate(*node));
        found
    }

    /// The number of direct predecessors of each node.
    pub(crate) fn waits(&self) -> &[usize] {
        &self.waits
    }

    /// The direct successors of a node.
    pub(crate) fn next(&self, op: usize) -> &[usize] {
        self.next.get(op).map(Vec::as_slice).unwrap_or_default()
    }

    /// The length, in operations, of the longest path that starts at `op`. Of the operations that are ready, the one with
    /// the longest path starts first.
    pub(crate) fn depth(&self, op: usize) -> usize {
        self.depth.get(op).copied().unwrap_or_default()
    }
}

//! What has to come before what.
//!
//! A step is one or two operations: a creation makes, an update changes, a deletion removes, a replacement
//! makes and removes. An update that leans on something deleted before its successor is made lets go of it
//! first. The ties among operations come from the wanted references, the live ones, and what kinds state
//! in their schemas. Some ties matter more than others, so that a circle always has one to give up.

mod ties;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Replacement};
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeFiltered, EdgeRef};

use crate::Verb;
use crate::plan::{Action, Cornered, Plan, Step};
use ties::Bonds;

/// One call to the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Op {
    /// Index of its step.
    pub(crate) step: usize,
    pub(crate) part: Part,
}

/// Which part of its step an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Make,
    Change,
    /// Takes the references that the step lets go of out of what is live, and changes nothing else.
    LetGo,
    Remove,
}

/// How much it matters that one operation follows another, from least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// Otherwise traffic is interrupted for a while.
    Gentle,
    /// Otherwise AWS may refuse, because something live still leans on what is deleted.
    Lean,
    /// Otherwise it cannot work.
    Firm,
}

const TIES: [Tie; 3] = [Tie::Gentle, Tie::Lean, Tie::Firm];

/// The operations of a plan and their order, free of circles.
#[derive(Debug)]
pub(crate) struct Graph {
    ops: Vec<Op>,
    next: Vec<Vec<usize>>,
    waits: Vec<usize>,
    depth: Vec<usize>,
}

type Draft = DiGraph<Op, Tie>;

impl Part {
    pub(crate) fn verb(self) -> Verb {
        match self {
            Self::Make => Verb::Create,
            Self::Change | Self::LetGo => Verb::Update,
            Self::Remove => Verb::Delete,
        }
    }
}

/// Settles how each step is done, so that none waits for itself through others.
///
/// An update that leans on what is deleted, and has to wait for what the deletion makes room for, lets go of
/// it first. A replacement whose old half holds what the new half needs deletes first. The answer is what cannot let
/// go, because AWS would not let it hold so little, and was not `told` already: nothing is settled before that is
/// made anew.
pub(crate) fn settle(steps: &mut [Step], known: &BTreeMap<Address, String>, told: &Cornered) -> Cornered {
    let bonds = bonds(steps, known);
    ties::let_go_of_what_goes(steps);
    loop {
        let cornered: Cornered =
            steps.iter().flat_map(ties::cornered).filter(|one| !told.contains(one)).collect();
        if !cornered.is_empty() {
            return cornered;
        }
        let draft = ties::draft(steps, &bonds);
        let circles = circles(&draft, Tie::Lean);
        let let_go =
            circles.iter().flat_map(|circle| leaning(&draft, circle, steps, &bonds)).collect::<Vec<_>>();
        if !let_go.is_empty() {
            for (step, id) in let_go {
                if let Some(Step { action: Action::Update { let_go, .. }, .. }) = steps.get_mut(step) {
                    let_go.insert(id);
                }
            }
            continue;
        }
        let turned: Vec<usize> = circles.iter().filter_map(|circle| turning(&draft, circle, steps)).collect();
        if turned.is_empty() {
            return Cornered::new();
        }
        for step in turned {
            if let Some(Step { action: Action::Replace { order, .. }, .. }) = steps.get_mut(step) {
                *order = Replacement::DeleteFirst;
            }
        }
    }
}

/// Updates in a circle that can let go of what is deleted in it: index of the step, AWS id.
fn leaning(draft: &Draft, circle: &[NodeIndex], steps: &[Step], bonds: &[Bonds]) -> Vec<(usize, String)> {
    let within = circle
        .iter()
        .flat_map(|op| draft.edges(*op))
        .filter(|edge| *edge.weight() == Tie::Lean && circle.binary_search(&edge.target()).is_ok());
    within
        .filter_map(|edge| {
            let (from, to) = (draft.node_weight(edge.source())?, draft.node_weight(edge.target())?);
            let id = &steps.get(to.step)?.live()?.id;
            let can = from.part == Part::Change
                && ties::can_let_go(steps.get(from.step)?, bonds.get(from.step)?, id);
            can.then(|| (from.step, id.clone()))
        })
        .collect()
}

/// The first replacement in a circle that could delete first.
fn turning(draft: &Draft, circle: &[NodeIndex], steps: &[Step]) -> Option<usize> {
    let mut count: BTreeMap<usize, usize> = BTreeMap::new();
    for op in circle.iter().filter_map(|op| draft.node_weight(*op)) {
        *count.entry(op.step).or_default() += 1;
    }
    let both_halves = |(step, halves): (usize, usize)| (halves > 1).then_some(step);
    count.into_iter().filter_map(both_halves).find(|step| steps.get(*step).is_some_and(creates_first))
}

fn bonds(steps: &[Step], known: &BTreeMap<Address, String>) -> Vec<Bonds> {
    steps.iter().map(|step| Bonds::new(step, known)).collect()
}

fn creates_first(step: &Step) -> bool {
    matches!(step.action, Action::Replace { order: Replacement::CreateFirst, .. })
}

/// Groups of operations that wait for each other through ties of at least `least`, in a stable order.
fn circles(draft: &Draft, least: Tie) -> Vec<Vec<NodeIndex>> {
    let strong = EdgeFiltered::from_fn(draft, |edge| *edge.weight() >= least);
    let mut circles = tarjan_scc(&strong);
    circles.retain(|circle| circle.len() > 1);
    for circle in &mut circles {
        circle.sort();
    }
    circles.sort();
    circles
}

impl Graph {
    /// The operations of `plan`.
    ///
    /// Where some wait for each other, the least of the ties inside their circle are given up until none
    /// is left: after the firm ones are gone too, no tie is inside a circle, so there is no circle.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut draft = ties::draft(&plan.steps, &bonds(&plan.steps, &plan.known));
        for tie in TIES {
            let mut circle_of = BTreeMap::new();
            for (number, circle) in circles(&draft, Tie::Gentle).into_iter().enumerate() {
                circle_of.extend(circle.into_iter().map(|op| (op, number)));
            }
            if circle_of.is_empty() {
                break;
            }
            draft.retain_edges(|draft, edge| {
                let within = draft.edge_endpoints(edge).is_some_and(|(from, to)| {
                    circle_of.get(&from).is_some_and(|circle| circle_of.get(&to) == Some(circle))
                });
                !within || draft.edge_weight(edge) != Some(&tie)
            });
        }
        Self::from_draft(&draft)
    }

    fn from_draft(draft: &Draft) -> Self {
        let mut depth = vec![0; draft.node_count()];
        for op in toposort(draft, None).unwrap_or_default().into_iter().rev() {
            let below = draft.neighbors(op).filter_map(|next| depth.get(next.index()).copied()).max();
            if let Some(depth) = depth.get_mut(op.index()) {
                *depth = below.map_or(0, |below| below + 1);
            }
        }
        let next = draft.node_indices().map(|op| {
            let next: BTreeSet<usize> = draft.edges(op).map(|edge| edge.target().index()).collect();
            next.into_iter().collect()
        });
        let next: Vec<Vec<usize>> = next.collect();
        let mut waits = vec![0; draft.node_count()];
        for op in next.iter().flatten() {
            if let Some(waits) = waits.get_mut(*op) {
                *waits += 1;
            }
        }
        Self { ops: draft.node_weights().cloned().collect(), next, waits, depth }
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

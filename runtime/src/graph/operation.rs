//! The nodes and edges of the operation graph.

use asiaq_ir::Replacement;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::event::{Operation, Verb};
use crate::plan::step::{Action, Step};

/// One call to the [`Cloud`](crate::Cloud).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Op {
    /// Index of its step in the plan.
    pub(crate) step: usize,
    pub(crate) part: Part,
}

/// The part of a step that an operation carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Create,
    Update,
    /// Removes the references in `detach` from the sets of the live resource, and changes nothing else.
    Detach,
    /// Removes the references in `release` from the sets of the resource after its update, and changes nothing else.
    Release,
    Delete,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Op(Op),
    /// Ends at once when all its predecessors have ended. Without it, each of them would need an edge to each successor.
    Gate,
}

impl Node {
    pub(super) fn op(&self) -> Option<&Op> {
        match self {
            Self::Op(op) => Some(op),
            Self::Gate => None,
        }
    }
}

/// How strong an edge is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EdgeStrength {
    /// If it is dropped, what is going anyway loses something a little earlier.
    Courtesy,
    /// If it is dropped, traffic may be interrupted for a while.
    Preferred,
    /// If it is dropped, AWS may refuse a deletion because a live resource still references the deleted one.
    Reference,
    /// If it is dropped, the operation fails.
    Required,
}

/// Weakest first: the order in which edges of a cycle are dropped.
pub(super) const STRENGTHS: [EdgeStrength; 4] =
    [EdgeStrength::Courtesy, EdgeStrength::Preferred, EdgeStrength::Reference, EdgeStrength::Required];

/// The operations of a plan; an edge leads from the operation that comes first. May have cycles.
/// Operations come first; other nodes are gates.
pub(super) type OperationGraph = DiGraph<Node, EdgeStrength>;

/// The operations that switch from an old resource to a new one.
#[derive(Debug, Default)]
pub(super) struct Switches {
    /// Resources that have to serve before an operation starts: the operation, the one that creates or changes the
    /// resource, and the step of that one.
    pub(super) serving: Vec<(NodeIndex, NodeIndex, usize)>,
    /// Creations that delete other resources in the same call: the creation, the deletion, and the step of that one.
    pub(super) displaced: Vec<(NodeIndex, NodeIndex, usize)>,
}

impl Part {
    pub(crate) fn verb(self) -> Verb {
        match self {
            Self::Create => Verb::Create,
            Self::Update | Self::Detach | Self::Release => Verb::Update,
            Self::Delete => Verb::Delete,
        }
    }
}

impl Op {
    /// The operation as events and outcomes show it; `step` is the step it belongs to.
    pub(crate) fn of_step(&self, step: &Step) -> Operation {
        let verb = self.part.verb();
        let id = match verb {
            Verb::Create => None,
            Verb::Update | Verb::Delete => step.live().map(|live| live.id.clone()),
        };
        Operation { address: step.address.clone(), kind: step.kind, verb, id }
    }
}

/// Whether a step replaces a resource and its new half is created before the old one is deleted.
pub(super) fn creates_first(step: &Step) -> bool {
    matches!(step.action, Action::Replace { order: Replacement::CreateFirst, .. })
}

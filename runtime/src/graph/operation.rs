//! The operations of a plan: what each does, and how firmly one has to follow another.

use asiaq_ir::Replacement;
use petgraph::graph::DiGraph;

use crate::event::{Operation, Verb};
use crate::plan::step::{Action, Step};

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
    Create,
    Update,
    /// Removes references that the step detaches from the live resource, and changes nothing else.
    Detach,
    Delete,
}

/// How much it matters that one operation follows another, from least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EdgeStrength {
    /// Without it traffic is interrupted for a while.
    Preferred,
    /// Without it AWS may refuse, because a live resource still references what is deleted.
    Reference,
    /// Without it the plan cannot work.
    Required,
}

/// Weakest first: the order in which edges of a cycle are given up.
pub(super) const STRENGTHS: [EdgeStrength; 3] =
    [EdgeStrength::Preferred, EdgeStrength::Reference, EdgeStrength::Required];

/// The operations of a plan while their order is being found; edges lead from what comes first.
pub(super) type OperationGraph = DiGraph<Op, EdgeStrength>;

impl Part {
    pub(crate) fn verb(self) -> Verb {
        match self {
            Self::Create => Verb::Create,
            Self::Update | Self::Detach => Verb::Update,
            Self::Delete => Verb::Delete,
        }
    }
}

impl Op {
    /// The operation, as events and outcomes name it; `step` is its step.
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

//! What an apply leaves behind it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Node, Ref, Resource, refs};

use super::LastApplied;
use crate::graph::Graph;
use crate::{Action, Goal, Note, Operation, Outcome, Plan, Scope, Step};

/// How far a step came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// All the way.
    Through,
    /// Nowhere: nothing of it was tried.
    Nowhere,
    /// Part of the way, or nobody knows how far.
    PartWay,
}

impl LastApplied {
    /// What stands in `env` after an apply of `plan` that ended with `outcome`; `before` is what was known to
    /// stand there until then.
    ///
    /// What was done is in it, and so is whatever was in scope and right already. A step that failed or was given
    /// up halfway leaves a doubt; one that was not tried leaves what was. Outside the scope of the
    /// plan all stays as it was.
    #[must_use]
    pub fn after(before: Option<&Self>, plan: &Plan, outcome: &Outcome, env: &str) -> Self {
        let before = before.cloned().unwrap_or_default();
        let came = came(plan, outcome);
        let whole = plan.scope.covers(env) && plan.scope.under.is_none();
        let mut after = if whole { Self::default() } else { before.clone() };

        let is_declared =
            |address: &Address| plan.scope.goal == Goal::Apply && plan.ir.resources.contains_key(address);
        let declared = plan.ir.resources.iter().filter(|(address, node)| {
            is_declared(address)
                && concerns(address, &node.resource, env)
                && is_inside(&plan.scope, address, node)
        });
        for (address, node) in declared {
            match (came.get(address), made(plan, address, node)) {
                (None | Some(Came::Through), Some(resource)) => after.put(address, node, &resource),
                (Some(Came::Nowhere), _) => after.keep(&before, address),
                (Some(Came::PartWay), _) => after.doubt(address),
                (None | Some(Came::Through), None) => after.forget(address),
            }
        }
        let undeclared =
            came.into_iter().filter(|(address, _)| !is_declared(address) && plan.scope.includes(address));
        for (address, came) in undeclared {
            match came {
                Came::Nowhere => after.keep(&before, address),
                Came::PartWay => after.doubt(address),
                Came::Through => after.forget(address),
            }
        }
        after
    }

    fn forget(&mut self, address: &Address) {
        self.entries.remove(&super::key(address));
    }

    fn doubt(&mut self, address: &Address) {
        self.entries.insert(super::key(address), super::ResourceDigests::new());
    }

    /// Knows of `address` what `before` did.
    fn keep(&mut self, before: &Self, address: &Address) {
        let key = super::key(address);
        match before.entries.get(&key) {
            Some(entry) => self.entries.insert(key, entry.clone()),
            None => self.entries.remove(&key),
        };
    }
}

/// How far the steps at each address came, by the one that came least far.
fn came<'a>(plan: &'a Plan, outcome: &Outcome) -> BTreeMap<&'a Address, Came> {
    // Letting go and changing are two calls that go by the same name.
    let mut done: BTreeMap<&Operation, usize> = BTreeMap::new();
    for operation in &outcome.done {
        *done.entry(operation).or_default() += 1;
    }
    let failed = outcome.failed.iter().map(|failure| &failure.operation);
    let unclear: BTreeSet<&Operation> = failed.chain(&outcome.abandoned).collect();
    let graph = Graph::new(&plan.steps, &plan.known);
    let mut operations: BTreeMap<usize, Vec<Operation>> = BTreeMap::new();
    for op in (0..graph.len()).filter_map(|op| graph.op(op)) {
        if let Some(step) = plan.steps.get(op.step) {
            operations.entry(op.step).or_default().push(op.of_step(step));
        }
    }
    let came: BTreeMap<usize, Came> = operations
        .into_iter()
        .map(|(step, operations)| {
            let distinct: BTreeSet<&Operation> = operations.iter().collect();
            let number: usize = distinct.iter().filter_map(|operation| done.get(operation)).sum();
            let came = if distinct.iter().any(|operation| unclear.contains(*operation)) {
                Came::PartWay
            } else if number == operations.len() {
                Came::Through
            } else if number == 0 {
                Came::Nowhere
            } else {
                Came::PartWay
            };
            (step, came)
        })
        .collect();

    let steps = || came.iter().filter_map(|(step, came)| Some((plan.steps.get(*step)?, *came)));
    let gone: BTreeSet<&str> = steps()
        .filter(|(_, came)| *came != Came::Nowhere)
        .filter_map(|(step, _)| match &step.action {
            Action::Replace { live, .. } | Action::Delete { live } => Some(live.id.as_str()),
            Action::Create { .. } | Action::Update { .. } => None,
        })
        .collect();
    // AWS takes what is deleted out of what leans on it.
    let is_bereft = |step: &Step| {
        let leans = step.live().map(|live| refs(&live.resource)).unwrap_or_default();
        leans.iter().any(|reference| reference.id().is_some_and(|id| gone.contains(id)))
    };
    let mut least = BTreeMap::new();
    for (step, came) in steps() {
        let came = if came == Came::Nowhere && is_bereft(step) { Came::PartWay } else { came };
        let entry = least.entry(&step.address).or_insert(came);
        *entry = came.max(*entry);
    }
    least
}

/// Whether a resource is one of `env`: by its address, a peering connection by either end.
fn concerns(address: &Address, resource: &Resource, env: &str) -> bool {
    address.env() == env || ends(resource).any(|end| end.env() == env)
}

fn is_inside(scope: &Scope, address: &Address, node: &Node) -> bool {
    scope.includes(address) || ends(&node.resource).any(|end| scope.includes(end))
}

/// The VPCs that a peering connection joins.
fn ends(resource: &Resource) -> impl Iterator<Item = &Address> {
    let ends = match resource {
        Resource::PeeringConnection(peering) => vec![&peering.requester, &peering.accepter],
        _ => Vec::new(),
    };
    ends.into_iter().filter_map(|end| match end {
        Ref::To(vpc) => Some(vpc),
        Ref::Id(_) | Ref::Find(_) => None,
    })
}

/// What became of a node: the resource without the elements that were left out, or nothing where all of it was.
fn made(plan: &Plan, address: &Address, node: &Node) -> Option<Resource> {
    let mut value = node.resource.to_value();
    let kind = node.resource.kind();
    for note in &plan.notes {
        match note {
            Note::LeftOut { address: of, .. } if of == address => return None,
            Note::ElementLeftOut { address: of, field, element, .. } if of == address => {
                if let Some(elements) = value.get_mut(field).and_then(|set| set.as_array_mut()) {
                    elements.retain(|other| Resource::element_key(kind, field, other) != *element);
                }
            }
            Note::LeftOut { .. }
            | Note::ElementLeftOut { .. }
            | Note::Stays { .. }
            | Note::Unconfirmed { .. }
            | Note::Unresolved { .. } => {}
        }
    }
    serde_json::from_value(value).ok()
}

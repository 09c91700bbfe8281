//! The record that an apply leaves.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Node, Resource, ScopeRef, refs};

use super::LastApplied;
use crate::graph::Graph;
use crate::{Action, Coverage, Goal, Note, Operation, Outcome, Plan, Step};

/// The result of a step in an apply. Of several steps at an address, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Completion {
    /// All operations finished.
    Done,
    /// No operation was tried.
    NotStarted,
    /// An operation failed or was abandoned, or only some were tried.
    Partial,
}

impl LastApplied {
    /// The record of `scope` after an apply of `plan` that ended with `outcome`; `before` is the record until then.
    ///
    /// It has the resources in scope that the apply wrote, and those that needed no step. A step that failed or was
    /// abandoned leaves its resource in doubt; a step that was not tried leaves the old entry. Entries outside the
    /// scope of the plan do not change.
    #[must_use]
    pub fn after(before: Option<&Self>, plan: &Plan, outcome: &Outcome, scope: ScopeRef<'_>) -> Self {
        let before = before.cloned().unwrap_or_default();
        let completions = completions(plan, outcome);
        let whole = plan.scope.covers(scope) && plan.scope.under.is_none();
        let mut after = if whole { Self::default() } else { before.clone() };

        let is_declared =
            |address: &Address| plan.scope.goal == Goal::Apply && plan.ir.resources.contains_key(address);
        let declared = plan.ir.resources.iter().filter(|(address, node)| {
            is_declared(address)
                && concerns(address, &node.resource, scope)
                && is_inside(&plan.scope, address, node)
        });
        let left_out = left_out(plan);
        for (address, node) in declared {
            match (completions.get(address), applied(left_out.get(address), node)) {
                (None | Some(Completion::Done), Some(resource)) => after.put(address, node, &resource),
                (Some(Completion::NotStarted), _) => after.keep(&before, address),
                (Some(Completion::Partial), _) => after.doubt(address),
                (None | Some(Completion::Done), None) => after.forget(address),
            }
        }
        let undeclared = completions
            .into_iter()
            .filter(|(address, _)| !is_declared(address) && plan.scope.includes(address));
        for (address, completion) in undeclared {
            match completion {
                Completion::NotStarted => after.keep(&before, address),
                Completion::Partial => after.doubt(address),
                Completion::Done => after.forget(address),
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

    /// Takes the entry of `address` from `before`.
    fn keep(&mut self, before: &Self, address: &Address) {
        let key = super::key(address);
        match before.entries.get(&key) {
            Some(entry) => self.entries.insert(key, entry.clone()),
            None => self.entries.remove(&key),
        };
    }
}

/// The completion of the steps at each address.
fn completions<'a>(plan: &'a Plan, outcome: &Outcome) -> BTreeMap<&'a Address, Completion> {
    // The detach and the update of a step are two calls with equal `Operation`s, so they are counted.
    let mut done: BTreeMap<&Operation, usize> = BTreeMap::new();
    for operation in &outcome.done {
        *done.entry(operation).or_default() += 1;
    }
    let failed = outcome.failed.iter().map(|failure| &failure.operation);
    let unclear: BTreeSet<&Operation> = failed.chain(&outcome.abandoned).collect();
    let graph = Graph::new(plan);
    let mut operations: BTreeMap<usize, Vec<Operation>> = BTreeMap::new();
    for op in (0..graph.len()).filter_map(|op| graph.op(op)) {
        if let Some(step) = plan.steps.get(op.step) {
            operations.entry(op.step).or_default().push(op.of_step(step));
        }
    }
    let completions: BTreeMap<usize, Completion> = operations
        .into_iter()
        .map(|(step, operations)| {
            let distinct: BTreeSet<&Operation> = operations.iter().collect();
            let number: usize = distinct.iter().filter_map(|operation| done.get(operation)).sum();
            let completion = if distinct.iter().any(|operation| unclear.contains(*operation)) {
                Completion::Partial
            } else if number == operations.len() {
                Completion::Done
            } else if number == 0 {
                Completion::NotStarted
            } else {
                Completion::Partial
            };
            (step, completion)
        })
        .collect();

    let steps = || completions.iter().filter_map(|(step, done)| Some((plan.steps.get(*step)?, *done)));
    let deleted: BTreeSet<&str> = steps()
        .filter(|(_, completion)| *completion != Completion::NotStarted)
        .filter_map(|(step, _)| match &step.action {
            Action::Replace { live, .. } | Action::Delete { live } => Some(live.id.as_str()),
            Action::Create { .. } | Action::Update { .. } => None,
        })
        .collect();
    // AWS removes a deleted resource from the resources that reference it.
    let lost_reference = |step: &Step| {
        let refs = step.live().map(|live| refs(&live.resource)).unwrap_or_default();
        refs.iter().any(|reference| reference.id().is_some_and(|id| deleted.contains(id)))
    };
    let mut by_address = BTreeMap::new();
    for (step, completion) in steps() {
        let is_touched = completion == Completion::NotStarted && lost_reference(step);
        let completion = if is_touched { Completion::Partial } else { completion };
        let entry = by_address.entry(&step.address).or_insert(completion);
        *entry = completion.max(*entry);
    }
    by_address
}

/// Whether a resource belongs to `scope`: by its address, or by either end of what it joins.
fn concerns(address: &Address, resource: &Resource, scope: ScopeRef<'_>) -> bool {
    address.scope() == scope || resource.joined_addresses().any(|end| end.scope() == scope)
}

fn is_inside(scope: &Coverage, address: &Address, node: &Node) -> bool {
    scope.includes(address) || node.resource.joined_addresses().any(|end| scope.includes(end))
}

/// What the plan left out of each resource: some elements, or all of it.
fn left_out(plan: &Plan) -> BTreeMap<&Address, Vec<&Note>> {
    let mut left_out: BTreeMap<&Address, Vec<&Note>> = BTreeMap::new();
    for note in &plan.notes {
        match note {
            Note::LeftOut { address, .. } | Note::ElementLeftOut { address, .. } => {
                left_out.entry(address).or_default().push(note);
            }
            Note::Keeps { .. }
            | Note::KeepsBlocks { .. }
            | Note::KeepsSize(_)
            | Note::LosesRules { .. }
            | Note::TargetStays { .. }
            | Note::Forecast { .. }
            | Note::Stays { .. }
            | Note::LeavesCopy { .. }
            | Note::Deactivated { .. }
            | Note::StaysInUse { .. }
            | Note::Waits { .. }
            | Note::OldTemplate { .. }
            | Note::Quota { .. }
            | Note::Unread { .. }
            | Note::AsksPrivately { .. }
            | Note::LogStays { .. }
            | Note::RenamedEnvironment { .. }
            | Note::MayBeRenamed { .. }
            | Note::NothingMoved { .. }
            | Note::BothLive { .. }
            | Note::Unconfirmed { .. }
            | Note::Foreign { .. }
            | Note::Renamed { .. }
            | Note::Undelegated { .. }
            | Note::Unresolved { .. } => {}
        }
    }
    left_out
}

/// The resource of a node without the elements that were left out; absent if the whole node was left out.
fn applied(left_out: Option<&Vec<&Note>>, node: &Node) -> Option<Resource> {
    let Some(left_out) = left_out else { return Some(node.resource.clone()) };
    let mut value = node.resource.to_value();
    let kind = node.resource.kind();
    for note in left_out {
        let Note::ElementLeftOut { field, element, .. } = note else { return None };
        if let Some(elements) = value.get_mut(field).and_then(|set| set.as_array_mut()) {
            elements.retain(|other| Resource::element_key(kind, field, other) != *element);
        }
    }
    serde_json::from_value(value).ok()
}

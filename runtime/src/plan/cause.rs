//! The cause of each difference: a change of the program since the last apply, or drift.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Ir, NAME_TAG, Ref, Scope, ScopeRef, TAGS_TAG, refs, refs_in, resolve_in};
use serde_json::Value;

use super::contents::Plan;
use super::step::{Action, Cause, Reason, Step};
use crate::{Found, LastApplied, Observed};

/// The records of the last applies, and the live resources.
pub(super) struct History<'a> {
    /// By scope.
    last_applied: &'a BTreeMap<Scope, LastApplied>,
    /// Addresses of live resources by AWS id, including those that the plan deletes.
    addresses: BTreeMap<&'a str, &'a Address>,
    /// The scopes at the ends of what joins two, such as a peering connection.
    peerings: BTreeMap<&'a Address, BTreeSet<ScopeRef<'a>>>,
}

impl<'a> History<'a> {
    pub(super) fn new(ir: &'a Ir, observed: &'a Observed) -> Self {
        let mut history = Self {
            last_applied: &observed.written,
            addresses: crate::projection::addresses(&observed.found),
            peerings: BTreeMap::new(),
        };
        let declared = ir.resources.iter().map(|(address, node)| (address, &node.resource));
        let live = observed.found.iter().map(|found| (&found.address, &found.resource));
        for (address, resource) in live.chain(declared) {
            let ends = resource.joined().filter_map(|end| match end {
                Ref::To(end) => Some(end.scope()),
                Ref::Id(id) => history.addresses.get(id.as_str()).map(|end| end.scope()),
                Ref::Find(_) => None,
            });
            let ends: BTreeSet<ScopeRef<'_>> = ends.collect();
            if !ends.is_empty() {
                history.peerings.entry(address).or_default().extend(ends);
            }
        }
        history
    }

    /// Sets the cause of a step and of each of its reasons. Without a record of the scope they stay unknown.
    pub(super) fn attribute(&self, step: &mut Step) {
        let Some(last_applied) = self.last_applied.get(step.address.scope().as_str()) else { return };
        let is_recorded = self.is_recorded(&step.address);
        let Step { address, kind, region, action, reasons, .. } = step;
        let itself = match action {
            Action::Create { .. } if is_recorded && last_applied.has(address, *kind, region) => Cause::Drift,
            Action::Create { .. } => Cause::Program,
            // A deletion with a reason is that of a duplicate, and an apply leaves one resource per address.
            Action::Delete { .. } if is_recorded && !reasons.is_empty() => Cause::Drift,
            Action::Delete { live } if is_recorded && last_applied.has(address, *kind, &live.region) => {
                Cause::Program
            }
            Action::Delete { live } if is_part(live) && is_extra(last_applied, address) => Cause::Drift,
            Action::Delete { .. } | Action::Update { .. } | Action::Replace { .. } => Cause::Unknown,
        };
        let causes: Vec<Cause> = match action {
            Action::Create { .. } | Action::Delete { .. } => reasons.iter().map(|_| itself).collect(),
            Action::Update { live, .. } | Action::Replace { live, .. } if is_recorded => reasons
                .iter()
                .map(|reason| self.cause(last_applied, address, live, reason, reasons))
                .collect(),
            Action::Update { .. } | Action::Replace { .. } => Vec::new(),
        };
        for (reason, cause) in reasons.iter_mut().zip(&causes) {
            reason.cause = *cause;
        }
        step.cause = causes.into_iter().fold(itself, Cause::max);
    }

    /// The cause of `reason`, one of the reasons `all` of a step.
    fn cause(
        &self,
        last_applied: &LastApplied,
        address: &Address,
        live: &Found,
        reason: &Reason,
        all: &[Reason],
    ) -> Cause {
        let Reason { field, element, after, .. } = reason;
        match element {
            Some(tag) if field == "tags" => return of_tag(last_applied, address, live, tag, after),
            Some(_) | None => {}
        }
        let before = self.named(address, &reason.before);
        let was_applied = |value: &Value| last_applied.contains(address, field, value);
        if element.is_some() && after.is_null() {
            return match (was_applied(&before), self.foreign_refs(address, &before).next()) {
                (true, _) => Cause::Program,
                // An apply of the other environment may have added the element.
                (false, Some(_)) => Cause::Unknown,
                (false, None) => Cause::Drift,
            };
        }
        let is_live =
            all.iter().any(|other| other.field == *field && self.named(address, &other.before) == *after);
        let schema = live.resource.kind().schema();
        // A record has no values that the program leaves to AWS, and has sets by their elements.
        let is_in_record = match schema.change(field) {
            Change::Replace(_) | Change::InPlace(_) | Change::DecreaseRisk(_) => true,
            Change::Elements { .. } | Change::IfSet(_) | Change::SetOnce(_) | Change::CreateOnly { .. } => {
                element.is_some()
            }
        };
        let is_foreign = is_in_record && !before.is_null() && !was_applied(&before);
        if !was_applied(after) {
            // Neither the live nor the wanted value was applied last: AWS was changed too.
            let is_drift = is_foreign && self.foreign_refs(address, &before).next().is_none();
            if is_drift { Cause::Drift } else { Cause::Program }
        } else if is_live || !self.foreign_refs(address, after).all(|to| self.is_recorded(&to)) {
            // The referenced resource is replaced, or was deleted by an apply of the other environment.
            Cause::Unknown
        } else {
            Cause::Drift
        }
    }

    /// The resources referenced in `value` that an apply of an environment other than that of `address` can create
    /// and delete.
    fn foreign_refs(&self, address: &Address, value: &Value) -> impl Iterator<Item = Address> {
        let targets = refs_in(value).into_iter().filter_map(|reference| match reference {
            Ref::To(to) => Some(to),
            Ref::Id(_) | Ref::Find(_) => None,
        });
        targets.filter(|to| self.scopes(to).any(|scope| scope != address.scope()))
    }

    /// Whether the records of all scopes of `address` have the resource.
    fn is_recorded(&self, address: &Address) -> bool {
        self.scopes(address)
            .all(|scope| self.last_applied.get(scope.as_str()).is_some_and(|record| record.knows(address)))
    }

    /// The scope of `address`, and those at the ends of a peering connection.
    fn scopes<'s>(&'s self, address: &'s Address) -> impl Iterator<Item = ScopeRef<'s>> {
        let ends = self.peerings.get(address).into_iter().flatten().copied();
        ends.chain([address.scope()])
    }

    /// Replaces the AWS ids in `value`, which belongs to the resource at `address`, by addresses, for all live
    /// resources including those being deleted. An id equal to the resource's own refers to its parent, and stays.
    fn named(&self, address: &Address, value: &Value) -> Value {
        resolve_in(value.clone(), &mut |reference| {
            let target = reference.id().and_then(|id| self.addresses.get(id));
            let other = target.filter(|other| **other != address);
            other.map_or_else(|| reference.clone(), |address| Ref::To((*address).clone()))
        })
    }
}

impl Plan {
    /// The plan restricted to the steps and reasons that undo drift, without notes.
    ///
    /// For environments whose record is `missing`, every difference of an existing resource counts as drift. The
    /// result is for display only: a step that undoes drift keeps its whole action, even if the program changed the
    /// resource too.
    #[must_use]
    pub fn drift(&self, missing: &BTreeSet<Scope>) -> Plan {
        let part = |step: &Step| {
            let exists = !matches!(step.action, Action::Create { .. });
            if exists && missing.contains(step.address.scope().as_str()) {
                let reasons = step.reasons.iter().cloned();
                let reasons = reasons.map(|reason| Reason { cause: Cause::Drift, ..reason }).collect();
                return Some(Step { cause: Cause::Drift, reasons, ..step.clone() });
            }
            let mut step = Some(step.clone()).filter(|step| step.cause == Cause::Drift)?;
            step.reasons.retain(|reason| reason.cause == Cause::Drift);
            Some(step)
        };
        Plan { steps: self.steps.iter().filter_map(part).collect(), notes: Vec::new(), ..self.clone() }
    }
}

/// The cause of a difference of `tag`; `after` is its wanted value.
fn of_tag(last_applied: &LastApplied, address: &Address, live: &Found, tag: &str, after: &Value) -> Cause {
    // The mark is no tag of the program.
    if tag == NAME_TAG {
        return Cause::Unknown;
    }
    // A tag is removed because the live `asiaq:tags` lists it. The cause is that of this list.
    let (tag, value) = match after {
        Value::Null => (TAGS_TAG, live.tags.get(TAGS_TAG).cloned().into()),
        after => (tag, after.clone()),
    };
    let was_applied = last_applied.has_tag(address, tag, &value);
    if was_applied == after.is_null() { Cause::Program } else { Cause::Drift }
}

/// Whether AWS keeps the resource inside another one, so that it references its own id.
fn is_part(found: &Found) -> bool {
    refs(&found.resource).contains(&Ref::Id(found.id.clone()))
}

/// Whether the last apply left the parent of a part without this part.
fn is_extra(last_applied: &LastApplied, address: &Address) -> bool {
    let parent = address.as_str().rsplit_once('/').map(|(parent, _)| Address::parse(parent));
    !last_applied.may_contain(address) && parent.is_some_and(|parent| last_applied.knows(&parent))
}

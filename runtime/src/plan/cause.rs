//! Who made the difference: the program, by saying something new, or somebody in the account.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Ir, Ref, Resource, TAGS_TAG, refs, refs_in, resolve_in};
use serde_json::Value;

use super::contents::Plan;
use super::step::{Action, Cause, Reason, Step};
use crate::{Found, LastApplied, Observed};

/// What was written, and what is there.
pub(super) struct History<'a> {
    written: &'a BTreeMap<String, LastApplied>,
    /// The address of what carries an AWS id, whatever becomes of it.
    names: BTreeMap<&'a str, &'a Address>,
    /// The environments that a peering connection joins.
    peerings: BTreeMap<&'a Address, BTreeSet<&'a str>>,
}

impl<'a> History<'a> {
    pub(super) fn new(ir: &'a Ir, observed: &'a Observed) -> Self {
        let mut past = Self {
            written: &observed.written,
            names: crate::projection::addresses(&observed.found),
            peerings: BTreeMap::new(),
        };
        let declared = ir.resources.iter().map(|(address, node)| (address, &node.resource));
        let live = observed.found.iter().map(|found| (&found.address, &found.resource));
        for (address, resource) in live.chain(declared) {
            let Resource::PeeringConnection(peering) = resource else { continue };
            let ends = [&peering.requester, &peering.accepter].into_iter().filter_map(|end| match end {
                Ref::To(vpc) => Some(vpc.env()),
                Ref::Id(id) => past.names.get(id.as_str()).map(|vpc| vpc.env()),
                Ref::Find(_) => None,
            });
            let ends: BTreeSet<&str> = ends.collect();
            past.peerings.entry(address).or_default().extend(ends);
        }
        past
    }

    /// Says of a step and of each of its reasons what it comes from.
    pub(super) fn attribute(&self, step: &mut Step) {
        let Some(written) = self.written.get(step.address.env()) else { return };
        let was_there = self.is_settled(&step.address);
        let Step { address, kind, region, action, reasons, .. } = step;
        let itself = match action {
            Action::Create { .. } if was_there && written.has(address, *kind, region) => Cause::Drift,
            Action::Create { .. } => Cause::Program,
            // Of several at one address an apply leaves one.
            Action::Delete { .. } if was_there && !reasons.is_empty() => Cause::Drift,
            Action::Delete { live } if was_there && written.has(address, *kind, &live.region) => {
                Cause::Program
            }
            Action::Delete { live } if is_part(live) && is_extra(written, address) => Cause::Drift,
            Action::Delete { .. } | Action::Update { .. } | Action::Replace { .. } => Cause::Unknown,
        };
        let causes: Vec<Cause> = match action {
            Action::Create { .. } | Action::Delete { .. } => reasons.iter().map(|_| itself).collect(),
            Action::Update { live, .. } | Action::Replace { live, .. } if was_there => {
                reasons.iter().map(|reason| self.cause(written, address, live, reason, reasons)).collect()
            }
            Action::Update { .. } | Action::Replace { .. } => Vec::new(),
        };
        for (reason, cause) in reasons.iter_mut().zip(&causes) {
            reason.cause = *cause;
        }
        step.cause = causes.into_iter().fold(itself, Cause::max);
    }

    fn cause(
        &self,
        written: &LastApplied,
        address: &Address,
        live: &Found,
        reason: &Reason,
        all: &[Reason],
    ) -> Cause {
        let Reason { field, element, after, .. } = reason;
        match element {
            Some(tag) if field == "tags" => return of_tag(written, address, live, tag, after),
            Some(_) | None => {}
        }
        let before = self.named(address, &reason.before);
        let is_ours = |value: &Value| written.says(address, field, value);
        if element.is_some() && after.is_null() {
            return match (is_ours(&before), self.abroad(address, &before).next()) {
                (true, _) => Cause::Program,
                // An apply of the other environment may have put it there.
                (false, Some(_)) => Cause::Unknown,
                (false, None) => Cause::Drift,
            };
        }
        let is_there =
            all.iter().any(|other| other.field == *field && self.named(address, &other.before) == *after);
        let schema = live.resource.kind().schema();
        // What the program leaves to AWS is in no record, and a set is there by its elements.
        let is_recorded = match schema.change(field) {
            Change::Replace(_) | Change::InPlace(_) | Change::DecreaseRisk(_) => true,
            Change::Elements { .. } | Change::IfSet(_) | Change::CreateOnly => element.is_some(),
        };
        let is_strange = is_recorded && !before.is_null() && !is_ours(&before);
        if !is_ours(after) {
            // Where what is there was not written either, somebody has changed it beside the program.
            let is_drift = is_strange && self.abroad(address, &before).next().is_none();
            if is_drift { Cause::Drift } else { Cause::Program }
        } else if is_there || !self.abroad(address, after).all(|far| self.is_settled(&far)) {
            // What it points at is made anew, or went with the other environment.
            Cause::Unknown
        } else {
            Cause::Drift
        }
    }

    /// What a value points at that an apply of another environment can make and take away.
    fn abroad(&self, address: &Address, value: &Value) -> impl Iterator<Item = Address> {
        let pointed = refs_in(value).into_iter().filter_map(|reference| match reference {
            Ref::To(to) => Some(to),
            Ref::Id(_) | Ref::Find(_) => None,
        });
        pointed.filter(|to| self.homes(to).any(|env| env != address.env()))
    }

    /// Whether all environments that have to do with what is at `address` know that it was there.
    fn is_settled(&self, address: &Address) -> bool {
        self.homes(address).all(|env| self.written.get(env).is_some_and(|written| written.knows(address)))
    }

    /// The environment of an address, and those at the ends of a peering connection.
    fn homes<'s>(&'s self, address: &'s Address) -> impl Iterator<Item = &'s str> {
        let ends = self.peerings.get(address).into_iter().flatten().copied();
        ends.chain([address.env()])
    }

    /// A value of what is at `address` with addresses in place of the ids of everything else that lives, what goes
    /// included. Nothing points at itself: a part that carries the id of what it is in means that.
    fn named(&self, address: &Address, value: &Value) -> Value {
        resolve_in(value.clone(), &mut |reference| {
            let named = reference.id().and_then(|id| self.names.get(id));
            let other = named.filter(|other| **other != address);
            other.map_or_else(|| reference.clone(), |address| Ref::To((*address).clone()))
        })
    }
}

impl Plan {
    /// What of the plan undoes drift, steps and reasons; nothing else of it, and no notes.
    ///
    /// Of the environments whose record is `missing`, every difference of what exists counts. This is to be looked
    /// at: a step that the program changes too is still there as a whole.
    #[must_use]
    pub fn drift(&self, missing: &BTreeSet<String>) -> Plan {
        let part = |step: &Step| {
            let exists = !matches!(step.action, Action::Create { .. });
            if exists && missing.contains(step.address.env()) {
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

fn of_tag(written: &LastApplied, address: &Address, live: &Found, tag: &str, after: &Value) -> Cause {
    // A tag goes because the list of tags names it: it is that list which was written, or was not.
    let (tag, value) = match after {
        Value::Null => (TAGS_TAG, live.tags.get(TAGS_TAG).cloned().into()),
        after => (tag, after.clone()),
    };
    let is_ours = written.has_tag(address, tag, &value);
    if is_ours == after.is_null() { Cause::Program } else { Cause::Drift }
}

/// Whether AWS keeps it inside what it points at.
fn is_part(found: &Found) -> bool {
    refs(&found.resource).contains(&Ref::Id(found.id.clone()))
}

/// Whether what a part is in was left without it.
fn is_extra(written: &LastApplied, address: &Address) -> bool {
    let parent = address.as_str().rsplit_once('/').map(|(parent, _)| Address::parse(parent));
    !written.may_contain(address) && parent.is_some_and(|parent| written.knows(&parent))
}

//! What an apply interrupts: what AWS deletes before the resource that takes its place exists.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Outage, Replacement, Resource};
use serde_json::Value;

use super::edges::{StepDependencies, clash};
use crate::plan::step::{Action, Reason, Step};

/// Something that stops for a while during an apply: the index of its step, for how long, and what, for people.
pub(crate) type Stop = (usize, u32, String);

/// Everything that stops during an apply of `steps` and starts again, in order of the steps.
pub(crate) fn stops(steps: &[Step], known: &BTreeMap<Address, String>) -> Vec<Stop> {
    let mut found: BTreeSet<(usize, u32, String)> = BTreeSet::new();
    for (index, step) in steps.iter().enumerate() {
        found.extend(reopened(step).map(|Stopped { seconds, what }| (index, seconds, what)));
    }
    let mut whole: BTreeSet<usize> = deleted_first(steps);
    whole.extend(given_up(steps, known));
    found.extend(whole.into_iter().filter_map(|index| {
        let Outage { seconds, what } = steps.get(index)?.kind.schema().outage?;
        Some((index, seconds, what.to_owned()))
    }));
    found.into_iter().collect()
}

struct Stopped {
    seconds: u32,
    what: String,
}

/// The elements that an update closes and opens again.
fn reopened(step: &Step) -> impl Iterator<Item = Stopped> {
    let reopened = step.kind.schema().reopened.filter(|_| matches!(step.action, Action::Update { .. }));
    let elements = reopened.into_iter().flat_map(|(field, unless, outage)| {
        let changed = step.reasons.iter().filter(move |reason| reason.field == field);
        changed.filter(move |reason| differs(reason, unless)).map(move |reason| (outage, reason))
    });
    elements.map(|(Outage { seconds, what }, reason)| Stopped {
        seconds,
        what: what.replace("{key}", reason.element.as_deref().unwrap_or_default()),
    })
}

/// Whether an element that stays differs in more than these fields.
fn differs(reason: &Reason, unless: &[&str]) -> bool {
    let rest = |value: &Value| {
        let fields = value.as_object().cloned().unwrap_or_default();
        fields.into_iter().filter(|(name, _)| !unless.contains(&name.as_str())).collect::<BTreeMap<_, _>>()
    };
    let is_kept = reason.before.is_object() && reason.after.is_object();
    is_kept && rest(&reason.before) != rest(&reason.after)
}

/// The replacements that delete first.
fn deleted_first(steps: &[Step]) -> BTreeSet<usize> {
    let is_first = |step: &Step| {
        matches!(step.action, Action::Replace { order: Replacement::DeleteFirst, .. })
            && step.live().is_some_and(|live| is_in_service(&live.resource))
    };
    let steps = steps.iter().enumerate().filter(|(_, step)| is_first(step));
    steps.map(|(index, _)| index).collect()
}

/// Steps by index, with the values that each gives up.
type Released = Vec<(usize, Vec<Value>)>;

/// Steps that delete a resource which has something that another step needs for a new one: an address, a CIDR block,
/// a gateway.
fn given_up(steps: &[Step], known: &BTreeMap<Address, String>) -> BTreeSet<usize> {
    let mut releasers: BTreeMap<(Kind, String), Released> = BTreeMap::new();
    let mut takers = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let schema = step.kind.schema();
        if schema.exclusive.is_empty() || schema.handed_over || schema.outage.is_none() {
            continue;
        }
        let StepDependencies { released, acquired, .. } = StepDependencies::new(step, known);
        let is_deleted = matches!(step.action, Action::Delete { .. } | Action::Replace { .. });
        if let Some((first, rest)) = released.filter(|_| is_deleted) {
            releasers.entry((step.kind, first)).or_default().push((index, rest));
        }
        takers.extend(acquired.map(|(first, rest)| (index, (step.kind, first), rest)));
    }
    let mut given_up = BTreeSet::new();
    for (taker, key, wanted) in takers {
        for (releaser, had) in releasers.get(&key).into_iter().flatten() {
            if *releaser != taker && wanted.iter().zip(had).all(|(a, b)| clash(a, b)) {
                given_up.insert(*releaser);
            }
        }
    }
    given_up
}

/// Whether a live resource does something that can stop: a group without instances does not.
fn is_in_service(live: &Resource) -> bool {
    match live {
        Resource::AutoScalingGroup(group) => group.desired != Some(0),
        _ => true,
    }
}

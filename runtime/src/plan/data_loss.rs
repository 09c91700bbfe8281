//! The steps that end data which their kind alone does not tell: disks that are deleted with their instances, and objects
//! that a rule of their bucket deletes.

use std::collections::BTreeSet;

use asiaq_ir::{Bucket, LifecycleRule, Ref, Resource, Risk, refs_in};
use serde::Deserialize as _;

use super::step::{Action, Reason, Step};
use crate::Found;

/// Raises the risk of the steps that end a resource with data, or a part of it, to [`Risk::DataLoss`].
pub(super) fn raise(steps: &mut [Step], found: &[Found]) {
    for step in steps.iter_mut() {
        raise_rules(step);
    }
    let with_data: BTreeSet<&str> =
        found.iter().filter(|found| found.resource.has_data()).map(|found| found.id.as_str()).collect();
    if with_data.is_empty() {
        return;
    }
    for step in steps.iter_mut().filter(|step| step.live().is_some_and(|live| keeps(live, &with_data))) {
        let is_end = matches!(step.action, Action::Delete { .. } | Action::Replace { .. });
        if let Step {
            action: Action::Update { live, .. } | Action::Replace { live, .. } | Action::Delete { live },
            reasons,
            ..
        } = &mut *step
        {
            for reason in reasons.iter_mut().filter(|reason| ends_instances(&live.resource, reason)) {
                reason.risk = Risk::DataLoss;
            }
        }
        let reasons = step.reasons.iter().map(|reason| reason.risk);
        let least = if is_end { Risk::DataLoss } else { step.risk };
        step.risk = reasons.fold(least, Risk::max);
    }
}

/// Whether a live resource keeps data: the field that says so names a resource in `with_data`.
fn keeps(live: &Found, with_data: &BTreeSet<&str>) -> bool {
    let Some(field) = live.resource.kind().schema().data_in else { return false };
    let named = refs_in(&live.resource.field(field));
    named.iter().filter_map(Ref::id).any(|id| with_data.contains(id))
}

/// Whether a change of a live group terminates some of its instances.
fn ends_instances(live: &Resource, reason: &Reason) -> bool {
    let Resource::AutoScalingGroup(group) = live else { return false };
    match reason.field.as_str() {
        "desired" | "max" => reason.after.as_u64() < group.desired.map(u64::from) && !reason.after.is_null(),
        // Its instances in that zone move.
        "subnets" => reason.after.is_null(),
        _ => false,
    }
}

/// Raises the risk of a bucket's new rules that delete objects which no rule deletes yet, or later.
fn raise_rules(step: &mut Step) {
    let Action::Update { live, .. } = &step.action else { return };
    let Resource::Bucket(live) = &live.resource else { return };
    for reason in step.reasons.iter_mut().filter(|reason| reason.field == Bucket::LIFECYCLE.as_str()) {
        if LifecycleRule::deserialize(&reason.after).is_ok_and(|new| deletes_more(&new, live)) {
            (reason.risk, step.risk) = (Risk::DataLoss, Risk::DataLoss);
        }
    }
}

/// Whether a rule deletes something that the live rule of its name does not delete, or not so soon.
fn deletes_more(new: &LifecycleRule, live: &Bucket) -> bool {
    let Some(old) = live.lifecycle.iter().find(|old| old.id == new.id && old.deletes()) else {
        return new.deletes();
    };
    let is_same_choice = (&old.prefix, &old.tags, old.larger, old.smaller, &old.expire_on)
        == (&new.prefix, &new.tags, new.larger, new.smaller, &new.expire_on);
    let is_sooner =
        |new: Option<u32>, old: Option<u32>| new.is_some_and(|new| old.is_none_or(|old| new < old));
    let is_later = is_same_choice
        && !is_sooner(new.expire, old.expire)
        && !is_sooner(new.expire_noncurrent, old.expire_noncurrent)
        && new.keep_noncurrent.unwrap_or_default() >= old.keep_noncurrent.unwrap_or_default();
    new.deletes() && !is_later
}

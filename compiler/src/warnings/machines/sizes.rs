//! Start times that meet, policies that change nothing, and health checks of no load balancer.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use crate::cron::Cron;
use crate::errors;
use crate::evaluate::Resolved;
use crate::model::{Environment, Host, Run, Scaling};
use crate::value::Capacity;

/// Scheduled actions that a group may have (Amazon EC2 Auto Scaling user guide, "Quotas").
const ACTIONS: usize = 125;

pub(super) fn find(env: &Environment, host: &Host, run: &Run, found: &mut Vec<Diagnostic>) {
    meetings(run, found);
    for policy in &run.scaling {
        found.extend(idle(run, policy));
    }
    if run.health.value == "balancer" && host.balancers.is_empty() {
        found.push(errors::health_without_balancer(run.health.place(run.span), &host.name, &env.name));
    }
}

/// Different start times of a group that meet. Each is reported with the first one that it meets.
fn meetings(run: &Run, found: &mut Vec<Diagnostic>) {
    let mut times: BTreeMap<Cron, Span> = BTreeMap::new();
    for (_, said) in run.sizes.each() {
        let Some(Capacity::Scheduled(sizes)) = said.map(|said| &said.value) else { continue };
        for at in sizes {
            let first = times.entry(at.value.time).or_insert(at.span);
            *first = (*first).min(at.span);
        }
    }
    let mut times: Vec<(Span, Cron)> = times.into_iter().map(|(time, span)| (span, time)).collect();
    times.sort_unstable();
    times.truncate(ACTIONS);
    for (at, &(span, time)) in times.iter().enumerate() {
        let mut earlier = times.iter().take(at);
        let met = earlier.find_map(|&(first, other)| Some((first, other, other.meeting(&time)?)));
        if let Some((first, other, moment)) = met {
            found.push(errors::times_meet((span, time), (first, other), &run.hostclass, moment));
        }
    }
}

/// A policy of a group that has always one size, or with a target that is never reached.
fn idle(run: &Run, policy: &Scaling) -> Option<Diagnostic> {
    let always =
        |size: &Option<Resolved<Capacity>>| match size.as_ref().map(|size| (&size.value, size.span())) {
            Some((Capacity::Always(size), span)) => Some((*size, span)),
            Some((Capacity::Scheduled(_), _)) | None => None,
        };
    if let (Some((min, _)), Some((max, place))) = (always(&run.sizes.min), always(&run.sizes.max))
        && min == max
        && !run.sizes.is_broken
    {
        return Some(errors::scaling_of_one_size(policy.span, &policy.name, min, place));
    }
    let (track, target) = (policy.track.as_ref()?, policy.target.as_ref()?);
    (track.value == "cpu" && target.value > 100.0)
        .then(|| errors::target_over_hundred(target.place(policy.span), &policy.name, target.value))
}

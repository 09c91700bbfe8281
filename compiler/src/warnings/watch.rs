//! Alarms without subscribers or targets, ambiguous names, and empty patterns.

mod combinations;
mod dimension_values;
mod metrics;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Resource};
use asiaq_lang::{Diagnostic, Span};

use super::Project;
use crate::errors;
use crate::library::{self, kinds};
use crate::model::{Alarm, Environment};

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut unheard: BTreeMap<Span, Unheard<'_>> = BTreeMap::new();
    let mut live: BTreeSet<Span> = BTreeSet::new();
    for env in &project.model.environments {
        let made = alarms_of(project, env);
        for alarm in &env.watch.alarms {
            if !made.contains(alarm.name.as_str()) {
                continue;
            }
            live.insert(alarm.span);
            if is_heard(env, alarm) {
                continue;
            }
            let said = unheard.entry(alarm.span).or_insert_with(|| Unheard { env, alarm, envs: Vec::new() });
            said.envs.push(&env.name);
        }
        for topic in &env.watch.topics {
            for one in topic.subscribers.value.iter().filter(|one| one.value.protocol == "http") {
                found.push(errors::plain_http_subscriber(one.span, &one.value.endpoint));
            }
            for one in &topic.subscribers.value {
                // `arn:aws:sqs:us-west-2:123456789012:audit`
                let region = one.value.endpoint.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2));
                if let Some(region) = region.filter(|region| !library::regions().contains_key(region)) {
                    found.push(errors::unknown_region(one.span, region, None));
                }
            }
        }
        for metric in env.watch.log_metrics.iter().filter(|metric| metric.pattern.value.is_empty()) {
            found.push(errors::empty_pattern(metric.pattern.place(metric.span), &metric.name));
        }
        if !made.is_empty() {
            underscores(env, found);
        }
    }
    for (span, Unheard { env, alarm, envs }) in unheard {
        let topic = alarm.notify.as_ref().and_then(|topic| env.watch.topic(&topic.value));
        let topic = topic.map(|topic| (topic.name.as_str(), topic.span));
        found.push(errors::unheard_alarm(project.place(span, span), &alarm.name, &envs, topic));
    }
    idle(project, &live, found);
    metrics::find(project, found);
}

/// An alarm without subscribers, with the first environment where that is so.
struct Unheard<'m> {
    env: &'m Environment,
    alarm: &'m Alarm,
    envs: Vec<&'m str>,
}

/// Names of the alarms that an environment really has.
fn alarms_of<'p>(project: &'p Project<'_>, env: &Environment) -> BTreeSet<&'p str> {
    let first = Address::new(&env.name, "");
    let own = project.ir.resources.range(first..).take_while(|(address, _)| address.env() == env.name);
    let alarms = own.filter(|(_, node)| matches!(node.resource, Resource::Alarm(_)));
    let names = alarms.filter_map(|(address, _)| {
        let (_, rest) = address.as_str().split_once("/alarm/")?;
        rest.split('/').next()
    });
    names.collect()
}

fn is_heard(env: &Environment, alarm: &Alarm) -> bool {
    let topic = alarm.notify.as_ref().and_then(|topic| env.watch.topic(&topic.value));
    topic.is_some_and(|topic| !topic.subscribers.value.is_empty())
}

/// Names that precede the metric in the names of alarms.
fn underscores(env: &Environment, found: &mut Vec<Diagnostic>) {
    if let Some(team) = env.common.team.as_ref().filter(|team| team.value.contains('_')) {
        found.push(errors::ambiguous_alarm_name(team.span(), "team", &team.value));
    }
    for host in env.hosts.iter().filter(|host| env.runs(&host.name) && host.name.contains('_')) {
        found.push(errors::ambiguous_alarm_name(host.span, kinds::HOSTCLASS, &host.name));
    }
}

/// Warns of the project's own alarms that no environment has, unless they are disabled or only inherited from.
fn idle(project: &Project<'_>, live: &BTreeSet<Span>, found: &mut Vec<Diagnostic>) {
    let environments = || project.model.environments.iter();
    let alarms = || environments().flat_map(|env| &env.watch.alarms);
    let parents: BTreeSet<&str> = alarms().flat_map(|alarm| &alarm.ancestors).map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    for alarm in alarms().filter(|alarm| project.is_own(alarm.span.file)) {
        let is_parent = parents.contains(alarm.name.as_str());
        if seen.insert(alarm.span) && !is_parent && !live.contains(&alarm.span) {
            let disabled =
                alarms().filter(|other| other.span == alarm.span).any(|other| !other.enabled.value);
            if !disabled {
                found.push(errors::idle_alarm(alarm.span, &alarm.name));
            }
        }
    }
}

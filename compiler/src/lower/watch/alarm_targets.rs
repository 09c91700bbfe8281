//! The targets of each alarm of an environment.

use std::collections::BTreeSet;

use super::measure::Measured;
use super::{Target, targets};
use crate::model::{Alarm, Environment, Metered, Metric};
use crate::value::Watched;

/// An alarm with its remaining targets.
pub(super) struct AlarmTargets<'m> {
    pub(super) alarm: &'m Alarm,
    pub(super) targets: BTreeSet<Target<'m>>,
}

/// The enabled alarms of an environment. An alarm that inherits from another, enabled or not, replaces it on the targets
/// that both have.
pub(super) fn alarm_targets(env: &Environment) -> Vec<AlarmTargets<'_>> {
    let alarms = &env.watch.alarms;
    let all: Vec<AlarmTargets<'_>> =
        alarms.iter().map(|alarm| AlarmTargets { alarm, targets: watched(env, alarm) }).collect();
    let is_left = |alarm: &Alarm, target: &Target<'_>| {
        let mut heirs = all.iter().filter(|heir| heir.alarm.ancestors.contains(&alarm.name));
        heirs.any(|heir| heir.targets.contains(target))
    };
    let enabled = all.iter().filter(|own| own.alarm.enabled.value);
    let remaining = enabled.map(|AlarmTargets { alarm, targets }| {
        let targets = targets.iter().filter(|target| !is_left(alarm, target)).copied().collect();
        AlarmTargets { alarm, targets }
    });
    remaining.collect()
}

fn watched<'m>(env: &'m Environment, alarm: &'m Alarm) -> BTreeSet<Target<'m>> {
    match &alarm.metric {
        Metric::Log(log) => {
            let Some(log) = env.watch.log_metric(&log.value) else { return BTreeSet::new() };
            let logs = targets(env, &log.on.value, &|_| true);
            let mut own = targets(env, &alarm.on.value, &|_| true);
            own.retain(|target| logs.contains(target));
            own
        }
        Metric::Plain { .. } if alarm.is_of_environment() => BTreeSet::from([Target::Environment]),
        Metric::Plain { namespace, metric, .. } => {
            let measured = Measured::of(&namespace.value);
            let mut found = targets(env, &alarm.on.value, &|host| measured.is_of(host));
            if let Some(kind) = measured.store()
                && alarm.on.value.iter().any(|one| one.value == Watched::All)
            {
                let has_metric = |store: &Metered<'_>| measured.has(store, &metric.value);
                let stores = env.metered().filter(|known| known.kind == kind && has_metric(known));
                found.extend(stores.map(|known| Target::Named(known.name)));
            }
            // A name that is no target of the metric has been reported.
            found.retain(|target| measured.is_named() == matches!(target, Target::Named(_)));
            found
        }
    }
}

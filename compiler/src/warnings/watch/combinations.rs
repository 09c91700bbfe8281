//! Alarms by combinations of dimensions that a metric does not have, and alarms with shorter periods than the metric.

use std::collections::BTreeSet;

use asiaq_ir::{Alarm as Wanted, DimensionValue};
use asiaq_lang::Diagnostic;

use crate::errors;
use crate::library::{self, DimensionPart, KnownMetric, Namespace};
use crate::model::{Alarm, Host, Metric};

const TARGET_GROUP: &str = "TargetGroup";

/// What is wrong with an alarm, of `host` if it is of a hostclass.
pub(super) fn find(alarm: &Alarm, wanted: &Wanted, host: Option<&Host>) -> Option<Diagnostic> {
    let namespace = library::namespace(&wanted.namespace)?;
    let metric = namespace.metric(&wanted.metric)?;
    combination(alarm, wanted, host, (namespace, metric)).or_else(|| interval(alarm, wanted, host, metric))
}

fn combination(
    alarm: &Alarm,
    wanted: &Wanted,
    host: Option<&Host>,
    (namespace, metric): (Namespace, KnownMetric),
) -> Option<Diagnostic> {
    let Metric::Plain { metric: said, .. } = &alarm.metric else { return None };
    let place = alarm.dimensions.as_ref().map_or(said.place(alarm.span), |set| set.place(alarm.span));
    let has = |(name, value): &DimensionPart| {
        wanted.dimensions.iter().any(|dimension| match (&dimension.value, value) {
            (DimensionValue::Text(text), Some(value)) => dimension.name == *name && text == value,
            _ => dimension.name == *name,
        })
    };
    let sets = namespace.combinations(metric);
    if sets.is_empty() {
        return None;
    }
    if !sets.iter().any(|set| set.iter().all(has)) {
        let missing = |set: &Vec<DimensionPart>| -> Vec<DimensionPart> {
            set.iter().filter(|part| !has(part)).copied().collect()
        };
        let missing = sets.iter().map(missing).min_by_key(Vec::len)?;
        if let [(name, Some(value))] = missing.as_slice()
            && let Some(said) = alarm.dimensions.as_ref().and_then(|set| set.value.get(*name))
        {
            return Some(errors::fixed_dimension(said.span, wanted, name, value));
        }
        // A port is what the program says in place of the target group of a hostclass.
        if let (Some(host), [(TARGET_GROUP, _)]) = (host, missing.as_slice()) {
            return Some(errors::metric_of_target_group(
                place,
                wanted,
                (&alarm.name, alarm.port.is_some()),
                host,
            ));
        }
        return Some(errors::missing_dimensions(place, wanted, &missing));
    }
    let known: BTreeSet<&str> = sets.iter().flatten().map(|(name, _)| *name).collect();
    let mut names = wanted.dimensions.iter().map(|dimension| dimension.name.as_str());
    let extra = names.find(|name| namespace.has_all_combinations() && !known.contains(name))?;
    match &alarm.port {
        Some(port) if extra == TARGET_GROUP => {
            Some(errors::metric_of_no_target_group(port.place(alarm.span), wanted))
        }
        _ => Some(errors::needless_dimension(place, wanted, extra)),
    }
}

/// A period in which the metric has no value.
fn interval(alarm: &Alarm, wanted: &Wanted, host: Option<&Host>, metric: KnownMetric) -> Option<Diagnostic> {
    let interval = metric.interval.filter(|interval| wanted.period < interval.seconds)?;
    let place = alarm.when.place(alarm.span);
    if !interval.is_basic {
        return Some(errors::period_without_values(place, wanted, interval.seconds, None));
    }
    let host = host.filter(|host| !host.machine.monitoring.value)?;
    Some(errors::period_without_values(place, wanted, interval.seconds, Some(&host.name)))
}

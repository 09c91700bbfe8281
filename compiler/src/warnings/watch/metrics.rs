//! Alarms on metrics of AWS that never have data, and conditions of them that are always or never true.

use std::collections::BTreeSet;

use asiaq_ir::{Address, Alarm as Wanted, Dimension, DimensionValue, Resource};
use asiaq_lang::Diagnostic;

use super::Project;
use crate::errors;
use crate::library::{self, MetricValues, Namespace};
use crate::model::{Alarm, Environment, Metric};
use crate::value::{Bound, Comparison};

/// Beginnings of the metrics of an Auto Scaling group with a warm pool.
const OF_WARM_POOL: &[&str] = &["GroupAndWarmPool", "WarmPool"];
/// The dimension that an alarm of a hostclass has.
const GROUP: &str = "AutoScalingGroupName";
const ZONE: &str = "AvailabilityZone";

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    for env in &project.model.environments {
        for (name, wanted) in alarms(project, env) {
            let Some(alarm) = env.watch.alarms.iter().find(|alarm| alarm.name == name) else { continue };
            if wanted.namespace.starts_with("AWS/") {
                Watched { alarm, wanted, found }.check();
            }
        }
    }
}

/// The first alarm in AWS of each declaration that an environment has.
fn alarms<'p>(project: &'p Project<'_>, env: &Environment) -> impl Iterator<Item = (&'p str, &'p Wanted)> {
    let first = Address::new(&env.name, "");
    let env = env.name.clone();
    let own = project.ir.resources.range(first..).take_while(move |(address, _)| address.env() == env);
    let mut names: BTreeSet<&str> = BTreeSet::new();
    own.filter_map(move |(address, node)| {
        let Resource::Alarm(wanted) = &node.resource else { return None };
        let (_, rest) = address.as_str().split_once("/alarm/")?;
        let name = rest.split('/').next()?;
        names.insert(name).then_some((name, wanted))
    })
}

struct Watched<'p, 'f> {
    alarm: &'p Alarm,
    wanted: &'p Wanted,
    found: &'f mut Vec<Diagnostic>,
}

impl Watched<'_, '_> {
    fn check(&mut self) {
        let Metric::Plain { namespace: said, metric } = &self.alarm.metric else { return };
        let (said, place) = (said.place(self.alarm.span), metric.place(self.alarm.span));
        self.zone();
        let Some(namespace) = library::namespace(&self.wanted.namespace) else {
            if let Some(meant) = library::misspelt_namespace(&self.wanted.namespace) {
                self.found.push(errors::unknown_namespace(said, &self.wanted.namespace, meant));
            }
            return;
        };
        let name = self.wanted.metric.as_str();
        if self.wanted.namespace == "AWS/AutoScaling"
            && OF_WARM_POOL.iter().any(|start| name.starts_with(start))
        {
            let of_own = |dimension: &Dimension| match &dimension.value {
                DimensionValue::Of(_) => dimension.name == GROUP,
                DimensionValue::Text(_) => false,
            };
            if self.dimensions(namespace) && self.wanted.dimensions.iter().any(of_own) {
                self.found.push(errors::metric_not_sent(place, name));
            }
            return;
        }
        let Some(values) = namespace.values(name) else {
            if let Some(other) = namespace.other_of(name) {
                self.found.push(errors::metric_of_another(
                    place,
                    name,
                    (&self.wanted.namespace, said),
                    other,
                ));
            } else if let Some(meant) = namespace.misspelt_metric(name) {
                self.found.push(errors::unknown_metric(place, name, &self.wanted.namespace, meant));
            } else {
                self.dimensions(namespace);
            }
            return;
        };
        self.dimensions(namespace);
        for bound in &self.alarm.when.value.bounds {
            if let Some(holds) = constant(&bound.value, values) {
                self.found.push(errors::constant_condition(bound.span, &bound.value, values, holds));
            }
        }
    }

    /// Whether the metrics of a namespace have the dimensions of the alarm; what is wrong is reported.
    fn dimensions(&mut self, namespace: Namespace) -> bool {
        let alarm = self.alarm;
        let known: Vec<&str> = namespace.dimensions().collect();
        let said = alarm.dimensions.as_ref().map_or(alarm.span, |set| set.place(alarm.span));
        let missing = |name: &str| known.iter().all(|known| *known != name);
        for dimension in &self.wanted.dimensions {
            let is_own = matches!(dimension.value, DimensionValue::Of(_));
            if missing(&dimension.name) && (is_own || namespace.has_all_dimensions()) {
                let place = alarm.dimensions.as_ref().and_then(|set| set.value.get(&dimension.name));
                let place = place.map_or(if is_own { alarm.span } else { said }, |value| value.span);
                let found = if is_own && dimension.name == GROUP {
                    errors::metric_of_no_hostclass(alarm.span, &alarm.name, &self.wanted.namespace, &known)
                } else {
                    errors::unknown_dimension(place, &dimension.name, &self.wanted.namespace, &known)
                };
                self.found.push(found);
                return false;
            }
        }
        if self.wanted.dimensions.is_empty() && namespace.is_per_resource() {
            self.found.push(errors::no_dimension(said, &self.wanted.metric, &self.wanted.namespace, &known));
            return false;
        }
        true
    }

    /// A region in place of a zone.
    fn zone(&mut self) {
        let Some(zone) = self.alarm.dimensions.as_ref().and_then(|set| set.value.get(ZONE)) else { return };
        if library::regions().contains_key(zone.value.as_str()) {
            self.found.push(errors::region_as_zone(zone.span, &zone.value));
        }
    }
}

/// Whether a bound is true of every value that a metric can have, or of none.
fn constant(bound: &Bound, values: MetricValues) -> Option<bool> {
    let statistic = bound.statistic.as_str();
    let is_rank = statistic.starts_with("PR(");
    // Sums and counts of samples are no values of the metric.
    let is_value = !statistic.starts_with("tc") && !statistic.starts_with("TC") && statistic != "SampleCount";
    let is_sum = statistic == "Sum" || statistic.starts_with("ts") || statistic.starts_with("TS");
    let least = (values != MetricValues::Any || !is_value || is_rank).then_some(0.0);
    let most = (is_rank || values == MetricValues::Percent && is_value && !is_sum).then_some(100.0);
    let threshold = bound.threshold;
    let below = least.is_some_and(|least| threshold < least);
    let at_least = least.is_some_and(|least| threshold <= least);
    let above = most.is_some_and(|most| threshold > most);
    let at_most = most.is_some_and(|most| threshold >= most);
    match bound.comparison {
        Comparison::Above if below => Some(true),
        Comparison::Above if at_most => Some(false),
        Comparison::AtLeast if at_least => Some(true),
        Comparison::AtLeast if above => Some(false),
        Comparison::Below if at_least => Some(false),
        Comparison::Below if above => Some(true),
        Comparison::AtMost if below => Some(false),
        Comparison::AtMost if at_most => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second answer: the bound is asked about many values.
    fn tried(bound: &Bound, least: f64, most: f64) -> Option<bool> {
        let values = (-4000..=4000).map(|value| f64::from(value) / 10.0);
        let answers: BTreeSet<bool> = values
            .filter(|value| (least..=most).contains(value))
            .map(|value| match bound.comparison {
                Comparison::Above => value > bound.threshold,
                Comparison::AtLeast => value >= bound.threshold,
                Comparison::Below => value < bound.threshold,
                Comparison::AtMost => value <= bound.threshold,
            })
            .collect();
        (answers.len() == 1).then(|| answers.into_iter().next()).flatten()
    }

    #[test]
    fn a_condition_is_constant_if_every_value_says_so() {
        for comparison in [Comparison::Above, Comparison::AtLeast, Comparison::Below, Comparison::AtMost] {
            for threshold in [-1.0, 0.0, 0.1, 50.0, 99.9, 100.0, 120.0] {
                for (values, least, most) in [
                    (MetricValues::Percent, 0.0, 100.0),
                    (MetricValues::Positive, 0.0, f64::INFINITY),
                    (MetricValues::Any, f64::NEG_INFINITY, f64::INFINITY),
                ] {
                    let bound = Bound { statistic: "Average".to_owned(), comparison, threshold };
                    assert_eq!(constant(&bound, values), tried(&bound, least, most), "{bound:?} {values:?}");
                    let sum = Bound { statistic: "Sum".to_owned(), ..bound };
                    let most = if most.is_finite() { f64::INFINITY } else { most };
                    assert_eq!(constant(&sum, values), tried(&sum, least, most), "{sum:?} {values:?}");
                }
            }
        }
    }
}

//! Alarms on metrics of AWS that never have data, and conditions of them that are always or never true.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Alarm as Wanted, Dimension, DimensionValue, Partition, Resource};
use asiaq_lang::Diagnostic;

use super::{Project, combinations, dimension_values};
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
        let known: BTreeMap<&str, &Alarm> =
            env.watch.alarms.iter().map(|alarm| (alarm.name.as_str(), alarm)).collect();
        // What depends on the hostclass is said once of an alarm.
        let mut said: BTreeMap<&str, bool> = BTreeMap::new();
        for (name, host, wanted) in alarms(project, env) {
            let Some(alarm) = known.get(name).filter(|_| wanted.namespace.starts_with("AWS/")) else {
                continue;
            };
            let is_said = said.entry(name).or_insert_with(|| {
                let before = found.len();
                Watched { alarm, wanted, found }.check(&env.region.value);
                found.extend(dimension_values::find(project, env, alarm, wanted));
                found.len() > before
            });
            if !*is_said {
                let host = host.and_then(|host| env.host(host));
                let one = combinations::find(alarm, wanted, host);
                *is_said = one.is_some();
                found.extend(one);
            }
        }
    }
}

/// The alarms that an environment has in AWS: the name of the declaration, that of the hostclass, and the alarm.
fn alarms<'p>(
    project: &'p Project<'_>,
    env: &Environment,
) -> impl Iterator<Item = (&'p str, Option<&'p str>, &'p Wanted)> {
    let first = Address::new(&env.name, "");
    let env = env.name.clone();
    let own = project.ir.resources.range(first..).take_while(move |(address, _)| address.env() == env);
    own.filter_map(|(address, node)| {
        let Resource::Alarm(wanted) = &node.resource else { return None };
        let (of, rest) = address.as_str().split_once("/alarm/")?;
        let host = of.split_once("/hostclass/").map(|(_, host)| host);
        Some((rest.split('/').next()?, host, wanted))
    })
}

/// Whether a metric is about memory or file systems.
fn is_of_guest(metric: &str) -> bool {
    let metric = metric.to_ascii_lowercase();
    ["memory", "mem_", "swap", "diskspace", "disk_used", "diskused"].iter().any(|part| metric.contains(part))
}

struct Watched<'p, 'f> {
    alarm: &'p Alarm,
    wanted: &'p Wanted,
    found: &'f mut Vec<Diagnostic>,
}

impl Watched<'_, '_> {
    fn check(&mut self, region: &str) {
        let Metric::Plain { namespace: said, metric } = &self.alarm.metric else { return };
        let (said, place) = (said.place(self.alarm.span), metric.place(self.alarm.span));
        self.zone();
        let Some(namespace) = library::namespace(&self.wanted.namespace) else {
            if let Some(meant) = library::misspelt_namespace(&self.wanted.namespace) {
                self.found.push(errors::unknown_namespace(said, &self.wanted.namespace, meant));
            }
            return;
        };
        if let Some(home) = namespace.home().filter(|home| is_elsewhere(region, home)) {
            self.found.push(errors::metric_of_region(said, &self.wanted.namespace, home, region));
        }
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
        let Some(metric) = namespace.metric(name) else {
            if let Some(other) = namespace.other_of(name) {
                self.found.push(errors::metric_of_another(
                    place,
                    name,
                    (&self.wanted.namespace, said),
                    other,
                ));
            } else if let Some(meant) = namespace.misspelt_metric(name) {
                self.found.push(errors::unknown_metric(place, name, &self.wanted.namespace, meant));
            } else if self.wanted.namespace == "AWS/EC2" && is_of_guest(name) {
                self.found.push(errors::metric_of_guest(place, name, &self.wanted.namespace));
            } else {
                self.dimensions(namespace);
            }
            return;
        };
        self.dimensions(namespace);
        for bound in &self.alarm.when.value.bounds {
            let values = values_of(&bound.value.statistic, metric.values);
            if let Some(holds) = constant(&bound.value, values) {
                self.found.push(errors::constant_condition(bound.span, values, holds));
            } else if metric.values == MetricValues::Percent && is_sum(&bound.value.statistic) {
                self.found.push(errors::summed_percentage(bound.span, name));
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

/// Whether metrics that only `home` has are not in `region`. Other partitions have regions of their own for them.
fn is_elsewhere(region: &str, home: &str) -> bool {
    region != home && Partition::of(region) == Partition::of(home)
}

/// Whether a statistic adds samples up.
fn is_sum(statistic: &str) -> bool {
    statistic == "Sum" || statistic.starts_with("ts") || statistic.starts_with("TS")
}

/// The values of a statistic of a metric with these values: sums and counts of samples are others than the metric's.
fn values_of(statistic: &str, metric: MetricValues) -> MetricValues {
    let is_count = statistic.starts_with("tc") || statistic.starts_with("TC") || statistic == "SampleCount";
    match metric {
        _ if statistic.starts_with("PR(") => MetricValues::Percent,
        _ if is_count => MetricValues::Positive,
        MetricValues::Percent if is_sum(statistic) => MetricValues::Positive,
        values => values,
    }
}

/// Whether a bound is true of every value that its statistic can have, or of none.
fn constant(bound: &Bound, values: MetricValues) -> Option<bool> {
    let least = (values != MetricValues::Any).then_some(0.0);
    let most = (values == MetricValues::Percent).then_some(100.0);
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
    use std::collections::BTreeSet;

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
                    let of_sum = values_of("Sum", values);
                    let answer = tried(&bound, least, f64::INFINITY);
                    assert_eq!(constant(&bound, of_sum), answer, "sum: {bound:?} {values:?}");
                }
            }
        }
    }
}

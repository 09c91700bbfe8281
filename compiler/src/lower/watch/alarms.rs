use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Alarm as Wanted, Dimension, DimensionValue, Ref};
use asiaq_lang::Span;

use super::measure::{self, Measured};
use super::spread::{Spread, spread};
use super::{Named, Owner, Target, logs, team};
use crate::errors;
use crate::lower::Lowering;
use crate::model::{Alarm, Environment, Metric};
use crate::value::{Bound, Comparison, Spanned};

/// Characters that the name of an alarm may have (Amazon CloudWatch API reference, `PutMetricAlarm`).
const LONGEST_NAME: usize = 255;

/// What of an alarm is the same for each of its bounds.
struct AlarmDefaults {
    /// Its path, without the bound.
    path: String,
    /// Its name in AWS, without the bound.
    name: String,
    /// The tag `Name`.
    shown: String,
    namespace: String,
    metric: String,
    dimensions: BTreeSet<Dimension>,
}

impl Lowering<'_> {
    /// Adds the alarms of an environment; the topics they tell.
    pub(super) fn alarms(&mut self, env: &Environment) -> BTreeSet<String> {
        for alarm in &env.watch.alarms {
            self.fit(env, alarm);
        }
        let mut told = BTreeSet::new();
        for Spread { alarm, targets } in spread(env) {
            for target in targets {
                let common = self.common(env, alarm, target);
                let mut count: BTreeMap<&str, usize> = BTreeMap::new();
                for bound in &alarm.when.value.bounds {
                    let direction = if bound.value.is_upper() { "max" } else { "min" };
                    let count = count.entry(direction).or_default();
                    *count += 1;
                    let part =
                        if *count == 1 { direction.to_owned() } else { format!("{direction}-{count}") };
                    self.alarm(env, alarm, &common, bound, &part);
                }
                told.extend(alarm.notify.as_ref().map(|topic| topic.value.clone()));
            }
        }
        told
    }

    fn common(&self, env: &Environment, alarm: &Alarm, target: Target<'_>) -> AlarmDefaults {
        let (of, path) = match target {
            Target::Hostclass(host) => (host, format!("hostclass/{host}/alarm/{}", alarm.name)),
            Target::Named(name) => (name, format!("alarm/{}/{name}", alarm.name)),
            Target::Environment => (alarm.name.as_str(), format!("alarm/{}", alarm.name)),
        };
        let (namespace, metric, label) = match &alarm.metric {
            Metric::Plain { namespace, metric } => {
                (namespace.value.clone(), metric.value.clone(), metric.value.as_str())
            }
            Metric::Log(log) => {
                (logs::namespace(&env.name), logs::metric_name(of, &log.value), log.value.as_str())
            }
        };
        let label = alarm.called.as_ref().map_or(label, |called| called.value.as_str());
        let team = team(&self.model.project, env, alarm.team.as_ref());
        AlarmDefaults {
            path,
            name: alarm_name(team, &env.name, of, label),
            shown: format!("{}_{of}_{}", env.name, alarm.name),
            dimensions: self.dimensions(env, alarm, target, &namespace),
            namespace,
            metric,
        }
    }

    fn dimensions(
        &self,
        env: &Environment,
        alarm: &Alarm,
        target: Target<'_>,
        namespace: &str,
    ) -> BTreeSet<Dimension> {
        let measured = Measured::of(namespace);
        let own = match (&alarm.metric, target) {
            (Metric::Log(_), _) | (Metric::Plain { .. }, Target::Environment) => Vec::new(),
            (Metric::Plain { .. }, Target::Hostclass(name)) => {
                env.host(name).map(|host| measure::of_host(env, host, alarm, measured)).unwrap_or_default()
            }
            (Metric::Plain { .. }, Target::Named(name)) => {
                let account = env.account.as_ref().map(|account| account.value.as_str());
                measure::of_named(env, name, account.or(self.facts.account.as_deref()), measured)
            }
        };
        let said = alarm.dimensions.iter().flat_map(|set| &set.value).map(|(name, value)| Dimension {
            name: name.clone(),
            value: DimensionValue::Text(value.value.clone()),
        });
        own.into_iter().chain(said).collect()
    }

    fn alarm(
        &mut self,
        env: &Environment,
        alarm: &Alarm,
        common: &AlarmDefaults,
        bound: &Spanned<Bound>,
        part: &str,
    ) {
        let path = format!("{}/{part}", common.path);
        let name = format!("{}_{part}", common.name);
        if name.chars().count() > LONGEST_NAME {
            self.diagnostics.push(errors::name_over_limit(alarm.span, "an alarm", &name, LONGEST_NAME));
            return;
        }
        let owner = Owner { address: format!("{}/{path}", env.name), span: alarm.span };
        if let Some(first) = self.taken.take(Named::Alarm, env, &name, owner) {
            let first = (first.address.as_str(), first.span);
            self.diagnostics.push(errors::alarm_named_twice(alarm.span, &name, first));
            return;
        }
        if self.region(env).is_some_and(|facts| facts.foreign_alarms.contains(&name)) {
            self.diagnostics.push(errors::alarm_of_others(alarm.span, &name, &env.region.value));
            return;
        }
        let topic = alarm.notify.as_ref().map(|topic| Ref::to(&env.name, &format!("topic/{}", topic.value)));
        let condition = &alarm.when.value;
        let wanted = Wanted {
            name,
            description: alarm.description.as_ref().map_or_else(String::new, |text| text.value.clone()),
            namespace: common.namespace.clone(),
            metric: common.metric.clone(),
            dimensions: common.dimensions.clone(),
            statistic: bound.value.statistic.clone(),
            comparison: comparison(bound.value.comparison).to_owned(),
            threshold: bound.value.threshold.to_string(),
            period: condition.period,
            periods: condition.periods,
            missing: alarm.missing.value.clone(),
            actions: topic.iter().cloned().collect(),
            ok_actions: topic.into_iter().filter(|_| alarm.ok.value).collect(),
        };
        let mut draft = self.add(env, &path, alarm.span, wanted).tagged(env, &common.shown, &[]);
        for (field, chain) in chains(alarm) {
            draft = draft.provenance(field, chain);
        }
    }
}

/// Where the fields of an alarm are said.
fn chains(alarm: &Alarm) -> impl Iterator<Item = (&'static str, &[Span])> {
    let when =
        ["statistic", "comparison", "threshold", "period", "periods"].map(|field| (field, &alarm.when.chain));
    let metric = match &alarm.metric {
        Metric::Plain { namespace, metric } => {
            vec![("namespace", &namespace.chain), ("metric", &metric.chain)]
        }
        Metric::Log(log) => vec![("namespace", &log.chain), ("metric", &log.chain)],
    };
    let others = [
        Some(("missing", &alarm.missing.chain)),
        Some(("ok_actions", &alarm.ok.chain)),
        alarm.notify.as_ref().map(|set| ("actions", &set.chain)),
        alarm.description.as_ref().map(|set| ("description", &set.chain)),
        alarm.dimensions.as_ref().map(|set| ("dimensions", &set.chain)),
    ];
    let all = when.into_iter().chain(metric).chain(others.into_iter().flatten());
    all.map(|(field, chain)| (field, chain.as_slice()))
}

/// The name of an alarm in AWS, without its bound.
fn alarm_name(team: &str, env: &str, of: &str, metric: &str) -> String {
    format!("{team}_{env}_{of}_{metric}")
}

/// AWS's name for a comparison.
fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Above => "GreaterThanThreshold",
        Comparison::AtLeast => "GreaterThanOrEqualToThreshold",
        Comparison::Below => "LessThanThreshold",
        Comparison::AtMost => "LessThanOrEqualToThreshold",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_people_know() {
        assert_eq!(alarm_name("astro", "ci", "mhcntp", "%MemFree") + "_min", "astro_ci_mhcntp_%MemFree_min");
        assert_eq!(
            alarm_name("rocket", "ci", "mhcscone", "HTTPCode_Backend_5xx") + "_max",
            "rocket_ci_mhcscone_HTTPCode_Backend_5xx_max"
        );
    }
}

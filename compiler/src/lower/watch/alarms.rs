use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Alarm as Wanted, Dimension, DimensionValue, Ref};
use asiaq_lang::Span;

use super::alarm_targets::{AlarmTargets, alarm_targets};
use super::measure::{self, Measured};
use super::{Target, logs, team};
use crate::errors;
use crate::lower::Lowering;
use crate::lower::names::{NameSpace, Owner};
use crate::lower::node::chain;
use crate::model::{Alarm, Environment, Metric};
use crate::value::{Bound, Comparison, Spanned};

/// The parts of an alarm that are the same for each of its bounds.
struct AlarmDefaults<'m> {
    /// Its path, without the bound.
    path: String,
    /// Its name in AWS, without the bound.
    name: String,
    /// The texts in its name, and where they are said.
    parts: Vec<(&'m str, Span)>,
    /// The tag `Name`.
    shown: String,
    namespace: String,
    metric: String,
    dimensions: BTreeSet<Dimension>,
}

impl<'a> Lowering<'a> {
    /// Adds the alarms of an environment. Returns the topics that they notify.
    pub(super) fn alarms(&mut self, env: &Environment) -> BTreeSet<String> {
        for alarm in &env.watch.alarms {
            self.check_alarm(env, alarm);
        }
        let mut notified = BTreeSet::new();
        for AlarmTargets { alarm, targets } in alarm_targets(env) {
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
                notified.extend(alarm.notify.as_ref().map(|topic| topic.value.clone()));
            }
        }
        notified
    }

    fn common<'m>(&self, env: &'m Environment, alarm: &'m Alarm, target: Target<'m>) -> AlarmDefaults<'m>
    where
        'a: 'm,
    {
        let (of, path) = match target {
            Target::Hostclass(host) => (host, format!("hostclass/{host}/alarm/{}", alarm.name)),
            Target::Named(name) => (name, format!("alarm/{}/{name}", alarm.name)),
            Target::Environment => (alarm.name.as_str(), format!("alarm/{}", alarm.name)),
        };
        let place = match target {
            Target::Hostclass(host) => env.host(host).map(|host| host.span),
            Target::Named(_) => Some(alarm.on.place(alarm.span)),
            Target::Environment => None,
        };
        let of = (of, place.unwrap_or(alarm.span));
        let (namespace, metric, label) = match &alarm.metric {
            Metric::Plain { namespace, metric } => (namespace.value.clone(), metric.value.clone(), metric),
            Metric::Log(log) => (logs::namespace(&env.name), logs::metric_name(of.0, &log.value), log),
        };
        let label = alarm.called.as_ref().unwrap_or(label);
        let label = (label.value.as_str(), label.place(alarm.span));
        let team = team(&self.model.project, env, alarm.team.as_ref());
        AlarmDefaults {
            path,
            name: alarm_name(team.0, &env.name, of.0, label.0),
            parts: vec![team, (&env.name, env.span), of, label, (&alarm.name, alarm.span)],
            shown: format!("{}_{}_{}", env.name, of.0, alarm.name),
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

    fn alarm<'m>(
        &mut self,
        env: &'m Environment,
        alarm: &'m Alarm,
        common: &AlarmDefaults<'m>,
        bound: &Spanned<Bound>,
        part: &str,
    ) where
        'a: 'm,
    {
        let path = format!("{}/{part}", common.path);
        let name = format!("{}_{part}", common.name);
        let owner = Owner { address: format!("{}/{path}", env.name), span: alarm.span };
        if let Some(first) = self.names.register(NameSpace::Alarm, env, &name, owner) {
            let first = (first.address.as_str(), first.span);
            self.diagnostics.push(errors::alarm_named_twice(alarm.span, &name, first));
            return;
        }
        if self.region(env).is_some_and(|facts| facts.foreign_alarms.contains(&name)) {
            self.diagnostics.push(errors::alarm_of_others(alarm.span, &name, &env.region.value));
            return;
        }
        let mut node = self
            .node(env, &path, alarm.span)
            .declared_by(format!("alarm.{}", alarm.name))
            .tagged(&common.shown, &[]);
        for (text, span) in &common.parts {
            node.part(Wanted::NAME, *text, *span);
        }
        for (name, value) in alarm.dimensions.iter().flat_map(|set| &set.value) {
            node.part(Wanted::DIMENSIONS, name, value.span);
            node.part(Wanted::DIMENSIONS, &value.value, value.span);
        }
        let topic = alarm.notify.as_ref().map(|topic| Ref::to(&env.name, &format!("topic/{}", topic.value)));
        let ok_actions = topic.iter().filter(|_| alarm.ok.value).cloned().collect();
        let (namespace, metric) = match &alarm.metric {
            Metric::Plain { namespace, metric } => (&namespace.chain, &metric.chain),
            Metric::Log(log) => (&log.chain, &log.chain),
        };
        let dimensions = chain(alarm.dimensions.as_ref());
        let description = alarm.description.as_ref();
        let (condition, when) = (&alarm.when.value, &alarm.when.chain);
        let bound = &bound.value;
        let wanted = Wanted {
            name,
            description: description.map(|text| node.value(Wanted::DESCRIPTION, text)).unwrap_or_default(),
            namespace: node.set(Wanted::NAMESPACE, namespace, common.namespace.clone()),
            metric: node.set(Wanted::METRIC, metric, common.metric.clone()),
            dimensions: node.set(Wanted::DIMENSIONS, dimensions, common.dimensions.clone()),
            statistic: node.set(Wanted::STATISTIC, when, bound.statistic.clone()),
            comparison: node.set(Wanted::COMPARISON, when, comparison(bound.comparison).to_owned()),
            threshold: node.set(Wanted::THRESHOLD, when, bound.threshold.to_string()),
            period: node.set(Wanted::PERIOD, when, condition.period),
            periods: node.set(Wanted::PERIODS, when, condition.periods),
            missing: node.value(Wanted::MISSING, &alarm.missing),
            actions: node.set(Wanted::ACTIONS, chain(alarm.notify.as_ref()), topic.into_iter().collect()),
            ok_actions: node.set(Wanted::OK_ACTIONS, &alarm.ok.chain, ok_actions),
        };
        self.send_metric(&wanted, place_of_metric(alarm));
        self.add(node, wanted);
    }
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

/// Where an alarm names its metric.
fn place_of_metric(alarm: &Alarm) -> Span {
    match &alarm.metric {
        Metric::Plain { metric, .. } => metric.place(alarm.span),
        Metric::Log(log) => log.place(alarm.span),
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

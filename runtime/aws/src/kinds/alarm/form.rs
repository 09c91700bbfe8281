//! An alarm as CloudWatch takes it and shows it.

use std::collections::BTreeSet;

use asiaq_ir::{Alarm, Ref};
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{ComparisonOperator, MetricAlarm, Statistic};

use super::measure;
use super::ownership_marker::{self, Mark};
use crate::kinds::prelude::*;

/// A call that puts `alarm`.
pub(super) fn write(
    request: PutMetricAlarmFluentBuilder,
    alarm: &Alarm,
    mark: Option<&Mark>,
) -> PutMetricAlarmFluentBuilder {
    let marked = |mark| ownership_marker::write(&alarm.description, mark);
    let statistic = alarm.statistic.as_str();
    let is_extended = !Statistic::values().contains(&statistic);
    request
        .alarm_name(&alarm.name)
        .alarm_description(mark.map_or_else(|| alarm.description.clone(), marked))
        .namespace(&alarm.namespace)
        .metric_name(&alarm.metric)
        .set_dimensions(Some(alarm.dimensions.iter().map(measure::write).collect()))
        .set_statistic((!is_extended).then(|| Statistic::from(statistic)))
        .set_extended_statistic(is_extended.then(|| statistic.to_owned()))
        .comparison_operator(ComparisonOperator::from(alarm.comparison.as_str()))
        .set_threshold(alarm.threshold.parse().ok())
        .period(i32::try_from(alarm.period).unwrap_or(i32::MAX))
        .evaluation_periods(i32::try_from(alarm.periods).unwrap_or(i32::MAX))
        .treat_missing_data(&alarm.missing)
        .actions_enabled(true)
        .set_alarm_actions(Some(ids(&alarm.actions)))
        .set_ok_actions(Some(ids(&alarm.ok_actions)))
}

/// The alarm in the IR's form. `None` for alarms that the IR cannot express, such as metric math.
pub(super) fn read(live: &MetricAlarm, description: &str) -> Option<Alarm> {
    let statistic = live.statistic.as_ref().map(Statistic::as_str);
    let namespace = live.namespace.clone()?;
    let arn = live.alarm_arn().unwrap_or_default();
    let dimensions = live.dimensions().iter().filter_map(|one| measure::read(one, &namespace, arn));
    Some(Alarm {
        name: live.alarm_name.clone()?,
        description: description.to_owned(),
        metric: live.metric_name.clone()?,
        dimensions: dimensions.collect(),
        statistic: statistic.or(live.extended_statistic())?.to_owned(),
        comparison: live.comparison_operator.as_ref()?.as_str().to_owned(),
        threshold: live.threshold?.to_string(),
        period: count(live.period)?,
        periods: count(live.evaluation_periods)?,
        missing: live.treat_missing_data().unwrap_or("missing").to_owned(),
        actions: told(live, live.alarm_actions()),
        ok_actions: told(live, live.ok_actions()),
        namespace,
    })
}

fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// The targets of the actions; none where the actions of the alarm are disabled.
fn told(alarm: &MetricAlarm, arns: &[String]) -> BTreeSet<Ref> {
    let is_on = alarm.actions_enabled() != Some(false);
    arns.iter().filter(|_| is_on).cloned().map(Ref::Id).collect()
}

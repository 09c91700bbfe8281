//! Monitoring: notification topics, metric alarms, and metrics of log groups.

use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A notification topic (SNS) with its subscriptions. Its id is its ARN. It stays when its environment is destroyed,
/// so that subscribers need not confirm again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = Kept)]
#[resource(outputs(arn = "{id}", console = "sns/v3/home?region={region}#/topic/{id}", fields(name)))]
#[resource(outage(seconds = 5, what = "nobody is notified"))]
// Every subscriber would have to confirm again.
#[resource(deletion = DataLoss, retain_on_destroy, summary(subscriptions))]
#[aws(tags = "sns:CreateTopic.Tags", own_tags = 1)]
pub struct Topic {
    /// Its name, unique in account and region: `astro_ci_critical`.
    #[resource(replace = "AWS cannot rename a topic", exclusive, derived_name)]
    #[aws("sns:CreateTopic.Name")]
    pub name: String,
    /// The confirmed subscriptions; any other one is removed. A subscription that waits for its confirmation cannot
    /// be removed and is a fact (`RegionFacts::unconfirmed`).
    #[resource(elements(removed = Disruptive), initial = BTreeSet::new())]
    #[aws("sns:Subscribe")]
    pub subscriptions: BTreeSet<Subscription>,
    /// What the topic's policy allows to publish beside identities of the account. Statements of others stay.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[resource(elements(removed = Disruptive), initial = BTreeSet::new())]
    #[aws("sns:SetTopicAttributes.AttributeValue")]
    pub publishers: BTreeSet<Publisher>,
}

/// A bucket or a trail that publishes to a [`Topic`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Publisher {
    /// The service that publishes for it: `s3.amazonaws.com`.
    #[element(key)]
    #[aws(not_sent = "it is in the policy of the topic")]
    pub service: String,
    /// Its ARN.
    #[element(key)]
    #[aws(not_sent = "it is in the policy of the topic")]
    pub source: String,
    /// Its account, which the ARN of a bucket lacks.
    #[element(key)]
    #[aws(not_sent = "it is in the policy of the topic")]
    pub account: String,
}

/// A subscription to a [`Topic`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Subscription {
    /// `email`, `http`, `https`, `sqs` or `lambda`.
    #[element(key)]
    #[aws("sns:Subscribe.Protocol")]
    pub protocol: String,
    /// Address, URL or ARN.
    #[element(key)]
    #[aws("sns:Subscribe.Endpoint")]
    pub endpoint: String,
}

/// A metric alarm (CloudWatch). Its id is its name.
///
/// A listing of alarms shows no tags: the description ends in ` [asiaq PROJECT ADDRESS NAME]`, which marks the owner.
/// Other tags come from the index of tags, and are compared where the alarm is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(
    arn = "cloudwatch:{region}:{account}:alarm:{id}",
    console = "cloudwatch/home?region={region}#alarmsV2:alarm/{id}"
))]
#[resource(outage(seconds = 5, what = "nobody is alarmed"))]
// It watches; nothing that it watches changes.
#[resource(deletion = Safe, hides_tags, summary(name))]
#[aws(tags = "cloudwatch:PutMetricAlarm.Tags", own_tags = 1)]
pub struct Alarm {
    /// Its name, unique in account and region: `astro_ci_mhcbanana_CPUUtilization_max`.
    #[resource(replace = "AWS cannot rename an alarm", exclusive)]
    #[aws("cloudwatch:PutMetricAlarm.AlarmName")]
    pub name: String,
    /// Description, for people, without the mark of ownership.
    #[aws("cloudwatch:PutMetricAlarm.AlarmDescription")]
    pub description: String,
    /// Namespace of the metric: `AWS/EC2`.
    #[aws("cloudwatch:PutMetricAlarm.Namespace")]
    pub namespace: String,
    /// Name of the metric: `CPUUtilization`.
    #[aws("cloudwatch:PutMetricAlarm.MetricName")]
    pub metric: String,
    /// Dimensions of the metric.
    #[resource(elements)]
    #[aws("cloudwatch:PutMetricAlarm.Dimensions")]
    pub dimensions: BTreeSet<Dimension>,
    /// Statistic: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99`.
    #[aws("cloudwatch:PutMetricAlarm.ExtendedStatistic")]
    pub statistic: String,
    /// Comparison operator: `GreaterThanThreshold`, `LessThanThreshold`, ….
    #[aws("cloudwatch:PutMetricAlarm.ComparisonOperator")]
    pub comparison: String,
    /// Decimal number without superfluous zeros: `99`, `0.5`.
    #[aws("cloudwatch:PutMetricAlarm.Threshold")]
    pub threshold: String,
    /// Length of a period in seconds.
    #[aws("cloudwatch:PutMetricAlarm.Period")]
    pub period: u32,
    /// Consecutive periods in which the threshold must be breached.
    #[aws("cloudwatch:PutMetricAlarm.EvaluationPeriods")]
    pub periods: u32,
    /// Treatment of missing data: `missing`, `ignore`, `breaching`, `notBreaching`.
    #[aws("cloudwatch:PutMetricAlarm.TreatMissingData")]
    pub missing: String,
    /// Topics notified when the alarm goes off.
    #[resource(elements)]
    #[aws("cloudwatch:PutMetricAlarm.AlarmActions")]
    pub actions: BTreeSet<Ref>,
    /// Topics notified when the alarm returns to OK.
    #[resource(elements)]
    #[aws("cloudwatch:PutMetricAlarm.OKActions")]
    pub ok_actions: BTreeSet<Ref>,
}

/// A dimension of the metric of an [`Alarm`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Dimension {
    /// Name of the dimension, such as `AutoScalingGroupName`.
    #[element(key)]
    #[aws("cloudwatch:PutMetricAlarm.Dimensions.Name")]
    pub name: String,
    /// Value of the dimension.
    #[aws("cloudwatch:PutMetricAlarm.Dimensions.Value")]
    pub value: DimensionValue,
}

/// The value of a [`Dimension`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
#[aws(shown = "dimension")]
pub enum DimensionValue {
    /// A fixed text.
    #[aws("cloudwatch:PutMetricAlarm.Dimensions.Value", shown = "value")]
    Text(String),
    /// CloudWatch's name of a resource: the name of an Auto Scaling group or Classic Load Balancer, the end of the ARN
    /// of another load balancer or of a target group.
    #[aws("cloudwatch:PutMetricAlarm.Dimensions.Value")]
    Of(Ref),
}

/// A log group (CloudWatch Logs) with its metric filters. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(
    arn = "logs:{region}:{account}:log-group:{id}",
    console = "cloudwatch/home?region={region}#logsV2:log-groups/log-group/{$id}"
))]
#[resource(outage(seconds = 5, what = "log lines are not kept"))]
#[resource(deletion = DataLoss, summary(name))]
#[aws(tags = "logs:CreateLogGroup.tags", own_tags = 1)]
pub struct LogGroup {
    /// Its name, unique in account and region: `ci/mhcbanana/var/log/httpd/error_log`.
    #[resource(replace = "AWS cannot rename a log group", exclusive)]
    #[aws("logs:CreateLogGroup.logGroupName")]
    pub name: String,
    /// Days that log events are kept. Default: for ever.
    // A decrease deletes older log events at once.
    #[resource(decrease_risk = DataLoss, initial = None)]
    #[aws("logs:PutRetentionPolicy.retentionInDays", if_set)]
    pub retention: Option<u32>,
    /// Its metric filters; any other one is deleted.
    #[resource(elements, initial = BTreeSet::new())]
    #[aws("logs:PutMetricFilter")]
    pub filters: BTreeSet<MetricFilter>,
}

/// A filter that makes a metric from the log events of a [`LogGroup`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct MetricFilter {
    /// Name of the filter, unique in the group: `mhcbanana-errors`.
    #[element(key)]
    #[aws("logs:PutMetricFilter.filterName")]
    pub name: String,
    /// Pattern of the log events that count, in CloudWatch's pattern language.
    #[aws("logs:PutMetricFilter.filterPattern")]
    pub pattern: String,
    /// Namespace of the metric: `LogMetrics/ci`.
    #[aws("logs:PutMetricFilter.metricTransformations.metricNamespace")]
    pub namespace: String,
    /// Name of the metric: `mhcbanana-errors`.
    #[aws("logs:PutMetricFilter.metricTransformations.metricName")]
    pub metric: String,
    /// Value of one log event: a number, or `$FIELD` of the pattern.
    #[aws("logs:PutMetricFilter.metricTransformations.metricValue")]
    pub value: String,
}

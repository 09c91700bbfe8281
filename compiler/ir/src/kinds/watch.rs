//! Watching: who is told, what wakes them, and the metrics that are read from logs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Change, Ref, Risk, Schema};

/// A notification topic (SNS), with its subscriptions. Its id is its ARN. It outlives its environment, so that
/// nobody has to confirm a subscription again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its name, unique in account and region: `astro_ci_critical`.
    pub name: String,
    /// Who is told. What is not here is unsubscribed. Who has not confirmed yet is not among those that live:
    /// such a subscription cannot be taken back, and is a fact (`RegionFacts::unconfirmed`).
    pub subscriptions: BTreeSet<Subscription>,
}

/// Somebody or something that a [`Topic`] tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subscription {
    /// `email`, `http`, `https`, `sqs` or `lambda`.
    pub protocol: String,
    /// Address, URL or ARN.
    pub endpoint: String,
}

/// A metric alarm (CloudWatch). Its id is its name.
///
/// A listing of alarms shows no tags: its description ends in ` [asiaq PROJECT ADDRESS]`, which says whose it is.
/// The tags it is born with are for people, and are not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name, unique in account and region: `astro_ci_mhcbanana_CPUUtilization_max`.
    pub name: String,
    /// What it is for, without the mark of ownership.
    pub description: String,
    /// Namespace of the metric.
    pub namespace: String,
    /// The metric.
    pub metric: String,
    /// What the metric is of.
    pub dimensions: BTreeSet<Dimension>,
    /// Statistic: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99`.
    pub statistic: String,
    /// AWS's name: `GreaterThanThreshold`, `LessThanThreshold`, ….
    pub comparison: String,
    /// Decimal number without needless zeros: `99`, `0.5`.
    pub threshold: String,
    /// Seconds of a period.
    pub period: u32,
    /// Periods in a row that have to be out of bounds.
    pub periods: u32,
    /// What no data means: `missing`, `ignore`, `breaching`, `notBreaching`.
    pub missing: String,
    /// Whom it tells when it goes off.
    pub actions: BTreeSet<Ref>,
    /// Whom it tells when all is well again.
    pub ok_actions: BTreeSet<Ref>,
}

/// One dimension of the metric of an [`Alarm`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dimension {
    /// Its name, such as `AutoScalingGroupName`.
    pub name: String,
    /// Its value.
    pub value: DimensionValue,
}

/// The value of a [`Dimension`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DimensionValue {
    /// As it is.
    Text(String),
    /// What CloudWatch calls a resource: the name of a group or a classic load balancer, the end of the ARN of
    /// another load balancer or target group.
    Of(Ref),
}

/// A log group (CloudWatch Logs), with the filters that make metrics of what is written to it. Its id is its
/// name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name, unique in account and region: `ci/mhcbanana/var/log/httpd/error_log`.
    pub name: String,
    /// Days that entries are kept; for ever where absent.
    pub retention: Option<u32>,
    /// Its metric filters. What is not here is deleted.
    pub filters: BTreeSet<MetricFilter>,
}

/// A filter that makes a metric of the entries of a [`LogGroup`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricFilter {
    /// Its name, unique in the group: `mhcbanana-errors`.
    pub name: String,
    /// Which entries count, in CloudWatch's pattern language.
    pub pattern: String,
    /// Namespace of the metric: `LogMetrics/ci`.
    pub namespace: String,
    /// The metric: `mhcbanana-errors`.
    pub metric: String,
    /// What an entry is worth: a number, or `$FIELD` of the pattern.
    pub value: String,
}

impl Topic {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "topic",
        fields: &[
            ("name", Change::Replace("AWS cannot rename a topic")),
            (
                "subscriptions",
                Change::Elements {
                    key: &["protocol", "endpoint"],
                    changed: Risk::Safe,
                    removed: Risk::Disruptive,
                },
            ),
        ],
        // Every subscriber would have to confirm again.
        deletion: Risk::DataLoss,
        exclusive: &["name"],
        retain_on_destroy: true,
        ..Schema::DEFAULT
    };
}

impl Alarm {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "alarm",
        fields: &[
            ("name", Change::Replace("AWS cannot rename an alarm")),
            ("dimensions", Change::Elements { key: &["name"], changed: Risk::Safe, removed: Risk::Safe }),
            ("actions", Change::Elements { key: &[], changed: Risk::Safe, removed: Risk::Disruptive }),
            ("ok_actions", Change::Elements { key: &[], changed: Risk::Safe, removed: Risk::Safe }),
        ],
        exclusive: &["name"],
        hides_tags: true,
        ..Schema::DEFAULT
    };
}

impl LogGroup {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "log-group",
        fields: &[
            ("name", Change::Replace("AWS cannot rename a log group")),
            // What is older is gone at once.
            ("retention", Change::DecreaseRisk(Risk::DataLoss)),
            ("filters", Change::Elements { key: &["name"], changed: Risk::Safe, removed: Risk::Disruptive }),
        ],
        deletion: Risk::DataLoss,
        exclusive: &["name"],
        ..Schema::DEFAULT
    };
}

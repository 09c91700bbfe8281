//! The SNS topics, CloudWatch alarms and log metrics of an environment.

mod read;

use std::collections::BTreeMap;

use asiaq_lang::Span;

pub(super) use read::of_environment;

use super::Environment;
use crate::evaluate::Resolved;
use crate::value::{Condition, Spanned, Subscriber, Watched};

/// The topics, alarms and log metrics of an environment, each in order of name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Watch {
    pub(crate) topics: Vec<Topic>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) log_metrics: Vec<LogMetric>,
}

/// An SNS topic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Topic {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Its name in AWS, if it is not composed from the other names.
    pub(crate) called: Option<Resolved<String>>,
    /// Team, if it differs from the environment's.
    pub(crate) team: Option<Resolved<String>>,
    /// Its subscribers.
    pub(crate) subscribers: Resolved<Vec<Spanned<Subscriber>>>,
}

/// A CloudWatch alarm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alarm {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// The alarms it inherits from, the nearest first.
    pub(crate) ancestors: Vec<String>,
    /// The metric.
    pub(crate) metric: Metric,
    /// The condition of the alarm.
    pub(crate) when: Resolved<Condition>,
    /// Subjects of the alarm: hostclasses or other resources.
    pub(crate) on: Resolved<Vec<Spanned<Watched>>>,
    /// Name of the topic to notify; absent if none is named and no topic has the name of the alarm's level.
    pub(crate) notify: Option<Resolved<String>>,
    /// Whether instances publish the metric themselves.
    pub(crate) custom: Resolved<bool>,
    /// CloudWatch dimensions of the metric.
    pub(crate) dimensions: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Port of the instances behind a load balancer.
    pub(crate) port: Option<Resolved<u16>>,
    /// Treatment of missing data, as CloudWatch names it.
    pub(crate) missing: Resolved<String>,
    /// Whether the alarm also notifies when it returns to OK.
    pub(crate) ok: Resolved<bool>,
    /// Description of the alarm.
    pub(crate) description: Option<Resolved<String>>,
    /// Word that replaces the metric in the alarm's name.
    pub(crate) called: Option<Resolved<String>>,
    /// Team, if it differs from the environment's.
    pub(crate) team: Option<Resolved<String>>,
    /// Whether the alarm exists at all.
    pub(crate) enabled: Resolved<bool>,
}

/// The metric of an [`Alarm`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Metric {
    /// A metric that AWS or the instances publish.
    Plain {
        /// Namespace.
        namespace: Resolved<String>,
        /// Name.
        metric: Resolved<String>,
    },
    /// A [`LogMetric`], by name.
    Log(Resolved<String>),
}

/// A metric from log events of instances.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogMetric {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Subjects whose log it is.
    pub(crate) on: Resolved<Vec<Spanned<Watched>>>,
    /// Path of the log.
    pub(crate) file: Resolved<String>,
    /// Filter pattern for the events.
    pub(crate) pattern: Resolved<String>,
    /// Value of a matching event.
    pub(crate) value: Resolved<String>,
    /// Retention of the log in days.
    pub(crate) retention: Option<Resolved<u32>>,
}

impl Environment {
    /// Whether the environment has a run of hostclass `host`.
    pub(crate) fn runs(&self, host: &str) -> bool {
        self.pipeline.as_ref().is_some_and(|pipeline| pipeline.has(host))
    }
}

impl Alarm {
    /// Whether the alarm has no subject other than its own `dimensions`.
    pub(crate) fn is_of_environment(&self) -> bool {
        self.dimensions.is_some() && !self.custom.value
    }
}

impl Watch {
    /// The topic `name`.
    pub(crate) fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.name == name)
    }

    /// The log metric `name`.
    pub(crate) fn log_metric(&self, name: &str) -> Option<&LogMetric> {
        self.log_metrics.iter().find(|metric| metric.name == name)
    }
}

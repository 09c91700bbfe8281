//! What is watched in an environment, and who is told.

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

/// Somebody to tell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Topic {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Its name in AWS, where that is not made of the others.
    pub(crate) called: Option<Resolved<String>>,
    /// Team, where it is not the environment's.
    pub(crate) team: Option<Resolved<String>>,
    /// Who is told.
    pub(crate) subscribers: Resolved<Vec<Spanned<Subscriber>>>,
}

/// A watch on a metric.
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
    /// When it goes off.
    pub(crate) when: Resolved<Condition>,
    /// What it watches.
    pub(crate) on: Resolved<Vec<Spanned<Watched>>>,
    /// Topic it tells; none where it names none, and none is called as its level.
    pub(crate) notify: Option<Resolved<String>>,
    /// Whether machines send the metric themselves.
    pub(crate) custom: Resolved<bool>,
    /// What the metric is of.
    pub(crate) dimensions: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Port of the machines behind a load balancer.
    pub(crate) port: Option<Resolved<u16>>,
    /// What no data means, by AWS's word.
    pub(crate) missing: Resolved<String>,
    /// Whether it also tells when all is well again.
    pub(crate) ok: Resolved<bool>,
    /// What to think of when it goes off.
    pub(crate) description: Option<Resolved<String>>,
    /// What stands for the metric in its name.
    pub(crate) called: Option<Resolved<String>>,
    /// Team, where it is not the environment's.
    pub(crate) team: Option<Resolved<String>>,
    /// Whether there is one at all.
    pub(crate) enabled: Resolved<bool>,
}

/// What an [`Alarm`] watches the numbers of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Metric {
    /// A metric of AWS or of the machines.
    Plain {
        /// Namespace.
        namespace: Resolved<String>,
        /// Name.
        metric: Resolved<String>,
    },
    /// A [`LogMetric`], by name.
    Log(Resolved<String>),
}

/// A metric of what machines write to a log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogMetric {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Whose log it is.
    pub(crate) on: Resolved<Vec<Spanned<Watched>>>,
    /// Path of the log.
    pub(crate) file: Resolved<String>,
    /// Which entries count.
    pub(crate) pattern: Resolved<String>,
    /// What an entry is worth.
    pub(crate) value: Resolved<String>,
    /// Days that the log is kept.
    pub(crate) retention: Option<Resolved<u32>>,
}

impl Environment {
    /// Whether machines of `host` run here.
    pub(crate) fn runs(&self, host: &str) -> bool {
        let mut runs = self.pipeline.iter().flat_map(|pipeline| pipeline.runs());
        runs.any(|run| run.hostclass == host)
    }
}

impl Alarm {
    /// Whether it is of no hostclass or other thing, but of what its own dimensions say.
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

//! Alarms on metrics of AWS that have no data, or whose condition never changes.

use asiaq_lang::{Diagnostic, Span};

use super::{codes, listed};
use crate::library::MetricValues;
use crate::value::Bound;

pub(crate) fn unknown_namespace(span: Span, name: &str, meant: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_METRIC, span, format!("`{name}` is not a namespace of AWS"))
        .label("no metrics here")
        .help(format!("did you mean `{meant}`?"))
}

pub(crate) fn unknown_metric(span: Span, name: &str, namespace: &str, meant: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_METRIC, span, format!("`{namespace}` has no metric `{name}`"))
        .label("not a known metric")
        .help(format!("did you mean `{meant}`?"))
}

/// A metric of another namespace.
pub(crate) fn metric_of_another(
    span: Span,
    name: &str,
    (namespace, said): (&str, Span),
    other: &str,
) -> Diagnostic {
    let message = format!("`{namespace}` has no metric `{name}`, which is one of `{other}`");
    Diagnostic::new(codes::UNKNOWN_METRIC, span, message)
        .label(format!("a metric of `{other}`"))
        .related(said, "the namespace is set here")
        .help(format!("use a metric of `{namespace}`, or write `namespace = \"{other}\"`"))
}

/// An alarm of hostclasses on a metric that no Auto Scaling group has.
pub(crate) fn metric_of_no_hostclass(span: Span, alarm: &str, namespace: &str, known: &[&str]) -> Diagnostic {
    let message = format!("alarm `{alarm}` never has data: metrics of `{namespace}` are not of hostclasses");
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("monitors the Auto Scaling groups of hostclasses")
        .help(format!(
            "set `dimensions` to what it monitors: metrics of `{namespace}` have {}",
            dimensions(known)
        ))
}

pub(crate) fn unknown_dimension(span: Span, name: &str, namespace: &str, known: &[&str]) -> Diagnostic {
    let message = format!("metrics of `{namespace}` have no dimension `{name}`");
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("no metric has this dimension")
        .help(format!("metrics of `{namespace}` have {}", dimensions(known)))
}

pub(crate) fn no_dimension(span: Span, metric: &str, namespace: &str, known: &[&str]) -> Diagnostic {
    let message = format!("`{metric}` of `{namespace}` never has data without a dimension");
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("no dimension")
        .help(format!("name the resource: metrics of `{namespace}` have {}", dimensions(known)))
}

fn dimensions(known: &[&str]) -> String {
    match known {
        [] => "no dimensions".to_owned(),
        [one] => format!("the dimension `{one}`"),
        several => format!("the dimensions {}", listed(several)),
    }
}

pub(crate) fn region_as_zone(span: Span, region: &str) -> Diagnostic {
    let message = format!("`{region}` is a region, and `AvailabilityZone` takes a zone");
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("a region")
        .help(format!("write a zone, as in `{region}a`"))
}

pub(crate) fn metric_not_sent(span: Span, metric: &str) -> Diagnostic {
    let message = format!("`{metric}` never has data: the Auto Scaling groups of asiaq have no warm pools");
    Diagnostic::new(codes::METRIC_NOT_SENT, span, message)
        .label("no group sends this")
        .help(
            "monitor a metric of the group itself, such as `GroupInServiceInstances`; if somebody else adds a warm \
             pool, write `allow(metric-not-sent)`",
        )
}

/// A bound that is true of every value of its metric, or of none.
pub(crate) fn constant_condition(span: Span, bound: &Bound, values: MetricValues, holds: bool) -> Diagnostic {
    let how = if holds { "always" } else { "never" };
    let range = match values {
        MetricValues::Percent if bound.statistic != "Sum" => "a percentage from 0 to 100",
        MetricValues::Percent | MetricValues::Positive | MetricValues::Any => "never below 0",
    };
    Diagnostic::new(codes::CONSTANT_CONDITION, span, format!("this is {how} true: the statistic is {range}"))
        .label(format!("{how} true"))
        .help("check the comparison and the threshold")
}

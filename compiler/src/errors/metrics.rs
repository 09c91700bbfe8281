//! Alarms on metrics of AWS that have no data, or whose condition never changes.

use std::collections::BTreeSet;

use asiaq_ir::Alarm;
use asiaq_lang::{Diagnostic, Span};

use super::{codes, listed};
use crate::library::{DimensionPart, MetricValues};
use crate::model::{Balancer, Host};
use crate::near;

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

/// A metric of the operating system, which EC2 does not see.
pub(crate) fn metric_of_guest(span: Span, name: &str, namespace: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_METRIC, span, format!("`{namespace}` has no metric `{name}`"))
        .label("EC2 does not see the memory and file systems of instances")
        .help(
            "an agent on the instances has to send it: name the namespace and the metric of the agent, as in `namespace = \
             \"CWAgent\"` with `metric = \"mem_used_percent\"`",
        )
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
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message).label("no metric has this dimension").help(
        match near::slip(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("metrics of `{namespace}` have {}", dimensions(known)),
        },
    )
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

/// A metric that has data only with more dimensions than the alarm has.
pub(crate) fn missing_dimensions(span: Span, alarm: &Alarm, missing: &[DimensionPart]) -> Diagnostic {
    let shown: Vec<String> = missing.iter().map(|(name, value)| written(name, *value)).collect();
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let message = format!(
        "`{}` of `{}` has no data without the {} {}",
        alarm.metric,
        alarm.namespace,
        if names.len() == 1 { "dimension" } else { "dimensions" },
        listed(&names)
    );
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("no metric has these dimensions alone")
        .help(format!("add `{}` to `dimensions`", shown.join(", ")))
}

/// A dimension that has one value, whichever the resource is, with another one.
pub(crate) fn fixed_dimension(span: Span, alarm: &Alarm, name: &str, value: &str) -> Diagnostic {
    let message =
        format!("`{}` of `{}` has data with `{name} = \"{value}\"` only", alarm.metric, alarm.namespace);
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("no metric has this value")
        .help(format!("write `\"{value}\"`"))
}

fn written(name: &str, value: Option<&str>) -> String {
    format!("{name} = \"{}\"", value.unwrap_or("…"))
}

/// A metric of target groups, in an alarm of the whole load balancer or of a port that it does not have.
pub(crate) fn metric_of_target_group(
    span: Span,
    alarm: &Alarm,
    (name, has_port): (&str, bool),
    host: &Host,
) -> Diagnostic {
    let message = format!(
        "alarm `{name}` has no data for `{}`: `{}` is a metric of target groups, not of the load balancer",
        host.name, alarm.metric
    );
    let backs = host.balancers.iter().flat_map(Balancer::backs).map(|back| back.port);
    let ports: BTreeSet<u16> = backs.collect();
    let help = match (ports.first(), has_port) {
        (Some(port), false) if ports.len() == 1 => format!("write `port = {port}` for the target group"),
        (_, false) => "set `port` to an instance port, and declare an alarm for each".to_owned(),
        (_, true) => {
            format!("`{}` has no target group for this port: set `on` to those that have", host.name)
        }
    };
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message).label("a metric of target groups").help(help)
}

/// A metric of the whole load balancer, in an alarm of one target group.
pub(crate) fn metric_of_no_target_group(port: Span, alarm: &Alarm) -> Diagnostic {
    let message = format!(
        "`{}` of `{}` is a metric of the whole load balancer, and has no data for a target group",
        alarm.metric, alarm.namespace
    );
    Diagnostic::new(codes::UNKNOWN_DIMENSION, port, message)
        .label("means one target group")
        .help("remove `port`")
}

pub(crate) fn needless_dimension(span: Span, alarm: &Alarm, dimension: &str) -> Diagnostic {
    let message =
        format!("`{}` of `{}` has no data by the dimension `{dimension}`", alarm.metric, alarm.namespace);
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("no metric has all of these")
        .help(format!("remove `{dimension}` from `dimensions`"))
}

/// The name of a hostclass in place of that of its group or load balancer.
pub(crate) fn dimension_of_hostclass(span: Span, dimension: &str, host: &str) -> Diagnostic {
    let message =
        format!("`{host}` is a hostclass, and `{dimension}` takes the name that AWS knows its resource by");
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, message)
        .label("the name of a hostclass")
        .help(format!("replace `dimensions` with `on = {host}`: asiaq sets the dimension"))
}

/// The name of a topic of the program, which has another one in AWS.
pub(crate) fn dimension_of_topic(span: Span, topic: &str, called: &str) -> Diagnostic {
    Diagnostic::new(
        codes::UNKNOWN_DIMENSION,
        span,
        format!("the topic `{topic}` is called `{called}` in AWS"),
    )
    .label("its name in the program")
    .help(format!("write `\"{called}\"`"))
}

pub(crate) fn arn_as_dimension(span: Span, dimension: &str, meant: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, format!("`{dimension}` takes no ARN"))
        .label("an ARN")
        .help(format!("write `\"{meant}\"`"))
}

pub(crate) fn malformed_dimension(span: Span, dimension: &str, value: &str, start: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_DIMENSION, span, format!("`{value}` is not a value of `{dimension}`"))
        .label(format!("does not begin with `{start}`"))
        .help(match start.strip_suffix('/') {
            Some(_) => format!("write the end of the ARN, from `{start}` on"),
            None => format!("write the id that AWS gave the resource, which begins with `{start}`"),
        })
}

/// A metric that only one region has.
pub(crate) fn metric_of_region(span: Span, namespace: &str, home: &str, region: &str) -> Diagnostic {
    let message =
        format!("AWS publishes metrics of `{namespace}` in {home} only, and this alarm is in {region}");
    Diagnostic::new(codes::METRIC_NOT_SENT, span, message)
        .label(format!("never has data in {region}"))
        .help(format!("declare the alarm in an environment with `region = {home}`"))
}

/// A period shorter than the time between two values of the metric. `host` is the hostclass that detailed monitoring
/// would help.
pub(crate) fn period_without_values(
    span: Span,
    alarm: &Alarm,
    seconds: u32,
    host: Option<&str>,
) -> Diagnostic {
    let (period, interval) = (shown_seconds(alarm.period), shown_seconds(seconds));
    let found = Diagnostic::new(
        codes::SPARSE_METRIC,
        span,
        format!("`{}` has a value every `{interval}`, so most periods of `{period}` have none", alarm.metric),
    )
    .label(format!("periods of `{period}`"));
    match host {
        Some(host) => found.help(format!(
            "use periods of `{interval}` or longer, or set `monitoring = true` on `{host}` for a value every minute"
        )),
        None => found.help(format!("use periods of `{interval}` or longer")),
    }
}

/// `5m`
fn shown_seconds(seconds: u32) -> String {
    let units = [(86_400, 'd'), (3600, 'h'), (60, 'm')];
    let unit = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{seconds}s"), |(unit, letter)| format!("{}{letter}", seconds / unit))
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

/// A bound that is true of every value of its statistic, or of none.
pub(crate) fn constant_condition(span: Span, values: MetricValues, holds: bool) -> Diagnostic {
    let how = if holds { "always" } else { "never" };
    let range = match values {
        MetricValues::Percent => "a percentage from 0 to 100",
        MetricValues::Positive | MetricValues::Any => "never below 0",
    };
    Diagnostic::new(codes::CONSTANT_CONDITION, span, format!("this is {how} true: the statistic is {range}"))
        .label(format!("{how} true"))
        .help("check the comparison and the threshold")
}

/// A sum of percentages, which depends on how many samples there are.
pub(crate) fn summed_percentage(span: Span, metric: &str) -> Diagnostic {
    let message =
        format!("`{metric}` is a percentage, and a sum of percentages grows with the number of samples");
    Diagnostic::new(codes::SUMMED_PERCENTAGE, span, message)
        .label("adds percentages up")
        .help("compare `average`, or `maximum` for the busiest one")
}

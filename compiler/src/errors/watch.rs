//! Topics, alarms and log metrics that do not come to anything.

use asiaq_lang::ast::Expr;
use asiaq_lang::{Diagnostic, Span};

use super::listed;

// ------------------------------------------------------------------------------------------------ Topics

pub(crate) fn subscribed_twice(span: Span, endpoint: &str, first: Span) -> Diagnostic {
    Diagnostic::error("subscribed-twice", span, format!("`{endpoint}` subscribes twice"))
        .related(first, "the first is here")
        .help("take one of them out: everybody is told once")
}

pub(crate) fn password_in_endpoint(span: Span) -> Diagnostic {
    Diagnostic::error("password-in-endpoint", span, "a subscriber's URL has no password in it")
        .help("AWS never shows the password again, so that nobody sees what is subscribed; put a token into the path")
}

pub(crate) fn topic_name(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("topic-name", span, format!("`{name}` cannot be the name of a topic"))
        .help("a name has letters, digits, `-` and `_`, and of the last one at least")
}

pub(crate) fn topic_named_twice(span: Span, name: &str, first: (&str, Span)) -> Diagnostic {
    let (other, place) = first;
    Diagnostic::error("topic-named-twice", span, format!("a second topic is called `{name}`"))
        .related(place, format!("`{other}` has the name"))
        .help("put `${env.name}` into the name, or leave it to asiaq: `TEAM_ENV_NAME`")
}

pub(crate) fn plain_http_subscriber(span: Span, endpoint: &str) -> Diagnostic {
    Diagnostic::warning("plain-http-subscriber", span, format!("what `{endpoint}` is told is not encrypted"))
        .help("subscribe an `https://` URL")
}

// ------------------------------------------------------------------------------------------------ Alarms

pub(crate) fn two_metrics(span: Span, log: Span) -> Diagnostic {
    Diagnostic::error("two-metrics", span, "an alarm watches one metric")
        .related(log, "this is one already")
        .help("keep `log_metric`, or `namespace` and `metric`")
}

pub(crate) fn alarm_without_metric(span: Span, name: &str, missing: &str, said: Option<Span>) -> Diagnostic {
    let found =
        Diagnostic::error("alarm-without-metric", span, format!("`{name}` does not say what it watches"));
    match said {
        Some(said) => found.related(said, "this is half of it").help(format!("add `{missing} = \"…\"`")),
        None => found.help(
            "add `namespace` and `metric`, as in `namespace = \"AWS/EC2\", metric = \"CPUUtilization\"`, or \
             `log_metric`",
        ),
    }
}

pub(crate) fn period_of_aws(span: Span, seconds: u32, namespace: &str) -> Diagnostic {
    let message = format!("`{namespace}` has no numbers every {seconds} s");
    Diagnostic::error("period-too-short", span, message)
        .help("AWS's own metrics come every minute at most: take a period of `1m`, `5m` or longer")
}

pub(crate) fn alarm_of_hostclass(span: Span, host: &str, namespace: &str, shown: &str) -> Diagnostic {
    let message = format!("`{namespace}` measures {shown}, and `{host}` is a hostclass");
    Diagnostic::error("unfit-target", span, message).help("write its name in quotes, as in `on = \"users\"`")
}

pub(crate) fn alarm_of_all(span: Span, namespace: &str, shown: &str) -> Diagnostic {
    let message = format!("`{namespace}` measures {shown}, and `all` means every hostclass");
    Diagnostic::error("unfit-target", span, message)
        .help("name them in quotes, as in `on = [\"users\", \"orders\"]`")
}

pub(crate) fn alarm_of_name(span: Span, name: &str, namespace: &str, shown: &str) -> Diagnostic {
    let message = format!("`{namespace}` measures {shown}, and \"{name}\" is the name of none");
    Diagnostic::error("unfit-target", span, message)
        .help("write `all`, or the name of a hostclass without quotes")
}

pub(crate) fn alarm_without_balancer(span: Span, host: &str, shown: &str, env: &str) -> Diagnostic {
    let message = format!("`{host}` does not have {shown} in `{env}`");
    Diagnostic::error("unfit-target", span, message)
        .help("give it one, take it out here, or write `on = all`, which means those that have one")
}

pub(crate) fn target_and_dimensions(span: Span, dimensions: Span) -> Diagnostic {
    Diagnostic::error("unfit-target", span, "`dimensions` say already what the metric is of")
        .related(dimensions, "they are here")
        .help("take one of the two out; a metric that machines send with further dimensions is `custom`")
}

pub(crate) fn log_of_no_hostclass(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        "unfit-target",
        span,
        format!("logs are of hostclasses, and \"{name}\" is the name of none"),
    )
    .help("write `all`, or the name of a hostclass without quotes")
}

pub(crate) fn port_of_no_target_group(span: Span, shown: &str) -> Diagnostic {
    let message = format!("{shown} has no target groups for a port to tell apart");
    Diagnostic::error("no-target-group", span, message)
        .help("take `port` out, or watch `AWS/ApplicationELB` or `AWS/NetworkELB`")
}

pub(crate) fn port_without_target_group(span: Span, port: u16, host: &str, ports: &[u16]) -> Diagnostic {
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    Diagnostic::error("no-target-group", span, format!("no machine behind `{host}` listens on {port}"))
        .help(format!("its load balancer sends to {}", listed(&ports)))
}

pub(crate) fn name_over_limit(span: Span, what: &str, name: &str, most: usize) -> Diagnostic {
    let message =
        format!("the name of {what} is {} characters long, and AWS takes {most}", name.chars().count());
    let start: String = name.chars().take(40).collect();
    Diagnostic::error("name-over-limit", span, message).help(format!("shorten what makes it up: `{start}…`"))
}

pub(crate) fn alarm_named_twice(span: Span, name: &str, first: (&str, Span)) -> Diagnostic {
    let (other, place) = first;
    let found = Diagnostic::error("alarm-named-twice", span, format!("a second alarm is called `{name}`"));
    let found = if place == span { found } else { found.related(place, format!("`{other}` has the name")) };
    found.help("say `name = \"…\"`, which stands for the metric in the name of an alarm")
}

pub(crate) fn alarm_of_others(span: Span, name: &str, region: &str) -> Diagnostic {
    let message = format!("{region} has an alarm `{name}` that is not this project's");
    Diagnostic::error("alarm-of-others", span, message)
        .help("AWS would put this one over it: delete it there, or say another `name` here")
}

pub(crate) fn unheard_alarm(
    span: Span,
    name: &str,
    envs: &[&str],
    topic: Option<(&str, Span)>,
) -> Diagnostic {
    let found =
        Diagnostic::warning("unheard-alarm", span, format!("nobody hears `{name}` in {}", listed(envs)));
    match topic {
        Some((topic, place)) => found
            .related(place, format!("`{topic}` has no subscribers there"))
            .help("let somebody subscribe, or let it tell another topic by `notify`"),
        None => {
            found.help("say which topic it tells by `notify`, or declare one that is called as its level")
        }
    }
}

pub(crate) fn idle_alarm(span: Span, name: &str) -> Diagnostic {
    Diagnostic::warning("idle-alarm", span, format!("`{name}` watches nothing in any environment"))
        .help("let it watch something that runs, or take it out")
}

pub(crate) fn ambiguous_alarm_name(span: Span, what: &str, name: &str) -> Diagnostic {
    let message =
        format!("the {what} `{name}` has an underscore, which parts the words in the names of alarms");
    Diagnostic::warning("ambiguous-alarm-name", span, message)
        .help("who reads `TEAM_ENV_HOSTCLASS_METRIC_max` cannot tell where it ends: write `-`")
}

// -------------------------------------------------------------------------------------------- Log metrics

pub(crate) fn log_file(span: Span, path: &str) -> Diagnostic {
    let what = if path.starts_with('/') {
        format!("a log group cannot be called after `{path}`")
    } else {
        format!("`{path}` is no absolute path")
    };
    Diagnostic::error("log-file", span, what)
        .help("a path begins with one `/` and has letters, digits, `/`, `.`, `-` and `_`")
}

pub(crate) fn log_value(site: Span, expr: &Expr) -> Diagnostic {
    let found = Diagnostic::error("log-value", site, "this is not what an entry of a log can be worth");
    let found = if site == expr.span { found } else { found.related(expr.span, "defined here") };
    found.help("write a number, or in quotes a field of the pattern: `\"$size\"`, for JSON `\"$.size\"`")
}

pub(crate) fn retention(span: Span, seconds: u64, known: &[u32]) -> Diagnostic {
    const DAY: u64 = 86_400;
    let days: Vec<String> = known.iter().map(|days| format!("{days}d")).collect();
    let message = if seconds.is_multiple_of(DAY) {
        format!("AWS does not keep logs for {} days", seconds / DAY)
    } else {
        "AWS keeps logs for whole days".to_owned()
    };
    let found = Diagnostic::error("log-retention", span, message);
    let next = known.iter().find(|days| u64::from(**days) * DAY >= seconds);
    match next {
        Some(next) => found.help(format!("the next longer time is `{next}d`; there are {}", days.join(", "))),
        None => found.help(format!("the longest time is `{}`", days.last().map_or("", String::as_str))),
    }
}

pub(crate) fn retentions_differ(span: Span, file: &str, days: u32, first: (u32, Span)) -> Diagnostic {
    let (other, place) = first;
    let message = format!("`{file}` is kept for {days} days here and for {other} days elsewhere");
    Diagnostic::error("log-retentions-differ", span, message)
        .related(place, "elsewhere is here")
        .help("metrics of one log share its group: say one time")
}

pub(crate) fn log_metric_twice(span: Span, name: &str, env: &str, first: Span) -> Diagnostic {
    Diagnostic::error("log-metric-twice", span, format!("a second metric is called `{name}` in `{env}`"))
        .related(first, "the first is here")
        .help("hostclass and metric are joined by `-`: call one of them otherwise")
}

pub(crate) fn empty_pattern(span: Span, name: &str) -> Diagnostic {
    Diagnostic::warning("empty-pattern", span, format!("`{name}` counts every entry: its pattern is empty"))
        .help("say which entries count, as in `\"ERROR\"`")
}

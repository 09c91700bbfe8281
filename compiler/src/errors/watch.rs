//! Topics, alarms and log metrics that do not come to anything.

use asiaq_lang::ast::Expr;
use asiaq_lang::{Diagnostic, Span};

use super::{codes, listed};
use crate::log_pattern;

// ------------------------------------------------------------------------------------------------ Topics

pub(crate) fn subscribed_twice(span: Span, endpoint: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::SUBSCRIBED_TWICE, span, format!("`{endpoint}` is subscribed twice"))
        .label("subscribed again")
        .related(first, "the first is here")
        .help("remove one of them: an endpoint gets each notification once")
}

pub(crate) fn password_in_endpoint(span: Span) -> Diagnostic {
    Diagnostic::new(codes::PASSWORD_IN_ENDPOINT, span, "the URL of a subscriber must not contain a password").label("contains a password")
        .help("AWS hides the password, so the subscription cannot be compared: put a token into the path instead")
}

pub(crate) fn topic_name(span: Span, name: &str) -> Diagnostic {
    let bad = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    if let Some(bad) = bad {
        let found =
            Diagnostic::new(codes::TOPIC_NAME, span, format!("the topic name `{name}` contains `{bad}`"));
        return found.label("contains an invalid character").help("write letters, digits, `-` and `_`");
    }
    Diagnostic::new(codes::TOPIC_NAME, span, format!("the topic name `{name}` has no underscore"))
        .label("underscore missing")
        .help(
            "add an underscore, as in `TEAM_ENV_NAME`: asiaq looks only at topics with one, so that it does not list \
             topics of others",
        )
}

pub(crate) fn topic_named_twice(span: Span, name: &str, first: (&str, Span)) -> Diagnostic {
    let (other, place) = first;
    Diagnostic::new(codes::TOPIC_NAMED_TWICE, span, format!("two topics are named `{name}`"))
        .label("same name again")
        .related(place, format!("`{other}` has the same name"))
        .help("put `${env.name}` into the name, or omit it to use `TEAM_ENV_NAME`")
}

pub(crate) fn plain_http_subscriber(span: Span, endpoint: &str) -> Diagnostic {
    Diagnostic::new(
        codes::PLAIN_HTTP_SUBSCRIBER,
        span,
        format!("notifications to `{endpoint}` are not encrypted"),
    )
    .label("not encrypted")
    .help("subscribe an `https://` URL")
}

// ------------------------------------------------------------------------------------------------ Alarms

pub(crate) fn two_metrics(span: Span, log: Span) -> Diagnostic {
    Diagnostic::new(codes::TWO_METRICS, span, "an alarm cannot watch two metrics")
        .label("second metric")
        .related(log, "the other metric is set here")
        .help("remove `log_metric`, or `namespace` and `metric`")
}

pub(crate) fn alarm_without_metric(span: Span, name: &str, missing: &str, said: Option<Span>) -> Diagnostic {
    let found = Diagnostic::new(codes::ALARM_WITHOUT_METRIC, span, format!("alarm `{name}` has no metric"))
        .label("no metric");
    match said {
        Some(said) => {
            found.related(said, "incomplete without the other field").help(format!("add `{missing} = \"…\"`"))
        }
        None => found.help(
            "add `namespace` and `metric`, as in `namespace = \"AWS/EC2\", metric = \"CPUUtilization\"`, or \
             `log_metric`",
        ),
    }
}

pub(crate) fn period_of_aws(span: Span, seconds: u32, namespace: &str) -> Diagnostic {
    let message = format!("metrics of `{namespace}` have no data every {seconds} seconds");
    Diagnostic::new(codes::PERIOD_TOO_SHORT, span, message)
        .label("shorter than one minute")
        .help("AWS publishes its metrics at most once a minute: use a period of `1m`, `5m` or longer")
}

pub(crate) fn alarm_of_hostclass(
    span: Span,
    host: &str,
    namespace: &str,
    (kind, shown): (&str, &str),
) -> Diagnostic {
    let message = format!("`{namespace}` measures {shown}, but `{host}` is a hostclass");
    Diagnostic::new(codes::UNFIT_TARGET, span, message)
        .label("this is a hostclass")
        .help(format!("write `on = {kind} NAME`, or nothing for all of them"))
}

pub(crate) fn alarm_of_name(span: Span, name: &str, namespace: &str, shown: &str) -> Diagnostic {
    let message = format!("`{namespace}` measures {shown}, but a string cannot name one: \"{name}\"");
    Diagnostic::new(codes::UNFIT_TARGET, span, message)
        .label("this is a string")
        .help("write `all`, or the name of a hostclass without quotes")
}

/// Something that keeps data where the metrics are of something else.
pub(crate) fn alarm_of_store(
    span: Span,
    (kind, name): (&str, &str),
    namespace: &str,
    shown: &str,
) -> Diagnostic {
    let message = format!("`{namespace}` measures {shown}, but `{kind} {name}` is {}", super::a_kind(kind));
    Diagnostic::new(codes::UNFIT_TARGET, span, message)
        .label(format!("not {shown}"))
        .help("name what the namespace measures, or another namespace")
}

/// Another value than a name after the word of what keeps data.
pub(crate) fn no_name_of_store(span: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(codes::TYPE_MISMATCH, span, format!("expected the name of a {kind} after `{kind}`"))
        .label("not a name")
        .help(format!("write `{kind} NAME`"))
}

pub(crate) fn alarm_without_balancer(span: Span, host: &str, shown: &str, env: &str) -> Diagnostic {
    let message = format!("`{host}` does not have {shown} in `{env}`");
    Diagnostic::new(codes::UNFIT_TARGET, span, message)
        .label(format!("`{host}` has none in `{env}`"))
        .help("add one, remove the hostclass here, or write `on = all` for the hostclasses that have one")
}

pub(crate) fn target_and_dimensions(span: Span, dimensions: Span) -> Diagnostic {
    Diagnostic::new(codes::UNFIT_TARGET, span, "`on` and `dimensions` cannot both be set")
        .label("conflicts with `dimensions`")
        .related(dimensions, "`dimensions` are set here")
        .help(
            "remove one of the two; use `custom` for a metric that instances publish with further dimensions",
        )
}

pub(crate) fn log_of_no_hostclass(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        codes::UNFIT_TARGET,
        span,
        format!("logs belong to hostclasses, but a string cannot name one: \"{name}\""),
    )
    .label("this is a string")
    .help("write `all`, or the name of a hostclass without quotes")
}

pub(crate) fn port_of_no_target_group(span: Span, shown: &str) -> Diagnostic {
    let message = format!("{shown} has no target groups, so `port` has no meaning");
    Diagnostic::new(codes::NO_TARGET_GROUP, span, message)
        .label("no target groups")
        .help("remove `port`, or watch `AWS/ApplicationELB` or `AWS/NetworkELB`")
}

pub(crate) fn port_without_target_group(span: Span, port: u16, host: &str, ports: &[u16]) -> Diagnostic {
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    Diagnostic::new(
        codes::NO_TARGET_GROUP,
        span,
        format!("the load balancer of `{host}` has no target group for port {port}"),
    )
    .label(format!("no target group for port {port}"))
    .help(format!("it has target groups for {}", listed(&ports)))
}

pub(crate) fn alarm_named_twice(span: Span, name: &str, first: (&str, Span)) -> Diagnostic {
    let (other, place) = first;
    let found = Diagnostic::new(codes::ALARM_NAMED_TWICE, span, format!("two alarms are named `{name}`"))
        .label("same name again");
    let found =
        if place == span { found } else { found.related(place, format!("`{other}` has the same name")) };
    found.help("set `name = \"…\"`, which replaces the metric in the name of the alarm")
}

pub(crate) fn alarm_of_others(span: Span, name: &str, region: &str) -> Diagnostic {
    let message = format!("{region} has an alarm `{name}` that is not this project's");
    Diagnostic::new(codes::ALARM_OF_OTHERS, span, message)
        .label("name is in use")
        .help("AWS would overwrite it: delete it there, or set another `name` here")
}

pub(crate) fn unheard_alarm(
    span: Span,
    name: &str,
    envs: &[&str],
    topic: Option<(&str, Span)>,
) -> Diagnostic {
    let found = Diagnostic::new(
        codes::UNHEARD_ALARM,
        span,
        format!("alarm `{name}` has no notification topic with subscribers in {}", listed(envs)),
    )
    .label("no subscribers");
    match topic {
        Some((topic, place)) => found
            .related(place, format!("`{topic}` has no subscribers there"))
            .help("add `subscribers` to the topic, or set another topic with `notify`"),
        None => found.help("set a topic with `notify`, or declare one with the name of the alarm's level"),
    }
}

pub(crate) fn idle_alarm(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        codes::IDLE_ALARM,
        span,
        format!("alarm `{name}` has nothing to watch in any environment"),
    )
    .label("nothing to watch")
    .help("set `on` to hostclasses that run or to a database, cache, search domain or table, or remove the alarm")
}

pub(crate) fn ambiguous_alarm_name(span: Span, what: &str, name: &str) -> Diagnostic {
    let message = format!(
        "the {what} `{name}` has an underscore, which asiaq uses as a separator in the names of alarms"
    );
    Diagnostic::new(codes::AMBIGUOUS_ALARM_NAME, span, message)
        .label("contains an underscore")
        .help("`TEAM_ENV_HOSTCLASS_METRIC_max` becomes ambiguous: write `-`")
}

// -------------------------------------------------------------------------------------------- Log metrics

pub(crate) fn log_file(span: Span, path: &str) -> Diagnostic {
    let what = if path.starts_with('/') {
        format!("`{path}` cannot be used in the name of a log group")
    } else {
        format!("`{path}` is not an absolute path")
    };
    Diagnostic::new(codes::LOG_FILE, span, what)
        .label("not a valid path")
        .help("write one `/` at the start, then letters, digits, `/`, `.`, `-` and `_`")
}

pub(crate) fn log_value(site: Span, expr: &Expr) -> Diagnostic {
    let found = Diagnostic::new(codes::LOG_VALUE, site, "this is not a value for a log metric")
        .label("neither a number nor a field of the pattern");
    let found = if site == expr.span { found } else { found.related(expr.span, "defined here") };
    found.help("write a number, or in quotes a field of the pattern: `\"$size\"`, for JSON `\"$.size\"`")
}

/// A pattern that CloudWatch Logs does not take.
pub(crate) fn log_pattern(span: Span, mistake: &log_pattern::Mistake) -> Diagnostic {
    use log_pattern::Mistake;
    let (message, help) = match mistake {
        Mistake::Open(mark) => (
            format!("the pattern begins with `{mark}` and does not end with `{}`", closing(*mark)),
            format!("close it with `{}`, or put text with brackets in double quotes", closing(*mark)),
        ),
        Mistake::Unbalanced(mark) => (
            format!("`{mark}` in the pattern has no counterpart"),
            "open and close every bracket, quote and `%` of the pattern".to_owned(),
        ),
        Mistake::Selector(word) => (
            format!("`{word}` is not a field of a JSON event"),
            format!("a field begins with `$.`: write `$.{}`", word.trim_start_matches(['$', '.'])),
        ),
        Mistake::Comparison(word) => (
            format!("`{word}` is compared with nothing"),
            "write a comparison such as `$.status = 401`, `$.name = \\\"ops\\\"` or `$.user NOT EXISTS`"
                .to_owned(),
        ),
        Mistake::Field(word) => (
            format!("`{word}` is not the name of a field"),
            "write names with commas between them, as in `[ip, user, status = 4*, size]`".to_owned(),
        ),
        Mistake::Term(word) => (
            format!("`{word}` has a character that a term needs double quotes for"),
            format!("write `\\\"{}\\\"` in the pattern", word.trim_start_matches(['?', '-'])),
        ),
    };
    Diagnostic::new(codes::LOG_PATTERN, span, message).label("not a filter pattern").help(help)
}

fn closing(mark: char) -> char {
    if mark == '{' { '}' } else { ']' }
}

/// A value that is a field, of a pattern that does not have it.
pub(crate) fn log_value_of_no_field(
    span: Span,
    value: &str,
    pattern: Span,
    fields: Option<&[&str]>,
) -> Diagnostic {
    let found = Diagnostic::new(codes::LOG_VALUE, span, format!("`{value}` is not a field of the pattern"))
        .label("not a field of the pattern")
        .related(pattern, "the pattern");
    if value.starts_with("$.") || value.starts_with("$[") {
        return found.help("a field of a JSON event needs a pattern in braces, as in `{ $.size > 0 }`");
    }
    match fields {
        Some([]) | None => found.help("fields have names in a pattern in brackets, as in `[ip, user, size]`"),
        Some(fields) => found.help(format!("its fields are {}", listed(fields))),
    }
}

pub(crate) fn retention(span: Span, seconds: u64, known: &[u32]) -> Diagnostic {
    const DAY: u64 = 86_400;
    let days: Vec<String> = known.iter().map(|days| format!("{days}d")).collect();
    let message = if seconds.is_multiple_of(DAY) {
        format!("AWS does not support a log retention of {} days", seconds / DAY)
    } else {
        "log retention must be a whole number of days".to_owned()
    };
    let found = Diagnostic::new(codes::LOG_RETENTION, span, message).label("not a supported retention");
    let next = known.iter().find(|days| u64::from(**days) * DAY >= seconds);
    match next {
        Some(next) => {
            found.help(format!("the next longer retention is `{next}d`; allowed are {}", days.join(", ")))
        }
        None => found.help(format!("the longest retention is `{}`", days.last().map_or("", String::as_str))),
    }
}

pub(crate) fn retentions_differ(span: Span, file: &str, days: u32, first: (u32, Span)) -> Diagnostic {
    let (other, place) = first;
    let message = format!("`{file}` has a retention of {days} days here and of {other} days elsewhere");
    Diagnostic::new(codes::LOG_RETENTIONS_DIFFER, span, message)
        .label(format!("{days} days here"))
        .related(place, format!("{other} days here"))
        .help("metrics of one file share a log group: set the same `retention`")
}

pub(crate) fn log_metric_twice(span: Span, name: &str, env: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::LOG_METRIC_TWICE, span, format!("two log metrics are named `{name}` in `{env}`"))
        .label("same name again")
        .related(first, "the first is here")
        .help("the name is `HOSTCLASS-METRIC`: rename the hostclass or the metric")
}

pub(crate) fn empty_pattern(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        codes::EMPTY_PATTERN,
        span,
        format!("`{name}` counts every log event: its pattern is empty"),
    )
    .label("matches every log event")
    .help("write a pattern that selects log events, as in `\"ERROR\"`")
}

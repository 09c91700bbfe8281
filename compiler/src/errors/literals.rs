//! Values of machines, load balancers and alarms that are not what they should be.

use asiaq_lang::ast::{Expr, Name};
use asiaq_lang::{Diagnostic, Span};

use super::{listed, nearest, suggestion};
use crate::typing::TimeMistake;

// ------------------------------------------------------------------------------------------- Listeners

pub(crate) fn unknown_app_protocol(word: &Name, known: &[&str]) -> Diagnostic {
    let found = Diagnostic::error(
        "unknown-protocol",
        word.span,
        format!("`{}` is no protocol of a load balancer", word.text),
    );
    let same = known.iter().find(|known| known.eq_ignore_ascii_case(&word.text));
    match (same, nearest(&word.text, known)) {
        (Some(same), _) => {
            found.help(format!("write `{same}`")).safe_fix(format!("write `{same}`"), word.span, *same)
        }
        (None, Some(near)) => {
            found.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), word.span, near)
        }
        (None, None) => found.help(format!("write {}", listed(known))),
    }
}

pub(crate) fn protocol_without_port(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("protocol-without-port", span, format!("`{word}` has no port of its own"))
        .help(format!("write the port too, as in `{word} 9001`; only `http` and `https` have one"))
}

pub(crate) fn not_a_listening_port(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error("bad-port", span, format!("`{text}` is not a port that a load balancer can listen on"))
        .help("ports go from 1 to 65535")
}

/// `tcp 22` where a rule is expected.
pub(crate) fn rule_without_source(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("expected-source", span, "this rule does not say where from")
        .help(format!("write `{word} PORTS from SOURCES`, as in `tcp [80, 443] from all`"))
}

pub(crate) fn not_a_cookie(site: Span, expr: &Expr, word: &str) -> Diagnostic {
    let found = Diagnostic::error("not-a-cookie", site, format!("`{word}` keeps no client with a machine"));
    let found = if site == expr.span || expr.span.to(site) == expr.span {
        found
    } else {
        found.related(expr.span, "defined here")
    };
    if matches!(word.to_ascii_lowercase().as_str(), "elb" | "awselb" | "awsalb" | "cookies" | "true" | "yes")
    {
        return found
            .help("a cookie of the load balancer's own is `cookie`, or `cookie 5m` with its age")
            .fix("write `cookie`", site, "cookie");
    }
    found.help("write `cookie \"NAME\"` for a cookie of the application, or `cookie`")
}

/// `sticky = "banana_session"`
pub(crate) fn cookie_without_word(site: Span, expr: &Expr, name: &str) -> Diagnostic {
    let meant =
        if matches!(name, "ELB" | "AWSELB") { "cookie".to_owned() } else { format!("cookie \"{name}\"") };
    let found = Diagnostic::error("not-a-cookie", site, "the name of a cookie stands behind `cookie`")
        .help(format!("write `{meant}`"));
    if site == expr.span {
        found.safe_fix(format!("write `{meant}`"), site, meant)
    } else {
        found.related(expr.span, "defined here")
    }
}

pub(crate) fn not_a_cookie_name(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("not-a-cookie", span, format!("`{name}` cannot be the name of a cookie"))
        .help("a name has letters, digits and ``!#$%&'*+-.^_`|~``, and no blanks")
}

pub(crate) fn no_time_at_all(span: Span) -> Diagnostic {
    Diagnostic::error("not-a-cookie", span, "a cookie that ends at once keeps nobody").help(
        "write how long it lasts, as in `cookie 5m`; without a time it lasts as long as the browser runs",
    )
}

// ------------------------------------------------------------------------------------- Numbers of machines

pub(crate) fn no_sizes(span: Span) -> Diagnostic {
    Diagnostic::error("no-sizes", span, "an empty list says no number of machines").help(
        "write a number, or sizes with the times they begin: `[1 at \"45 19 * * *\", 3 at \"33 19 * * *\"]`",
    )
}

pub(crate) fn size_without_time(span: Span, digits: &str) -> Diagnostic {
    Diagnostic::error("size-without-time", span, format!("`{digits}` does not say from when on"))
        .help(format!("in a list each size has its time: `{digits} at \"45 19 * * *\"`"))
}

pub(crate) fn time_without_quotes(span: Span) -> Diagnostic {
    Diagnostic::error("bad-time", span, "a time is five fields in quotes")
        .help("write minute, hour, day of the month, month and day of the week in UTC: `\"45 19 * * *\"`")
}

pub(crate) fn interpolated_time(span: Span) -> Diagnostic {
    Diagnostic::error("no-interpolation", span, "`${…}` has no place in a time")
        .help("write it out, and set it again wherever it differs")
}

pub(crate) fn bad_time(span: Span, mistake: &TimeMistake) -> Diagnostic {
    const FIELDS: &str =
        "write minute, hour, day of the month, month and day of the week in UTC, as in `45 19 * * mon-fri`";
    let (what, help) = match mistake {
        TimeMistake::Fields(count) => {
            (format!("a time has five fields, this one {count}"), FIELDS.to_owned())
        }
        TimeMistake::Word(word) => (format!("AWS takes no `{word}`"), FIELDS.to_owned()),
        TimeMistake::Part(field, part) => (
            format!("`{part}` is no {field}"),
            "a field is `*`, a value, a range `1-5`, a step `*/15` or `8-18/2`, or a list of those"
                .to_owned(),
        ),
        TimeMistake::Range(field, part, low, high) => {
            (format!("`{part}` is no {field}"), format!("values of this field go from {low} to {high}"))
        }
        TimeMistake::Backwards(field, part) => (
            format!("the range `{part}` of the {field} ends before it starts"),
            "write the smaller value first, or two ranges with a comma between them".to_owned(),
        ),
        TimeMistake::Never => {
            ("no month has such a day".to_owned(), "check the day and the month".to_owned())
        }
    };
    Diagnostic::error("bad-time", span, what).help(help)
}

pub(crate) fn same_time(span: Span, first: Span, cron: &str) -> Diagnostic {
    Diagnostic::error("same-time", span, format!("two sizes begin at `{cron}`"))
        .related(first, "the first is here")
        .help("keep the one that is meant, or give them different times")
}

/// `2@1 0 * * *:3@6 0 * * *`
pub(crate) fn sizes_in_a_cell(site: Span, expr: &Expr, meant: &str) -> Diagnostic {
    let found = Diagnostic::error("old-sizes", site, "sizes and their times are written as a list")
        .help(format!("write `{meant}`"));
    if site == expr.span {
        found.safe_fix(format!("write `{meant}`"), site, meant)
    } else {
        found.related(expr.span, "defined here")
    }
}

pub(crate) fn more_than_all(span: Span) -> Diagnostic {
    Diagnostic::error("more-than-all", span, "no group has more than 100% of its machines on demand")
        .help("write a share up to `100%`, or a number of machines")
}

// ------------------------------------------------------------------------------------------ Conditions

pub(crate) fn unknown_statistic(word: &Name, known: &[(&str, &str)]) -> Diagnostic {
    let found = Diagnostic::error("unknown-statistic", word.span, format!("`{}` is no statistic", word.text));
    let lower = word.text.to_ascii_lowercase();
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let meant = match lower.as_str() {
        "avg" | "mean" => Some("average"),
        "max" => Some("maximum"),
        "min" => Some("minimum"),
        "count" | "samplecount" | "sample_count" | "n" => Some("samples"),
        "total" => Some("sum"),
        "median" => Some("p50"),
        _ => names.iter().find(|name| **name == lower).copied(),
    };
    match (meant, nearest(&word.text, &names)) {
        (Some(meant), _) => {
            found.help(format!("write `{meant}`")).safe_fix(format!("write `{meant}`"), word.span, meant)
        }
        (None, Some(near)) => {
            found.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), word.span, near)
        }
        (None, None) => found.help(format!("write {}, or a percentile such as `p99.9`", listed(&names))),
    }
}

pub(crate) fn threshold_with_unit(span: Span, expr: &Expr, text: &str, unit: &str) -> Diagnostic {
    let found =
        Diagnostic::error("unknown-unit", span, format!("a threshold has no unit; found `{text}{unit}`"));
    let found = found.help(format!("the metric says what it counts: write `{text}` if it counts `{unit}`"));
    if span == expr.span {
        found.fix(format!("write `{text}`"), span, text)
    } else {
        found.related(expr.span, "defined here")
    }
}

pub(crate) fn no_periods(span: Span, digits: &str) -> Diagnostic {
    Diagnostic::error("bad-period", span, format!("`{digits}` is no number of periods"))
        .help("write one at least, as in `for 1 x 5m`")
}

pub(crate) fn bad_period(span: Span, seconds: u64) -> Diagnostic {
    Diagnostic::error("bad-period", span, format!("CloudWatch has no periods of {seconds} seconds"))
        .help("a period is `10s`, `20s`, `30s`, or whole minutes")
}

pub(crate) fn longer_than_a_day(span: Span, seconds: u64) -> Diagnostic {
    let hours = seconds / 3600;
    Diagnostic::error("bad-period", span, format!("CloudWatch looks back a day at most, not {hours} hours"))
        .help("write fewer or shorter periods")
}

pub(crate) fn always_holds(span: Span) -> Diagnostic {
    Diagnostic::error("always-holds", span, "every value is beyond one of these bounds")
        .help("an alarm with such a condition never ends: check the thresholds")
}

pub(crate) fn needless_bound(span: Span, other: Span) -> Diagnostic {
    Diagnostic::error("needless-bound", span, "where this bound is passed, another one is too")
        .related(other, "this one")
        .help("keep the one that is meant")
}

// -------------------------------------------------------------------------------------------- Machines

/// `known` is empty where only the form is checked.
pub(crate) fn unknown_instance_type(site: Span, expr: &Expr, text: &str, known: &[&str]) -> Diagnostic {
    let found = Diagnostic::error("unknown-instance-type", site, format!("`{text}` is no instance type"));
    let found = if site == expr.span { found } else { found.related(expr.span, "defined here") };
    match nearest(text, known) {
        Some(near) if site == expr.span => {
            found.help(suggestion(text, known)).fix(format!("write `{near}`"), site, near)
        }
        Some(_) => found.help(suggestion(text, known)),
        None => found.help("an instance type is a family and a size, as in `m7i.large`"),
    }
}

pub(crate) fn not_an_image(site: Span, expr: &Expr, text: &str) -> Diagnostic {
    let found = Diagnostic::error("not-an-image", site, format!("`{text}` is not the id of an image"))
        .help("an id is `ami-` and 8 or 17 hexadecimal digits in lower case");
    if site == expr.span { found } else { found.related(expr.span, "defined here") }
}

pub(crate) fn not_a_variable(name: &Name) -> Diagnostic {
    let meant = name.text.replace(['-', '.'], "_");
    Diagnostic::error("not-a-variable", name.span, format!("a shell has no variable `{}`", name.text))
        .help(format!("names have letters, digits and underscores: write `{meant}`"))
        .fix(format!("write `{meant}`"), name.span, meant)
}

pub(crate) fn special_character(span: Span, bad: char) -> Diagnostic {
    let what = match bad {
        '\n' | '\r' => "a line break".to_owned(),
        c if c.is_control() => "a control character".to_owned(),
        c => format!("`{c}`"),
    };
    Diagnostic::error("special-character", span, format!("{what} has no place in a text that scripts source"))
        .help("take it out: a shell makes something else of `\"`, `\\`, `$` and a backtick")
}

// --------------------------------------------------------------------------------------------- Watching

pub(crate) fn not_a_subscriber(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error("not-a-subscriber", span, format!("a topic cannot tell `{text}`")).help(
        "write an email address, a URL with `https://`, or the ARN of a queue (SQS) or function (Lambda)",
    )
}

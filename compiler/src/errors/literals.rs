//! Invalid values of runs, load balancers and alarms.

use asiaq_lang::ast::{Expr, Name};
use asiaq_lang::aws_words::{self, Slot};
use asiaq_lang::{Diagnostic, Span};

use super::{codes, did_you_mean, listed, nearest};
use crate::cron::{Cron, Mistake as TimeMistake};
use crate::typing::StatisticMistake;

// ------------------------------------------------------------------------------------------- Listeners

pub(crate) fn unknown_app_protocol(word: &Name, known: &[&str]) -> Diagnostic {
    let found = Diagnostic::new(
        codes::UNKNOWN_PROTOCOL,
        word.span,
        format!("unknown load balancer protocol `{}`", word.text),
    )
    .label("not a load balancer protocol");
    if let Some(same) = known.iter().find(|known| known.eq_ignore_ascii_case(&word.text)) {
        return found.help(format!("write `{same}`")).safe_fix(format!("write `{same}`"), word.span, *same);
    }
    // What a load balancer accepts is not guessed at: a nearby protocol has no fix.
    let help = aws_words::help(Slot::Listener, &word.text).or_else(|| did_you_mean(&word.text, known));
    found.help(help.unwrap_or_else(|| format!("write {}", listed(known))))
}

pub(crate) fn protocol_without_port(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::PROTOCOL_WITHOUT_PORT, span, format!("`{word}` has no default port"))
        .label("port missing")
        .help(format!("add the port, as in `{word} 9001`; only `http` and `https` have a default"))
}

pub(crate) fn not_a_listening_port(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::BAD_PORT, span, format!("a load balancer cannot listen on port `{text}`"))
        .label("out of range")
        .help("write a port from 1 to 65535")
}

/// `tcp 22` where a rule is expected.
pub(crate) fn rule_without_source(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_SOURCE, span, "this rule has no source")
        .label("`from` missing")
        .help(format!("write `{word} PORTS from SOURCES`, as in `tcp [80, 443] from all`"))
}

pub(crate) fn not_a_cookie(site: Span, expr: &Expr, word: &str) -> Diagnostic {
    let found = Diagnostic::new(codes::NOT_A_COOKIE, site, format!("`{word}` is not a stickiness cookie"))
        .label("not a cookie");
    let found = if site == expr.span || expr.span.to(site) == expr.span {
        found
    } else {
        found.related(expr.span, "defined here")
    };
    if matches!(word.to_ascii_lowercase().as_str(), "elb" | "awselb" | "awsalb" | "cookies" | "true" | "yes")
    {
        return found
            .help("write `cookie` for a cookie of the load balancer, or `cookie 5m` to set its lifetime")
            .fix("write `cookie`", site, "cookie");
    }
    found.help(
        "write `cookie \"NAME\"` for a cookie of the application, or `cookie` for one of the load balancer",
    )
}

/// `sticky = "banana_session"`
pub(crate) fn cookie_without_word(site: Span, expr: &Expr, name: &str) -> Diagnostic {
    let meant =
        if matches!(name, "ELB" | "AWSELB") { "cookie".to_owned() } else { format!("cookie \"{name}\"") };
    let found =
        Diagnostic::new(codes::NOT_A_COOKIE, site, "the name of a cookie must follow the word `cookie`")
            .label("`cookie` missing")
            .help(format!("write `{meant}`"));
    if site == expr.span {
        found.safe_fix(format!("write `{meant}`"), site, meant)
    } else {
        found.related(expr.span, "defined here")
    }
}

pub(crate) fn not_a_cookie_name(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_COOKIE, span, format!("`{name}` is not a valid cookie name"))
        .label("contains an invalid character")
        .help("write letters, digits and ``!#$%&'*+-.^_`|~``, without spaces")
}

/// The name begins as those of the load balancer's own cookies.
pub(crate) fn cookie_of_the_balancer(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_COOKIE, span, format!("load balancers reserve the cookie name `{name}`"))
        .label("begins with `AWSALB`")
        .help("use the name of the application's cookie, or write `cookie` for one of the load balancer")
}

pub(crate) fn no_time_at_all(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_COOKIE, span, "the lifetime of a cookie must not be zero")
        .label("no lifetime")
        .help("write a lifetime, as in `cookie 5m`; without one, the cookie ends with the browser session")
}

// ------------------------------------------------------------------------------------- Numbers of instances

pub(crate) fn no_sizes(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NO_SIZES, span, "a number of instances must not be an empty list")
        .label("empty")
        .help("write a number, or sizes with start times: `[1 at \"45 19 * * *\", 3 at \"33 19 * * *\"]`")
}

pub(crate) fn size_without_time(span: Span, digits: &str) -> Diagnostic {
    Diagnostic::new(codes::SIZE_WITHOUT_TIME, span, format!("size `{digits}` has no start time"))
        .label("start time missing")
        .help(format!("write `{digits} at \"45 19 * * *\"`"))
}

pub(crate) fn time_without_quotes(span: Span) -> Diagnostic {
    Diagnostic::new(codes::BAD_TIME, span, "a start time must be a cron expression in quotes")
        .label("not a cron expression in quotes")
        .help("write minute, hour, day of month, month and day of week in UTC: `\"45 19 * * *\"`")
}

pub(crate) fn interpolated_time(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NO_INTERPOLATION, span, "`${…}` is not allowed in a start time")
        .label("must be a literal value")
        .help("write the value itself, and override it where it differs")
}

pub(crate) fn bad_time(span: Span, mistake: &TimeMistake) -> Diagnostic {
    const FIELDS: &str =
        "write minute, hour, day of month, month and day of week in UTC, as in `45 19 * * mon-fri`";
    let (what, help) = match mistake {
        TimeMistake::Fields(count) => {
            (format!("a start time needs five fields, found {count}"), FIELDS.to_owned())
        }
        TimeMistake::Word(word) => (format!("AWS does not support `{word}`"), FIELDS.to_owned()),
        TimeMistake::Part(field, part) => (
            format!("`{part}` is not a valid {field}"),
            "a field is `*`, a value, a range `1-5`, a step `*/15` or `8-18/2`, or a list of those"
                .to_owned(),
        ),
        TimeMistake::Range(field, part, low, high) => {
            (format!("`{part}` is not a valid {field}"), format!("write a value from {low} to {high}"))
        }
        TimeMistake::Backwards(field, part) => (
            format!("the range `{part}` of the {field} ends before it starts"),
            "write the smaller value first, or two ranges with a comma between them".to_owned(),
        ),
        TimeMistake::Never => {
            ("this day does not exist in this month".to_owned(), "check the day and the month".to_owned())
        }
    };
    Diagnostic::new(codes::BAD_TIME, span, what).label("not a valid start time").help(help)
}

pub(crate) fn same_time(span: Span, first: Span, cron: &Cron) -> Diagnostic {
    Diagnostic::new(codes::SAME_TIME, span, format!("two sizes start at `{cron}`"))
        .label("same start time again")
        .related(first, "the first is here")
        .help("remove one of them, or use different times")
}

/// `2@1 0 * * *:3@6 0 * * *`
pub(crate) fn sizes_in_a_cell(site: Span, expr: &Expr, meant: &str) -> Diagnostic {
    let found = Diagnostic::new(codes::OLD_SIZES, site, "sizes with start times must be a list")
        .label("must be a list")
        .help(format!("write `{meant}`"));
    if site == expr.span {
        found.safe_fix(format!("write `{meant}`"), site, meant)
    } else {
        found.related(expr.span, "defined here")
    }
}

/// A share of instances is in whole percent; AWS would get another number than the one that is written.
pub(crate) fn share_with_decimals(span: Span, share: f64) -> Diagnostic {
    let whole = share.round().max(1.0);
    Diagnostic::new(codes::NOT_WHOLE, span, format!("`{share}%` is not a whole percentage"))
        .label("AWS accepts whole percentages")
        .help(format!("write `{whole}%`"))
}

pub(crate) fn more_than_all(span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::MORE_THAN_ALL,
        span,
        "an Auto Scaling group cannot have more than 100% On-Demand instances",
    )
    .label("more than 100%")
    .help("write a share up to `100%`, or a number of instances")
}

// ------------------------------------------------------------------------------------------ Conditions

pub(crate) fn unknown_statistic(
    word: &Name,
    known: &[(&str, &str)],
    mistake: StatisticMistake,
) -> Diagnostic {
    let new = |message: String| Diagnostic::new(codes::UNKNOWN_STATISTIC, word.span, message);
    let text = &word.text;
    let bounds =
        "write a lower bound, an upper bound or both, all with or all without `%`, as in `TM(10%:90%)`";
    match mistake {
        StatisticMistake::Unknown => {}
        StatisticMistake::Percentile => {
            return new(format!("`{text}` is beyond 100 %"))
                .label("a percentile is at most 100")
                .help("write a percentile from 0 to 100, as in `p99.9`");
        }
        StatisticMistake::Bounds => {
            return new(format!("`{text}` does not have two bounds")).label("bounds expected").help(bounds);
        }
        StatisticMistake::Order => {
            return new(format!("the lower bound of `{text}` is not below the upper one"))
                .label("no value is between the bounds")
                .help("write the smaller bound first");
        }
        StatisticMistake::Percent => {
            return new(format!("`{text}` has percentages, and `PR` takes values of the metric"))
                .label("percentages")
                .help("write two values of the metric, as in `PR(100:2000)`");
        }
    }
    let found = new(format!("unknown statistic `{text}`")).label("not a statistic");
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
        (None, None) => found.help(format!("write {}, a percentile such as `p99.9`, or one of CloudWatch's other statistics such as `tm90`, `IQM` or `PR(:300)`", listed(&names))),
    }
}

pub(crate) fn threshold_with_unit(span: Span, expr: &Expr, text: &str, unit: &str) -> Diagnostic {
    let found =
        Diagnostic::new(codes::UNKNOWN_UNIT, span, format!("a threshold has no unit, found `{text}{unit}`"))
            .label("must not have a unit");
    let found = found.help(format!("the metric has a fixed unit: write `{text}` if that is `{unit}`"));
    if span == expr.span {
        found.fix(format!("write `{text}`"), span, text)
    } else {
        found.related(expr.span, "defined here")
    }
}

pub(crate) fn no_periods(span: Span, digits: &str) -> Diagnostic {
    Diagnostic::new(codes::BAD_PERIOD, span, format!("`{digits}` is not a valid number of periods"))
        .label("must be at least 1")
        .help("write at least one period, as in `for 1 x 5m`")
}

pub(crate) fn bad_period(span: Span, seconds: u64) -> Diagnostic {
    Diagnostic::new(
        codes::BAD_PERIOD,
        span,
        format!("CloudWatch does not support a period of {seconds} seconds"),
    )
    .label("not a supported period")
    .help(format!(
        "write whole minutes, as in `{}m`; only metrics that you publish at high resolution have `10s`, `20s` or `30s`",
        seconds.div_ceil(60).max(1)
    ))
}

/// `is_seconds` says whether so many seconds are a period; otherwise minutes are meant.
pub(crate) fn period_without_unit(span: Span, digits: &str, is_seconds: bool) -> Diagnostic {
    let meant = format!("{digits}{}", if is_seconds { 's' } else { 'm' });
    Diagnostic::new(codes::MISSING_UNIT, span, format!("the period `{digits}` has no unit"))
        .label("unit missing")
        .help(format!("add a unit, as in `{meant}`"))
        .fix(format!("write `{meant}`"), span, meant)
}

/// `is_short` says whether a period has less than an hour.
pub(crate) fn looks_too_far_back(span: Span, seconds: u64, is_short: bool) -> Diagnostic {
    let hours = seconds / 3600;
    let (limit, which) =
        if is_short { ("one day", " for periods of less than an hour") } else { ("seven days", "") };
    let found = Diagnostic::new(
        codes::BAD_PERIOD,
        span,
        format!("the periods of this alarm cover {hours} hours, and CloudWatch allows {limit}{which}"),
    )
    .label(format!("longer than {limit}"));
    if is_short {
        found.help("write fewer periods, or periods of `1h` or longer, which may cover seven days")
    } else {
        found.help("write fewer or shorter periods")
    }
}

pub(crate) fn always_holds(span: Span) -> Diagnostic {
    Diagnostic::new(codes::ALWAYS_HOLDS, span, "this condition is always true")
        .label("always true")
        .help("every value is beyond one of the bounds, so the alarm never ends: check the thresholds")
}

pub(crate) fn needless_bound(span: Span, other: Span) -> Diagnostic {
    Diagnostic::new(
        codes::NEEDLESS_BOUND,
        span,
        "this bound is redundant: another bound is always reached first",
    )
    .label("redundant")
    .related(other, "reached first")
    .help("remove one of the two bounds")
}

// -------------------------------------------------------------------------------------------- Instances

pub(crate) fn not_an_instance_type(site: Span, expr: &Expr, text: &str, meant: Option<&str>) -> Diagnostic {
    let found =
        Diagnostic::new(codes::NOT_AN_INSTANCE_TYPE, site, format!("`{text}` is not an instance type"))
            .label("not an instance type");
    meant_type(found, site, expr, meant, "write a family and a size, as in `m7i.large`")
}

/// A type that has the form of one.
pub(crate) fn unknown_instance_type(site: Span, expr: &Expr, text: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("asiaq does not know instance type `{text}`");
    let found = Diagnostic::new(codes::UNKNOWN_INSTANCE_TYPE, site, message)
        .label("not in asiaq's list of instance types");
    let otherwise = "check the name; if EC2 has this type, write `allow(unknown-instance-type)`";
    meant_type(found, site, expr, meant, otherwise)
}

/// The diagnostic with the type that was plainly meant, or else with another help.
fn meant_type(
    found: Diagnostic,
    site: Span,
    expr: &Expr,
    meant: Option<&str>,
    otherwise: &str,
) -> Diagnostic {
    let found = if site == expr.span { found } else { found.related(expr.span, "defined here") };
    let Some(meant) = meant else { return found.help(otherwise) };
    let found = found.help(format!("did you mean `{meant}`?"));
    if site == expr.span { found.fix(format!("write `{meant}`"), site, meant) } else { found }
}

pub(crate) fn not_an_image(site: Span, expr: &Expr, text: &str) -> Diagnostic {
    let found = Diagnostic::new(codes::NOT_AN_IMAGE, site, format!("`{text}` is not the id of an AMI"))
        .label("not an AMI id")
        .help("write `ami-` and 8 or 17 lower-case hexadecimal digits");
    if site == expr.span { found } else { found.related(expr.span, "defined here") }
}

pub(crate) fn not_a_variable(name: &Name) -> Diagnostic {
    let found = Diagnostic::new(
        codes::NOT_A_VARIABLE,
        name.span,
        format!("`{}` is not a valid shell variable name", name.text),
    )
    .label("not a shell variable name");
    let meant: String = name.text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !meant.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return found.help("begin with a letter, then use letters, digits and underscores");
    }
    found.help(format!("use letters, digits and underscores: write `{meant}`")).fix(
        format!("write `{meant}`"),
        name.span,
        meant,
    )
}

/// The name or the value of a dimension has a character that CloudWatch does not take.
pub(crate) fn not_a_dimension(span: Span, part: &str, reason: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_DIMENSION, span, format!("the {part} of a dimension {reason}"))
        .label("not accepted by CloudWatch")
        .help("use printable ASCII characters, at least one of them not blank, and no colon at the start of a name")
}

pub(crate) fn secret_in_the_program(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SECRET_IN_PROGRAM, span, "a program contains no password")
        .label("a string where the place of a password is expected")
        .help("write the key of a credential, as in `credential \"rds/orders\"`, or of a database `managed`")
}

pub(crate) fn special_character(span: Span, bad: char) -> Diagnostic {
    let what = match bad {
        '\n' | '\r' => "a line break".to_owned(),
        c if c.is_control() => "a control character".to_owned(),
        c => format!("`{c}`"),
    };
    Diagnostic::new(
        codes::SPECIAL_CHARACTER,
        span,
        format!("{what} is not allowed in a string that shell scripts source"),
    )
    .label("special character in a shell")
    .help("remove it: a shell interprets `\"`, `\\`, `$` and backticks")
}

// --------------------------------------------------------------------------------------------- Watching

/// An address with a scheme before it: `mailto:ops@shop.example`.
pub(crate) fn subscriber_with_scheme(span: Span, text: &str, address: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_SUBSCRIBER, span, format!("a topic cannot send notifications to `{text}`"))
        .label("more than an address")
        .help("write the email address alone")
        .fix(format!("write `\"{address}\"`"), span, format!("\"{address}\""))
}

/// `way_out` says how to write it, where that is known.
pub(crate) fn not_a_subscriber(span: Span, text: &str, way_out: Option<&str>) -> Diagnostic {
    const FORMS: &str =
        "an email address, a URL with `https://`, or the ARN of an SQS queue or a Lambda function";
    let number = text.trim_start_matches("sms:").trim_start_matches("tel:");
    let is_number = number.starts_with('+') && number.chars().skip(1).all(|c| c.is_ascii_digit() || c == ' ');
    let service = text.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(1));
    let help = match (way_out, service) {
        (Some(way_out), _) => way_out.to_owned(),
        _ if is_number => format!("subscriptions by SMS are not known to asiaq yet: write {FORMS}"),
        (None, Some("firehose")) => {
            format!("subscriptions of Data Firehose are not known to asiaq yet: write {FORMS}")
        }
        (None, Some("sns")) if text.contains(":app/") || text.contains(":endpoint/") => {
            format!("subscriptions of mobile applications are not known to asiaq yet: write {FORMS}")
        }
        _ => format!("write {FORMS}"),
    };
    Diagnostic::new(codes::NOT_A_SUBSCRIBER, span, format!("a topic cannot send notifications to `{text}`"))
        .label("not an endpoint for notifications")
        .help(help)
}

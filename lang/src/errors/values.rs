//! Values and strings.

use super::excerpt;
use crate::{
    Diagnostic, Span,
    ast::{Expr, ExprKind},
    codes,
};

// ---------------------------------------------------------------------------------------------------- Values

pub(crate) fn missing_value(place: Span, operator: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_VALUE, place, format!("expected a value after `{operator}`"))
        .label("value missing after this")
        .help("write the value on the same line or on the next")
}

pub(crate) fn not_a_value(place: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_VALUE, place, format!("expected a value, found {}", excerpt(text)))
        .label("not a value")
        .help("write a word, a number, a string, a list in `[ ]` or a record in `{ }`")
}

pub(crate) fn malformed_number(place: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        codes::MALFORMED_NUMBER,
        place,
        format!("`{text}` is not a number, a quantity or an address"),
    )
    .label("malformed number")
    .help("write `5`, `0.5`, `300s`, `200GB`, `10%`, `10.0.0.5` or `10.0.0.0/16`")
}

pub(crate) fn long_path(place: Span, environment: &str, network: &str) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "a path has two parts: environment and metanetwork")
        .label("third part")
        .help(format!("write `{environment}/{network}`"))
        .fix("remove the rest", place, "")
}

pub(crate) fn split_cidr(place: Span, address: &str, prefix: &str) -> Diagnostic {
    Diagnostic::new(
        codes::UNEXPECTED_TEXT,
        place,
        "unexpected space between an address and its prefix length",
    )
    .label("remove the space")
    .fix(format!("write `{address}{prefix}`"), place, format!("{address}{prefix}"))
}

pub(crate) fn not_auto(place: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, format!("`{text}` is only allowed after `auto`"))
        .label("only allowed after `auto`")
        .help("write `auto /20 in 10.0.0.0/8`")
}

pub(crate) fn missing_offset(sign: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_VALUE, sign, format!("expected a number after `{text}`"))
        .label("number missing after this")
        .help("write an offset as `+5` or `tunnel + 5`")
}

/// `-5s`, `-0.5`
pub(crate) fn negative_quantity(place: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_NUMBER, place, format!("`-{text}` is negative")).label("negative").help(
        "times, sizes and shares are not below zero; an offset such as `-2` is a whole number without a unit",
    )
}

pub(crate) fn fractional_offset(place: Span) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_NUMBER, place, "an offset must be a whole number without a unit")
        .label("not a whole number")
        .help("write `+5`, `-2` or `tunnel + 5`")
}

pub(crate) fn sum_without_network(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "an offset can only be added to a metanetwork")
        .label("not a metanetwork")
        .help("write `tunnel + 5`, or `+5` for the metanetwork at hand")
}

pub(crate) fn missing_target(keyword: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_VALUE, keyword, "expected a target after `via`")
        .label("target missing after this")
        .help("write `via igw`, `via vgw` or `via nat tunnel`")
}

/// Something follows a value that could only be a rule's ports, but there is no `from`.
pub(crate) fn no_source(value: &Expr, extra: Span) -> Diagnostic {
    match &value.kind {
        ExprKind::Name(word) if matches!(word.as_str(), "tcp" | "udp" | "icmp" | "any" | "proto") => {
            Diagnostic::new(codes::EXPECTED_SOURCE, value.span.to(extra), "this rule has no source")
                .label("`from` missing")
                .help(format!("write `{word} PORTS from SOURCES`, as in `tcp [80, 443] from all`"))
        }
        _ => Diagnostic::new(codes::UNEXPECTED_TEXT, extra, "unexpected second value")
            .label("second value")
            .help("separate values with a comma or a line break; write a rule as `tcp 22 from all`"),
    }
}

pub(crate) fn missing_source(keyword: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_SOURCE, keyword, "expected a source after `from`")
        .label("source missing after this")
        .help("write a metanetwork, `all`, `internet`, a CIDR block, or a list of those")
}

pub(crate) fn missing_protocol(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected a protocol at the start of this rule")
        .label("protocol missing")
        .help("write `tcp 22 from all`")
}

/// `10.0.0.0/8 -> web`
pub(crate) fn not_a_listener(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "`->` needs a listener on both sides").label("not a listener").help(
        "write a listener as `https 443 -> http 80`, a route as `internet via igw`, a peering as `a/x <-> b/y`",
    )
}

/// `443 80 -> 80`
pub(crate) fn missing_protocol_of_port(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected a protocol before the port")
        .label("protocol missing")
        .help("write `https 443 -> http 80`")
}

/// `https 443 80 -> 80`
pub(crate) fn second_port(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "each side of a listener has one port")
        .label("second port")
        .help("write a separate listener for each port, as in `https 443 -> http 80`")
}

pub(crate) fn missing_statistic(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected a statistic at the start of this condition")
        .label("statistic missing")
        .help("write `average > 99 for 5 x 5m`")
}

pub(crate) fn missing_comparison(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_COMPARISON, place, "expected a comparison")
        .label("comparison missing after this")
        .help("write `>`, `>=`, `<` or `<=` and a number, as in `average > 99 or average < 1 for 5 x 5m`")
}

pub(crate) fn missing_period(place: Span) -> Diagnostic {
    let end = Span { start: place.end, ..place };
    Diagnostic::new(codes::MISSING_PERIOD, place, "this condition has no duration")
        .label("`for …` missing after this")
        .help("add the number of consecutive periods and their length: `for 5 x 5m`")
        .fix("write `for 5 x 5m`", end, " for 5 x 5m")
}

/// `average > 5 and average < 9 for 5 x 5m`
pub(crate) fn joined_by_and(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "conditions cannot be joined by `and`")
        .label("not part of a condition")
        .help("an alarm goes off when one of its bounds is reached: join them with `or`, or declare an alarm for each")
}

/// `for 5m`
pub(crate) fn missing_count(place: Span, text: &str) -> Diagnostic {
    let found =
        Diagnostic::new(codes::MISSING_PERIOD, place, "`for` needs a number of periods and their length")
            .label("number of periods missing");
    if text.chars().all(|c| c.is_ascii_digit()) {
        return found.help(format!("write it as in `for {text} x 5m`"));
    }
    found.help(format!("write `for 1 x {text}` for one period")).fix(
        format!("write `1 x {text}`"),
        place,
        format!("1 x {text}"),
    )
}

/// `for 5x5m`
pub(crate) fn periods_in_one_word(place: Span, periods: &str, period: &str) -> Diagnostic {
    let meant = format!("{periods} x {period}");
    Diagnostic::new(codes::MISSING_PERIOD, place, "expected spaces around `x`")
        .label("spaces missing")
        .help(format!("write `{meant}`"))
        .safe_fix(format!("write `{meant}`"), place, meant)
}

/// `average > 99 for 5 x 5m or average < 1`
pub(crate) fn past_the_period(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "unexpected text after the duration of this condition")
        .label("unexpected")
        .help("join bounds with `or` before the duration: `average > 99 or average < 1 for 5 x 5m`")
}

pub(crate) fn many_ports(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "several ports of a rule must be a list")
        .label("needs brackets")
        .help("write the ports as a list: `tcp [80, 443] from all`")
}

// --------------------------------------------------------------------------------------------------- Strings

pub(crate) fn unknown_escape(place: Span, character: char) -> Diagnostic {
    let text = character.escape_default();
    Diagnostic::new(codes::UNKNOWN_ESCAPE, place, format!("unknown escape `\\{text}`"))
        .label("not an escape")
        .help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\$`; a backslash is written `\\\\`")
}

pub(crate) fn unclosed_interpolation(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNCLOSED_INTERPOLATION, place, "this `${` has no `}`")
        .label("`}` missing")
        .help("close it, as in `${env.name}`; for the characters themselves write `\\${`")
}

pub(crate) fn expected_interpolation(place: Span) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_NAME, place, "expected a name between `${` and `}`")
        .label("name missing")
        .help("write `${env.name}`, `${env.type}`, `${project.name}` or `${project.region}`")
}

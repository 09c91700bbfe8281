//! Rules and routes that are written wrong: protocols, ports, descriptions, ends, targets.

use asiaq_lang::ast::Expr;
use asiaq_lang::aws_words::{self, Slot};
use asiaq_lang::{Diagnostic, Span, spellings};

use super::{codes, did_you_mean, listed};
use crate::types::Ty;

pub(crate) fn unknown_protocol(span: Span, word: &str) -> Diagnostic {
    let known = ["tcp", "udp", "icmp", "any", "proto"];
    let diagnostic = Diagnostic::new(codes::UNKNOWN_PROTOCOL, span, format!("unknown protocol `{word}`"))
        .label("not an IP protocol");
    if let Some(same) = known.iter().find(|known| known.eq_ignore_ascii_case(word)) {
        return diagnostic.help(format!("write `{same}`")).safe_fix(format!("write `{same}`"), span, *same);
    }
    if matches!(word.to_ascii_lowercase().as_str(), "all" | "ip") {
        return diagnostic.help("write `any` for every protocol").safe_fix("write `any`", span, "any");
    }
    // What a rule lets through is not guessed at: a nearby protocol has no fix.
    let help = aws_words::help(Slot::Protocol, word).or_else(|| did_you_mean(word, &known));
    diagnostic.help(help.unwrap_or_else(|| "write `tcp`, `udp`, `icmp`, `any`, or `proto NUMBER`".to_owned()))
}

pub(crate) fn proto_without_number(span: Span) -> Diagnostic {
    Diagnostic::new(codes::PROTOCOL_NUMBER, span, "`proto` needs a protocol number")
        .label("number missing")
        .help("write it as in `proto 50 from tunnel`")
}

pub(crate) fn bad_protocol_number(span: Span) -> Diagnostic {
    Diagnostic::new(codes::PROTOCOL_NUMBER, span, "a protocol number must be between 0 and 255")
        .label("out of range")
        .help("write an IANA protocol number, as in `proto 50 from tunnel`")
}

pub(crate) fn ports_without_meaning(span: Span, protocol: &str) -> Diagnostic {
    Diagnostic::new(codes::PORTS_WITHOUT_MEANING, span, format!("`{protocol}` has no ports"))
        .label("ports are not allowed here")
        .help("remove the ports, or write `tcp` or `udp`")
}

pub(crate) fn unknown_icmp_type(expr: &Expr, known: &[&str]) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_ICMP_TYPE, expr.span, "unknown ICMP message type")
        .label("not an ICMP message type")
        .help(format!(
            "omit it for all ICMP messages, or write a number up to 255 or one of {}",
            listed(known)
        ))
}

pub(crate) fn description_character(span: Span, bad: char) -> Diagnostic {
    Diagnostic::new(
        codes::DESCRIPTION_CHARACTER,
        span,
        format!("AWS does not allow `{bad}` in a description"),
    )
    .label("contains an invalid character")
    .help("allowed are letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`")
}

pub(crate) fn empty_description(span: Span) -> Diagnostic {
    Diagnostic::new(codes::EMPTY_DESCRIPTION, span, "the description of a security group must not be empty")
        .label("empty")
        .help("write a description, or omit the field")
}

/// A description of more characters than `limit`.
pub(crate) fn description_too_long(span: Span, length: usize, limit: usize) -> Diagnostic {
    Diagnostic::new(codes::DESCRIPTION_TOO_LONG, span, format!("this description has {length} characters"))
        .label("too long")
        .help(format!("write at most {limit} characters"))
}

/// An invalid end; `quoted` is the valid one inside its quotes, if any.
pub(crate) fn not_an_end(span: Span, quoted: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(codes::NOT_AN_END, span, "expected one end of a peering: `ENV/NETWORK`")
        .label("not an `ENV/NETWORK`")
        .help("write it as in `staging/tunnel <-> ci/intranet`");
    match quoted {
        Some(meant) => found.safe_fix(format!("write `{meant}`"), span, meant),
        None => found,
    }
}

pub(crate) fn nat_without_network(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NAT_WITHOUT_NETWORK, span, "`via nat` needs the metanetwork of the NAT gateways")
        .label("metanetwork missing")
        .help("add the metanetwork, as in `internet via nat tunnel`")
}

pub(crate) fn unknown_route_target(span: Span, word: &str) -> Diagnostic {
    let found = Diagnostic::new(codes::UNKNOWN_ROUTE_TARGET, span, format!("unknown route target `{word}`"))
        .label("not a route target");
    if let Some(meant) = spellings::route_target(word).filter(|meant| *meant != word) {
        return match meant {
            "nat" => found.help("add the metanetwork of the NAT gateways, as in `internet via nat tunnel`"),
            _ => found.help(format!("write `via {meant}`")).safe_fix(format!("write `{meant}`"), span, meant),
        };
    }
    // Where a route goes is not guessed at: a nearby target has no fix.
    let help =
        aws_words::help(Slot::RouteTarget, word).or_else(|| did_you_mean(word, &["igw", "vgw", "nat"]));
    found.help(help.unwrap_or_else(|| {
        "write `via igw`, `via vgw` or `via nat NETWORK`; routes of a peering are created automatically"
            .to_owned()
    }))
}

/// `internet via igw vgw`, `internet via igw dmz`
pub(crate) fn second_route_target(span: Span, target: &str, second: &str) -> Diagnostic {
    let found = Diagnostic::new(
        codes::UNKNOWN_ROUTE_TARGET,
        span,
        format!("unexpected `{second}` after `via {target}`"),
    )
    .label("second target");
    match spellings::route_target(second) {
        Some(_) => {
            found.help("a route has one target: write a second route, or remove one of the two targets")
        }
        None => found.help(format!("only `via nat` is followed by a metanetwork: remove `{second}`")),
    }
}

pub(crate) fn nat_as_text(span: Span, text: &str) -> Diagnostic {
    let addresses: Vec<&str> =
        text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty()).collect();
    let list = match addresses.as_slice() {
        [word @ ("auto" | "one")] => (*word).to_owned(),
        _ => format!("[{}]", addresses.join(", ")),
    };
    Diagnostic::new(codes::TYPE_MISMATCH, span, format!("expected {}, found a string", Ty::Nat))
        .label("this is a string")
        .help(format!("write `nat = {list}`"))
        .safe_fix(format!("write `{list}`"), span, list)
}

/// A source where a rule is expected: several sources of the rule before it, without brackets.
pub(crate) fn source_for_rule(span: Span) -> Diagnostic {
    Diagnostic::new(codes::MISSING_BRACKETS, span, "this is a source, and a rule is expected")
        .label("a source without a rule")
        .help("put several sources of a rule in brackets, as in `tcp 443 from [dmz, intranet]`")
}

/// `lb front`, `hostclass front` as the source of a rule.
pub(crate) fn machines_as_source(span: Span, word: &str, name: &str) -> Diagnostic {
    Diagnostic::new(codes::EXPECTED_SOURCE, span, format!("`{word} {name}` is not a source of a rule"))
        .label("not a source")
        .help("write the metanetwork that it is in, whose security group it has: `tcp 443 from dmz`")
}

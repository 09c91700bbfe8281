//! Values in the syntax of other languages.

use super::excerpt;
use crate::{
    Applicability, Code, Diagnostic, Span, codes,
    foreign_syntax::{ForeignKind, ForeignSyntax},
};

/// A value in foreign syntax; `whole` is its place, `at` the part that shows the syntax.
pub(crate) fn foreign_syntax(whole: Span, at: Span, text: &str, foreign: &ForeignSyntax) -> Diagnostic {
    let shown = match foreign.kind {
        ForeignKind::Range
        | ForeignKind::Comparison
        | ForeignKind::AwsTarget
        | ForeignKind::AwsListener
        | ForeignKind::MachineSource
        | ForeignKind::Netmask
        | ForeignKind::AddressRange
        | ForeignKind::Ipv6 => excerpt(text.get(foreign.at.clone()).unwrap_or(text)),
        _ => excerpt(text),
    };
    let is_new = |meant: &String| meant.trim() != text.trim();
    let meant = foreign.meant.as_ref().filter(|meant| is_new(meant));
    let write = meant.map(|meant| format!("write {}", excerpt(meant)));
    let mut found = diagnostic(foreign.kind, at, &shown);
    if let Some(help) = &foreign.help {
        found.help = Some(help.clone());
    }
    let Some((title, meant)) = write.zip(meant) else { return found };
    found.edits(applicability(foreign.kind), title, [(whole, meant.clone())])
}

/// A diagnostic with label and help.
fn with_help(code: Code, at: Span, label: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(code, at, message).label(label).help(help)
}

/// The diagnostic for a kind of foreign syntax in `shown`.
#[expect(clippy::too_many_lines, reason = "a table of kinds and messages")]
fn diagnostic(kind: ForeignKind, at: Span, shown: &str) -> Diagnostic {
    match kind {
        ForeignKind::NoFrom => with_help(
            codes::EXPECTED_SOURCE,
            at,
            "`from` missing",
            format!("{shown} has no source"),
            "write protocol, ports, `from` and sources: `tcp [80, 443] from dmz`",
        ),
        ForeignKind::Range => with_help(
            codes::PORT_RANGE,
            at,
            "not a range",
            format!("{shown} is not a range; use two dots"),
            "write a range of ports as `1000..1006`",
        ),
        ForeignKind::EveryPort => with_help(
            codes::BAD_PORT,
            at,
            "not a port number",
            format!("{shown} uses a wildcard for every port"),
            "to match every port, omit the ports, as in `tcp from all` or `icmp from all`",
        ),
        ForeignKind::EveryProtocol => with_help(
            codes::UNKNOWN_PROTOCOL,
            at,
            "not a protocol",
            format!("{shown} uses a wildcard for every protocol"),
            "write `any` for every protocol, as in `any from all`",
        ),
        ForeignKind::EverySource => with_help(
            codes::EXPECTED_SOURCE,
            at,
            "not a source",
            "`*` is not a source".to_owned(),
            "write `internet` for every address, or `all` for every metanetwork of the environment",
        ),
        ForeignKind::Ipv6 => with_help(
            codes::UNSUPPORTED_ADDRESS,
            at,
            "IPv6 is not supported",
            format!("{shown} is IPv6, which environments do not support"),
            "write an IPv4 address or CIDR block",
        ),
        ForeignKind::Deny => with_help(
            codes::MALFORMED_RULE,
            at,
            "rules only allow traffic",
            format!("{shown} denies traffic, which the rules of a security group cannot do"),
            "remove it: what no rule allows is denied; rules that deny traffic are not known to asiaq yet",
        ),
        ForeignKind::Outbound => with_help(
            codes::MALFORMED_RULE,
            at,
            "a rule has sources only",
            format!("{shown} names a target, and rules are for incoming traffic"),
            "write who may connect, in the metanetwork that receives the traffic: `tcp 443 from dmz`; rules for \
             outgoing traffic are not known to asiaq yet",
        ),
        ForeignKind::AwsSource => with_help(
            codes::EXPECTED_SOURCE,
            at,
            "not a source",
            format!("{shown} has a source that asiaq does not know"),
            "write a metanetwork, `all`, `internet` or a CIDR block",
        ),
        ForeignKind::Negative => with_help(
            codes::BAD_PORT,
            at,
            "negative",
            format!("{shown} has a negative port"),
            "write a port from 0 to 65535",
        ),
        ForeignKind::Comparison => with_help(
            codes::EXPECTED_COMPARISON,
            at,
            "not a comparison",
            format!("{shown} is not a comparison of CloudWatch"),
            "write `>`, `>=`, `<` or `<=`, as in `average >= 90 for 5 x 5m`",
        ),
        ForeignKind::NoDestination => with_help(
            codes::EXPECTED_VALUE,
            at,
            "destination missing",
            format!("the route {shown} has no destination"),
            "write the destination before `via`, as in `internet via igw` or `10.0.0.0/8 via vgw`",
        ),
        ForeignKind::AwsTarget => with_help(
            codes::UNKNOWN_ROUTE_TARGET,
            at,
            "not a route target",
            format!("unknown route target {shown}"),
            "write `via igw`, `via vgw` or `via nat NETWORK`",
        ),
        ForeignKind::AwsListener => with_help(
            codes::UNEXPECTED_TEXT,
            at,
            "not part of a listener",
            format!("unexpected {shown} in a listener"),
            "write a listener as `https 443 -> http 80`",
        ),
        ForeignKind::Mapping => with_help(
            codes::UNEXPECTED_TEXT,
            at,
            "not a listener",
            format!("{shown} is not a listener"),
            "write the port of the load balancer, `->` and the port of the instances: `http 80 -> http 8080`",
        ),
        ForeignKind::MachineSource => with_help(
            codes::EXPECTED_SOURCE,
            at,
            "not a source",
            format!("{shown} is not a source of a rule"),
            "write the metanetwork that it is in, whose security group it has: `tcp 443 from dmz`",
        ),
        ForeignKind::Exception => with_help(
            codes::MALFORMED_RULE,
            at,
            "rules only allow traffic",
            format!("{shown} has an exception, which the rules of a security group cannot have"),
            "write only the sources that may connect, as metanetworks or smaller CIDR blocks",
        ),
        ForeignKind::AddressRange => with_help(
            codes::EXPECTED_SOURCE,
            at,
            "not a CIDR block",
            format!("{shown} is not a CIDR block"),
            "write a CIDR block as an address and a prefix length, or several in brackets: `10.0.0.0/16`",
        ),
        ForeignKind::JoinedPort => with_help(
            codes::MALFORMED_RULE,
            at,
            "space missing",
            format!("{shown} has no space between protocol and port"),
            "separate them with a space: `tcp 443 from all`",
        ),
        ForeignKind::Filler => with_help(
            codes::MALFORMED_RULE,
            at,
            "not part of a rule",
            format!("{shown} has a word that is not part of a rule"),
            "write protocol, ports, `from` and sources: `tcp 443 from [dmz, intranet]`",
        ),
        ForeignKind::Arrow => with_help(
            codes::MALFORMED_RULE,
            at,
            "expected `from`",
            format!("{shown} has an arrow instead of `from`"),
            "write protocol, ports, `from` and sources: `tcp 443 from dmz`",
        ),
        ForeignKind::LatePort => with_help(
            codes::MALFORMED_RULE,
            at,
            "ports belong before `from`",
            format!("{shown} has its ports after the source"),
            "write ports before `from`: `tcp 443 from dmz`",
        ),
        ForeignKind::ManyPorts => with_help(
            codes::MISSING_BRACKETS,
            at,
            "needs brackets",
            "several ports need brackets".to_owned(),
            "write a list: `tcp [80, 443] from all`",
        ),
        ForeignKind::ManySources => with_help(
            codes::MISSING_BRACKETS,
            at,
            "needs brackets",
            "several sources need brackets".to_owned(),
            "write a list: `tcp 443 from [dmz, intranet]`",
        ),
        ForeignKind::Via => with_help(
            codes::EXPECTED_VIA,
            at,
            "`via` missing",
            format!("{shown} has no `via`"),
            "write a destination, `via` and a target: `internet via igw`",
        ),
        ForeignKind::Target => with_help(
            codes::UNKNOWN_ROUTE_TARGET,
            at,
            "not a route target",
            format!("{shown} has an unknown name for its target"),
            "write `via igw`, `via vgw` or `via nat NETWORK`",
        ),
        ForeignKind::Link => with_help(
            codes::EXPECTED_LINK,
            at,
            "expected `<->`",
            format!("{shown} does not use `<->`"),
            "write both ends of a peering with `<->`: `staging/tunnel <-> ci/intranet`",
        ),
        ForeignKind::ColonPath => with_help(
            codes::EXPECTED_LINK,
            at,
            "expected `/`",
            format!("{shown} has a colon instead of a slash"),
            "write each end as `ENV/NETWORK`: `staging/tunnel <-> ci/intranet`",
        ),
        ForeignKind::Quoted => with_help(
            codes::QUOTED_VALUE,
            at,
            "remove the quotes",
            format!("{shown} must not have quotes"),
            "write names, addresses and ports without quotes",
        ),
        ForeignKind::Unit => with_help(
            codes::SPLIT_QUANTITY,
            at,
            "remove the space",
            format!("{shown} has a space before its unit"),
            "write a number and its unit as one word: `5m`, `200GB`, `10%`",
        ),
        ForeignKind::AutoSize => with_help(
            codes::AUTO_SIZE,
            at,
            "expected `auto /20`",
            format!("{shown} has its size without a slash, or in the wrong place"),
            "write the size as a prefix length after `auto`: `auto /20 in 10.0.0.0/8`",
        ),
        ForeignKind::NoAuto => with_help(
            codes::AUTO_SIZE,
            at,
            "`auto` missing",
            format!("{shown} is a size without an address"),
            "write `auto` before it to allocate a block of that size, as in `auto /24`",
        ),
        ForeignKind::Netmask => with_help(
            codes::NETMASK,
            at,
            "expected a prefix length",
            format!("{shown} has a netmask instead of a prefix length"),
            "write a CIDR block as an address and a prefix length: `10.0.0.0/16`",
        ),
        ForeignKind::Brackets => with_help(
            codes::MISSING_BRACKETS,
            at,
            "needs brackets",
            format!("{shown} has several values without brackets"),
            "write several values as a list: `[80, 443]`",
        ),
        ForeignKind::Commas => with_help(
            codes::MISSING_SEPARATOR,
            at,
            "commas missing",
            format!("expected commas between the values of {shown}"),
            "separate the items of a list with a comma or a line break",
        ),
    }
}

/// A fix is safe if there is only one reading.
fn applicability(kind: ForeignKind) -> Applicability {
    match kind {
        ForeignKind::NoFrom
        | ForeignKind::Range
        | ForeignKind::EveryPort
        | ForeignKind::EveryProtocol
        | ForeignKind::JoinedPort
        | ForeignKind::Arrow
        | ForeignKind::LatePort
        | ForeignKind::ManyPorts
        | ForeignKind::Via
        | ForeignKind::Target
        | ForeignKind::Link
        | ForeignKind::ColonPath
        | ForeignKind::Quoted
        | ForeignKind::Unit
        | ForeignKind::AutoSize
        | ForeignKind::Netmask
        | ForeignKind::Comparison => Applicability::Safe,
        ForeignKind::EverySource
        | ForeignKind::Ipv6
        | ForeignKind::Deny
        | ForeignKind::Outbound
        | ForeignKind::AwsSource
        | ForeignKind::Negative
        | ForeignKind::NoDestination
        | ForeignKind::AwsTarget
        | ForeignKind::AwsListener
        | ForeignKind::Mapping
        | ForeignKind::MachineSource
        | ForeignKind::Exception
        | ForeignKind::AddressRange
        | ForeignKind::Filler
        | ForeignKind::ManySources
        | ForeignKind::NoAuto
        | ForeignKind::Brackets
        | ForeignKind::Commas => Applicability::Suggested,
    }
}

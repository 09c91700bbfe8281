//! What the rules of security groups let in.

use asiaq_ir::{Protocol, Source};

use super::address_range::{Spot, is_public};
use super::machines::{Group, Rule};
use super::path::{Doubt, Seen};

/// Something that is let through: one protocol, one range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening<'i> {
    pub(super) protocol: Protocol,
    pub(super) range: Range,
    /// The rule that lets the traffic in; absent if none is needed.
    pub(super) rule: Option<Rule<'i>>,
}

/// Ports, both ends included; for ICMP, type and code in one number, so that all codes of a type are a range.
pub(super) type Range = (u16, u16);

/// Every port.
pub(super) const ALL: Range = (0, u16::MAX);

/// The traffic that the rules of a target let in from a source.
#[derive(Debug, Default)]
pub(super) struct Openings<'w, 'i> {
    pub(super) certain: Vec<Opening<'i>>,
    /// What may be let in, with the reason why this is not known.
    pub(super) doubtful: Vec<(Opening<'i>, Doubt<'w, 'i>)>,
}

/// The traffic that the groups of `to` let in from a source.
pub(super) fn openings<'w, 'i>(to: Spot<'w, 'i>, seen: Seen<'w, 'i>) -> Openings<'w, 'i> {
    let mut openings = Openings::default();
    for rule in &to.class.rules {
        let opening = Opening { protocol: rule.text.protocol, range: range(rule), rule: Some(*rule) };
        match lets_in(rule, seen) {
            Match::Yes => openings.certain.push(opening),
            Match::Maybe(doubt) => openings.doubtful.push((opening, doubt)),
            Match::No => {}
        }
    }
    if to.class.has_foreign_group {
        openings.doubtful.push((EVERYTHING, Doubt::ForeignGroup(to)));
    }
    openings
}

/// Whether a rule applies to a source.
enum Match<'w, 'i> {
    Yes,
    Maybe(Doubt<'w, 'i>),
    No,
}

fn lets_in<'w, 'i>(rule: &Rule<'i>, seen: Seen<'w, 'i>) -> Match<'w, 'i> {
    let yes = |applies: bool| if applies { Match::Yes } else { Match::No };
    match (&rule.text.source, seen) {
        (_, Seen::Unchecked) => Match::Yes,
        (Source::Cidr(cidr), Seen::Machines(_, block) | Seen::Addresses(block)) => yes(cidr.contains(&block)),
        // An office's addresses are no VPN's, and everybody's are.
        (Source::Cidr(cidr), Seen::Beyond) => yes(cidr.prefix_len() == 0 || !is_public(*cidr)),
        (Source::Group(group), Seen::Machines(from, _)) => yes(from.class.groups.contains(&Group::of(group))),
        (Source::Group(_), Seen::Addresses(_) | Seen::Beyond) => Match::No,
        // An IPv6 block does not apply to IPv4.
        (Source::Other(words), _) if words.contains(':') => Match::No,
        (Source::Other(_), _) => Match::Maybe(Doubt::ForeignSource(*rule)),
    }
}

/// Whatever leaves an environment: going out is not restricted.
pub(super) const EVERYTHING: Opening<'static> = Opening { protocol: Protocol::Any, range: ALL, rule: None };

fn range(rule: &Rule<'_>) -> Range {
    match (rule.text.protocol, rule.text.from, rule.text.to) {
        (Protocol::Tcp | Protocol::Udp, Some(from), Some(to)) => (from, to),
        (Protocol::Icmp, Some(kind), None) => (icmp(kind, 0), icmp(kind, u16::from(u8::MAX))),
        (Protocol::Icmp, Some(kind), Some(code)) => (icmp(kind, code), icmp(kind, code)),
        _ => ALL,
    }
}

/// ICMP type and code in one number.
fn icmp(kind: u16, code: u16) -> u16 {
    kind.min(255) << 8 | code.min(255)
}

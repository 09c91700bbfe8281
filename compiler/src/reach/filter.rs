//! What the rules of a security group let in.

use asiaq_ir::{GroupRule, Node, Protocol, Ref, Source};

use super::address_range::is_public;
use super::network::Network;
use super::path::Seen;

/// Something that is let through: one protocol, one range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening<'i> {
    pub(super) protocol: Protocol,
    pub(super) range: Range,
    /// The rule that lets the traffic in; absent if none is needed.
    pub(super) rule: Option<(&'i GroupRule, &'i Node)>,
}

/// Ports, both ends included; for ICMP, type and code in one number, so that all codes of a type are a range.
pub(super) type Range = (u16, u16);

/// Every port.
pub(super) const ALL: Range = (0, u16::MAX);

/// The traffic that the rules of `to` let in from a source.
pub(super) fn openings<'i>(to: &Network<'i>, seen: Seen<'_, 'i>) -> Vec<Opening<'i>> {
    let lets_in = |(rule, _): &&(&GroupRule, &Node)| match &rule.source {
        Source::Cidr(cidr) => match seen {
            Seen::Machines(_, block) | Seen::Addresses(block) => cidr.contains(&block),
            Seen::Anyone => cidr.prefix_len() == 0,
            // An office's addresses are no VPN's, and everybody's are.
            Seen::Beyond => cidr.prefix_len() == 0 || !is_public(*cidr),
            Seen::Unchecked => true,
        },
        Source::Group(Ref::To(group)) => match seen {
            Seen::Machines(from, _) => from.group == Some(group),
            Seen::Addresses(_) | Seen::Anyone | Seen::Beyond => false,
            Seen::Unchecked => true,
        },
        Source::Group(Ref::Id(_) | Ref::Find(_)) | Source::Other(_) => false,
    };
    let opening = |(rule, node): &(&'i GroupRule, &'i Node)| Opening {
        protocol: rule.protocol,
        range: range(rule),
        rule: Some((*rule, *node)),
    };
    to.rules.iter().filter(lets_in).map(opening).collect()
}

/// Whatever leaves an environment: going out is not restricted.
pub(super) const EVERYTHING: Opening<'static> = Opening { protocol: Protocol::Any, range: ALL, rule: None };

fn range(rule: &GroupRule) -> Range {
    match (rule.protocol, rule.from, rule.to) {
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

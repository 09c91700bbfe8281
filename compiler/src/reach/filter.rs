//! What the rules of security groups let in.

use asiaq_ir::{Protocol, Source};
use ipnet::Ipv4Net;

use super::address_range::{Spot, is_public, may_be_chosen};
use super::balancers::Socket;
use super::fate::Doubt;
use super::group::Group;
use super::machines::Rule;
use super::path::{Aim, Seen};

/// Something that is let through: one protocol, one range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening<'i> {
    pub(super) protocol: Protocol,
    pub(super) range: Range,
    /// The rule that lets the traffic in; absent if none is needed.
    pub(super) rule: Option<Rule<'i>>,
    /// The egress rule that lets the traffic out; absent if everything may leave.
    pub(super) leave: Option<Rule<'i>>,
}

/// Ports, both ends included; for ICMP, type and code in one number, so that all codes of a type are a range.
pub(super) type Range = (u16, u16);

/// Every port.
pub(super) const ALL: Range = (0, u16::MAX);

/// The traffic that the rules of one end let through.
#[derive(Clone, Debug, Default)]
pub(super) struct Openings<'w, 'i> {
    pub(super) certain: Vec<Opening<'i>>,
    /// What may be let in, with the reason why this is not known.
    pub(super) doubtful: Vec<(Opening<'i>, Doubt<'w, 'i>)>,
}

/// The traffic that the groups of `to` let in from a source.
pub(super) fn openings<'w, 'i>(to: Spot<'w, 'i>, seen: Seen<'w, 'i>) -> Openings<'w, 'i> {
    let of_rule = |rule: &Rule<'i>| (Opening::of(rule), lets_in(rule, seen));
    Openings::of(to, to.class.rules.iter().map(of_rule))
}

/// The traffic that the groups of `from` let out to a target; nothing if they let everything out. Of a target whose
/// address is not known, `exits` are what it may be in, and whether there is a way.
pub(super) fn leaving<'w, 'i>(
    from: Spot<'w, 'i>,
    aim: Aim<'w, 'i>,
    exits: &[(Ipv4Net, bool)],
) -> Option<Openings<'w, 'i>> {
    let leads_there = |rule: &Rule<'_>| {
        let Some(block) = rule.block() else { return true };
        let around = exits.iter().filter(|(exit, _)| exit.contains(&block));
        let narrowest = around.max_by_key(|(exit, _)| exit.prefix_len());
        let mut within = exits.iter().filter(|(exit, _)| block.contains(exit));
        exits.is_empty() || narrowest.is_some_and(|(_, leads)| *leads) || within.any(|(_, leads)| *leads)
    };
    let of_rule = |rule: &Rule<'i>| {
        let opening =
            Opening { leave: Some(*rule), protocol: rule.text.protocol, range: range(rule), rule: None };
        (opening, if leads_there(rule) { lets_out(rule, aim) } else { Match::No })
    };
    Some(Openings::of(from, from.class.egress.as_ref()?.iter().map(of_rule)))
}

/// What the machines behind the load balancer `balancer` let in to a port, from a source as it sees it.
pub(super) fn passed_on<'w, 'i>(
    balancer: Spot<'w, 'i>,
    seen: Seen<'w, 'i>,
    back: Socket,
) -> Openings<'w, 'i> {
    let seen = seen.through(balancer);
    let mut passed = Openings::default();
    for rule in &balancer.class.behind {
        passed.add(Opening::of(rule), lets_in(rule, seen));
    }
    if balancer.class.service.behind.iter().flatten().any(|group| matches!(group, Group::Foreign(_))) {
        passed.doubtful.push((EVERYTHING, Doubt::ForeignGroup(balancer)));
    }
    passed.on([back])
}

impl<'w, 'i> Openings<'w, 'i> {
    pub(super) fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.doubtful.is_empty()
    }

    fn add(&mut self, opening: Opening<'i>, applies: Match<'w, 'i>) {
        match applies {
            Match::Yes => self.certain.push(opening),
            Match::Maybe(doubt) => self.doubtful.push((opening, doubt)),
            Match::No => {}
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.certain.extend(other.certain);
        self.doubtful.extend(other.doubtful);
    }

    /// The parts that `part` takes.
    pub(super) fn only(&self, part: impl Fn(&Opening<'i>) -> Option<Opening<'i>>) -> Self {
        let doubtful = self.doubtful.iter();
        Self {
            certain: self.certain.iter().filter_map(&part).collect(),
            doubtful: doubtful.filter_map(|(opening, doubt)| Some((part(opening)?, *doubt))).collect(),
        }
    }

    /// The same on some ports.
    pub(super) fn on(&self, sockets: impl IntoIterator<Item = Socket>) -> Self {
        let mut all = Self::default();
        for (protocol, port) in sockets {
            let socket = Opening { protocol, range: (port, port), ..EVERYTHING };
            all.extend(self.only(|opening| opening.and(&socket)));
        }
        all
    }

    /// The same, and none of it is certain.
    pub(super) fn doubted(mut self, doubt: Doubt<'w, 'i>) -> Self {
        self.doubtful.extend(self.certain.drain(..).map(|opening| (opening, doubt)));
        self
    }

    /// What the rules of the groups of `spot` let through.
    fn of(spot: Spot<'w, 'i>, rules: impl Iterator<Item = (Opening<'i>, Match<'w, 'i>)>) -> Self {
        let mut openings = Self::default();
        for (opening, applies) in rules {
            openings.add(opening, applies);
        }
        if spot.class.has_foreign_group {
            openings.doubtful.push((EVERYTHING, Doubt::ForeignGroup(spot)));
        }
        openings
    }

    /// The traffic that both let through.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for one in &self.certain {
            both.certain.extend(other.certain.iter().filter_map(|other| one.and(other)));
            both.doubtful
                .extend(other.doubtful.iter().filter_map(|(other, doubt)| Some((one.and(other)?, *doubt))));
        }
        for (one, doubt) in &self.doubtful {
            let others = other.certain.iter().chain(other.doubtful.iter().map(|(other, _)| other));
            both.doubtful.extend(others.filter_map(|other| Some((one.and(other)?, *doubt))));
        }
        both
    }
}

impl<'i> Opening<'i> {
    /// What a rule lets in.
    fn of(rule: &Rule<'i>) -> Self {
        Self { protocol: rule.text.protocol, range: range(rule), rule: Some(*rule), leave: None }
    }

    /// The part of it that is not TCP. What is left of any protocol is any other one.
    pub(super) fn without_tcp(&self) -> Option<Self> {
        (self.protocol != Protocol::Tcp).then_some(*self)
    }

    pub(super) fn of_icmp(&self) -> Option<Self> {
        self.and(&Opening { protocol: Protocol::Icmp, ..EVERYTHING })
    }

    fn and(&self, other: &Self) -> Option<Self> {
        let protocol = match (self.protocol, other.protocol) {
            (Protocol::Any, protocol) | (protocol, Protocol::Any) => protocol,
            (one, other) if one == other => one,
            _ => return None,
        };
        let range = (self.range.0.max(other.range.0), self.range.1.min(other.range.1));
        let (rule, leave) = (self.rule.or(other.rule), self.leave.or(other.leave));
        (range.0 <= range.1).then_some(Self { protocol, range, rule, leave })
    }
}

/// Whether a rule applies to a source or a target.
#[derive(Clone, Copy)]
enum Match<'w, 'i> {
    Yes,
    Maybe(Doubt<'w, 'i>),
    No,
}

fn lets_in<'w, 'i>(rule: &Rule<'i>, seen: Seen<'w, 'i>) -> Match<'w, 'i> {
    let yes = |applies: bool| if applies { Match::Yes } else { Match::No };
    match (&rule.text.source, seen) {
        (_, Seen::Unchecked) => Match::Yes,
        (
            Source::Cidr(cidr),
            Seen::Machines(_, block) | Seen::Addresses(block) | Seen::Clients(_, Some(block)),
        ) => yes(cidr.contains(&block)),
        // An office's addresses are no VPN's, and everybody's are.
        (Source::Cidr(cidr), Seen::Beyond | Seen::Clients(_, None)) => {
            yes(cidr.prefix_len() == 0 || !is_public(*cidr))
        }
        (Source::Group(group), Seen::Machines(from, _)) => yes(from.class.groups.contains(&Group::of(group))),
        (Source::Group(group), Seen::Clients(balancer, _)) => {
            yes(balancer.class.groups.contains(&Group::of(group)))
        }
        (Source::Group(_), Seen::Addresses(_) | Seen::Beyond) => Match::No,
        // An IPv6 block does not apply to IPv4.
        (Source::Other(words), _) if words.contains(':') => Match::No,
        (Source::Other(_), _) => Match::Maybe(Doubt::ForeignSource(*rule)),
    }
}

fn lets_out<'w, 'i>(rule: &Rule<'i>, aim: Aim<'w, 'i>) -> Match<'w, 'i> {
    let yes = |applies: bool| if applies { Match::Yes } else { Match::No };
    match (&rule.text.source, aim) {
        (Source::Cidr(cidr), Aim::Machines(_, block) | Aim::Addresses(block)) => yes(cidr.contains(&block)),
        (Source::Cidr(cidr), Aim::Dynamic | Aim::Beyond) if cidr.prefix_len() == 0 => Match::Yes,
        (Source::Cidr(cidr), Aim::Dynamic) if may_be_chosen(*cidr) => Match::Maybe(Doubt::Destination(*rule)),
        (Source::Group(group), Aim::Machines(to, _)) => yes(to.class.groups.contains(&Group::of(group))),
        (Source::Cidr(_), Aim::Dynamic)
        | (Source::Group(_), Aim::Addresses(_) | Aim::Dynamic | Aim::Beyond) => Match::No,
        // An IPv6 block does not apply to IPv4.
        (Source::Other(words), _) if words.contains(':') => Match::No,
        (Source::Cidr(_), Aim::Beyond) | (Source::Other(_), _) => Match::Maybe(Doubt::Destination(*rule)),
    }
}

/// Whatever leaves an environment whose groups do not restrict it.
pub(super) const EVERYTHING: Opening<'static> =
    Opening { protocol: Protocol::Any, range: ALL, rule: None, leave: None };

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

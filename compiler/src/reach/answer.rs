//! The answer for one ordered pair of places.

use std::collections::BTreeSet;
use std::fmt;

use asiaq_ir::{Origin, Protocol};
use serde::{Serialize, Serializer};

use super::balancers::Socket;
use super::place::Place;

/// Whether one place reaches another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Some traffic gets through.
    Allowed,
    /// No traffic certainly gets through, and some may: a VPN or a resource outside the project decides.
    Unknown,
    /// No traffic gets through.
    Denied,
}

/// The traffic that one place may send to another, with the reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The source of the traffic.
    pub from: Place,
    /// The target of the traffic.
    pub to: Place,
    /// The verdict.
    pub verdict: Verdict,
    /// The traffic that gets through, in order of protocol and port.
    pub flows: Vec<Flow>,
    /// The traffic that depends on a VPN or on resources outside the project, with the reasons.
    pub unknown: Vec<Flow>,
    /// Everything that is missing where nothing gets through.
    pub missing: Vec<Because>,
    /// Where the target is declared.
    #[serde(skip)]
    pub(super) declared: Option<Origin>,
    /// The traffic that the rules of the target let in, whether or not it is routed there.
    #[serde(skip)]
    pub(super) let_in: Vec<(Protocol, Ports)>,
    /// What load balancers do at one end, if there are no other machines.
    #[serde(skip)]
    pub(super) duties: Vec<Duty>,
}

/// Traffic of one protocol on one range of ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Protocol.
    #[serde(serialize_with = "word")]
    pub protocol: Protocol,
    /// Ports.
    #[serde(flatten)]
    pub ports: Ports,
    /// Which parts of the two places it is for, as in `ci/web in us-west-2a`; all of them where empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part: Vec<String>,
    /// Whether packets arrive and the source cannot begin a connection: nothing leads back, as for UDP, or a load
    /// balancer forwards what is sent to it. Of any protocol, this is any but TCP.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub arrives_only: bool,
    /// The rules, routes and gateways that make it so.
    pub because: Vec<Because>,
}

/// Ports, both ends included. For ICMP the high byte is the type and the low byte the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ports {
    /// First.
    pub first: u16,
    /// Last.
    pub last: u16,
}

/// One reason, and the place in the source that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Because {
    /// The reason.
    pub what: String,
    /// The rule or route; absent if the source has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// What a load balancer listens on, or what it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Duty {
    pub(super) sockets: BTreeSet<Socket>,
    /// The same in words.
    pub(super) because: Because,
}

// Serde hands out references.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub(super) fn word<S: Serializer>(protocol: &Protocol, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(protocol)
}

impl Ports {
    /// Every port.
    pub const ALL: Self = Self { first: 0, last: u16::MAX };

    /// Whether it is every port.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// The ports in the language's words: `443`, `8000..8099`, an ICMP type; nothing for every port.
    pub fn text(self, protocol: Protocol) -> String {
        let Self { first, last } = self;
        if self.is_all() {
            return String::new();
        }
        match protocol {
            Protocol::Icmp if first.trailing_zeros() >= 8 && last == first | 0xff => (first >> 8).to_string(),
            Protocol::Icmp if first == last => format!("{}/{}", first >> 8, first & 0xff),
            Protocol::Icmp => format!("{}/{}..{}", first >> 8, first & 0xff, last & 0xff),
            Protocol::Any | Protocol::Tcp | Protocol::Udp | Protocol::Number(_) if first == last => {
                first.to_string()
            }
            Protocol::Any | Protocol::Tcp | Protocol::Udp | Protocol::Number(_) => format!("{first}..{last}"),
        }
    }
}

impl Flow {
    /// One without reasons, for all of two places.
    pub fn of(protocol: Protocol, ports: Ports) -> Self {
        Self { protocol, ports, part: Vec::new(), arrives_only: false, because: Vec::new() }
    }

    /// Whether it takes in port `port` of `protocol`.
    pub fn takes(&self, protocol: Protocol, port: u16) -> bool {
        self.protocol == Protocol::Any && !(self.arrives_only && protocol == Protocol::Tcp)
            || (self.protocol == protocol && (self.ports.first..=self.ports.last).contains(&port))
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.protocol == Protocol::Any && self.arrives_only {
            return f.write_str("any but tcp");
        }
        let ports = self.ports.text(self.protocol);
        let space = if ports.is_empty() { "" } else { " " };
        write!(f, "{}{space}{ports}", self.protocol)
    }
}

/// Flows in few words: `tcp 80, 443, udp`.
pub fn in_words<'f>(flows: impl IntoIterator<Item = &'f Flow>) -> String {
    let mut text = String::new();
    let mut before = None;
    for flow in flows {
        let ports = flow.ports.text(flow.protocol);
        if before.replace(flow.protocol) == Some(flow.protocol) && !ports.is_empty() {
            text += &[", ", &ports].concat();
        } else {
            let comma = if text.is_empty() { "" } else { ", " };
            text += &[comma, &flow.to_string()].concat();
        }
    }
    text
}

impl Answer {
    /// The same question asked of some ports of a protocol only.
    #[must_use]
    pub fn on(mut self, protocol: Protocol, ports: Ports) -> Self {
        let missed =
            format!("no rule of `{}` allows `{}` from `{}`", self.to, Flow::of(protocol, ports), self.from);
        let narrow = |flows: Vec<Flow>| -> Vec<Flow> {
            let narrowed = flows.into_iter().filter_map(|flow| {
                let (first, last) = (flow.ports.first.max(ports.first), flow.ports.last.min(ports.last));
                match flow.protocol {
                    Protocol::Any if flow.takes(protocol, first) => Some(flow),
                    of if of == protocol && first <= last => {
                        Some(Flow { ports: Ports { first, last }, ..flow })
                    }
                    _ => None,
                }
            });
            narrowed.collect()
        };
        self.flows = narrow(self.flows);
        self.unknown = narrow(self.unknown);
        self.verdict = Verdict::of(&self.flows, &self.unknown);
        let meets = |(of, open): &(Protocol, Ports)| {
            *of == Protocol::Any || (*of == protocol && open.first <= ports.last && ports.first <= open.last)
        };
        if self.verdict == Verdict::Denied {
            // No rule opens what a load balancer does not do.
            if let Some(duty) = self.duties.iter().find(|duty| !duty.takes(protocol, ports)) {
                self.missing.retain(|reason| *reason != duty.because);
                self.missing.insert(0, duty.because.clone());
            // Where no rule lets anything in, that has been said.
            } else if !self.let_in.is_empty() && !self.let_in.iter().any(meets) {
                self.missing.insert(0, Because { what: missed, origin: self.declared.clone() });
            }
        }
        self
    }
}

impl Duty {
    /// Whether all of these ports are among its own.
    fn takes(&self, protocol: Protocol, ports: Ports) -> bool {
        let own = self.sockets.range((protocol, ports.first)..=(protocol, ports.last));
        own.count() > usize::from(ports.last - ports.first)
    }
}

impl Verdict {
    pub(super) fn of(flows: &[Flow], unknown: &[Flow]) -> Self {
        match (flows.is_empty(), unknown.is_empty()) {
            (false, _) => Self::Allowed,
            (true, false) => Self::Unknown,
            (true, true) => Self::Denied,
        }
    }
}

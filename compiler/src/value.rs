//! Typed values: what a field says once its text is understood.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_ir::Protocol;
use asiaq_lang::Span;
use ipnet::Ipv4Net;

/// Something with the place that says it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At<T> {
    /// What.
    pub(crate) value: T,
    /// Where.
    pub(crate) span: Span,
}

impl<T> At<T> {
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A typed value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Broken, and reported.
    Error,
    Bool(bool),
    Int(i64),
    /// A number, or a share of a hundred.
    Number(f64),
    /// Seconds.
    Duration(u64),
    /// GiB, which AWS writes GB.
    Size(u64),
    /// Text, a region, a domain, an account id, an enum's word.
    Text(String),
    Cidr(Ipv4Net),
    Ip(Ipv4Addr),
    Address(Address),
    Allocation(Allocation),
    Ports(Ports),
    Rule(Rule),
    Source(Source),
    Route(Route),
    Nat(Nat),
    NameServer(NameServer),
    Peering(At<End>, At<End>),
    /// The name of a declared thing.
    Ref(String),
    List(Vec<At<Value>>),
    Tags(BTreeMap<String, At<String>>),
}

/// A static address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Address {
    /// As it is.
    Ip(Ipv4Addr),
    /// So many addresses from the start of a metanetwork, or from its end where negative; of its own one
    /// where none is named.
    Offset {
        /// Metanetwork.
        network: Option<At<String>>,
        /// Signed distance: `+5` is the sixth address, `-2` the second before the last.
        by: i64,
    },
}

/// How a block is come by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Allocation {
    /// As it is.
    Fixed(Ipv4Net),
    /// `auto /N in POOL`
    Pool {
        /// Prefix length.
        prefix: u8,
        /// Where to take it from.
        pool: Ipv4Net,
    },
    /// `auto /N`
    Sized(u8),
    /// `auto`
    Share,
}

/// Ports `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ports {
    /// First.
    pub(crate) from: u16,
    /// Last.
    pub(crate) to: u16,
}

/// A rule, not yet expanded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Protocol.
    pub(crate) protocol: Protocol,
    /// Ports; every port where empty. For ICMP the type, with no code.
    pub(crate) ports: Vec<Ports>,
    /// ICMP type.
    pub(crate) icmp_type: Option<u16>,
    /// Who may come in.
    pub(crate) sources: Vec<At<Source>>,
    /// Why.
    pub(crate) why: String,
}

/// Who a rule lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Every metanetwork of the environment.
    All,
    /// One metanetwork of the environment.
    Network(String),
    /// A block.
    Cidr(Ipv4Net),
    /// A metanetwork of another environment, or of every environment of an envtype.
    Peer(End),
}

/// `ENV/NETWORK`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// An environment or envtype.
    pub(crate) env: String,
    /// Metanetwork.
    pub(crate) network: String,
}

/// A route.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    /// Destination.
    pub(crate) destination: Ipv4Net,
    /// Where it goes.
    pub(crate) via: Via,
}

/// Where a route goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Via {
    /// The internet gateway.
    Igw,
    /// The VPN gateway.
    Vgw,
    /// The NAT gateway of the same zone in a metanetwork.
    Nat(At<String>),
}

/// NAT gateways of a metanetwork.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Nat {
    /// With addresses allocated for them.
    Auto,
    /// With these elastic IP addresses, in order of zone.
    Static(Vec<At<Ipv4Addr>>),
}

/// A name server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NameServer {
    /// The one AWS provides.
    Amazon,
    /// An address.
    At(Address),
}

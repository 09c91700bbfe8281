//! Typed values: what a field says once its text is understood.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_ir::Protocol;
use asiaq_lang::Span;
use ipnet::Ipv4Net;

/// Something with the place that says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    /// What.
    pub(crate) value: T,
    /// Where.
    pub(crate) span: Span,
}

impl<T> Spanned<T> {
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
    Peering(Spanned<End>, Spanned<End>),
    /// The name of a declared thing.
    Ref(String),
    List(Vec<Spanned<Value>>),
    Tags(BTreeMap<String, Spanned<String>>),
    /// Texts by name.
    Texts(BTreeMap<String, Spanned<String>>),
    Listener(Listener),
    Capacity(Capacity),
    Condition(Condition),
    Sticky(Sticky),
    Reserve(Reserve),
    Subscriber(Subscriber),
    Watched(Watched),
}

macro_rules! pickers {
    ($($name:ident: $variant:ident => $ty:ty),+ $(,)?) => { $(
        pub(crate) fn $name(self) -> Option<$ty> {
            if let Self::$variant(value) = self { Some(value) } else { None }
        }
    )+ };
}

/// Each takes the value of one variant.
impl Value {
    pickers! {
        address: Address => Address,
        allocation: Allocation => Allocation,
        boolean: Bool => bool,
        capacity: Capacity => Capacity,
        condition: Condition => Condition,
        duration: Duration => u64,
        int: Int => i64,
        ip: Ip => Ipv4Addr,
        listener: Listener => Listener,
        name_server: NameServer => NameServer,
        nat: Nat => Nat,
        number: Number => f64,
        ports: Ports => Ports,
        reference: Ref => String,
        reserve: Reserve => Reserve,
        route: Route => Route,
        rule: Rule => Rule,
        size: Size => u64,
        source: Source => Source,
        sticky: Sticky => Sticky,
        subscriber: Subscriber => Subscriber,
        tags: Tags => BTreeMap<String, Spanned<String>>,
        text: Text => String,
        texts: Texts => BTreeMap<String, Spanned<String>>,
        watched: Watched => Watched,
    }
}

/// `https 443 -> http 80`: where a load balancer listens, and where its machines do. What is left out is
/// inferred from the rest by the rules of the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    /// What clients use.
    pub(crate) front: Spanned<Side>,
    /// What the machines use; what the other listeners say of it where this one says nothing.
    pub(crate) back: Option<Spanned<Side>>,
}

/// One side of a [`Listener`]: a protocol, a port, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// Protocol; by the port where absent.
    pub(crate) protocol: Option<AppProtocol>,
    /// Port; by the protocol where absent.
    pub(crate) port: Option<u16>,
}

/// A protocol of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AppProtocol {
    Http,
    Https,
    Tcp,
    /// `ssl`, which newer load balancers call TLS; `tls` is taken too.
    Ssl,
    Udp,
}

impl Side {
    /// Protocol and port, with what is left out inferred from the other.
    pub(crate) fn resolved(self) -> (AppProtocol, u16) {
        let port = self.port.or_else(|| self.protocol?.usual_port()).unwrap_or(80);
        let protocol = self.protocol.unwrap_or(match port {
            80 => AppProtocol::Http,
            443 => AppProtocol::Https,
            _ => AppProtocol::Tcp,
        });
        (protocol, port)
    }
}

impl AppProtocol {
    /// Every way to write a protocol.
    pub(crate) const WORDS: &[&str] = &["http", "https", "ssl", "tcp", "tls", "udp"];

    /// The protocol that a word means.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "http" => Self::Http,
            "https" => Self::Https,
            "tcp" => Self::Tcp,
            "ssl" | "tls" => Self::Ssl,
            "udp" => Self::Udp,
            _ => return None,
        })
    }

    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Tcp => "tcp",
            Self::Ssl => "ssl",
            Self::Udp => "udp",
        }
    }

    /// The port that goes without saying.
    pub(crate) fn usual_port(self) -> Option<u16> {
        match self {
            Self::Http => Some(80),
            Self::Https => Some(443),
            Self::Tcp | Self::Ssl | Self::Udp => None,
        }
    }
}

/// How many machines: always, or from given times on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Capacity {
    /// `2`
    Always(u32),
    /// `[1 at "45 19 * * *", 3 at "33 19 * * *"]`, in order; never empty.
    Spanned(Vec<Spanned<Timed>>),
}

/// `3 at "33 19 * * *"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timed {
    /// How many.
    pub(crate) size: u32,
    /// Five fields of cron, UTC, single blanks between them.
    pub(crate) cron: String,
}

/// `average > 99 or average < 1 for 5 x 5m`: when an alarm goes off.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    /// Any of them; never empty.
    pub(crate) bounds: Vec<Spanned<Bound>>,
    /// So many periods in a row.
    pub(crate) periods: u32,
    /// Seconds of a period.
    pub(crate) period: u32,
}

/// `average > 99`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    /// Statistic, by AWS's name: `Average`, `p99`.
    pub(crate) statistic: String,
    /// Comparison.
    pub(crate) comparison: Comparison,
    /// Threshold.
    pub(crate) threshold: f64,
}

/// How a statistic is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

/// What keeps a client with one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sticky {
    /// `cookie "banana_session"`: a cookie of the application.
    Application(String),
    /// `cookie` or `cookie 5m`: a cookie of the load balancer's own, for so many seconds or for the browser's
    /// session.
    Balancer(Option<u64>),
}

/// How much of a group is on demand: `10%` or `2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reserve {
    /// Percent.
    Share(f64),
    /// Machines.
    Count(u32),
}

/// Who a topic tells: `"ops@sample.net"`, `"https://events.pagerduty.com/x"`, the ARN of a queue or function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscriber {
    /// `email`, `http`, `https`, `sqs` or `lambda`.
    pub(crate) protocol: String,
    /// Address, URL or ARN.
    pub(crate) endpoint: String,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// `all`: every hostclass.
    All,
    /// A hostclass, by name.
    Hostclass(String),
    /// `"users"`: a database, cache or search domain of the environment, by name.
    Named(String),
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
        network: Option<Spanned<String>>,
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
    pub(crate) sources: Vec<Spanned<Source>>,
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
    Nat(Spanned<String>),
}

/// NAT gateways of a metanetwork.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Nat {
    /// With addresses allocated for them.
    Auto,
    /// With these elastic IP addresses, in order of zone.
    Static(Vec<Spanned<Ipv4Addr>>),
}

/// A name server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NameServer {
    /// The one AWS provides.
    Amazon,
    /// An address.
    Spanned(Address),
}

//! Typed values of fields.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use asiaq_ir::Protocol;
use asiaq_lang::ast::Name;
use asiaq_lang::{FileId, Span};
use ipnet::Ipv4Net;

use crate::cron::Cron;
use crate::reach::MachineKind;
use crate::texts::is_yaml;
pub(crate) use crate::window::Window;

/// A value with the place it is written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
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
    /// Broken; the mistake has been reported.
    Error,
    Bool(bool),
    Int(i64),
    /// A number, or a percentage.
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
    /// The name of a declaration.
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
    Script(Script),
    Subscriber(Subscriber),
    Watched(Watched),
    Window(Window),
    File(TextFile),
    Principal(Principal),
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
        file: File => TextFile,
        int: Int => i64,
        ip: Ip => Ipv4Addr,
        listener: Listener => Listener,
        name_server: NameServer => NameServer,
        nat: Nat => Nat,
        number: Number => f64,
        ports: Ports => Ports,
        principal: Principal => Principal,
        reference: Ref => String,
        reserve: Reserve => Reserve,
        route: Route => Route,
        rule: Rule => Rule,
        script: Script => Script,
        size: Size => u64,
        source: Source => Source,
        sticky: Sticky => Sticky,
        subscriber: Subscriber => Subscriber,
        tags: Tags => BTreeMap<String, Spanned<String>>,
        text: Text => String,
        texts: Texts => BTreeMap<String, Spanned<String>>,
        watched: Watched => Watched,
        window: Window => Window,
    }
}

/// `database orders.endpoint`: what user data may say of a database, a cache or a search domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoreEnd<'t> {
    pub(crate) kind: MachineKind,
    pub(crate) name: &'t str,
    /// Whether its port is meant, not its DNS name.
    pub(crate) is_port: bool,
}

impl<'t> StoreEnd<'t> {
    /// The one that `word` and `orders.endpoint` or `orders.port` mean.
    pub(crate) fn of(word: &str, end: &'t str) -> Option<Self> {
        let kind = MachineKind::of(word).filter(|kind| !kind.is_of_hostclass())?;
        let (name, what) = end.rsplit_once('.')?;
        let is_port = match what {
            "endpoint" => false,
            "port" => true,
            _ => return None,
        };
        (!name.is_empty()).then_some(Self { kind, name, is_port })
    }

    /// The one in a text that [`StoreEnd`] was written as.
    pub(crate) fn in_text(text: &'t str) -> Option<Self> {
        let (word, end) = text.strip_prefix("$(")?.strip_suffix(')')?.split_once(' ')?;
        Self::of(word, end)
    }
}

/// As a text that no program can write: it has a `$`.
impl fmt::Display for StoreEnd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_port { "port" } else { "endpoint" };
        write!(f, "$({} {}.{what})", self.kind.word(), self.name)
    }
}

/// A script or cloud config of instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// Name of its file; absent for a text of the program.
    pub(crate) file: Option<String>,
    pub(crate) text: Arc<str>,
}

/// A text, and the file that it is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextFile {
    /// Its path as the program has it, and the file of the program; absent for a text of the program.
    pub(crate) file: Option<(FileId, String)>,
    /// The address that a plan reads the text from. The text is empty then.
    pub(crate) url: Option<String>,
    pub(crate) text: Arc<str>,
}

impl TextFile {
    /// Whether it is from a file whose name says that it is YAML.
    pub(crate) fn is_yaml(&self) -> bool {
        self.file.as_ref().is_some_and(|(_, path)| is_yaml(path))
    }
}

/// Someone who makes requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// `all`.
    Everyone,
    /// Name of the service: `ec2`.
    Service(String),
    /// A declared account.
    Account(String),
    /// A role, user or SAML provider of the account in which the principal is named.
    Declared(PrincipalKind, String),
    /// An ARN, the id of an account, or another name of AWS.
    Text(String),
}

/// What a declared principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PrincipalKind {
    Role,
    Saml,
    User,
}

/// One of the ends that an end of a claim means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndOfClaim {
    /// Anything that may be the source of a rule.
    Source(Source),
    /// `hostclass web`, `lb ci/web`: machines of a hostclass; `database orders`: a database, a cache or a search domain.
    Machines {
        /// The environment or envtype; where absent, that of the claim.
        env: Option<String>,
        kind: MachineKind,
        name: Name,
    },
}

/// `https 443 -> http 80`: the port of a load balancer, and the port of its instances; or `http 80 => https 443`, the
/// port that clients are redirected to. Parts that are left out are inferred from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    /// The side of the clients.
    pub(crate) front: Spanned<Side>,
    /// The side of the instances, or where clients are redirected to; where absent, decided by the other listeners.
    pub(crate) back: Option<Spanned<Side>>,
    /// Whether clients are redirected.
    pub(crate) is_redirect: bool,
}

/// One side of a [`Listener`]: a protocol, a port, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// Inferred from the port where absent.
    pub(crate) protocol: Option<AppProtocol>,
    /// Inferred from the protocol where absent.
    pub(crate) port: Option<u16>,
}

/// A protocol of a load balancer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AppProtocol {
    Http,
    Https,
    Tcp,
    /// `ssl`, as Classic Load Balancers call TLS.
    Ssl,
    /// `tls`, which is the same as [`AppProtocol::Ssl`]; messages say the word that the program has.
    Tls,
    Udp,
}

impl Side {
    /// Protocol and port; one that is left out is inferred from the other.
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
    /// Every spelling of a protocol.
    pub(crate) const WORDS: &[&str] = &["http", "https", "ssl", "tcp", "tls", "udp"];

    /// The protocol of a word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "http" => Self::Http,
            "https" => Self::Https,
            "tcp" => Self::Tcp,
            "ssl" => Self::Ssl,
            "tls" => Self::Tls,
            "udp" => Self::Udp,
            _ => return None,
        })
    }

    /// The word of the protocol.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Tcp => "tcp",
            Self::Ssl => "ssl",
            Self::Tls => "tls",
            Self::Udp => "udp",
        }
    }

    /// The port of the protocol where none is written.
    pub(crate) fn usual_port(self) -> Option<u16> {
        match self {
            Self::Http => Some(80),
            Self::Https => Some(443),
            Self::Tcp | Self::Ssl | Self::Tls | Self::Udp => None,
        }
    }
}

/// A number of instances: always, or from given times on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Capacity {
    /// `2`
    Always(u32),
    /// `[1 at "45 19 * * *", 3 at "33 19 * * *"]`, in order; never empty.
    Scheduled(Vec<Spanned<Timed>>),
}

/// `3 at "33 19 * * *"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timed {
    /// Number of instances.
    pub(crate) size: u32,
    /// When it begins to apply.
    pub(crate) time: Cron,
}

/// `average > 99 or average < 1 for 5 x 5m`: the condition of an alarm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    /// One of them has to hold; never empty.
    pub(crate) bounds: Vec<Spanned<Bound>>,
    /// Number of consecutive periods.
    pub(crate) periods: u32,
    /// Length of a period in seconds.
    pub(crate) period: u32,
}

/// `average > 99`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    /// Statistic, by AWS's name: `Average`, `p99`.
    pub(crate) statistic: String,
    pub(crate) comparison: Comparison,
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

/// The stickiness of a load balancer: a client stays with one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sticky {
    /// `cookie "banana_session"`: a cookie of the application.
    Application(String),
    /// `cookie` or `cookie 5m`: a cookie of the load balancer, for this number of seconds or for the browser's
    /// session.
    Balancer(Option<u64>),
}

/// The on-demand part of an Auto Scaling group: `10%` or `2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reserve {
    /// Percent.
    Share(f64),
    /// Number of instances.
    Count(u32),
}

/// A subscriber of a notification topic: `"ops@sample.net"`, `"https://events.pagerduty.com/x"`, the ARN of a queue or function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscriber {
    /// `email`, `http`, `https`, `sqs` or `lambda`.
    pub(crate) protocol: String,
    /// Address, URL or ARN.
    pub(crate) endpoint: String,
}

/// The subject of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// `all`: whatever the metric is of, such as every hostclass.
    All,
    /// A hostclass, by name.
    Hostclass(String),
    /// `database users`: what keeps data, by its kind and name.
    Store(&'static str, String),
    /// `"users"`: a database, cache, search domain or table of the environment, by name.
    Named(String),
}

/// A static address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Address {
    /// As it is.
    Ip(Ipv4Addr),
    /// An offset from the start of a metanetwork, or from its end if negative; in its own
    /// metanetwork where none is named.
    Offset {
        network: Option<Spanned<String>>,
        /// Signed distance: `+5` is the sixth address, `-2` the second before the last.
        by: i64,
    },
}

/// How a CIDR block is determined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Allocation {
    /// As it is.
    Fixed(Ipv4Net),
    /// `auto /N in POOL`
    Pool {
        prefix: u8,
        /// The CIDR block to take it from.
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
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Ports {
    /// Whether `port` is one of them.
    pub(crate) fn contains(self, port: u16) -> bool {
        (self.from..=self.to).contains(&port)
    }
}

/// A security-group rule, not yet expanded to its sources.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) protocol: Protocol,
    /// Ports; every port where empty. For ICMP the type, with no code.
    pub(crate) ports: Vec<Ports>,
    pub(crate) icmp_type: Option<u16>,
    pub(crate) sources: Vec<Spanned<Source>>,
    /// Description of the rule in AWS.
    pub(crate) why: String,
}

/// A source of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Every metanetwork of the environment.
    All,
    /// One metanetwork of the environment.
    Network(String),
    /// A CIDR block.
    Cidr(Ipv4Net),
    /// A metanetwork of another environment, or of every environment of an envtype.
    Peer(End),
}

/// `ENV/NETWORK`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// An environment or envtype.
    pub(crate) env: String,
    pub(crate) network: String,
}

/// A route.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) destination: Ipv4Net,
    pub(crate) via: Via,
}

/// The target of a route.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Via {
    /// The internet gateway.
    Igw,
    /// The VPN gateway.
    Vgw,
    /// The NAT gateway of the same zone in a metanetwork, or its only one.
    Nat(Spanned<String>),
}

/// NAT gateways of a metanetwork.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Nat {
    /// One in each zone, with elastic IP addresses that asiaq allocates.
    Auto,
    /// One for all zones, with an elastic IP address that asiaq allocates.
    One,
    /// With these elastic IP addresses, in order of zone; one address alone is that of one gateway for all zones.
    Static(Vec<Spanned<Ipv4Addr>>),
}

impl Nat {
    /// Whether one gateway, in the first zone, serves all zones.
    pub(crate) fn is_one(&self) -> bool {
        match self {
            Self::Auto => false,
            Self::One => true,
            Self::Static(addresses) => addresses.len() == 1,
        }
    }

    /// The number of gateways in an environment with `zones` zones.
    pub(crate) fn count(&self, zones: usize) -> usize {
        if self.is_one() { zones.min(1) } else { zones }
    }
}

/// A name server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NameServer {
    /// The name server that AWS provides.
    Amazon,
    /// An address.
    Address(Address),
}

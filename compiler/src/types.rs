//! The types of fields, as schemas name them.

use std::fmt;

use asiaq_lang::ast::{TypeExpr, TypeKind};

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    /// Absorbs every check: the schema itself is broken and that has been said.
    Error,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number, whole or not.
    Number,
    /// A share of a hundred.
    Percent,
    /// A length of time.
    Duration,
    /// An amount of storage.
    Size,
    /// Text, with interpolation.
    String,
    /// An IPv4 block without host bits.
    Cidr,
    /// An IPv4 address.
    Ip,
    /// An IPv4 address, or an offset in a metanetwork.
    Address,
    /// A block, or how to choose one.
    Allocation,
    /// A port or a range of ports.
    PortRange,
    /// A security-group rule.
    Rule,
    /// Somebody a rule may let in.
    Source,
    /// A route.
    Route,
    /// The NAT gateways of a metanetwork: `auto`, or their addresses.
    Nat,
    /// `amazon`, an address or an offset.
    NameServer,
    /// Two metanetworks that are to be joined.
    Peering,
    /// An AWS region.
    Region,
    /// Twelve digits.
    AccountId,
    /// A DNS domain name.
    Domain,
    /// Tags: names and texts.
    Tags,
    /// Texts by name.
    Texts,
    /// Where a load balancer listens.
    Listener,
    /// A number of machines, or several with the times they begin.
    Capacity,
    /// When an alarm goes off.
    Condition,
    /// What keeps a client with one machine.
    Sticky,
    /// A number of machines or a share of them.
    Reserve,
    /// Who a topic tells.
    Subscriber,
    /// What an alarm watches: `all`, a hostclass, the name of a database.
    Watched,
    /// What an entry of a log is worth: a number, or a field of it.
    LogValue,
    /// An EC2 instance type.
    InstanceType,
    /// The id of a machine image.
    AmiId,
    /// One of some words.
    Enum(Vec<String>),
    /// A declared thing of a kind.
    Ref(String),
    /// Several of a type.
    List(Box<Ty>),
    /// A type, or nothing.
    Optional(Box<Ty>),
}

impl Ty {
    /// What a type in a schema means; a lower-case name is a reference to that kind.
    pub(crate) fn of(expr: &TypeExpr, is_kind: &dyn Fn(&str) -> bool) -> Option<Self> {
        Some(match &expr.kind {
            TypeKind::Named(name) => match name.as_str() {
                "Bool" => Self::Bool,
                "Int" => Self::Int,
                "Number" => Self::Number,
                "Percent" => Self::Percent,
                "Duration" => Self::Duration,
                "Size" => Self::Size,
                "String" => Self::String,
                "Cidr" => Self::Cidr,
                "Ip" => Self::Ip,
                "Address" => Self::Address,
                "Allocation" => Self::Allocation,
                "Port" | "PortRange" => Self::PortRange,
                "Rule" => Self::Rule,
                "Source" => Self::Source,
                "Route" => Self::Route,
                "Nat" => Self::Nat,
                "NameServer" => Self::NameServer,
                "Peering" => Self::Peering,
                "Region" => Self::Region,
                "AccountId" => Self::AccountId,
                "Domain" => Self::Domain,
                "Tags" => Self::Tags,
                "Texts" => Self::Texts,
                "Listener" => Self::Listener,
                "Capacity" => Self::Capacity,
                "Condition" => Self::Condition,
                "Sticky" => Self::Sticky,
                "Reserve" => Self::Reserve,
                "Subscriber" => Self::Subscriber,
                "Watched" => Self::Watched,
                "LogValue" => Self::LogValue,
                "InstanceType" => Self::InstanceType,
                "AmiId" => Self::AmiId,
                kind if is_kind(kind) => Self::Ref(kind.to_owned()),
                _ => return None,
            },
            TypeKind::List(item) => Self::List(Box::new(Self::of(item, is_kind)?)),
            TypeKind::Optional(inner) => Self::Optional(Box::new(Self::of(inner, is_kind)?)),
            TypeKind::Enum(words) => Self::Enum(words.iter().map(|word| word.text.clone()).collect()),
        })
    }

    /// The type without `?`.
    pub(crate) fn required(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner.required(),
            other => other,
        }
    }
}

impl fmt::Display for Ty {
    /// The type as a message names it, with an example.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "a value",
            Self::Bool => "`true` or `false`",
            Self::Int => "a whole number",
            Self::Number => "a number such as `0.5`",
            Self::Percent => "a share such as `33.3%`",
            Self::Duration => "a time such as `300s`, `5m`, `2h` or `14d`",
            Self::Size => "an amount such as `200GB` or `1TB`",
            Self::String => "a string in quotes",
            Self::Cidr => "a CIDR block such as `10.0.0.0/16`",
            Self::Ip => "an address such as `10.0.0.5`",
            Self::Address => "an address such as `10.0.0.5`, `+5` or `tunnel + 5`",
            Self::Allocation => "a CIDR block such as `10.0.0.0/16`, `auto` or `auto /20 in 10.0.0.0/8`",
            Self::PortRange => "a port such as `443` or a range such as `1000..1006`",
            Self::Rule => "a rule such as `tcp 443 from internet`",
            Self::Source => "a source: a metanetwork, `all`, `internet` or a CIDR block",
            Self::Route => "a route such as `internet via igw`",
            Self::Nat => "`auto` or a list of Elastic IP addresses",
            Self::NameServer => "`amazon`, an address or an offset such as `tunnel + 5`",
            Self::Peering => "the two ends of a peering such as `staging/tunnel <-> ci/intranet`",
            Self::Region => "a region such as `us-west-2`",
            Self::AccountId => "an account id: twelve digits in quotes",
            Self::Domain => "a domain such as `\"example.com\"`",
            Self::Tags => "tags such as `{ owner = \"ops\" }`",
            Self::Texts => "strings such as `{ role = \"leader\" }`",
            Self::Listener => "a listener such as `https 443 -> http 80`",
            Self::Capacity => {
                "a number of instances such as `2`, or `[1 at \"45 19 * * *\", 3 at \"33 19 * * *\"]`"
            }
            Self::Condition => "a condition such as `average > 99 for 5 x 5m`",
            Self::Sticky => "`cookie \"NAME\"`, or `cookie` for a cookie of the load balancer",
            Self::Reserve => "a share such as `10%` or a number of instances",
            Self::Subscriber => "an email address, a URL, or the ARN of a queue or function, in quotes",
            Self::Watched => "`all`, the name of a hostclass, or the name of a database in quotes",
            Self::LogValue => "a number such as `1`, or a field of the pattern such as `\"$size\"`",
            Self::InstanceType => "an instance type such as `m7i.large`",
            Self::AmiId => "the id of an AMI such as `\"ami-0123456789abcdef0\"`",
            Self::Enum(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                return write!(f, "one of {}", words.join(", "));
            }
            Self::Ref(kind) => return write!(f, "the name of {}", crate::errors::a_kind(kind)),
            Self::List(item) => return write!(f, "a list of {}", Plural(item)),
            Self::Optional(inner) => return inner.fmt(f),
        })
    }
}

/// A type as the items of a list are named.
struct Plural<'a>(&'a Ty);

impl fmt::Display for Plural<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ty::Rule => f.write_str("rules such as `[tcp 443 from internet]`"),
            Ty::Route => f.write_str("routes such as `[internet via igw]`"),
            Ty::PortRange => f.write_str("ports such as `[443, 1000..1006]`"),
            Ty::Source => f.write_str("sources such as `[internet, 10.0.0.0/8]`"),
            Ty::Ref(kind) => write!(f, "names of {kind}s"),
            other => write!(f, "values, each {other}"),
        }
    }
}

//! The types of fields, as schemas name them.

use std::fmt;

use asiaq_lang::ast::{TypeExpr, TypeKind};

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    /// Accepts every value: the schema itself is broken, which has been reported.
    Error,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number, whole or not.
    Number,
    /// A percentage.
    Percent,
    /// A duration, as in `5m`.
    Duration,
    /// A size, as in `20GB`.
    Size,
    /// Text, with interpolation.
    String,
    /// An IPv4 CIDR block without host bits.
    Cidr,
    /// An IPv4 address.
    Ip,
    /// An IPv4 address, or an offset in a metanetwork.
    Address,
    /// A CIDR block, or how to choose one: `auto /20 in 10.0.0.0/8`.
    Allocation,
    /// A port or a range of ports.
    PortRange,
    /// A security-group rule.
    Rule,
    /// A source of a rule: a metanetwork, a CIDR block, `all`.
    Source,
    /// A route.
    Route,
    /// The NAT gateways of a metanetwork: `auto`, or their addresses.
    Nat,
    /// `amazon`, an address or an offset.
    NameServer,
    /// Two metanetworks joined by a peering.
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
    /// Texts by name, and endpoints of databases, caches and search domains.
    UserData,
    /// Dimensions of a CloudWatch metric: names and texts.
    Dimensions,
    /// A listener of a load balancer: `https 443 -> http 80`.
    Listener,
    /// A number of instances, or several with the times from which they apply.
    Capacity,
    /// The condition of an alarm: `average > 99 for 5 x 5m`.
    Condition,
    /// The stickiness of a load balancer: `cookie 5m`.
    Sticky,
    /// A window of a week: `sat 05:00..sat 06:00`.
    Window,
    /// A window of every day: `05:04..05:34`.
    DailyWindow,
    /// A number of instances or a percentage of them.
    Reserve,
    /// Scripts of instances: files, or texts.
    Script,
    /// A subscriber of a notification topic.
    Subscriber,
    /// The subject of an alarm: `all`, a hostclass, the name of a database.
    Watched,
    /// The value of a log event: a number, or a field of the event.
    LogValue,
    /// An EC2 instance type.
    InstanceType,
    /// The class of a database, or the type of a node of a cache or a search domain.
    Class,
    /// Where a password is kept: `managed`, or `credential "KEY"`.
    Credential,
    /// Where secrets are kept: `buckets`, `parameters "/PATH/"`, `secrets_manager "PREFIX/"`.
    SecretStore,
    /// A snapshot: `latest`, or its id.
    Snapshot,
    /// A database: `orders`, `live/orders` of another environment, or an ARN.
    DatabaseName,
    /// Parameters of an engine: names, and texts, numbers or truth values.
    Parameters,
    /// The id of an AMI.
    AmiId,
    /// The text of a file, or a text.
    File,
    /// A folder beside the program: `dir "root"`.
    Folder,
    /// The metadata of an identity provider: a file, or where it is on the web.
    Metadata,
    /// Who makes requests: `ec2`, `account production`, an ARN.
    Principals,
    /// The name of a managed policy of AWS.
    AwsPolicy,
    /// One of these words.
    Enum(Vec<String>),
    /// A reference to a declaration of this kind.
    Ref(String),
    /// A list.
    List(Box<Ty>),
    /// A type whose value may be absent.
    Optional(Box<Ty>),
}

impl Ty {
    /// Reads a type of a schema; a lower-case name is a reference to that kind.
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
                "UserData" => Self::UserData,
                "Dimensions" => Self::Dimensions,
                "Listener" => Self::Listener,
                "Capacity" => Self::Capacity,
                "Condition" => Self::Condition,
                "Sticky" => Self::Sticky,
                "Window" => Self::Window,
                "DailyWindow" => Self::DailyWindow,
                "Reserve" => Self::Reserve,
                "Script" => Self::Script,
                "Subscriber" => Self::Subscriber,
                "Watched" => Self::Watched,
                "LogValue" => Self::LogValue,
                "InstanceType" => Self::InstanceType,
                "Class" => Self::Class,
                "Credential" => Self::Credential,
                "Parameters" => Self::Parameters,
                "SecretStore" => Self::SecretStore,
                "Snapshot" => Self::Snapshot,
                "DatabaseName" => Self::DatabaseName,
                "AmiId" => Self::AmiId,
                "File" => Self::File,
                "Folder" => Self::Folder,
                "Metadata" => Self::Metadata,
                "Principals" => Self::Principals,
                "AwsPolicy" => Self::AwsPolicy,
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
    /// The type as messages name it, with an example.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "a value",
            Self::Bool => "`true` or `false`",
            Self::Int => "a whole number",
            Self::Number => "a number such as `0.5`",
            Self::Percent => "a share such as `10%`",
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
            Self::Nat => "`auto`, `one` or a list of Elastic IP addresses",
            Self::NameServer => "`amazon`, an address or an offset such as `tunnel + 5`",
            Self::Peering => "the two ends of a peering such as `staging/tunnel <-> ci/intranet`",
            Self::Region => "a region such as `us-west-2`",
            Self::AccountId => "an account id: twelve digits in quotes",
            Self::Domain => "a domain such as `\"example.com\"`",
            Self::Tags => "tags such as `{ owner = \"ops\" }`",
            Self::UserData => "values such as `{ role = \"leader\", db = database orders.endpoint }`",
            Self::Texts => "strings such as `{ role = \"leader\" }`",
            Self::Dimensions => "dimensions such as `{ QueueName = \"jobs\" }`",
            Self::Listener => "a listener such as `https 443 -> http 80`",
            Self::Capacity => {
                "a number of instances such as `2`, or `[1 at \"45 19 * * *\", 3 at \"33 19 * * *\"]`"
            }
            Self::Condition => "a condition such as `average > 99 for 5 x 5m`",
            Self::Sticky => "`cookie \"NAME\"`, or `cookie` for a cookie of the load balancer",
            Self::Reserve => "a share such as `10%` or a number of instances",
            Self::Script => "a script such as `file \"boot.sh\"`, or a list of them",
            Self::Window => "a window of a week such as `sat 05:00..sat 06:00`",
            Self::DailyWindow => "a window of every day such as `05:04..05:34`",
            Self::Subscriber => "an email address, a URL, or the ARN of a queue or function, in quotes",
            Self::Watched => "`all`, the name of a hostclass, or the name of a database in quotes",
            Self::LogValue => "a number such as `1`, or a field of the pattern such as `\"$size\"`",
            Self::InstanceType => "an instance type such as `m7i.large`",
            Self::Class => "a class such as `db.m7g.large`, `cache.t4g.small` or `m7g.large.search`",
            Self::Credential => "`managed`, or the key of a credential such as `credential \"rds/orders\"`",
            Self::SecretStore => {
                "`buckets`, or another store such as `parameters \"/shop/live/\"` or `secrets_manager \"live/\"`"
            }
            Self::Snapshot => "`latest`, or the id of a snapshot such as `\"ci-orders-2026-11-30\"`",
            Self::DatabaseName => "a database such as `orders`, `live/orders`, or an ARN in quotes",
            Self::Parameters => "parameters such as `{ max_connections = \"500\" }`",
            Self::AmiId => "the id of an AMI such as `\"ami-0123456789abcdef0\"`",
            Self::Folder => "a folder such as `dir \"root\"`",
            Self::File => "a file such as `file \"document.json\"`, or a string in quotes",
            Self::Metadata => "a file such as `file \"okta.xml\"`, or an address such as `url \"https://…\"`",
            Self::Principals => {
                "a service such as `ec2`, `account NAME`, `role NAME`, an ARN in quotes, or a list of these"
            }
            Self::AwsPolicy => "the name of a managed policy of AWS such as `ReadOnlyAccess`",
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

/// The plural of a type, for the items of a list.
struct Plural<'a>(&'a Ty);

impl fmt::Display for Plural<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ty::Rule => f.write_str("rules such as `[tcp 443 from internet]`"),
            Ty::Route => f.write_str("routes such as `[internet via igw]`"),
            Ty::PortRange => f.write_str("ports such as `[443, 1000..1006]`"),
            Ty::Source => f.write_str("sources such as `[internet, 10.0.0.0/8]`"),
            Ty::Ref(kind) if kind.ends_with('s') => write!(f, "names of {kind}es"),
            Ty::Ref(kind) => write!(f, "names of {kind}s"),
            other => write!(f, "values, each {other}"),
        }
    }
}

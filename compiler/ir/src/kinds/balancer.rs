//! Load balancers, classic and newer, and the groups of machines these send to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Change, Kind, Ref, Replacement, Risk, Schema};

/// Who can reach a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// The VPC and what is joined to it.
    Internal,
    /// The internet.
    InternetFacing,
}

/// A classic load balancer. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassicLoadBalancer {
    /// Its name, unique in the region: 32 hexadecimal digits.
    pub name: String,
    /// Who can reach it.
    pub scheme: Scheme,
    /// Subnets it is in.
    pub subnets: BTreeSet<Ref>,
    /// Security groups.
    pub groups: BTreeSet<Ref>,
    /// Ports it listens on.
    pub listeners: BTreeSet<ClassicListener>,
    /// How it finds out which machines serve.
    pub health_check: ClassicHealthCheck,
    /// What keeps a client with one machine; absent where nothing does.
    pub stickiness: Option<Stickiness>,
    /// Seconds before a connection on which nothing happens is closed.
    pub idle_timeout: u32,
    /// Seconds that requests in flight have when a machine leaves; 0 for none.
    pub draining: u32,
    /// Whether it sends to machines of every zone.
    pub cross_zone: bool,
}

/// A port that a [`ClassicLoadBalancer`] listens on. Protocols are AWS's: `HTTP`, `HTTPS`, `TCP`, `SSL`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClassicListener {
    /// Port.
    pub port: u16,
    /// Protocol.
    pub protocol: String,
    /// Port of the machines.
    pub to_port: u16,
    /// Protocol of the machines.
    pub to_protocol: String,
    /// Certificate, for `HTTPS` and `SSL`; its id is its ARN.
    pub certificate: Option<Ref>,
}

/// How a [`ClassicLoadBalancer`] finds out which machines serve. Times are seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassicHealthCheck {
    /// What it asks: `HTTP:80/ping`, `TCP:9001`.
    pub target: String,
    /// Time between two checks.
    pub interval: u32,
    /// Time an answer may take.
    pub timeout: u32,
    /// Failures after which a machine is out.
    pub unhealthy: u32,
    /// Successes after which it is in again.
    pub healthy: u32,
}

/// What keeps a client with one machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stickiness {
    /// A cookie of the application, by name.
    Application(String),
    /// A cookie of the load balancer's own, for so many seconds. Where absent: for the browser's session; of a
    /// target group, whose cookies are for a time always, for a day, which AWS does not tell from 86400 seconds.
    Balancer(Option<u32>),
}

/// Machines that a [`LoadBalancer`] sends to. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Its name, unique in the region, at most 32 characters: `ci-mhcbanana`.
    pub name: String,
    /// VPC of the machines.
    pub vpc: Ref,
    /// Protocol: `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`.
    pub protocol: String,
    /// Port.
    pub port: u16,
    /// How it finds out which machines serve.
    pub health_check: TargetHealthCheck,
    /// Seconds that requests in flight have when a machine leaves.
    pub draining: u32,
    /// What keeps a client with one machine; absent where nothing does.
    pub stickiness: Option<Stickiness>,
}

/// How a [`TargetGroup`] finds out which machines serve. Times are seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetHealthCheck {
    /// Protocol: `HTTP`, `HTTPS` or `TCP`.
    pub protocol: String,
    /// Port.
    pub port: u16,
    /// Path, for `HTTP` and `HTTPS`.
    pub path: Option<String>,
    /// Time between two checks.
    pub interval: u32,
    /// Time an answer may take.
    pub timeout: u32,
    /// Failures after which a machine is out.
    pub unhealthy: u32,
    /// Successes after which it is in again.
    pub healthy: u32,
}

/// An application or network load balancer. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// Its name, unique in the region, at most 32 characters: `ci-mhcbanana`.
    pub name: String,
    /// What it understands.
    pub family: BalancerFamily,
    /// Who can reach it.
    pub scheme: Scheme,
    /// Subnets it is in.
    pub subnets: BTreeSet<Ref>,
    /// Security groups.
    pub groups: BTreeSet<Ref>,
    /// Ports it listens on.
    pub listeners: BTreeSet<Listener>,
    /// Seconds before a connection on which nothing happens is closed; absent where it cannot be said.
    pub idle_timeout: Option<u32>,
    /// Whether it sends to machines of every zone; absent where it always does.
    pub cross_zone: Option<bool>,
}

/// What a [`LoadBalancer`] understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BalancerFamily {
    /// HTTP.
    Application,
    /// Connections.
    Network,
}

/// A port that a [`LoadBalancer`] listens on. Protocols are AWS's: `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Listener {
    /// Port.
    pub port: u16,
    /// Protocol.
    pub protocol: String,
    /// Certificate, for `HTTPS` and `TLS`; its id is its ARN.
    pub certificate: Option<Ref>,
    /// Where everything goes that comes in.
    pub target: Ref,
}

/// A set of ports, of which a change breaks connections.
const PORTS: Change =
    Change::Elements { key: &["port"], changed: Risk::Disruptive, removed: Risk::Disruptive };
/// A set of places, which those who are there already lose.
const PLACES: Change = Change::Elements { key: &[], changed: Risk::Disruptive, removed: Risk::Disruptive };
/// Why a load balancer is made anew.
const SCHEME: Change = Change::Replace("AWS cannot turn an internal load balancer into a public one or back");

impl ClassicLoadBalancer {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "classic-load-balancer",
        fields: &[
            ("name", Change::Replace("AWS cannot rename a load balancer")),
            ("scheme", SCHEME),
            ("subnets", PLACES),
            ("groups", PLACES),
            ("listeners", PORTS),
            ("stickiness", Change::InPlace(Risk::Disruptive)),
        ],
        // Its name is taken until the old one is gone.
        replacement: Replacement::DeleteFirst,
        exclusive: &["name"],
        never_empty: &["subnets", "groups"],
        vpc_bound_by: Some("subnets"),
        ..Schema::DEFAULT
    };
}

impl TargetGroup {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "target-group",
        fields: &[
            ("name", Change::Replace("AWS cannot rename a target group")),
            ("vpc", Change::Replace("a target group cannot move to another VPC")),
            ("protocol", Change::Replace("AWS cannot change the protocol of a target group")),
            ("port", Change::Replace("AWS cannot change the port of a target group")),
        ],
        replacement: Replacement::DeleteFirst,
        exclusive: &["name"],
        ..Schema::DEFAULT
    };
}

impl LoadBalancer {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "load-balancer",
        // It lets machines that go finish what they do.
        delete_after_kinds: &[Kind::AutoScalingGroup],
        fields: &[
            ("name", Change::Replace("AWS cannot rename a load balancer")),
            ("family", Change::Replace("a load balancer of one kind cannot become one of the other")),
            ("scheme", SCHEME),
            ("subnets", PLACES),
            ("groups", PLACES),
            ("listeners", PORTS),
        ],
        replacement: Replacement::DeleteFirst,
        exclusive: &["name"],
        never_empty: &["subnets"],
        vpc_bound_by: Some("subnets"),
        ..Schema::DEFAULT
    };
}

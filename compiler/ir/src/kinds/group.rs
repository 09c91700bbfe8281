use std::collections::BTreeSet;
use std::fmt;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::{Change, Kind, Ref, Replacement, Risk, Schema};

/// A security group, without its ingress rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its VPC.
    pub vpc: Ref,
    /// Group name, unique in its VPC.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where members may go. asiaq wants what AWS gives a group when it is made: everywhere.
    pub egress: BTreeSet<GroupRule>,
}

/// A set of rules, each the same one whatever its description.
const RULES: Change = Change::Elements {
    key: &["protocol", "from", "to", "source"],
    changed: Risk::Safe,
    removed: Risk::Disruptive,
};

impl SecurityGroup {
    /// A group whose members may go everywhere.
    pub fn new(vpc: Ref, name: impl Into<String>, description: impl Into<String>) -> Self {
        let anywhere = GroupRule {
            protocol: Protocol::Any,
            from: None,
            to: None,
            source: Source::Cidr(Ipv4Net::default()),
            description: String::new(),
        };
        Self { vpc, name: name.into(), description: description.into(), egress: [anywhere].into() }
    }

    pub(crate) const SCHEMA: Schema = Schema {
        name: "security-group",
        fields: &[
            ("vpc", Change::Replace("a security group cannot move to another VPC")),
            ("name", Change::Replace("AWS cannot rename a security group")),
            // AWS cannot change it, and a group that machines are in cannot be replaced.
            ("description", Change::CreateOnly),
            ("egress", RULES),
        ],
        replacement: Replacement::DeleteFirst,
        exclusive: &["vpc", "name"],
        // Machines and load balancers are in it, whatever points at it.
        delete_after_kinds: &[Kind::AutoScalingGroup, Kind::ClassicLoadBalancer, Kind::LoadBalancer],
        ..Schema::DEFAULT
    };
}

/// All ingress rules of a security group; its id is the group's, its address the group's with `/ingress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngressRules {
    /// The group.
    pub group: Ref,
    /// The rules. What is not here is revoked.
    pub rules: BTreeSet<GroupRule>,
}

/// One permission of a group in AWS's form: one protocol, one range, one source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupRule {
    /// Protocol.
    pub protocol: Protocol,
    /// First port, or the ICMP type; absent for every port or type.
    pub from: Option<u16>,
    /// Last port, or the ICMP code; absent for every port or code.
    pub to: Option<u16>,
    /// Who may come in; of an egress rule, where one may go.
    pub source: Source,
    /// Why, for people; empty where nothing was said.
    #[serde(default)]
    pub description: String,
}

/// An IP protocol, as AWS reports it: the name for the three with ports or types, else the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Every protocol; `-1` in AWS.
    Any,
    /// 6.
    Tcp,
    /// 17.
    Udp,
    /// 1.
    Icmp,
    /// Any other IANA protocol number.
    Number(u8),
}

/// Who a rule lets in, or where it lets one go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Addresses of a block.
    Cidr(Ipv4Net),
    /// Members of a security group.
    Group(Ref),
    /// A source asiaq never writes (IPv6, a prefix list), in AWS's words; found only, and revoked.
    Other(String),
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Icmp => f.write_str("icmp"),
            Self::Number(number) => write!(f, "proto {number}"),
        }
    }
}

impl IngressRules {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "ingress-rules",
        fields: &[("group", Change::Replace("the rules belong to another group")), ("rules", RULES)],
        ..Schema::DEFAULT
    };
}

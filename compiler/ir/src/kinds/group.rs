use std::collections::BTreeSet;
use std::fmt;

use asiaq_ir_derive::{Element, Part, ResourceKind};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::first_half;
use crate::Ref;

/// A security group, without its ingress rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = NameInVpc, lies_in(vpc), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:security-group/{id}",
    console = "ec2/home?region={region}#SecurityGroup:groupId={id}",
    fields(name)
))]
#[resource(outage(seconds = 300, what = "nothing runs in it"))]
#[resource(
    // Instances and load balancers are members, whatever references the group.
    delete_after(AutoScalingGroup, ClassicLoadBalancer, LoadBalancer)
)]
#[aws(tags = "ec2:CreateSecurityGroup.TagSpecifications.Tags", own_tags = 1)]
pub struct SecurityGroup {
    /// Its VPC.
    #[resource(replace = "a security group cannot move to another VPC", exclusive, in_use)]
    #[aws("ec2:CreateSecurityGroup.VpcId")]
    pub vpc: Ref,
    /// Group name, unique in its VPC.
    #[resource(replace = "AWS cannot rename a security group", exclusive, derived_name)]
    #[aws("ec2:CreateSecurityGroup.GroupName")]
    pub name: String,
    /// Description, for people.
    // A replacement would cut off the members while they move.
    #[resource(
        create_only = "AWS cannot change the description of a security group, and a new group would replace all that is in it"
    )]
    #[aws("ec2:CreateSecurityGroup.Description")]
    pub description: String,
    /// Egress rules. asiaq wants the rule that AWS gives a new group: all traffic to all destinations.
    #[resource(elements(removed = Disruptive))]
    #[aws("ec2:AuthorizeSecurityGroupEgress.IpPermissions")]
    pub egress: BTreeSet<GroupRule>,
}

impl SecurityGroup {
    /// A group whose members may send all traffic to all destinations.
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
}

/// All ingress rules of a security group. The id is the group's, the address the group's with `/ingress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Parent, lies_in(group), renamed = Kept)]
#[resource(outputs(fields()))]
#[resource(outage(seconds = 5, what = "nothing new is let in"))]
// Those that are replaced let in what the old members serve.
#[resource(is_setting, outlives(AutoScalingGroup, ClassicLoadBalancer, LoadBalancer), summary(rules))]
#[aws(not_tagged = "asiaq tags the group, not its rules")]
pub struct IngressRules {
    /// The security group.
    #[resource(replace = "the rules belong to another group")]
    #[aws("ec2:AuthorizeSecurityGroupIngress.GroupId")]
    pub group: Ref,
    /// The rules. Rules of the group that are not in this set are revoked.
    #[resource(elements(removed = Disruptive), in_use, initial = first_half(&self.rules))]
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions")]
    pub rules: BTreeSet<GroupRule>,
}

/// One rule of a security group in AWS's form: one protocol, one port range, one source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct GroupRule {
    /// IP protocol.
    #[element(key)]
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions.IpProtocol")]
    pub protocol: Protocol,
    /// First port, or the ICMP type; absent for all ports or types.
    #[element(key)]
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions.FromPort")]
    pub from: Option<u16>,
    /// Last port, or the ICMP code; absent for all ports or codes.
    #[element(key)]
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions.ToPort")]
    pub to: Option<u16>,
    /// Source of the traffic; the destination of an egress rule.
    #[element(key)]
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions")]
    pub source: Source,
    /// Description, for people; empty where the program states none.
    #[serde(default)]
    #[aws(
        "ec2:AuthorizeSecurityGroupIngress.IpPermissions.IpRanges.Description",
        "ec2:AuthorizeSecurityGroupIngress.IpPermissions.UserIdGroupPairs.Description"
    )]
    pub description: String,
}

/// An IP protocol, as AWS reports it: the name for the three with ports or types, else the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// All protocols; `-1` in AWS.
    Any,
    /// TCP, number 6.
    Tcp,
    /// UDP, number 17.
    Udp,
    /// ICMP, number 1.
    Icmp,
    /// Any other IANA protocol number.
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions.IpProtocol")]
    Number(u8),
}

/// The source of an ingress rule, or the destination of an egress rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The addresses of a CIDR block.
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions.IpRanges.CidrIp")]
    Cidr(Ipv4Net),
    /// The members of a security group.
    #[aws("ec2:AuthorizeSecurityGroupIngress.IpPermissions.UserIdGroupPairs.GroupId")]
    Group(Ref),
    /// A source that asiaq never writes (IPv6, a prefix list), in AWS's form. Found in AWS only, and revoked.
    #[aws(not_sent = "found in AWS only")]
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

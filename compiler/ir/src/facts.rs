use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::Address;

/// What the account already holds that a lowering has to respect: live blocks win over fresh ones.
///
/// A region that was not looked at is absent, and a lowering then assumes what a fresh account would give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Id of the account that was looked at; absent where nobody looked, or where it does not matter.
    pub account: Option<String>,
    /// By region name.
    pub regions: BTreeMap<String, RegionFacts>,
}

impl Facts {
    /// What is known of `region` for an environment that has to be in `account`: nothing where another
    /// account was looked at.
    pub fn of(&self, region: &str, account: Option<&str>) -> Option<&RegionFacts> {
        let is_elsewhere = account.is_some() && self.account.is_some() && account != self.account.as_deref();
        self.regions.get(region).filter(|_| !is_elsewhere)
    }
}

/// A fact that takes calls of its own, and that not every lowering reads; all others come with what a project owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// [`RegionFacts::zones`].
    Zones,
    /// [`RegionFacts::images`].
    Images,
    /// [`RegionFacts::snapshots`].
    Snapshots,
    /// [`RegionFacts::certificates`].
    Certificates,
}

impl Need {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Zones, Self::Images, Self::Snapshots, Self::Certificates];
}

/// The facts of one region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionFacts {
    /// Availability zones that are available, in order of name.
    pub zones: Vec<String>,
    /// Every VPC, whoever made it.
    pub vpcs: Vec<VpcFact>,
    /// The subnets of this project.
    pub subnets: BTreeMap<Address, SubnetFact>,
    /// Every elastic IP address: public address to allocation id.
    pub elastic_ips: BTreeMap<Ipv4Addr, String>,
    /// Every VPN gateway that is not deleted.
    pub vpn_gateways: Vec<VpnGatewayFact>,
    /// Images of this account, and those that others share with it.
    pub images: Vec<ImageFact>,
    /// Snapshots of disks, of this account.
    pub snapshots: Vec<SnapshotFact>,
    /// Certificates that are issued, and server certificates of IAM.
    pub certificates: Vec<CertificateFact>,
    /// Every hosted zone of the account.
    pub hosted_zones: Vec<HostedZoneFact>,
    /// Subscriptions that nobody has confirmed yet, by the ARN of their topic.
    pub unconfirmed: BTreeMap<String, BTreeSet<String>>,
    /// Names of the alarms that are not this project's: AWS would put an alarm of the same name over one.
    pub foreign_alarms: BTreeSet<String>,
}

/// A machine image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFact {
    /// AWS id.
    pub id: String,
    /// Its name: a hostclass, a blank and the time of its making in seconds of the Unix epoch.
    pub name: String,
    /// Account it belongs to.
    pub owner: String,
    /// Time of its making as AWS says it: UTC, ISO 8601.
    pub created: String,
    /// Whether it can be used.
    pub is_available: bool,
    /// Its tags; none where it belongs to another account.
    pub tags: BTreeMap<String, String>,
    /// Device name of its root disk.
    pub root_device: String,
    /// GiB of its root disk, where it has one.
    pub root_size: Option<u32>,
    /// `x86_64`, `arm64`, ….
    pub architecture: String,
}

/// A snapshot of a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotFact {
    /// AWS id.
    pub id: String,
    /// Time of its start: UTC, ISO 8601.
    pub started: String,
    /// Whether it is completed.
    pub is_completed: bool,
    /// GiB.
    pub size: u32,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A certificate that a load balancer can use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFact {
    /// ARN.
    pub arn: String,
    /// Domains it is for, wildcards included; for a server certificate of IAM its name.
    pub names: Vec<String>,
    /// Whether IAM keeps it, and not the certificate manager.
    pub is_of_iam: bool,
    /// Time of its issue: UTC, ISO 8601; empty where nobody says.
    pub issued: String,
}

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZoneFact {
    /// AWS id, without `/hostedzone/`.
    pub id: String,
    /// Domain, without the dot at the end.
    pub domain: String,
    /// Whether only some VPCs see it.
    pub is_private: bool,
    /// Address, where the zone is of this project.
    pub address: Option<Address>,
}

/// A live VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcFact {
    /// AWS id.
    pub id: String,
    /// All IPv4 blocks, the primary one first.
    pub blocks: Vec<Ipv4Net>,
    /// Address, where the VPC is of this project.
    pub address: Option<Address>,
    /// `Name` tag, for messages.
    pub name: Option<String>,
}

/// A live subnet of this project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetFact {
    /// Its VPC's AWS id.
    pub vpc: String,
    /// Its block.
    pub cidr: Ipv4Net,
    /// Its availability zone.
    pub zone: String,
}

/// A live VPN gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpnGatewayFact {
    /// AWS id.
    pub id: String,
    /// `Name` tag: the environment it is meant for.
    pub name: Option<String>,
    /// Id of the VPC it is attached to, or being attached to.
    pub attached_to: Option<String>,
}

impl RegionFacts {
    /// Takes in what another listing found.
    pub fn extend(&mut self, other: Self) {
        self.zones.extend(other.zones);
        self.vpcs.extend(other.vpcs);
        self.subnets.extend(other.subnets);
        self.elastic_ips.extend(other.elastic_ips);
        self.vpn_gateways.extend(other.vpn_gateways);
        self.images.extend(other.images);
        self.snapshots.extend(other.snapshots);
        self.certificates.extend(other.certificates);
        self.hosted_zones.extend(other.hosted_zones);
        self.unconfirmed.extend(other.unconfirmed);
        self.foreign_alarms.extend(other.foreign_alarms);
    }
}

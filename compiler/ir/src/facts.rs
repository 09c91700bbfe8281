use std::collections::BTreeMap;
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
    }
}

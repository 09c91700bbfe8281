use asiaq_ir_derive::ResourceKind;
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A virtual private cloud: one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(deletion = DataLoss, summary(cidr))]
pub struct Vpc {
    /// Primary IPv4 CIDR block, /16 to /28.
    #[resource(replace = "AWS cannot change the primary block of a VPC")]
    pub cidr: Ipv4Net,
    /// Whether the Amazon DNS server answers in the VPC.
    #[resource(in_place = Disruptive, initial = true)]
    pub dns_support: bool,
    /// Whether instances with a public address get a public DNS name.
    #[resource(initial = false)]
    pub dns_hostnames: bool,
    /// DHCP option set; the region's default where absent.
    #[resource(in_use, initial = None)]
    pub dhcp_options: Option<Ref>,
}

const SET_IS_FIXED: &str = "AWS cannot change a DHCP option set; a new one takes its place";

/// A DHCP option set, which instances read at boot and when they renew their lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(deletion = Safe, summary(domain_name))]
pub struct DhcpOptions {
    /// Domain of unqualified names.
    #[resource(replace = SET_IS_FIXED)]
    pub domain_name: Option<String>,
    /// Name servers in order: addresses or `AmazonProvidedDNS`.
    #[resource(replace = SET_IS_FIXED)]
    pub domain_name_servers: Vec<String>,
    /// Time servers in order: addresses, at most four.
    #[resource(replace = SET_IS_FIXED)]
    pub ntp_servers: Vec<String>,
}

/// A subnet: the part of a metanetwork in one availability zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(replacement = DeleteFirst, summary(cidr, zone))]
pub struct Subnet {
    /// Its VPC.
    #[resource(replace = "a subnet cannot move to another VPC", exclusive, in_use)]
    pub vpc: Ref,
    /// Its CIDR block, /16 to /28.
    #[resource(replace = "AWS cannot change the block of a subnet", exclusive)]
    pub cidr: Ipv4Net,
    /// Availability zone by name, such as `us-west-2a`.
    #[resource(replace = "a subnet cannot move to another availability zone")]
    pub zone: String,
}

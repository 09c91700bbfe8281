use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::{Change, Ref, Replacement, Risk, Schema};

/// A virtual private cloud: one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Primary IPv4 block, /16 to /28.
    pub cidr: Ipv4Net,
    /// Whether the Amazon DNS server answers inside.
    pub dns_support: bool,
    /// Whether instances with a public address get a public DNS name.
    pub dns_hostnames: bool,
    /// DHCP option set in force; the region's default where absent.
    pub dhcp_options: Option<Ref>,
}

impl Vpc {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "vpc",
        fields: &[
            ("cidr", Change::Replace("AWS cannot change the primary block of a VPC")),
            ("dns_support", Change::InPlace(Risk::Disruptive)),
        ],
        deletion: Risk::DataLoss,
        ..Schema::DEFAULT
    };
}

/// A DHCP option set: what instances are told at boot and on lease renewal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpOptions {
    /// Domain of unqualified names.
    pub domain_name: Option<String>,
    /// Name servers in order: addresses or `AmazonProvidedDNS`.
    pub domain_name_servers: Vec<String>,
    /// Time servers in order: addresses, four at most.
    pub ntp_servers: Vec<String>,
}

const SET_IS_FIXED: Change =
    Change::Replace("AWS cannot change a DHCP option set; a new one takes its place");

impl DhcpOptions {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "dhcp-options",
        fields: &[
            ("domain_name", SET_IS_FIXED),
            ("domain_name_servers", SET_IS_FIXED),
            ("ntp_servers", SET_IS_FIXED),
        ],
        deletion: Risk::Safe,
        ..Schema::DEFAULT
    };
}

/// A subnet: one zone's share of a metanetwork.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: Ref,
    /// Its block, /16 to /28.
    pub cidr: Ipv4Net,
    /// Availability zone by name, such as `us-west-2a`.
    pub zone: String,
}

impl Subnet {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "subnet",
        fields: &[
            ("vpc", Change::Replace("a subnet cannot move to another VPC")),
            ("cidr", Change::Replace("AWS cannot change the block of a subnet")),
            ("zone", Change::Replace("a subnet cannot move to another availability zone")),
        ],
        replacement: Replacement::DeleteFirst,
        exclusive: &["vpc", "cidr"],
        ..Schema::DEFAULT
    };
}

use asiaq_ir_derive::ResourceKind;
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A virtual private cloud: one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:vpc/{id}",
    console = "vpcconsole/home?region={region}#VpcDetails:VpcId={id}",
    fields(cidr)
))]
#[resource(outage(seconds = 900, what = "nothing runs in it"))]
#[resource(deletion = DataLoss, summary(cidr))]
#[aws(tags = "ec2:CreateVpc.TagSpecifications.Tags", shown = "VPC")]
pub struct Vpc {
    /// Primary IPv4 CIDR block, /16 to /28.
    #[resource(replace = "AWS cannot change the primary block of a VPC")]
    #[aws("ec2:CreateVpc.CidrBlock")]
    pub cidr: Ipv4Net,
    /// Whether the Amazon DNS server answers in the VPC.
    #[resource(decrease_risk = Disruptive, initial = true)]
    #[aws("ec2:ModifyVpcAttribute.EnableDnsSupport")]
    pub dns_support: bool,
    /// Whether instances with a public address get a public DNS name.
    // Private zones are resolved only where both settings are on.
    #[resource(decrease_risk = Disruptive, initial = false)]
    #[aws("ec2:ModifyVpcAttribute.EnableDnsHostnames")]
    pub dns_hostnames: bool,
    /// DHCP option set; the region's default where absent.
    #[resource(in_use, initial = None)]
    #[aws("ec2:AssociateDhcpOptions.DhcpOptionsId", if_set)]
    pub dhcp_options: Option<Ref>,
}

const SET_IS_FIXED: &str = "AWS cannot change a DHCP option set; a new one takes its place";

/// A DHCP option set, which instances read at boot and when they renew their lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:dhcp-options/{id}",
    console = "vpcconsole/home?region={region}#DhcpOptionsDetails:DhcpOptionsId={id}",
    fields(domain_name)
))]
#[resource(outage(none))]
#[resource(deletion = Safe, summary(domain_name))]
#[aws(tags = "ec2:CreateDhcpOptions.TagSpecifications.Tags", shown = "DHCP option set")]
pub struct DhcpOptions {
    /// Domain of unqualified names.
    #[resource(replace = SET_IS_FIXED)]
    #[aws("ec2:CreateDhcpOptions.DhcpConfigurations.Values@domain-name")]
    pub domain_name: Option<String>,
    /// Name servers in order: addresses or `AmazonProvidedDNS`.
    #[resource(replace = SET_IS_FIXED)]
    #[aws("ec2:CreateDhcpOptions.DhcpConfigurations.Values@domain-name-servers")]
    pub domain_name_servers: Vec<String>,
    /// Time servers in order: addresses, at most four.
    #[resource(replace = SET_IS_FIXED)]
    #[aws("ec2:CreateDhcpOptions.DhcpConfigurations.Values@ntp-servers")]
    pub ntp_servers: Vec<String>,
}

/// A subnet: the part of a metanetwork in one availability zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(vpc), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:subnet/{id}",
    console = "vpcconsole/home?region={region}#SubnetDetails:subnetId={id}",
    fields(cidr, zone)
))]
#[resource(outage(seconds = 300, what = "nothing runs in it"))]
#[resource(summary(cidr, zone))]
#[aws(tags = "ec2:CreateSubnet.TagSpecifications.Tags")]
pub struct Subnet {
    /// Its VPC.
    #[resource(replace = "a subnet cannot move to another VPC", exclusive, in_use)]
    #[aws("ec2:CreateSubnet.VpcId")]
    pub vpc: Ref,
    /// Its CIDR block, /16 to /28.
    #[resource(replace = "AWS cannot change the block of a subnet", exclusive)]
    #[aws("ec2:CreateSubnet.CidrBlock")]
    pub cidr: Ipv4Net,
    /// Availability zone by name, such as `us-west-2a`.
    #[resource(replace = "a subnet cannot move to another availability zone")]
    #[aws("ec2:CreateSubnet.AvailabilityZone")]
    pub zone: String,
}

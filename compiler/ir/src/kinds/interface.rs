use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A floating network interface: it keeps the static address of a hostclass when instances are replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(subnet), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:network-interface/{id}",
    console = "ec2/home?region={region}#NetworkInterface:networkInterfaceId={id}",
    fields(address),
    assigned(PublicIp)
))]
#[resource(outage(seconds = 300, what = "nothing answers at its address"))]
#[resource(
    // A running instance would lose the interface.
    delete_after(AutoScalingGroup),
    summary(address)
)]
#[aws(tags = "ec2:CreateNetworkInterface.TagSpecifications.Tags")]
pub struct NetworkInterface {
    /// Subnet of the address.
    #[resource(replace = "an interface cannot move to another subnet", exclusive, in_use)]
    #[aws("ec2:CreateNetworkInterface.SubnetId")]
    pub subnet: Ref,
    /// Primary private address.
    #[resource(replace = "AWS cannot change the primary address of an interface", exclusive, identity)]
    #[aws("ec2:CreateNetworkInterface.PrivateIpAddress")]
    pub address: Ipv4Addr,
    /// Security groups.
    #[resource(elements(changed = Disruptive, removed = Disruptive), min = 1, in_use)]
    #[aws("ec2:CreateNetworkInterface.Groups")]
    pub groups: BTreeSet<Ref>,
    /// Description, by which instances find the interface at boot.
    #[aws("ec2:CreateNetworkInterface.Description")]
    pub description: String,
}

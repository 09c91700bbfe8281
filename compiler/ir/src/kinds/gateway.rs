use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::Ref;

/// An internet gateway, attached to its VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
// AWS does not detach a gateway from a VPC that has mapped public addresses.
#[resource(delete_after(NatGateway, AutoScalingGroup, ClassicLoadBalancer, LoadBalancer))]
pub struct InternetGateway {
    /// VPC that it is attached to; absent while it is not attached.
    #[resource(in_place = Disruptive, in_use, initial = None)]
    pub vpc: Option<Ref>,
}

/// The attachment of a VPN gateway that asiaq did not create. Its id is the gateway's.
///
/// The gateway itself is never created, deleted or detached from another VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(replacement = DeleteFirst, summary(gateway))]
pub struct VpnAttachment {
    /// The gateway.
    #[resource(replace = "another gateway has to be attached", exclusive)]
    pub gateway: Ref,
    /// VPC that it is attached to.
    #[resource(replace = "the gateway has to be attached to another VPC", in_use)]
    pub vpc: Ref,
}

/// A public NAT gateway in a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
// Instances that are terminated still finish their work.
#[resource(delete_after(AutoScalingGroup))]
pub struct NatGateway {
    /// Subnet that it is in.
    #[resource(replace = "a NAT gateway cannot move to another subnet", in_use)]
    pub subnet: Ref,
    /// Elastic IP address of its outgoing connections.
    #[resource(replace = "AWS cannot change the address of a NAT gateway", exclusive, in_use)]
    pub elastic_ip: Ref,
}

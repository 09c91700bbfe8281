use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::Ref;

/// An internet gateway, attached to its VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(vpc), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:internet-gateway/{id}",
    console = "vpcconsole/home?region={region}#InternetGateway:internetGatewayId={id}"
))]
#[resource(outage(seconds = 10, what = "the VPC has no way to the internet, nor from it"))]
// AWS does not detach a gateway from a VPC that has mapped public addresses.
#[resource(delete_after(NatGateway, AutoScalingGroup, ClassicLoadBalancer, LoadBalancer))]
#[aws(tags = "ec2:CreateInternetGateway.TagSpecifications.Tags")]
pub struct InternetGateway {
    /// VPC that it is attached to; absent while it is not attached.
    #[resource(
        in_place = Disruptive,
        exclusive,
        in_use,
        initial = None,
        replaced_with = "the old one serves its VPC until nothing is in it"
    )]
    #[aws("ec2:AttachInternetGateway.VpcId", if_set)]
    pub vpc: Option<Ref>,
}

/// The attachment of a VPN gateway that asiaq did not create. Its id is the gateway's.
///
/// The gateway itself is never created, deleted or detached from another VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Parent, lies_in(vpc), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:vpn-gateway/{id}",
    console = "vpcconsole/home?region={region}#VpnGateways:VpnGatewayId={id}"
))]
#[resource(outage(seconds = 300, what = "nothing passes the VPN gateway"))]
#[resource(replacement = DeleteFirst, summary(gateway))]
#[aws(tags = "ec2:CreateTags.Tags", shown = "VPN attachment")]
pub struct VpnAttachment {
    /// The gateway.
    #[resource(replace = "another gateway has to be attached", exclusive)]
    #[aws("ec2:AttachVpnGateway.VpnGatewayId")]
    pub gateway: Ref,
    /// VPC that it is attached to.
    #[resource(replace = "the gateway has to be attached to another VPC", in_use)]
    #[aws("ec2:AttachVpnGateway.VpcId")]
    pub vpc: Ref,
}

/// A public NAT gateway in a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(subnet), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:natgateway/{id}",
    console = "vpcconsole/home?region={region}#NatGatewayDetails:natGatewayId={id}",
    assigned(PublicIp, PrivateIp)
))]
#[resource(outage(seconds = 180, what = "what routes through it has no way to the internet"))]
// Instances that are terminated still finish their work.
#[resource(outlives(AutoScalingGroup))]
#[aws(tags = "ec2:CreateNatGateway.TagSpecifications.Tags", shown = "NAT gateway")]
pub struct NatGateway {
    /// Subnet that it is in.
    #[resource(replace = "a NAT gateway cannot move to another subnet", in_use)]
    #[aws("ec2:CreateNatGateway.SubnetId")]
    pub subnet: Ref,
    /// Elastic IP address of its outgoing connections.
    #[resource(replace = "AWS cannot change the address of a NAT gateway", exclusive, in_use)]
    #[aws("ec2:CreateNatGateway.AllocationId")]
    pub elastic_ip: Ref,
}

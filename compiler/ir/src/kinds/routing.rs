use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, ResourceKind};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::first_half;
use crate::Ref;

/// A route table and the one subnet that uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(vpc), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:route-table/{id}",
    console = "vpcconsole/home?region={region}#RouteTableDetails:RouteTableId={id}"
))]
#[resource(outage(seconds = 5, what = "its subnet has no routes out of the VPC"))]
// Instances that are terminated still finish their work.
#[resource(outlives(AutoScalingGroup))]
#[aws(tags = "ec2:CreateRouteTable.TagSpecifications.Tags")]
pub struct RouteTable {
    /// Its VPC.
    #[resource(replace = "a route table cannot move to another VPC", in_use)]
    #[aws("ec2:CreateRouteTable.VpcId")]
    pub vpc: Ref,
    /// Subnet associated with it.
    #[resource(in_place = Disruptive, auto_detached, deleted_after_user, initial = None)]
    #[aws("ec2:AssociateRouteTable.SubnetId", if_set)]
    pub subnet: Option<Ref>,
    /// Routes besides the VPC's local route, which AWS keeps.
    #[resource(
        elements(changed = Disruptive, removed = Disruptive),
        auto_detached,
        initial = first_half(&self.routes)
    )]
    #[aws("ec2:CreateRoute")]
    pub routes: BTreeSet<Route>,
    /// VPN gateway whose routes are propagated into the table.
    #[resource(in_place = Disruptive, auto_detached, initial = None)]
    #[aws("ec2:EnableVgwRoutePropagation.GatewayId", if_set)]
    pub propagation: Option<Ref>,
}

/// A route of a [`RouteTable`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Route {
    /// Destination CIDR block; `0.0.0.0/0` is the default route.
    #[element(key)]
    #[aws("ec2:CreateRoute.DestinationCidrBlock")]
    pub destination: Ipv4Net,
    /// Internet gateway, VPN gateway, NAT gateway or peering connection.
    #[aws(
        "ec2:CreateRoute.GatewayId",
        "ec2:CreateRoute.NatGatewayId",
        "ec2:CreateRoute.VpcPeeringConnectionId"
    )]
    pub target: Ref,
}

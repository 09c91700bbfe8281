use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::{Address, Ref, Resource};

const PAIR_IS_FIXED: &str = "a peering connection joins two VPCs for good";

/// A VPC peering connection between two environments of one account, accepted by asiaq itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(requester, accepter))]
#[resource(outputs(
    arn = "ec2:{region}:{account}:vpc-peering-connection/{id}",
    console = "vpcconsole/home?region={region}#PeeringConnectionDetails:vpcPeeringConnectionId={id}"
))]
#[resource(outage(seconds = 15, what = "the two networks do not reach each other"))]
#[aws(tags = "ec2:CreateVpcPeeringConnection.TagSpecifications.Tags")]
pub struct PeeringConnection {
    /// VPC that requests the connection.
    #[resource(replace = PAIR_IS_FIXED, exclusive, in_use)]
    #[aws("ec2:CreateVpcPeeringConnection.VpcId")]
    pub requester: Ref,
    /// VPC that accepts the connection.
    #[resource(replace = PAIR_IS_FIXED, exclusive, in_use)]
    #[aws("ec2:CreateVpcPeeringConnection.PeerVpcId")]
    pub accepter: Ref,
    /// Region of the accepting VPC.
    #[resource(replace = PAIR_IS_FIXED)]
    #[aws("ec2:CreateVpcPeeringConnection.PeerRegion")]
    pub accepter_region: String,
    /// Whether the connection is accepted. Always wanted; false where a creation was interrupted.
    #[resource(initial = false)]
    #[aws(not_sent = "the call that accepts has no argument for it")]
    pub accepted: bool,
}

impl Resource {
    /// The VPCs that a peering connection joins; empty for every other kind.
    pub fn joined(&self) -> impl Iterator<Item = &Ref> {
        let ends = match self {
            Resource::PeeringConnection(peering) => Some([&peering.requester, &peering.accepter]),
            _ => None,
        };
        ends.into_iter().flatten()
    }

    /// The VPCs of this project among them, by address.
    pub fn joined_addresses(&self) -> impl Iterator<Item = &Address> {
        self.joined().filter_map(|end| match end {
            Ref::To(vpc) => Some(vpc),
            Ref::Id(_) | Ref::Find(_) => None,
        })
    }
}

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::{Address, RecordSet, RecordTarget, Ref, Resource};

const PAIR_IS_FIXED: &str = "a peering connection joins two VPCs for good";

/// A VPC peering connection between two environments, accepted by asiaq itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(requester, accepter), renamed = Kept)]
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
    /// Account of the accepting VPC, if it is another one than that of the requesting VPC.
    #[resource(replace = PAIR_IS_FIXED)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[aws("ec2:CreateVpcPeeringConnection.PeerOwnerId")]
    pub accepter_account: Option<String>,
    /// Whether the connection is accepted. Always wanted; false where a creation was interrupted.
    #[resource(initial = false)]
    #[aws(not_sent = "the call that accepts has no argument for it")]
    pub accepted: bool,
}

impl Resource {
    /// What it joins: of a peering connection its two VPCs, of a record with the name servers of a hosted zone that zone
    /// and the one above it. It concerns the environments of both. Empty for every other resource.
    pub fn joined(&self) -> impl Iterator<Item = &Ref> {
        let ends = match self {
            Resource::PeeringConnection(peering) => Some([&peering.requester, &peering.accepter]),
            Resource::RecordSet(RecordSet { zone, target: RecordTarget::ServersOf(below), .. }) => {
                Some([zone, below])
            }
            _ => None,
        };
        ends.into_iter().flatten()
    }

    /// Those of this project among them, by address.
    pub fn joined_addresses(&self) -> impl Iterator<Item = &Address> {
        self.joined().filter_map(|end| match end {
            Ref::To(end) => Some(end),
            Ref::Id(_) | Ref::Find(_) => None,
        })
    }
}

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::Ref;

const PAIR_IS_FIXED: &str = "a peering connection joins two VPCs for good";

/// A VPC peering connection between two environments of one account, accepted by asiaq itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
pub struct PeeringConnection {
    /// VPC that requests the connection.
    #[resource(replace = PAIR_IS_FIXED, exclusive, in_use)]
    pub requester: Ref,
    /// VPC that accepts the connection.
    #[resource(replace = PAIR_IS_FIXED, exclusive, in_use)]
    pub accepter: Ref,
    /// Region of the accepting VPC.
    #[resource(replace = PAIR_IS_FIXED)]
    pub accepter_region: String,
    /// Whether the connection is accepted. Always wanted; false where a creation was interrupted.
    #[resource(initial = false)]
    pub accepted: bool,
}

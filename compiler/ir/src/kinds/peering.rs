use serde::{Deserialize, Serialize};

use crate::{Change, Ref, Schema};

/// A VPC peering connection between two environments of one account, accepted by asiaq itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringConnection {
    /// VPC that asks.
    pub requester: Ref,
    /// VPC that accepts.
    pub accepter: Ref,
    /// Region of the accepting VPC.
    pub accepter_region: String,
    /// Whether the accepting side has said yes; always wanted, and missing where a creation was cut short.
    pub accepted: bool,
}

const PAIR_IS_FIXED: Change = Change::Replace("a peering connection joins two VPCs for good");

impl PeeringConnection {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "peering-connection",
        fields: &[
            ("requester", PAIR_IS_FIXED),
            ("accepter", PAIR_IS_FIXED),
            ("accepter_region", PAIR_IS_FIXED),
        ],
        exclusive: &["requester", "accepter"],
        ..Schema::DEFAULT
    };
}

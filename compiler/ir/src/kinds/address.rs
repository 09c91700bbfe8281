use serde::{Deserialize, Serialize};

use crate::{Replacement, Risk, Schema};

/// An elastic IP address that asiaq allocates, and releases when nothing needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticIp {}

impl ElasticIp {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "elastic-ip",
        fields: &[],
        // A released address cannot be had again.
        deletion: Risk::DataLoss,
        replacement: Replacement::CreateFirst,
        exclusive: &[],
        outlasts: &[],
        never_empty: &[],
        releases: &[],
    };
}

use serde::{Deserialize, Serialize};

use crate::{Risk, Schema};

/// An elastic IP address that asiaq allocates, and releases when nothing needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticIp {}

impl ElasticIp {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "elastic-ip",
        // A released address cannot be had again.
        deletion: Risk::DataLoss,
        ..Schema::DEFAULT
    };
}

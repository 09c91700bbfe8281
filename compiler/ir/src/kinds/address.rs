use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

/// An Elastic IP address that asiaq allocates, and releases when no resource needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
// A released address cannot be allocated again.
#[resource(deletion = DataLoss)]
pub struct ElasticIp {}

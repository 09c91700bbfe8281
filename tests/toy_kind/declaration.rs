//! Beacons.

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

/// A beacon. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(summary(name))]
#[resource(mark = Name, lies_in(), renamed = ByName, outputs(fields(name)))]
#[resource(outage(none))]
#[aws(not_tagged = "no service has beacons")]
pub struct Beacon {
    /// Its name, unique in account and region.
    #[resource(replace = "a beacon cannot be renamed", exclusive)]
    #[aws(not_sent = "no service has beacons")]
    pub name: String,
    /// Text that it sends.
    #[aws(not_sent = "no service has beacons")]
    pub message: String,
    /// Minutes between two messages.
    #[aws(not_sent = "no service has beacons")]
    pub every: i64,
}

//! Beacons.

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

/// A beacon. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(summary(name))]
pub struct Beacon {
    /// Its name, unique in account and region.
    #[resource(replace = "a beacon cannot be renamed", exclusive)]
    pub name: String,
    /// Text that it sends.
    pub message: String,
    /// Minutes between two messages.
    pub every: i64,
}

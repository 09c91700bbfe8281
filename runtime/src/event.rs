use std::fmt;

use asiaq_ir::{Address, Kind};
use serde::{Deserialize, Serialize};

use crate::CloudError;

/// A change of the progress of an operation in an apply. It has no timestamp; the receiver adds one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Number of the operation in [`Plan::order`](crate::Plan::order).
    pub number: usize,
    /// The operation.
    #[serde(flatten)]
    pub operation: Operation,
    /// The new progress of the operation.
    pub progress: Progress,
    /// Number of operations that have ended so far: finished, failed or skipped.
    pub done: usize,
    /// Number of operations of the plan.
    pub total: usize,
}

/// An operation of a plan, with its predecessors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The operation.
    pub operation: Operation,
    /// AWS region of the resource.
    pub region: String,
    /// Numbers of the operations that must finish before it starts, in order.
    pub after: Vec<usize>,
}

/// One call of an apply to the cloud. A replacement consists of two operations: a creation and a deletion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Operation {
    /// Address of the resource.
    pub address: Address,
    /// Kind of the resource.
    pub kind: Kind,
    /// Create, update or delete.
    pub verb: Verb,
    /// AWS id of the resource; absent for a creation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
}

/// The verb of an operation. Detaching references counts as an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Creates a resource.
    Create,
    /// Changes a resource in place.
    Update,
    /// Deletes a resource.
    Delete,
}

/// The progress of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// The call is in flight.
    Started,
    /// The call succeeded.
    Finished {
        /// AWS id of the resource.
        id: String,
    },
    /// The call failed.
    Failed {
        /// The error.
        error: CloudError,
    },
    /// The operation will not be tried because one that it depends on failed.
    Skipped {
        /// Address of the resource whose operation failed.
        because: Address,
    },
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

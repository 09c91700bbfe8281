use std::fmt;

use asiaq_ir::{Address, Kind};
use serde::{Deserialize, Serialize};

use crate::CloudError;

/// Something happened to an operation of an apply. There is no time in it: whoever listens has the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Number of the operation in [`Plan::order`](crate::Plan::order).
    pub number: usize,
    /// The operation.
    #[serde(flatten)]
    pub operation: Operation,
    /// What happened to it.
    pub progress: Progress,
    /// Operations that are over, this one included when it is: finished, failed or skipped.
    pub done: usize,
    /// All operations of the plan.
    pub total: usize,
}

/// An operation of a plan, with what it has to come after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The operation.
    pub operation: Operation,
    /// AWS region it is in.
    pub region: String,
    /// Numbers of the operations that have to be done before it starts, in order.
    pub after: Vec<usize>,
}

/// One call of an apply to the cloud. A replacement is two: one creates, one deletes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Operation {
    /// Address of the resource.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// What is done.
    pub verb: Verb,
    /// AWS id of what is changed or deleted; absent where it is created.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Makes a resource.
    Create,
    /// Changes one in place.
    Update,
    /// Deletes one.
    Delete,
}

/// How far an operation came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// The call is on its way.
    Started,
    /// It worked.
    Finished {
        /// AWS id of the resource.
        id: String,
    },
    /// It did not work.
    Failed {
        /// What the cloud said.
        error: CloudError,
    },
    /// It will not be tried, because something it needs failed.
    Skipped {
        /// Address of what failed.
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

use asiaq_ir::{Address, Kind};

use crate::{CloudError, Fault};

/// A request that a [`Memory`](crate::Memory) received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// See [`Cloud::list`](crate::Cloud::list).
    List {
        /// AWS region, such as `us-west-2`.
        region: String,
        /// Kind of the listed resources.
        kind: Kind,
    },
    /// See [`Cloud::create`](crate::Cloud::create).
    Create {
        /// Address of the new resource.
        address: Address,
        /// Kind of the new resource.
        kind: Kind,
    },
    /// See [`Cloud::update`](crate::Cloud::update).
    Update {
        /// Address of the changed resource.
        address: Address,
        /// AWS id of the changed resource.
        id: String,
    },
    /// See [`Cloud::serving`](crate::Cloud::serving).
    Serving {
        /// Address of the resource that has to serve.
        address: Address,
        /// AWS id of the resource that has to serve.
        id: String,
    },
    /// See [`Cloud::delete`](crate::Cloud::delete).
    Delete {
        /// Address of the deleted resource.
        address: Address,
        /// AWS id of the deleted resource.
        id: String,
    },
}

impl Call {
    /// Whether it changes resources.
    pub fn is_write(&self) -> bool {
        match self {
            Self::List { .. } | Self::Serving { .. } => false,
            Self::Create { .. } | Self::Update { .. } | Self::Delete { .. } => true,
        }
    }
}

/// How a call fails. For the caller all faults are the same: there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectedFault {
    /// The request is lost before it takes effect.
    Before,
    /// Only the first of several requests takes effect. The same as [`InjectedFault::After`] where AWS needs one
    /// request.
    Partway,
    /// The request takes effect, and the response is lost.
    After,
}

/// The error of a call without a response.
pub(super) fn lost(operation: &str) -> CloudError {
    CloudError {
        operation: operation.to_owned(),
        fault: Fault::Unreachable,
        code: String::new(),
        message: "the connection was closed before an answer came".to_owned(),
        request: None,
    }
}

//! Events about the API calls behind a [`Cloud`](crate::Cloud), for the event log and for progress displays.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

tokio::task_local! {
    /// The number of the operation whose future is being polled.
    static OPERATION: usize;
}

/// An event about an API call. It has no timestamp; the observer adds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEvent {
    /// Number of the operation of the plan; absent for calls outside of operations, such as listings.
    pub operation: Option<usize>,
    /// Kind of the event, with its data.
    pub kind: CallEventKind,
}

/// The kinds of call events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEventKind {
    /// An attempt at a call was sent.
    Sent {
        /// The call.
        request: Request,
        /// Number of the attempt, from 1.
        attempt: u32,
    },
    /// An attempt at a call ended.
    Answered {
        /// The call.
        request: Request,
        /// Number of the attempt, from 1.
        attempt: u32,
        /// Time from sending to the response.
        took: Duration,
        /// The response.
        answer: Answer,
    },
    /// An operation pauses before it polls or tries again.
    Waiting {
        /// What it waits for, as text for the user.
        why: String,
        /// Length of the pause.
        pause: Duration,
        /// Time since the wait began.
        gone: Duration,
        /// Time after which the wait ends in an error.
        limit: Duration,
    },
}

/// One API call, which may take several attempts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Number of the call, unique in the process.
    pub number: u64,
    /// Name of the service in the SDK, such as `EC2`.
    pub service: String,
    /// The API operation, such as `CreateVpc`.
    pub operation: String,
    /// AWS region of the endpoint.
    pub region: String,
}

/// The response to an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Success, or the category of the failure.
    pub verdict: Verdict,
    /// HTTP status; absent if there was no response.
    pub status: Option<u16>,
    /// AWS error code, if there is one.
    pub code: Option<String>,
    /// AWS request id of the attempt.
    pub id: Option<String>,
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The call succeeded.
    Ok,
    /// The service throttled the call: it had no effect and is retried later.
    Throttled,
    /// The service rejected the call.
    Refused,
    /// The service failed, or there was no response.
    Failed,
}

/// A receiver of call events; by default there is none. Clones share the callback.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Callback>>);

type Callback = dyn Fn(&CallEvent) + Send + Sync;

impl Observer {
    /// Calls `on_event` for every event, synchronously, on the thread that emits it.
    pub fn new(on_event: impl Fn(&CallEvent) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(on_event)))
    }

    /// Emits an event for the current operation. Does not call `kind` if there is no callback.
    pub fn emit(&self, kind: impl FnOnce() -> CallEventKind) {
        if let Some(on_event) = &self.0 {
            on_event(&CallEvent { operation: current(), kind: kind() });
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observer").field(&self.0.is_some()).finish()
    }
}

/// The number of the current operation; absent outside of an apply.
fn current() -> Option<usize> {
    OPERATION.try_with(|operation| *operation).ok()
}

/// Runs `work` as part of the operation with number `operation`.
pub(crate) async fn during<F: Future>(operation: usize, work: F) -> F::Output {
    OPERATION.scope(operation, work).await
}

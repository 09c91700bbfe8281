//! What is heard of the calls behind a [`Cloud`](crate::Cloud): for a log of a run, and for people who wonder
//! what it is waiting for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

tokio::task_local! {
    /// The number of the operation whose future is polled.
    static OPERATION: usize;
}

/// Something that happened between the engine and the cloud. There is no time in it: whoever listens has the
/// clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEvent {
    /// Number of the operation of the plan that it belongs to; none where it belongs to no operation, as
    /// listings do.
    pub operation: Option<usize>,
    /// What happened.
    pub kind: CallEventKind,
}

/// What can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEventKind {
    /// An attempt at a call is on its way.
    Sent {
        /// What was asked.
        request: Request,
        /// Which attempt at it, from one.
        attempt: u32,
    },
    /// An attempt at a call is over.
    Answered {
        /// What was asked.
        request: Request,
        /// Which attempt at it, from one.
        attempt: u32,
        /// From sending to the answer.
        took: Duration,
        /// What came back.
        answer: Answer,
    },
    /// An operation pauses before it looks, or tries, again.
    Waiting {
        /// What it waits for, in words.
        why: String,
        /// How long it pauses.
        pause: Duration,
    },
}

/// One call of an API, however many attempts at it there are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Tells the requests of one process apart.
    pub number: u64,
    /// The service, as its SDK calls it: `EC2`.
    pub service: String,
    /// The API operation, such as `CreateVpc`.
    pub operation: String,
    /// The region it went to.
    pub region: String,
}

/// What came back from an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What that means.
    pub verdict: Verdict,
    /// HTTP status; none where there was no answer.
    pub status: Option<u16>,
    /// AWS's error code, where it said one.
    pub code: Option<String>,
    /// AWS's id of the attempt.
    pub id: Option<String>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The call worked.
    Ok,
    /// Too many calls: it did nothing, and is tried again later.
    Throttled,
    /// The service said no.
    Refused,
    /// The service failed, or there was no answer.
    Failed,
}

/// Who hears the signals; nobody by default. Clones are the same listener.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Hear>>);

type Hear = dyn Fn(&CallEvent) + Send + Sync;

impl Observer {
    /// Calls `hear` for every signal, on the thread and at the time of what it tells of.
    pub fn new(hear: impl Fn(&CallEvent) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    /// Tells what `sign` makes, as part of the operation whose work this is. Makes nothing where nobody hears.
    pub fn emit(&self, kind: impl FnOnce() -> CallEventKind) {
        if let Some(hear) = &self.0 {
            hear(&CallEvent { operation: current(), kind: kind() });
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.0.is_some()).finish()
    }
}

/// The number of the operation whose work this is; none outside of an apply.
fn current() -> Option<usize> {
    OPERATION.try_with(|operation| *operation).ok()
}

/// `work`, as that of operation number `operation`.
pub(crate) async fn during<F: Future>(operation: usize, work: F) -> F::Output {
    OPERATION.scope(operation, work).await
}

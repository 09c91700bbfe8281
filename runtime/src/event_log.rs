//! The log of a run, a line for each thing that happened: the form in which it is written down, for whoever
//! wants to know where the time went.

use asiaq_ir::{Address, Kind};
use serde::{Deserialize, Serialize};

use crate::{CallEvent, CallEventKind, CloudError, Event, Plan, Progress, Request, Verb, Verdict};

/// The form that this version writes and reads.
const VERSION: u32 = 1;

/// A line of the log: an object of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRecord {
    /// The form of the log; in the first line alone.
    #[serde(rename = "asiaq-events", skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u32>,
    /// When: UTC, RFC 3339 with milliseconds.
    pub time: String,
    /// The same in seconds since the first line, by a clock that nobody sets.
    pub at: f64,
    /// What happened.
    #[serde(flatten)]
    pub what: RunEvent,
}

/// What a line of the log tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum RunEvent {
    /// A command began. Always the first.
    RunStarted {
        /// The command: `apply`.
        command: String,
        /// The version of asiaq.
        asiaq: String,
    },
    /// It is known what there is to do.
    Planned {
        /// The project.
        project: String,
        /// The account: twelve digits.
        account: String,
        /// Environments in which something is to be done, in order.
        environments: Vec<String>,
        /// How many operations there are; each has a line of its own after this one.
        operations: usize,
    },
    /// An operation of the plan. Nothing has been done for it.
    OperationPlanned {
        /// Which.
        #[serde(flatten)]
        operation: OperationRef,
        /// The kind of the resource.
        kind: Kind,
        /// Its AWS region.
        region: String,
        /// Numbers of the operations that it has to come after.
        after: Vec<usize>,
    },
    /// An operation began.
    OperationStarted {
        /// Which.
        #[serde(flatten)]
        operation: OperationRef,
    },
    /// An operation pauses before it looks, or tries, again.
    OperationWaiting {
        /// Number of the operation; absent for work that belongs to none.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        operation: Option<usize>,
        /// What it waits for, in words.
        why: String,
        /// How long this pause is.
        seconds: f64,
    },
    /// An operation worked.
    OperationFinished {
        /// Which.
        #[serde(flatten)]
        operation: OperationRef,
        /// AWS id of the resource.
        id: String,
    },
    /// An operation did not work.
    OperationFailed {
        /// Which.
        #[serde(flatten)]
        operation: OperationRef,
        /// What the cloud said.
        error: CloudError,
    },
    /// An operation is not tried, because something it needs failed.
    OperationSkipped {
        /// Which.
        #[serde(flatten)]
        operation: OperationRef,
        /// Address of what failed.
        because: Address,
    },
    /// The first attempt at a call is on its way.
    CallSent {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
    },
    /// A further attempt at a call is on its way.
    CallRetried {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
    },
    /// An attempt at a call is over.
    CallAnswered {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// From sending to the answer.
        seconds: f64,
        /// What the answer means.
        verdict: Verdict,
        /// HTTP status; absent where there was no answer.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        status: Option<u16>,
        /// AWS's error code.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code: Option<String>,
        /// AWS's request id.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        request: Option<String>,
    },
    /// The command ended. Always the last; a log without it is one of a run that was killed.
    RunEnded {
        /// The exit code.
        exit: u8,
        /// Why it could not go on, where it could not.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        message: Option<String>,
    },
}

/// An operation, for who reads the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRef {
    /// Its number in the plan, from zero.
    pub operation: usize,
    /// Address of the resource.
    pub address: Address,
    /// What is done.
    pub verb: Verb,
}

/// An attempt at a call of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Tells the calls of a run apart.
    pub call: u64,
    /// Which attempt at it, from one.
    pub attempt: u32,
    /// Number of the operation that it belongs to; absent where it belongs to none, as listings do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operation: Option<usize>,
    /// The service, as its SDK calls it.
    pub service: String,
    /// The API operation.
    pub name: String,
    /// The region.
    pub region: String,
}

/// Why a log cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Its first line is none of a log.
    #[error("it is no log that `--events` wrote")]
    Foreign,
    /// It has a form that this version does not know.
    #[error("it is a log of form {0}, and this asiaq reads form {VERSION}")]
    Version(u32),
    /// A line is damaged.
    #[error("line {0} is damaged")]
    Damaged(usize),
}

impl LogRecord {
    /// A line that is written `at` seconds after the first.
    pub fn new(time: String, at: f64, what: RunEvent) -> Self {
        let version = matches!(what, RunEvent::RunStarted { .. }).then_some(VERSION);
        Self { version, time, at: rounded(at), what }
    }

    /// The lines of a log. A last one that was only begun is left out: the run was killed.
    pub fn read(text: &str) -> Result<Vec<Self>, ParseError> {
        let first = text.lines().next().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let version = first.as_ref().and_then(|first| first.get("asiaq-events")?.as_u64());
        match version.map(u32::try_from) {
            None => return Err(ParseError::Foreign),
            Some(Ok(VERSION)) => {}
            Some(other) => return Err(ParseError::Version(other.unwrap_or(u32::MAX))),
        }
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .enumerate()
            .map(|(at, line)| serde_json::from_str(line).map_err(|_| ParseError::Damaged(at + 1)))
            .collect()
    }
}

impl RunEvent {
    /// What a plan says: what there is to do, and in which order.
    pub fn planned(plan: &Plan, account: &str) -> Vec<Self> {
        let order = plan.order();
        let environments: std::collections::BTreeSet<&str> =
            order.iter().map(|planned| planned.operation.address.env()).collect();
        let head = Self::Planned {
            project: plan.project.clone(),
            account: account.to_owned(),
            environments: environments.into_iter().map(str::to_owned).collect(),
            operations: order.len(),
        };
        let each = order.into_iter().enumerate().map(|(number, planned)| Self::OperationPlanned {
            operation: OperationRef {
                operation: number,
                address: planned.operation.address,
                verb: planned.operation.verb,
            },
            kind: planned.operation.kind,
            region: planned.region,
            after: planned.after,
        });
        std::iter::once(head).chain(each).collect()
    }
}

impl From<Event> for RunEvent {
    fn from(event: Event) -> Self {
        let operation = OperationRef {
            operation: event.number,
            address: event.operation.address,
            verb: event.operation.verb,
        };
        match event.progress {
            Progress::Started => Self::OperationStarted { operation },
            Progress::Finished { id } => Self::OperationFinished { operation, id },
            Progress::Failed { error } => Self::OperationFailed { operation, error },
            Progress::Skipped { because } => Self::OperationSkipped { operation, because },
        }
    }
}

impl From<&CallEvent> for RunEvent {
    fn from(signal: &CallEvent) -> Self {
        let of = |request: &Request, attempt: u32| Attempt {
            call: request.number,
            attempt,
            operation: signal.operation,
            service: request.service.clone(),
            name: request.operation.clone(),
            region: request.region.clone(),
        };
        match &signal.kind {
            CallEventKind::Sent { request, attempt: 1 } => Self::CallSent { attempt: of(request, 1) },
            CallEventKind::Sent { request, attempt } => Self::CallRetried { attempt: of(request, *attempt) },
            CallEventKind::Answered { request, attempt, took, answer } => Self::CallAnswered {
                attempt: of(request, *attempt),
                seconds: rounded(took.as_secs_f64()),
                verdict: answer.verdict,
                status: answer.status,
                code: answer.code.clone(),
                request: answer.id.clone(),
            },
            CallEventKind::Waiting { why, pause } => Self::OperationWaiting {
                operation: signal.operation,
                why: why.clone(),
                seconds: rounded(pause.as_secs_f64()),
            },
        }
    }
}

/// To microseconds.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

//! The event log of a run: one line of JSON for each event, written by `--events`.

use asiaq_ir::{Address, Kind};
use serde::{Deserialize, Serialize};

use crate::{CallEvent, CallEventKind, CloudError, Event, Plan, Progress, Request, Verb, Verdict};

/// The version of the format that is written and read.
const VERSION: u32 = 1;

/// A line of the log: a JSON object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRecord {
    /// The version of the format; only in the first line.
    #[serde(rename = "asiaq-events", skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u32>,
    /// Time of the event: UTC, RFC 3339 with milliseconds.
    pub time: String,
    /// Seconds since the first line, by a monotonic clock, rounded to microseconds.
    pub at: f64,
    /// The event.
    #[serde(flatten)]
    pub what: RunEvent,
}

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum RunEvent {
    /// The command started. Always the first event.
    RunStarted {
        /// The command, such as `apply`.
        command: String,
        /// The version of asiaq.
        asiaq: String,
    },
    /// The plan was made.
    Planned {
        /// Name of the project.
        project: String,
        /// Account id: twelve digits.
        account: String,
        /// Environments with operations, in order.
        environments: Vec<String>,
        /// Number of operations; each has an `operation-planned` line after this one.
        operations: usize,
    },
    /// An operation of the plan, before it starts.
    OperationPlanned {
        /// The operation.
        #[serde(flatten)]
        operation: OperationRef,
        /// Kind of the resource.
        kind: Kind,
        /// AWS region of the resource.
        region: String,
        /// Numbers of the operations that must finish before it starts.
        after: Vec<usize>,
    },
    /// An operation started.
    OperationStarted {
        /// The operation.
        #[serde(flatten)]
        operation: OperationRef,
    },
    /// An operation pauses before it polls or tries again.
    OperationWaiting {
        /// Number of the operation; absent outside of operations.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        operation: Option<usize>,
        /// What it waits for, as text for the user.
        why: String,
        /// Length of the pause.
        seconds: f64,
        /// Seconds since the wait began; absent in logs of earlier versions.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        gone: Option<f64>,
        /// Seconds after which the wait ends in an error; absent in logs of earlier versions.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        limit: Option<f64>,
    },
    /// An operation succeeded.
    OperationFinished {
        /// The operation.
        #[serde(flatten)]
        operation: OperationRef,
        /// AWS id of the resource.
        id: String,
    },
    /// An operation failed.
    OperationFailed {
        /// The operation.
        #[serde(flatten)]
        operation: OperationRef,
        /// The error of its call.
        error: CloudError,
    },
    /// An operation is not tried because one that it depends on failed.
    OperationSkipped {
        /// The operation.
        #[serde(flatten)]
        operation: OperationRef,
        /// Address of the resource whose operation failed.
        because: Address,
    },
    /// The first attempt at a call was sent.
    CallSent {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
    },
    /// A further attempt at a call was sent.
    CallRetried {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
    },
    /// An attempt at a call ended.
    CallAnswered {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// Time from sending to the response.
        seconds: f64,
        /// Success, or the category of the failure.
        verdict: Verdict,
        /// HTTP status; absent if there was no response.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        status: Option<u16>,
        /// AWS error code, if there is one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code: Option<String>,
        /// AWS request id; absent if there was no response.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        request: Option<String>,
    },
    /// The command ended. Always the last event; if it is missing, the run was killed.
    RunEnded {
        /// Exit code of the process.
        exit: u8,
        /// The error message, if the command failed with one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        message: Option<String>,
    },
}

/// A reference to an operation of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRef {
    /// Number of the operation in the plan, from 0.
    pub operation: usize,
    /// Address of the resource.
    pub address: Address,
    /// Create, update or delete.
    pub verb: Verb,
}

/// An attempt at an API call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Number of the call, unique in the run.
    pub call: u64,
    /// Number of the attempt at the call, from 1.
    pub attempt: u32,
    /// Number of the operation of the plan; absent for calls outside of operations, such as listings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operation: Option<usize>,
    /// Name of the service in the SDK, such as `EC2`.
    pub service: String,
    /// API operation, such as `CreateVpc`.
    pub name: String,
    /// AWS region of the endpoint.
    pub region: String,
}

/// Why a log cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The first line is not that of an event log.
    #[error("it is no log that `--events` wrote")]
    Foreign,
    /// The log has another version of the format.
    #[error("it is a log of form {0}, and this asiaq reads form {VERSION}")]
    Version(u32),
    /// The line with this number, from 1, cannot be parsed.
    #[error("line {0} is damaged")]
    Damaged(usize),
}

impl LogRecord {
    /// A line written at `time` (UTC, RFC 3339), `at` seconds after the first line.
    pub fn new(time: String, at: f64, what: RunEvent) -> Self {
        let version = matches!(what, RunEvent::RunStarted { .. }).then_some(VERSION);
        Self { version, time, at: rounded(at), what }
    }

    /// Parses a log. A last line without a line break is ignored: the run was killed while writing it.
    pub fn read(text: &str) -> Result<Vec<Self>, ParseError> {
        let first = text.lines().next().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let version = first.as_ref().and_then(|first| first.get("asiaq-events")?.as_u64());
        match version.map(u32::try_from) {
            None => return Err(ParseError::Foreign),
            Some(Ok(VERSION)) => {}
            Some(other) => return Err(ParseError::Version(other.unwrap_or(u32::MAX))),
        }
        let complete = text.rsplit_once('\n').map_or("", |(complete, _)| complete);
        complete
            .lines()
            .enumerate()
            .map(|(at, line)| serde_json::from_str(line).map_err(|_| ParseError::Damaged(at + 1)))
            .collect()
    }
}

impl RunEvent {
    /// The events of a plan: [`RunEvent::Planned`], and [`RunEvent::OperationPlanned`] for each operation.
    pub fn planned(plan: &Plan, account: &str) -> Vec<Self> {
        let order = plan.order();
        let scopes: std::collections::BTreeSet<&str> =
            order.iter().map(|planned| planned.operation.address.scope().as_str()).collect();
        let planned = Self::Planned {
            project: plan.project.clone(),
            account: account.to_owned(),
            environments: scopes.into_iter().map(str::to_owned).collect(),
            operations: order.len(),
        };
        let operations = order.into_iter().enumerate().map(|(number, planned)| Self::OperationPlanned {
            operation: OperationRef {
                operation: number,
                address: planned.operation.address,
                verb: planned.operation.verb,
            },
            kind: planned.operation.kind,
            region: planned.region,
            after: planned.after,
        });
        std::iter::once(planned).chain(operations).collect()
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
    fn from(event: &CallEvent) -> Self {
        let of = |request: &Request, attempt: u32| Attempt {
            call: request.number,
            attempt,
            operation: event.operation,
            service: request.service.clone(),
            name: request.operation.clone(),
            region: request.region.clone(),
        };
        match &event.kind {
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
            CallEventKind::Waiting { why, pause, gone, limit } => Self::OperationWaiting {
                operation: event.operation,
                why: why.clone(),
                seconds: rounded(pause.as_secs_f64()),
                gone: Some(rounded(gone.as_secs_f64())),
                limit: Some(rounded(limit.as_secs_f64())),
            },
        }
    }
}

/// Rounds to microseconds.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

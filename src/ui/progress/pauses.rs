//! What the operations in progress wait for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asiaq_runtime::{CallEvent, CallEventKind, Verdict};

/// How long an operation waits before a line is printed; the interval then doubles.
const FIRST_LINE: Duration = Duration::from_secs(2);

/// What each operation waits for, and how long it has waited.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    by_operation: BTreeMap<usize, Pause>,
    /// Services that have throttled.
    throttled: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Pause {
    why: Option<String>,
    so_far: Duration,
    /// How long it had waited at the last line.
    said: Duration,
}

/// An event with a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// A service throttles for the first time.
    Throttled {
        /// Its name.
        service: String,
    },
    /// An operation has been waiting for a while.
    Waits {
        /// What for.
        why: String,
    },
}

impl Pauses {
    /// Records a call event; returns the line that it is worth.
    pub(super) fn take(&mut self, signal: &CallEvent) -> Option<News> {
        match &signal.kind {
            CallEventKind::Sent { .. } => None,
            CallEventKind::Answered { request, answer, .. } => {
                let why = format!("{} throttles", request.service);
                let is_throttled = answer.verdict == Verdict::Throttled;
                if let Some(pause) = signal.operation.map(|operation| self.by_operation.entry(operation)) {
                    let pause = pause.or_default();
                    if is_throttled {
                        pause.why = Some(why);
                    } else if pause.why.as_ref() == Some(&why) {
                        pause.why = None;
                    }
                }
                let is_first = is_throttled && self.throttled.insert(request.service.clone());
                is_first.then(|| News::Throttled { service: request.service.clone() })
            }
            CallEventKind::Waiting { why, pause: time } => {
                let pause = self.by_operation.entry(signal.operation?).or_default();
                pause.why = Some(why.clone());
                pause.so_far = pause.so_far.saturating_add(*time);
                let is_long = pause.so_far >= FIRST_LINE.max(pause.said * 2);
                is_long.then(|| {
                    pause.said = pause.so_far;
                    News::Waits { why: why.clone() }
                })
            }
        }
    }

    /// What an operation waits for.
    pub(super) fn why(&self, operation: usize) -> Option<&str> {
        self.by_operation.get(&operation)?.why.as_deref()
    }

    /// Removes an operation that has ended.
    pub(super) fn end(&mut self, operation: usize) {
        self.by_operation.remove(&operation);
    }
}

#[cfg(test)]
mod tests {
    use asiaq_runtime::{Answer, Request};

    use super::*;

    fn waits(why: &str, seconds: u64) -> CallEvent {
        let kind = CallEventKind::Waiting { why: why.to_owned(), pause: Duration::from_secs(seconds) };
        CallEvent { operation: Some(3), kind }
    }

    fn answered(operation: Option<usize>, verdict: Verdict) -> CallEvent {
        let request = Request {
            number: 1,
            service: "EC2".to_owned(),
            operation: "CreateVpc".to_owned(),
            region: "us-west-2".to_owned(),
        };
        let answer = Answer { verdict, status: Some(503), code: None, id: None };
        CallEvent {
            operation,
            kind: CallEventKind::Answered { request, attempt: 1, took: Duration::ZERO, answer },
        }
    }

    #[test]
    fn a_wait_is_news_when_it_is_long_and_then_ever_less_often() {
        let mut pauses = Pauses::default();
        let news: Vec<bool> = (0..10).map(|_| pauses.take(&waits("not ready", 1)).is_some()).collect();
        assert_eq!(news, [false, true, false, true, false, false, false, true, false, false]);
        assert_eq!(pauses.why(3), Some("not ready"));
        pauses.end(3);
        assert_eq!(pauses.why(3), None);
        assert_eq!(pauses.take(&waits("not gone", 1)), None);
    }

    #[test]
    fn a_service_that_throttles_is_news_once() {
        let mut pauses = Pauses::default();
        let throttled = News::Throttled { service: "EC2".to_owned() };
        assert_eq!(pauses.take(&answered(Some(3), Verdict::Throttled)), Some(throttled));
        assert_eq!(pauses.why(3), Some("EC2 throttles"));
        assert_eq!(pauses.take(&answered(Some(4), Verdict::Throttled)), None);
        assert_eq!(pauses.take(&answered(Some(3), Verdict::Ok)), None);
        assert_eq!((pauses.why(3), pauses.why(4)), (None, Some("EC2 throttles")));
    }
}

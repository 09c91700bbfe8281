//! What the operations in progress wait for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asiaq_runtime::{CallEvent, CallEventKind, Verdict};

use crate::ui::text::span;

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
    /// Time since the wait began, and its limit.
    time: Option<(Duration, Duration)>,
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
        /// Time since the wait began.
        gone: Duration,
        /// Time after which it ends in an error.
        limit: Duration,
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
                        pause.time = None;
                    } else if pause.why.as_ref() == Some(&why) {
                        pause.why = None;
                    }
                }
                let is_first = is_throttled && self.throttled.insert(request.service.clone());
                is_first.then(|| News::Throttled { service: request.service.clone() })
            }
            CallEventKind::Waiting { why, pause: time, gone, limit } => {
                let pause = self.by_operation.entry(signal.operation?).or_default();
                pause.why = Some(why.clone());
                pause.time = Some((*gone, *limit));
                pause.so_far = pause.so_far.saturating_add(*time);
                let is_long = pause.so_far >= FIRST_LINE.max(pause.said * 2);
                is_long.then(|| {
                    pause.said = pause.so_far;
                    News::Waits { why: why.clone(), gone: *gone, limit: *limit }
                })
            }
        }
    }

    /// What an operation waits for, with the time gone and the limit.
    pub(super) fn why(&self, operation: usize) -> Option<String> {
        let pause = self.by_operation.get(&operation)?;
        let why = pause.why.as_ref()?;
        Some(
            pause
                .time
                .map_or_else(|| why.clone(), |(gone, limit)| format!("{why}, {}", of_limit(gone, limit))),
        )
    }

    /// Removes an operation that has ended.
    pub(super) fn end(&mut self, operation: usize) {
        self.by_operation.remove(&operation);
    }
}

/// `4m of 20m`: the time gone, in whole minutes where there are many, and the limit.
pub(super) fn of_limit(gone: Duration, limit: Duration) -> String {
    let whole = match gone.as_secs() {
        seconds @ 600.. => seconds - seconds % 60,
        seconds => seconds,
    };
    format!("{} of {}", span(Duration::from_secs(whole)), span(limit))
}

#[cfg(test)]
mod tests {
    use asiaq_runtime::{Answer, Request};

    use super::*;

    fn waits(why: &str, seconds: u64) -> CallEvent {
        let pause = Duration::from_secs(seconds);
        let (gone, limit) = (Duration::from_secs(90), Duration::from_mins(20));
        let kind = CallEventKind::Waiting { why: why.to_owned(), pause, gone, limit };
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
        assert_eq!(pauses.why(3).as_deref(), Some("not ready, 1m 30s of 20m"));
        pauses.end(3);
        assert_eq!(pauses.why(3), None);
        assert_eq!(pauses.take(&waits("not gone", 1)), None);
    }

    #[test]
    fn a_service_that_throttles_is_news_once() {
        let mut pauses = Pauses::default();
        let throttled = News::Throttled { service: "EC2".to_owned() };
        assert_eq!(pauses.take(&answered(Some(3), Verdict::Throttled)), Some(throttled));
        assert_eq!(pauses.why(3).as_deref(), Some("EC2 throttles"));
        assert_eq!(pauses.take(&answered(Some(4), Verdict::Throttled)), None);
        assert_eq!(pauses.take(&answered(Some(3), Verdict::Ok)), None);
        assert_eq!((pauses.why(3), pauses.why(4).as_deref()), (None, Some("EC2 throttles")));
    }
}

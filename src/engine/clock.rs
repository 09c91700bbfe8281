//! Time stamps and AWS's clock.

use std::time::{Duration, Instant, SystemTime};

use asiaq_runtime::{Clock, later};
use jiff::Timestamp;

/// The time, UTC, ISO 8601 with microseconds: `2026-11-21T22:12:22.123456`.
pub(super) fn now() -> String {
    text(Timestamp::now())
}

/// AWS's clock, which all runs share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared {
    /// When it was [`Shared::theirs`] here.
    ours: Began,
    theirs: SystemTime,
}

/// A moment here, by two clocks: one that can be set, and one that stops while the computer is suspended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Began {
    wall: SystemTime,
    steady: Instant,
}

impl Began {
    pub(super) fn now() -> Self {
        Self { wall: SystemTime::now(), steady: Instant::now() }
    }

    /// The time since then.
    fn elapsed(self) -> Duration {
        longest(SystemTime::now().duration_since(self.wall).ok(), self.steady.elapsed())
    }
}

/// The longer time of the two clocks; `wall` is absent if that clock was set back. A run that believes that more time
/// has passed gives its lease up too early rather than too late.
fn longest(wall: Option<Duration>, steady: Duration) -> Duration {
    wall.unwrap_or_default().max(steady)
}

impl Shared {
    /// The clock that showed `theirs` at a moment here; the local clock if `theirs` is `None`.
    pub(super) fn new(ours: Began, theirs: Option<SystemTime>) -> Self {
        Self { ours, theirs: theirs.unwrap_or(ours.wall) }
    }
}

impl Clock for Shared {
    fn now(&self) -> SystemTime {
        later(self.theirs, self.ours.elapsed())
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The time, UTC, RFC 3339 with milliseconds: `2026-11-21T22:12:22.123Z`.
pub(super) fn stamp() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_stops_no_time() {
        let second = Duration::from_secs;
        assert_eq!(longest(Some(second(5)), second(5)), second(5));
        assert_eq!(longest(None, second(5)), second(5), "set back to before");
        assert_eq!(longest(Some(second(2)), second(5)), second(5), "set back a little");
        assert_eq!(longest(Some(second(60)), second(5)), second(60), "the computer was suspended");
    }

    #[test]
    fn a_time_has_every_digit() {
        let at = |seconds, nanos| text(Timestamp::new(seconds, nanos).unwrap());
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000000");
        assert_eq!(at(951_782_400, 1_000), "2000-02-29T00:00:00.000001");
        assert_eq!(at(1_795_299_142, 123_456_789), "2026-11-21T22:12:22.123456");
    }
}

//! Time stamps and AWS's clock.

use std::time::{Duration, SystemTime};

use asiaq_runtime::{Clock, later};
use jiff::Timestamp;

/// The time, UTC, ISO 8601 with microseconds: `2026-11-21T22:12:22.123456`.
pub(super) fn now() -> String {
    text(Timestamp::now())
}

/// AWS's clock, which all runs share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared {
    /// Local time at [`Shared::theirs`].
    ours: SystemTime,
    theirs: SystemTime,
}

impl Shared {
    /// The clock that showed `theirs` when the local clock showed `ours`; the local clock if `theirs` is `None`.
    pub(super) fn new(ours: SystemTime, theirs: Option<SystemTime>) -> Self {
        Self { ours, theirs: theirs.unwrap_or(ours) }
    }
}

impl Clock for Shared {
    fn now(&self) -> SystemTime {
        later(self.theirs, SystemTime::now().duration_since(self.ours).unwrap_or_default())
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
    fn a_time_has_every_digit() {
        let at = |seconds, nanos| text(Timestamp::new(seconds, nanos).unwrap());
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000000");
        assert_eq!(at(951_782_400, 1_000), "2000-02-29T00:00:00.000001");
        assert_eq!(at(1_795_299_142, 123_456_789), "2026-11-21T22:12:22.123456");
    }
}

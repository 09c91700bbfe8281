//! Arithmetic of times that does not panic: times and durations come from AWS, from files and from arguments.

use std::time::{Duration, SystemTime};

/// `time` and `by` later; `time` itself if there is no such time.
pub fn later(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_add(by).unwrap_or(time)
}

/// `time` and `by` earlier; `time` itself if there is no such time.
pub fn earlier(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_sub(by).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_out_of_reach() {
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(later(now, Duration::from_secs(1)).duration_since(now).ok(), Some(Duration::from_secs(1)));
        assert_eq!(earlier(later(now, Duration::from_secs(1)), Duration::from_secs(1)), now);
        assert_eq!(later(now, Duration::MAX), now);
        assert_eq!(earlier(now, Duration::MAX), now);
    }
}

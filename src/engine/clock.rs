//! The time.

use jiff::Timestamp;

/// The time, UTC, ISO 8601 with microseconds: `2026-11-21T22:12:22.123456`.
pub(super) fn now() -> String {
    text(Timestamp::now())
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

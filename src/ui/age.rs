//! How long ago something was.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// How long before `now` it was `then`, to one unit: `3d`, `5h`, `12m`, `40s`; nothing where either is no time.
/// Both are UTC in ISO 8601, with or without the zone.
pub(crate) fn between(then: &str, now: &str) -> Option<String> {
    let seconds = instant(now)?.as_second().saturating_sub(instant(then)?.as_second()).max(0);
    let (count, unit) = match seconds {
        86_400.. => (seconds / 86_400, "d"),
        3_600.. => (seconds / 3_600, "h"),
        60.. => (seconds / 60, "m"),
        _ => (seconds, "s"),
    };
    Some(format!("{count}{unit}"))
}

/// The time right now, for [`between`].
pub(crate) fn now() -> String {
    Timestamp::now().to_string()
}

fn instant(text: &str) -> Option<Timestamp> {
    let without_zone = || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(without_zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_one_unit() {
        let age = |then| between(then, "2026-11-22T06:00:00Z");
        assert_eq!(age("2026-11-22T05:59:20.5Z").as_deref(), Some("40s"));
        assert_eq!(age("2026-11-22T05:48:00").as_deref(), Some("12m"));
        assert_eq!(age("2026-11-22T00:59:59+00:00").as_deref(), Some("5h"));
        assert_eq!(age("2026-11-01T06:00:00.000Z").as_deref(), Some("21d"));
        assert_eq!(age("2027-01-01T00:00:00Z").as_deref(), Some("0s"), "clocks differ");
        assert_eq!(age("yesterday"), None);
    }
}

use std::time::SystemTime;

/// The time, UTC, ISO 8601 with microseconds: `2026-11-21T22:12:22.123456`.
pub(super) fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    text(since.as_secs(), since.subsec_micros())
}

/// `seconds` since the start of 1970 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms", `civil_from_days`): years are counted from March, eras of 400 years from the year 0.
fn text(seconds: u64, micros: u32) -> String {
    const DAY: u64 = 86_400;
    let days = seconds / DAY + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let time = seconds % DAY;
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn seconds_become_a_date() {
        assert_eq!(text(0, 0), "1970-01-01T00:00:00.000000");
        assert_eq!(text(951_782_400, 1), "2000-02-29T00:00:00.000001");
        assert_eq!(text(1_795_299_142, 123_456), "2026-11-21T22:12:22.123456");
        assert_eq!(text(4_107_542_399, 999_999), "2100-02-28T23:59:59.999999");
    }
}

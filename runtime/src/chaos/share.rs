//! Shares, as percentages without rounding errors, and when people are there to look.

use std::fmt;
use std::str::FromStr;

/// Parts of a whole: a percentage has four decimals.
const WHOLE: u32 = 1_000_000;
/// Parts of a percent.
const PERCENT: u32 = 10_000;

const DAY: i64 = 24 * 60 * 60;
const HOUR: i64 = 60 * 60;

/// A share, such as `33.3%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The share of a number, rounded down.
    pub fn of_rounded_down(self, number: usize) -> usize {
        let parts = (number as u128).saturating_mul(u128::from(self.0));
        usize::try_from(parts / u128::from(WHOLE)).unwrap_or(usize::MAX)
    }

    /// The share of a number, rounded up.
    pub fn of_rounded_up(self, number: usize) -> usize {
        let parts = (number as u128).saturating_mul(u128::from(self.0));
        usize::try_from(parts.div_ceil(u128::from(WHOLE))).unwrap_or(usize::MAX)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a percentage from 0% to 100%, such as `1%` or `33.3%`".to_owned();
        let number = text.strip_suffix('%').unwrap_or(text);
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) {
            return Err(wrong());
        }
        if decimals.len() > 4 {
            return Err("a percentage has at most four decimals".to_owned());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let parts: u32 = format!("{decimals:0<4}").parse().map_err(|_| wrong())?;
        let share = whole.checked_mul(PERCENT).and_then(|whole| whole.checked_add(parts));
        share.filter(|share| *share <= WHOLE).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:04}", self.0 % PERCENT);
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        write!(to, "{}{point}{decimals}%", self.0 / PERCENT)
    }
}

/// Whether a second since 1970 is on a working day: Monday to Friday. Seconds are those of UTC, or shifted by the offset
/// of another zone.
pub fn is_working_day(second: i64) -> bool {
    // The first day of 1970 was a Thursday.
    second.div_euclid(DAY).wrapping_add(3).rem_euclid(7) < 5
}

/// Whether a second since 1970 is between two hours of its day, likewise.
pub fn is_between(second: i64, (from, to): (u8, u8)) -> bool {
    let hour = second.rem_euclid(DAY) / HOUR;
    i64::from(from) <= hour && hour < i64::from(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_and_written() {
        for (text, shown) in
            [("1%", "1%"), ("33.3", "33.3%"), ("100%", "100%"), ("0.0001%", "0.0001%"), ("007.50%", "7.5%")]
        {
            assert_eq!(text.parse::<Share>().map(|share| share.to_string()), Ok(shown.to_owned()));
        }
        for text in
            ["", "%", "-1%", "101%", "100.0001%", "1.", ".5", "1e1", "1 %", "0.00001%", "99999999999%"]
        {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    #[test]
    fn nobody_works_on_saturdays_and_sundays() {
        // Monday, 30 November 2026, 00:00 UTC.
        let monday = 1_796_000_400 - 1_796_000_400 % DAY;
        let week: Vec<bool> = (0..7).map(|day| is_working_day(monday + day * DAY + DAY - 1)).collect();
        assert_eq!(week, [true, true, true, true, true, false, false]);
        let at = |hour: i64| is_between(monday + hour * HOUR, (9, 17));
        assert_eq!([at(8), at(9), at(16), at(17)], [false, true, true, false]);
    }
}

//! Values of conditions: numbers, instants and blocks of addresses.

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

/// A decimal number of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

/// Reads `-12.50` and the like.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let digits = if is_negative { digits } else { digits.strip_prefix('+').unwrap_or(digits) };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || (digits.contains('.') && !is_number(fraction)) {
        return None;
    }
    let whole = whole.trim_start_matches('0').to_owned();
    let fraction = fraction.trim_end_matches('0').to_owned();
    let is_zero = whole.is_empty() && fraction.is_empty();
    Some(Decimal { is_negative: is_negative && !is_zero, whole, fraction })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || {
            (self.whole.len(), &self.whole, &self.fraction).cmp(&(
                other.whole.len(),
                &other.whole,
                &other.fraction,
            ))
        };
        match (self.is_negative, other.is_negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        write!(f, "{}{whole}", if self.is_negative { "-" } else { "" })?;
        if self.fraction.is_empty() { Ok(()) } else { write!(f, ".{}", self.fraction) }
    }
}

/// Seconds since 1970 and the billionths of a second behind them.
pub(crate) type Instant = (i64, u32);

/// Reads a date as IAM's conditions have it: one of the forms of W3C's note on dates and times, from the year alone to
/// the fraction of a second, or seconds since 1970. Four digits are a year.
pub(crate) fn instant(text: &str) -> Option<Instant> {
    let number = text.strip_prefix('-').unwrap_or(text);
    if number.len() != 4 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((text.parse().ok()?, 0));
    }
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next();
    let is_whole = day.is_some() && parts.next().is_none();
    let day = day.map_or(Some(1), |part| digits(part, 2))?;
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    let midnight = days_from_1970(year, month, day) * 86_400;
    match time {
        None if date.matches('-').count() <= 2 => Some((midnight, 0)),
        Some(time) if is_whole => {
            let (seconds, fraction) = time_of_day(time)?;
            Some((midnight + seconds, fraction))
        }
        _ => None,
    }
}

/// Seconds since midnight UTC of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s` with a zone behind it.
fn time_of_day(text: &str) -> Option<(i64, u32)> {
    let at = text.find(['Z', '+', '-'])?;
    let (time, zone) = text.split_at_checked(at)?;
    let offset = if zone == "Z" {
        0
    } else {
        let (sign, ahead) = zone.split_at_checked(1)?;
        let (hours, minutes) = ahead.split_once(':')?;
        let seconds = below(hours, 24)? * 3_600 + below(minutes, 60)? * 60;
        if sign == "-" { -seconds } else { seconds }
    };
    let mut parts = time.splitn(3, ':');
    let (hours, minutes) = (below(parts.next()?, 24)?, below(parts.next()?, 60)?);
    let (seconds, fraction) = match parts.next() {
        None => (0, 0),
        Some(rest) => {
            let (seconds, fraction) = rest.split_once('.').map_or((rest, None), |(s, f)| (s, Some(f)));
            (below(seconds, 60)?, fraction.map_or(Some(0), billionths)?)
        }
    };
    Some((hours * 3_600 + minutes * 60 + seconds - offset, fraction))
}

fn billionths(digits: &str) -> Option<u32> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    nine.parse().ok()
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn below(text: &str, end: i64) -> Option<i64> {
    digits(text, 2).filter(|number| *number < end)
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March, so that a leap day is the last.
fn days_from_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    first: u128,
    /// Bits that count, of 32 or 128.
    prefix: u8,
    is_v6: bool,
}

/// Reads an address or a CIDR block; bits behind the prefix do not count.
pub(crate) fn block(text: &str) -> Option<Block> {
    let (address, prefix) =
        text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let (bits, width, is_v6) = match address.parse().ok()? {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32, false),
        IpAddr::V6(address) => (address.to_bits(), 128, true),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = prefix.map_or(Some(width), |text| text.parse().ok().filter(|_| is_number(text)))?;
    if prefix > width {
        return None;
    }
    let behind = u32::from(width - prefix);
    let first = bits.checked_shr(behind).and_then(|bits| bits.checked_shl(behind)).unwrap_or(0);
    Some(Block { first, prefix, is_v6 })
}

impl Block {
    /// Whether all addresses of the other block are in this one.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        let width = if self.is_v6 { 128_u8 } else { 32 };
        let behind = u32::from(width - self.prefix);
        let start = |block: &Self| block.first.checked_shr(behind).unwrap_or(0);
        self.is_v6 == other.is_v6 && other.prefix >= self.prefix && start(self) == start(other)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = if self.is_v6 {
            IpAddr::V6(self.first.into())
        } else {
            IpAddr::V4(u32::try_from(self.first).unwrap_or_default().into())
        };
        write!(f, "{address}/{}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_whatever_their_length() {
        let of = |text: &str| decimal(text).unwrap_or_else(|| panic!("{text}"));
        let ordered = [
            "-10.5",
            "-10",
            "-2",
            "-0.1",
            "0",
            "0.05",
            "0.5",
            "2",
            "10",
            "9007199254740993",
            "9007199254740994",
        ];
        for (at, one) in ordered.iter().enumerate() {
            for (other_at, other) in ordered.iter().enumerate() {
                assert_eq!(of(one).cmp(&of(other)), at.cmp(&other_at), "{one} {other}");
            }
        }
        for (one, other) in [("010", "10"), ("1.50", "1.5"), ("-0", "0"), ("+3", "3"), ("0.0", "0")] {
            assert_eq!(of(one), of(other));
        }
        assert_eq!(of("-007.50").to_string(), "-7.5");
        assert_eq!(of("0.0").to_string(), "0");
        for wrong in ["", "-", "1.", ".5", "1e5", "x", "1 ", "+-1", "--1", "0x10"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2020-01-01T00:00:01Z", 1_577_836_801),
            ("2020-02-29", 1_582_934_400),
            ("2000-03-01T12:00Z", 951_912_000),
            ("2013-06-30T02:00:00+02:00", 1_372_550_400),
            ("2013-06-29T19:00:00-05:00", 1_372_550_400),
            ("2020", 1_577_836_800),
            ("2020-02", 1_580_515_200),
            ("1577836801", 1_577_836_801),
            ("1969-12-31T23:59:59Z", -1),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] {
            assert_eq!(instant(text), Some((seconds, 0)), "{text}");
        }
        assert_eq!(instant("1970-01-01T00:00:00.5Z"), Some((0, 500_000_000)));
        for wrong in [
            "2021-02-29",
            "2020-13-01",
            "2020-1-1",
            "2020-01-01T24:00Z",
            "2020-01-01T00:00:00",
            "2020-01T00:00Z",
            "",
            "-",
            "yesterday",
            "2020-01-01-01",
            "2020-01-01T00:00:00.Z",
            "99999999999999999999",
        ] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn blocks_contain_addresses_of_their_family() {
        let of = |text: &str| block(text).unwrap_or_else(|| panic!("{text}"));
        for (outer, inner, is_in) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.7/24", "203.0.113.0", true),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "1.2.3.4", false),
            ("2001:db8::/32", "2001:db8:1::5", true),
            ("10.0.0.0/16", "10.0.0.0/8", false),
            ("10.0.0.1", "10.0.0.1/32", true),
        ] {
            assert_eq!(of(outer).contains(&of(inner)), is_in, "{outer} {inner}");
        }
        assert_eq!(of("10.1.2.3/8").to_string(), "10.0.0.0/8");
        assert_eq!(of("2001:DB8:0::1").to_string(), "2001:db8::1/128");
        for wrong in
            ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/", "010.0.0.1", "::/129", "300.0.0.1"]
        {
            assert_eq!(block(wrong), None, "{wrong}");
        }
    }
}

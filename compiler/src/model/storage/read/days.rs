//! Times of lifecycle rules and locks: whole days, and days of the calendar.

use super::Reader;
use crate::errors;
use crate::evaluate::Resolved;

const DAY: u64 = 86_400;

impl Reader<'_, '_, '_> {
    /// A time of at least a day, in days.
    pub(super) fn days(&mut self, seconds: Option<&Resolved<u64>>) -> Option<Resolved<u32>> {
        let days = self.days_or_none(seconds)?;
        if days.value == 0 {
            self.diagnostics.push(errors::partial_days(days.span(), 0));
            return None;
        }
        Some(days)
    }

    /// A time in days, which may be none.
    pub(super) fn days_or_none(&mut self, seconds: Option<&Resolved<u64>>) -> Option<Resolved<u32>> {
        let seconds = seconds?;
        if !seconds.value.is_multiple_of(DAY) {
            self.diagnostics.push(errors::partial_days(seconds.span(), seconds.value));
            return None;
        }
        let days = u32::try_from(seconds.value / DAY).unwrap_or(u32::MAX);
        Some(Resolved { value: days, chain: seconds.chain.clone() })
    }

    /// A day: `2027-01-31`.
    pub(super) fn day(&mut self, text: Option<Resolved<String>>) -> Option<String> {
        let text = text?;
        if !is_day(&text.value) {
            self.diagnostics.push(errors::not_a_day(text.span(), &text.value));
            return None;
        }
        Some(text.value)
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| {
        let is_plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    match (number(year, 4), number(month, 2), number(day, 2)) {
        (Some(year), Some(month), Some(day)) => (1..=length(year, month)).contains(&day),
        _ => false,
    }
}

/// The days of a month; none if there is no such month.
fn length(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let days = ["2027-01-31", "2028-02-29", "2000-02-29", "2027-12-01", "2027-04-30"];
        for day in days {
            assert!(is_day(day), "{day}");
        }
        let others = [
            "2027-02-29",
            "2100-02-29",
            "2027-04-31",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-1-31",
            "+027-01-31",
            "2027-01",
            "2027-01-31T00:00:00Z",
            "31.1.2027",
            "",
        ];
        for other in others {
            assert!(!is_day(other), "{other}");
        }
    }
}

//! Times in five fields, as EC2 Auto Scaling takes them: minute, hour, day of the month, month, day of the week.

use std::fmt;

/// When something recurs, in UTC. Two texts that mean the same times are equal, and shown as one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cron {
    /// A bit for each value of each field.
    fields: [u64; 5],
}

/// A mistake in a cron expression of five fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// There are so many fields.
    Fields(usize),
    /// It is a word such as `@daily`.
    Word(String),
    /// A field's part is not read: the field's name and the part.
    Part(&'static str, String),
    /// A part is outside its field's values: the field's name, the part, the lowest and the highest value.
    Range(&'static str, String, u8, u8),
    /// A range ends before it starts.
    Backwards(&'static str, String),
    /// No month that is named has the day that is named.
    Never,
}

struct Field {
    name: &'static str,
    low: u8,
    high: u8,
    /// Names of values, the first of them `first`.
    names: &'static [&'static str],
    first: u8,
}

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Days of the month, in order of field.
const FIELDS: [Field; 5] = [
    Field { name: "minute", low: 0, high: 59, names: &[], first: 0 },
    Field { name: "hour", low: 0, high: 23, names: &[], first: 0 },
    Field { name: "day of month", low: 1, high: 31, names: &[], first: 0 },
    Field { name: "month", low: 1, high: 12, names: MONTHS, first: 1 },
    Field { name: "day of week", low: 0, high: 7, names: DAYS, first: 0 },
];

/// The most days that each month has.
const LENGTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Cron {
    /// Reads five fields with blanks between them.
    pub(crate) fn parse(text: &str) -> Result<Self, Mistake> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        if let [word] = parts.as_slice()
            && word.starts_with('@')
        {
            return Err(Mistake::Word((*word).to_owned()));
        }
        if parts.len() != FIELDS.len() {
            return Err(Mistake::Fields(parts.len()));
        }
        let mut fields = [0; 5];
        for ((bits, field), part) in fields.iter_mut().zip(&FIELDS).zip(&parts) {
            *bits = field.parse(part)?;
        }
        let [_, _, days, months, weekdays] = fields;
        // Where both days are restricted, either will do.
        let any_weekday = FIELDS.last().is_some_and(|field| weekdays == field.every());
        if any_weekday && !has_a_day(days, months) {
            return Err(Mistake::Never);
        }
        Ok(Self { fields })
    }

    /// A day on which both begin at one minute, with that minute.
    pub(crate) fn meeting(&self, other: &Self) -> Option<Moment> {
        let minute = first(self.bits(0) & other.bits(0))?;
        let hour = first(self.bits(1) & other.bits(1))?;
        if self.bits(3) & other.bits(3) == 0 {
            return None;
        }
        let is_both = |day: &Day| self.is_on(*day) && other.is_on(*day);
        Day::each().find(is_both).map(|day| Moment { day, hour, minute })
    }

    /// Whether a day is one of its days: where both kinds of days are restricted, either will do.
    fn is_on(&self, day: Day) -> bool {
        let is_any = |at: usize| FIELDS.get(at).is_some_and(|field| self.bits(at) == field.every());
        let in_month = self.bits(2) & (1 << day.date) != 0;
        let in_week = self.bits(4) & (1 << day.weekday) != 0;
        let is_day = if is_any(2) || is_any(4) { in_month && in_week } else { in_month || in_week };
        self.bits(3) & (1 << day.month) != 0 && is_day
    }

    fn bits(&self, field: usize) -> u64 {
        self.fields.get(field).copied().unwrap_or_default()
    }
}

/// The one text of all that mean the same: each field is `*`, or its values as a list with ranges.
impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (bits, field)) in self.fields.iter().zip(&FIELDS).enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&field.shown(*bits))?;
        }
        Ok(())
    }
}

/// An instant, as an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    day: Day,
    hour: u8,
    minute: u8,
}

/// `Monday 3 January 2028, 06:00 UTC`
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Day { year, month, date, weekday } = self.day;
        let name = |names: &[&'static str], at: u8| names.get(usize::from(at)).copied().unwrap_or_default();
        let (weekday, month) = (name(&WEEKDAYS, weekday), name(&MONTH_NAMES, month.saturating_sub(1)));
        write!(f, "{weekday} {date} {month} {year}, {:02}:{:02} UTC", self.hour, self.minute)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Day {
    year: u16,
    month: u8,
    /// Day of the month.
    date: u8,
    /// Sunday is 0.
    weekday: u8,
}

impl Day {
    /// Every day of 28 years, in which each date falls on each day of the week.
    fn each() -> impl Iterator<Item = Self> {
        // 1 January 2028 was chosen because its year is a leap year; it is a Saturday.
        let dates = (2028_u16..2056).flat_map(|year| {
            (1_u8..).zip(LENGTHS).flat_map(move |(month, length)| {
                let length = if month == 2 && !year.is_multiple_of(4) { 28 } else { length };
                (1..=length).map(move |day| (year, month, day))
            })
        });
        let weekdays = (0_u8..7).cycle().skip(6);
        dates.zip(weekdays).map(|((year, month, date), weekday)| Self { year, month, date, weekday })
    }
}

fn first(bits: u64) -> Option<u8> {
    (bits != 0).then(|| u8::try_from(bits.trailing_zeros()).ok()).flatten()
}

/// Whether one of the months has one of the days.
fn has_a_day(days: u64, months: u64) -> bool {
    (1_u8..).zip(LENGTHS).any(|(month, length)| {
        let in_month = (1_u64 << (length + 1)) - 1;
        months & (1 << month) != 0 && days & in_month != 0
    })
}

impl Field {
    /// Every value. Sunday is 0 and 7, kept as 0.
    fn every(&self) -> u64 {
        let high = if self.names == DAYS { 6 } else { self.high };
        (self.low..=high).fold(0, |bits, value| bits | 1 << value)
    }

    /// The values as they are written: `*`, steps, or single values and ranges of three and more.
    fn shown(&self, bits: u64) -> String {
        if bits == self.every() {
            return "*".to_owned();
        }
        if let Some(steps) = self.steps(bits) {
            return steps;
        }
        let mut ranges: Vec<(u8, u8)> = Vec::new();
        for value in (self.low..=self.high).filter(|value| bits & (1 << value) != 0) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == value => *last = value,
                _ => ranges.push((value, value)),
            }
        }
        let shown = ranges.into_iter().map(|(low, high)| match high - low {
            0 => low.to_string(),
            1 => format!("{low},{high}"),
            _ => format!("{low}-{high}"),
        });
        shown.collect::<Vec<_>>().join(",")
    }

    /// Three values and more with the same distance, as `*/15` or `8-18/2`.
    fn steps(&self, bits: u64) -> Option<String> {
        let values: Vec<u8> = (self.low..=self.high).filter(|value| bits & (1 << value) != 0).collect();
        let (&[first, second, ..], [.., last]) = (values.as_slice(), values.as_slice()) else { return None };
        let step = second - first;
        let is_even = values.iter().zip(values.iter().skip(1)).all(|(one, next)| next - one == step);
        if step < 2 || values.len() < 3 || !is_even {
            return None;
        }
        let high = if self.names == DAYS { 6 } else { self.high };
        let is_whole = first == self.low && high - last < step;
        Some(if is_whole { format!("*/{step}") } else { format!("{first}-{last}/{step}") })
    }

    /// A list of values, ranges and steps.
    fn parse(&self, text: &str) -> Result<u64, Mistake> {
        let mut bits = 0_u64;
        for part in text.split(',') {
            bits |= self.part(part)?;
        }
        if self.names == DAYS && bits & (1 << 7) != 0 {
            bits = bits & !(1 << 7) | 1;
        }
        Ok(bits)
    }

    /// `*`, `5`, `1-5`, `*/15`, `8-18/2`
    fn part(&self, part: &str) -> Result<u64, Mistake> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, self.step(part, step)?),
            None => (part, 1),
        };
        let (low, high) = match range.split_once('-') {
            _ if range == "*" => (self.low, if self.names == DAYS { 6 } else { self.high }),
            Some((low, high)) => (self.value(part, low)?, self.value(part, high)?),
            // A step needs something to step through.
            None if step > 1 || part.contains('/') => return Err(self.unread(part)),
            None => {
                let value = self.value(part, range)?;
                (value, value)
            }
        };
        if low > high {
            return Err(Mistake::Backwards(self.name, part.to_owned()));
        }
        Ok((low..=high).step_by(step).fold(0, |bits, value| bits | 1 << value))
    }

    fn step(&self, part: &str, step: &str) -> Result<usize, Mistake> {
        let step = digits(step).ok_or_else(|| self.unread(part))?;
        if step == 0 || step > u32::from(self.high) {
            return Err(Mistake::Range(self.name, part.to_owned(), 1, self.high));
        }
        usize::try_from(step).map_err(|_| self.unread(part))
    }

    fn value(&self, part: &str, text: &str) -> Result<u8, Mistake> {
        let lower = text.to_ascii_lowercase();
        if let Some((value, _)) = (self.first..).zip(self.names).find(|(_, name)| **name == lower) {
            return Ok(value);
        }
        let number = digits(text).ok_or_else(|| self.unread(part))?;
        u8::try_from(number)
            .ok()
            .filter(|value| (self.low..=self.high).contains(value))
            .ok_or_else(|| Mistake::Range(self.name, part.to_owned(), self.low, self.high))
    }

    fn unread(&self, part: &str) -> Mistake {
        Mistake::Part(self.name, part.to_owned())
    }
}

/// A number without a sign.
fn digits(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_are_the_same_are_equal() {
        let same = [
            ("0 6 * * *", "00 06 * * *"),
            ("*/20 * * * *", "0,20,40 0-23 1-31 1-12 0-6"),
            ("0 0 * * 7", "0 0 * * SUN"),
            ("0 0 * jan-mar mon", "0 0 * 1,2,3 1"),
            ("0 8-12/2 * * *", "0 8,10,12 * * *"),
            ("0 0 * * 5-7", "0 0 * * fri,sat,sun"),
        ];
        for (left, right) in same {
            assert_eq!(Cron::parse(left), Cron::parse(right), "{left} and {right}");
            assert!(Cron::parse(left).is_ok(), "{left}");
        }
        assert_ne!(Cron::parse("0 6 * * *"), Cron::parse("0 7 * * *"));
        assert_ne!(Cron::parse("0 6 1 * *"), Cron::parse("0 6 * * 1"));
    }

    /// A second reading of a field, value by value, without bits.
    fn naive(text: &str, low: u8, high: u8, names: &[(&str, u8)]) -> Vec<u8> {
        let value = |text: &str| {
            let name = names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
            name.map_or_else(|| text.parse().unwrap(), |(_, value)| *value)
        };
        let mut found = Vec::new();
        for part in text.split(',') {
            let (range, step) = part.split_once('/').unwrap_or((part, "1"));
            let (from, to) = match range {
                "*" => (low, high),
                _ => match range.split_once('-') {
                    Some((from, to)) => (value(from), value(to)),
                    None => (value(range), value(range)),
                },
            };
            let mut at = from;
            while at <= to {
                // Sunday has two numbers.
                found.push(if !names.is_empty() && names[0].0 == "sun" && at == 7 { 0 } else { at });
                at += step.parse::<u8>().unwrap();
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Every spelling of some values of a field.
    fn spellings(values: &[u8], names: &[&str], first: u8) -> Vec<String> {
        let plain = |value: &u8| value.to_string();
        let padded = |value: &u8| format!("{value:02}");
        let by_name = |value: &u8| match names.get(usize::from(value - first.min(*value))) {
            Some(name) if *value >= first => name.to_uppercase(),
            _ => plain(value),
        };
        let list = |spell: &dyn Fn(&u8) -> String, values: &[u8]| {
            values.iter().map(spell).collect::<Vec<_>>().join(",")
        };
        let backwards: Vec<u8> = values.iter().rev().copied().collect();
        let mut all = vec![
            list(&plain, values),
            list(&padded, values),
            list(&by_name, values),
            list(&plain, &backwards),
        ];
        all.push(format!("{},{}", list(&plain, values), values[0]));
        let (low, high) = (values[0], values[values.len() - 1]);
        if usize::from(high - low) + 1 == values.len() {
            all.push(format!("{low}-{high}"));
            all.push(format!("{low:02}-{high:02}/1"));
            all.push(format!("{}-{}", by_name(&low), by_name(&high)));
        }
        if values.len() > 1 && values.windows(2).all(|pair| pair[1] - pair[0] == values[1] - values[0]) {
            all.push(format!("{low}-{high}/{}", values[1] - low));
        }
        all
    }

    proptest::proptest! {
        #[test]
        fn equal_times_written_differently_are_one(
            minutes in proptest::collection::btree_set(0_u8..60, 1..8),
            hours in proptest::collection::btree_set(0_u8..24, 1..8),
            months in proptest::collection::btree_set(1_u8..13, 1..8),
            weekdays in proptest::collection::btree_set(0_u8..7, 1..7),
        ) {
            let sets = [minutes, hours, months, weekdays].map(|set| set.into_iter().collect::<Vec<_>>());
            let [minutes, hours, months, weekdays] = sets.each_ref();
            let plain = |values: &[u8]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let text = |minute: &str, hour: &str, month: &str, weekday: &str| {
                Cron::parse(&format!("{minute} {hour} * {month} {weekday}")).unwrap()
            };
            let (minute, hour, month, weekday) = (plain(minutes), plain(hours), plain(months), plain(weekdays));
            let one = text(&minute, &hour, &month, &weekday);
            for other in spellings(minutes, &[], 0) {
                assert_eq!(text(&other, &hour, &month, &weekday), one, "{other}");
                assert_eq!(naive(&other, 0, 59, &[]), *minutes);
            }
            for other in spellings(hours, &[], 0) {
                assert_eq!(text(&minute, &other, &month, &weekday), one, "{other}");
            }
            for other in spellings(months, MONTHS, 1) {
                assert_eq!(text(&minute, &hour, &other, &weekday), one, "{other}");
            }
            let names: Vec<(&str, u8)> = DAYS.iter().copied().zip(0..).collect();
            let mut days = spellings(weekdays, DAYS, 0);
            days.push(weekday.replace('0', "7"));
            for other in days {
                assert_eq!(text(&minute, &hour, &month, &other), one, "{other}");
                assert_eq!(naive(&other, 0, 6, &names), *weekdays, "{other}");
            }
            // The one text means the same, too.
            assert_eq!(Cron::parse(&one.to_string()), Ok(one));
        }

        #[test]
        fn times_meet_where_a_minute_of_a_day_is_in_both(
            days in proptest::collection::vec((1_u8..32, 1_u8..13, 0_u8..7, proptest::bool::ANY, proptest::bool::ANY), 2),
        ) {
            let text = |(day, month, weekday, any_day, any_weekday): (u8, u8, u8, bool, bool)| {
                let field = |any: bool, value: u8| if any { "*".to_owned() } else { value.to_string() };
                Cron::parse(&format!("0 6 {} {month} {}", field(any_day, day), field(any_weekday, weekday)))
            };
            if let (Ok(left), Ok(right)) = (text(days[0]), text(days[1])) {
                let meet = Day::each().any(|day| left.is_on(day) && right.is_on(day));
                assert_eq!(left.meeting(&right).is_some(), meet);
                assert_eq!(left.meeting(&right), right.meeting(&left));
            }
        }
    }

    #[test]
    fn meetings_are_shown_as_dates() {
        let at = |text: &str| Cron::parse(text).unwrap();
        let meeting = |left: &str, right: &str| at(left).meeting(&at(right)).map(|moment| moment.to_string());
        assert_eq!(meeting("0 6 * * *", "0 6 * * mon").as_deref(), Some("Monday 3 January 2028, 06:00 UTC"));
        assert_eq!(
            meeting("0 6 29 2 *", "0 6 * * *").as_deref(),
            Some("Tuesday 29 February 2028, 06:00 UTC")
        );
        assert_eq!(meeting("0 6 * * *", "0 7 * * mon"), None);
        assert_eq!(meeting("0 6 * * mon-fri", "0 6 * * sat,sun"), None);
        assert_eq!(meeting("0 6 31 * *", "0 6 * feb,apr *"), None);
        assert_eq!(at("00 06 * * mon-fri").to_string(), "0 6 * * 1-5");
        assert_eq!(at("*/30 8-18/2 1 jan 7").to_string(), "0,30 8-18/2 1 1 0");
    }

    #[test]
    fn what_is_no_time_is_named() {
        let wrong = [
            ("", Mistake::Fields(0)),
            ("0 6 * *", Mistake::Fields(4)),
            ("0 0 6 * * *", Mistake::Fields(6)),
            ("@daily", Mistake::Word("@daily".to_owned())),
            ("60 6 * * *", Mistake::Range("minute", "60".to_owned(), 0, 59)),
            ("0 24 * * *", Mistake::Range("hour", "24".to_owned(), 0, 23)),
            ("0 0 0 * *", Mistake::Range("day of month", "0".to_owned(), 1, 31)),
            ("0 0 * 13 *", Mistake::Range("month", "13".to_owned(), 1, 12)),
            ("0 0 * * 8", Mistake::Range("day of week", "8".to_owned(), 0, 7)),
            ("*/0 * * * *", Mistake::Range("minute", "*/0".to_owned(), 1, 59)),
            ("5/10 * * * *", Mistake::Part("minute", "5/10".to_owned())),
            ("0 0 L * *", Mistake::Part("day of month", "L".to_owned())),
            ("0 0 ? * *", Mistake::Part("day of month", "?".to_owned())),
            ("0 0 * * mon#1", Mistake::Part("day of week", "mon#1".to_owned())),
            ("1,,2 * * * *", Mistake::Part("minute", String::new())),
            ("+1 * * * *", Mistake::Part("minute", "+1".to_owned())),
            ("0 18-8 * * *", Mistake::Backwards("hour", "18-8".to_owned())),
            ("0 0 31 2,4 *", Mistake::Never),
        ];
        for (text, mistake) in wrong {
            assert_eq!(Cron::parse(text), Err(mistake), "{text}");
        }
        // Every Monday of February will do.
        assert!(Cron::parse("0 0 31 2 mon").is_ok());
        assert!(Cron::parse("0 0 29 2 *").is_ok());
    }
}

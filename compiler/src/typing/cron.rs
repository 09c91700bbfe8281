//! Times in five fields, as EC2 Auto Scaling takes them: minute, hour, day of the month, month, day of the week.

/// When something recurs, in UTC. Two texts that mean the same times are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

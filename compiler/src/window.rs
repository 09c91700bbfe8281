//! Windows of time, by UTC, in which AWS maintains something or takes snapshots.

use std::fmt;

/// Days as AWS writes them, in order.
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;
const WEEK: u32 = 7 * DAY;

/// A window of a week, or of every day. It may go on past midnight and past the end of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Minutes after midnight, for a window of a week that from Saturday to Sunday.
    start: u32,
    /// Minutes.
    length: u32,
    is_weekly: bool,
}

/// Why a text is no window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// This word is no day of the week.
    Day(String),
    /// This is no time of a day.
    Time(String),
    /// One end has a day, and the other has none.
    OneDay,
    /// It begins when it ends.
    Empty,
}

impl Window {
    /// Of an hour of every Saturday, from this one on.
    pub(crate) const fn of_saturday(hour: u32) -> Self {
        Self { start: 6 * DAY + hour * HOUR, length: HOUR, is_weekly: true }
    }

    /// Reads `sat 05:00..sat 06:00` or `05:04..05:34`.
    pub(crate) fn read(text: &str) -> Result<Self, Flaw> {
        let (from, to) = text.split_once("..").ok_or(Flaw::Empty)?;
        let ((from_day, from), (to_day, to)) = (instant(from)?, instant(to)?);
        let (start, end, whole) = match (from_day, to_day) {
            (Some(from_day), Some(to_day)) => (from_day * DAY + from, to_day * DAY + to, WEEK),
            (None, None) => (from, to, DAY),
            (Some(_), None) | (None, Some(_)) => return Err(Flaw::OneDay),
        };
        let length = (end + whole - start) % whole;
        if length == 0 { Err(Flaw::Empty) } else { Ok(Self { start, length, is_weekly: whole == WEEK }) }
    }

    /// A window of every day that begins as many minutes after the end of another one.
    pub(crate) fn daily_after(other: Self, minutes: u32, length: u32) -> Self {
        Self { start: (other.start + other.length + minutes) % DAY, length, is_weekly: false }
    }

    /// A window of a week that begins as many minutes after the end of Saturday's window of every day.
    pub(crate) fn saturday_after(other: Self, minutes: u32, length: u32) -> Self {
        let start = (6 * DAY + other.start + other.length + minutes) % WEEK;
        Self { start, length, is_weekly: true }
    }

    pub(crate) fn is_weekly(self) -> bool {
        self.is_weekly
    }

    /// How long it is, in minutes.
    pub(crate) fn minutes(self) -> u32 {
        self.length
    }

    /// Whether two windows have a minute in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.spans().any(|(start, end)| {
            let mut others = other.spans();
            others.any(|(other_start, other_end)| start < other_end && other_start < end)
        })
    }

    /// As AWS writes it: `sat:05:00-sat:06:00`, `05:04-05:34`.
    pub(crate) fn aws(self) -> String {
        let end = (self.start + self.length) % if self.is_weekly { WEEK } else { DAY };
        format!("{}-{}", self.moment(self.start, ":"), self.moment(end, ":"))
    }

    fn moment(self, at: u32, between: &str) -> String {
        let day = usize::try_from(at / DAY).ok().and_then(|day| DAYS.get(day)).filter(|_| self.is_weekly);
        let day = day.map(|day| format!("{day}{between}")).unwrap_or_default();
        format!("{day}{:02}:{:02}", at % DAY / HOUR, at % HOUR)
    }

    /// The stretches of a week that it is, and those of the week before that reach into it.
    fn spans(self) -> impl Iterator<Item = (u32, u32)> {
        let (step, times) = if self.is_weekly { (WEEK, 1) } else { (DAY, 7) };
        let starts = (0..times).map(move |time| self.start + time * step);
        starts.flat_map(move |start| {
            let end = start + self.length;
            [Some((start, end.min(WEEK))), (end > WEEK).then(|| (0, end - WEEK))].into_iter().flatten()
        })
    }
}

/// As the language writes it.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = (self.start + self.length) % if self.is_weekly { WEEK } else { DAY };
        write!(f, "{}..{}", self.moment(self.start, " "), self.moment(end, " "))
    }
}

/// The day and the minute of `sat 05:00`.
fn instant(text: &str) -> Result<(Option<u32>, u32), Flaw> {
    let mut words = text.split_whitespace().rev();
    let time = words.next().unwrap_or_default();
    let (hours, minutes) = time.split_once(':').unwrap_or((time, ""));
    let number = |text: &str, least: u32| text.parse().ok().filter(|number: &u32| *number < least);
    let (Some(hours), Some(minutes)) = (number(hours, 24), number(minutes, 60)) else {
        return Err(Flaw::Time(time.to_owned()));
    };
    let Some(day) = words.next() else { return Ok((None, hours * HOUR + minutes)) };
    let place = DAYS.iter().position(|known| *known == day).and_then(|place| u32::try_from(place).ok());
    Ok((Some(place.ok_or_else(|| Flaw::Day(day.to_owned()))?), hours * HOUR + minutes))
}

/// The days, for messages.
pub(crate) fn days() -> &'static [&'static str] {
    &DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Window {
        Window::read(text).unwrap()
    }

    #[test]
    fn a_window_is_written_as_aws_writes_it() {
        for (text, aws, minutes) in [
            ("sat 05:00..sat 06:00", "sat:05:00-sat:06:00", 60),
            ("sat  5:00 .. sun 1:30", "sat:05:00-sun:01:30", 20 * 60 + 30),
            ("05:04..05:34", "05:04-05:34", 30),
            ("23:30..00:30", "23:30-00:30", 60),
        ] {
            let window = read(text);
            assert_eq!((window.aws().as_str(), window.minutes()), (aws, minutes), "{text}");
            assert_eq!(read(&window.to_string()), window);
        }
    }

    #[test]
    fn what_is_no_window_has_a_flaw() {
        let flaw = |text: &str| Window::read(text).unwrap_err();
        assert_eq!(flaw("day 05:00..sat 06:00"), Flaw::Day("day".to_owned()));
        assert_eq!(flaw("25:00..26:00"), Flaw::Time("25:00".to_owned()));
        assert_eq!(flaw("sat 05:00..06:00"), Flaw::OneDay);
        assert_eq!(flaw("05:00..05:00"), Flaw::Empty);
    }

    #[test]
    fn windows_meet_across_midnight_and_the_end_of_the_week() {
        let meet = |left: &str, right: &str| {
            let (left, right) = (read(left), read(right));
            assert_eq!(left.meets(right), right.meets(left), "{left} {right}");
            left.meets(right)
        };
        assert!(meet("sat 05:00..sat 06:00", "05:30..06:30"));
        assert!(!meet("sat 05:00..sat 06:00", "06:00..07:00"));
        assert!(meet("sat 23:30..sun 00:30", "00:00..01:00"));
        assert!(meet("sat 23:30..sun 00:30", "23:00..00:10"));
        assert!(meet("mon 00:00..mon 01:00", "23:30..00:30"));
        assert!(!meet("mon 00:30..mon 01:30", "23:30..00:30"));
        assert!(meet("sun 00:00..sun 01:00", "23:30..00:30"), "the window of Saturday reaches into Sunday");
    }

    #[test]
    fn a_window_follows_another_one() {
        let daily = Window::daily_after(read("sat 23:00..sun 00:00"), 60, 60);
        assert_eq!(daily.to_string(), "01:00..02:00");
        assert!(!daily.meets(read("sat 23:00..sun 00:00")));
        let weekly = Window::saturday_after(read("23:30..00:30"), 60, 60);
        assert_eq!(weekly.to_string(), "sun 01:30..sun 02:30");
    }
}

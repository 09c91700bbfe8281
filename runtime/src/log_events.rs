//! Events of logs, and which of them have not been shown yet.

use std::collections::BTreeMap;

use serde::Serialize;

/// An event of a log group of CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEvent {
    /// AWS's id of the event.
    #[serde(skip)]
    pub id: String,
    /// Name of the log group.
    pub group: String,
    /// Name of its stream, by custom the id of an instance.
    pub stream: String,
    /// Milliseconds since 1970, UTC.
    #[serde(skip)]
    pub millis: i64,
    /// The text.
    pub message: String,
}

/// What a follower of logs has shown. Events arrive late and not in order, so the last minute is always read again.
#[derive(Clone, Debug, Default)]
pub struct LogFollower {
    /// Times of the shown events that may be read again, by id.
    shown: BTreeMap<String, i64>,
    newest: Option<i64>,
}

/// How late an event may arrive: milliseconds.
const LATE: i64 = 60_000;

impl LogFollower {
    /// The time from which events are to be read: at first `start`.
    pub fn from(&self, start: i64) -> i64 {
        self.newest.map_or(start, |newest| newest.saturating_sub(LATE).max(start))
    }

    /// Those of `events` that have not been shown, in order of time.
    pub fn unseen(&mut self, events: Vec<LogEvent>) -> Vec<LogEvent> {
        let mut new: Vec<LogEvent> =
            events.into_iter().filter(|event| !self.shown.contains_key(&event.id)).collect();
        new.sort_by(|a, b| (a.millis, &a.id).cmp(&(b.millis, &b.id)));
        new.dedup_by(|a, b| a.id == b.id);
        self.newest = self.newest.max(new.iter().map(|event| event.millis).max());
        self.shown.extend(new.iter().map(|event| (event.id.clone(), event.millis)));
        let from = self.from(i64::MIN);
        self.shown.retain(|_, millis| *millis >= from);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, millis: i64) -> LogEvent {
        LogEvent {
            id: id.to_owned(),
            group: "g".to_owned(),
            stream: "s".to_owned(),
            millis,
            message: id.to_owned(),
        }
    }

    #[test]
    fn each_event_is_shown_once_also_one_that_arrives_late() {
        let mut follower = LogFollower::default();
        let mut shown = |events: &[(&str, i64)]| {
            let events = events.iter().map(|(id, millis)| event(id, *millis)).collect();
            let new = follower.unseen(events);
            (new.into_iter().map(|event| event.id).collect::<Vec<_>>().join(" "), follower.from(0))
        };
        assert_eq!(shown(&[]), (String::new(), 0));
        assert_eq!(shown(&[("b", 100_001), ("a", 100_000), ("a", 100_000)]), ("a b".to_owned(), 40_001));
        assert_eq!(shown(&[("a", 100_000), ("late", 50_000), ("b", 100_001)]), ("late".to_owned(), 40_001));
        assert_eq!(shown(&[("b", 100_001), ("c", 200_000)]), ("c".to_owned(), 140_000));
    }
}

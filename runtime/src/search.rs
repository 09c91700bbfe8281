//! The indices of a search domain whose names end in a date, and their snapshots in a bucket: what is archived, groomed and
//! restored. Decides only; the calls are the cloud's.

use serde::{Deserialize, Serialize};

/// Where the snapshots of a search domain are, and which indices are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    /// What stands before the date in the names of indices, with `*` for any text.
    pub indices: String,
    /// Name of the snapshot repository.
    pub repository: String,
    /// Name of the bucket.
    pub bucket: String,
    /// ARN of the role that the domain takes to write there.
    pub role: Option<String>,
    /// Part of the space that may be used, in percent.
    pub keep: f64,
    /// Number of shards that there may be.
    pub max_shards: Option<u64>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchIndex {
    /// Its name, such as `logstash-2026.11.30`.
    pub name: String,
    /// `green`, `yellow` or `red`.
    pub health: String,
    /// Its shards, with their replicas.
    pub shards: u64,
    /// The space that it takes, with its replicas, in bytes.
    pub bytes: u64,
}

/// A snapshot of an index, which has the name of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchSnapshot {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub state: SnapshotState,
}

/// How far a snapshot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotState {
    /// It is whole.
    Success,
    /// It is being taken.
    InProgress,
    /// It has not all of the index.
    Failed,
}

/// The space and the shards of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchSpace {
    /// Bytes of all data nodes.
    pub total: u64,
    /// Bytes of these that are free.
    pub free: u64,
}

/// A cluster and its archive at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchState {
    /// All its indices.
    pub indices: Vec<SearchIndex>,
    /// The snapshots in the repository.
    pub snapshots: Vec<SearchSnapshot>,
    /// Whether the repository is registered.
    pub has_repository: bool,
    /// Its space.
    pub space: SearchSpace,
}

/// What happens to an index when it is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Archiving {
    /// A snapshot is taken.
    Take,
    /// A snapshot is being taken, and is waited for.
    Wait,
    /// A broken snapshot is deleted, and another one is taken.
    Redo,
    /// There is a snapshot.
    Exists,
    /// The index is not green, so that a snapshot would not have all of it.
    Skip,
}

/// The indices that are deleted to get space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grooming {
    /// Bytes that are missing.
    pub bytes: u64,
    /// Shards that are too many.
    pub shards: u64,
    /// The indices, the oldest first.
    pub indices: Vec<SearchIndex>,
    /// Whether that is enough.
    pub is_enough: bool,
}

/// The indices that are restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restoring {
    /// Indices that come back, the oldest first.
    pub indices: Vec<String>,
    /// Indices that are there.
    pub present: Vec<String>,
    /// Snapshots that have not all of their index.
    pub broken: Vec<String>,
}

/// Length of `2026.11.30`.
const DATE: usize = 10;

/// Whether a text is a day as indices have it: `2026.11.30`.
pub fn is_index_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, length: usize| {
        let is_sound = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        is_sound.then(|| text.parse::<u32>().unwrap_or_default())
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

impl Archive {
    /// The day in the name of an index that is meant; none of any other.
    pub fn day<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (before, day) = name.split_at_checked(name.len().checked_sub(DATE)?)?;
        let before = before.strip_suffix('-')?;
        (is_index_day(day) && matches(&self.indices, before)).then_some(day)
    }

    /// What happens to each index that is older than `yesterday`, the oldest first.
    pub fn archiving(&self, state: &SearchState, yesterday: &str) -> Vec<(SearchIndex, Archiving)> {
        let mut found: Vec<(&str, &SearchIndex)> =
            self.of_days(&state.indices).filter(|(day, _)| *day < yesterday).collect();
        found.sort_by_key(|(day, index)| (*day, &index.name));
        let step = |index: &SearchIndex| match state_of(state, &index.name) {
            Some(SnapshotState::Success) => Archiving::Exists,
            Some(SnapshotState::InProgress) => Archiving::Wait,
            _ if index.health != "green" => Archiving::Skip,
            Some(SnapshotState::Failed) => Archiving::Redo,
            None => Archiving::Take,
        };
        found.into_iter().map(|(_, index)| (index.clone(), step(index))).collect()
    }

    /// The archived indices that are deleted until enough space is free and few enough shards are left.
    pub fn grooming(&self, state: &SearchState) -> Grooming {
        let SearchSpace { total, free } = state.space;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of bytes"
        )]
        let kept_free = (total as f64 * (100.0 - self.keep) / 100.0).ceil() as u64;
        let bytes = kept_free.saturating_sub(free);
        let all: u64 = state.indices.iter().map(|index| index.shards).sum();
        let shards = self.max_shards.map_or(0, |most| all.saturating_sub(most));
        let mut archived: Vec<(&str, &SearchIndex)> = self
            .of_days(&state.indices)
            .filter(|(_, index)| state_of(state, &index.name) == Some(SnapshotState::Success))
            .collect();
        archived.sort_by_key(|(day, index)| (*day, &index.name));
        let (mut missing, mut surplus, mut indices) = (bytes, shards, Vec::new());
        for (_, index) in archived {
            if missing == 0 && surplus == 0 {
                break;
            }
            missing = missing.saturating_sub(index.bytes);
            surplus = surplus.saturating_sub(index.shards);
            indices.push(index.clone());
        }
        Grooming { bytes, shards, indices, is_enough: missing == 0 && surplus == 0 }
    }

    /// The indices of some days, both included, that come back from their snapshots.
    pub fn restoring(&self, state: &SearchState, begin: &str, end: &str) -> Restoring {
        let mut restoring = Restoring::default();
        let meant = state.snapshots.iter().filter_map(|snapshot| Some((self.day(&snapshot.name)?, snapshot)));
        let mut meant: Vec<_> = meant.filter(|(day, _)| (begin..=end).contains(day)).collect();
        meant.sort_by_key(|(day, snapshot)| (*day, &snapshot.name));
        for (_, SearchSnapshot { name, state: how }) in meant {
            let is_present = state.indices.iter().any(|index| index.name == *name);
            let into = match how {
                _ if is_present => &mut restoring.present,
                SnapshotState::Success => &mut restoring.indices,
                SnapshotState::InProgress | SnapshotState::Failed => &mut restoring.broken,
            };
            into.push(name.clone());
        }
        restoring
    }

    fn of_days<'s>(&self, indices: &'s [SearchIndex]) -> impl Iterator<Item = (&'s str, &'s SearchIndex)> {
        indices.iter().filter_map(|index| Some((self.day(&index.name)?, index)))
    }
}

fn state_of(state: &SearchState, name: &str) -> Option<SnapshotState> {
    state.snapshots.iter().find(|snapshot| snapshot.name == name).map(|snapshot| snapshot.state)
}

/// Whether a text is a pattern's, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(first) else { return false };
    let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    ends.any(|at| text.get(at..).is_some_and(|text| matches(rest, text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> Archive {
        Archive {
            indices: "logstash".to_owned(),
            repository: "s3".to_owned(),
            bucket: "archive".to_owned(),
            role: None,
            keep: 90.0,
            max_shards: None,
        }
    }

    fn index(name: &str, health: &str) -> SearchIndex {
        SearchIndex { name: name.to_owned(), health: health.to_owned(), shards: 10, bytes: 300 }
    }

    fn snapshot(name: &str, state: SnapshotState) -> SearchSnapshot {
        SearchSnapshot { name: name.to_owned(), state }
    }

    #[test]
    fn indices_are_known_by_what_stands_before_the_day() {
        let mut archive = archive();
        assert_eq!(archive.day("logstash-2026.11.30"), Some("2026.11.30"));
        for other in
            ["logstash-2026.13.01", "logstash-2026.11", "logstash", "other-2026.11.30", "é2026.11.30"]
        {
            assert_eq!(archive.day(other), None, "{other}");
        }
        archive.indices = "log*-*".to_owned();
        assert_eq!(archive.day("logs-web-2026.11.30"), Some("2026.11.30"));
        assert_eq!(archive.day("logs2026.11.30"), None);
    }

    #[test]
    fn indices_are_archived_by_their_state() {
        let days = ["01", "02", "03", "04", "05", "06", "07"];
        let mut indices: Vec<SearchIndex> =
            days.iter().map(|day| index(&format!("logstash-2026.06.{day}"), "green")).collect();
        indices[3].health = "red".to_owned();
        indices.reverse();
        let snapshots = vec![
            snapshot("logstash-2026.06.01", SnapshotState::Success),
            snapshot("logstash-2026.06.02", SnapshotState::Failed),
            snapshot("logstash-2026.06.05", SnapshotState::InProgress),
        ];
        let state = SearchState { indices, snapshots, ..SearchState::default() };
        let steps: Vec<_> =
            archive().archiving(&state, "2026.06.06").into_iter().map(|(_, step)| step).collect();
        assert_eq!(
            steps,
            [Archiving::Exists, Archiving::Redo, Archiving::Take, Archiving::Skip, Archiving::Wait],
            "the days of yesterday and today are left out"
        );
    }

    #[test]
    fn the_oldest_archived_indices_go_until_both_needs_are_met() {
        let indices: Vec<SearchIndex> = ["03", "01", "02", "04"]
            .iter()
            .map(|day| index(&format!("logstash-2026.06.{day}"), "green"))
            .chain([index("other", "green")])
            .collect();
        let archived = |day: &str| snapshot(&format!("logstash-2026.06.{day}"), SnapshotState::Success);
        let snapshots = vec![archived("01"), archived("03"), archived("04")];
        let space = SearchSpace { total: 6000, free: 300 };
        let mut state = SearchState { indices, snapshots, space, has_repository: true };
        let names = |grooming: &Grooming| -> Vec<String> {
            grooming.indices.iter().map(|index| index.name.clone()).collect()
        };
        let first = archive().grooming(&state);
        assert_eq!((first.bytes, first.shards, first.is_enough), (300, 0, true));
        assert_eq!(names(&first), ["logstash-2026.06.01"]);
        let fewer = Archive { max_shards: Some(30), ..archive() };
        assert_eq!(names(&fewer.grooming(&state)), ["logstash-2026.06.01", "logstash-2026.06.03"]);
        state.space.free = 0;
        state.space.total = 60_000;
        let all = archive().grooming(&state);
        assert_eq!((all.indices.len(), all.is_enough), (3, false), "what is not archived stays");
        state.space = SearchSpace { total: 6000, free: 600 };
        assert_eq!(archive().grooming(&state).indices, []);
    }

    #[test]
    fn what_is_not_there_is_restored() {
        let indices: Vec<SearchIndex> = ["01", "02", "03", "04", "05"]
            .iter()
            .map(|day| index(&format!("logstash-2026.06.{day}"), "green"))
            .collect();
        let whole = |day: &str| snapshot(&format!("logstash-2026.06.{day}"), SnapshotState::Success);
        let broken = snapshot("logstash-2026.05.31", SnapshotState::Failed);
        let snapshots = vec![broken, whole("01"), whole("02"), whole("06"), whole("07")];
        let state = SearchState { indices, snapshots, ..SearchState::default() };
        let restoring = archive().restoring(&state, "2026.05.31", "2026.06.06");
        assert_eq!(restoring.indices, ["logstash-2026.06.06"]);
        assert_eq!(restoring.present.len(), 2);
        assert_eq!(restoring.broken, ["logstash-2026.05.31"]);
    }
}

//! EBS snapshots of the disks of hostclasses: what is known of each, which one is used next, and which a clean-up deletes.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use serde::Serialize;

/// Tag of a volume that exists only until a snapshot of it is taken: project, environment and hostclass.
pub const TEMPORARY_TAG: &str = "asiaq:temporary";
/// Tag of such a volume: who made it, the number of the process, and the second since 1970.
pub const TEMPORARY_BY_TAG: &str = "asiaq:temporary-by";

/// A snapshot with the tags `hostclass` and `env`, as AWS has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HostclassSnapshot {
    /// AWS id.
    pub id: String,
    /// Tag `hostclass`.
    pub hostclass: String,
    /// Tag `env`.
    pub environment: String,
    /// Account that owns it: twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
    /// State, such as `completed`.
    pub state: String,
    /// When it was started: UTC, ISO 8601.
    pub started: String,
    /// The same, as the second since 1970.
    pub created: i64,
    /// Size of its volume in GiB.
    pub size: u32,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Tag `productline`.
    pub product_line: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Id of the volume that it was taken of.
    pub volume: Option<String>,
    /// Whether the next version of the launch template starts from it, if the hostclass is stateful.
    pub is_next: bool,
    /// What uses it, in words.
    pub used_by: Vec<String>,
}

impl HostclassSnapshot {
    /// Whether it is whole.
    pub fn is_completed(&self) -> bool {
        self.state == "completed"
    }

    /// The snapshots that it is one of.
    fn group(&self) -> (&str, &str, &str, &str) {
        (&self.environment, &self.hostclass, &self.account, &self.region)
    }

    /// The order in which launch templates choose: the greatest is the newest.
    fn order(&self) -> (&str, &str) {
        (&self.started, &self.id)
    }
}

/// Marks the snapshot of each hostclass and environment that the next version of its launch template starts from: the newest
/// that is whole.
pub fn mark_next(snapshots: &mut [HostclassSnapshot]) {
    let mut next: BTreeMap<_, (&HostclassSnapshot, usize)> = BTreeMap::new();
    for (at, one) in snapshots.iter().enumerate().filter(|(_, one)| one.is_completed()) {
        let newest = next.entry(one.group()).or_insert((one, at));
        if newest.0.order() < one.order() {
            *newest = (one, at);
        }
    }
    let next: BTreeSet<usize> = next.into_values().map(|(_, at)| at).collect();
    for (at, one) in snapshots.iter_mut().enumerate() {
        one.is_next = next.contains(&at);
    }
}

/// Which snapshots a clean-up deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotExpiry {
    /// The newest of each hostclass and environment that stay. Only those that are whole count.
    pub keep: NonZeroUsize,
    /// Only snapshots that were started before this second since 1970.
    pub before: i64,
}

impl SnapshotExpiry {
    /// The snapshots that are old, ordered by environment and hostclass, the oldest first. One that AWS has not finished stays;
    /// one that failed counts for nothing. Whether something uses them is not looked at.
    pub fn expired<'s>(&self, snapshots: &'s [HostclassSnapshot]) -> Vec<&'s HostclassSnapshot> {
        let mut of: BTreeMap<_, Vec<&HostclassSnapshot>> = BTreeMap::new();
        for one in snapshots {
            of.entry(one.group()).or_default().push(one);
        }
        let mut expired = Vec::new();
        for mut group in of.into_values() {
            group.sort_by_key(|one| one.order());
            let whole = group.iter().filter(|one| one.is_completed()).count();
            let mut surplus = whole.saturating_sub(self.keep.get());
            for one in group {
                let is_surplus = one.is_completed() && surplus > 0;
                if is_surplus {
                    surplus = surplus.saturating_sub(1);
                }
                if (is_surplus || one.state == "error") && one.created < self.before {
                    expired.push(one);
                }
            }
        }
        expired
    }
}

/// A volume that a run made for a snapshot and has not deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TemporaryVolume {
    /// AWS id.
    pub id: String,
    /// Account: twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
    /// Environment of the snapshot.
    pub environment: String,
    /// Hostclass of the snapshot.
    pub hostclass: String,
    /// Who made it, as in `ann@laptop`.
    pub by: String,
    /// Number of the process that made it.
    pub process: u32,
    /// Second since 1970 in which it was made.
    pub since: i64,
}

impl TemporaryVolume {
    /// The tags of a volume for a snapshot of a hostclass in an environment.
    pub fn tags(
        (project, env, hostclass): (&str, &str, &str),
        (by, process, since): (&str, u32, i64),
    ) -> BTreeMap<String, String> {
        // Names of the language have no spaces.
        let tags = [
            (TEMPORARY_TAG, format!("{project} {env} {hostclass}")),
            (TEMPORARY_BY_TAG, format!("{since} {process} {by}")),
        ];
        tags.map(|(key, value)| (key.to_owned(), value)).into()
    }

    /// A volume of `project` with these tags; absent for other volumes.
    pub fn read(
        id: &str,
        (account, region): (&str, &str),
        project: &str,
        tags: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let mut of = tags.get(TEMPORARY_TAG)?.split(' ');
        if of.next() != Some(project) {
            return None;
        }
        let (environment, hostclass) = (of.next()?.to_owned(), of.next()?.to_owned());
        let mut by = tags.get(TEMPORARY_BY_TAG).map_or("", String::as_str).splitn(3, ' ');
        let since = by.next().and_then(|since| since.parse().ok()).unwrap_or_default();
        let process = by.next().and_then(|process| process.parse().ok()).unwrap_or_default();
        Some(Self {
            id: id.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            environment,
            hostclass,
            by: by.next().unwrap_or_default().to_owned(),
            process,
            since,
        })
    }
}

/// A volume, as far as a snapshot of it needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskVolume {
    /// Id of the instance that it is attached to.
    pub instance: Option<String>,
    /// The name of the device there.
    pub device: Option<String>,
    /// Whether that is the root of the instance.
    pub is_root: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn snapshot(env: &str, hostclass: &str, second: i64, state: &str) -> HostclassSnapshot {
        HostclassSnapshot {
            id: format!("snap-{env}{hostclass}{second:03}"),
            hostclass: hostclass.to_owned(),
            environment: env.to_owned(),
            account: "123456789012".to_owned(),
            region: "us-west-2".to_owned(),
            state: state.to_owned(),
            started: format!("2026-01-01T00:00:{second:03}Z"),
            created: second,
            ..HostclassSnapshot::default()
        }
    }

    fn expiry(keep: usize, before: i64) -> SnapshotExpiry {
        SnapshotExpiry { keep: NonZeroUsize::new(keep).unwrap(), before }
    }

    fn ids(found: &[&HostclassSnapshot]) -> Vec<String> {
        found.iter().map(|one| one.id.clone()).collect()
    }

    #[test]
    fn of_three_and_two_to_keep_one_goes_in_each_environment_by_itself() {
        let mut all: Vec<_> = [1, 2, 3].map(|second| snapshot("ci", "db", second, "completed")).into();
        all.extend([4, 5].map(|second| snapshot("live", "db", second, "completed")));
        all.extend([1, 2, 3].map(|second| snapshot("ci", "queue", second, "completed")));
        assert_eq!(ids(&expiry(2, 1000).expired(&all)), ["snap-cidb001", "snap-ciqueue001"]);
        assert_eq!(expiry(3, 1000).expired(&all).len(), 0);
        assert_eq!(ids(&expiry(1, 2).expired(&all)), ["snap-cidb001", "snap-ciqueue001"]);
    }

    #[test]
    fn what_is_not_whole_neither_counts_nor_goes_and_what_failed_goes() {
        let all = [
            snapshot("ci", "db", 1, "completed"),
            snapshot("ci", "db", 2, "error"),
            snapshot("ci", "db", 3, "completed"),
            snapshot("ci", "db", 4, "pending"),
        ];
        assert_eq!(ids(&expiry(1, 1000).expired(&all)), ["snap-cidb001", "snap-cidb002"]);
        assert_eq!(ids(&expiry(2, 1000).expired(&all)), ["snap-cidb002"]);
        let mut marked = all;
        mark_next(&mut marked);
        assert_eq!(marked.map(|one| one.is_next), [false, false, true, false]);
    }

    #[test]
    fn temporary_volumes_are_known_by_their_tags() {
        let tags = TemporaryVolume::tags(("shop", "ci", "db"), ("ann@my laptop", 7, 1_700_000_000));
        let read = TemporaryVolume::read("vol-1", ("1", "r"), "shop", &tags).unwrap();
        assert_eq!((read.environment.as_str(), read.hostclass.as_str(), read.process), ("ci", "db", 7));
        assert_eq!((read.by.as_str(), read.since), ("ann@my laptop", 1_700_000_000));
        assert_eq!(TemporaryVolume::read("vol-1", ("1", "r"), "sho", &tags), None);
        assert_eq!(TemporaryVolume::read("vol-1", ("1", "r"), "shop", &BTreeMap::new()), None);
    }

    proptest! {
        /// Written down naively: a snapshot goes if it is old and so many whole ones of its kind are newer.
        #[test]
        fn the_newest_whole_ones_stay(
            made in proptest::collection::btree_map((0_u8..2, 0_u8..2, 0_i64..40), 0_u8..4, 0..40),
            keep in 1_usize..4,
            before in 0_i64..45,
        ) {
            let mut all: Vec<HostclassSnapshot> = made
                .iter()
                .map(|((env, class, second), state)| {
                    let state = ["completed", "completed", "pending", "error"][usize::from(*state)];
                    snapshot(&format!("e{env}"), &format!("h{class}"), *second, state)
                })
                .collect();
            mark_next(&mut all);
            let expired: BTreeSet<String> = ids(&expiry(keep, before).expired(&all)).into_iter().collect();
            for one in &all {
                let is_newer = |other: &&HostclassSnapshot| {
                    other.environment == one.environment
                        && other.hostclass == one.hostclass
                        && other.created > one.created
                        && other.state == "completed"
                };
                let newer = all.iter().filter(is_newer).count();
                let goes = match one.state.as_str() {
                    "completed" => newer >= keep && one.created < before,
                    "error" => one.created < before,
                    _ => false,
                };
                prop_assert_eq!(expired.contains(&one.id), goes, "{:?}", one);
                prop_assert_eq!(one.is_next, one.state == "completed" && newer == 0);
                prop_assert!(!(one.is_next && goes));
            }
        }
    }
}

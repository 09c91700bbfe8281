//! How an image is shared with other accounts: its snapshots, the keys that encrypt them, and its tags.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::HostclassImage;

/// A disk of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDisk {
    /// Id of its snapshot.
    pub snapshot: String,
    /// ARN of the key that encrypts it, if it is encrypted.
    pub key: Option<String>,
    /// Accounts that may make volumes of it.
    pub shared_with: BTreeSet<String>,
}

/// With whom an image is shared already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageShares {
    /// Its disks.
    pub disks: Vec<ImageDisk>,
    /// Accounts that may start it.
    pub launch: BTreeSet<String>,
    /// Keys that the Auto Scaling groups of an account may use already: account and ARN.
    pub grants: BTreeSet<(String, String)>,
    /// Tags of the image that its own account sees.
    pub tags: BTreeMap<String, String>,
    /// Tags of the image that other accounts see.
    pub tags_there: BTreeMap<String, BTreeMap<String, String>>,
}

/// A step of sharing an image, or of ending that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum ShareStep {
    /// Lets the Auto Scaling groups of an account use a key.
    Grant {
        /// The account.
        account: String,
        /// ARN of the key.
        key: String,
    },
    /// Lets an account make volumes of a snapshot, or no longer.
    Snapshot {
        /// The account.
        account: String,
        /// Id of the snapshot.
        snapshot: String,
    },
    /// Lets an account start the image, or no longer.
    Launch {
        /// The account.
        account: String,
    },
    /// Writes tags of the image in an account, or removes them.
    Tags {
        /// The account.
        account: String,
        /// The tags.
        tags: BTreeMap<String, String>,
    },
}

/// Tag of a shared image: the accounts that it is shared with, separated by commas.
pub const SHARED_TAG: &str = "shared_with_account_ids";

/// Tag of an image that a deploy shares, until that has come to its end: the time of its begin.
pub const SHARING_TAG: &str = "asiaq:sharing";

/// Tags that are not written in other accounts.
const OWN: [&str; 1] = [SHARED_TAG];

impl ShareStep {
    /// The account that it is about.
    pub fn account(&self) -> &str {
        match self {
            Self::Grant { account, .. }
            | Self::Snapshot { account, .. }
            | Self::Launch { account }
            | Self::Tags { account, .. } => account,
        }
    }
}

/// The steps that are missing until an image is shared with `accounts`: first what it needs there, then its start, then
/// its tags. `with_tags` are the accounts in which tags are written.
pub fn shares(live: &ImageShares, accounts: &[String], with_tags: bool) -> Vec<ShareStep> {
    let mut steps = Vec::new();
    for account in accounts {
        let keys: BTreeSet<&String> = live.disks.iter().filter_map(|disk| disk.key.as_ref()).collect();
        let missing =
            keys.into_iter().filter(|key| !live.grants.contains(&(account.clone(), (*key).clone())));
        steps.extend(missing.map(|key| ShareStep::Grant { account: account.clone(), key: key.clone() }));
        let disks = live.disks.iter().filter(|disk| !disk.shared_with.contains(account));
        steps.extend(
            disks.map(|disk| ShareStep::Snapshot {
                account: account.clone(),
                snapshot: disk.snapshot.clone(),
            }),
        );
        if !live.launch.contains(account) {
            steps.push(ShareStep::Launch { account: account.clone() });
        }
        let there = live.tags_there.get(account);
        let is_there = |key: &String, value: &String| there.and_then(|tags| tags.get(key)) == Some(value);
        let tags: BTreeMap<String, String> = live
            .tags
            .iter()
            .filter(|(key, value)| is_shown(key) && !is_there(key, value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if with_tags && !tags.is_empty() {
            steps.push(ShareStep::Tags { account: account.clone(), tags });
        }
    }
    steps
}

/// The steps that are missing until an image is no longer shared with `accounts`, in the opposite order. Grants stay: other
/// images may be encrypted by the same key.
pub fn unshares(live: &ImageShares, accounts: &[String]) -> Vec<ShareStep> {
    let mut steps = Vec::new();
    for account in accounts {
        let there = live.tags_there.get(account).cloned().unwrap_or_default();
        let tags: BTreeMap<String, String> =
            there.into_iter().filter(|(key, value)| live.tags.get(key) == Some(value)).collect();
        if !tags.is_empty() {
            steps.push(ShareStep::Tags { account: account.clone(), tags });
        }
        if live.launch.contains(account) {
            steps.push(ShareStep::Launch { account: account.clone() });
        }
        let disks = live.disks.iter().filter(|disk| disk.shared_with.contains(account));
        steps.extend(
            disks.map(|disk| ShareStep::Snapshot {
                account: account.clone(),
                snapshot: disk.snapshot.clone(),
            }),
        );
    }
    steps
}

/// Whether a tag says something of the image that others need.
fn is_shown(key: &str) -> bool {
    !OWN.contains(&key) && !key.starts_with("aws:") && !key.starts_with("asiaq:")
}

/// Why an image cannot be shared by the rules of its project, if it cannot.
pub fn refused_share(image: &HostclassImage, baker: Option<&str>, bakers: &[String]) -> Option<String> {
    if !image.is_available() {
        return Some(format!("it is `{}`, and not `available`", image.state));
    }
    if image.is_private {
        return Some("it is private".to_owned());
    }
    match baker {
        Some(baker) if bakers.iter().any(|known| known == baker) => None,
        Some(baker) => Some(format!("`{baker}` has baked it, who is none of `bakers`")),
        None => Some("it has no tag `baker`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> ImageShares {
        let disk = |snapshot: &str, key: Option<&str>| ImageDisk {
            snapshot: snapshot.to_owned(),
            key: key.map(ToOwned::to_owned),
            shared_with: BTreeSet::new(),
        };
        let tags = [("stage", "tested"), (SHARED_TAG, "1"), ("asiaq:promoted", "x")];
        ImageShares {
            disks: vec![disk("snap-1", Some("key")), disk("snap-2", Some("key")), disk("snap-3", None)],
            tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            ..ImageShares::default()
        }
    }

    /// Carries a step out, naively.
    fn step(live: &mut ImageShares, step: &ShareStep, add: bool) {
        fn set<T: Ord>(of: &mut BTreeSet<T>, one: T, add: bool) {
            if add {
                of.insert(one);
            } else {
                of.remove(&one);
            }
        }
        match step {
            ShareStep::Grant { account, key } => set(&mut live.grants, (account.clone(), key.clone()), add),
            ShareStep::Snapshot { account, snapshot } => {
                for disk in live.disks.iter_mut().filter(|disk| disk.snapshot == *snapshot) {
                    set(&mut disk.shared_with, account.clone(), add);
                }
            }
            ShareStep::Launch { account } => set(&mut live.launch, account.clone(), add),
            ShareStep::Tags { account, tags } => {
                let there = live.tags_there.entry(account.clone()).or_default();
                if add {
                    there.extend(tags.clone());
                } else {
                    there.retain(|key, _| !tags.contains_key(key));
                }
            }
        }
    }

    #[test]
    fn an_account_can_start_an_image_only_when_it_has_all_that_it_needs() {
        let accounts = ["2".to_owned(), "3".to_owned()];
        let mut now = live();
        for one in shares(&live(), &accounts, true) {
            if let ShareStep::Launch { account } = &one {
                assert!(now.disks.iter().all(|disk| disk.shared_with.contains(account)));
                assert!(now.grants.contains(&(account.clone(), "key".to_owned())));
            }
            step(&mut now, &one, true);
        }
        assert_eq!(shares(&now, &accounts, true), [], "nothing is left to do");
        assert_eq!(now.tags_there["2"].keys().collect::<Vec<_>>(), ["stage"]);
        for one in unshares(&now.clone(), &accounts) {
            if let ShareStep::Snapshot { account, .. } = &one {
                assert!(!now.launch.contains(account), "nobody starts it any more");
            }
            step(&mut now, &one, false);
        }
        assert_eq!(unshares(&now, &accounts), []);
        assert!(now.launch.is_empty() && now.disks.iter().all(|disk| disk.shared_with.is_empty()));
        assert_eq!(now.grants.len(), 2, "the key may be that of other images");
    }

    #[test]
    fn a_run_that_was_cut_off_is_finished_by_the_next() {
        let accounts = ["2".to_owned()];
        let steps = shares(&live(), &accounts, true);
        for done in 0..steps.len() {
            let mut now = live();
            steps.iter().take(done).for_each(|one| step(&mut now, one, true));
            assert_eq!(shares(&now, &accounts, true), steps[done..]);
        }
    }
}

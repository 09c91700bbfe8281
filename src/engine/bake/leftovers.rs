//! What runs of bakes have left behind that were killed.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use asiaq_runtime::{BAKE_TAG, BAKED_FROM_TAG, BAKERY_TAG, BakeInstance, BakedImage};

/// Tag with the second since 1970 until which the run is alive, unless it says so again.
pub(super) const UNTIL_TAG: &str = "asiaq:bake-until";
/// Tag with `user@host` of the run, and the number of its process.
pub(super) const BY_TAG: &str = "asiaq:bake-by";
/// Tag of an instance that is to stay.
pub(super) const KEPT_TAG: &str = "asiaq:bake-kept";
/// Tag of an instance whose scripts have run: only the AMI is missing.
pub(super) const DONE_TAG: &str = "asiaq:bake-done";
/// Tag that says whether instances of the AMI have to use tokens for their metadata.
pub(super) const TOKENS_TAG: &str = "asiaq:bake-tokens";
/// Beginning of the tags of an instance that its AMI is to get.
pub(super) const OF_IMAGE: &str = "asiaq:ami:";
/// Seconds for which a run says that it is alive.
pub(super) const ALIVE: u64 = 300;

/// What is done about an instance of another run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its run is alive.
    Busy,
    /// Somebody wanted it to stay.
    Kept,
    /// Its AMI is made, or being made: it is finished.
    Finish(String),
    /// Its scripts have run: the AMI is made from it.
    Image,
    /// It is terminated.
    Remove,
}

/// The second since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// Whether the run that set these tags has ended. `here` is `user@host` of this one; `is_running` tells whether a process
/// of this machine runs.
pub(super) fn has_ended(
    tags: &BTreeMap<String, String>,
    now: u64,
    here: &str,
    is_running: impl Fn(u32) -> bool,
) -> bool {
    let process = tags.get(BY_TAG).and_then(|by| by.rsplit_once(' ')).filter(|(owner, _)| *owner == here);
    if let Some(process) = process.and_then(|(_, process)| process.parse().ok())
        && !is_running(process)
    {
        return true;
    }
    let until = tags.get(UNTIL_TAG).and_then(|until| until.parse::<u64>().ok());
    until.is_none_or(|until| until < now)
}

/// What is to be done about an instance, whose run `has_ended` or not. `images` are those of the project's bakes.
pub(super) fn verdict(instance: &BakeInstance, has_ended: bool, images: &[BakedImage]) -> Verdict {
    if instance.tags.contains_key(KEPT_TAG) {
        return Verdict::Kept;
    }
    if !has_ended {
        return Verdict::Busy;
    }
    let is_broken =
        |image: &BakedImage| matches!(image.state.as_str(), "failed" | "error" | "invalid" | "deregistered");
    let own =
        images.iter().find(|image| image.tags.get(BAKED_FROM_TAG) == Some(&instance.id) && !is_broken(image));
    match own {
        Some(image) => Verdict::Finish(image.id.clone()),
        None if instance.tags.contains_key(DONE_TAG) => Verdict::Image,
        None => Verdict::Remove,
    }
}

/// The tags that the AMI of an instance is to get.
pub(super) fn image_tags(instance: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = instance
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(OF_IMAGE)?.to_owned(), value.clone())));
    let of_bake = instance.iter().filter(|(key, _)| [BAKE_TAG, BAKERY_TAG].contains(&key.as_str()));
    own.chain(of_bake.map(|(key, value)| (key.clone(), value.clone()))).collect()
}

/// Whether a process of this machine runs.
pub(super) fn is_running(process: u32) -> bool {
    if process == std::process::id() {
        return true;
    }
    let asked = std::process::Command::new("kill")
        .args(["-0", &process.to_string()])
        .stderr(std::process::Stdio::null())
        .status();
    // Another user's process cannot be signalled, and runs.
    asked.map_or(true, |status| status.success())
        || std::path::Path::new(&format!("/proc/{process}")).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(tags: &[(&str, &str)]) -> BakeInstance {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        BakeInstance {
            id: "i-1".to_owned(),
            state: "running".to_owned(),
            reason: None,
            public: None,
            private: None,
            tags,
        }
    }

    #[test]
    fn a_run_lives_while_it_says_so() {
        let tags = |until: &str, by: &str| instance(&[(UNTIL_TAG, until), (BY_TAG, by)]).tags;
        let runs = |process: u32| process == 7;
        assert!(!has_ended(&tags("1000", "me@here 7"), 999, "me@here", runs));
        assert!(has_ended(&tags("1000", "me@here 8"), 999, "me@here", runs));
        assert!(!has_ended(&tags("1000", "me@there 8"), 999, "me@here", runs));
        assert!(has_ended(&tags("1000", "me@there 7"), 1001, "me@here", runs));
        assert!(has_ended(&instance(&[]).tags, 0, "me@here", runs));
    }

    #[test]
    fn what_was_nearly_done_is_finished() {
        let image = |state: &str, from: &str| BakedImage {
            id: "ami-1".to_owned(),
            name: "front 1".to_owned(),
            state: state.to_owned(),
            reason: None,
            snapshots: Vec::new(),
            tags: [(BAKED_FROM_TAG.to_owned(), from.to_owned())].into(),
            features: BTreeMap::new(),
        };
        let running = instance(&[(BAKE_TAG, "front 1")]);
        let done = instance(&[(BAKE_TAG, "front 1"), (DONE_TAG, "yes")]);
        let kept = instance(&[(BAKE_TAG, "front 1"), (KEPT_TAG, "yes")]);
        assert_eq!(verdict(&running, false, &[]), Verdict::Busy);
        assert_eq!(verdict(&running, true, &[]), Verdict::Remove);
        assert_eq!(verdict(&done, true, &[]), Verdict::Image);
        assert_eq!(verdict(&done, true, &[image("pending", "i-1")]), Verdict::Finish("ami-1".to_owned()));
        assert_eq!(verdict(&done, true, &[image("failed", "i-1")]), Verdict::Image);
        assert_eq!(verdict(&done, true, &[image("available", "i-2")]), Verdict::Image);
        assert_eq!(verdict(&kept, true, &[image("available", "i-1")]), Verdict::Kept);
    }

    #[test]
    fn tags_of_the_image_are_kept_on_the_instance() {
        let tags =
            instance(&[("asiaq:ami:stage", "new"), ("asiaq:bake", "front 1"), ("Name", "bake_front")]).tags;
        let expected = [("asiaq:bake", "front 1"), ("stage", "new")];
        let found = image_tags(&tags);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
    }
}

//! The sandboxes of a project, as `asiaq sandbox list` shows them.

use std::time::Duration;

use asiaq_runtime::LiveSandbox;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

/// How long a sandbox lasts if nothing says it.
pub(crate) const USUAL_TIME: Duration = Duration::from_hours(24);

/// A sandbox in AWS.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SandboxEntry {
    pub(crate) name: String,
    /// Its envtype.
    #[serde(rename = "type")]
    pub(crate) envtype: String,
    pub(crate) pipeline: Option<String>,
    pub(crate) owner: String,
    pub(crate) region: String,
    /// When it was made: UTC, ISO 8601.
    pub(crate) created: Option<String>,
    /// When it ends: UTC, RFC 3339; absent where nothing in AWS says it.
    pub(crate) ends: Option<String>,
    /// Whether that time has passed.
    pub(crate) ended: bool,
    /// Whether a file declares an environment of this name now.
    pub(crate) declared: bool,
    /// What in it asiaq adopted and did not make.
    pub(crate) adopted: Vec<String>,
    /// The time until it ends.
    #[serde(skip)]
    pub(crate) left: Option<Duration>,
    #[serde(skip)]
    pub(crate) live: LiveSandbox,
}

/// What became of a sandbox that ended.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Swept {
    pub(crate) name: String,
    /// `destroyed` or `failed`; in a dry run `would be destroyed`, `would be refused` or `failed`.
    pub(crate) result: &'static str,
    /// Ids in AWS of what is deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl SandboxEntry {
    pub(crate) fn of(live: LiveSandbox, declared: bool, now: Timestamp) -> Self {
        let ends = ends_of(&live);
        let end: Option<Timestamp> = ends.as_ref().and_then(|ends| ends.parse().ok());
        Self {
            name: live.sandbox.name.clone(),
            envtype: live.sandbox.envtype.clone(),
            pipeline: live.sandbox.pipeline.clone(),
            owner: live.sandbox.owner.clone(),
            region: live.region.clone(),
            created: live.created.clone(),
            ended: end.is_some_and(|end| end <= now),
            left: end.and_then(|end| Duration::try_from(end.duration_since(now)).ok()),
            ends,
            declared,
            adopted: live.adopted.iter().map(ToString::to_string).collect(),
            live,
        }
    }
}

/// When a sandbox ends: as its tag says, or the usual time after it was made.
pub(crate) fn ends_of(live: &LiveSandbox) -> Option<String> {
    let said = live.sandbox.ends.as_ref().filter(|ends| ends.parse::<Timestamp>().is_ok());
    said.cloned().or_else(|| {
        let created: DateTime = live.created.as_ref()?.parse().ok()?;
        let created = created.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let end = created.checked_add(USUAL_TIME).ok()?;
        Some(Timestamp::from_second(end.as_second()).ok()?.to_string())
    })
}

#[cfg(test)]
mod tests {
    use asiaq_runtime::Sandbox;

    use super::*;

    fn live(ends: Option<&str>, created: Option<&str>) -> LiveSandbox {
        LiveSandbox {
            sandbox: Sandbox {
                name: "demo".to_owned(),
                envtype: "sandbox".to_owned(),
                pipeline: None,
                owner: "jo".to_owned(),
                ends: ends.map(str::to_owned),
            },
            region: "us-west-2".to_owned(),
            created: created.map(str::to_owned),
            resources: 1,
            adopted: std::collections::BTreeSet::new(),
        }
    }

    #[test]
    fn a_sandbox_whose_tag_says_no_end_has_the_usual_one() {
        let made = Some("2026-11-30T07:00:00.123456");
        let said = Some("2026-12-24T00:00:00Z");
        assert_eq!(ends_of(&live(said, made)).as_deref(), said);
        for damaged in [None, Some("never")] {
            assert_eq!(ends_of(&live(damaged, made)).as_deref(), Some("2026-12-01T07:00:00Z"));
            assert_eq!(ends_of(&live(damaged, None)), None);
        }
    }

    #[test]
    fn an_end_is_a_moment() {
        let ended = |now: &str| {
            let live = live(Some("2026-12-01T07:00:00Z"), None);
            SandboxEntry::of(live, false, now.parse().unwrap()).ended
        };
        assert!(!ended("2026-12-01T06:59:59Z"));
        assert!(ended("2026-12-01T07:00:00Z"));
        assert!(ended("2026-12-01T08:00:00+01:00"));
    }
}

//! Deploys: what is recorded of one that is under way, and how far it is.

mod report;

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_ir::{Address, GroupSize, TemplateVersion};
use serde::{Deserialize, Serialize};

pub use report::{DeployEnd, DeployStatus, PlannedDeploy};

/// Tag of the Auto Scaling group that a deploy replaces: its id, when it began and who began it.
pub const DEPLOY_TAG: &str = "asiaq:deploy";
/// Tag of that group: how far the deploy is.
const DEPLOY_PHASE_TAG: &str = "asiaq:deploy-phase";
/// Tag of that group: the new AMI and the old one.
const DEPLOY_IMAGES_TAG: &str = "asiaq:deploy-images";
/// Tag of that group: its launch template, and the version that its instances start from.
const DEPLOY_TEMPLATE_TAG: &str = "asiaq:deploy-template";
/// Tag of that group: the name of the new group.
const DEPLOY_GROUP_TAG: &str = "asiaq:deploy-group";
/// Tag of that group: how its instances are replaced, `blue_green` or `rolling`.
const DEPLOY_STRATEGY_TAG: &str = "asiaq:deploy-strategy";
/// Tag of a group that a deploy made: the id of the deploy.
pub const DEPLOY_OF_TAG: &str = "asiaq:deploy-of";
/// Tag of a group that a deploy put in place: the AMI, the one before it, and when.
pub const DEPLOYED_TAG: &str = "asiaq:deployed";

/// The tags of a deploy that is under way.
pub const DEPLOY_TAGS: [&str; 6] = [
    DEPLOY_TAG,
    DEPLOY_PHASE_TAG,
    DEPLOY_IMAGES_TAG,
    DEPLOY_TEMPLATE_TAG,
    DEPLOY_GROUP_TAG,
    DEPLOY_STRATEGY_TAG,
];

/// How a deploy replaces instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeployStrategy {
    /// A second group takes the place of the first one.
    #[default]
    BlueGreen,
    /// A few at a time, in the same group.
    Rolling,
}

impl DeployStrategy {
    /// The word in tags and programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::BlueGreen => "blue_green",
            Self::Rolling => "rolling",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::BlueGreen, Self::Rolling].into_iter().find(|strategy| strategy.word() == word)
    }
}

/// How far a deploy is. Each phase is written down before its first change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeployPhase {
    /// The new group is made and tested, and then taken down: only the test is wanted. The old one serves.
    Trying,
    /// The new group is made and tested. The old one serves.
    Testing,
    /// The tests have passed: the new group is put behind the load balancers, beside the old one.
    Switching,
    /// The new group has taken the place of the old one, which leaves.
    Retiring,
    /// The new group is taken down. The old one serves.
    Undoing,
}

impl DeployPhase {
    /// The word in tags and lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Testing => "testing",
            Self::Switching => "switching",
            Self::Retiring => "retiring",
            Self::Undoing => "undoing",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Trying, Self::Testing, Self::Switching, Self::Retiring, Self::Undoing]
            .into_iter()
            .find(|phase| phase.word() == word)
    }
}

/// What is recorded of a deploy that is under way, on the group that it replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployRecord {
    /// Its id.
    pub id: String,
    /// Second since 1970 in which it began.
    pub since: u64,
    /// Who began it, as in `ann@laptop`.
    pub by: String,
    /// How far it is.
    pub phase: DeployPhase,
    /// The AMI that it puts in place.
    pub image: String,
    /// The AMI before it.
    pub before: String,
    /// AWS id of the launch template.
    pub template: String,
    /// The version of it that the instances of the old group start from.
    pub version: String,
    /// Name of the new group. That of a rolling deploy is for the tests alone.
    pub group: String,
    /// How it replaces instances.
    pub strategy: DeployStrategy,
}

impl DeployRecord {
    /// Its tags.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let tags = [
            (DEPLOY_TAG, format!("{} {} {}", self.id, self.since, self.by)),
            (DEPLOY_PHASE_TAG, self.phase.word().to_owned()),
            (DEPLOY_IMAGES_TAG, format!("{} {}", self.image, self.before)),
            (DEPLOY_TEMPLATE_TAG, format!("{} {}", self.template, self.version)),
            (DEPLOY_GROUP_TAG, self.group.clone()),
            (DEPLOY_STRATEGY_TAG, self.strategy.word().to_owned()),
        ];
        tags.map(|(key, value)| (key.to_owned(), value)).into()
    }

    /// The record in the tags of a group; absent without one, or if it cannot be read.
    pub fn read(tags: &BTreeMap<String, String>) -> Option<Self> {
        let mut head = tags.get(DEPLOY_TAG)?.splitn(3, ' ');
        let (image, before) = tags.get(DEPLOY_IMAGES_TAG)?.split_once(' ')?;
        let (template, version) = tags.get(DEPLOY_TEMPLATE_TAG)?.split_once(' ')?;
        Some(Self {
            id: head.next()?.to_owned(),
            since: head.next()?.parse().ok()?,
            by: head.next()?.to_owned(),
            phase: DeployPhase::of(tags.get(DEPLOY_PHASE_TAG)?)?,
            image: image.to_owned(),
            before: before.to_owned(),
            template: template.to_owned(),
            version: version.to_owned(),
            group: tags.get(DEPLOY_GROUP_TAG)?.clone(),
            strategy: DeployStrategy::of(tags.get(DEPLOY_STRATEGY_TAG)?)?,
        })
    }
}

/// Whether the tags of a group say that another one has taken its place, so that it is no longer the project's at its
/// address.
pub fn is_retired(tags: &BTreeMap<String, String>) -> bool {
    tags.get(DEPLOY_PHASE_TAG).map(String::as_str) == Some(DeployPhase::Retiring.word())
}

/// A deploy that has ended, as the group that it put in place says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// The AMI.
    pub image: String,
    /// The AMI before it.
    pub before: String,
    /// Second since 1970 in which it was put in place.
    pub at: u64,
}

impl Deployed {
    /// The value of its tag.
    pub fn tag(&self) -> String {
        format!("{} {} {}", self.image, self.before, self.at)
    }

    /// What the tags of a group say.
    pub fn read(tags: &BTreeMap<String, String>) -> Option<Self> {
        let mut words = tags.get(DEPLOYED_TAG)?.split(' ').map(str::to_owned);
        Some(Self { image: words.next()?, before: words.next()?, at: words.next()?.parse().ok()? })
    }
}

/// An Auto Scaling group, as deploys see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployGroup {
    /// Name.
    pub name: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its sizes.
    pub sizes: GroupSize,
    /// Its instances.
    pub machines: Vec<DeployMachine>,
    /// AWS id of its launch template, and the version that it starts instances from: a number or `$Latest`.
    pub template: Option<TemplateVersion>,
    /// Target groups and Classic Load Balancers that it is attached to.
    pub places: Vec<DeployPlace>,
    /// Time until a new instance counts as warmed up.
    pub warmup: Duration,
}

/// An instance of a [`DeployGroup`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployMachine {
    /// AWS id.
    pub id: String,
    /// Whether it is in service and healthy.
    pub is_in_service: bool,
    /// State in the group, such as `Pending`.
    pub state: String,
    /// The version of the launch template that it was started from.
    pub version: Option<String>,
}

/// The replacement of the instances of a group by AWS, a few at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceRefresh {
    /// How far it is.
    pub state: RefreshState,
    /// The version of the launch template that it puts in place.
    pub version: Option<String>,
    /// Share of the instances that it has replaced, in percent.
    pub percent: u32,
    /// What AWS says of it; empty if nothing.
    pub reason: String,
}

/// How far an [`InstanceRefresh`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshState {
    /// It goes on.
    Running,
    /// All instances are replaced.
    Done,
    /// AWS has given it up; what is replaced stays replaced.
    Failed,
    /// It puts the old version in place again.
    RollingBack,
    /// The old version is in place again.
    RolledBack,
}

/// What sends traffic to the instances of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeployPlace {
    /// A target group, by its ARN.
    Targets(String),
    /// A Classic Load Balancer, by its name.
    Classic(String),
}

impl DeployPlace {
    /// Its name for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Targets(arn) => arn.split('/').nth(1).unwrap_or(arn),
            Self::Classic(name) => name,
        }
    }
}

impl DeployGroup {
    /// The address of the group whose deploy is under way or has ended.
    pub fn address(&self) -> Option<Address> {
        Some(Address::parse(self.tags.get(asiaq_ir::ADDRESS_TAG)?))
    }

    /// What is recorded of a deploy that is under way.
    pub fn record(&self) -> Option<DeployRecord> {
        DeployRecord::read(&self.tags)
    }

    /// The id of the deploy that made it.
    pub fn made_by(&self) -> Option<&str> {
        self.tags.get(DEPLOY_OF_TAG).map(String::as_str)
    }

    /// Ids of the instances that are in service and healthy.
    pub fn in_service(&self) -> Vec<&str> {
        self.machines.iter().filter(|one| one.is_in_service).map(|one| one.id.as_str()).collect()
    }

    /// The sizes of a group that takes its place: as many instances as serve now, or at least as many as it should
    /// have.
    pub fn sizes_now(&self) -> GroupSize {
        let serving = u32::try_from(self.in_service().len()).unwrap_or(u32::MAX);
        let desired = serving.max(self.sizes.desired);
        GroupSize { min: self.sizes.min, desired, max: self.sizes.max.max(desired) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_from_its_tags() {
        let record = DeployRecord {
            id: "5f".to_owned(),
            since: 1_790_000_000,
            by: "ann smith@laptop".to_owned(),
            phase: DeployPhase::Switching,
            image: "ami-2".to_owned(),
            before: "ami-1".to_owned(),
            template: "lt-1".to_owned(),
            version: "3".to_owned(),
            group: "ci_front_1790000001".to_owned(),
            strategy: DeployStrategy::Rolling,
        };
        assert_eq!(DeployRecord::read(&record.tags()), Some(record.clone()));
        assert!(!is_retired(&record.tags()));
        assert!(is_retired(&DeployRecord { phase: DeployPhase::Retiring, ..record.clone() }.tags()));
        for key in DEPLOY_TAGS {
            let mut tags = record.tags();
            tags.remove(key);
            assert_eq!(DeployRecord::read(&tags), None, "{key}");
        }
    }

    #[test]
    fn a_new_group_is_as_large_as_what_serves() {
        let machine = |id: &str, is_in_service| DeployMachine {
            id: id.to_owned(),
            is_in_service,
            state: "InService".to_owned(),
            version: None,
        };
        let group = DeployGroup {
            name: "ci_front_1".to_owned(),
            tags: BTreeMap::new(),
            sizes: GroupSize { min: 1, desired: 2, max: 2 },
            machines: vec![
                machine("i-1", true),
                machine("i-2", true),
                machine("i-3", true),
                machine("i-4", false),
            ],
            template: None,
            places: Vec::new(),
            warmup: Duration::ZERO,
        };
        assert_eq!(group.sizes_now(), GroupSize { min: 1, desired: 3, max: 3 });
        let quiet = DeployGroup { machines: Vec::new(), ..group };
        assert_eq!(quiet.sizes_now(), GroupSize { min: 1, desired: 2, max: 2 });
    }
}

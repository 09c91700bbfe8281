//! Machines: what one is born as, the group that keeps so many of them, and the test they have to pass.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Change, Ref, Replacement, Risk, Schema};

/// A launch template: what the machines of a hostclass are born as. A change is a new version, which machines
/// that run already do not see; superseded versions are pruned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "AWS has as many switches")]
pub struct LaunchTemplate {
    /// Its name, unique in the region: `ci_mhcbanana`.
    pub name: String,
    /// Image.
    pub image: Ref,
    /// Instance type, such as `m5.large`.
    pub instance_type: String,
    /// EC2 key pair, by name.
    pub key: Option<String>,
    /// Instance profile, by name.
    pub profile: Option<String>,
    /// Security groups of the primary interface.
    pub groups: BTreeSet<Ref>,
    /// Whether the primary interface gets a public address.
    pub public_ip: bool,
    /// Disks that differ from the image's.
    pub disks: BTreeSet<Disk>,
    /// User data as the machine reads it, not encoded.
    pub user_data: String,
    /// Whether its disks have bandwidth of their own.
    pub ebs_optimized: bool,
    /// Whether metrics come every minute, not every five.
    pub monitoring: bool,
    /// Whether the instance metadata service takes only requests with a session token (version 2).
    pub metadata_tokens: bool,
}

/// A block device of a [`LaunchTemplate`]; it goes when its machine does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Disk {
    /// Device name, such as `/dev/sda`.
    pub device: String,
    /// GiB; absent for the size of the image's disk or of the snapshot, and for an ephemeral disk.
    pub size: Option<u32>,
    /// Volume type, such as `gp3`; absent for AWS's choice.
    pub volume: Option<String>,
    /// Input and output operations a second, where the type takes any.
    pub iops: Option<u32>,
    /// MiB a second, where the type takes any.
    pub throughput: Option<u32>,
    /// Whether it is encrypted; absent where the snapshot or the image decides.
    pub encrypted: Option<bool>,
    /// Snapshot it is made from, by its AWS id.
    pub snapshot: Option<String>,
    /// Number of the instance's own disk that it is, from 0; then nothing else is said.
    pub ephemeral: Option<u8>,
}

/// An autoscaling group, with its schedules and policies. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoScalingGroup {
    /// What its name begins with: `ci_mhcbanana`. The name is this, `_` and the time of its making in seconds
    /// of the Unix epoch.
    pub prefix: String,
    /// What its machines are born as: the newest version of the template.
    pub launch_template: Ref,
    /// Instance types to choose from, the preferred one first; empty where the template's is the only one.
    pub types: Vec<String>,
    /// How many machines may be spot instances; absent where none may.
    pub spot: Option<Spot>,
    /// Subnets to spread over.
    pub subnets: BTreeSet<Ref>,
    /// Fewest machines; absent where a schedule decides once the group is there.
    pub min: Option<u32>,
    /// Most machines; absent where a schedule decides once the group is there.
    pub max: Option<u32>,
    /// Machines wanted; absent where a schedule or a policy decides once the group is there.
    pub desired: Option<u32>,
    /// What it is made with.
    pub initial: GroupSize,
    /// Who says that a machine is healthy.
    pub health: Health,
    /// Seconds after its start before a machine's health counts.
    pub grace: u32,
    /// Which machines go first when there are too many, by AWS's names; never empty: `Default` is AWS's choice.
    pub termination_policies: Vec<String>,
    /// Classic load balancers.
    pub load_balancers: BTreeSet<Ref>,
    /// Target groups of other load balancers.
    pub target_groups: BTreeSet<Ref>,
    /// Recurring changes of size.
    pub schedules: BTreeSet<Schedule>,
    /// Changes of size by load.
    pub policies: BTreeSet<ScalingPolicy>,
}

/// How many machines a group has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSize {
    /// Fewest.
    pub min: u32,
    /// Wanted.
    pub desired: u32,
    /// Most.
    pub max: u32,
}

/// The share of spot instances in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The first so many machines are on demand.
    pub base: u32,
    /// Of those beyond the base, so many percent are on demand too: fewer than 100.
    pub on_demand: u32,
}

/// Who says that a machine of a group is healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// EC2's status checks.
    Ec2,
    /// These and the load balancers.
    Balancer,
}

/// A recurring change of a group's size: sets what is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Schedule {
    /// When: five fields of cron, UTC. The action's name is the group's, `_` and this, with `star` for `*` and
    /// `_` for a space.
    pub cron: String,
    /// Fewest machines.
    pub min: Option<u32>,
    /// Machines wanted.
    pub desired: Option<u32>,
    /// Most machines.
    pub max: Option<u32>,
}

/// A change of a group's size by load.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// Its name, unique in the group: `up`.
    pub name: String,
    /// What it does.
    pub scaling: Scaling,
}

/// What a [`ScalingPolicy`] does. Numbers are decimal texts without needless zeros: `60`, `0.5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Keeps a metric near a value.
    Track {
        /// AWS's name of the metric, such as `ASGAverageCPUUtilization`.
        metric: String,
        /// The value.
        target: String,
    },
    /// Changes the size once, when somebody or an alarm says so.
    Simple {
        /// How much, signed: machines, or percent of those there are.
        by: i32,
        /// Whether that is percent.
        percent: bool,
        /// At least so many machines, where it is percent.
        at_least: Option<u32>,
        /// Seconds before another change.
        cooldown: u32,
    },
    /// Changes the size by how far a metric is off the threshold of its alarm.
    Steps {
        /// Whether changes are percent of the machines there are.
        percent: bool,
        /// At least so many machines, where they are percent.
        at_least: Option<u32>,
        /// Seconds until a new machine counts.
        warmup: u32,
        /// The steps, the lowest bound first.
        steps: Vec<ScalingStep>,
    },
}

/// One step of [`Scaling::Steps`]. Bounds are distances from the alarm's threshold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScalingStep {
    /// From here; absent for everything below `to`.
    pub from: Option<String>,
    /// To here, not included; absent for everything from `from`.
    pub to: Option<String>,
    /// How much, signed.
    pub by: i32,
}

/// A test that the first machines of a group have passed; its id is the group's, its address the group's with
/// `/smoke-test`. Making it waits until as many machines as are wanted are in service and pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmokeTest {
    /// The group.
    pub group: Ref,
    /// The image they passed with.
    pub image: Ref,
    /// How it is known.
    pub check: SmokeCheck,
    /// Seconds to wait.
    pub timeout: u32,
}

/// How it is known that a machine passes its smoke test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmokeCheck {
    /// The machine puts something into its tag `smoketest`.
    Tag,
    /// It answers a GET of this at its private address with a status from 200 to 399.
    Http {
        /// Port.
        port: u16,
        /// Path, from `/`.
        path: String,
    },
    /// A command document of Systems Manager, by name, succeeds on it.
    Ssm {
        /// The document.
        document: String,
    },
}

impl LaunchTemplate {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "launch-template",
        fields: &[
            ("name", Change::Replace("AWS cannot rename a launch template")),
            ("disks", Change::Elements { key: &["device"], changed: Risk::Safe, removed: Risk::Safe }),
            ("groups", Change::Elements { key: &[], changed: Risk::Safe, removed: Risk::Safe }),
        ],
        deletion: Risk::Safe,
        replacement: Replacement::DeleteFirst,
        exclusive: &["name"],
        never_empty: &["groups"],
        // A template keeps nothing that it names.
        auto_detached: &["groups"],
        ..Schema::DEFAULT
    };
}

impl AutoScalingGroup {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "auto-scaling-group",
        fields: &[
            ("prefix", Change::Replace("AWS cannot rename an autoscaling group")),
            ("subnets", MEMBERS),
            ("min", Change::IfSet(Risk::Disruptive)),
            ("max", Change::IfSet(Risk::Disruptive)),
            ("desired", Change::IfSet(Risk::Disruptive)),
            ("initial", Change::CreateOnly),
            ("load_balancers", MEMBERS),
            ("target_groups", MEMBERS),
            ("schedules", Change::Elements { key: &["cron"], changed: Risk::Safe, removed: Risk::Safe }),
            ("policies", Change::Elements { key: &["name"], changed: Risk::Safe, removed: Risk::Safe }),
        ],
        never_empty: &["subnets"],
        // Machines stay in a subnet as long as the group has one in its zone.
        detach_before_delete: &["subnets"],
        vpc_bound_by: Some("subnets"),
        ..Schema::DEFAULT
    };
}

/// A set of things that a change takes traffic or machines from.
const MEMBERS: Change = Change::Elements { key: &[], changed: Risk::Disruptive, removed: Risk::Disruptive };

impl SmokeTest {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "smoke-test",
        fields: &[
            ("group", Change::Replace("the test is of other machines")),
            // Machines that run keep the image they have.
            ("image", Change::CreateOnly),
            ("check", Change::CreateOnly),
            ("timeout", Change::CreateOnly),
        ],
        deletion: Risk::Safe,
        ..Schema::DEFAULT
    };
}

//! Instances: launch templates, Auto Scaling groups, and the smoke tests that instances must pass.

use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

/// The launch template of a hostclass. A change creates a new version, which running instances do not use; old
/// versions are deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(deletion = Safe, replacement = DeleteFirst, summary(instance_type, image))]
#[allow(clippy::struct_excessive_bools, reason = "AWS has as many switches")]
pub struct LaunchTemplate {
    /// Its name, unique in the region: `ci_mhcbanana`.
    #[resource(replace = "AWS cannot rename a launch template", exclusive)]
    pub name: String,
    /// AMI.
    pub image: Ref,
    /// Instance type, such as `m5.large`.
    pub instance_type: String,
    /// EC2 key pair, by name.
    pub key: Option<String>,
    /// Instance profile, by name.
    pub profile: Option<String>,
    /// Security groups of the primary interface.
    // AWS deletes a security group that a template names.
    #[resource(elements, min = 1, auto_detached)]
    pub groups: BTreeSet<Ref>,
    /// Whether the primary interface gets a public address.
    pub public_ip: bool,
    /// Disks that differ from the AMI's.
    #[resource(elements)]
    pub disks: BTreeSet<Disk>,
    /// User data as the instance reads it, not encoded.
    pub user_data: String,
    /// Whether the instances are EBS-optimized.
    pub ebs_optimized: bool,
    /// Whether instances report metrics every minute instead of every five minutes.
    pub monitoring: bool,
    /// Whether the instance metadata service accepts only requests with a session token (version 2).
    pub metadata_tokens: bool,
}

/// A block device of a [`LaunchTemplate`], deleted with its instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Disk {
    /// Device name, such as `/dev/sda`.
    #[element(key)]
    pub device: String,
    /// Size in GiB; absent for the size of the AMI's disk or of the snapshot, and for an instance store volume.
    pub size: Option<u32>,
    /// Volume type, such as `gp3`. Default: AWS's choice.
    pub volume: Option<String>,
    /// Input and output operations per second, for types that accept them.
    pub iops: Option<u32>,
    /// Throughput in MiB per second, for types that accept it.
    pub throughput: Option<u32>,
    /// Whether it is encrypted. Default: as the snapshot or the AMI.
    pub encrypted: Option<bool>,
    /// Snapshot that it is created from, by its AWS id.
    pub snapshot: Option<String>,
    /// Number of the instance store volume, from 0; then all other fields but `device` are absent.
    pub ephemeral: Option<u8>,
}

/// An Auto Scaling group with its scheduled actions and scaling policies. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
pub struct AutoScalingGroup {
    /// Start of its name: `ci_mhcbanana`. The name is this, `_` and the time of its creation in seconds of the Unix
    /// epoch.
    #[resource(replace = "AWS cannot rename an autoscaling group")]
    pub prefix: String,
    /// Launch template of its instances, in its newest version.
    #[resource(in_use)]
    pub launch_template: Ref,
    /// Instance types to choose from, the preferred one first; empty for the template's type alone.
    pub types: Vec<String>,
    /// Share of spot instances. Default: none.
    pub spot: Option<Spot>,
    /// Subnets of its instances.
    // Instances stay in a subnet as long as the group has one in its availability zone.
    #[resource(
        elements(changed = Disruptive, removed = Disruptive),
        min = 1,
        detach_before_delete,
        vpc_bound_by,
        in_use
    )]
    pub subnets: BTreeSet<Ref>,
    /// Minimum size; absent where a schedule sets it after the creation.
    #[resource(if_set = Disruptive)]
    pub min: Option<u32>,
    /// Maximum size; absent where a schedule sets it after the creation.
    #[resource(if_set = Disruptive)]
    pub max: Option<u32>,
    /// Desired capacity; absent where a schedule or a scaling policy sets it after the creation.
    #[resource(if_set = Disruptive)]
    pub desired: Option<u32>,
    /// Sizes at its creation.
    #[resource(create_only)]
    pub initial: GroupSize,
    /// Source of its health checks.
    pub health: Health,
    /// Seconds after the start of an instance before its health checks count.
    pub grace: u32,
    /// Termination policies by AWS's names, in order; never empty: `Default` is AWS's own policy.
    pub termination_policies: Vec<String>,
    /// Classic Load Balancers.
    #[resource(elements(changed = Disruptive, removed = Disruptive))]
    pub load_balancers: BTreeSet<Ref>,
    /// Target groups of other load balancers.
    #[resource(elements(changed = Disruptive, removed = Disruptive), in_use)]
    pub target_groups: BTreeSet<Ref>,
    /// Scheduled actions.
    #[resource(elements, initial = BTreeSet::new())]
    pub schedules: BTreeSet<Schedule>,
    /// Scaling policies.
    #[resource(elements, initial = BTreeSet::new())]
    pub policies: BTreeSet<ScalingPolicy>,
}

/// The sizes of an [`AutoScalingGroup`], in instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSize {
    /// Minimum size.
    pub min: u32,
    /// Desired capacity.
    pub desired: u32,
    /// Maximum size.
    pub max: u32,
}

/// The share of spot instances in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Number of instances, from the first one, that are on demand.
    pub base: u32,
    /// Percentage of the instances beyond the base that are on demand too, below 100.
    pub on_demand: u32,
}

/// The source of the health checks of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// EC2's status checks.
    Ec2,
    /// EC2's status checks and those of the load balancers.
    Balancer,
}

/// A scheduled action of a group: it sets the sizes that are present.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Schedule {
    /// Recurrence: five fields of cron, UTC. The name of the action is the group's, `_` and this, with `star` for `*`
    /// and `_` for a space.
    #[element(key)]
    pub cron: String,
    /// Minimum size.
    pub min: Option<u32>,
    /// Desired capacity.
    pub desired: Option<u32>,
    /// Maximum size.
    pub max: Option<u32>,
}

/// A scaling policy of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct ScalingPolicy {
    /// Its name, unique in the group: `up`.
    #[element(key)]
    pub name: String,
    /// The kind of scaling and its parameters.
    pub scaling: Scaling,
}

/// The scaling of a [`ScalingPolicy`]. Numbers are decimal texts without superfluous zeros: `60`, `0.5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Target tracking: keeps a metric near a value.
    Track {
        /// AWS's name of the metric, such as `ASGAverageCPUUtilization`.
        metric: String,
        /// Value to keep.
        target: String,
    },
    /// Simple scaling: changes the size once when an alarm or a person executes the policy.
    Simple {
        /// Change of the size, signed: instances, or percent of the present ones.
        by: i32,
        /// Whether `by` is a percentage.
        percent: bool,
        /// Smallest change in instances, where `by` is a percentage.
        at_least: Option<u32>,
        /// Seconds before another change.
        cooldown: u32,
    },
    /// Step scaling: changes the size by the distance between a metric and the threshold of its alarm.
    Steps {
        /// Whether changes are percentages of the present instances.
        percent: bool,
        /// Smallest change in instances, where changes are percentages.
        at_least: Option<u32>,
        /// Seconds until a new instance counts.
        warmup: u32,
        /// The steps, the lowest bound first.
        steps: Vec<ScalingStep>,
    },
}

/// A step of [`Scaling::Steps`]. Bounds are distances from the alarm's threshold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScalingStep {
    /// Lower bound; absent for everything below `to`.
    pub from: Option<String>,
    /// Upper bound, not included; absent for everything from `from`.
    pub to: Option<String>,
    /// Change of the size, signed.
    pub by: i32,
}

/// A test that the first instances of a group have passed. Its id is the group's, its address the group's with
/// `/smoke-test`. Its creation waits until the desired number of instances is in service and passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(deletion = Safe)]
pub struct SmokeTest {
    /// The Auto Scaling group.
    #[resource(replace = "the test is of other machines")]
    pub group: Ref,
    /// AMI of the instances that passed.
    // Running instances keep their AMI.
    #[resource(create_only)]
    pub image: Ref,
    /// The check that an instance must pass.
    #[resource(create_only)]
    pub check: SmokeCheck,
    /// Seconds to wait.
    #[resource(create_only)]
    pub timeout: u32,
}

/// The check of a [`SmokeTest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmokeCheck {
    /// The instance sets its tag `smoketest`.
    Tag,
    /// The instance answers a GET request to its private address with a status from 200 to 399.
    Http {
        /// Port of the request.
        port: u16,
        /// Path of the request, from `/`.
        path: String,
    },
    /// A command document of Systems Manager succeeds on the instance.
    Ssm {
        /// Name of the document.
        document: String,
    },
}

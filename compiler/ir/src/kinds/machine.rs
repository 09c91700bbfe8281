//! Instances: launch templates, Auto Scaling groups, and the smoke tests that instances must pass.

use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

/// The launch template of a hostclass. A change creates a new version, which running instances do not use; old
/// versions are deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:launch-template/{id}",
    console = "ec2/home?region={region}#LaunchTemplateDetails:launchTemplateId={id}",
    fields(name)
))]
#[resource(outage(seconds = 5, what = "no instance starts from it"))]
#[resource(deletion = Safe, summary(instance_type, image))]
#[allow(clippy::struct_excessive_bools, reason = "AWS has as many switches")]
#[aws(tags = "ec2:CreateLaunchTemplate.TagSpecifications.Tags", own_tags = 1)]
pub struct LaunchTemplate {
    /// Its name, unique in the region: `ci_mhcbanana`.
    #[resource(replace = "AWS cannot rename a launch template", exclusive, derived_name)]
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateName")]
    pub name: String,
    /// AMI.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.ImageId")]
    pub image: Ref,
    /// Instance type, such as `m5.large`.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.InstanceType")]
    pub instance_type: String,
    /// EC2 key pair, by name.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.KeyName", shown = "key pair")]
    pub key: Option<String>,
    /// Instance profile, by name.
    #[aws(
        "ec2:CreateLaunchTemplate.LaunchTemplateData.IamInstanceProfile.Name",
        "iam:CreateInstanceProfile.InstanceProfileName",
        shown = "instance profile"
    )]
    pub profile: Option<String>,
    /// Security groups of the primary interface.
    // AWS deletes a security group that a template names.
    #[resource(elements, min = 1, auto_detached)]
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.NetworkInterfaces.Groups")]
    pub groups: BTreeSet<Ref>,
    /// Whether the primary interface gets a public address.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.NetworkInterfaces.AssociatePublicIpAddress")]
    pub public_ip: bool,
    /// Disks that differ from the AMI's.
    #[resource(elements)]
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings")]
    pub disks: BTreeSet<Disk>,
    /// User data before it is compressed and encoded; see [`user_data`](crate::user_data).
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.UserData")]
    pub user_data: String,
    /// What has no endpoint yet and stands in the user data: an apply fills it in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[aws(not_sent = "it is in the user data")]
    pub endpoints: BTreeSet<UserDataEndpoint>,
    /// Whether the instances are EBS-optimized.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.EbsOptimized")]
    pub ebs_optimized: bool,
    /// Whether instances report metrics every minute instead of every five minutes.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.Monitoring.Enabled")]
    pub monitoring: bool,
    /// Whether the instance metadata service accepts only requests with a session token (version 2).
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.MetadataOptions.HttpTokens")]
    pub metadata_tokens: bool,
}

impl LaunchTemplate {
    /// Whether its instances have EBS volumes beside the root volume. They are deleted with their instance.
    pub fn has_data_disks(&self) -> bool {
        self.disks.iter().any(Disk::is_data)
    }
}

/// A resource whose endpoint the user data of a [`LaunchTemplate`] has a place for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct UserDataEndpoint {
    /// The address in the place that [`user_data::endpoint_place`](crate::user_data::endpoint_place) makes.
    #[element(key)]
    #[aws(not_sent = "it is in the user data")]
    pub address: String,
    /// The resource.
    #[aws(not_sent = "it is in the user data")]
    pub of: Ref,
}

/// A block device of a [`LaunchTemplate`], deleted with its instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Disk {
    /// Device name, such as `/dev/sda`.
    #[element(key)]
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.DeviceName")]
    pub device: String,
    /// Size in GiB; absent for the size of the AMI's disk or of the snapshot, and for an instance store volume.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.Ebs.VolumeSize")]
    pub size: Option<u32>,
    /// Volume type, such as `gp3`. Default: AWS's choice.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.Ebs.VolumeType")]
    pub volume: Option<String>,
    /// Input and output operations per second, for types that accept them.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.Ebs.Iops")]
    pub iops: Option<u32>,
    /// Throughput in MiB per second, for types that accept it.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.Ebs.Throughput")]
    pub throughput: Option<u32>,
    /// Whether it is encrypted. Default: as the snapshot or the AMI.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.Ebs.Encrypted")]
    pub encrypted: Option<bool>,
    /// Snapshot that it is created from, by its AWS id.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.Ebs.SnapshotId")]
    pub snapshot: Option<String>,
    /// Number of the instance store volume, from 0; then all other fields but `device` are absent.
    #[aws("ec2:CreateLaunchTemplate.LaunchTemplateData.BlockDeviceMappings.VirtualName")]
    pub ephemeral: Option<u8>,
}

impl Disk {
    /// Whether it is an EBS volume for data: neither the root volume, whose device name is one of AWS's for it, nor an
    /// instance store volume, which nobody expects to last.
    fn is_data(&self) -> bool {
        let name = self.device.trim_start_matches("/dev/").trim_end_matches(char::is_numeric);
        self.ephemeral.is_none() && !matches!(name, "sda" | "xvda" | "hda" | "nvme0n")
    }
}

/// An Auto Scaling group with its scheduled actions and scaling policies. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Id, lies_in(subnets), renamed = Kept)]
#[resource(outputs(console = "ec2/home?region={region}#AutoScalingGroupDetails:id={id}", assigned(Arn)))]
#[resource(outage(seconds = 300, what = "none of its instances runs"))]
#[aws(tags = "autoscaling:CreateAutoScalingGroup.Tags", own_tags = 3, shown = "Auto Scaling group")]
pub struct AutoScalingGroup {
    /// Start of its name: `ci_mhcbanana`. The name is this, `_` and the time of its creation in seconds of the Unix
    /// epoch.
    #[resource(replace = "AWS cannot rename an autoscaling group", derived_name)]
    #[aws("autoscaling:CreateAutoScalingGroup.AutoScalingGroupName", plus = 11, shown = "name")]
    pub prefix: String,
    /// Launch template of its instances, in its newest version.
    #[resource(in_use, data_in)]
    #[aws("autoscaling:CreateAutoScalingGroup.LaunchTemplate.LaunchTemplateId")]
    pub launch_template: Ref,
    /// Instance types to choose from, the preferred one first; empty for the template's type alone.
    #[aws(
        "autoscaling:CreateAutoScalingGroup.MixedInstancesPolicy.LaunchTemplate.Overrides",
        "autoscaling:CreateAutoScalingGroup.MixedInstancesPolicy.LaunchTemplate.Overrides.InstanceType"
    )]
    pub types: Vec<String>,
    /// Share of spot instances. Default: none.
    #[aws("autoscaling:CreateAutoScalingGroup.MixedInstancesPolicy.InstancesDistribution")]
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
    #[aws("autoscaling:CreateAutoScalingGroup.VPCZoneIdentifier")]
    pub subnets: BTreeSet<Ref>,
    /// Minimum size; absent where a schedule sets it after the creation.
    // A lower minimum by itself terminates nothing.
    #[resource(if_set = Safe)]
    #[aws("autoscaling:UpdateAutoScalingGroup.MinSize")]
    pub min: Option<u32>,
    /// Maximum size; absent where a schedule sets it after the creation.
    #[resource(if_set = Disruptive)]
    #[aws("autoscaling:UpdateAutoScalingGroup.MaxSize")]
    pub max: Option<u32>,
    /// Desired capacity; absent where a schedule or a scaling policy sets it after the creation.
    #[resource(if_set = Disruptive)]
    #[aws("autoscaling:UpdateAutoScalingGroup.DesiredCapacity")]
    pub desired: Option<u32>,
    /// Sizes at its creation.
    #[resource(
        create_only_unread = "it counts when the group is created; then its schedules and policies set it"
    )]
    #[aws("autoscaling:CreateAutoScalingGroup")]
    pub initial: GroupSize,
    /// Source of its health checks.
    // Instances that fail them are terminated.
    #[resource(in_place = Disruptive)]
    #[aws("autoscaling:CreateAutoScalingGroup.HealthCheckType")]
    pub health: Health,
    /// Seconds after the start of an instance before its health checks count.
    #[aws("autoscaling:CreateAutoScalingGroup.HealthCheckGracePeriod")]
    pub grace: u32,
    /// Termination policies by AWS's names, in order; never empty: `Default` is AWS's own policy.
    #[aws("autoscaling:CreateAutoScalingGroup.TerminationPolicies")]
    pub termination_policies: Vec<String>,
    /// Classic Load Balancers.
    #[resource(elements(changed = Disruptive, removed = Disruptive), released_last)]
    #[aws("autoscaling:CreateAutoScalingGroup.LoadBalancerNames")]
    pub load_balancers: BTreeSet<Ref>,
    /// Target groups of other load balancers.
    #[resource(elements(changed = Disruptive, removed = Disruptive), released_last, in_use)]
    #[aws("autoscaling:CreateAutoScalingGroup.TargetGroupARNs")]
    pub target_groups: BTreeSet<Ref>,
    /// Scheduled actions.
    // The next one decides how many instances there are.
    #[resource(elements(changed = Disruptive, removed = Disruptive), initial = BTreeSet::new())]
    #[aws("autoscaling:BatchPutScheduledUpdateGroupAction.ScheduledUpdateGroupActions")]
    pub schedules: BTreeSet<Schedule>,
    /// Scaling policies.
    #[resource(elements, initial = BTreeSet::new())]
    #[aws("autoscaling:PutScalingPolicy")]
    pub policies: BTreeSet<ScalingPolicy>,
    /// Group metrics that are sent to CloudWatch, by AWS's names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[resource(initial = BTreeSet::new())]
    #[aws("autoscaling:EnableMetricsCollection.Metrics")]
    pub metrics: BTreeSet<String>,
}

/// The sizes of an [`AutoScalingGroup`], in instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Part)]
pub struct GroupSize {
    /// Minimum size.
    #[aws("autoscaling:CreateAutoScalingGroup.MinSize")]
    pub min: u32,
    /// Desired capacity.
    #[aws("autoscaling:CreateAutoScalingGroup.DesiredCapacity")]
    pub desired: u32,
    /// Maximum size.
    #[aws("autoscaling:CreateAutoScalingGroup.MaxSize")]
    pub max: u32,
}

/// The share of spot instances in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
pub struct Spot {
    /// Number of instances, from the first one, that are on demand.
    #[aws(
        "autoscaling:CreateAutoScalingGroup.MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity"
    )]
    pub base: u32,
    /// Percentage of the instances beyond the base that are on demand too, below 100.
    #[aws(
        "autoscaling:CreateAutoScalingGroup.MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity"
    )]
    pub on_demand: u32,
}

/// The source of the health checks of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
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
    #[aws("autoscaling:BatchPutScheduledUpdateGroupAction.ScheduledUpdateGroupActions.Recurrence")]
    pub cron: String,
    /// Minimum size.
    #[aws("autoscaling:BatchPutScheduledUpdateGroupAction.ScheduledUpdateGroupActions.MinSize")]
    pub min: Option<u32>,
    /// Desired capacity.
    #[aws("autoscaling:BatchPutScheduledUpdateGroupAction.ScheduledUpdateGroupActions.DesiredCapacity")]
    pub desired: Option<u32>,
    /// Maximum size.
    #[aws("autoscaling:BatchPutScheduledUpdateGroupAction.ScheduledUpdateGroupActions.MaxSize")]
    pub max: Option<u32>,
}

/// A scaling policy of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct ScalingPolicy {
    /// Its name, unique in the group: `up`.
    #[element(key)]
    #[aws("autoscaling:PutScalingPolicy.PolicyName")]
    pub name: String,
    /// The kind of scaling and its parameters.
    #[aws("autoscaling:PutScalingPolicy")]
    pub scaling: Scaling,
}

/// The scaling of a [`ScalingPolicy`]. Numbers are decimal texts without superfluous zeros: `60`, `0.5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Target tracking: keeps a metric near a value.
    Track {
        /// AWS's name of the metric, such as `ASGAverageCPUUtilization`.
        #[aws(
            "autoscaling:PutScalingPolicy.TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType"
        )]
        metric: String,
        /// Value to keep.
        #[aws("autoscaling:PutScalingPolicy.TargetTrackingConfiguration.TargetValue")]
        target: String,
    },
    /// Simple scaling: changes the size once when an alarm or a person executes the policy.
    Simple {
        /// Change of the size, signed: instances, or percent of the present ones.
        #[aws("autoscaling:PutScalingPolicy.ScalingAdjustment")]
        by: i32,
        /// Whether `by` is a percentage.
        #[aws("autoscaling:PutScalingPolicy.AdjustmentType")]
        percent: bool,
        /// Smallest change in instances, where `by` is a percentage.
        #[aws("autoscaling:PutScalingPolicy.MinAdjustmentMagnitude")]
        at_least: Option<u32>,
        /// Seconds before another change.
        #[aws("autoscaling:PutScalingPolicy.Cooldown")]
        cooldown: u32,
    },
    /// Step scaling: changes the size by the distance between a metric and the threshold of its alarm.
    Steps {
        /// Whether changes are percentages of the present instances.
        #[aws("autoscaling:PutScalingPolicy.AdjustmentType")]
        percent: bool,
        /// Smallest change in instances, where changes are percentages.
        #[aws("autoscaling:PutScalingPolicy.MinAdjustmentMagnitude")]
        at_least: Option<u32>,
        /// Seconds until a new instance counts.
        #[aws("autoscaling:PutScalingPolicy.EstimatedInstanceWarmup")]
        warmup: u32,
        /// The steps, the lowest bound first.
        #[aws("autoscaling:PutScalingPolicy.StepAdjustments")]
        steps: Vec<ScalingStep>,
    },
}

/// A step of [`Scaling::Steps`]. Bounds are distances from the alarm's threshold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct ScalingStep {
    /// Lower bound; absent for everything below `to`.
    #[aws("autoscaling:PutScalingPolicy.StepAdjustments.MetricIntervalLowerBound")]
    pub from: Option<String>,
    /// Upper bound, not included; absent for everything from `from`.
    #[aws("autoscaling:PutScalingPolicy.StepAdjustments.MetricIntervalUpperBound")]
    pub to: Option<String>,
    /// Change of the size, signed.
    #[aws("autoscaling:PutScalingPolicy.StepAdjustments.ScalingAdjustment")]
    pub by: i32,
}

const TESTED_AT_CREATION: &str = "a group is tested when it is created";

/// A test that the first instances of a group have passed. Its id is the group's, its address the group's with
/// `/smoke-test`. Its creation waits until the desired number of instances is in service and passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Parent, lies_in(group), renamed = Kept)]
#[resource(outputs(fields()))]
#[resource(outage(none))]
#[resource(deletion = Safe)]
#[aws(not_tagged = "it is a tag of its group")]
pub struct SmokeTest {
    /// The Auto Scaling group.
    #[resource(replace = "the test is of other machines")]
    #[aws("autoscaling:CreateOrUpdateTags.Tags.ResourceId")]
    pub group: Ref,
    /// AMI of the instances that passed.
    // Running instances keep their AMI.
    #[resource(create_only_unread = TESTED_AT_CREATION)]
    #[aws("autoscaling:CreateOrUpdateTags.Tags.Value")]
    pub image: Ref,
    /// The check that an instance must pass.
    #[resource(create_only_unread = TESTED_AT_CREATION)]
    #[aws("ssm:SendCommand")]
    pub check: SmokeCheck,
    /// Seconds to wait.
    #[resource(create_only_unread = TESTED_AT_CREATION)]
    #[aws(not_sent = "asiaq itself waits")]
    pub timeout: u32,
}

/// The check of a [`SmokeTest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
#[aws(shown = "smoke test")]
pub enum SmokeCheck {
    /// The instance sets its tag `smoketest`.
    Tag,
    /// The instance answers a GET request to its private address with a status from 200 to 399.
    Http {
        /// Port of the request.
        #[aws(not_sent = "asiaq itself makes the request")]
        port: u16,
        /// Path of the request, from `/`.
        #[aws(not_sent = "asiaq itself makes the request")]
        path: String,
    },
    /// The instance is healthy in the target groups and Classic Load Balancers of its group.
    Target,
    /// A command document of Systems Manager succeeds on the instance.
    Ssm {
        /// Name of the document.
        #[aws("ssm:SendCommand.DocumentName")]
        document: String,
    },
}

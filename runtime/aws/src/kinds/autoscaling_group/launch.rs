//! What the instances of a group are launched from: a launch template, alone or with instance types and a share of
//! Spot Instances.

use asiaq_ir::{AutoScalingGroup, Ref, Spot};
use aws_sdk_autoscaling::types::{
    self as sdk, InstancesDistribution, LaunchTemplate, LaunchTemplateOverrides, LaunchTemplateSpecification,
    MixedInstancesPolicy,
};

use crate::kinds::prelude::*;

/// How AWS names the newest version of a template.
const LATEST: &str = "$Latest";

/// On-Demand percentage of a group without Spot Instances.
const ALL: i32 = 100;

/// Launch settings of a live group.
pub(super) struct Launch {
    pub(super) template: Ref,
    pub(super) types: Vec<String>,
    pub(super) spot: Option<Spot>,
}

/// The launch template of a group without `types` and Spot Instances. `None` for other groups.
pub(super) fn plain(group: &AutoScalingGroup) -> Option<LaunchTemplateSpecification> {
    (!is_mixed(group)).then(|| specification(group))
}

/// The mixed instances policy of a group with `types` or Spot Instances. `None` for other groups.
pub(super) fn mixed(group: &AutoScalingGroup) -> Option<MixedInstancesPolicy> {
    let overrides =
        group.types.iter().map(|name| LaunchTemplateOverrides::builder().instance_type(name).build());
    let template = LaunchTemplate::builder()
        .launch_template_specification(specification(group))
        .set_overrides(Some(overrides.collect()))
        .build();
    let distribution = InstancesDistribution::builder()
        .on_demand_allocation_strategy("prioritized")
        .on_demand_base_capacity(group.spot.map_or(0, |spot| signed(spot.base)))
        .on_demand_percentage_above_base_capacity(group.spot.map_or(ALL, |spot| signed(spot.on_demand)))
        .spot_allocation_strategy("price-capacity-optimized")
        .build();
    let policy = MixedInstancesPolicy::builder()
        .launch_template(template)
        .instances_distribution(distribution)
        .build();
    is_mixed(group).then_some(policy)
}

/// Whether the two groups launch different instances.
pub(super) fn differs(live: &AutoScalingGroup, wanted: &AutoScalingGroup) -> bool {
    live.launch_template != wanted.launch_template || live.types != wanted.types || live.spot != wanted.spot
}

/// AWS id of the launch template of a group that launches from the newest version of one.
pub(crate) fn template_of(group: &sdk::AutoScalingGroup) -> Option<String> {
    read(group)?.template.id().map(ToOwned::to_owned)
}

/// A template at a version other than [`LATEST`] cannot be declared in a program, and shows as a difference.
pub(super) fn read(group: &sdk::AutoScalingGroup) -> Option<Launch> {
    let mixed = group.mixed_instances_policy();
    let template = mixed.and_then(|policy| policy.launch_template());
    let specification =
        template.and_then(|template| template.launch_template_specification()).or(group.launch_template());
    let template_ref = match specification {
        Some(said) if said.version() == Some(LATEST) => said.launch_template_id.clone()?,
        Some(said) => format!("{}:{}", said.launch_template_id()?, said.version().unwrap_or("$Default")),
        None => group.launch_configuration_name.clone()?,
    };
    let overrides = template.map(LaunchTemplate::overrides).unwrap_or_default();
    let distribution = mixed.and_then(|policy| policy.instances_distribution());
    let on_demand = distribution.and_then(InstancesDistribution::on_demand_percentage_above_base_capacity);
    let base = distribution.and_then(InstancesDistribution::on_demand_base_capacity).unwrap_or_default();
    let spot = on_demand
        .filter(|percent| *percent != ALL)
        .map(|percent| Spot { base: unsigned(base), on_demand: unsigned(percent) });
    Some(Launch {
        template: Ref::Id(template_ref),
        types: overrides.iter().filter_map(|said| said.instance_type.clone()).collect(),
        spot,
    })
}

fn is_mixed(group: &AutoScalingGroup) -> bool {
    !group.types.is_empty() || group.spot.is_some()
}

fn specification(group: &AutoScalingGroup) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification::builder()
        .set_launch_template_id(group.launch_template.id().map(ToOwned::to_owned))
        .version(LATEST)
        .build()
}

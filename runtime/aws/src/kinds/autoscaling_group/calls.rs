//! The calls that create and update an Auto Scaling group.

use std::collections::BTreeMap;

use asiaq_ir::{AutoScalingGroup, Health};
use aws_sdk_autoscaling::operation::create_auto_scaling_group::builders::CreateAutoScalingGroupFluentBuilder;

use super::{group_tags, launch};
use crate::kinds::prelude::*;

ops! { autoscaling:
    UPDATE_AUTO_SCALING_GROUP = "UpdateAutoScalingGroup", Delete;
}

/// The `CreateAutoScalingGroup` request. AWS launches the instances of the group.
pub(super) fn creation(
    region: &Region<'_>,
    group: &AutoScalingGroup,
    name: &str,
    tags: &BTreeMap<String, String>,
) -> CreateAutoScalingGroupFluentBuilder {
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    region
        .autoscaling()
        .create_auto_scaling_group()
        .auto_scaling_group_name(name)
        .set_launch_template(launch::plain(group))
        .set_mixed_instances_policy(launch::mixed(group))
        .vpc_zone_identifier(ids(&group.subnets).join(","))
        .min_size(signed(group.initial.min))
        .max_size(signed(group.initial.max))
        .desired_capacity(signed(group.initial.desired))
        .health_check_type(health_type(group.health))
        .health_check_grace_period(signed(group.grace))
        .set_termination_policies(some(group.termination_policies.clone()))
        .set_load_balancer_names(some(ids(&group.load_balancers)))
        .set_target_group_arns(some(ids(&group.target_groups)))
        .set_tags(Some(group_tags::write(name, tags)))
}

/// Updates the changed fields of the group, in one call.
pub(super) async fn change(
    region: &Region<'_>,
    id: &str,
    live: &AutoScalingGroup,
    wanted: &AutoScalingGroup,
) -> Result<()> {
    let template = launch::differs(live, wanted);
    let subnets = live.subnets != wanted.subnets;
    // A size that the program does not set keeps its live value.
    let moved = |live: Option<u32>, wanted: Option<u32>| wanted.filter(|_| wanted != live).map(signed);
    let min = moved(live.min, wanted.min);
    let max = moved(live.max, wanted.max);
    let desired = moved(live.desired, wanted.desired);
    let health = live.health != wanted.health;
    let grace = (live.grace != wanted.grace).then_some(signed(wanted.grace));
    let policies = live.termination_policies != wanted.termination_policies;
    let numbers = [min, max, desired, grace].iter().any(Option::is_some);
    if !(template || subnets || numbers || health || policies) {
        return Ok(());
    }
    let request = region
        .autoscaling()
        .update_auto_scaling_group()
        .auto_scaling_group_name(id)
        .set_launch_template(launch::plain(wanted).filter(|_| template))
        .set_mixed_instances_policy(launch::mixed(wanted).filter(|_| template))
        .set_vpc_zone_identifier(subnets.then(|| ids(&wanted.subnets).join(",")))
        .set_min_size(min)
        .set_max_size(max)
        .set_desired_capacity(desired)
        .set_health_check_type(health.then(|| health_type(wanted.health).to_owned()))
        .set_health_check_grace_period(grace)
        .set_termination_policies(policies.then(|| wanted.termination_policies.clone()));
    region.retry_until_consistent(UPDATE_AUTO_SCALING_GROUP, || request.clone().send()).await.map(drop)
}

fn health_type(health: Health) -> &'static str {
    match health {
        Health::Ec2 => "EC2",
        Health::Balancer => "ELB",
    }
}

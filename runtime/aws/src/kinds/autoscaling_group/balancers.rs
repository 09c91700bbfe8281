//! The load balancers and target groups of an Auto Scaling group.

use std::collections::BTreeSet;

use asiaq_ir::{AutoScalingGroup, Ref};

use crate::kinds::prelude::*;

ops! { autoscaling:
    ATTACH_LOAD_BALANCERS = "AttachLoadBalancers", Write;
    ATTACH_LOAD_BALANCER_TARGET_GROUPS = "AttachLoadBalancerTargetGroups", Write;
    DETACH_LOAD_BALANCERS = "DetachLoadBalancers", Write;
    DETACH_LOAD_BALANCER_TARGET_GROUPS = "DetachLoadBalancerTargetGroups", Write;
}

/// The most that one call takes.
const AT_ONCE: usize = 10;

/// Attaches what `live` lacks.
pub(super) async fn attach(
    region: &Region<'_>,
    id: &str,
    live: &AutoScalingGroup,
    wanted: &AutoScalingGroup,
) -> Result<()> {
    for names in batches(&wanted.load_balancers, &live.load_balancers) {
        let request = region.autoscaling().attach_load_balancers().auto_scaling_group_name(id);
        let request = request.set_load_balancer_names(Some(names));
        region.retry_until_consistent(ATTACH_LOAD_BALANCERS, || request.clone().send()).await?;
    }
    for arns in batches(&wanted.target_groups, &live.target_groups) {
        let request = region.autoscaling().attach_load_balancer_target_groups().auto_scaling_group_name(id);
        let request = request.set_target_group_arns(Some(arns));
        region.retry_until_consistent(ATTACH_LOAD_BALANCER_TARGET_GROUPS, || request.clone().send()).await?;
    }
    Ok(())
}

/// Detaches what `wanted` lacks. AWS drains the connections.
pub(super) async fn detach(
    region: &Region<'_>,
    id: &str,
    live: &AutoScalingGroup,
    wanted: &AutoScalingGroup,
) -> Result<()> {
    for names in batches(&live.load_balancers, &wanted.load_balancers) {
        let request = region.autoscaling().detach_load_balancers().auto_scaling_group_name(id);
        let request = request.set_load_balancer_names(Some(names));
        region.retry_while_in_use(DETACH_LOAD_BALANCERS, || request.clone().send()).await?;
    }
    for arns in batches(&live.target_groups, &wanted.target_groups) {
        let request = region.autoscaling().detach_load_balancer_target_groups().auto_scaling_group_name(id);
        let request = request.set_target_group_arns(Some(arns));
        region.retry_while_in_use(DETACH_LOAD_BALANCER_TARGET_GROUPS, || request.clone().send()).await?;
    }
    Ok(())
}

/// The ids in `these` that are not in `without`, so many as a call takes.
fn batches(these: &BTreeSet<Ref>, without: &BTreeSet<Ref>) -> Vec<Vec<String>> {
    ids(these.difference(without)).chunks(AT_ONCE).map(<[String]>::to_vec).collect()
}

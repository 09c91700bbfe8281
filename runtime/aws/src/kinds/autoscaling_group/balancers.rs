//! The load balancers and target groups of an Auto Scaling group.

use asiaq_ir::AutoScalingGroup;

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
    let (balancers, targets) = without(wanted, live);
    attach_to(region, id, &balancers, &targets).await
}

/// Detaches what `wanted` lacks. AWS drains the connections.
pub(super) async fn detach(
    region: &Region<'_>,
    id: &str,
    live: &AutoScalingGroup,
    wanted: &AutoScalingGroup,
) -> Result<()> {
    let (balancers, targets) = without(live, wanted);
    detach_from(region, id, &balancers, &targets).await
}

/// Attaches a group to Classic Load Balancers, by name, and to target groups, by ARN.
pub(crate) async fn attach_to(
    region: &Region<'_>,
    id: &str,
    balancers: &[String],
    targets: &[String],
) -> Result<()> {
    for names in balancers.chunks(AT_ONCE) {
        let request = region.autoscaling().attach_load_balancers().auto_scaling_group_name(id);
        let request = request.set_load_balancer_names(Some(names.to_vec()));
        region.retry_until_consistent(ATTACH_LOAD_BALANCERS, || request.clone().send()).await?;
    }
    for arns in targets.chunks(AT_ONCE) {
        let request = region.autoscaling().attach_load_balancer_target_groups().auto_scaling_group_name(id);
        let request = request.set_target_group_arns(Some(arns.to_vec()));
        region.retry_until_consistent(ATTACH_LOAD_BALANCER_TARGET_GROUPS, || request.clone().send()).await?;
    }
    Ok(())
}

/// Detaches a group from Classic Load Balancers, by name, and from target groups, by ARN. AWS drains the connections.
pub(crate) async fn detach_from(
    region: &Region<'_>,
    id: &str,
    balancers: &[String],
    targets: &[String],
) -> Result<()> {
    for names in balancers.chunks(AT_ONCE) {
        let request = region.autoscaling().detach_load_balancers().auto_scaling_group_name(id);
        let request = request.set_load_balancer_names(Some(names.to_vec()));
        region.retry_while_in_use(DETACH_LOAD_BALANCERS, || request.clone().send()).await?;
    }
    for arns in targets.chunks(AT_ONCE) {
        let request = region.autoscaling().detach_load_balancer_target_groups().auto_scaling_group_name(id);
        let request = request.set_target_group_arns(Some(arns.to_vec()));
        region.retry_while_in_use(DETACH_LOAD_BALANCER_TARGET_GROUPS, || request.clone().send()).await?;
    }
    Ok(())
}

/// The load balancers and target groups of one group that another one lacks.
fn without(these: &AutoScalingGroup, others: &AutoScalingGroup) -> (Vec<String>, Vec<String>) {
    (
        ids(these.load_balancers.difference(&others.load_balancers)),
        ids(these.target_groups.difference(&others.target_groups)),
    )
}

//! Whether a new resource serves, so that what it replaces can go.

use std::time::Duration;

use asiaq_ir::Kind;
use asiaq_runtime::Fault;
use aws_sdk_autoscaling::types::{AutoScalingGroup, LifecycleState};

use super::health::{self, DESCRIBE_TARGET_HEALTH, Health};
use super::load_balancer;
use super::prelude::*;
use crate::kinds::autoscaling_group;
use crate::operation::Operation;

/// Instances that an error names.
const NAMED: usize = 3;

/// The longest wait for instances to start and to pass their health checks.
const LIMIT: Duration = Duration::from_mins(15);

/// See [`asiaq_runtime::Cloud::serving`].
pub(crate) async fn until_serving(region: &Region<'_>, kind: Kind, id: &str) -> Result<()> {
    let look = || async {
        let is_serving = match kind {
            Kind::AutoScalingGroup => group(region, id).await?,
            Kind::LoadBalancer => {
                for target in load_balancer::targets(region, id).await? {
                    if !targets(region, &target).await? {
                        return Ok(None);
                    }
                }
                true
            }
            Kind::ClassicLoadBalancer => {
                let health = health::of_instances(region, id).await?;
                is_passed(&health) || (health.is_empty() && !expects(region, id).await?)
            }
            _ => true,
        };
        Ok(is_serving.then_some(()))
    };
    let (operation, what): (Operation, _) = match kind {
        Kind::AutoScalingGroup => {
            (autoscaling_group::DESCRIBE_AUTO_SCALING_GROUPS, "its instances are not in service")
        }
        _ => (DESCRIBE_TARGET_HEALTH, "its instances have not passed their health checks"),
    };
    match region.poll(operation.name, &format!("`{id}` does not serve: {what}"), LIMIT, look).await {
        Err(error) if error.fault == Fault::TimedOut => {
            let reasons = reasons(region, kind, id).await?;
            let message = format!(
                "{}{reasons}; what it replaces is kept and serves: find out why, for example in the log of an \
                 instance, and apply again",
                error.message
            );
            Err(CloudError { message, ..error })
        }
        served => served,
    }
}

/// Why a resource does not serve, as in ` (i-1: Pending)`; empty if nothing says so.
async fn reasons(region: &Region<'_>, kind: Kind, id: &str) -> Result<String> {
    let mut reasons = String::new();
    let mut targets = Vec::new();
    match kind {
        Kind::AutoScalingGroup => {
            let Some(group) = autoscaling_group::look(region, id).await? else { return Ok(reasons) };
            let waiting = group.instances().iter().filter_map(|instance| {
                let state =
                    instance.lifecycle_state().filter(|state| **state != LifecycleState::InService)?;
                Some(format!("{}: {}", instance.instance_id()?, state.as_str()))
            });
            let waiting: Vec<String> = waiting.take(NAMED).collect();
            if !waiting.is_empty() {
                reasons = format!(" ({})", waiting.join(", "));
            }
            targets.extend(group.target_group_arns().iter().cloned());
        }
        Kind::LoadBalancer => targets = load_balancer::targets(region, id).await?,
        Kind::ClassicLoadBalancer => reasons = health::of_instances(region, id).await?.reasons(),
        _ => {}
    }
    for target in targets {
        reasons += &health::of_targets(region, &target).await?.reasons();
    }
    Ok(reasons)
}

/// Whether a group has as many instances in service as it should have, and these pass the health checks of every load
/// balancer that sends traffic to them.
async fn group(region: &Region<'_>, name: &str) -> Result<bool> {
    let Some(group) = autoscaling_group::look(region, name).await? else { return Ok(false) };
    let desired = usize::try_from(group.desired_capacity().unwrap_or_default()).unwrap_or_default();
    if desired == 0 {
        return Ok(true);
    }
    let in_service: Vec<&str> = group
        .instances()
        .iter()
        .filter(|instance| instance.lifecycle_state() == Some(&LifecycleState::InService))
        .filter_map(|instance| instance.instance_id())
        .collect();
    if in_service.len() < desired {
        return Ok(false);
    }
    for arn in group.target_group_arns() {
        let health = health::of_targets(region, arn).await?;
        if !in_service.iter().all(|id| health.healthy.contains(*id) || health.unused.contains(*id)) {
            return Ok(false);
        }
    }
    for balancer in group.load_balancer_names() {
        let health = health::of_instances(region, balancer).await?;
        if !in_service.iter().all(|id| health.healthy.contains(*id)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the targets of a target group have passed, or none are expected.
async fn targets(region: &Region<'_>, arn: &str) -> Result<bool> {
    let health = health::of_targets(region, arn).await?;
    Ok(is_passed(&health) || (health.is_empty() && !expects(region, arn).await?))
}

fn is_passed(health: &Health) -> bool {
    !health.healthy.is_empty() && health.initial.is_empty()
}

/// Whether a group that should have instances is attached to the target group or load balancer `id`.
async fn expects(region: &Region<'_>, id: &str) -> Result<bool> {
    let is_attached = |group: &AutoScalingGroup| {
        let mut ids = group.target_group_arns().iter().chain(group.load_balancer_names());
        ids.any(|attached| attached == id)
    };
    let groups = autoscaling_group::every(region).await?;
    Ok(groups.iter().any(|group| is_attached(group) && group.desired_capacity().unwrap_or_default() > 0))
}

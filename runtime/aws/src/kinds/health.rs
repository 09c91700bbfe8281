//! The health of instances behind load balancers.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::operation::describe_target_health::DescribeTargetHealthOutput;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum as State;

use super::prelude::*;
use crate::service::elasticloadbalancing;

ops! { elasticloadbalancing:
    DESCRIBE_INSTANCE_HEALTH = "DescribeInstanceHealth", Write;
    DESCRIBE_TARGET_HEALTH = "DescribeTargetHealth", Write;
}

/// Instances that an error names.
const NAMED: usize = 3;

/// The instances behind a target group or a Classic Load Balancer.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// Instances that receive traffic.
    pub(crate) healthy: BTreeSet<String>,
    /// Instances whose health AWS does not check, because nothing sends traffic to their target group.
    pub(crate) unused: BTreeSet<String>,
    /// Instances whose first health checks are not done.
    pub(crate) initial: BTreeSet<String>,
    /// Instances that did not pass, and why.
    pub(crate) unhealthy: BTreeMap<String, String>,
}

impl Health {
    /// Why the first few instances do not receive traffic, as in ` (i-1: health checks failed)`; empty if none says so.
    pub(super) fn reasons(&self) -> String {
        let waiting = self.initial.iter().map(|id| format!("{id}: its first health checks are not done"));
        let failed = self.unhealthy.iter().map(|(id, why)| format!("{id}: {why}"));
        let reasons: Vec<String> = failed.chain(waiting).take(NAMED).collect();
        if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) }
    }

    /// Why an instance does not receive traffic; nothing if it does.
    pub(crate) fn obstacle(&self, instance: &str) -> Option<&str> {
        if self.healthy.contains(instance) {
            return None;
        }
        let why = match self.unhealthy.get(instance) {
            Some(why) => why.as_str(),
            None if self.unused.contains(instance) => "no listener sends traffic there",
            None if self.initial.contains(instance) => "its first health checks are not done",
            None => "not registered yet",
        };
        Some(why.trim_end_matches('.'))
    }

    /// Whether no instance is registered.
    pub(super) fn is_empty(&self) -> bool {
        self.healthy.is_empty()
            && self.unused.is_empty()
            && self.initial.is_empty()
            && self.unhealthy.is_empty()
    }
}

/// The health of the targets of a target group; none where there is no such group.
pub(crate) async fn of_targets(region: &Region<'_>, group: &str) -> Result<Health> {
    let call = region.elbv2().describe_target_health().target_group_arn(group);
    let seen = elasticloadbalancing.found(DESCRIBE_TARGET_HEALTH.call(call.send()).await)?;
    let mut health = Health::default();
    let Some(seen) = seen else { return Ok(health) };
    for target in seen.target_health_descriptions() {
        let Some(id) = target.target().and_then(|target| target.id()) else { continue };
        let said = target.target_health();
        match said.and_then(|said| said.state()) {
            // A target group without health checks has targets of unknown health, which receive traffic.
            Some(State::Healthy | State::Unavailable) => drop(health.healthy.insert(id.to_owned())),
            Some(State::Unused) => drop(health.unused.insert(id.to_owned())),
            Some(State::Initial) => drop(health.initial.insert(id.to_owned())),
            Some(State::Draining) => {}
            _ => {
                let why = said.and_then(|said| said.description()).unwrap_or("it did not pass");
                health.unhealthy.insert(id.to_owned(), why.to_owned());
            }
        }
    }
    Ok(health)
}

/// The instances that a target group knows, those that it drains included; none where there is no such group.
pub(crate) async fn registered(region: &Region<'_>, group: &str) -> Result<BTreeSet<String>> {
    let call = region.elbv2().describe_target_health().target_group_arn(group);
    let seen = elasticloadbalancing.found(DESCRIBE_TARGET_HEALTH.call(call.send()).await)?;
    let targets = seen.iter().flat_map(DescribeTargetHealthOutput::target_health_descriptions);
    Ok(targets.filter_map(|target| target.target()?.id.clone()).collect())
}

/// The health of the instances of a Classic Load Balancer; none where there is no such load balancer.
pub(crate) async fn of_instances(region: &Region<'_>, balancer: &str) -> Result<Health> {
    let call = region.elb().describe_instance_health().load_balancer_name(balancer);
    let seen = elasticloadbalancing.found(DESCRIBE_INSTANCE_HEALTH.call(call.send()).await)?;
    let mut health = Health::default();
    let Some(seen) = seen else { return Ok(health) };
    for instance in seen.instance_states() {
        let Some(id) = instance.instance_id() else { continue };
        if instance.state() == Some("InService") {
            health.healthy.insert(id.to_owned());
        } else {
            let why = instance.description().unwrap_or("it is out of service");
            health.unhealthy.insert(id.to_owned(), why.to_owned());
        }
    }
    Ok(health)
}

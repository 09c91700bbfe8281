//! Instances of an Auto Scaling group, with their state in Auto Scaling and in EC2.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::{AutoScalingGroup, Instance as Member, LifecycleState};
use aws_sdk_ec2::types::{Instance, InstanceStateName};

use crate::kinds::prelude::*;

ops! { ec2:
    DESCRIBE_INSTANCES = "DescribeInstances", Write;
}

/// The tag with which an instance reports that it is healthy.
const TAG: &str = "smoketest";

/// An instance of an Auto Scaling group.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) id: String,
    lifecycle: String,
    health: String,
    /// `None` if EC2 does not list the instance yet, or no longer.
    seen: Option<Instance>,
    is_leaving: bool,
}

/// The instances of a group. Takes one `DescribeInstances` call per [`VALUES`](tags::VALUES) instances.
pub(super) async fn machines(region: &Region<'_>, group: &AutoScalingGroup) -> Result<Vec<Machine>> {
    let ids: Vec<String> = group.instances().iter().filter_map(|member| member.instance_id.clone()).collect();
    let mut seen = BTreeMap::new();
    for ids in ids.chunks(tags::VALUES) {
        // A filter, because EC2 rejects ids of instances that it does not list yet.
        let filter = tags::filter_any("instance-id", ids);
        let request = region.ec2().describe_instances().filters(filter);
        let reservations: Vec<_> = DESCRIBE_INSTANCES.all(request.into_paginator().items().send()).await?;
        let instances = reservations.into_iter().flat_map(|seen| seen.instances.unwrap_or_default());
        seen.extend(instances.filter_map(|instance| Some((instance.instance_id.clone()?, instance))));
    }
    let machine = |member: &Member| {
        let id = member.instance_id.clone()?;
        let seen = seen.remove(&id);
        let lifecycle = member.lifecycle_state().map_or("unknown", LifecycleState::as_str).to_owned();
        let health = member.health_status().unwrap_or("unknown").to_owned();
        Some(Machine { is_leaving: is_leaving(&lifecycle), id, lifecycle, health, seen })
    };
    Ok(group.instances().iter().filter_map(machine).collect())
}

fn is_leaving(lifecycle: &str) -> bool {
    ["Terminat", "Detach"].iter().any(|start| lifecycle.starts_with(start))
}

impl Machine {
    /// Whether the instance is in service, according to AWS.
    pub(super) fn is_in_service(&self) -> bool {
        self.lifecycle == LifecycleState::InService.as_str() && !self.has_ended()
    }

    /// Whether the instance is stopped, terminated or leaving its group, or the group marks it as unhealthy.
    pub(super) fn has_ended(&self) -> bool {
        let state = self.seen.as_ref().and_then(|seen| seen.state()?.name());
        let stops = matches!(
            state,
            Some(
                InstanceStateName::ShuttingDown
                    | InstanceStateName::Stopped
                    | InstanceStateName::Stopping
                    | InstanceStateName::Terminated
            )
        );
        self.is_leaving || stops || self.health.eq_ignore_ascii_case("Unhealthy")
    }

    /// The value of the tag [`TAG`], without surrounding white space. `None` if it is missing or empty.
    pub(super) fn said(&self) -> Option<&str> {
        let said = tags::get(self.seen.as_ref()?.tags(), TAG)?;
        Some(said.trim()).filter(|said| !said.is_empty())
    }

    /// Private IP address. `None` until EC2 reports it.
    pub(super) fn address(&self) -> Option<&str> {
        self.seen.as_ref()?.private_ip_address()
    }

    /// EC2's reason for the instance's state, if any.
    pub(super) fn reason(&self) -> Option<&str> {
        let reason = self.seen.as_ref()?.state_reason().and_then(|reason| reason.message());
        reason.filter(|reason| !reason.is_empty())
    }

    /// Instance id and state, for messages.
    pub(super) fn describe(&self) -> String {
        let state = self.seen.as_ref().and_then(|seen| seen.state()?.name()).map(InstanceStateName::as_str);
        let state = state.unwrap_or("unknown to EC2");
        format!("`{}` ({}, {}, {state})", self.id, self.lifecycle, self.health)
    }
}

//! The machines of a group, as the group and EC2 see them.

use std::collections::BTreeMap;

use asiaq_runtime::CloudError;
use aws_sdk_autoscaling::types::{AutoScalingGroup, Instance as Member, LifecycleState};
use aws_sdk_ec2::types::{Filter, Instance, InstanceStateName};

use crate::operation::ops;
use crate::region::Region;
use crate::{error, tags};

ops! { ec2:
    DESCRIBE_INSTANCES = "DescribeInstances", Write;
}

/// The tag that a machine puts something into when it is well.
const TAG: &str = "smoketest";

/// The most values that a filter takes.
const AT_ONCE: usize = 200;

/// One machine of a group.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) id: String,
    lifecycle: String,
    health: String,
    /// None for one that EC2 does not know yet, or any more.
    seen: Option<Instance>,
    is_leaving: bool,
}

/// The machines of a group, in two calls for any number up to 200.
pub(super) async fn machines(
    region: &Region<'_>,
    group: &AutoScalingGroup,
) -> Result<Vec<Machine>, CloudError> {
    let ids: Vec<String> = group.instances().iter().filter_map(|member| member.instance_id.clone()).collect();
    let mut seen = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        // By filter: EC2 refuses a call that names a machine it does not know yet.
        let filter = Filter::builder().name("instance-id").set_values(Some(ids.to_vec())).build();
        let request = region.ec2().describe_instances().filters(filter);
        let pages = request.into_paginator().items().send();
        let reservations: Vec<_> = error::call(DESCRIBE_INSTANCES, pages.collect()).await?;
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
    /// Whether it serves, as far as AWS can tell.
    pub(super) fn is_in_service(&self) -> bool {
        self.lifecycle == LifecycleState::InService.as_str() && !self.has_ended()
    }

    /// Whether it ended, is about to, or is given up by its group.
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

    /// What it says of itself: the value of its tag, where there is one.
    pub(super) fn said(&self) -> Option<&str> {
        let said = tags::get(self.seen.as_ref()?.tags(), TAG)?;
        Some(said.trim()).filter(|said| !said.is_empty())
    }

    /// Its private address, once EC2 says it.
    pub(super) fn address(&self) -> Option<&str> {
        self.seen.as_ref()?.private_ip_address()
    }

    /// Why it ended, where EC2 says so.
    pub(super) fn reason(&self) -> Option<&str> {
        let reason = self.seen.as_ref()?.state_reason().and_then(|reason| reason.message());
        reason.filter(|reason| !reason.is_empty())
    }

    /// Its id and state, for people.
    pub(super) fn describe(&self) -> String {
        let state = self.seen.as_ref().and_then(|seen| seen.state()?.name()).map(InstanceStateName::as_str);
        let state = state.unwrap_or("unknown to EC2");
        format!("`{}` ({}, {}, {state})", self.id, self.lifecycle, self.health)
    }
}

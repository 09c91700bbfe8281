//! The Auto Scaling groups of a project, as chaos sees them.

use std::collections::BTreeMap;

use asiaq_ir::ENV_TAG;
use asiaq_runtime::{CHAOS_TAG, ChaosGroup, ChaosMachine, Result};
use aws_sdk_autoscaling::types::{AutoScalingGroup, SuspendedProcess};
use aws_sdk_ec2::types::{Instance, Reservation};

use crate::config::Aws;
use crate::kinds::autoscaling_group::{self, DESCRIBE_AUTO_SCALING_GROUPS};
use crate::kinds::smoke_test::DESCRIBE_INSTANCES;
use crate::machines::TERMINATE_IN_GROUP;
use crate::operation::{Access, Operation};
use crate::tags;

/// The operations of others that chaos calls.
pub(crate) const MORE: &[Operation] = &[
    DESCRIBE_AUTO_SCALING_GROUPS.used_for(Access::Read),
    DESCRIBE_INSTANCES.used_for(Access::Read),
    TERMINATE_IN_GROUP.used_for(Access::Write),
];

impl Aws {
    /// The Auto Scaling groups of an environment in a region, those of deploys included, sorted by name.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn chaos_groups(&self, region: &str, project: &str, env: &str) -> Result<Vec<ChaosGroup>> {
        let region = self.region(region);
        let groups = autoscaling_group::all_of_project(&region, project).await?;
        let request = region.ec2().describe_instances().filters(tags::of_project(project));
        let seen: Vec<Reservation> = DESCRIBE_INSTANCES.all(request.into_paginator().items().send()).await?;
        let tag = |instance: &Instance| {
            let tag = tags::get(instance.tags(), CHAOS_TAG)?;
            Some((instance.instance_id.clone()?, tag.to_owned()))
        };
        let tagged: BTreeMap<String, String> =
            seen.iter().flat_map(Reservation::instances).filter_map(tag).collect();
        let groups = groups.iter().filter_map(|group| read(group, region.name, &tagged));
        let mut groups: Vec<ChaosGroup> = groups.filter(|group| group.environment == env).collect();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(groups)
    }
}

fn read(group: &AutoScalingGroup, region: &str, tagged: &BTreeMap<String, String>) -> Option<ChaosGroup> {
    let tags = autoscaling_group::tags_of(group);
    // A group that somebody else made with copied tags is not the project's.
    let name = group.auto_scaling_group_name().filter(|name| !autoscaling_group::is_copy(name, &tags))?;
    let machines = group.instances().iter().filter_map(|machine| {
        let id = machine.instance_id.clone()?;
        Some(ChaosMachine {
            is_healthy: autoscaling_group::is_serving(machine),
            is_protected: machine.protected_from_scale_in == Some(true),
            chaos: tagged.get(&id).cloned(),
            id,
        })
    });
    Some(ChaosGroup {
        name: name.to_owned(),
        region: region.to_owned(),
        environment: tags.get(ENV_TAG)?.clone(),
        hostclass: tags.get("hostclass").cloned().unwrap_or_default(),
        suspended: group
            .suspended_processes()
            .iter()
            .filter_map(SuspendedProcess::process_name)
            .map(ToOwned::to_owned)
            .collect(),
        machines: machines.collect(),
        tags,
    })
}

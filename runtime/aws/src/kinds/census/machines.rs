//! Machines: launch templates, Auto Scaling groups, instances and volumes.

use asiaq_ir::Kind;
use asiaq_runtime::{Result, Sighting, Sort};
use aws_sdk_ec2::types::{InstanceStateName, Volume};
use futures::future;

use super::super::autoscaling_group;
use super::super::launch_template::DESCRIBE_LAUNCH_TEMPLATES;
use super::super::smoke_test::DESCRIBE_INSTANCES;
use super::{named, sighting};
use crate::operation::{Access, Operation};
use crate::region::Region;
use crate::snapshots::DESCRIBE_VOLUMES;
use crate::tags;

/// The operations that list them.
pub(super) const LISTS: &[Operation] = &[
    DESCRIBE_LAUNCH_TEMPLATES,
    autoscaling_group::DESCRIBE_AUTO_SCALING_GROUPS,
    DESCRIBE_INSTANCES.used_for(Access::Read),
    DESCRIBE_VOLUMES,
];

pub(super) async fn templates(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_launch_templates().into_paginator().items().send();
    let all = DESCRIBE_LAUNCH_TEMPLATES.all(pages).await?;
    let seen = all.iter().filter_map(|one| {
        let tags = tags::map(one.tags());
        named(region, Kind::LaunchTemplate, one.launch_template_id(), one.launch_template_name(), tags)
    });
    Ok(seen.collect())
}

/// The groups, with the instances of the region and its volumes.
pub(super) async fn groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let groups = autoscaling_group::every(region);
    let (groups, instances, volumes) = future::try_join3(groups, instances(region), volumes(region)).await?;
    let seen = groups.iter().filter_map(|group| {
        let name = group.auto_scaling_group_name();
        named(region, Kind::AutoScalingGroup, name, name, autoscaling_group::tags_of(group))
    });
    Ok(seen.chain(instances).chain(volumes).collect())
}

async fn instances(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_instances().into_paginator().items().send();
    let all = DESCRIBE_INSTANCES.all(pages).await?;
    let seen = all.iter().flat_map(aws_sdk_ec2::types::Reservation::instances).filter_map(|one| {
        let state = one.state().and_then(|state| state.name());
        if matches!(state, Some(InstanceStateName::Terminated | InstanceStateName::ShuttingDown)) {
            return None;
        }
        let seen = sighting(region, Sort::Instance, one.instance_id(), tags::map(one.tags()))?;
        Some(Sighting { within: one.vpc_id.clone(), ..seen })
    });
    Ok(seen.collect())
}

/// The volumes that no instance has: the others go with theirs.
async fn volumes(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_volumes().into_paginator().items().send();
    let all: Vec<Volume> = DESCRIBE_VOLUMES.all(pages).await?;
    let free = all.iter().filter(|one| one.attachments().is_empty());
    Ok(free
        .filter_map(|one| sighting(region, Sort::Volume, one.volume_id(), tags::map(one.tags())))
        .collect())
}

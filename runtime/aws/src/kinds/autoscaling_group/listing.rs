//! The groups of a project, with what AWS keeps beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_ir::{
    Assigned, AutoScalingGroup, GroupSize, Health, PROJECT_TAG, Ref, RegionFacts, TemplateVersion,
};
use aws_sdk_autoscaling::operation::describe_auto_scaling_groups::builders::DescribeAutoScalingGroupsFluentBuilder;
use aws_sdk_autoscaling::types::{self as sdk, Filter, ScalingPolicy, ScheduledUpdateGroupAction};
use futures::try_join;

use super::{group_tags, launch, policies, schedules};
use crate::kinds::prelude::*;

ops! { autoscaling:
    DESCRIBE_AUTO_SCALING_GROUPS = "DescribeAutoScalingGroups", Read;
    DESCRIBE_POLICIES = "DescribePolicies", Own;
}

/// The most that one page has.
const PAGE: i32 = 100;
/// The most names that one call takes.
const NAMES: usize = 50;

/// The launch template of an instance; absent if it was not launched from one.
pub(crate) fn launched_from(instance: &sdk::Instance) -> Option<TemplateVersion> {
    let template = instance.launch_template()?;
    Some(TemplateVersion {
        template: template.launch_template_id.clone()?,
        version: template.version.clone()?,
    })
}

/// Whether an instance is in service and healthy.
pub(crate) fn is_serving(instance: &sdk::Instance) -> bool {
    instance.lifecycle_state() == Some(&sdk::LifecycleState::InService)
        && instance.health_status().is_some_and(|health| health.eq_ignore_ascii_case("Healthy"))
}

/// The sizes of a group.
pub(crate) fn sizes(group: &sdk::AutoScalingGroup) -> GroupSize {
    let size = |size: Option<i32>| size.map(unsigned).unwrap_or_default();
    GroupSize {
        min: size(group.min_size()),
        desired: size(group.desired_capacity()),
        max: size(group.max_size()),
    }
}

/// The project's groups, and what their instances were launched from: three calls a page, however many groups there are.
pub(super) async fn found(region: &Region<'_>, project: &str) -> Result<Listed> {
    let groups = of_project(region, project).await?;
    if groups.is_empty() {
        return Ok(Listed::default());
    }
    let launched_from = groups.iter().filter_map(|group| {
        let instances = group.instances().iter().filter_map(launched_from).collect();
        Some((group.auto_scaling_group_name.clone()?, instances))
    });
    let assigned = groups.iter().filter_map(|group| {
        let arn = (Assigned::Arn, BTreeSet::from([group.auto_scaling_group_arn.clone()?]));
        Some((group.auto_scaling_group_name.clone()?, BTreeMap::from([arn])))
    });
    let facts = RegionFacts {
        launched_from: launched_from.collect(),
        assigned: assigned.collect(),
        ..RegionFacts::default()
    };
    let (policies, actions) = try_join!(every_policy(region), every_action(region))?;
    let found = groups.iter().filter_map(|group| {
        let id = group.auto_scaling_group_name.clone()?;
        let tags = region.imagine::<AutoScalingGroup>(&id, group_tags::read(group));
        Some(Found {
            address: region.address_of::<AutoScalingGroup>(&id, &tags, project)?,
            id,
            region: region.name.to_owned(),
            resource: read(group, &policies, &actions)?.into(),
            tags,
        })
    });
    Ok(Listed { found: found.collect(), facts, ..Listed::default() })
}

/// A group that launches from a template; AWS has no filter for that.
pub(super) async fn of_template(
    region: &Region<'_>,
    template: &Ref,
) -> Result<Option<sdk::AutoScalingGroup>> {
    if template.id().is_none() {
        return Ok(None);
    }
    let groups = every(region).await?;
    Ok(groups
        .into_iter()
        .find(|group| launch::read(group).is_some_and(|launch| launch.template == *template)))
}

/// The groups of the region that are not being deleted.
pub(crate) async fn every(region: &Region<'_>) -> Result<Vec<sdk::AutoScalingGroup>> {
    listed(region.autoscaling().describe_auto_scaling_groups()).await
}

/// The groups of a project that are not being deleted, and whose place no other one has taken.
pub(crate) async fn of_project(
    region: &Region<'_>,
    project: &str,
) -> Result<Arc<Vec<sdk::AutoScalingGroup>>> {
    cached(region.cache().map(|cache| &cache.scaling_groups), || async {
        let mut groups = all_of_project(region, project).await?;
        groups.retain(|group| !asiaq_runtime::is_retired(&group_tags::read(group)));
        Ok(groups)
    })
    .await
}

/// The same, with those whose place another one has taken.
pub(crate) async fn all_of_project(region: &Region<'_>, project: &str) -> Result<Vec<sdk::AutoScalingGroup>> {
    // The filters of EC2 say whether there is one.
    let filters = region
        .filter_of::<AutoScalingGroup>(project)
        .map(|_| vec![Filter::builder().name(format!("tag:{PROJECT_TAG}")).values(project).build()]);
    listed(region.autoscaling().describe_auto_scaling_groups().set_filters(filters)).await
}

/// The groups that are not being deleted.
async fn listed(request: DescribeAutoScalingGroupsFluentBuilder) -> Result<Vec<sdk::AutoScalingGroup>> {
    let pages = request.into_paginator().page_size(PAGE).items().send();
    let groups: Vec<sdk::AutoScalingGroup> = DESCRIBE_AUTO_SCALING_GROUPS.all(pages).await?;
    // A group has a status only while it is being deleted.
    Ok(groups.into_iter().filter(|group| group.status().is_none()).collect())
}

/// One group, by name; none where there is no such group any more.
pub(crate) async fn look(region: &Region<'_>, name: &str) -> Result<Option<sdk::AutoScalingGroup>> {
    let look = async |names: Vec<String>| {
        let request = region.autoscaling().describe_auto_scaling_groups();
        let request = request.set_auto_scaling_group_names(Some(names.clone()));
        let pages = request.into_paginator().page_size(PAGE).items().send();
        let answer: Result<Vec<_>, _> = DESCRIBE_AUTO_SCALING_GROUPS.all(pages).await;
        each(&names, answer, |seen, name| {
            seen.iter().find(|group| group.auto_scaling_group_name() == Some(name)).cloned()
        })
    };
    region.batchers().scaling_groups.ask(name.to_owned(), NAMES, look).await
}

async fn every_policy(region: &Region<'_>) -> Result<Vec<ScalingPolicy>> {
    let pages = region.autoscaling().describe_policies().into_paginator().page_size(PAGE).items().send();
    DESCRIBE_POLICIES.all(pages).await
}

async fn every_action(region: &Region<'_>) -> Result<Vec<ScheduledUpdateGroupAction>> {
    let request = region.autoscaling().describe_scheduled_actions();
    schedules::DESCRIBE_SCHEDULED_ACTIONS.all(request.into_paginator().page_size(PAGE).items().send()).await
}

fn read(
    group: &sdk::AutoScalingGroup,
    policies: &[ScalingPolicy],
    actions: &[ScheduledUpdateGroupAction],
) -> Option<AutoScalingGroup> {
    let name = group.auto_scaling_group_name();
    let launch = launch::read(group)?;
    let (min, max) = (group.min_size().map(unsigned), group.max_size().map(unsigned));
    let desired = group.desired_capacity().map(unsigned);
    let refs = |ids: &[String]| ids.iter().cloned().map(Ref::Id).collect();
    let subnets = group.vpc_zone_identifier().unwrap_or_default().split(',').map(str::trim);
    let health = group.health_check_type().unwrap_or_default();
    Some(AutoScalingGroup {
        prefix: prefix(name?).to_owned(),
        launch_template: launch.template,
        types: launch.types,
        spot: launch.spot,
        subnets: subnets.filter(|id| !id.is_empty()).map(|id| Ref::Id(id.to_owned())).collect(),
        min,
        max,
        desired,
        initial: sizes(group),
        health: if health.contains("ELB") { Health::Balancer } else { Health::Ec2 },
        grace: group.health_check_grace_period().map(unsigned).unwrap_or_default(),
        termination_policies: group.termination_policies().to_vec(),
        load_balancers: refs(group.load_balancer_names()),
        target_groups: refs(group.target_group_arns()),
        schedules: actions
            .iter()
            .filter(|action| action.auto_scaling_group_name() == name)
            .filter_map(schedules::read)
            .collect(),
        policies: policies
            .iter()
            .filter(|policy| policy.auto_scaling_group_name() == name)
            .filter_map(policies::read)
            .collect(),
        metrics: group.enabled_metrics().iter().filter_map(|enabled| enabled.metric.clone()).collect(),
    })
}

/// A group's name without the time of its making.
fn prefix(name: &str) -> &str {
    name.rsplit_once('_').map_or(name, |(prefix, _)| prefix)
}

//! Load balancers and target groups. One call shows the tags of twenty.

use asiaq_ir::Kind;
use asiaq_runtime::{Result, Sighting};
use aws_sdk_elasticloadbalancing::types::LoadBalancerDescription;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, TargetGroup};

use super::super::balancer_tags::{BalancerTags, ClassicTags, DESCRIBE_TAGS};
use super::super::tag_family::TagFamily as _;
use super::super::target_group::DESCRIBE_TARGET_GROUPS;
use super::super::{classic_load_balancer, load_balancer};
use super::named;
use crate::operation::Operation;
use crate::region::Region;

/// The operations that list them.
pub(super) const LISTS: &[Operation] = &[
    load_balancer::DESCRIBE_LOAD_BALANCERS,
    DESCRIBE_TARGET_GROUPS,
    classic_load_balancer::describe::DESCRIBE_LOAD_BALANCERS,
    DESCRIBE_TAGS,
];

pub(super) async fn balancers(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = load_balancer::described(region).await?;
    let arns = all.iter().filter_map(LoadBalancer::load_balancer_arn).map(ToOwned::to_owned).collect();
    let mut tags = BalancerTags::of(region, arns).await?;
    let seen = all.iter().filter_map(|one| {
        let tags = tags.remove(one.load_balancer_arn()?).unwrap_or_default();
        let (id, name) = (one.load_balancer_arn(), one.load_balancer_name());
        let seen = named(region, Kind::LoadBalancer, id, name, tags)?;
        Some(Sighting { within: one.vpc_id.clone(), ..seen })
    });
    Ok(seen.collect())
}

pub(super) async fn target_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.elbv2().describe_target_groups().into_paginator().items().send();
    let all = DESCRIBE_TARGET_GROUPS.all(pages).await?;
    let arns = all.iter().filter_map(TargetGroup::target_group_arn).map(ToOwned::to_owned).collect();
    let mut tags = BalancerTags::of(region, arns).await?;
    let seen = all.iter().filter_map(|one| {
        let tags = tags.remove(one.target_group_arn()?).unwrap_or_default();
        let (id, name) = (one.target_group_arn(), one.target_group_name());
        let seen = named(region, Kind::TargetGroup, id, name, tags)?;
        Some(Sighting { within: one.vpc_id.clone(), ..seen })
    });
    Ok(seen.collect())
}

pub(super) async fn classic(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = classic_load_balancer::describe::described(region).await?;
    let name = LoadBalancerDescription::load_balancer_name;
    let names = all.iter().filter_map(name).map(ToOwned::to_owned).collect();
    let mut tags = ClassicTags::of(region, names).await?;
    let seen = all.iter().filter_map(|one| {
        let tags = tags.remove(name(one)?).unwrap_or_default();
        let seen = named(region, Kind::ClassicLoadBalancer, name(one), name(one), tags)?;
        Some(Sighting { within: one.vpc_id.clone(), ..seen })
    });
    Ok(seen.collect())
}

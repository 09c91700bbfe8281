//! What keeps data or watches it, with the groups beside it. Most of it has its tags only in the index.

use std::collections::BTreeMap;

use asiaq_ir::{Kind, Partition};
use asiaq_runtime::{Result, Sighting};
use aws_sdk_cloudtrail::types::Trail;
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_rds::types::Tag;

use super::super::cache_parameter_group::DESCRIBE_CACHE_PARAMETER_GROUPS;
use super::super::cache_subnet_group::DESCRIBE_CACHE_SUBNET_GROUPS;
use super::super::database::DESCRIBE_DB_INSTANCES;
use super::super::database_cluster::DESCRIBE_DB_CLUSTERS;
use super::super::database_cluster_parameter_group::DESCRIBE_DB_CLUSTER_PARAMETER_GROUPS;
use super::super::database_parameter_group::DESCRIBE_DB_PARAMETER_GROUPS;
use super::super::database_subnet_group::DESCRIBE_DB_SUBNET_GROUPS;
use super::super::log_group::{self, DESCRIBE_LOG_GROUPS};
use super::super::replication_group::{DESCRIBE_CACHE_CLUSTERS, DESCRIBE_REPLICATION_GROUPS};
use super::super::search_domain::LIST_DOMAIN_NAMES;
use super::super::tag_family::TagFamily as _;
use super::super::topic::LIST_TOPICS;
use super::super::trail::{self, TrailTags};
use super::super::{alarm, bucket, document, table};
use super::named;
use crate::leases::LEASES;
use crate::operation::Operation;
use crate::region::Region;
use crate::tag_index;
use crate::tags::Tags;

/// The operations that list them.
pub(super) const LISTS: &[Operation] = &[
    LIST_TOPICS,
    DESCRIBE_LOG_GROUPS,
    alarm::DESCRIBE_ALARMS,
    trail::DESCRIBE_TRAILS,
    trail::LIST_TAGS,
    document::LIST_DOCUMENTS,
    bucket::LIST_BUCKETS,
    table::LIST_TABLES,
    LIST_DOMAIN_NAMES,
    DESCRIBE_DB_SUBNET_GROUPS,
    DESCRIBE_DB_PARAMETER_GROUPS,
    DESCRIBE_DB_CLUSTER_PARAMETER_GROUPS,
    DESCRIBE_DB_INSTANCES,
    DESCRIBE_DB_CLUSTERS,
    DESCRIBE_CACHE_SUBNET_GROUPS,
    DESCRIBE_CACHE_PARAMETER_GROUPS,
    DESCRIBE_REPLICATION_GROUPS,
    DESCRIBE_CACHE_CLUSTERS,
];

/// A thing whose tags are in the index, by ARN.
async fn indexed(
    region: &Region<'_>,
    kind: Kind,
    all: impl IntoIterator<Item = (Option<String>, Option<String>, Option<String>)>,
) -> Result<Vec<Sighting>> {
    let mut all = all.into_iter().peekable();
    if all.peek().is_none() {
        return Ok(Vec::new());
    }
    let index = tag_index::everything(region).await?;
    let seen = all.filter_map(|(arn, id, name)| {
        let tags = arn.and_then(|arn| index.get(&arn).cloned()).unwrap_or_default();
        named(region, kind, id.as_deref(), name.as_deref(), tags)
    });
    Ok(seen.collect())
}

/// The same, with the VPC that each is in.
async fn in_vpcs(
    region: &Region<'_>,
    kind: Kind,
    all: Vec<(Option<String>, Option<String>, Option<String>)>,
) -> Result<Vec<Sighting>> {
    let vpcs: Vec<Option<String>> = all.iter().map(|(_, _, vpc)| vpc.clone()).collect();
    let things = all.into_iter().map(|(arn, name, _)| (arn, name.clone(), name));
    let seen = indexed(region, kind, things).await?;
    Ok(seen.into_iter().zip(vpcs).map(|(one, within)| Sighting { within, ..one }).collect())
}

pub(super) async fn topics(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = LIST_TOPICS.all(region.sns().list_topics().into_paginator().items().send()).await?;
    let arns = all.into_iter().filter_map(|topic| topic.topic_arn);
    let name = |arn: &str| arn.rsplit(':').next().map(ToOwned::to_owned);
    let things = arns.map(|arn| (Some(arn.clone()), Some(arn.clone()), name(&arn)));
    indexed(region, Kind::Topic, things).await
}

pub(super) async fn log_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.logs().describe_log_groups().into_paginator().items().send();
    let all = DESCRIBE_LOG_GROUPS.all(pages).await?;
    let things = all.into_iter().map(|group| {
        let arn = log_group::arn_of(&group).map(ToOwned::to_owned);
        (arn, group.log_group_name.clone(), group.log_group_name)
    });
    indexed(region, Kind::LogGroup, things).await
}

/// Asiaq's mark is in the description of an alarm.
pub(super) async fn alarms(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.cloudwatch().describe_alarms().max_records(100).into_paginator().send();
    let pages = alarm::DESCRIBE_ALARMS.all(pages).await?;
    let all = pages.iter().flat_map(DescribeAlarmsOutput::metric_alarms);
    let things =
        all.clone().map(|one| (one.alarm_arn.clone(), one.alarm_name.clone(), one.alarm_name.clone()));
    let mut seen = indexed(region, Kind::Alarm, things).await?;
    let marks = all.filter(|one| one.alarm_name.is_some()).map(alarm::marked);
    for (one, mark) in seen.iter_mut().zip(marks) {
        one.tags.extend(mark);
    }
    Ok(seen)
}

pub(super) async fn trails(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = trail::of_region(region).await?;
    let arns: Vec<String> = all.iter().filter_map(Trail::trail_arn).map(ToOwned::to_owned).collect();
    let mut tags = if arns.is_empty() { BTreeMap::new() } else { TrailTags::of(region, arns).await? };
    let seen = all.iter().filter_map(|one| {
        let tags = tags.remove(one.trail_arn()?).unwrap_or_default();
        named(region, Kind::Trail, one.trail_arn(), one.name(), tags)
    });
    Ok(seen.collect())
}

pub(super) async fn documents(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = document::of_account(region).await?;
    let seen = all
        .into_iter()
        .filter_map(|(name, tags)| named(region, Kind::Document, Some(&name), Some(&name), tags));
    Ok(seen.collect())
}

pub(super) async fn buckets(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = bucket::all_of_region(region).await?;
    let partition = Partition::of(region.name).name();
    let things = all.into_iter().map(|one| {
        let arn = one.name.as_ref().map(|name| format!("arn:{partition}:s3:::{name}"));
        (arn, one.name.clone(), one.name)
    });
    indexed(region, Kind::Bucket, things).await
}

/// The tables, but for that of the leases.
pub(super) async fn tables(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let mut things = Vec::new();
    for name in table::of_region(region).await?.into_iter().filter(|name| name != LEASES) {
        things.push((Some(table::tags::arn(region, &name).await?), Some(name.clone()), Some(name)));
    }
    indexed(region, Kind::Table, things).await
}

pub(super) async fn search_domains(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let answer = LIST_DOMAIN_NAMES.call(region.opensearch().list_domain_names().send()).await?;
    let names: Vec<String> =
        answer.domain_names.unwrap_or_default().into_iter().filter_map(|one| one.domain_name).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let (partition, account) = (Partition::of(region.name).name(), region.account().await?);
    let things = names.into_iter().map(|name| {
        let arn = format!("arn:{partition}:es:{}:{account}:domain/{name}", region.name);
        (Some(arn.clone()), Some(arn), Some(name))
    });
    indexed(region, Kind::SearchDomain, things).await
}

pub(super) async fn database_subnet_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.rds().describe_db_subnet_groups().into_paginator().items().send();
    let all = DESCRIBE_DB_SUBNET_GROUPS.all(pages).await?.into_iter();
    let things = all.map(|one| (one.db_subnet_group_arn, one.db_subnet_group_name, one.vpc_id));
    in_vpcs(region, Kind::DatabaseSubnetGroup, things.collect()).await
}

pub(super) async fn database_parameter_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.rds().describe_db_parameter_groups().into_paginator().items().send();
    let all = DESCRIBE_DB_PARAMETER_GROUPS.all(pages).await?.into_iter();
    let things = all.map(|one| (one.db_parameter_group_arn, one.db_parameter_group_name, None));
    in_vpcs(region, Kind::DatabaseParameterGroup, things.collect()).await
}

pub(super) async fn cluster_parameter_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.rds().describe_db_cluster_parameter_groups().into_paginator().items().send();
    let all = DESCRIBE_DB_CLUSTER_PARAMETER_GROUPS.all(pages).await?.into_iter();
    let things =
        all.map(|one| (one.db_cluster_parameter_group_arn, one.db_cluster_parameter_group_name, None));
    in_vpcs(region, Kind::DatabaseClusterParameterGroup, things.collect()).await
}

/// Databases, and the instances of clusters.
pub(super) async fn databases(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.rds().describe_db_instances().into_paginator().items().send();
    let all = DESCRIBE_DB_INSTANCES.all(pages).await?;
    let seen = all.into_iter().filter_map(|one| {
        let is_member = one.db_cluster_identifier.is_some();
        let kind = if is_member { Kind::DatabaseClusterInstance } else { Kind::Database };
        let name = one.db_instance_identifier();
        let seen = named(region, kind, name, name, map(one.tag_list()))?;
        Some(Sighting { within: one.db_subnet_group.and_then(|group| group.vpc_id), ..seen })
    });
    Ok(seen.collect())
}

pub(super) async fn database_clusters(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.rds().describe_db_clusters().into_paginator().items().send();
    let all = DESCRIBE_DB_CLUSTERS.all(pages).await?;
    let seen = all.iter().filter_map(|one| {
        let name = one.db_cluster_identifier();
        named(region, Kind::DatabaseCluster, name, name, map(one.tag_list()))
    });
    Ok(seen.collect())
}

pub(super) async fn cache_subnet_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.elasticache().describe_cache_subnet_groups().into_paginator().items().send();
    let all = DESCRIBE_CACHE_SUBNET_GROUPS.all(pages).await?.into_iter();
    let things = all.map(|one| (one.arn, one.cache_subnet_group_name, one.vpc_id));
    in_vpcs(region, Kind::CacheSubnetGroup, things.collect()).await
}

pub(super) async fn cache_parameter_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.elasticache().describe_cache_parameter_groups().into_paginator().items().send();
    let all = DESCRIBE_CACHE_PARAMETER_GROUPS.all(pages).await?.into_iter();
    let things = all.map(|one| (one.arn, one.cache_parameter_group_name, None));
    in_vpcs(region, Kind::CacheParameterGroup, things.collect()).await
}

pub(super) async fn replication_groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.elasticache().describe_replication_groups().into_paginator().items().send();
    let all = DESCRIBE_REPLICATION_GROUPS.all(pages).await?.into_iter();
    let things = all.map(|one| (one.arn, one.replication_group_id, None));
    in_vpcs(region, Kind::ReplicationGroup, things.collect()).await
}

/// Those that are no members of replication groups, of every engine.
pub(super) async fn cache_clusters(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = region.elasticache().describe_cache_clusters();
    let all = all.show_cache_clusters_not_in_replication_groups(true);
    let all = DESCRIBE_CACHE_CLUSTERS.all(all.into_paginator().items().send()).await?.into_iter();
    let alone = all.filter(|one| one.replication_group_id.is_none());
    let things = alone.map(|one| (one.arn, one.cache_cluster_id, None));
    in_vpcs(region, Kind::CacheCluster, things.collect()).await
}

fn map(tags: &[Tag]) -> Tags {
    let pair = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()));
    tags.iter().filter_map(pair).collect()
}

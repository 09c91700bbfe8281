use asiaq_ir::{CacheSubnetGroup, Ref};
use aws_sdk_elasticache::types::CacheSubnetGroup as Live;

use super::cache_tags::{self, SubnetGroupTags, sdk_tags};
use super::prelude::*;
use crate::service::DUPLICATE_CACHE_SUBNETS;

ops! { elasticache:
    DESCRIBE_CACHE_SUBNET_GROUPS = "DescribeCacheSubnetGroups", Read;
    CREATE_CACHE_SUBNET_GROUP = "CreateCacheSubnetGroup", Write;
    MODIFY_CACHE_SUBNET_GROUP = "ModifyCacheSubnetGroup", Write;
    DELETE_CACHE_SUBNET_GROUP = "DeleteCacheSubnetGroup", Delete;
}

/// The group that AWS keeps for everybody.
const DEFAULT: &str = "default";

impl Api for CacheSubnetGroup {
    type Live = Live;
    type Tags = SubnetGroupTags;

    const OPERATIONS: IamActions = &[OPS, cache_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_CACHE_SUBNET_GROUPS;
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_CACHE_SUBNET_GROUP, DUPLICATE_CACHE_SUBNETS, |group| &group.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let name = match which {
            Which::OfProject(_) => None,
            Which::Id(name) => Some(name.to_owned()),
            Which::InPlaceOf(wanted) => Some(wanted.name.clone()),
        };
        let call = region.elasticache().describe_cache_subnet_groups().set_cache_subnet_group_name(name);
        let groups = DESCRIBE_CACHE_SUBNET_GROUPS.all(call.into_paginator().items().send()).await?;
        Ok(groups.into_iter().filter(|group| group.cache_subnet_group_name() != Some(DEFAULT)).collect())
    }

    fn id(group: &Live) -> Option<&str> {
        group.cache_subnet_group_name()
    }

    fn tag_key(group: &Live) -> Option<&str> {
        group.arn()
    }

    fn form(group: &Live) -> Option<Self> {
        let subnets = group.subnets().iter().filter_map(|subnet| subnet.subnet_identifier.clone());
        Some(Self {
            name: group.cache_subnet_group_name()?.to_owned(),
            description: group.cache_subnet_group_description().unwrap_or_default().to_owned(),
            subnets: subnets.map(Ref::Id).collect(),
        })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .elasticache()
            .create_cache_subnet_group()
            .cache_subnet_group_name(&self.name)
            .cache_subnet_group_description(&self.description)
            .set_subnet_ids(Some(ids(&self.subnets)))
            .set_tags(Some(sdk_tags(request.tags)));
        region.retry_until_consistent(CREATE_CACHE_SUBNET_GROUP, || call.clone().send()).await?;
        Ok(Created::ready(&self.name, self.clone()))
    }

    /// One call takes the whole of the subnets. While some go, those that stay and those that come are in it.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        // Only its tags change.
        if self == wanted {
            return Ok(());
        }
        let call = region
            .elasticache()
            .modify_cache_subnet_group()
            .cache_subnet_group_name(id)
            .cache_subnet_group_description(&wanted.description)
            .set_subnet_ids(Some(ids(&wanted.subnets)));
        region.retry_until_consistent(MODIFY_CACHE_SUBNET_GROUP, || call.clone().send()).await.map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.elasticache().delete_cache_subnet_group().cache_subnet_group_name(id);
        region.retry_while_in_use(DELETE_CACHE_SUBNET_GROUP, || call.clone().send()).await
    }
}

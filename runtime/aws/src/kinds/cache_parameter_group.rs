use std::collections::BTreeMap;

use asiaq_ir::CacheParameterGroup;
use aws_sdk_elasticache::types::{CacheParameterGroup as Live, ParameterNameValue};

use super::cache_tags::{self, ParameterGroupTags, sdk_tags};
use super::prelude::*;
use crate::service::DUPLICATE_CACHE_PARAMETERS;

ops! { elasticache:
    DESCRIBE_CACHE_PARAMETER_GROUPS = "DescribeCacheParameterGroups", Read;
    DESCRIBE_CACHE_PARAMETERS = "DescribeCacheParameters", Own;
    CREATE_CACHE_PARAMETER_GROUP = "CreateCacheParameterGroup", Write;
    MODIFY_CACHE_PARAMETER_GROUP = "ModifyCacheParameterGroup", Write;
    RESET_CACHE_PARAMETER_GROUP = "ResetCacheParameterGroup", Write;
    DELETE_CACHE_PARAMETER_GROUP = "DeleteCacheParameterGroup", Delete;
}

/// Parameters that one call takes.
const BATCH: usize = 20;
/// How the names of the groups of AWS begin.
const DEFAULT: &str = "default.";

impl Api for CacheParameterGroup {
    type Live = Live;
    type Tags = ParameterGroupTags;

    const OPERATIONS: IamActions = &[OPS, cache_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_CACHE_PARAMETER_GROUPS;
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_CACHE_PARAMETER_GROUP, DUPLICATE_CACHE_PARAMETERS, |group| &group.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let name = match which {
            Which::OfProject(_) => None,
            Which::Id(name) => Some(name.to_owned()),
            Which::InPlaceOf(wanted) => Some(wanted.name.clone()),
        };
        let call =
            region.elasticache().describe_cache_parameter_groups().set_cache_parameter_group_name(name);
        let groups = DESCRIBE_CACHE_PARAMETER_GROUPS.all(call.into_paginator().items().send()).await?;
        let is_own =
            |group: &Live| group.cache_parameter_group_name().is_some_and(|name| !name.starts_with(DEFAULT));
        Ok(groups.into_iter().filter(is_own).collect())
    }

    fn id(group: &Live) -> Option<&str> {
        group.cache_parameter_group_name()
    }

    fn tag_key(group: &Live) -> Option<&str> {
        group.arn()
    }

    /// With the parameters that somebody set.
    async fn read(region: &Region<'_>, group: &Live) -> Result<Option<Self>> {
        let (Some(name), Some(family)) =
            (group.cache_parameter_group_name(), group.cache_parameter_group_family())
        else {
            return Ok(None);
        };
        let call = region.elasticache().describe_cache_parameters().cache_parameter_group_name(name);
        let pages = call.source("user").into_paginator().items().send();
        let found = DESCRIBE_CACHE_PARAMETERS.all(pages).await;
        let Some(parameters) = DESCRIBE_CACHE_PARAMETERS.service.found(found)? else { return Ok(None) };
        let set = parameters.into_iter().filter_map(|one| Some((one.parameter_name?, one.parameter_value?)));
        Ok(Some(Self {
            name: name.to_owned(),
            family: family.to_owned(),
            description: group.description().unwrap_or_default().to_owned(),
            parameters: set.collect(),
        }))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .elasticache()
            .create_cache_parameter_group()
            .cache_parameter_group_name(&self.name)
            .cache_parameter_group_family(&self.family)
            .description(&self.description)
            .set_tags(Some(sdk_tags(request.tags)));
        region.retry_until_consistent(CREATE_CACHE_PARAMETER_GROUP, || call.clone().send()).await?;
        Ok(Created::ready(&self.name, Self { parameters: BTreeMap::new(), ..self.clone() }))
    }

    /// What is not declared any more gets AWS's default again.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let gone: Vec<_> = self
            .parameters
            .keys()
            .filter(|name| !wanted.parameters.contains_key(*name))
            .map(|name| ParameterNameValue::builder().parameter_name(name).build())
            .collect();
        for batch in gone.chunks(BATCH) {
            let call = region.elasticache().reset_cache_parameter_group().cache_parameter_group_name(id);
            let call = call.set_parameter_name_values(Some(batch.to_vec()));
            region.retry_until_consistent(RESET_CACHE_PARAMETER_GROUP, || call.clone().send()).await?;
        }
        let new: Vec<_> = wanted
            .parameters
            .iter()
            .filter(|(name, value)| self.parameters.get(*name) != Some(*value))
            .map(|(name, value)| {
                ParameterNameValue::builder().parameter_name(name).parameter_value(value).build()
            })
            .collect();
        for batch in new.chunks(BATCH) {
            let call = region.elasticache().modify_cache_parameter_group().cache_parameter_group_name(id);
            let call = call.set_parameter_name_values(Some(batch.to_vec()));
            region.retry_until_consistent(MODIFY_CACHE_PARAMETER_GROUP, || call.clone().send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.elasticache().delete_cache_parameter_group().cache_parameter_group_name(id);
        region.retry_while_in_use(DELETE_CACHE_PARAMETER_GROUP, || call.clone().send()).await
    }
}

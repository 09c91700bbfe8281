mod filter;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use asiaq_ir::{ADDRESS_TAG, LogGroup, PROJECT_TAG};
use aws_sdk_cloudwatchlogs::types::LogGroup as Live;

use super::prelude::*;
use crate::service::logs;
use crate::tag_index;

ops! { logs:
    DESCRIBE_LOG_GROUPS = "DescribeLogGroups", Read;
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource", Read;
    CREATE_LOG_GROUP = "CreateLogGroup", Write;
    PUT_RETENTION_POLICY = "PutRetentionPolicy", Write;
    DELETE_RETENTION_POLICY = "DeleteRetentionPolicy", Write;
    TAG_RESOURCE = "TagResource", Write;
    UNTAG_RESOURCE = "UntagResource", Write;
    DELETE_LOG_GROUP = "DeleteLogGroup", Delete;
}

impl Api for LogGroup {
    type Live = Live;
    type Tags = LogGroupTags;

    const OPERATIONS: IamActions = &[OPS, filter::OPS];
    const DESCRIBE: Operation = DESCRIBE_LOG_GROUPS;

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let all = region.logs().describe_log_groups();
        let name = match which {
            Which::OfProject(_) => None,
            Which::Id(name) => Some(name),
            Which::InPlaceOf(wanted) => Some(wanted.name.as_str()),
        };
        let call = match name {
            Some(name) => all.log_group_name_prefix(name),
            None => all,
        };
        let groups = DESCRIBE_LOG_GROUPS.all(call.into_paginator().items().send()).await?;
        let is_meant = |group: &Live| {
            let found = group.log_group_name().unwrap_or_default();
            match name {
                // AWS can only search by prefix.
                Some(name) => found == name,
                // The groups of AWS begin with a slash or with `aws`; those of an environment have a path.
                None => found.contains('/') && !found.starts_with('/') && !found.starts_with("aws/"),
            }
        };
        Ok(groups.into_iter().filter(is_meant).collect())
    }

    fn id(group: &Live) -> Option<&str> {
        group.log_group_name()
    }

    fn tag_key(group: &Live) -> Option<&str> {
        arn_of(group)
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let groups = Self::describe(region, Which::OfProject(project)).await?;
        let own = adapter::owned::<Self>(region, project, groups).await?;
        if own.is_empty() {
            return Ok(Listed::default());
        }
        let mut filters = filter::of_region(region).await?;
        let found = own.into_iter().filter_map(|group| {
            let read = read(&group.live, filters.remove(&group.id).unwrap_or_default());
            group.found(region, project, read)
        });
        Ok(Listed { found: found.collect(), ..Listed::default() })
    }

    /// AWS rejects an existing name. If the existing group is the requested one, the response to an earlier attempt was
    /// lost.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let tags = Some(sdk_tags(request.tags)).filter(|tags| !tags.is_empty());
        let call = region.logs().create_log_group().log_group_name(&self.name).set_tags(tags);
        let bare = Self { name: self.name.clone(), retention: None, filters: BTreeSet::new() };
        let initial = match CREATE_LOG_GROUP.call(call.send()).await {
            Ok(_) => bare,
            Err(error) if logs.is_taken(&error) => {
                let Some(group) = adapter::look::<Self>(region, &self.name).await? else { return Err(error) };
                let arn = DESCRIBE_LOG_GROUPS.part("ARN", arn_of(&group))?;
                let tags = tags_of(region, arn).await?.unwrap_or_default();
                let is_same = |key: &str| tags.contains_key(key) && tags.get(key) == request.tags.get(key);
                if !(is_same(PROJECT_TAG) && is_same(ADDRESS_TAG)) {
                    return Err(error);
                }
                let filters = filter::of_region(region).await?.remove(&self.name).unwrap_or_default();
                read(&group, filters).unwrap_or(bare)
            }
            Err(error) => return Err(error),
        };
        Ok(Created::ready(&self.name, initial))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.retention != wanted.retention {
            set_retention(region, id, wanted.retention).await?;
        }
        filter::change(region, id, &self.filters, &wanted.filters).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.logs().delete_log_group().log_group_name(id);
        region.retry_while_in_use(DELETE_LOG_GROUP, || request.clone().send()).await
    }
}

/// Sets how many days events are kept; for ever where nothing is said.
async fn set_retention(region: &Region<'_>, id: &str, days: Option<u32>) -> Result<()> {
    if let Some(days) = days.map(signed) {
        let call = region.logs().put_retention_policy().log_group_name(id).retention_in_days(days);
        region.retry_until_consistent(PUT_RETENTION_POLICY, || call.clone().send()).await.map(drop)
    } else {
        let call = region.logs().delete_retention_policy().log_group_name(id);
        region.retry_until_consistent(DELETE_RETENTION_POLICY, || call.clone().send()).await.map(drop)
    }
}

/// Tags of log groups, by name. AWS reads and changes them by ARN.
pub(super) struct LogGroupTags;

impl TagFamily for LogGroupTags {
    const IS_INDEXED: bool = true;

    async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_index::of(region, arns, async |arn: String| tags_of(region, &arn).await).await
    }

    async fn now(region: &Region<'_>, name: &str) -> Result<Option<Tags>> {
        let group = adapter::look::<LogGroup>(region, name).await?;
        let Some(arn) = group.as_ref().and_then(arn_of) else { return Ok(None) };
        tags_of(region, arn).await
    }

    async fn key(region: &Region<'_>, name: &str) -> Result<String> {
        let group = adapter::look::<LogGroup>(region, name).await?;
        DESCRIBE_LOG_GROUPS.part("ARN", group.as_ref().and_then(arn_of)).map(ToOwned::to_owned)
    }

    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.logs().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(tags)));
        TAG_RESOURCE.call(call.send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.logs().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        UNTAG_RESOURCE.call(call.send()).await.map(drop)
    }
}

fn sdk_tags(tags: &Tags) -> HashMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The ARN as calls about tags take it, without `:*` at its end.
pub(super) fn arn_of(group: &Live) -> Option<&str> {
    let whole = group.arn().map(|arn| arn.strip_suffix(":*").unwrap_or(arn));
    group.log_group_arn().or(whole)
}

fn read(group: &Live, filters: BTreeSet<asiaq_ir::MetricFilter>) -> Option<LogGroup> {
    Some(LogGroup {
        name: group.log_group_name.clone()?,
        retention: group.retention_in_days.and_then(|days| u32::try_from(days).ok()),
        filters,
    })
}

/// The tags of a group. `None` if it was deleted meanwhile.
async fn tags_of(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
    let request = region.logs().list_tags_for_resource().resource_arn(arn);
    let answer = logs.found(LIST_TAGS_FOR_RESOURCE.call(request.send()).await)?;
    Ok(answer.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
}

mod filter;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ADDRESS_TAG, LogGroup, PROJECT_TAG};
use asiaq_runtime::{CloudError, Create, Found, Listed, Tagged};
use aws_sdk_cloudwatchlogs::types::LogGroup as Live;

use super::{InAws, Made, Retag};
use crate::permissions::Rights;
use crate::region::Region;
use crate::{error, tag_index, tags};

const DESCRIBE: &str = "DescribeLogGroups";

impl InAws for LogGroup {
    const RIGHTS: Rights = Rights {
        look: &["logs:DescribeLogGroups", "logs:DescribeMetricFilters", "logs:ListTagsForResource"],
        make: &[
            "logs:CreateLogGroup",
            "logs:PutRetentionPolicy",
            "logs:DeleteRetentionPolicy",
            "logs:PutMetricFilter",
            "logs:DeleteMetricFilter",
        ],
        tags: &["logs:TagResource", "logs:UntagResource"],
        delete: &["logs:DeleteLogGroup"],
        ..Rights::NONE
    };

    /// A listing of log groups shows no tags. They are looked up of each that may be one of asiaq's: AWS's own begin
    /// with a slash or with `aws`, and those of an environment have a path.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let pages = region.logs().describe_log_groups().into_paginator().items().send();
        let groups = error::call(DESCRIBE, pages.collect::<Result<Vec<_>, _>>()).await?;
        let candidates = groups.into_iter().filter(|group| {
            let name = group.log_group_name().unwrap_or_default();
            name.contains('/') && !name.starts_with('/') && !name.starts_with("aws/")
        });
        let groups: BTreeMap<String, Live> =
            candidates.filter_map(|group| Some((arn_of(&group)?.to_owned(), group))).collect();
        let ask = async |arn: String| tags_of(region, &arn).await;
        let mut tags = tag_index::of(region, groups.keys().cloned(), ask).await?;
        let own: Vec<_> = groups
            .into_iter()
            .filter_map(|(arn, group)| Some((group, tags.remove(&arn)?)))
            .filter_map(|(group, tags)| Some((tags::address_in(&tags, project)?, group, tags)))
            .collect();
        if own.is_empty() {
            return Ok(Listed::default());
        }
        let filters = filter::of_region(region).await?;
        let found = own.into_iter().filter_map(|(address, group, tags)| {
            let id = group.log_group_name.clone()?;
            let filters = filters.get(&id).cloned().unwrap_or_default();
            let resource = read(&group, filters)?.into();
            Some(Found { address, id, region: region.name.to_owned(), tags, resource })
        });
        Ok(Listed { found: found.collect(), ..Listed::default() })
    }

    async fn tags(region: &Region<'_>, id: &str) -> Result<Option<BTreeMap<String, String>>, CloudError> {
        let group = live(region, id).await?;
        let Some(arn) = group.as_ref().and_then(arn_of) else { return Ok(None) };
        tags_of(region, arn).await
    }

    /// AWS refuses a name that is taken. Where that is by the very group that is asked for, its answer was lost.
    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        let tags: Vec<_> = order.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let request = region.logs().create_log_group().log_group_name(&self.name);
        let request = request.set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()));
        let bare = Self { name: self.name.clone(), retention: None, filters: BTreeSet::new() };
        let born = match error::call("CreateLogGroup", request.send()).await {
            Ok(_) => bare,
            Err(error) if error.code == "ResourceAlreadyExistsException" => {
                let Some(group) = live(region, &self.name).await? else { return Err(error) };
                let arn = error::part(DESCRIBE, "ARN", arn_of(&group))?;
                let tags = tags_of(region, arn).await?.unwrap_or_default();
                let is_same = |key: &str| tags.contains_key(key) && tags.get(key) == order.tags.get(key);
                if !(is_same(PROJECT_TAG) && is_same(ADDRESS_TAG)) {
                    return Err(error);
                }
                let filters = filter::of_region(region).await?.remove(&self.name).unwrap_or_default();
                read(&group, filters).unwrap_or(bare)
            }
            Err(error) => return Err(error),
        };
        Ok(Made { id: self.name.clone(), born, ready: true })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let tags = <Self as InAws>::tags(region, &self.name).await?;
        Ok(tags.map(|tags| (self.name.clone(), tags)))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        if tags.set.is_empty() && tags.remove.is_empty() {
            return Ok(());
        }
        let live = live(region, id).await?;
        let arn = error::part(DESCRIBE, "ARN", live.as_ref().and_then(arn_of))?.to_owned();
        if !tags.set.is_empty() {
            let set = tags.set.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            let request = region.logs().tag_resource().resource_arn(&arn).set_tags(Some(set));
            error::call("TagResource", request.send()).await?;
        }
        if !tags.remove.is_empty() {
            let keys = tags.remove.iter().cloned().collect();
            let request = region.logs().untag_resource().resource_arn(&arn).set_tag_keys(Some(keys));
            error::call("UntagResource", request.send()).await?;
        }
        Ok(())
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        match wanted.retention.filter(|_| self.retention != wanted.retention) {
            Some(days) => {
                let days = i32::try_from(days).unwrap_or(i32::MAX);
                let request = region.logs().put_retention_policy().log_group_name(id).retention_in_days(days);
                region.settled(|| error::call("PutRetentionPolicy", request.clone().send())).await?;
            }
            None if self.retention != wanted.retention => {
                let request = region.logs().delete_retention_policy().log_group_name(id);
                region.settled(|| error::call("DeleteRetentionPolicy", request.clone().send())).await?;
            }
            None => {}
        }
        filter::change(region, id, &self.filters, &wanted.filters).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.logs().delete_log_group().log_group_name(id);
        region.released(|| error::call("DeleteLogGroup", request.clone().send())).await
    }
}

/// The group of exactly this name, where there is one: AWS looks for beginnings only.
async fn live(region: &Region<'_>, name: &str) -> Result<Option<Live>, CloudError> {
    let pages =
        region.logs().describe_log_groups().log_group_name_prefix(name).into_paginator().items().send();
    let groups = error::call(DESCRIBE, pages.collect::<Result<Vec<_>, _>>()).await?;
    Ok(groups.into_iter().find(|group| group.log_group_name() == Some(name)))
}

/// The ARN as calls about tags take it, without `:*` at its end.
fn arn_of(group: &Live) -> Option<&str> {
    let whole = group.arn().map(|arn| arn.strip_suffix(":*").unwrap_or(arn));
    group.log_group_arn().or(whole)
}

/// The tags of a group; none where it is gone meanwhile.
async fn tags_of(region: &Region<'_>, arn: &str) -> Result<Option<BTreeMap<String, String>>, CloudError> {
    let request = region.logs().list_tags_for_resource().resource_arn(arn);
    match error::call("ListTagsForResource", request.send()).await {
        Err(error) if error::not_found(&error) => Ok(None),
        answer => Ok(Some(answer?.tags.unwrap_or_default().into_iter().collect())),
    }
}

fn read(group: &Live, filters: BTreeSet<asiaq_ir::MetricFilter>) -> Option<LogGroup> {
    Some(LogGroup {
        name: group.log_group_name.clone()?,
        retention: group.retention_in_days.and_then(|days| u32::try_from(days).ok()),
        filters,
    })
}

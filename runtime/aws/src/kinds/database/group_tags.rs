//! Tags of databases and their groups, by ARN.

use std::collections::BTreeMap;

use asiaq_ir::Partition;
use aws_sdk_rds::types::Tag;

use super::super::prelude::*;
use crate::service::rds;
use crate::tag_index;

ops! { rds:
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource", Read;
    ADD_TAGS_TO_RESOURCE = "AddTagsToResource", Write;
    REMOVE_TAGS_FROM_RESOURCE = "RemoveTagsFromResource", Write;
}

macro_rules! families {
    ($($name:ident: $of:literal, $is_indexed:literal;)+) => { $(
        #[doc = concat!("Tags of resources whose ARN has `", $of, "`.")]
        pub(in crate::kinds) struct $name;

        impl TagFamily for $name {
            const IS_INDEXED: bool = $is_indexed;

            async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
                tag_index::of(region, arns, async |arn: String| read(region, &arn).await).await
            }

            async fn now(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
                read(region, &Self::key(region, id).await?).await
            }

            async fn key(region: &Region<'_>, id: &str) -> Result<String> {
                arn(region, $of, id).await
            }

            async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
                set(region, arn, tags).await
            }

            async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
                remove(region, arn, keys).await
            }
        }
    )+ };
}

families! {
    DatabaseTags: "db", false;
    SubnetGroupTags: "subgrp", true;
    ParameterGroupTags: "pg", true;
    ClusterTags: "cluster", false;
    ClusterParameterGroupTags: "cluster-pg", true;
}

/// The ARN of what has a name.
pub(in crate::kinds) async fn arn(region: &Region<'_>, of: &str, name: &str) -> Result<String> {
    if name.starts_with("arn:") {
        return Ok(name.to_owned());
    }
    let partition = Partition::of(region.name).name();
    Ok(format!("arn:{partition}:rds:{}:{}:{of}:{name}", region.name, region.account().await?))
}

async fn read(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
    let call = region.rds().list_tags_for_resource().resource_name(arn);
    let answer = rds.found(LIST_TAGS_FOR_RESOURCE.call(call.send()).await)?;
    Ok(answer.map(|answer| map(answer.tag_list())))
}

/// Sets tags.
pub(in crate::kinds) async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
    let call = region.rds().add_tags_to_resource().resource_name(arn).set_tags(list(tags));
    region.retry_until_consistent(ADD_TAGS_TO_RESOURCE, || call.clone().send()).await.map(drop)
}

/// Removes tags by their keys.
pub(in crate::kinds) async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
    let call = region.rds().remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(keys));
    region.retry_until_consistent(REMOVE_TAGS_FROM_RESOURCE, || call.clone().send()).await.map(drop)
}

/// A map as the SDK's list.
pub(in crate::kinds) fn list(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

/// The SDK's list as a map.
pub(in crate::kinds) fn map(tags: &[Tag]) -> Tags {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    tags.iter().map(|tag| (text(tag.key()), text(tag.value()))).collect()
}

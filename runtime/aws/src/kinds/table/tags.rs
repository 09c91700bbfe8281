//! Tags of tables, by name. AWS reads and changes them by ARN.

use std::collections::BTreeMap;

use asiaq_ir::Partition;
use aws_sdk_dynamodb::types::Tag;

use crate::kinds::prelude::*;
use crate::service::dynamodb;
use crate::tag_index;

ops! { dynamodb:
    LIST_TAGS_OF_RESOURCE = "ListTagsOfResource", Read;
    TAG_RESOURCE = "TagResource", Write;
    UNTAG_RESOURCE = "UntagResource", Write;
}

/// Tables of nobody whose tags are asked for one by one; of more, only those with the form of asiaq's names are. AWS
/// answers ten such calls a second.
const FEW: usize = 25;

pub(in crate::kinds) struct TableTags;

impl TagFamily for TableTags {
    const IS_INDEXED: bool = true;

    async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        let are_few = arns.len() <= FEW;
        tag_index::of(region, arns, async |arn: String| {
            if are_few || arn.contains('_') { of(region, &arn).await } else { Ok(None) }
        })
        .await
    }

    async fn now(region: &Region<'_>, name: &str) -> Result<Option<Tags>> {
        of(region, &arn(region, name).await?).await
    }

    async fn key(region: &Region<'_>, name: &str) -> Result<String> {
        arn(region, name).await
    }

    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.dynamodb().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(tags)));
        region.retry_until_consistent(TAG_RESOURCE, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.dynamodb().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        region.retry_until_consistent(UNTAG_RESOURCE, || call.clone().send()).await.map(drop)
    }
}

/// The ARN of a table of the caller's account.
pub(crate) async fn arn(region: &Region<'_>, name: &str) -> Result<String> {
    let (partition, account) = (Partition::of(region.name).name(), region.account().await?);
    Ok(format!("arn:{partition}:dynamodb:{}:{account}:table/{name}", region.name))
}

/// The tags of a table, from every page; none where it is gone.
pub(crate) async fn of(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
    let (mut tags, mut next) = (Tags::new(), None);
    loop {
        let call = region.dynamodb().list_tags_of_resource().resource_arn(arn).set_next_token(next);
        let Some(page) = dynamodb.found(LIST_TAGS_OF_RESOURCE.call(call.send()).await)? else {
            return Ok(None);
        };
        tags.extend(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(Some(tags));
        }
    }
}

pub(crate) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    // The builder refuses only tags without a key or a value.
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

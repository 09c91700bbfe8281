//! Whose things are, of services that list no tags: from the index of the Resource Groups Tagging API, a call for a
//! hundred things, where those services take a call for each.
//!
//! The index lags behind ("Resource Groups Tagging API reference"). So nothing is taken for absent because the index
//! does not have it: what may be ours by its name and is not in the index is asked for its tags itself. What is in
//! the index and not in the service's own listing is gone. That a tag has another value than the index says comes
//! out where a plan would change it (`asiaq_runtime::confirm_tags`).

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::PROJECT_TAG;
use asiaq_runtime::{CloudError, Fault};
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::error;
use crate::listing_cache::cached;
use crate::operation::ops;
use crate::region::Region;
use crate::tags::Tags;

ops! {
    tag {
        GET_RESOURCES = "GetResources", Read;
    }
}

/// Services whose things are looked up.
const SERVICES: [&str; 2] = ["sns", "logs"];
/// The most that one page has.
const PAGE: i32 = 100;
/// Calls at a time where a thing has to be asked for its tags itself.
const LOOKS: usize = 8;

/// The tags of the things with these ARNs, each from the index or from `ask`, which says nothing of one that is gone.
pub(crate) async fn of<F, Fut>(
    region: &Region<'_>,
    arns: Vec<String>,
    ask: F,
) -> Result<BTreeMap<String, Tags>, CloudError>
where
    F: Fn(String) -> Fut + Sync,
    Fut: Future<Output = Result<Option<Tags>, CloudError>> + Send,
{
    if arns.is_empty() {
        return Ok(BTreeMap::new());
    }
    let index = index(region).await?;
    let (index, ask) = (&index, &ask);
    let looks: Vec<_> = arns
        .into_iter()
        .map(|arn| async move {
            let tags = match index.get(&arn) {
                Some(tags) => Some(tags.clone()),
                None => ask(arn.clone()).await?,
            };
            Ok(tags.map(|tags| (arn, tags)))
        })
        .collect();
    let tags: Vec<Option<(String, Tags)>> = stream::iter(looks).buffered(LOOKS).try_collect().await?;
    Ok(tags.into_iter().flatten().collect())
}

/// Everything of the services that is any project's of asiaq, by ARN.
async fn index(region: &Region<'_>) -> Result<Arc<BTreeMap<String, Tags>>, CloudError> {
    let cell = region.cache().map(|cache| &cache.index);
    cached(cell, || tagged(region, &SERVICES)).await
}

/// Every alarm that is any project's of asiaq, by ARN.
pub(crate) async fn alarms(region: &Region<'_>) -> Result<BTreeMap<String, Tags>, CloudError> {
    tagged(region, &["cloudwatch:alarm"]).await
}

/// What has the tag of a project, by ARN. Who may not ask has nothing.
async fn tagged(region: &Region<'_>, types: &[&str]) -> Result<BTreeMap<String, Tags>, CloudError> {
    let request = region
        .tagging()
        .get_resources()
        .set_resource_type_filters(Some(types.iter().map(|one| (*one).to_owned()).collect()))
        .tag_filters(TagFilter::builder().key(PROJECT_TAG).build());
    let pages = request.into_paginator().page_size(PAGE).items().send();
    match error::call(GET_RESOURCES, pages.collect::<Result<Vec<_>, _>>()).await {
        Err(error) if error.fault == Fault::Denied => Ok(BTreeMap::new()),
        answer => Ok(answer?.into_iter().filter_map(entry).collect()),
    }
}

fn entry(thing: ResourceTagMapping) -> Option<(String, Tags)> {
    let tags = thing.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
    Some((thing.resource_arn?.trim_end_matches(":*").to_owned(), tags))
}

//! The tags of resources whose service lists none, from the index of the Resource Groups Tagging API: one call for a
//! hundred resources, instead of one for each.
//!
//! The index lags behind ("Resource Groups Tagging API reference"). A resource that is missing there is not taken for
//! absent: if its name may be asiaq's, its own tags are read. A resource in the index that the service does not list
//! is gone. A tag value that differs from the index is noticed when a plan would change the tag
//! (`asiaq_runtime::confirm_tags`).

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::{PROJECT_TAG, Partition};
use asiaq_runtime::{Fault, Result};
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::listing_cache::cached;
use crate::operation::ops;
use crate::region::Region;
use crate::tags::Tags;

ops! { tag:
    GET_RESOURCES = "GetResources", Read;
}

/// The services in the index.
const SERVICES: [&str; 8] =
    ["dynamodb", "sns", "logs", "es", "rds:subgrp", "rds:pg", "rds:cluster-pg", "elasticache"];
/// The most that one page has.
const PAGE: i32 = 100;
/// Concurrent calls for the tags of single resources.
const LOOKS: usize = 8;

/// The tags of the resources with these ARNs, each from the index or from `ask`, which returns none for one that is
/// gone.
pub(crate) async fn of<F, Fut>(
    region: &Region<'_>,
    arns: Vec<String>,
    ask: F,
) -> Result<BTreeMap<String, Tags>>
where
    F: Fn(String) -> Fut + Sync,
    Fut: Future<Output = Result<Option<Tags>>> + Send,
{
    if arns.is_empty() {
        return Ok(BTreeMap::new());
    }
    from(&*index(region).await?, arns, ask).await
}

/// The same with an index that was read.
pub(crate) async fn from<F, Fut>(
    index: &BTreeMap<String, Tags>,
    arns: Vec<String>,
    ask: F,
) -> Result<BTreeMap<String, Tags>>
where
    F: Fn(String) -> Fut + Sync,
    Fut: Future<Output = Result<Option<Tags>>> + Send,
{
    let ask = &ask;
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
async fn index(region: &Region<'_>) -> Result<Arc<BTreeMap<String, Tags>>> {
    let cell = region.cache().map(|cache| &cache.index);
    cached(cell, || known(region, &SERVICES)).await
}

/// Every managed policy and instance profile that is any project's of asiaq, by ARN. The index has what is global in one
/// region.
pub(crate) async fn identities(region: &Region<'_>) -> Result<Arc<BTreeMap<String, Tags>>> {
    let cell = region.cache().map(|cache| &cache.everywhere.identity_tags);
    let home = Partition::of(region.name).home_or(region.name);
    cached(cell, || async { known(&region.other(home), &["iam"]).await }).await
}

/// The services of which [`everything`] has the tags.
const INDEXED: [&str; 10] = [
    "dynamodb:table",
    "sns",
    "logs:log-group",
    "es:domain",
    "rds:subgrp",
    "rds:pg",
    "rds:cluster-pg",
    "elasticache",
    "s3",
    "cloudwatch:alarm",
];

/// The tags of everything in a region whose service lists none, whoever it belongs to, by ARN.
pub(crate) async fn everything(region: &Region<'_>) -> Result<Arc<BTreeMap<String, Tags>>> {
    cached(region.cache().map(|cache| &cache.whole_index), || whole(region, &INDEXED)).await
}

/// The tags of every managed policy, instance profile and SAML provider, by ARN.
pub(crate) async fn every_identity(region: &Region<'_>) -> Result<Arc<BTreeMap<String, Tags>>> {
    let cell = region.cache().map(|cache| &cache.everywhere.every_identity);
    let home = Partition::of(region.name).home_or(region.name);
    cached(cell, || async { whole(&region.other(home), &["iam"]).await }).await
}

/// The tags of everything of these types, by ARN.
async fn whole(region: &Region<'_>, types: &[&str]) -> Result<BTreeMap<String, Tags>> {
    let types = types.iter().map(|one| (*one).to_owned()).collect();
    let request = region.tagging().get_resources().set_resource_type_filters(Some(types));
    let all = GET_RESOURCES.all(request.into_paginator().page_size(PAGE).items().send()).await?;
    Ok(all.into_iter().filter_map(entry).collect())
}

/// Every alarm that is any project's of asiaq, by ARN.
pub(crate) async fn alarms(region: &Region<'_>) -> Result<BTreeMap<String, Tags>> {
    known(region, &["cloudwatch:alarm"]).await
}

/// Every bucket that is any project's of asiaq, by ARN; none where the caller has no permission to use the index.
pub(crate) async fn buckets(region: &Region<'_>) -> Result<Option<BTreeMap<String, Tags>>> {
    tagged(region, &["s3"]).await
}

/// The resources with a project tag, by ARN, as far as the caller may see them.
async fn known(region: &Region<'_>, types: &[&str]) -> Result<BTreeMap<String, Tags>> {
    Ok(tagged(region, types).await?.unwrap_or_default())
}

/// The resources with a project tag, by ARN; none where the caller has no permission.
async fn tagged(region: &Region<'_>, types: &[&str]) -> Result<Option<BTreeMap<String, Tags>>> {
    let request = region
        .tagging()
        .get_resources()
        .set_resource_type_filters(Some(types.iter().map(|one| (*one).to_owned()).collect()))
        .tag_filters(TagFilter::builder().key(PROJECT_TAG).build());
    match GET_RESOURCES.all(request.into_paginator().page_size(PAGE).items().send()).await {
        Err(error) if error.fault == Fault::Denied => Ok(None),
        answer => Ok(Some(answer?.into_iter().filter_map(entry).collect())),
    }
}

fn entry(thing: ResourceTagMapping) -> Option<(String, Tags)> {
    let tags = thing.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
    Some((thing.resource_arn?.trim_end_matches(":*").to_owned(), tags))
}

//! Who has the name of a bucket: all accounts share the names.

use std::collections::BTreeSet;

use asiaq_ir::Bucket;
use aws_sdk_s3::types::Bucket as Entry;

use super::super::name_conflict;
use super::super::prelude::*;
use super::CREATE_BUCKET;
use super::tags::BucketTags;
use crate::error::Failure as _;
use crate::service::OWN_BUCKET;

ops! { s3:
    LIST_BUCKETS = "ListBuckets" as "ListAllMyBuckets", Read;
    HEAD_BUCKET = "HeadBucket" as "ListBucket", Write;
}

/// What AWS says of a name.
#[derive(Debug, PartialEq, Eq)]
enum Holder {
    Nobody,
    /// The caller's account, in the region of the call.
    Own,
    /// The caller's account, in this region.
    OwnElsewhere(String),
    /// Another account.
    Other,
}

/// Whether the caller's account has a bucket of this name in the region.
pub(super) async fn is_own(region: &Region<'_>, name: &str) -> Result<bool> {
    Ok(holder(region, name).await? == Holder::Own)
}

/// Why a bucket with the name of `wanted` cannot be created, unless the one that has it goes before.
pub(in crate::kinds) async fn refusal(
    wanted: &Bucket,
    region: &Region<'_>,
    request: &Create<'_>,
    leaving: &BTreeSet<&str>,
) -> Result<Option<CloudError>> {
    let name = wanted.name.as_str();
    if leaving.contains(name) {
        return Ok(None);
    }
    Ok(match holder(region, name).await? {
        Holder::Nobody => None,
        Holder::Other => Some(CREATE_BUCKET.refused(format!(
            "another account has a bucket `{name}`, and all accounts share the names: choose another one"
        ))),
        Holder::OwnElsewhere(other) => Some(CREATE_BUCKET.refused(format!(
            "the account has a bucket `{name}` in {other}: delete it, or choose another name"
        ))),
        Holder::Own => {
            let tags = BucketTags::now(region, name).await?.unwrap_or_default();
            let refused = name_conflict::refusal(CREATE_BUCKET, OWN_BUCKET, name, request);
            (!name_conflict::is_requested(request, &tags))
                .then(|| name_conflict::explained(refused, request, name, &tags))
        }
    })
}

/// Who has a name. AWS says of a bucket in another region that it is there, and of one that the caller may not see that
/// it is forbidden: the list of the caller's own buckets tells whether it is one of them.
async fn holder(region: &Region<'_>, name: &str) -> Result<Holder> {
    let owner = region.account().await?;
    let call = region.s3().head_bucket().bucket(name).expected_bucket_owner(owner);
    let error = match Box::pin(call.send()).await {
        Ok(answer) => {
            let place = answer.bucket_region.filter(|place| place != region.name);
            return Ok(place.map_or(Holder::Own, Holder::OwnElsewhere));
        }
        Err(error) => error,
    };
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(404) => Ok(Holder::Nobody),
        Some(301 | 307 | 400 | 403) => {
            let own = all(region, Some(name)).await?.into_iter().find(|own| own.name() == Some(name));
            let place = own.map(|own| own.bucket_region.unwrap_or_else(|| region.name.to_owned()));
            Ok(match place {
                None => Holder::Other,
                Some(place) if place == region.name => Holder::Own,
                Some(place) => Holder::OwnElsewhere(place),
            })
        }
        _ => Err(error.of(HEAD_BUCKET)),
    }
}

/// The buckets of the caller's account in the region.
pub(in crate::kinds) async fn of_region(region: &Region<'_>) -> Result<Vec<Entry>> {
    let mut own = all(region, None).await?;
    own.retain(|own| own.bucket_region().is_none_or(|place| place == region.name));
    Ok(own)
}

/// The buckets of the caller's account, those in the region or those whose names begin with a text.
async fn all(region: &Region<'_>, start: Option<&str>) -> Result<Vec<Entry>> {
    let call = region.s3().list_buckets().set_prefix(start.map(ToOwned::to_owned));
    let call = if start.is_none() { call.bucket_region(region.name) } else { call };
    LIST_BUCKETS.all(call.into_paginator().page_size(PAGE).items().send()).await
}

/// The most that one page has, without which AWS answers with all at once.
const PAGE: i32 = 1000;

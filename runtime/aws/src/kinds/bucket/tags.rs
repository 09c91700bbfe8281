//! Tags of single buckets.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{Tag, Tagging};

use super::super::prelude::*;
use super::{At, unless};
use crate::service::s3;
use crate::tag_index;

ops! { s3:
    GET_BUCKET_TAGGING = "GetBucketTagging", Read;
    PUT_BUCKET_TAGGING = "PutBucketTagging", Write;
}

/// Tags of buckets, by name.
pub(in crate::kinds) struct BucketTags;

impl TagFamily for BucketTags {
    const IS_INDEXED: bool = true;

    async fn of(region: &Region<'_>, names: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        let now = |name: String| async move { Self::now(region, &name).await };
        tag_index::from(&BTreeMap::new(), names, now).await
    }

    async fn now(region: &Region<'_>, name: &str) -> Result<Option<Tags>> {
        s3.found(read(At::new(region, name).await?).await)
    }

    async fn set(region: &Region<'_>, name: &str, tags: &Tags) -> Result<()> {
        let at = At::new(region, name).await?;
        let mut all = read(at).await?;
        all.extend(tags.clone());
        write(at, &all).await
    }

    async fn remove(region: &Region<'_>, name: &str, keys: Vec<String>) -> Result<()> {
        let at = At::new(region, name).await?;
        let mut all = read(at).await?;
        all.retain(|key, _| !keys.contains(key));
        write(at, &all).await
    }
}

async fn read(at: At<'_>) -> Result<Tags> {
    let call = at.region.s3().get_bucket_tagging().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = unless("NoSuchTagSet", GET_BUCKET_TAGGING.call(call.send()).await)?;
    let tags = answer.map(|answer| answer.tag_set).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Writes all tags, those of AWS and of others too: the call replaces them.
async fn write(at: At<'_>, tags: &Tags) -> Result<()> {
    let all = Tagging::builder().set_tag_set(Some(sdk_tags(tags))).build();
    let all = PUT_BUCKET_TAGGING.built(all)?;
    let call = at.region.s3().put_bucket_tagging().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.tagging(all);
    at.put(PUT_BUCKET_TAGGING, || call.clone().send()).await
}

pub(super) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    // The builder refuses only tags without a key or a value.
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

//! Tags of buckets. A listing shows none: they come from the index of tags, and for buckets that are younger than the
//! index from the buckets themselves.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use asiaq_ir::Partition;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{Tag, Tagging};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::super::prelude::*;
use super::{At, Live, place, unless};
use crate::service::s3;
use crate::tag_index;

ops! { s3:
    GET_BUCKET_TAGGING = "GetBucketTagging", Read;
    PUT_BUCKET_TAGGING = "PutBucketTagging", Write;
}

/// The tags of a bucket of this age are in the index. AWS names minutes; and a change of its policy makes a bucket young.
const SETTLED: Duration = Duration::from_hours(24);
/// Concurrent calls for the tags of single buckets.
const AT_ONCE: usize = 8;

/// The buckets of the region, each with its tags where the index has them.
pub(super) async fn listed(region: &Region<'_>) -> Result<Vec<Live>> {
    let all = place::of_region(region).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let index = tag_index::buckets(region).await?;
    let partition = Partition::of(region.name).name();
    let live = all.into_iter().filter_map(|bucket| {
        let is_young = is_young(bucket.creation_date.as_ref());
        let name = bucket.name?;
        let tags = index.as_ref().and_then(|index| {
            let known = index.get(&format!("arn:{partition}:s3:::{name}")).cloned();
            known.or_else(|| (!is_young).then(Tags::new))
        });
        Some(Live { name, tags })
    });
    Ok(live.collect())
}

/// Whether a bucket may be younger than the index. One without a time may.
fn is_young(created: Option<&DateTime>) -> bool {
    let Some(created) = created.and_then(|moment| SystemTime::try_from(*moment).ok()) else { return true };
    // One of the future is young: a clock is wrong.
    SystemTime::now().duration_since(created).map_or(true, |age| age < SETTLED)
}

/// Tags of buckets, by name.
pub(in crate::kinds) struct BucketTags;

impl TagFamily for BucketTags {
    const IS_INDEXED: bool = true;

    async fn of(region: &Region<'_>, names: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        let asked = names.into_iter().map(|name| async move {
            let tags = Self::now(region, &name).await?;
            Ok(tags.map(|tags| (name, tags)))
        });
        let asked: Vec<_> = asked.collect();
        let tags: Vec<Option<(String, Tags)>> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
        Ok(tags.into_iter().flatten().collect())
    }

    async fn now(region: &Region<'_>, name: &str) -> Result<Option<Tags>> {
        match read(At::new(region, name).await?).await {
            Err(gone) if s3.is_not_found(&gone) => Ok(None),
            tags => tags.map(Some),
        }
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
    // A tag with a key and a value is a tag: the builder has nothing to refuse.
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_young_for_a_day() {
        let ago = |hours: u64| DateTime::from(SystemTime::now() - Duration::from_hours(hours));
        assert!(is_young(Some(&ago(23))) && !is_young(Some(&ago(25))));
        let ahead = DateTime::from(SystemTime::now() + Duration::from_hours(1));
        assert!(is_young(Some(&ahead)) && is_young(None));
    }
}

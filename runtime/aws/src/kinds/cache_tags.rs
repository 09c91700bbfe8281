//! Tags of caches and of their groups, by ARN. While a cache is changing, AWS neither shows nor takes tags of it: that says
//! nothing of whose it is, and is waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_ir::Partition;
use aws_sdk_elasticache::types::Tag;

use super::prelude::*;
use crate::error::Failure;
use crate::service::elasticache;
use crate::tag_index;

ops! { elasticache:
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource", Read;
    ADD_TAGS_TO_RESOURCE = "AddTagsToResource", Write;
    REMOVE_TAGS_FROM_RESOURCE = "RemoveTagsFromResource", Write;
}

/// How long a cache changes at most, as a rule.
pub(super) const CHANGES: Duration = Duration::from_hours(1);
/// Families of tags, by the kind of their resources in ARNs; with a function that waits after each write.
macro_rules! families {
    ($($(#[$doc:meta])* $family:ident: $kind:expr $(, then $then:path)?;)+) => { $(
        $(#[$doc])*
        pub(in crate::kinds) struct $family;

        impl TagFamily for $family {
            const IS_INDEXED: bool = true;

            async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<std::collections::BTreeMap<String, Tags>> {
                $crate::kinds::cache_tags::by_arn(region, arns).await
            }

            async fn now(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
                let arn = $crate::kinds::cache_tags::arn(region, $kind, id).await?;
                $crate::kinds::cache_tags::tags_of(region, &arn).await
            }

            async fn key(region: &Region<'_>, id: &str) -> Result<String> {
                $crate::kinds::cache_tags::arn(region, $kind, id).await
            }

            async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
                let call = region.elasticache().add_tags_to_resource().resource_name(arn);
                let call = call.set_tags(Some($crate::kinds::cache_tags::sdk_tags(tags)));
                let operation = $crate::kinds::cache_tags::ADD_TAGS_TO_RESOURCE;
                $crate::kinds::cache_tags::write(region, operation, || call.clone().send()).await?;
                $($then(region, arn).await?;)?
                Ok(())
            }

            async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
                let call = region.elasticache().remove_tags_from_resource().resource_name(arn);
                let call = call.set_tag_keys(Some(keys));
                let operation = $crate::kinds::cache_tags::REMOVE_TAGS_FROM_RESOURCE;
                $crate::kinds::cache_tags::write(region, operation, || call.clone().send()).await?;
                $($then(region, arn).await?;)?
                Ok(())
            }
        }
    )+ };
}

pub(super) use families;

families! {
    /// Tags of clusters of Memcached.
    CacheClusterTags: "cluster";
    /// Tags of subnet groups.
    SubnetGroupTags: "subnetgroup";
    /// Tags of parameter groups.
    ParameterGroupTags: "parametergroup";
}

pub(super) async fn arn(region: &Region<'_>, kind: &str, id: &str) -> Result<String> {
    let (partition, account) = (Partition::of(region.name).name(), region.account().await?);
    Ok(format!("arn:{partition}:elasticache:{}:{account}:{kind}:{id}", region.name))
}

/// The tags of resources, by ARN.
pub(crate) async fn by_arn(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
    let now = async |arn: String| tags_of(region, &arn).await;
    tag_index::of(region, arns, now).await
}

/// The tags of a resource at this moment, as soon as AWS shows them; none where it is gone.
pub(super) async fn tags_of(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
    let look = || async {
        let call = region.elasticache().list_tags_for_resource().resource_name(arn);
        match elasticache.found(LIST_TAGS_FOR_RESOURCE.call(call.send()).await) {
            Err(error) if elasticache.is_busy(&error) => Ok(None),
            answer => Ok(Some(answer?)),
        }
    };
    let what = "AWS does not show the tags of a cache that is changing";
    let answer = region.poll(LIST_TAGS_FOR_RESOURCE.name, what, CHANGES, look).await?;
    let tags = answer.map(|answer| answer.tag_list.unwrap_or_default().into_iter());
    Ok(tags.map(|tags| tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()))
}

/// Writes tags when the resource takes them.
pub(super) async fn write<T, E, F, Fut>(region: &Region<'_>, operation: Operation, mut call: F) -> Result<()>
where
    E: Failure,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let attempt = || {
        let sent = call();
        async move {
            match operation.call(sent).await {
                Err(error) if elasticache.is_busy(&error) => Ok(None),
                answer => answer.map(|_| Some(())),
            }
        }
    };
    region.poll(operation.name, "the cache takes no tags", CHANGES, attempt).await
}

/// A map as the SDK's list.
pub(crate) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

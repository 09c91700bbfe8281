//! Tags of caches and of their groups, by ARN. While a cache is changing, AWS neither shows nor takes tags of it: that says
//! nothing of whose it is, and is waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_ir::Partition;
use aws_sdk_elasticache::types::Tag;

use super::prelude::*;
use super::replication_group;
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
/// The kind of a replication group in its ARN.
const REPLICATION_GROUP: &str = "replicationgroup";

macro_rules! families {
    ($($(#[$doc:meta])* $family:ident: $kind:expr;)+) => { $(
        $(#[$doc])*
        pub(super) struct $family;

        impl TagFamily for $family {
            const IS_INDEXED: bool = true;

            async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
                tag_index::of(region, arns, async |arn: String| tags_of(region, &arn).await).await
            }

            async fn now(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
                tags_of(region, &arn(region, $kind, id).await?).await
            }

            async fn key(region: &Region<'_>, id: &str) -> Result<String> {
                arn(region, $kind, id).await
            }

            async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
                let call = region.elasticache().add_tags_to_resource().resource_name(arn);
                let call = call.set_tags(Some(sdk_tags(tags)));
                write(region, ADD_TAGS_TO_RESOURCE, arn, || call.clone().send()).await
            }

            async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
                let call = region.elasticache().remove_tags_from_resource().resource_name(arn);
                let call = call.set_tag_keys(Some(keys));
                write(region, REMOVE_TAGS_FROM_RESOURCE, arn, || call.clone().send()).await
            }
        }
    )+ };
}

families! {
    /// Tags of replication groups.
    ReplicationGroupTags: REPLICATION_GROUP;
    /// Tags of clusters of Memcached.
    CacheClusterTags: "cluster";
    /// Tags of subnet groups.
    SubnetGroupTags: "subnetgroup";
    /// Tags of parameter groups.
    ParameterGroupTags: "parametergroup";
}

async fn arn(region: &Region<'_>, kind: &str, id: &str) -> Result<String> {
    let (partition, account) = (Partition::of(region.name).name(), region.account().await?);
    Ok(format!("arn:{partition}:elasticache:{}:{account}:{kind}:{id}", region.name))
}

/// The tags of a resource at this moment, as soon as AWS shows them; none where it is gone.
async fn tags_of(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
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

/// Writes tags when the resource takes them, and waits until it takes other changes.
async fn write<T, E, F, Fut>(region: &Region<'_>, operation: Operation, arn: &str, mut call: F) -> Result<()>
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
    region.poll(operation.name, "the cache takes no tags", CHANGES, attempt).await?;
    let mut parts = arn.rsplit(':');
    match (parts.next(), parts.next()) {
        (Some(id), Some(REPLICATION_GROUP)) => replication_group::settled(region, id).await.map(drop),
        _ => Ok(()),
    }
}

/// A map as the SDK's list.
pub(super) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

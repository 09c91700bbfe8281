//! Tags of load balancers and target groups of the newer kind.

use std::collections::BTreeMap;

use asiaq_runtime::CloudError;
use aws_sdk_elasticloadbalancingv2::types::Tag;

use super::Retag;
use crate::error;
use crate::region::Region;
use crate::tag_batches::{self, Tags};

/// ARNs that one call asks the tags of.
const BATCH: usize = 20;

/// The tags of the things with these ARNs.
pub(super) async fn of(region: &Region<'_>, arns: &[String]) -> Result<BTreeMap<String, Tags>, CloudError> {
    tag_batches::of(arns, BATCH, |batch| async move {
        let request = region.elbv2().describe_tags().set_resource_arns(Some(batch));
        let answer = error::call("DescribeTags", request.send()).await?;
        let each = answer.tag_descriptions.unwrap_or_default().into_iter().filter_map(|one| {
            let tags = one.tags.unwrap_or_default().into_iter();
            let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
            Some((one.resource_arn?, tags.collect()))
        });
        Ok(each.collect())
    })
    .await
}

/// Sets and takes off tags, in a call each, where there are any.
pub(super) async fn change(region: &Region<'_>, arn: &str, tags: Retag<'_>) -> Result<(), CloudError> {
    if !tags.set.is_empty() {
        let request = region.elbv2().add_tags().resource_arns(arn).set_tags(list(tags.set));
        region.settled(|| error::call("AddTags", request.clone().send())).await?;
    }
    if !tags.remove.is_empty() {
        let keys = tags.remove.iter().cloned().collect();
        let request = region.elbv2().remove_tags().resource_arns(arn).set_tag_keys(Some(keys));
        region.settled(|| error::call("RemoveTags", request.clone().send())).await?;
    }
    Ok(())
}

/// A map as the SDK's list; nothing where there are none.
pub(super) fn list(tags: &Tags) -> Option<Vec<Tag>> {
    let list: Vec<Tag> =
        tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    Some(list).filter(|list| !list.is_empty())
}

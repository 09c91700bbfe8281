//! Tags of Application and Network Load Balancers and of target groups.

use std::collections::BTreeMap;

use asiaq_runtime::Result;
use aws_sdk_elasticloadbalancingv2::types::Tag;

use super::adapter::TagFamily;
use crate::operation::ops;
use crate::region::Region;
use crate::service::elasticloadbalancing;
use crate::tag_batches;
use crate::tags::{TagChange, Tags};

ops! { elasticloadbalancing:
    DESCRIBE_TAGS = "DescribeTags", Read;
    ADD_TAGS = "AddTags", Write;
    REMOVE_TAGS = "RemoveTags", Write;
}

/// ARNs in one call.
const BATCH: usize = 20;

pub(super) struct BalancerTags;

impl TagFamily for BalancerTags {
    async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_batches::of(&elasticloadbalancing, &arns, BATCH, |batch| async move {
            let request = region.elbv2().describe_tags().set_resource_arns(Some(batch));
            let answer = DESCRIBE_TAGS.call(request.send()).await?;
            let each = answer.tag_descriptions.unwrap_or_default().into_iter().filter_map(|one| {
                let tags = one.tags.unwrap_or_default().into_iter();
                let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
                Some((one.resource_arn?, tags.collect()))
            });
            Ok(each.collect())
        })
        .await
    }

    async fn change(region: &Region<'_>, arn: &str, tags: TagChange<'_>) -> Result<()> {
        if !tags.set.is_empty() {
            let request = region.elbv2().add_tags().resource_arns(arn).set_tags(list(tags.set));
            region.retry_until_consistent(ADD_TAGS, || request.clone().send()).await?;
        }
        if !tags.remove.is_empty() {
            let keys = tags.remove.iter().cloned().collect();
            let request = region.elbv2().remove_tags().resource_arns(arn).set_tag_keys(Some(keys));
            region.retry_until_consistent(REMOVE_TAGS, || request.clone().send()).await?;
        }
        Ok(())
    }
}

/// A map as the SDK's list; none where it is empty.
pub(super) fn list(tags: &Tags) -> Option<Vec<Tag>> {
    let list: Vec<Tag> =
        tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    Some(list).filter(|list| !list.is_empty())
}

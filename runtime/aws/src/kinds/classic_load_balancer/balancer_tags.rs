//! Tags of Classic Load Balancers, by name.

use std::collections::BTreeMap;

use asiaq_runtime::Result;
use aws_sdk_elasticloadbalancing::types as sdk;

use crate::kinds::adapter::TagFamily;
use crate::operation::{Operation, ops};
use crate::region::Region;
use crate::service::elasticloadbalancing;
use crate::tag_batches;
use crate::tags::{TagChange, Tags};

ops! { elasticloadbalancing:
    DESCRIBE_TAGS = "DescribeTags", Read;
    ADD_TAGS = "AddTags", Write;
    REMOVE_TAGS = "RemoveTags", Write;
}

/// Names in one call.
const BATCH: usize = 20;

pub(crate) struct ClassicTags;

impl TagFamily for ClassicTags {
    async fn of(region: &Region<'_>, names: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_batches::of(&elasticloadbalancing, &names, BATCH, |batch| async move {
            let call = region.elb().describe_tags().set_load_balancer_names(Some(batch));
            let answer = DESCRIBE_TAGS.call(call.send()).await?;
            let each = answer.tag_descriptions.unwrap_or_default().into_iter().filter_map(|one| {
                let tags = one.tags.unwrap_or_default();
                let tags = tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default()));
                Some((one.load_balancer_name?, tags.collect()))
            });
            Ok(each.collect())
        })
        .await
    }

    async fn change(region: &Region<'_>, name: &str, tags: TagChange<'_>) -> Result<()> {
        if !tags.set.is_empty() {
            let call = region.elb().add_tags().load_balancer_names(name).set_tags(list(ADD_TAGS, tags.set)?);
            region.retry_until_consistent(ADD_TAGS, || call.clone().send()).await?;
        }
        if !tags.remove.is_empty() {
            let keys = tags.remove.iter().map(|key| sdk::TagKeyOnly::builder().key(key).build());
            let call = region.elb().remove_tags().load_balancer_names(name).set_tags(Some(keys.collect()));
            region.retry_until_consistent(REMOVE_TAGS, || call.clone().send()).await?;
        }
        Ok(())
    }
}

/// A map as the SDK's list; none where it is empty.
pub(super) fn list(operation: Operation, tags: &Tags) -> Result<Option<Vec<sdk::Tag>>> {
    let list: Result<Vec<_>, _> = tags
        .iter()
        .map(|(key, value)| operation.built(sdk::Tag::builder().key(key).value(value).build()))
        .collect();
    list.map(|list| Some(list).filter(|list| !list.is_empty()))
}

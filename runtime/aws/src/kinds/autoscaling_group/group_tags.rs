//! Tags of Auto Scaling groups: instances get most of them.

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, CREATED_TAG, STAGE_TAG, TAGS_TAG, TESTED_TAG};
use asiaq_runtime::Result;
use aws_sdk_autoscaling::types::{self as sdk, Tag, TagDescription};

use crate::operation::ops;
use crate::region::Region;
use crate::tags::TagChange;

ops! { autoscaling:
    CREATE_OR_UPDATE_TAGS = "CreateOrUpdateTags", Write;
    DELETE_TAGS = "DeleteTags", Write;
}

/// Tags of the group only, not of its instances.
const OF_THE_GROUP: &[&str] = &[ADDRESS_TAG, TAGS_TAG, STAGE_TAG, TESTED_TAG, CREATED_TAG];

/// The tags of a group.
pub(crate) fn read(group: &sdk::AutoScalingGroup) -> BTreeMap<String, String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let pair = |tag: &TagDescription| (text(tag.key()), text(tag.value()));
    group.tags().iter().map(pair).collect()
}

/// Tags of the group `name`. AWS copies them to instances that it launches later, except those in [`OF_THE_GROUP`].
pub(super) fn write(name: &str, tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| {
        bare(name).key(key).value(value).propagate_at_launch(!OF_THE_GROUP.contains(&key.as_str())).build()
    };
    tags.iter().map(tag).collect()
}

/// Sets and removes tags of a group, in a call each, where there are any. Running instances keep theirs.
pub(crate) async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
    if !tags.set.is_empty() {
        let request = region.autoscaling().create_or_update_tags().set_tags(Some(write(id, tags.set)));
        region.retry_until_consistent(CREATE_OR_UPDATE_TAGS, || request.clone().send()).await?;
    }
    if !tags.remove.is_empty() {
        let keys = tags.remove.iter().map(|key| bare(id).key(key).build()).collect();
        let request = region.autoscaling().delete_tags().set_tags(Some(keys));
        region.retry_until_consistent(DELETE_TAGS, || request.clone().send()).await?;
    }
    Ok(())
}

fn bare(name: &str) -> sdk::builders::TagBuilder {
    Tag::builder().resource_id(name).resource_type("auto-scaling-group")
}

//! Tags of Auto Scaling groups: instances get most of them.

use asiaq_ir::{
    ADDRESS_TAG, ADOPTED_TAG, CREATED_TAG, METRICS_TAG, NAME_TAG, SANDBOX_TAG, STAGE_TAG, TAGS_TAG,
    TESTED_TAG,
};
use aws_sdk_autoscaling::types::{self as sdk, Tag, TagDescription};

use asiaq_runtime::DEPLOY_TAG;

use crate::kinds::prelude::*;

ops! { autoscaling:
    CREATE_OR_UPDATE_TAGS = "CreateOrUpdateTags", Write;
    DELETE_TAGS = "DeleteTags", Write;
}

/// Tags of the group only, not of its instances; so are those of deploys.
const OF_THE_GROUP: &[&str] = &[
    ADDRESS_TAG,
    ADOPTED_TAG,
    NAME_TAG,
    TAGS_TAG,
    STAGE_TAG,
    METRICS_TAG,
    TESTED_TAG,
    SANDBOX_TAG,
    CREATED_TAG,
];

fn is_of_the_group(key: &str) -> bool {
    OF_THE_GROUP.contains(&key) || key.starts_with(DEPLOY_TAG)
}

/// The tags of a group.
pub(crate) fn read(group: &sdk::AutoScalingGroup) -> Tags {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let pair = |tag: &TagDescription| (text(tag.key()), text(tag.value()));
    group.tags().iter().map(pair).collect()
}

/// Whether the tags of a group name another one: they were copied from that.
pub(crate) fn is_copy(name: &str, tags: &Tags) -> bool {
    tags.get(NAME_TAG).is_some_and(|named| *named != asiaq_runtime::tag_value(name))
}

/// Tags of the group `name`. AWS copies them to instances that it launches later, except those [of the group](is_of_the_group).
pub(crate) fn write(name: &str, tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| {
        bare(name).key(key).value(value).propagate_at_launch(!is_of_the_group(key)).build()
    };
    tags.iter().map(tag).collect()
}

/// Tags of groups, by name. Running instances keep theirs.
pub(crate) struct GroupTags;

impl TagFamily for GroupTags {
    async fn set(region: &Region<'_>, name: &str, tags: &Tags) -> Result<()> {
        let call = region.autoscaling().create_or_update_tags().set_tags(Some(write(name, tags)));
        region.retry_until_consistent(CREATE_OR_UPDATE_TAGS, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, name: &str, keys: Vec<String>) -> Result<()> {
        let keys = keys.iter().map(|key| bare(name).key(key).build()).collect();
        let call = region.autoscaling().delete_tags().set_tags(Some(keys));
        region.retry_until_consistent(DELETE_TAGS, || call.clone().send()).await.map(drop)
    }
}

fn bare(name: &str) -> sdk::builders::TagBuilder {
    Tag::builder().resource_id(name).resource_type("auto-scaling-group")
}

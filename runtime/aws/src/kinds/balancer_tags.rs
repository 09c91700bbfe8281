//! Tags of load balancers and target groups.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancing::types as classic;
use aws_sdk_elasticloadbalancingv2::types::Tag;

use super::prelude::*;
use crate::service::elasticloadbalancing;
use crate::tag_batches;

ops! { elasticloadbalancing:
    DESCRIBE_TAGS = "DescribeTags", Read;
    ADD_TAGS = "AddTags", Write;
    REMOVE_TAGS = "RemoveTags", Write;
}

/// Names or ARNs in one call.
const BATCH: usize = 20;

/// Tags of Application and Network Load Balancers and of target groups, by ARN.
pub(super) struct BalancerTags;

impl TagFamily for BalancerTags {
    async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_batches::of(&elasticloadbalancing, &arns, BATCH, |batch| async move {
            let call = region.elbv2().describe_tags().set_resource_arns(Some(batch));
            let answer = DESCRIBE_TAGS.call(call.send()).await?;
            let each = answer.tag_descriptions.unwrap_or_default().into_iter().filter_map(|one| {
                let tags = one.tags.unwrap_or_default().into_iter();
                let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
                Some((one.resource_arn?, tags.collect()))
            });
            Ok(each.collect())
        })
        .await
    }

    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.elbv2().add_tags().resource_arns(arn).set_tags(list(tags));
        region.retry_until_consistent(ADD_TAGS, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.elbv2().remove_tags().resource_arns(arn).set_tag_keys(Some(keys));
        region.retry_until_consistent(REMOVE_TAGS, || call.clone().send()).await.map(drop)
    }
}

/// Tags of Classic Load Balancers, by name.
pub(super) struct ClassicTags;

impl TagFamily for ClassicTags {
    async fn of(region: &Region<'_>, names: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_batches::of(&elasticloadbalancing, &names, BATCH, |batch| async move {
            let call = region.elb().describe_tags().set_load_balancer_names(Some(batch));
            let answer = DESCRIBE_TAGS.call(call.send()).await?;
            let each = answer.tag_descriptions.unwrap_or_default().into_iter().filter_map(|one| {
                let tags = one.tags.unwrap_or_default().into_iter();
                let tags = tags.map(|tag| (tag.key, tag.value.unwrap_or_default()));
                Some((one.load_balancer_name?, tags.collect()))
            });
            Ok(each.collect())
        })
        .await
    }

    async fn set(region: &Region<'_>, name: &str, tags: &Tags) -> Result<()> {
        let call = region.elb().add_tags().load_balancer_names(name).set_tags(classic_list(ADD_TAGS, tags)?);
        region.retry_until_consistent(ADD_TAGS, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, name: &str, keys: Vec<String>) -> Result<()> {
        let keys = keys.iter().map(|key| classic::TagKeyOnly::builder().key(key).build());
        let call = region.elb().remove_tags().load_balancer_names(name).set_tags(Some(keys.collect()));
        region.retry_until_consistent(REMOVE_TAGS, || call.clone().send()).await.map(drop)
    }
}

/// A map as the SDK's list; none where it is empty.
pub(super) fn list(tags: &Tags) -> Option<Vec<Tag>> {
    let list: Vec<Tag> =
        tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    Some(list).filter(|list| !list.is_empty())
}

/// The same for the calls of Classic Load Balancers.
pub(super) fn classic_list(operation: Operation, tags: &Tags) -> Result<Option<Vec<classic::Tag>>> {
    let tag = |(key, value): (&String, &String)| classic::Tag::builder().key(key).value(value).build();
    let list: Vec<_> = tags.iter().map(|tag_of| operation.built(tag(tag_of))).collect::<Result<_>>()?;
    Ok(Some(list).filter(|list| !list.is_empty()))
}

mod subscription;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Topic;
use asiaq_runtime::{CloudError, Create, Found, Listed, Tagged};
use aws_sdk_sns::types::{Subscription as Live, Tag};

use super::{InAws, Made, Retag};
use crate::error;
use crate::permissions::Rights;
use crate::region::Region;
use crate::{tag_index, tags};

impl InAws for Topic {
    const RIGHTS: Rights = Rights {
        look: &["sns:ListTopics", "sns:ListTagsForResource", "sns:ListSubscriptions"],
        make: &["sns:CreateTopic", "sns:Subscribe", "sns:ListSubscriptionsByTopic", "sns:Unsubscribe"],
        tags: &["sns:TagResource", "sns:UntagResource"],
        delete: &["sns:DeleteTopic"],
        ..Rights::NONE
    };

    /// A listing of topics shows only names. Those of a project are told from others by the tags of each that may be
    /// one: the name of every topic of asiaq has an underscore.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let pages = region.sns().list_topics().into_paginator().items().send();
        let topics = error::call("ListTopics", pages.collect::<Result<Vec<_>, _>>()).await?;
        let candidates = topics
            .into_iter()
            .filter_map(|topic| topic.topic_arn)
            .filter(|arn| arn.rsplit(':').next().is_some_and(|name| name.contains('_')));
        let tags = tag_index::of(region, candidates, async |arn: String| tags_of(region, &arn).await).await?;
        let own: Vec<_> = tags
            .into_iter()
            .filter_map(|(arn, tags)| Some((tags::address_in(&tags, project)?, arn, tags)))
            .collect();
        if own.is_empty() {
            return Ok(Listed::default());
        }
        let pages = region.sns().list_subscriptions().into_paginator().items().send();
        let subscriptions = error::call("ListSubscriptions", pages.collect::<Result<Vec<_>, _>>()).await?;
        let mut listed = Listed::default();
        for (address, arn, tags) in own {
            let of_topic = |live: &&Live| live.topic_arn() == Some(arn.as_str());
            let (confirmed, waiting) = subscription::read(subscriptions.iter().filter(of_topic));
            if !waiting.is_empty() {
                listed.facts.unconfirmed.insert(arn.clone(), waiting);
            }
            let name = arn.rsplit(':').next().unwrap_or_default().to_owned();
            let resource = Self { name, subscriptions: confirmed }.into();
            listed.found.push(Found { address, id: arn, region: region.name.to_owned(), tags, resource });
        }
        Ok(listed)
    }

    async fn tags(region: &Region<'_>, id: &str) -> Result<Option<BTreeMap<String, String>>, CloudError> {
        tags_of(region, id).await
    }

    /// AWS refuses a name that a topic with other tags has.
    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateTopic";
        let request = region.sns().create_topic().name(&self.name).set_tags(Some(sdk_tags(order.tags)));
        let made = error::call(OPERATION, request.send()).await?;
        let born = Self { name: self.name.clone(), subscriptions: BTreeSet::new() };
        Ok(Made { id: error::part(OPERATION, "ARN", made.topic_arn)?, born, ready: true })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let pages = region.sns().list_topics().into_paginator().items().send();
        let topics = error::call("ListTopics", pages.collect::<Result<Vec<_>, _>>()).await?;
        let is_namesake = |arn: &String| arn.rsplit(':').next() == Some(self.name.as_str());
        let Some(arn) = topics.into_iter().filter_map(|topic| topic.topic_arn).find(is_namesake) else {
            return Ok(None);
        };
        Ok(tags_of(region, &arn).await?.map(|tags| (arn, tags)))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        if !tags.set.is_empty() {
            let request = region.sns().tag_resource().resource_arn(id).set_tags(Some(sdk_tags(tags.set)));
            error::call("TagResource", request.send()).await?;
        }
        if !tags.remove.is_empty() {
            let keys = tags.remove.iter().cloned().collect();
            let request = region.sns().untag_resource().resource_arn(id).set_tag_keys(Some(keys));
            error::call("UntagResource", request.send()).await?;
        }
        Ok(())
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        for added in wanted.subscriptions.difference(&self.subscriptions) {
            subscription::add(region, id, added).await?;
        }
        let removed: BTreeSet<_> = self.subscriptions.difference(&wanted.subscriptions).collect();
        subscription::remove(region, id, &removed).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.sns().delete_topic().topic_arn(id);
        region.released(|| error::call("DeleteTopic", request.clone().send())).await
    }
}

/// The tags of a topic; none where it is gone meanwhile.
async fn tags_of(region: &Region<'_>, arn: &str) -> Result<Option<BTreeMap<String, String>>, CloudError> {
    let request = region.sns().list_tags_for_resource().resource_arn(arn);
    match error::call("ListTagsForResource", request.send()).await {
        Err(error) if error::not_found(&error) => Ok(None),
        answer => {
            let tags = answer?.tags.unwrap_or_default();
            Ok(Some(tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
        }
    }
}

fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    // A tag with a key and a value is a tag: the builder has nothing to refuse.
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

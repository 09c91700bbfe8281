mod policy;
mod subscription;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{PUBLISHERS_TAG, Topic};
use aws_sdk_sns::types::{Subscription as Live, Tag};

use super::prelude::*;
use crate::service::sns;
use crate::tag_index;

ops! { sns:
    LIST_TOPICS = "ListTopics", Read;
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource", Read;
    LIST_SUBSCRIPTIONS = "ListSubscriptions", Own;
    CREATE_TOPIC = "CreateTopic", Write;
    TAG_RESOURCE = "TagResource", Write;
    UNTAG_RESOURCE = "UntagResource", Write;
    DELETE_TOPIC = "DeleteTopic", Delete;
}

impl Api for Topic {
    /// The ARN: a listing shows nothing else.
    type Live = String;
    type Tags = TopicTags;

    const OPERATIONS: IamActions = &[OPS, policy::OPS, subscription::OPS];
    const DESCRIBE: Operation = LIST_TOPICS;

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<String>> {
        let topics = LIST_TOPICS.all(region.sns().list_topics().into_paginator().items().send()).await?;
        let is_meant = |arn: &String| match which {
            // The name of every topic of asiaq has an underscore.
            Which::OfProject(_) => name_of(arn).contains('_'),
            Which::Id(id) => arn == id,
            Which::InPlaceOf(wanted) => name_of(arn) == wanted.name,
        };
        Ok(topics.into_iter().filter_map(|topic| topic.topic_arn).filter(is_meant).collect())
    }

    fn id(arn: &String) -> Option<&str> {
        Some(arn)
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let topics = Self::describe(region, Which::OfProject(project)).await?;
        let own = adapter::owned::<Self>(region, project, topics).await?;
        if own.is_empty() {
            return Ok(Listed::default());
        }
        let pages = region.sns().list_subscriptions().into_paginator().items().send();
        let subscriptions = LIST_SUBSCRIPTIONS.all(pages).await?;
        let mut listed = Listed::default();
        for topic in own {
            let of_topic = |live: &&Live| live.topic_arn() == Some(topic.id.as_str());
            let (confirmed, pending) = subscription::read(subscriptions.iter().filter(of_topic));
            if !pending.is_empty() {
                listed.facts.unconfirmed.insert(topic.id.clone(), pending);
            }
            let publishers = if topic.tags.contains_key(PUBLISHERS_TAG) {
                policy::read(region, &topic.id).await?
            } else {
                BTreeSet::new()
            };
            let read = Self { name: name_of(&topic.id).to_owned(), subscriptions: confirmed, publishers };
            listed.found.extend(topic.found(region, project, Some(read)));
        }
        Ok(listed)
    }

    /// AWS refuses a name that a topic with other tags has.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region.sns().create_topic().name(&self.name).set_tags(Some(sdk_tags(request.tags)));
        let arn = CREATE_TOPIC.call(call.send()).await?.topic_arn;
        let initial =
            Self { name: self.name.clone(), subscriptions: BTreeSet::new(), publishers: BTreeSet::new() };
        Ok(Created::ready(CREATE_TOPIC.part("ARN", arn)?, initial))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.publishers != wanted.publishers {
            policy::set(region, id, &wanted.publishers).await?;
        }
        for added in wanted.subscriptions.difference(&self.subscriptions) {
            subscription::add(region, id, added).await?;
        }
        let removed: BTreeSet<_> = self.subscriptions.difference(&wanted.subscriptions).collect();
        subscription::remove(region, id, &removed).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.sns().delete_topic().topic_arn(id);
        region.retry_while_in_use(DELETE_TOPIC, || request.clone().send()).await
    }
}

/// Tags of topics, by ARN.
pub(super) struct TopicTags;

impl TagFamily for TopicTags {
    const IS_INDEXED: bool = true;

    async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_index::of(region, arns, async |arn: String| Self::now(region, &arn).await).await
    }

    async fn now(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
        let call = region.sns().list_tags_for_resource().resource_arn(arn);
        let answer = sns.found(LIST_TAGS_FOR_RESOURCE.call(call.send()).await)?;
        let tags = answer.map(|answer| answer.tags.unwrap_or_default());
        Ok(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
    }

    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.sns().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(tags)));
        TAG_RESOURCE.call(call.send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.sns().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        UNTAG_RESOURCE.call(call.send()).await.map(drop)
    }
}

fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    // The builder refuses only tags without a key or a value.
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

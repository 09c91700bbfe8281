//! Which topics are told of events in a bucket. AWS keeps all notifications of a bucket in one document, those of others
//! too: asiaq's are those whose id begins as it says.

use std::collections::BTreeSet;

use asiaq_ir::{Notification, Ref};
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
    S3KeyFilter, TopicConfiguration,
};

use super::super::prelude::*;
use super::At;

ops! { s3:
    GET_BUCKET_NOTIFICATION_CONFIGURATION = "GetBucketNotificationConfiguration" as "GetBucketNotification", Own;
    PUT_BUCKET_NOTIFICATION_CONFIGURATION = "PutBucketNotificationConfiguration" as "PutBucketNotification", Write;
}

/// How the ids of asiaq's begin.
const OWN: &str = "asiaq-";

pub(super) async fn read(at: At<'_>) -> Result<BTreeSet<Notification>> {
    let all = all(at).await?.topic_configurations.unwrap_or_default();
    Ok(all.into_iter().filter_map(notification).collect())
}

/// Replaces asiaq's notifications, and writes those of others as they are.
pub(super) async fn set(at: At<'_>, wanted: &BTreeSet<Notification>) -> Result<()> {
    let live = all(at).await?;
    let others = live.topic_configurations.unwrap_or_default().into_iter().filter(|live| !is_own(live));
    let own = wanted.iter().map(topic_configuration);
    let topics = others.map(Ok).chain(own).collect::<Result<Vec<_>>>()?;
    let all = NotificationConfiguration::builder()
        .set_topic_configurations(Some(topics).filter(|topics| !topics.is_empty()))
        .set_queue_configurations(live.queue_configurations)
        .set_lambda_function_configurations(live.lambda_function_configurations)
        .set_event_bridge_configuration(live.event_bridge_configuration)
        .build();
    let call = at.region.s3().put_bucket_notification_configuration().bucket(at.name);
    let call = call.expected_bucket_owner(at.owner).notification_configuration(all);
    at.put(PUT_BUCKET_NOTIFICATION_CONFIGURATION, || call.clone().send()).await
}

async fn all(at: At<'_>) -> Result<GetBucketNotificationConfigurationOutput> {
    let call = at.region.s3().get_bucket_notification_configuration().bucket(at.name);
    GET_BUCKET_NOTIFICATION_CONFIGURATION.call(call.expected_bucket_owner(at.owner).send()).await
}

fn is_own(live: &TopicConfiguration) -> bool {
    live.id().is_some_and(|id| id.starts_with(OWN))
}

fn notification(live: TopicConfiguration) -> Option<Notification> {
    let id = live.id.as_deref()?.strip_prefix(OWN)?.to_owned();
    let rules =
        live.filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
    // AWS writes the names of the rules with a capital.
    let value = |name: &FilterRuleName| {
        let is_meant = |rule: &&FilterRule| {
            rule.name.as_ref().is_some_and(|own| own.as_str().eq_ignore_ascii_case(name.as_str()))
        };
        rules.iter().find(is_meant).and_then(|rule| rule.value.clone()).unwrap_or_default()
    };
    Some(Notification {
        id,
        prefix: value(&FilterRuleName::Prefix),
        suffix: value(&FilterRuleName::Suffix),
        topic: Ref::Id(live.topic_arn),
        events: live.events.iter().map(|event| event.as_str().to_owned()).collect(),
    })
}

fn topic_configuration(wanted: &Notification) -> Result<TopicConfiguration> {
    let rule = |name: FilterRuleName, value: &String| {
        (!value.is_empty()).then(|| FilterRule::builder().name(name).value(value).build())
    };
    let rules = [rule(FilterRuleName::Prefix, &wanted.prefix), rule(FilterRuleName::Suffix, &wanted.suffix)];
    let rules: Vec<FilterRule> = rules.into_iter().flatten().collect();
    let filter = (!rules.is_empty()).then(|| {
        let key = S3KeyFilter::builder().set_filter_rules(Some(rules)).build();
        NotificationConfigurationFilter::builder().key(key).build()
    });
    let configuration = TopicConfiguration::builder()
        .id(format!("{OWN}{}", wanted.id))
        .set_topic_arn(id_of(&wanted.topic))
        .set_events(Some(wanted.events.iter().map(|event| Event::from(event.as_str())).collect()))
        .set_filter(filter);
    PUT_BUCKET_NOTIFICATION_CONFIGURATION.built(configuration.build())
}

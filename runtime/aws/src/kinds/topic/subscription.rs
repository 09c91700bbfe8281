//! The subscriptions of a topic.

use std::collections::BTreeSet;

use asiaq_ir::Subscription;
use aws_sdk_sns::types::Subscription as Live;

use crate::kinds::prelude::*;

ops! { sns:
    SUBSCRIBE = "Subscribe", Write;
    LIST_SUBSCRIPTIONS_BY_TOPIC = "ListSubscriptionsByTopic", Write;
    UNSUBSCRIBE = "Unsubscribe", Write;
}

/// The confirmed subscriptions, and the endpoints of those that are not confirmed yet.
///
/// A subscription that is not confirmed has no ARN and cannot be deleted; AWS drops it after two days. Until it is
/// confirmed it is no part of the topic, but a fact, so that it is not requested again.
pub(super) fn read<'l>(live: impl Iterator<Item = &'l Live>) -> (BTreeSet<Subscription>, BTreeSet<String>) {
    let (mut confirmed, mut waiting) = (BTreeSet::new(), BTreeSet::new());
    for subscription in live {
        let (Some(protocol), Some(endpoint)) = (subscription.protocol(), subscription.endpoint()) else {
            continue;
        };
        match subscription.subscription_arn() {
            Some(arn) if arn.starts_with("arn:") => {
                confirmed
                    .insert(Subscription { protocol: protocol.to_owned(), endpoint: endpoint.to_owned() });
            }
            Some("PendingConfirmation") => {
                waiting.insert(endpoint.to_owned());
            }
            // One that is deleted, of which AWS still speaks.
            Some(_) | None => {}
        }
    }
    (confirmed, waiting)
}

/// Subscribes. AWS sends a confirmation message to the endpoint; an existing subscription is not duplicated.
pub(super) async fn add(region: &Region<'_>, topic: &str, wanted: &Subscription) -> Result<()> {
    let request =
        region.sns().subscribe().topic_arn(topic).protocol(&wanted.protocol).endpoint(&wanted.endpoint);
    region.retry_until_consistent(SUBSCRIBE, || request.clone().send()).await.map(drop)
}

/// Unsubscribes. Only AWS knows the ARNs that this takes.
pub(super) async fn remove(
    region: &Region<'_>,
    topic: &str,
    removed: &BTreeSet<&Subscription>,
) -> Result<()> {
    if removed.is_empty() {
        return Ok(());
    }
    let request = region.sns().list_subscriptions_by_topic().topic_arn(topic);
    let live = LIST_SUBSCRIPTIONS_BY_TOPIC.all(request.into_paginator().items().send()).await?;
    let is_removed = |live: &&Live| {
        let is = |one: &&Subscription| {
            live.protocol() == Some(one.protocol.as_str()) && live.endpoint() == Some(one.endpoint.as_str())
        };
        removed.iter().any(is)
    };
    let arns = live.iter().filter(is_removed).filter_map(Live::subscription_arn);
    for arn in arns.filter(|arn| arn.starts_with("arn:")) {
        let request = region.sns().unsubscribe().subscription_arn(arn);
        region.retry_while_in_use(UNSUBSCRIBE, || request.clone().send()).await?;
    }
    Ok(())
}

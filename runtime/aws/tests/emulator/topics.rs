use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Kind, PUBLISHERS_TAG, Publisher, Resource, Subscription, Topic};
use asiaq_runtime::{Cloud as _, Fault};

use crate::account::{Account, REGION, tags};
use crate::replay::{Answer, Replay};

fn subscription(protocol: &str, endpoint: &str) -> Subscription {
    Subscription { protocol: protocol.to_owned(), endpoint: endpoint.to_owned() }
}

fn queue(name: &str) -> Subscription {
    subscription("sqs", &format!("arn:aws:sqs:{REGION}:111122223333:{name}"))
}

fn topic<const N: usize>(name: &str, subscriptions: [Subscription; N]) -> Topic {
    Topic { name: name.to_owned(), subscriptions: BTreeSet::from(subscriptions), publishers: BTreeSet::new() }
}

#[tokio::test]
async fn a_topic_lives() {
    let account = Account::new();
    let first = topic("astro_ci_critical", [queue("one"), queue("two")]);
    let other = topic("astro_ci_critical", [queue("two"), queue("three")]);
    let none = topic("astro_ci_critical", []);
    account.lives("topic/critical", first, &[other.into(), none.into()]).await;
}

#[tokio::test]
async fn buckets_and_trails_may_publish() {
    let account = Account::new();
    let publisher = |service: &str, source: &str| Publisher {
        service: service.to_owned(),
        source: source.to_owned(),
        account: account.id.clone(),
    };
    let with = |publishers: BTreeSet<Publisher>| Topic { publishers, ..topic("astro_ci_new", []) };
    let bucket = publisher("s3.amazonaws.com", "arn:aws:s3:::inbox");
    let trail = publisher("cloudtrail.amazonaws.com", "arn:aws:cloudtrail:us-west-2:1:trail/main");
    let wanted = with([bucket.clone(), trail].into());
    account.create("topic/new", wanted.clone()).await;
    let live = account.found(Kind::Topic, "topic/new").await.unwrap();
    // The policy is read where a tag says that something of asiaq's is in it.
    let set = BTreeMap::from([(PUBLISHERS_TAG.to_owned(), "true".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::new()).await.unwrap();
    let live = account.found(Kind::Topic, "topic/new").await.unwrap();
    assert_eq!(live.resource, wanted.into());
    for fewer in [with([bucket].into()), with(BTreeSet::new())] {
        let live = account.found(Kind::Topic, "topic/new").await.unwrap();
        account.update(&live, &fewer.clone().into()).await.unwrap();
        assert_eq!(account.found(Kind::Topic, "topic/new").await.unwrap().resource, fewer.into());
    }
}

#[tokio::test]
async fn a_topic_has_an_arn_and_its_tags_change() {
    let account = Account::new();
    let wanted = topic("astro_ci_critical", []);
    let id = account.create("topic/critical", wanted.clone()).await;
    assert_eq!(id, format!("arn:aws:sns:{REGION}:{}:astro_ci_critical", account.id));
    let live = account.found(Kind::Topic, "topic/critical").await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    let remove = BTreeSet::from(["Name".to_owned()]);
    account.retag(&live, &live.resource, &set, &remove).await.unwrap();
    let mut wanted = tags(&wanted.into(), "topic/critical");
    wanted.remove("Name");
    wanted.extend(set);
    assert_eq!(account.found(Kind::Topic, "topic/critical").await.unwrap().tags, wanted);
}

#[tokio::test]
async fn who_has_not_confirmed_is_a_fact_and_nothing_that_lives() {
    let account = Account::new();
    let (ops, hook) =
        (subscription("email", "ops@example.com"), subscription("https", "https://x.example.com/a"));
    let wanted: Resource = topic("astro_ci_critical", [ops.clone(), hook.clone(), queue("one")]).into();
    let id = account.create("topic/critical", wanted.clone()).await;
    let listed = account.list(Kind::Topic).await;
    assert_eq!(listed.found[0].resource, topic("astro_ci_critical", [queue("one")]).into());
    let waiting = BTreeSet::from([ops.endpoint.clone(), hook.endpoint.clone()]);
    assert_eq!(listed.facts.unconfirmed, BTreeMap::from([(id.clone(), waiting)]));

    let by_hand = aws_sdk_sns::Client::new(&account.sdk);
    by_hand.confirm_subscription().topic_arn(&id).token(&ops.endpoint).send().await.unwrap();
    let listed = account.list(Kind::Topic).await;
    assert_eq!(listed.found[0].resource, topic("astro_ci_critical", [ops.clone(), queue("one")]).into());
    assert_eq!(listed.facts.unconfirmed[&id], BTreeSet::from([hook.endpoint.clone()]));

    // Who has confirmed can be unsubscribed; who has not cannot, and that is no error.
    let (live, none) = (listed.found[0].clone(), topic("astro_ci_critical", []));
    account.update(&live, &none.clone().into()).await.unwrap();
    let listed = account.list(Kind::Topic).await;
    assert_eq!(listed.found[0].resource, none.into());
    assert_eq!(listed.facts.unconfirmed[&id], BTreeSet::from([hook.endpoint]));
}

#[tokio::test]
async fn the_topics_of_others_are_theirs() {
    let account = Account::new();
    let by_hand = aws_sdk_sns::Client::new(&account.sdk);
    // More than a page of them.
    for number in 0..101 {
        by_hand.create_topic().name(format!("other-{number}")).send().await.unwrap();
    }
    by_hand.create_topic().name("astro_ci_info").send().await.unwrap();
    account.create("topic/critical", topic("astro_ci_critical", [queue("one")])).await;
    let listed = account.list(Kind::Topic).await;
    assert_eq!(listed.found.len(), 1);
    assert_eq!(listed.found[0].resource, topic("astro_ci_critical", [queue("one")]).into());
    // A name that somebody else's topic has is refused.
    let refused = account.try_create("topic/info", topic("astro_ci_info", [])).await.unwrap_err();
    assert_eq!((refused.fault, refused.code.as_str()), (Fault::Refused, "InvalidParameter"));
    let left = by_hand.list_topics().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    assert_eq!(left.unwrap().len(), 103);
}

/// The answers of an account with one topic of the project's and one of somebody else, of which the index has what
/// `index` says.
fn two_topics(index: &'static str) -> Replay {
    Replay::start(&[
        (
            "ListTopics",
            Answer::Ok(
                "<ListTopicsResult><Topics><member><TopicArn>arn:aws:sns:us-west-2:1:shop_ci_info</TopicArn></member>\
                 <member><TopicArn>arn:aws:sns:us-west-2:1:other</TopicArn></member></Topics></ListTopicsResult>",
            ),
        ),
        ("GetResources", Answer::Json(index)),
        (
            "ListTagsForResource",
            Answer::Ok(
                "<ListTagsForResourceResult><Tags><member><Key>asiaq:project</Key><Value>shop</Value></member>\
                 <member><Key>asiaq:address</Key><Value>ci/topic/info</Value></member></Tags>\
                 </ListTagsForResourceResult>",
            ),
        ),
        ("ListSubscriptions", Answer::Ok("<ListSubscriptionsResult/>")),
    ])
}

#[tokio::test]
async fn a_topic_that_the_index_of_tags_lacks_is_asked_itself() {
    for (index, asked) in [
        (r#"{"ResourceTagMappingList": []}"#, 1),
        (
            r#"{"ResourceTagMappingList": [{"ResourceARN": "arn:aws:sns:us-west-2:1:shop_ci_info", "Tags": [
                {"Key": "asiaq:project", "Value": "shop"}, {"Key": "asiaq:address", "Value": "ci/topic/info"}]}]}"#,
            0,
        ),
    ] {
        let replay = two_topics(index);
        let account = Account::replayed(&replay.endpoint);
        let listed = account.list(Kind::Topic).await;
        assert_eq!(listed.found.len(), 1, "{:?}", replay.actions());
        assert_eq!(listed.found[0].address.as_str(), "ci/topic/info");
        assert_eq!(replay.calls("ListTagsForResource").len(), asked);
        // A plan that would change its tags asks for them before.
        let tags = account.aws.tags(&listed.found[0]).await.unwrap();
        assert_eq!(tags.as_ref(), Some(&listed.found[0].tags));
    }
}

#[tokio::test]
async fn who_may_not_read_the_index_of_tags_asks_each_topic() {
    let denied = Replay::start(&[
        (
            "ListTopics",
            Answer::Ok(
                "<ListTopicsResult><Topics><member><TopicArn>arn:aws:sns:us-west-2:1:a_b</TopicArn></member>\
                 </Topics></ListTopicsResult>",
            ),
        ),
        ("GetResources", Answer::JsonError("AccessDeniedException", "you may not")),
        ("ListTagsForResource", Answer::Ok("<ListTagsForResourceResult><Tags/></ListTagsForResourceResult>")),
    ]);
    assert_eq!(Account::replayed(&denied.endpoint).list(Kind::Topic).await.found, []);
    assert_eq!(denied.calls("ListTagsForResource").len(), 1);
}

#[tokio::test]
async fn a_topic_whose_answer_is_lost_is_made_once() {
    let (account, _proxy) = Account::losing("CreateTopic");
    account.lives("topic/critical", topic("astro_ci_critical", [queue("one")]), &[]).await;
    let (account, _proxy) = Account::losing("Subscribe");
    account.lives("topic/critical", topic("astro_ci_critical", [queue("one"), queue("two")]), &[]).await;
}

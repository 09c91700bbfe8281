use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Kind, LogGroup, MetricFilter};
use aws_sdk_cloudwatchlogs::types::MetricTransformation;

use crate::account::{Account, tags};

fn filter(name: &str) -> MetricFilter {
    MetricFilter {
        name: name.to_owned(),
        pattern: "error".to_owned(),
        namespace: "LogMetrics/ci".to_owned(),
        metric: name.to_owned(),
        value: "1".to_owned(),
    }
}

fn group<const N: usize>(name: &str, filters: [MetricFilter; N]) -> LogGroup {
    LogGroup { name: name.to_owned(), retention: None, filters: BTreeSet::from(filters) }
}

#[tokio::test]
async fn a_log_group_lives_and_every_field_changes() {
    let account = Account::new();
    let first = group("ci/mhcfoo/var/log/httpd/error_log", [filter("mhcfoo-errors"), filter("mhcfoo-fatal")]);
    let other = LogGroup {
        retention: Some(30),
        filters: BTreeSet::from([
            MetricFilter {
                pattern: "{ $.code = 500 }".to_owned(),
                namespace: "LogMetrics/live".to_owned(),
                metric: "other".to_owned(),
                value: "$.size".to_owned(),
                ..filter("mhcfoo-errors")
            },
            filter("mhcfoo-slow"),
        ]),
        ..first.clone()
    };
    let longer = LogGroup { retention: Some(365), ..other.clone() };
    let bare = group(&first.name, []);
    let changes = [other.into(), longer.into(), bare.into(), first.clone().into()];
    account.lives("log/mhcfoo/var/log/httpd/error_log", first, &changes).await;
}

#[tokio::test]
async fn the_tags_of_a_log_group_change() {
    let account = Account::new();
    let path = "log/mhcfoo/var/log/x";
    let wanted = group("ci/mhcfoo/var/log/x", []);
    // One whose name begins with the other's.
    account.create("log/mhcfoo/var/log/x2", group("ci/mhcfoo/var/log/x2", [])).await;
    account.create(path, wanted.clone()).await;
    let live = account.found(Kind::LogGroup, path).await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut expected = tags(&wanted.into(), path);
    expected.remove("Name");
    expected.extend(set);
    assert_eq!(account.found(Kind::LogGroup, path).await.unwrap().tags, expected);
    let neighbour = account.found(Kind::LogGroup, "log/mhcfoo/var/log/x2").await.unwrap();
    assert!(neighbour.tags.contains_key("Name"));
}

#[tokio::test]
async fn the_log_groups_of_others_are_theirs() {
    let account = Account::new();
    let by_hand = aws_sdk_cloudwatchlogs::Client::new(&account.sdk);
    // More than a page of them, and one whose name begins as the own one's.
    for number in 0..51 {
        let name = format!("/aws/lambda/{number}");
        by_hand.create_log_group().log_group_name(name).send().await.unwrap();
    }
    let put = |group: &str, filter: &str| {
        let metric = MetricTransformation::builder().metric_namespace("X").metric_name("y").metric_value("1");
        let put = by_hand.put_metric_filter().log_group_name(group).filter_name(filter).filter_pattern("x");
        put.metric_transformations(metric.build().unwrap()).send()
    };
    by_hand.create_log_group().log_group_name("ci/mhcfoobar/var/log/x").send().await.unwrap();
    put("ci/mhcfoobar/var/log/x", "mhcfoobar-errors").await.unwrap();
    let own = group("ci/mhcfoo/var/log/x", [filter("mhcfoo-errors")]);
    account.create("log/mhcfoo/var/log/x", own.clone()).await;
    let listed = account.list(Kind::LogGroup).await;
    assert_eq!(listed.found.len(), 1);
    assert_eq!(listed.found[0].resource, own.into());
    // A name that somebody else's group has is refused.
    let refused = account.try_create("log/x", group("ci/mhcfoobar/var/log/x", [])).await.unwrap_err();
    assert_eq!(refused.code, "ResourceAlreadyExistsException");
    account.delete(&listed.found[0]).await.unwrap();
    let left =
        by_hand.describe_log_groups().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    assert_eq!(left.unwrap().len(), 52);
    let left =
        by_hand.describe_metric_filters().log_group_name("ci/mhcfoobar/var/log/x").send().await.unwrap();
    assert_eq!(left.metric_filters().len(), 1);
}

#[tokio::test]
async fn a_log_group_whose_answer_is_lost_is_taken_for_the_own_one() {
    for operation in ["CreateLogGroup", "PutMetricFilter", "PutRetentionPolicy"] {
        let (account, _proxy) = Account::losing(operation);
        let first =
            LogGroup { retention: Some(7), ..group("ci/mhcfoo/var/log/x", [filter("mhcfoo-errors")]) };
        account.lives("log/mhcfoo/var/log/x", first, &[]).await;
    }
}

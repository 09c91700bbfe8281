use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Alarm, Dimension, DimensionValue, Kind, Ref};
use aws_sdk_cloudwatch::types::{ComparisonOperator, StateValue, Statistic};

use crate::account::{Account, REGION, id, tags};

fn of(name: &str, id: &str) -> Dimension {
    Dimension { name: name.to_owned(), value: DimensionValue::Of(Ref::Id(id.to_owned())) }
}

fn text(name: &str, value: &str) -> Dimension {
    Dimension { name: name.to_owned(), value: DimensionValue::Text(value.to_owned()) }
}

fn alarm(name: &str) -> Alarm {
    Alarm {
        name: name.to_owned(),
        description: "Machines are too busy.".to_owned(),
        namespace: "AWS/EC2".to_owned(),
        metric: "CPUUtilization".to_owned(),
        dimensions: BTreeSet::from([of("AutoScalingGroupName", "ci_mhcfoo_1700000000")]),
        statistic: "Average".to_owned(),
        comparison: "GreaterThanThreshold".to_owned(),
        threshold: "99".to_owned(),
        period: 300,
        periods: 5,
        missing: "missing".to_owned(),
        actions: BTreeSet::from([id("arn:aws:sns:us-west-2:111122223333:astro_ci_critical")]),
        ok_actions: BTreeSet::from([id("arn:aws:sns:us-west-2:111122223333:astro_ci_critical")]),
    }
}

fn cloudwatch(account: &Account) -> aws_sdk_cloudwatch::Client {
    aws_sdk_cloudwatch::Client::new(&account.sdk)
}

#[tokio::test]
async fn an_alarm_lives_and_every_field_changes() {
    let account = Account::new();
    let first = alarm("astro_ci_mhcfoo_CPUUtilization_max");
    let other = Alarm {
        description: String::new(),
        namespace: "EC2/Memory".to_owned(),
        metric: "%MemFree".to_owned(),
        dimensions: BTreeSet::from([text("env_hostclass", "ci_mhcfoo"), text("disk", "/dev/sda <&>")]),
        statistic: "p99.9".to_owned(),
        comparison: "LessThanOrEqualToThreshold".to_owned(),
        threshold: "0.5".to_owned(),
        period: 60,
        periods: 1,
        missing: "notBreaching".to_owned(),
        actions: BTreeSet::new(),
        ok_actions: BTreeSet::new(),
        ..first.clone()
    };
    let none = Alarm { dimensions: BTreeSet::new(), threshold: "-12000000000".to_owned(), ..other.clone() };
    let balancer =
        format!("arn:aws:elasticloadbalancing:{REGION}:{}:loadbalancer/app/web/50dc6c", account.id);
    let targets = format!("arn:aws:elasticloadbalancing:{REGION}:{}:targetgroup/web/73e2d6", account.id);
    let of_newer = Alarm {
        namespace: "AWS/ApplicationELB".to_owned(),
        dimensions: BTreeSet::from([of("LoadBalancer", &balancer), of("TargetGroup", &targets)]),
        ..first.clone()
    };
    let classic = Alarm {
        namespace: "AWS/ELB".to_owned(),
        dimensions: BTreeSet::from([of("LoadBalancerName", "d8cda22c4a1a674119f05a555ecc64f9")]),
        ..first.clone()
    };
    let changes = [other.into(), none.into(), of_newer.into(), classic.into(), first.clone().into()];
    account.lives("hostclass/mhcfoo/alarm/cpu/max", first, &changes).await;
}

#[tokio::test]
async fn an_alarm_is_changed_in_place_and_keeps_its_state_and_tags() {
    let account = Account::new();
    let name = "astro_ci_mhcfoo_CPUUtilization_max";
    let path = "hostclass/mhcfoo/alarm/cpu/max";
    account.create(path, alarm(name)).await;
    let by_hand = cloudwatch(&account);
    let alarming = by_hand.set_alarm_state().alarm_name(name).state_value(StateValue::Alarm);
    alarming.state_reason("busy").send().await.unwrap();

    let live = account.found(Kind::Alarm, path).await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    let wanted = Alarm { threshold: "98.5".to_owned(), ..alarm(name) }.into();
    account.retag(&live, &wanted, &set, &BTreeSet::from(["asiaq:env".to_owned()])).await.unwrap();

    let seen = by_hand.describe_alarms().alarm_names(name).send().await.unwrap();
    let seen = &seen.metric_alarms()[0];
    assert_eq!(seen.state_value(), Some(&StateValue::Alarm));
    assert_eq!(seen.threshold(), Some(98.5));
    assert_eq!(
        seen.alarm_description(),
        Some(format!("Machines are too busy. [asiaq shop ci/{path} {name}]").as_str())
    );
    assert_eq!(seen.actions_enabled(), Some(true));
    let shown =
        by_hand.list_tags_for_resource().resource_arn(seen.alarm_arn().unwrap()).send().await.unwrap();
    let shown: BTreeMap<String, String> = shown
        .tags()
        .iter()
        .map(|tag| (tag.key().unwrap().to_owned(), tag.value().unwrap().to_owned()))
        .collect();
    let mut wanted = tags(&wanted, path);
    wanted.remove("asiaq:env");
    wanted.extend(set);
    assert_eq!(shown, wanted);
}

#[tokio::test]
async fn the_alarms_of_others_are_theirs_and_their_names_are_known() {
    let account = Account::new();
    let by_hand = cloudwatch(&account);
    // More than a page of them.
    for number in 0..101 {
        let put = by_hand.put_metric_alarm().alarm_name(format!("other-{number:03}"));
        let put =
            put.namespace("X").metric_name("y").statistic(Statistic::Sum).period(60).evaluation_periods(1);
        let put = put.alarm_description("[asiaq shopping ci/hostclass/mhcfoo/alarm/cpu/max]");
        let put = put.comparison_operator(ComparisonOperator::GreaterThanThreshold).threshold(1.0);
        put.send().await.unwrap();
    }
    let name = "zzz_ci_mhcfoo_CPUUtilization_max";
    account.create("hostclass/mhcfoo/alarm/cpu/max", alarm(name)).await;
    let listed = account.list(Kind::Alarm).await;
    assert_eq!(listed.found.len(), 1);
    assert_eq!(listed.found[0].resource, alarm(name).into());
    assert_eq!(listed.facts.foreign_alarms.len(), 101);
    assert!(listed.facts.foreign_alarms.contains("other-100"));
}

#[tokio::test]
async fn an_alarm_that_is_switched_off_tells_nobody() {
    let account = Account::new();
    let name = "astro_ci_mhcfoo_CPUUtilization_max";
    account.create("hostclass/mhcfoo/alarm/cpu/max", alarm(name)).await;
    // The emulator does not know `DisableAlarmActions`, which does the same.
    let cloudwatch = cloudwatch(&account);
    let live =
        cloudwatch.describe_alarms().alarm_names(name).send().await.unwrap().metric_alarms()[0].clone();
    let silenced = cloudwatch
        .put_metric_alarm()
        .alarm_name(name)
        .actions_enabled(false)
        .set_alarm_description(live.alarm_description)
        .set_namespace(live.namespace)
        .set_metric_name(live.metric_name)
        .set_dimensions(live.dimensions)
        .set_statistic(live.statistic)
        .set_comparison_operator(live.comparison_operator)
        .set_threshold(live.threshold)
        .set_period(live.period)
        .set_evaluation_periods(live.evaluation_periods)
        .set_treat_missing_data(live.treat_missing_data)
        .set_alarm_actions(live.alarm_actions)
        .set_ok_actions(live.ok_actions);
    silenced.send().await.unwrap();
    let listed = account.list(Kind::Alarm).await;
    let silent = Alarm { actions: BTreeSet::new(), ok_actions: BTreeSet::new(), ..alarm(name) };
    assert_eq!(listed.found[0].resource, silent.into());
}

#[tokio::test]
async fn an_alarm_whose_answer_is_lost_is_put_once() {
    let (account, _proxy) = Account::losing("PutMetricAlarm");
    let first = alarm("astro_ci_mhcfoo_CPUUtilization_max");
    account.lives("hostclass/mhcfoo/alarm/cpu/max", first, &[]).await;
}

#[tokio::test]
async fn what_cloudwatch_refuses_has_its_code() {
    let account = Account::new();
    let broken = Alarm { statistic: "x99".to_owned(), ..alarm("astro_ci_mhcfoo_CPUUtilization_max") };
    let refused = account.try_create("hostclass/mhcfoo/alarm/cpu/max", broken).await.unwrap_err();
    assert_eq!(refused.code, "InvalidParameterValue");
    assert!(refused.message.contains("ExtendedStatistic"), "{refused}");
}

//! Topics, alarms and logs, from nothing and back.

use super::World;

const WATCHED: &str = r#"
project shop { region = us-west-2, team = "astro" }

env ci { cidr = 10.1.0.0/20, zones = 1 }

topic critical {
  subscribers = ["ops@shop.example", "arn:aws:sqs:us-west-2:123456789012:shop"]
}
alarm storage {
  namespace = "AWS/RDS"
  metric    = "FreeStorageSpace"
  on        = ["users", "orders"]
  when      = minimum < 5000000000 or minimum > 1000000000000.5 for 3 x 5m
}
alarm red {
  namespace = "AWS/ES"
  metric    = "ClusterStatus.red"
  on        = "logs"
  when      = maximum >= 1 for 1 x 1m
  ok        = false
}
alarm jobs {
  namespace   = "AWS/SQS"
  metric      = "ApproximateAgeOfOldestMessage"
  dimensions  = { QueueName = "${env.name}-jobs" }
  when        = p99.9 > 600 for 3 x 1m
  missing     = not_breaching
  description = "Jobs wait."
}
alarm theirs {
  namespace  = "AWS/EC2"
  metric     = "CPUUtilization"
  dimensions = { AutoScalingGroupName = "somebody-elses" }
  when       = average > 90 for 3 x 5m
}
alarm front {
  namespace  = "AWS/ApplicationELB"
  metric     = "HTTPCode_ELB_5XX_Count"
  dimensions = { LoadBalancer = "app/theirs/50dc6c495c0c9188" }
  when       = sum > 10 for 3 x 5m
}
"#;

/// What is watched, from outside.
const LOOK: &str = r"
alarms = {
    a['AlarmName']: [a.get('Threshold'), a['StateValue'], a['AlarmActions'], a['OKActions'], a.get('AlarmDescription')]
    for a in client('cloudwatch').describe_alarms()['MetricAlarms']
}
subscriptions = [[s['Endpoint'], s['SubscriptionArn'][:12]] for s in client('sns').list_subscriptions()['Subscriptions']]
result = {'alarms': alarms, 'subscriptions': sorted(subscriptions)}
";

#[test]
fn what_is_watched_is_made_kept_changed_and_unmade() {
    let world = World::new(WATCHED);
    // Somebody else's, whose names begin alike.
    world.boto(
        r"
sns, cloudwatch = client('sns'), client('cloudwatch')
sns.create_topic(Name='astro_ci_critical_too')
cloudwatch.put_metric_alarm(
    AlarmName='astro_ci_users_FreeStorageSpace_min_too', Namespace='X', MetricName='y', Statistic='Sum', Period=60,
    EvaluationPeriods=1, Threshold=1, ComparisonOperator='GreaterThanThreshold')
",
    );
    world.apply();
    let made = world.boto(LOOK);
    let names: Vec<&String> = made["alarms"].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "astro_ci_front_HTTPCode_ELB_5XX_Count_max",
            "astro_ci_jobs_ApproximateAgeOfOldestMessage_max",
            "astro_ci_logs_ClusterStatus.red_max",
            "astro_ci_orders_FreeStorageSpace_max",
            "astro_ci_orders_FreeStorageSpace_min",
            "astro_ci_theirs_CPUUtilization_max",
            "astro_ci_users_FreeStorageSpace_max",
            "astro_ci_users_FreeStorageSpace_min",
            "astro_ci_users_FreeStorageSpace_min_too",
        ]
    );
    let jobs = &made["alarms"]["astro_ci_jobs_ApproximateAgeOfOldestMessage_max"];
    assert_eq!(jobs[4], "Jobs wait. [asiaq shop ci/alarm/jobs/max]");
    assert_eq!(jobs[2], jobs[3]);
    assert_eq!(made["alarms"]["astro_ci_logs_ClusterStatus.red_max"][3], serde_json::json!([]));
    let pending = serde_json::json!(["ops@shop.example", "PendingConfi"]);
    assert!(made["subscriptions"].as_array().unwrap().contains(&pending), "{made:#}");

    // A letter is confirmed; an alarm goes off. Neither is a change.
    world.boto(
        r"
sns, cloudwatch = client('sns'), client('cloudwatch')
arn = next(t['TopicArn'] for t in sns.list_topics()['Topics'] if t['TopicArn'].endswith('_critical'))
sns.confirm_subscription(TopicArn=arn, Token='ops@shop.example')
cloudwatch.set_alarm_state(
    AlarmName='astro_ci_users_FreeStorageSpace_min', StateValue='ALARM', StateReason='full')
",
    );
    world.assert_settled();

    // A changed alarm keeps its state; who is no longer told is unsubscribed.
    let changed = WATCHED.replace("5000000000 or", "6000000000 or").replace(r#""ops@shop.example", "#, "");
    world.write(&changed);
    world.apply();
    let after = world.boto(LOOK);
    let full = &after["alarms"]["astro_ci_users_FreeStorageSpace_min"];
    assert_eq!((&full[0], &full[1]), (&6_000_000_000.0_f64.into(), &"ALARM".into()));
    assert_eq!(after["subscriptions"].as_array().unwrap().len(), 1, "{after:#}");

    // What the environment leaves behind is its topic, and everything of others.
    let gone = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
    let left = world.boto(LOOK);
    let names: Vec<&String> = left["alarms"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["astro_ci_users_FreeStorageSpace_min_too"]);
    assert_eq!(left["subscriptions"].as_array().unwrap().len(), 1, "{left:#}");

    // And it is the same one when the environment comes back.
    world.apply();
    assert_eq!(world.boto(LOOK)["subscriptions"].as_array().unwrap().len(), 1);
}

#[test]
fn an_alarm_of_somebody_elses_is_not_put_over() {
    let world = World::new(WATCHED);
    world.boto(
        r"
client('cloudwatch').put_metric_alarm(
    AlarmName='astro_ci_users_FreeStorageSpace_min', Namespace='X', MetricName='y', Statistic='Sum', Period=60,
    EvaluationPeriods=1, Threshold=1, ComparisonOperator='GreaterThanThreshold')
",
    );
    let said = world.asiaq(&["apply", "--yes"]);
    assert_ne!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains("alarm-of-others") || said.stdout.contains("alarm-of-others"), "{said:#?}");
    assert_eq!(world.boto(LOOK)["alarms"]["astro_ci_users_FreeStorageSpace_min"][0], 1.0);
}

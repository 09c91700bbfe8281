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
    assert_eq!(
        jobs[4],
        "Jobs wait. [asiaq shop ci/alarm/jobs/max astro_ci_jobs_ApproximateAgeOfOldestMessage_max]"
    );
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

#[test]
fn an_alarm_that_somebody_described_anew_is_drift() {
    let world = World::new(WATCHED);
    world.apply();
    let name = "astro_ci_users_FreeStorageSpace_min";
    world.boto(&format!(
        "
alarm = client('cloudwatch').describe_alarms(AlarmNames=['{name}'])['MetricAlarms'][0]
keys = ['AlarmName', 'Namespace', 'MetricName', 'Dimensions', 'Statistic', 'Period', 'EvaluationPeriods', 'ComparisonOperator']
client('cloudwatch').put_metric_alarm(**{{key: alarm[key] for key in keys if key in alarm}}, Threshold=7, AlarmDescription='mine')
result = None
"
    ));
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stdout.contains("~ threshold  7 → 5000000000  drift"), "{}", plan.stdout);
    world.apply();
    assert!(!world.boto(LOOK)["alarms"][name].is_null());
    assert_eq!(world.asiaq(&["destroy", "--yes"]).code, 0);
    assert!(world.boto(LOOK)["alarms"][name].is_null());
}

const LOGGED: &str = r#"
project p { region = us-west-2, team = "astro" }
env ci { cidr = 10.0.0.0/24, zones = 1, pipeline = small, metanetwork app {} }
hostclass mhcfoo { network = app }
pipeline small { stage { run mhcfoo { desired = 1 } } }
topic critical { subscribers = ["arn:aws:sqs:us-west-2:123456789012:shop"] }
log_metric errors { on = mhcfoo, file = "/var/log/front.log", pattern = "ERROR", retention = 30d }
"#;

/// A world in which [`LOGGED`] is applied.
fn logged() -> World {
    let world = World::new(LOGGED);
    world.stock_with(r#"{"images": ["mhcfoo"]}"#);
    world.apply();
    world
}

#[test]
fn a_log_that_is_kept_for_less_long_stays_the_same_one() {
    let world = logged();
    world.boto(
        "client('logs').create_log_stream(logGroupName='ci/mhcfoo/var/log/front.log', logStreamName='one')",
    );
    world.write(&LOGGED.replace("30d", "14d"));
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.contains("~ retention  30 → 14") && said.stdout.contains("data-loss"), "{said:#?}");
    let left = world.boto(
        r"
group = client('logs').describe_log_groups()['logGroups'][0]
streams = client('logs').describe_log_streams(logGroupName=group['logGroupName'])['logStreams']
result = [group['retentionInDays'], [s['logStreamName'] for s in streams]]
",
    );
    assert_eq!(left, serde_json::json!([14, ["one"]]));
    world.assert_settled();
}

/// Takes the tags off a log group, a topic and a launch template, and puts them on again.
const TAGS: &str = r"
keys = ['asiaq:project', 'asiaq:address']
arn = client('logs').describe_log_groups()['logGroups'][0]['arn'].removesuffix(':*')
topic = client('sns').list_topics()['Topics'][0]['TopicArn']
template = ec2.describe_launch_templates()['LaunchTemplates'][0]['LaunchTemplateId']
def off():
    client('logs').untag_resource(resourceArn=arn, tagKeys=keys)
    client('sns').untag_resource(ResourceArn=topic, TagKeys=keys)
    ec2.delete_tags(Resources=[template], Tags=[{'Key': key} for key in keys])
def on():
    tags = lambda address: {'asiaq:project': 'p', 'asiaq:address': address}
    pairs = lambda address: [{'Key': key, 'Value': value} for key, value in tags(address).items()]
    client('logs').tag_resource(resourceArn=arn, tags=tags('ci/log/mhcfoo/var/log/front.log'))
    client('sns').tag_resource(ResourceArn=topic, Tags=pairs('ci/topic/critical'))
    ec2.create_tags(Resources=[template], Tags=pairs('ci/hostclass/mhcfoo/launch-template'))
";

#[test]
fn what_has_a_name_and_lost_its_tags_is_taken_over_by_tagging_it() {
    let world = logged();
    world.boto(&format!("{TAGS}\noff()\nresult = None"));
    let refused = world.asiaq(&["apply", "--yes"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
    for address in
        ["ci/log/mhcfoo/var/log/front.log", "ci/topic/critical", "ci/hostclass/mhcfoo/launch-template"]
    {
        let way_out = format!("tagging it `asiaq:project = p` and `asiaq:address = {address}`");
        assert!(refused.stderr.contains(&way_out), "{way_out}\n{}", refused.stderr);
    }
    world.boto(&format!("{TAGS}\non()\nresult = None"));
    world.assert_settled();
}

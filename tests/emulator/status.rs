//! `asiaq status`: what runs, and how it stands to the program.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::proxy::Proxy;
use super::{World, moto};

const PROGRAM: &str = "project shop { region = us-west-2 }
env ci {
  cidr     = 10.0.0.0/20
  zones    = 1
  pipeline = fleet
  metanetwork app {}
}
env idle { cidr = 10.1.0.0/20, zones = 1, metanetwork app {} }
hostclass web { network = app }
hostclass db  { network = app }
pipeline fleet {
  stage { run web { desired = 2, type = t3.small } }
  stage { run db  { desired = 1 } }
}
topic critical {}
alarm busy {
  namespace  = \"AWS/EC2\"
  metric     = \"CPUUtilization\"
  dimensions = { AutoScalingGroupName = \"any\" }
  when       = average > 90 for 3 x 5m
}
";

fn data(world: &World, arguments: &[&str]) -> Value {
    let said = world.asiaq(&[&["status", "--format", "json"], arguments].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn what_runs_is_told_before_and_after_an_apply() {
    let world = World::new(PROGRAM);
    let before = world.asiaq(&["status"]);
    assert_eq!(before.code, 0, "{before:#?}");
    // Without images there is no plan, and what runs is told all the same.
    assert!(before.stdout.contains("no group yet"), "{before:#?}");
    assert!(before.stderr.contains("there is no plan"), "{before:#?}");
    world.stock_with(r#"{ "images": ["web", "db"] }"#);
    world.apply();

    let now = data(&world, &[]);
    let [ci, idle] = now["environments"].as_array().unwrap().as_slice() else { panic!("{now:#}") };
    assert_eq!((&ci["name"], &idle["name"]), (&"ci".into(), &"idle".into()));
    let web = &ci["hostclasses"][0];
    assert_eq!((&web["name"], &web["declared"]), (&"web".into(), &true.into()));
    assert_eq!(web["groups"][0]["desired"], 2);
    assert_eq!(web["states"]["running"], 2);
    assert_eq!(web["images"][0]["instances"], 2);
    assert_eq!(ci["plan"]["create"], 0);
    assert_eq!(ci["alarms"].as_array().unwrap().len(), 0);
    assert_eq!(data(&world, &["--env", "idle"])["environments"].as_array().unwrap().len(), 1);
}

#[test]
fn alarms_old_templates_drift_and_changes_are_told() {
    let world = World::new(PROGRAM);
    world.stock_with(r#"{ "images": ["web", "db"] }"#);
    world.apply();
    world.boto(
        "cloudwatch = client('cloudwatch')
name = next(a['AlarmName'] for a in cloudwatch.describe_alarms()['MetricAlarms'] if a['AlarmName'].startswith('') and 'ci' in a['AlarmDescription'])
cloudwatch.put_metric_alarm(AlarmName='theirs', Namespace='X', MetricName='Y', Period=60, EvaluationPeriods=1, Threshold=1, Statistic='Sum', ComparisonOperator='GreaterThanThreshold')
for one in [name, 'theirs']:
    cloudwatch.set_alarm_state(AlarmName=one, StateValue='ALARM', StateReason='Threshold Crossed: 3 of 3')
group = next(g for g in ec2.describe_security_groups()['SecurityGroups'] if any(t['Value'] == 'ci/app/security-group' for t in g.get('Tags', [])))
ec2.create_tags(Resources=[group['GroupId']], Tags=[{'Key': 'Name', 'Value': 'renamed by hand'}])",
    );
    world.write(&PROGRAM.replace("t3.small", "t3.large"));
    let now = data(&world, &["--env", "ci"]);
    let ci = &now["environments"][0];
    let alarms = ci["alarms"].as_array().unwrap();
    assert_eq!(alarms.len(), 1, "{now:#}");
    assert_eq!(alarms[0]["reason"], "Threshold Crossed: 3 of 3");
    assert_eq!(
        (&ci["plan"]["drift"], &ci["hostclasses"][0]["outdated"]),
        (&1.into(), &serde_json::json!([]))
    );
    assert!(ci["plan"]["update"].as_u64().unwrap() >= 2, "{now:#}");

    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_through(&proxy, &["status", "--env", "ci", "--no-plan"]);
    assert!(said.code == 0 && said.stdout.contains("2 old"), "{said:#?}");
    let listings = proxy.calls().into_iter().filter(|call| call.operation == "DescribeAutoScalingGroups");
    assert_eq!(listings.count(), 1);
    let said = world.asiaq(&["status", "--env", "ci"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.contains("2 old"), "{said:#?}");
    assert!(said.stdout.contains("is on") && said.stdout.contains("Threshold Crossed"), "{said:#?}");
    assert!(said.stdout.contains("as the program says"), "{said:#?}");
}

#[test]
fn it_is_shown_again_until_it_is_interrupted() {
    let world = World::new(PROGRAM);
    let mut command = world.command(env!("CARGO_BIN_EXE_asiaq"));
    command.args(["status", "--no-plan", "--watch=1s"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut run = command.spawn().unwrap();
    let lines = BufReader::new(run.stdout.take().unwrap()).lines().map(Result::unwrap);
    let twice = lines.filter(|line| line.starts_with("idle ")).take(2).count();
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(twice, 2);
}

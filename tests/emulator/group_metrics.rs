//! The metrics of Auto Scaling groups that alarms monitor.

use serde_json::json;

use super::World;

const PROGRAM: &str = r#"
project shop { region = us-west-2, team = "astro" }
env live {
  cidr     = 10.20.0.0/20
  zones    = 1
  pipeline = work
  metanetwork app { routes = [internet via igw] }
}
hostclass worker { network = app }
hostclass other  { network = app }
pipeline work { stage { run worker { desired = 1 }, run other { desired = 1 } } }
topic critical { subscribers = ["ops@shop.example"] }
"#;

/// An alarm on a metric of the group of `worker`.
fn alarm(metric: &str) -> String {
    format!(
        "alarm few {{ namespace = \"AWS/AutoScaling\", metric = \"{metric}\", on = worker, notify = critical, \
         when = minimum < 2 for 3 x 1m }}\n"
    )
}

/// The metrics that each group sends.
fn metrics(world: &World) -> serde_json::Value {
    world.boto(
        "groups = client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups']
result = {group['AutoScalingGroupName'].split('_')[1]: [metric['Metric'] for metric in group['EnabledMetrics']] for group in groups}",
    )
}

#[test]
fn a_group_sends_what_an_alarm_monitors_and_what_others_switched_on() {
    let world = World::new(&format!("{PROGRAM}{}", alarm("GroupInServiceInstances")));
    world.stock_with(r#"{"images": ["worker", "other"]}"#);
    world.apply();
    assert_eq!(metrics(&world), json!({ "worker": ["GroupInServiceInstances"], "other": [] }));

    // Another metric takes its place, and one that somebody switched on stays.
    world.boto(
        "scaling = client('autoscaling')
for group in scaling.describe_auto_scaling_groups()['AutoScalingGroups']:
    scaling.enable_metrics_collection(AutoScalingGroupName=group['AutoScalingGroupName'], Granularity='1Minute', Metrics=['GroupMaxSize'])
result = None",
    );
    world.assert_settled();
    world.write(&format!("{PROGRAM}{}", alarm("GroupTotalInstances")));
    world.apply();
    assert_eq!(
        metrics(&world),
        json!({ "worker": ["GroupMaxSize", "GroupTotalInstances"], "other": ["GroupMaxSize"] })
    );

    // What somebody switched off is switched on again.
    world.boto(
        "scaling = client('autoscaling')
for group in scaling.describe_auto_scaling_groups()['AutoScalingGroups']:
    scaling.disable_metrics_collection(AutoScalingGroupName=group['AutoScalingGroupName'], Metrics=['GroupTotalInstances'])
result = None",
    );
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stdout.contains("GroupTotalInstances"), "{}", plan.stdout);
    world.apply();

    // No alarm is left.
    world.write(PROGRAM);
    world.apply();
    assert_eq!(metrics(&world), json!({ "worker": ["GroupMaxSize"], "other": ["GroupMaxSize"] }));
}

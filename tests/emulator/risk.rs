//! Risks as a plan says them, and what a protected environment refuses.

use serde_json::Value;

use super::World;

/// An environment with two hostclasses, of which one keeps data, and an alarm.
fn program(protect: bool, store: &str) -> String {
    format!(
        "project p {{ region = us-west-2, team = \"astro\" }}

env ci {{
  cidr     = 10.0.0.0/20
  zones    = 2
  protect  = {protect}
  pipeline = work
  metanetwork app {{}}
}}

hostclass store {{ network = app{store} }}
hostclass plain {{ network = app }}

topic ops {{ subscribers = [\"arn:aws:sqs:us-west-2:123456789012:q\"] }}
alarm busy {{ on = all, namespace = \"AWS/EC2\", metric = \"CPUUtilization\", when = average > 90 for 5 x 5m, notify = ops }}

pipeline work {{
  stage {{ run plain {{ min = 0, desired = 1, max = 2 }}, run store {{ min = 0, desired = 2, max = 3 }} }}
}}
"
    )
}

const DISK: &str = ", disk data { size = 100GB }";

fn world(text: &str) -> World {
    let world = World::new(text);
    world.stock_with(r#"{ "images": ["store", "plain"] }"#);
    world.apply();
    world
}

/// The risk of the step at an address, in the plan of this program.
fn risk(world: &World, program: &str, address: &str) -> String {
    world.write(program);
    let said = world.asiaq(&["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:#?}"));
    let steps = plan["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["address"].as_str().unwrap().starts_with(address));
    step.unwrap_or_else(|| panic!("{steps:#?}"))["risk"].as_str().unwrap().to_owned()
}

#[test]
fn a_group_whose_instances_have_disks_loses_data() {
    for (disk, gone) in [(DISK, "data-loss"), ("", "disruptive")] {
        let before = program(false, disk);
        let world = world(&before);
        let group = "ci/hostclass/store/group";
        let without = before.replace(", run store { min = 0, desired = 2, max = 3 }", "");
        assert_eq!(risk(&world, &without, group), gone);
        assert_eq!(
            risk(&world, &before.replace("desired = 2, max = 3", "desired = 1, max = 3"), group),
            gone
        );
        assert_eq!(
            risk(&world, &before.replace("desired = 2, max = 3", "desired = 3, max = 3"), group),
            "safe"
        );
        assert_eq!(risk(&world, &without, "ci/hostclass/store/launch-template"), "safe");
    }
}

#[test]
fn an_alarm_disrupts_nothing() {
    let before = program(true, "");
    let world = world(&before);
    let start = before.find("alarm busy").unwrap();
    let end = before[start..].find('\n').unwrap() + start;
    world.write(&before.replace(&before[start..=end], ""));
    let plan: Value = serde_json::from_str(&world.asiaq(&["plan", "--format", "json"]).stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2, "an alarm for each hostclass: {steps:#?}");
    assert!(steps.iter().all(|step| step["kind"] == "alarm" && step["risk"] == "safe"), "{steps:#?}");
    world.apply();
}

#[test]
fn a_protected_environment_refuses_the_end_of_what_serves_by_every_command() {
    let before = program(true, DISK);
    let world = world(&before);
    let look = world.look();
    // Without its instances, without a declaration, and with fewer instances that keep data.
    for (program, option) in [
        (before.replace(", run store { min = 0, desired = 2, max = 3 }", ""), "data-loss"),
        (before.replace("run plain { min = 0, desired = 1, max = 2 }, ", ""), "replace"),
        (before.replace("desired = 1, max = 2", "desired = 0, max = 2"), "replace"),
        (before.replace("desired = 2, max = 3", "desired = 1, max = 3"), "data-loss"),
    ] {
        world.write(&program);
        let said = world.asiaq(&["apply", "--yes"]);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(&format!("add `--allow {option}`")), "{said:#?}");
    }
    world.write(&before);
    for arguments in [
        &["scale", "store", "--desired", "1", "--yes"][..],
        &["scale", "store", "--desired", "1", "--yes", "--allow", "replace"],
        &["scale", "store", "--max", "1", "--yes"],
        &["scale", "plain", "--desired", "0", "--yes"],
        &["down", "work", "--yes"],
        &["destroy", "--yes"],
        // No terminal, and no `--yes`.
        &["scale", "plain", "--desired", "2"],
        &["down", "work", "--allow", "data-loss"],
    ] {
        let said = world.asiaq(&[arguments, &["--env", "ci"]].concat());
        assert_eq!(said.code, 2, "{arguments:?}: {said:#?}");
        assert!(["--allow", "--yes"].iter().any(|way| said.stderr.contains(way)), "{said:#?}");
    }
    assert_eq!(world.look(), look);
    let said =
        world.asiaq(&["scale", "store", "--desired", "1", "--yes", "--allow", "data-loss", "--env", "ci"]);
    assert_eq!(said.code, 0, "{said:#?}");
}

//! What operators do to single instances: stop, terminate, tag, and ask whether they are ready.

use serde_json::{Value, json};

use super::permissions::{Actions, allowed, needs};
use super::proxy::Proxy;
use super::{World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2 }
env ci {
  cidr     = 10.0.0.0/20
  zones    = 1
  pipeline = fleet
  metanetwork app {}
}
env live {
  cidr     = 10.1.0.0/20
  zones    = 1
  pipeline = fleet
  protect  = true
  metanetwork app {}
}
hostclass web { network = app }
pipeline fleet {
  stage { run web { min = 1, desired = 2, max = 4 } }
}
";

fn running() -> World {
    let world = World::new(PROGRAM);
    world.stock_with(r#"{ "images": ["web"] }"#);
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world
}

/// Ids and states of the instances of an environment.
fn hosts(world: &World, env: &str) -> Vec<(String, String)> {
    let said = world.asiaq(&["hosts", "--env", env, "--format", "json"]);
    let hosts: Vec<Value> = serde_json::from_str(&said.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    hosts.iter().map(|host| (text(&host["id"]), text(&host["state"]))).collect()
}

#[test]
fn a_group_terminates_its_instances_and_launches_others_or_wants_fewer() {
    let world = running();
    let proxy = Proxy::start(moto::endpoint());
    let first = hosts(&world, "ci")[0].0.clone();
    let unasked = world.asiaq(&["terminate", &first]);
    assert!(unasked.code == 2 && unasked.stderr.contains("`--yes`"), "{unasked:#?}");
    assert!(unasked.stderr.contains("which launches another one"), "{unasked:#?}");
    let said = world.asiaq_through(&proxy, &["terminate", &first, "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(proxy.operations().contains(&"TerminateInstanceInAutoScalingGroup".to_owned()));
    let left = hosts(&world, "ci");
    assert!(left.len() == 2 && left.iter().all(|(id, _)| *id != first), "{left:?}");

    let said = world.asiaq(&["terminate", &left[0].0, "--shrink", "--yes", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).unwrap()[0]["action"], "shrink");
    let left = hosts(&world, "ci");
    assert_eq!(left.len(), 1, "{left:?}");
    let said = world.asiaq(&["terminate", &left[0].0, "--shrink", "--yes"]);
    assert!(said.code == 2 && said.stderr.contains("its minimum is 1"), "{said:#?}");

    proxy.clear();
    let said = world.asiaq_through(&proxy, &["terminate", &left[0].0, "--now", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(proxy.operations().contains(&"TerminateInstances".to_owned()));
    assert!(said.stdout.contains("launches another one when it notices"), "{said:#?}");
}

#[test]
fn what_is_protected_or_unclear_stays() {
    let world = running();
    for (arguments, words) in [
        (&["terminate", "web", "--yes"][..], "several environments, `ci` and `live`"),
        (&["terminate", "web", "--env", "live", "--yes"], "add `--allow replace`"),
        (&["stop", "--yes"], "say which instances to stop"),
        (&["tag", "web", "--env", "ci"], "say what to change"),
        (&["tag", "web", "--env", "ci", "--set", "asiaq:env=x", "--yes"], "is not for people"),
    ] {
        let said = world.asiaq(arguments);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(joined(&said.stderr).contains(words), "{words}: {said:#?}");
    }
    let dry = world.asiaq(&["terminate", "web", "--env", "live", "--dry-run"]);
    assert_eq!((dry.code, dry.stdout.lines().count()), (10, 2), "{dry:#?}");
    assert!(hosts(&world, "live").iter().all(|(_, state)| state == "running"));
    let said = world.asiaq(&["stop", "web", "--env", "live", "--allow", "replace", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(hosts(&world, "live").iter().all(|(_, state)| state == "stopped"));
}

#[test]
fn instances_are_tagged_and_say_whether_they_are_ready() {
    let world = running();
    let said =
        world.asiaq(&["tag", "web", "--env", "ci", "--set", "owner=anna", "--set", "note=a=b", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let said = world.asiaq(&["tag", "web", "--env", "ci", "--remove", "note", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let tags = world.boto(
        "found = [one for r in ec2.describe_instances()['Reservations'] for one in r['Instances']]
tags = [{t['Key']: t['Value'] for t in one['Tags']} for one in found]
result = sorted([t['asiaq:env'], t.get('owner'), t.get('note')] for t in tags if t.get('owner'))",
    );
    assert_eq!(tags, json!([["ci", "anna", null], ["ci", "anna", null]]));
    assert_eq!(world.asiaq(&["plan"]).code, 0, "tags of instances are nothing that a plan compares");

    let said = world.asiaq(&["ready", "web", "--env", "ci"]);
    assert_eq!((said.code, said.stdout.matches(" is ready\n").count()), (0, 2), "{said:#?}");
    let first = hosts(&world, "ci")[0].0.clone();
    assert_eq!(world.asiaq(&["stop", &first, "--yes"]).code, 0);
    let said = world.asiaq(&["ready", &first]);
    assert_eq!(said.code, 10, "{said:#?}");
    assert_eq!(said.stdout, format!("web {first} is not ready: stopped\n"));
    let said = world.asiaq(&["console", &first]);
    assert_eq!((said.code, said.stdout.as_str()), (0, ""), "{said:#?}");
    assert!(said.stderr.contains("has not written anything yet"), "{said:#?}");
    let said = world.asiaq(&["console", &first]);
    assert!(said.stdout.contains("Linux version"), "{said:#?}");
}

#[test]
fn the_policy_for_instances_is_enough_and_has_nothing_else() {
    let world = running();
    let proxy = Proxy::start(moto::endpoint());
    let ids = hosts(&world, "ci");
    let mut called: Actions = needs(&world, &proxy, &["terminate", &ids[0].0, "--yes"], 0);
    called.extend(needs(&world, &proxy, &["terminate", &ids[1].0, "--now", "--yes"], 0));
    let ids = hosts(&world, "ci");
    called.extend(needs(&world, &proxy, &["stop", &ids[0].0, "--yes"], 0));
    let tag = ["tag", &ids[0].0, "--set", "a=b", "--remove", "c", "--yes"];
    called.extend(needs(&world, &proxy, &tag, 0));
    let uncalled: Actions = allowed(&world, "terminate").difference(&called).cloned().collect();
    // The table of leases is there already.
    let expected = ["CreateTable", "DescribeTable", "TagResource"].map(|name| format!("dynamodb:{name}"));
    assert!(uncalled.is_subset(&expected.into()), "{uncalled:?}");
}

//! `asiaq chaos`: whom it terminates, and whom it leaves alone.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::{Value, json};

use super::permissions::{Actions, allowed, needs};
use super::proxy::{Fault, Proxy};
use super::{World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2 }
env ci   { cidr = 10.0.0.0/20, zones = 1, pipeline = fleet, metanetwork app {} }
env live { cidr = 10.1.0.0/20, zones = 1, pipeline = fleet, protect = true, metanetwork app {} }
hostclass web  { network = app }
hostclass mail { network = app }
hostclass db   { network = app, chaos = false }
pipeline fleet {
  stage {
    run web  { desired = 6 }
    run mail { desired = 3 }
    run db   { desired = 3 }
  }
}
";

fn running() -> World {
    let world = World::new(PROGRAM);
    world.stock_with(r#"{ "images": ["web", "mail", "db"] }"#);
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world
}

fn chaos(world: &World, more: &[&str], code: i32) -> Value {
    let all = ["chaos", "--env", "ci", "--any-day", "--format", "json"];
    let said = world.asiaq(&[&all[..], more].concat());
    assert_eq!(said.code, code, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

fn chosen(report: &Value) -> BTreeSet<String> {
    let chosen = report["chosen"].as_array().unwrap();
    chosen.iter().map(|one| one["host"].as_str().unwrap().to_owned()).collect()
}

/// What is said of the group of a hostclass.
fn of<'r>(report: &'r Value, hostclass: &str) -> &'r Value {
    report["groups"].as_array().unwrap().iter().find(|group| group["hostclass"] == hostclass).unwrap()
}

/// The ids of the instances of an environment, of a hostclass or of all.
fn hosts(world: &World, env: &str, hostclass: &str) -> BTreeSet<String> {
    let said = world.asiaq(&["hosts", "--env", env, "--format", "json"]);
    let hosts: Vec<Value> = serde_json::from_str(&said.stdout).unwrap();
    let meant = hosts.iter().filter(|host| hostclass == "all" || host["hostclass"] == hostclass);
    meant.map(|host| host["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_run_terminates_those_that_its_dry_run_named() {
    let world = running();
    let before = hosts(&world, "ci", "all");
    let shown = chaos(&world, &["--level", "50%", "--retain", "33.3%", "--dry-run"], 10);
    // Nine are healthy in the groups that take part: four, of four of `web` and two of `mail`.
    assert_eq!((shown["healthy"].clone(), shown["wanted"].clone()), (json!(9), json!(4)));
    let numbers = |name: &str| {
        let one = of(&shown, name);
        ["healthy", "kept", "eligible"].map(|key| one[key].as_u64().unwrap())
    };
    assert_eq!([numbers("web"), numbers("mail"), numbers("db")], [[6, 2, 4], [3, 1, 2], [3, 3, 0]]);
    assert_eq!(of(&shown, "db")["reason"], "the program says `chaos = false`");
    assert_eq!(chosen(&shown).len(), 4);
    assert_eq!(hosts(&world, "ci", "all"), before, "a dry run terminates nothing");

    let seed = shown["seed"].to_string();
    let same = ["--level", "50%", "--retain", "33.3%", "--seed", &seed];
    let proxy = Proxy::start(moto::endpoint());
    let arguments = [&["chaos", "--env", "ci", "--any-day"], &same[..]].concat();
    let unasked = world.asiaq_through(&proxy, &arguments);
    assert!(unasked.code == 2 && unasked.stderr.contains("`--yes`"), "{unasked:#?}");
    assert_eq!(hosts(&world, "ci", "all"), before);
    proxy.clear();
    let done = world.asiaq_through(&proxy, &[&arguments[..], &["--yes"]].concat());
    assert_eq!(done.code, 0, "{done:#?}");
    let calls = proxy.operations();
    let of_groups = calls.iter().filter(|call| *call == "TerminateInstanceInAutoScalingGroup").count();
    assert!(of_groups == 4 && !calls.contains(&"TerminateInstances".to_owned()), "{calls:?}");
    let after = hosts(&world, "ci", "all");
    let gone: BTreeSet<String> = before.difference(&after).cloned().collect();
    assert_eq!(gone, chosen(&shown));
    assert_eq!(after.len(), before.len(), "the groups have replaced them");
    assert_eq!(done.stdout.lines().count(), 4, "{done:#?}");
    assert!(done.stderr.contains(&format!("`--seed {seed}` chooses the same ones")), "{done:#?}");
}

#[test]
fn what_says_no_is_left_alone() {
    let world = running();
    let all = ["--level", "100%", "--retain", "0%", "--dry-run"];
    // An instance by its tag, and one that is protected from scale-in.
    let web: Vec<String> = hosts(&world, "ci", "web").into_iter().collect();
    let said = world.asiaq(&["tag", &web[0], "--set", "chaos=False", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let web_group = of(&chaos(&world, &all, 10), "web")["group"].as_str().unwrap().to_owned();
    world.boto(&format!(
        "client('autoscaling').set_instance_protection(
    InstanceIds=['{}'], AutoScalingGroupName='{web_group}', ProtectedFromScaleIn=True)
client('autoscaling').set_instance_health(InstanceId='{}', HealthStatus='Unhealthy')
result = None",
        web[1], web[2]
    ));
    let shown = chaos(&world, &all, 10);
    let left = of(&shown, "web");
    assert_eq!(left["spared"][&web[0]], "its tag `chaos` is `False`", "{shown:#}");
    assert_eq!(left["spared"][&web[1]], "it is protected from scale-in", "{shown:#}");
    assert_eq!((left["healthy"].clone(), left["eligible"].clone()), (json!(5), json!(3)), "{shown:#}");
    assert!(web[..3].iter().all(|id| !chosen(&shown).contains(id)));

    // A group under a deploy, and one whose processes are suspended.
    let mail_group = of(&shown, "mail")["group"].as_str().unwrap().to_owned();
    world.boto(&format!(
        "client('autoscaling').create_or_update_tags(Tags=[{{'ResourceId': '{mail_group}',
    'ResourceType': 'auto-scaling-group', 'Key': 'asiaq:deploy', 'Value': '5f 1 ann', 'PropagateAtLaunch': False}}])
client('autoscaling').suspend_processes(AutoScalingGroupName='{web_group}', ScalingProcesses=['Launch'])
result = None"
    ));
    let shown = chaos(&world, &all, 0);
    assert_eq!(of(&shown, "mail")["reason"], "it is part of a deploy that is under way");
    assert_eq!(of(&shown, "web")["reason"], "it replaces nothing: Launch is suspended");
    assert_eq!(shown["healthy"], 0);

    // What the program protects, unless that is allowed.
    let live = ["chaos", "--env", "live", "--any-day", "--format", "json", "--level", "100%", "--dry-run"];
    let said = world.asiaq(&live);
    assert!(said.code == 0 && said.stdout.contains("`--allow replace`"), "{said:#?}");
    let said = world.asiaq(&[&live[..], &["--allow", "replace", "--hostclass", "mail"]].concat());
    assert_eq!(said.code, 10, "{said:#?}");
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(chosen(&report).len(), 2);
    assert_eq!(of(&report, "web")["reason"], "other hostclasses are named");

    for (arguments, words) in [
        (&["--hostclass", "wbe"][..], "did you mean `web`?"),
        (&["--level", "0%"], "nothing is chosen then"),
        (&["--level", "101%"], "from 0% to 100%"),
        (&["--retain", "x"], "write a percentage"),
        (&["--hours", "17-9"], "the earlier first"),
        (&["--allow", "prune"], "only for `asiaq apply`"),
    ] {
        let refused = world.asiaq(&[&["chaos", "--env", "ci", "--any-day", "--dry-run"], arguments].concat());
        assert!(refused.code == 2 && joined(&refused.stderr).contains(words), "{words}: {refused:#?}");
    }
    // No hour of any day.
    let hour = world.boto("import datetime\nresult = datetime.datetime.now(datetime.timezone.utc).hour");
    let hour = hour.as_u64().unwrap();
    let other = if hour < 12 { "22-24" } else { "0-2" };
    let said = world.asiaq(&["chaos", "--env", "ci", "--any-day", "--hours", other, "--yes"]);
    assert!(said.code == 0 && said.stderr.contains("nothing is terminated: it is not between"), "{said:#?}");
}

#[test]
fn two_runs_never_change_an_environment_at_once_and_a_failure_is_told() {
    let world = running();
    let run = ["chaos", "--env", "ci", "--any-day", "--level", "100%", "--retain", "50%", "--yes"];
    let before = hosts(&world, "ci", "all");
    // Another one holds the lease.
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("TerminateInstanceInAutoScalingGroup", 1, Fault::Held);
    let mut other = world.command(env!("CARGO_BIN_EXE_asiaq"));
    let other = other.args(run).env("AWS_ENDPOINT_URL", proxy.endpoint());
    let mut other = other.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(proxy.until_hanging());
    let refused = world.asiaq(&run);
    assert!(refused.code == 2 && joined(&refused.stderr).contains("asiaq chaos --env ci"), "{refused:#?}");
    assert_eq!(hosts(&world, "ci", "all"), before);
    proxy.release();
    assert!(other.wait().unwrap().success());

    let proxy = Proxy::start(moto::endpoint());
    proxy.on("TerminateInstanceInAutoScalingGroup", 1, Fault::Refused("ScalingActivityInProgress", "busy"));
    let said = world.asiaq_through(&proxy, &run);
    assert_eq!(said.code, 3, "{said:#?}");
    assert!(joined(&said.stderr).contains("was not terminated"), "{said:#?}");
    assert_eq!(world.asiaq(&run).code, 0, "the lease was given back");
}

#[test]
fn the_policy_for_chaos_is_enough_and_has_nothing_else() {
    let world = running();
    let proxy = Proxy::start(moto::endpoint());
    let run = ["chaos", "--env", "ci", "--any-day", "--yes"];
    let called: Actions = needs(&world, &proxy, &run, 0);
    let uncalled: Actions = allowed(&world, "chaos").difference(&called).cloned().collect();
    // The table of leases is there already.
    let expected = ["CreateTable", "DescribeTable", "TagResource"].map(|name| format!("dynamodb:{name}"));
    assert!(uncalled.is_subset(&expected.into()), "{uncalled:?}");
}

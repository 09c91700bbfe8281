//! `asiaq exec --ssm`: documents of Systems Manager, with agents as `run_commands.py` has them.

use serde_json::Value;

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
hostclass web { network = app }
pipeline fleet {
  stage { run web { desired = COUNT, max = 99 } }
}
";

/// A world in which so many instances run.
fn running(count: usize) -> World {
    let world = World::new(&PROGRAM.replace("COUNT", &count.to_string()));
    world.stock_with(r#"{ "images": ["web"] }"#);
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world
}

fn ids(world: &World) -> Vec<String> {
    let said = world.asiaq(&["hosts", "--format", "json"]);
    let hosts: Vec<Value> = serde_json::from_str(&said.stdout).unwrap();
    hosts.iter().map(|host| host["id"].as_str().unwrap().to_owned()).collect()
}

fn tag(world: &World, id: &str, key: &str, value: &str) {
    world.boto(&format!(
        "result = ec2.create_tags(Resources=['{id}'], Tags=[{{'Key': '{key}', 'Value': '{value}'}}]) and 1"
    ));
}

const SHELL: [&str; 6] = ["exec", "web", "--ssm", "AWS-RunShellScript", "--parameters", "commands=uptime"];

#[test]
fn status_and_exit_codes_decide_and_cut_output_is_marked() {
    let world = running(4);
    let ids = ids(&world);
    tag(&world, &ids[1], "emulator:command", "Failed 7 0");
    tag(&world, &ids[2], "emulator:command", "ExecutionTimedOut -1 0");
    tag(&world, &ids[3], "emulator:agent", "off");
    let options = ["--timeout", "90s", "--yes"];
    let said = world.asiaq(&[&SHELL[..], &options].concat());
    assert_eq!(said.code, 124, "{said:#?}");
    let line = format!("web {} | {{\"commands\": [\"uptime\"], \"executionTimeout\": [\"90\"]}}\n", ids[0]);
    assert!(said.stdout.contains(&line), "{said:#?}");
    let text = joined(&said.stderr);
    assert!(text.contains(&format!("web {} ! the command did not end in time", ids[2])), "{text}");
    assert!(text.contains(&format!("not asked: the agent of {} does not answer", ids[3])), "{text}");
    assert!(text.contains("3 instances: 1 ended with 0, 1 ended with 7, 1 failed, 1 not running"), "{text}");

    // Who was not asked is no success.
    let said = world.asiaq(&[&SHELL[..2], &["--ssm", "AWS-RunShellScript", "--dry-run"]].concat());
    assert_eq!((said.code, said.stdout.lines().count()), (10, 3), "{said:#?}");
    for id in &ids[1..3] {
        tag(&world, id, "emulator:command", "Success 0 24001");
    }
    let said = world.asiaq(&[&SHELL[..], &["--yes", "--format", "json"]].concat());
    assert_eq!(said.code, 3, "{said:#?}");
    let lines: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of =
        |id: &String| -> Vec<&Value> { lines.iter().filter(|line| line["host"] == id.as_str()).collect() };
    assert_eq!(of(&ids[1])[0]["stdout"].as_str().unwrap().len(), 24000);
    assert_eq!(of(&ids[1])[1]["ended"], serde_json::json!({ "code": 0, "cut": true }));
    assert_eq!(of(&ids[0])[1]["ended"], serde_json::json!({ "code": 0 }));

    // All of it is in a bucket.
    let bucket = format!("out-{}", world.credentials.account);
    world.boto(&format!(
        "result = client('s3').create_bucket(Bucket='{bucket}', CreateBucketConfiguration={{'LocationConstraint': 'us-west-2'}}) and 1"
    ));
    let said = world.asiaq(&[&SHELL[..], &["--yes", "--bucket", &bucket]].concat());
    assert_eq!(said.code, 3, "{said:#?}");
    assert!(!said.stderr.contains("cut off"), "{said:#?}");
    assert_eq!(said.stdout.matches('x').count(), 2 * 24001);
}

#[test]
fn fifty_instances_are_named_by_one_call() {
    let world = running(51);
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_through(&proxy, &[&SHELL[..], &["--yes"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    let sent = proxy.operations().iter().filter(|name| *name == "SendCommand").count();
    assert_eq!((sent, said.stdout.lines().count()), (2, 51));
}

#[test]
fn what_cannot_be_sent_is_said_before() {
    let world = running(1);
    let id = ids(&world).remove(0);
    for (arguments, words) in [
        (&["--ssm", "mine"][..], "there is no document `mine` in us-west-2"),
        (
            &["--ssm", "AWS-RunShellScript", "--parameters", "command=x"],
            "has no parameter `command`; it has `commands`",
        ),
        (&["--ssm", "AWS-RunShellScript", "--no-jump"], "the options of SSH have no effect"),
        (&["--parameters", "commands=x", "--", "true"], "add `--ssm DOCUMENT`"),
        (&["--ssm", "AWS-RunShellScript", "--", "true"], "cannot be used with"),
    ] {
        let said = world.asiaq(&[&["exec", "web", "--yes"], arguments].concat());
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(joined(&said.stderr).contains(words), "{words}: {said:#?}");
    }
    tag(&world, &id, "emulator:agent", "off");
    let said = world.asiaq(&[&SHELL[..], &["--yes"]].concat());
    assert!(said.code == 2 && said.stderr.contains("the agent of none of 1 instance"), "{said:#?}");
}

#[test]
fn the_policies_for_operators_are_enough_and_have_nothing_else() {
    let world = running(1);
    let proxy = Proxy::start(moto::endpoint());
    let ssm: Actions = needs(&world, &proxy, &SHELL, 0);
    assert_eq!(ssm, allowed(&world, "ssm"));
    let status = needs(&world, &proxy, &["status", "--env", "ci"], 0);
    assert!(status.contains("cloudwatch:DescribeAlarms") && status.contains("ec2:DescribeInstances"));
    // The key of the emulator's instances is nobody's: only the way there is of interest.
    std::fs::write(world.path("closed"), "Host *\n  HostName 127.0.0.1\n  Port 1\n").unwrap();
    let exec = ["exec", "web", "--no-jump", "--ssh-config", "closed", "--", "true"];
    let ssh = needs(&world, &proxy, &exec, 255);
    assert_eq!(ssh, allowed(&world, "ssh"));
}

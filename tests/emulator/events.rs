//! What a run tells of itself while it goes.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use serde_json::Value;

use super::{World, moto};
use crate::emulator::proxy::{Fault, Moment, Proxy};

const ONE: &str = "project p { region = us-west-2 }
env ci {
  cidr  = 10.0.0.0/20
  zones = 1
  metanetwork web { ingress = [tcp 443 from internet], routes = [internet via igw] }
}
";

fn lines(world: &World, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(world.path(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'l>(lines: &'l [Value], event: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn a_run_tells_of_every_operation_and_every_attempt_at_a_call() {
    let world = World::new(ONE);
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("CreateVpc", 1, Fault::Throttled);
    let endpoint = proxy.endpoint();
    let at = ["--endpoint-url", &endpoint, "--events", "events.jsonl", "--timeline", "run.svg"];
    let said = world.asiaq(&[&["apply", "--yes"], &at[..]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains("throttled by EC2"), "{said:#?}");
    let told = lines(&world, "events.jsonl");
    assert_eq!(told[0]["asiaq-events"], 1);
    assert_eq!((&told[0]["event"], &told[0]["command"]), (&"run-started".into(), &"apply".into()));
    assert_eq!(told.last().unwrap()["event"], "run-ended");
    assert_eq!(told.last().unwrap()["exit"], 0);
    assert!(told.windows(2).all(|pair| pair[0]["at"].as_f64() <= pair[1]["at"].as_f64()));

    // What is told of calls is what arrived.
    let answered = of(&told, "call-answered");
    let mut names: Vec<&str> = answered.iter().map(|line| line["name"].as_str().unwrap()).collect();
    let calls = proxy.calls();
    let mut arrived: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    names.sort_unstable();
    arrived.sort_unstable();
    assert_eq!(names, arrived);
    let retried = of(&told, "call-retried");
    assert_eq!((retried.len(), &retried[0]["name"]), (1, &"CreateVpc".into()));
    assert_eq!(of(&told, "call-sent").len() + 1, answered.len());

    // Each call is of the operation that made it, however many are under way.
    let planned = &of(&told, "planned")[0];
    let operations = of(&told, "operation-planned");
    assert_eq!(planned["operations"], operations.len());
    assert_eq!(of(&told, "operation-finished").len(), operations.len());
    let kinds: BTreeMap<u64, &Value> =
        operations.iter().map(|line| (line["operation"].as_u64().unwrap(), &line["kind"])).collect();
    let makes: BTreeSet<(&str, &str)> = answered
        .iter()
        .filter_map(|line| {
            Some((line["name"].as_str()?, kinds.get(&line.get("operation")?.as_u64()?)?.as_str()?))
        })
        .filter(|(name, _)| name.starts_with("Create"))
        .collect();
    assert_eq!(
        makes.into_iter().collect::<Vec<_>>(),
        [
            ("CreateInternetGateway", "internet-gateway"),
            ("CreateRoute", "route-table"),
            ("CreateRouteTable", "route-table"),
            ("CreateSecurityGroup", "security-group"),
            ("CreateSubnet", "subnet"),
            ("CreateVpc", "vpc"),
        ]
    );

    // Nothing that is secret.
    let text = std::fs::read_to_string(world.path("events.jsonl")).unwrap();
    for secret in [&world.credentials.secret, &world.credentials.token, &world.credentials.access] {
        assert!(!text.contains(secret.as_str()));
    }

    // The picture of a log is that of the run.
    let svg = std::fs::read_to_string(world.path("run.svg")).unwrap();
    assert!(svg.contains("<title>asiaq apply of p: ci</title>"), "{svg}");
    let drawn = world.asiaq(&["timeline", "events.jsonl"]);
    assert_eq!((drawn.code, drawn.stdout), (0, svg));
    // Both may be written again.
    assert_eq!(world.asiaq(&[&["destroy", "--yes"], &at[..]].concat()).code, 0);
    assert_eq!(lines(&world, "events.jsonl")[0]["command"], "destroy");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_before_anything_else() {
    let world = World::new(ONE);
    let proxy = Proxy::start(moto::endpoint());
    let endpoint = proxy.endpoint();
    world.write("project p { region = us-west-2 }");
    for (option, file, says) in [
        ("--events", "no-such-folder/events.jsonl", "cannot write"),
        ("--timeline", "no-such-folder/run.svg", "cannot write"),
        ("--events", "infra.asq", "exists and is not a log of events"),
        ("--timeline", "infra.asq", "exists and is not an SVG file"),
    ] {
        let said = world.asiaq(&["apply", "--yes", "--endpoint-url", &endpoint, option, file]);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(says) && said.stderr.contains(file), "{said:#?}");
    }
    assert_eq!(proxy.operations(), Vec::<String>::new());
    assert!(std::fs::read_to_string(world.path("infra.asq")).unwrap().starts_with("project"));
    // Nor does a picture take the place of a program.
    assert_eq!(world.asiaq(&["apply", "--yes", "--events", "run.jsonl"]).code, 0);
    world.write("project p { region = us-west-2 }\nenv ci { cidr = 10.0.0.0/20 }\n");
    for command in [["timeline", "run.jsonl", "-o", "infra.asq"], ["graph", "infra.asq", "-o", "infra.asq"]] {
        let said = world.asiaq(&command);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains("`infra.asq` exists and is not an SVG file"), "{said:#?}");
    }
    assert!(std::fs::read_to_string(world.path("infra.asq")).unwrap().starts_with("project"));
    let said = world.asiaq(&["timeline", "infra.asq"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("`infra.asq`: it is no log that `--events` wrote"), "{said:#?}");
}

#[test]
fn a_killed_run_leaves_what_happened_before() {
    let world = World::new(ONE);
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("CreateSubnet", 1, Fault::Hanging(Moment::Before));
    let mut child = world
        .command(env!("CARGO_BIN_EXE_asiaq"))
        .args(["apply", "--yes", "--endpoint-url", &proxy.endpoint(), "--events", "events.jsonl"])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert!(proxy.until_hanging());
    child.kill().unwrap();
    child.wait().unwrap();
    let told = lines(&world, "events.jsonl");
    let finished = of(&told, "operation-finished");
    assert!(finished.iter().any(|line| line["address"] == "ci/vpc"), "{told:#?}");
    let started = of(&told, "operation-started");
    assert!(started.iter().any(|line| line["address"] == "ci/web/subnet/1"), "{told:#?}");
    let sent = of(&told, "call-sent");
    assert!(sent.iter().any(|line| line["name"] == "CreateSubnet"));
    assert!(of(&told, "call-answered").iter().all(|line| line["name"] != "CreateSubnet"));
    assert_eq!(of(&told, "run-ended"), Vec::<&Value>::new());
    let drawn = world.asiaq(&["timeline", "events.jsonl", "--output", "run.svg"]);
    assert_eq!(drawn.code, 0, "{drawn:#?}");
    let svg = std::fs::read_to_string(world.path("run.svg")).unwrap();
    assert!(svg.contains("killed") && svg.contains("not over"), "{svg}");
}

#[test]
fn a_run_that_comes_to_nothing_says_why() {
    let world = World::new(ONE);
    let said = world.asiaq(&["apply", "--yes", "--env", "c", "--events", "events.jsonl"]);
    assert_eq!(said.code, 2);
    let told = lines(&world, "events.jsonl");
    let end = told.last().unwrap();
    assert_eq!((&end["event"], &end["exit"]), (&"run-ended".into(), &2.into()));
    assert!(end["message"].as_str().unwrap().contains("`c`"), "{end}");
}

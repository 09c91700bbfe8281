//! `asiaq sandbox`: environments that no file declares, and that everything else leaves alone.

use serde_json::{Value, json};

use super::permissions::needs;
use super::proxy::Proxy;
use super::{World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2 }
envtype base {
  cidr  = auto /20 in 10.128.0.0/16
  zones = 1
  metanetwork app {}
}
envtype sandbox : base {}
envtype safe : base { protect = true }
env ci : base { pipeline = web }
hostclass front { network = app }
pipeline web { stage { run front { desired = 1 } } }
topic ops { subscribers = [\"ops@shop.example\"] }
alarm busy {
  on = [front], namespace = \"AWS/EC2\", metric = \"CPUUtilization\", when = average > 80 for 3 x 5m, notify = ops
}
";

fn world() -> World {
    let world = World::new(PROGRAM);
    world.stock_with(r#"{ "images": ["front"] }"#);
    world.apply();
    world
}

/// Runs a command that ends with `code`; gives what it says.
fn run(world: &World, arguments: &[&str], code: i32) -> (String, String) {
    let said = world.asiaq(arguments);
    assert_eq!(said.code, code, "{arguments:?}: {said:#?}");
    (said.stdout, joined(&said.stderr))
}

fn data(world: &World, arguments: &[&str], code: i32) -> Value {
    serde_json::from_str(&run(world, &[arguments, &["--format", "json"]].concat(), code).0).unwrap()
}

fn names(world: &World) -> Vec<String> {
    let all = data(world, &["sandbox", "list"], 0);
    all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// The blocks of the VPCs, by environment.
fn blocks(world: &World) -> Value {
    world.boto(
        "result = {next(tag['Value'] for tag in vpc['Tags'] if tag['Key'] == 'asiaq:env'): vpc['CidrBlock']
    for vpc in ec2.describe_vpcs()['Vpcs'] if vpc.get('Tags')}",
    )
}

/// What there is of an environment that has a tag at all: without the tag of sandboxes, and with it.
fn marked(world: &World, env: &str) -> (usize, usize) {
    let counts = world.boto(&format!(
        "own, marked = set(), set()
for tag in ec2.describe_tags()['Tags']:
    if tag['Key'] == 'asiaq:env' and tag['Value'] == '{env}' and tag['ResourceType'] != 'instance':
        own.add(tag['ResourceId'])
    if tag['Key'] == 'asiaq:sandbox':
        marked.add(tag['ResourceId'])
result = [len(own - marked), len(own & marked)]"
    ));
    let count = |at: usize| usize::try_from(counts[at].as_u64().unwrap()).unwrap();
    (count(0), count(1))
}

#[test]
fn a_sandbox_is_made_known_and_destroyed_and_nothing_else_moves() {
    let world = world();
    let before = world.script("census.py", &[]);
    run(&world, &["sandbox", "demo", "--pipeline", "web", "--dry-run"], 10);
    assert_eq!(names(&world), [""; 0]);
    let make = ["sandbox", "demo", "--pipeline", "web", "--ttl", "8h", "--owner", "Jo <Doe>", "--yes"];
    let (_, said) = run(&world, &make, 0);
    assert!(said.contains("`demo` ends at 20") && !said.contains("default"), "{said}");

    // All of it has the mark, and nothing is left to do there or elsewhere.
    let (without, with) = marked(&world, "demo");
    assert!(without == 0 && with > 3, "{without} without the tag, {with} with it");
    assert_eq!(marked(&world, "ci").1, 0);
    run(&world, &["plan", "--env", "demo"], 0);
    run(&world, &["sandbox", "demo", "--dry-run"], 0);
    run(&world, &["plan", "--env", "ci"], 0);
    for command in [["plan"].as_slice(), &["apply", "--yes"], &["destroy", "--env", "ci", "--dry-run"]] {
        let (plan, said) = run(&world, command, if command.len() > 2 { 10 } else { 0 });
        assert_eq!(said.contains("left alone: the sandbox `demo`"), command.len() < 3, "{said}");
        assert!(!plan.contains("demo"), "{plan}");
    }

    let listed = data(&world, &["sandbox", "list"], 0);
    let [demo] = listed.as_array().unwrap().as_slice() else { panic!("{listed:#}") };
    assert_eq!(
        [&demo["name"], &demo["type"], &demo["pipeline"], &demo["owner"], &demo["ended"], &demo["declared"]],
        [&json!("demo"), &json!("sandbox"), &json!("web"), &json!("Jo -Doe-"), &json!(false), &json!(false)]
    );
    let (table, _) = run(&world, &["sandbox", "list"], 0);
    assert!(table.contains("in 7h 59m") && table.contains("Jo -Doe-"), "{table}");

    // Other commands know it by its name.
    let hosts = data(&world, &["hosts", "--env", "demo"], 0);
    assert_eq!(hosts.as_array().unwrap().len(), 1, "{hosts:#}");
    let status = data(&world, &["status", "--env", "demo"], 0);
    assert_eq!(status["environments"][0]["declared"], true, "{status:#}");
    assert_eq!(status["environments"][0]["plan"]["create"], 0, "{status:#}");
    let shown = data(&world, &["show", "--env", "demo"], 0);
    assert!(shown.to_string().contains("demo/hostclass/front"), "{shown:#}");
    let (_, said) = run(&world, &["plan", "--env", "dmo"], 2);
    assert!(said.contains("there is no environment `dmo`; did you mean `demo`?"), "{said}");

    // A new environment gets a block that nobody has, and the others keep theirs.
    let old = blocks(&world);
    world.write(&format!("{PROGRAM}env later : base {{}}\n"));
    run(&world, &["apply", "--yes"], 0);
    let new = blocks(&world);
    assert_eq!((&new["ci"], &new["demo"]), (&old["ci"], &old["demo"]));
    assert!(new["later"] != new["demo"] && new["later"] != new["ci"], "{new}");
    run(&world, &["plan", "--env", "demo"], 0);
    run(&world, &["destroy", "--env", "later", "--yes", "--topics"], 0);
    world.write(PROGRAM);

    // More time is one change; the pipeline may change too.
    let (plan, _) = run(&world, &["sandbox", "demo", "--ttl", "3d", "--dry-run"], 10);
    assert!(plan.contains("asiaq:sandbox") && plan.contains("1 to change"), "{plan}");
    run(&world, &["sandbox", "demo", "--ttl", "3d", "--yes"], 0);
    run(&world, &["plan", "--env", "demo"], 0);

    let (_, said) = run(&world, &["sandbox", "demoo", "--destroy", "--yes"], 2);
    assert!(said.contains("no sandbox `demoo`; did you mean `demo`?"), "{said}");
    run(&world, &["sandbox", "demo", "--destroy", "--dry-run"], 10);
    run(&world, &["sandbox", "demo", "--destroy", "--yes"], 0);
    assert_eq!(world.script("census.py", &[]), before);
    world.assert_settled();
}

#[test]
fn only_names_that_nobody_has_are_taken() {
    let world = world();
    let refused = |arguments: &[&str], part: &str| {
        let (_, said) = run(&world, &[&["sandbox", "--yes"], arguments].concat(), 2);
        assert!(said.contains(part), "{said}");
    };
    refused(&["ci"], "`ci` is declared at infra.asq:9, so it is no sandbox: use `asiaq apply --env ci`");
    refused(&["ci", "--destroy"], "use `asiaq destroy --env ci`");
    refused(&["base"], "`base` is an envtype");
    refused(&["--", "list"], "`asiaq sandbox list` is a command");
    refused(&["a{}env_b:base"], "is no name of an environment");
    refused(&["demo", "--type", "bse"], "there is no envtype `bse`; did you mean `base`?");
    refused(&["demo", "--ttl", "0h"], "at least a second");
    refused(&["none", "--destroy"], "there is no sandbox `none`, and no other");
    let (_, said) = run(&world, &["sandbox", "demo", "--pipeline", "wbe", "--yes"], 1);
    assert!(said.contains("<sandbox demo>:1") && said.contains("`wbe`"), "{said}");

    // What another program declared is nobody's sandbox.
    world.write(&PROGRAM.replace("env ci :", "env old :"));
    refused(&["ci"], "there is an environment `ci` in AWS that is no sandbox");
    refused(&["ci", "--destroy"], "is not marked as one: `asiaq destroy --env ci`");
    let (_, said) = run(&world, &["sandbox", "sweep", "--yes"], 0);
    assert!(said.contains("no sandbox has ended"), "{said}");
    world.write(PROGRAM);
    world.assert_settled();
}

#[test]
fn a_sweep_takes_what_has_ended_and_nothing_else() {
    let world = world();
    let before = world.script("census.py", &[]);
    for (name, more) in [
        ("gone", ["--pipeline", "web"]),
        ("kept", ["--type", "safe"]),
        ("long", ["--type", "sandbox"]),
        ("mine", ["--type", "base"]),
    ] {
        let ttl = if name == "long" { "2h" } else { "1s" };
        run(&world, &[&["sandbox", name, "--yes", "--ttl", ttl], more.as_slice()].concat(), 0);
    }
    // The program declares one of them now, and loses the type of another.
    let declared = format!("{PROGRAM}env mine : base {{}}\n");
    world.write(&declared.replace("envtype safe : base { protect = true }\n", ""));
    let dry = data(&world, &["sandbox", "sweep", "--dry-run"], 10);
    let result = |all: &Value, at: usize| {
        let one = &all.as_array().unwrap()[at];
        (one["name"].as_str().unwrap().to_owned(), one["result"].as_str().unwrap().to_owned())
    };
    assert_eq!(result(&dry, 1), ("kept".to_owned(), "would be refused".to_owned()));
    assert_eq!(result(&dry, 0), ("gone".to_owned(), "would be destroyed".to_owned()));
    assert!(dry[0]["resources"].to_string().contains("vpc-"), "{dry:#}");

    let done = data(&world, &["sandbox", "sweep", "--yes"], 3);
    assert_eq!(result(&done, 0), ("gone".to_owned(), "destroyed".to_owned()));
    assert_eq!(result(&done, 1), ("kept".to_owned(), "failed".to_owned()), "it is protected");
    assert_eq!(done.as_array().unwrap().len(), 2, "{done:#}");
    assert_eq!(names(&world), ["kept", "long", "mine"]);
    let (_, said) = run(&world, &["sandbox", "sweep", "--yes", "--allow", "data-loss"], 0);
    assert!(said.contains("left alone: `mine` has ended, and a file declares it now"), "{said}");

    // A declaration takes over, and the tag goes.
    run(&world, &["apply", "--env", "mine", "--yes"], 0);
    assert_eq!(names(&world), ["long"]);
    assert_eq!(marked(&world, "mine").1, 0);
    run(&world, &["plan", "--env", "mine"], 0);
    run(&world, &["destroy", "--env", "mine", "--topics", "--yes"], 0);
    run(&world, &["sandbox", "long", "--destroy", "--yes"], 0);
    assert_eq!(world.script("census.py", &[]), before);
}

#[test]
fn a_sandbox_that_was_cut_off_goes_on() {
    let world = world();
    let before = world.script("census.py", &[]);
    let make = ["sandbox", "demo", "--pipeline", "web", "--yes"];
    let unmake = ["sandbox", "demo", "--destroy", "--yes"];
    for n in [12, 40, 60, 90] {
        if world.kill_at(n, &make) {
            // Where it did not come so far as a lease, there is none to break.
            world.asiaq(&["unlock", "--env", "demo", "--yes"]);
        }
        // What was made says what it is: without options it goes on, if there is anything.
        let again = if names(&world).is_empty() { make.as_slice() } else { &["sandbox", "demo", "--yes"] };
        run(&world, again, 0);
        run(&world, &["plan", "--env", "demo"], 0);
        assert_eq!(data(&world, &["sandbox", "list"], 0)[0]["pipeline"], "web");
        if world.kill_at(n, &unmake) {
            world.asiaq(&["unlock", "--env", "demo", "--yes"]);
        }
        if !names(&world).is_empty() {
            run(&world, &unmake, 0);
        }
        assert_eq!(world.script("census.py", &[]), before, "killed at call {n}");
    }
}

#[test]
fn a_sandbox_is_found_in_the_region_of_its_type_and_without_it_where_that_is_said() {
    let far = PROGRAM
        .replace("env ci : base { pipeline = web }", "env ci : base {}")
        .replace("envtype safe : base { protect = true }", "envtype far : base { region = eu-west-1 }");
    let world = World::new(&far);
    run(&world, &["sandbox", "away", "--type", "far", "--ttl", "1s", "--yes"], 0);
    assert_eq!(names(&world), ["away"]);
    run(&world, &["plan", "--env", "away"], 0);
    // Without its type nothing leads there.
    world.write(&far.replace("envtype far : base { region = eu-west-1 }", ""));
    assert_eq!(names(&world), [""; 0]);
    run(&world, &["plan", "--env", "away"], 2);
    let there = ["--also-region", "eu-west-1"];
    let (_, said) = run(&world, &[&["plan", "--env", "away"], there.as_slice()].concat(), 1);
    assert!(said.contains("`far`"), "{said}");
    let swept = data(&world, &[&["sandbox", "sweep", "--yes"], there.as_slice()].concat(), 0);
    assert_eq!(swept, json!([{ "name": "away", "result": "destroyed" }]));
    assert_eq!(data(&world, &[&["sandbox", "list"], there.as_slice()].concat(), 0), json!([]));
}

#[test]
fn the_policy_of_the_command_is_enough() {
    let world = world();
    let proxy = Proxy::start(moto::endpoint());
    needs(&world, &proxy, &["sandbox", "demo", "--pipeline", "web", "--yes"], 0);
    needs(&world, &proxy, &["sandbox", "list"], 0);
    needs(&world, &proxy, &["sandbox", "demo", "--destroy", "--yes"], 0);
}

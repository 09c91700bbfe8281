//! Databases, looked at from outside: lists, copies, snapshots, reboots.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::proxy::{Fault, Moment, Proxy};
use super::{Said, World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2 }
envtype base {
  zones = 2
  metanetwork intranet {}
  database orders {
    engine     = postgres
    version    = \"16.4\"
    class      = db.m7g.large
    storage    = 100GB
    parameters = { max_connections = 500 }
  }
}
env live : base { cidr = 10.0.0.0/20 }
env ci : base { cidr = 10.1.0.0/20 }
";

const CLONE: [&str; 7] = ["database", "clone", "orders", "--from", "live", "--env", "ci"];

/// A world in which the environment `live` is there.
fn with_live(program: &str) -> World {
    let world = World::new(program);
    let said = world.asiaq(&["apply", "--env", "live", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world
}

fn json_of(world: &World, arguments: &[&str]) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

fn clone(world: &World, more: &[&str]) -> Said {
    world.asiaq(&[&CLONE, more].concat())
}

/// Identifiers of snapshots that somebody took, and of databases with what they were made from.
fn there(world: &World) -> Value {
    world.boto(
        "rds = client('rds')
tags = lambda one: {tag['Key']: tag['Value'] for tag in one['TagList']}
result = {
    'snapshots': sorted(one['DBSnapshotIdentifier'] for one in rds.describe_db_snapshots(SnapshotType='manual')['DBSnapshots']),
    'databases': {
        one['DBInstanceIdentifier']: tags(one).get('asiaq:restored-from') for one in rds.describe_db_instances()['DBInstances']
    },
}",
    )
}

#[test]
fn a_database_is_listed_and_shown() {
    let world = with_live(PROGRAM);
    let listed = json_of(&world, &["database", "list"]);
    assert_eq!(listed[0]["address"], json!("live/database/orders"));
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let shown = json_of(&world, &["database", "show", "orders"]);
    assert_eq!(shown["id"], json!("live-orders"));
    assert_eq!(shown["parameters"], json!({ "max_connections": "500" }));
    assert_eq!(shown["parameter_group"], json!("live-orders-postgres16"));
    assert_eq!((&shown["user"], &shown["backups"]), (&json!("asiaq"), &json!(1)));
    assert!(shown["secret"].as_str().unwrap().starts_with("arn:aws:secretsmanager:"), "{shown:#}");

    let said = world.asiaq(&["database", "show", "live-orders"]);
    assert_eq!(said.code, 0, "{said:#?}");
    for part in ["live-orders\n", "address", "db.m7g.large", "100 GB gp3", "max_connections = 500"] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    let said = world.asiaq(&["database", "show", "order"]);
    assert!(said.code == 2 && said.stderr.contains("did you mean `orders`?"), "{said:#?}");
}

#[test]
fn lines_of_a_list_are_aligned_where_endpoints_do_not_fit() {
    let more = "env ci : base { cidr = 10.1.0.0/20, database a { engine = mysql, version = \"8.4\", class = db.t4g.medium, storage = 20GB } }";
    let world = World::new(&PROGRAM.replace("env ci : base { cidr = 10.1.0.0/20 }", more));
    world.apply();
    let said = world.asiaq_with(&["database", "list"], Some(("COLUMNS", "80")));
    let lines: Vec<&str> = said.stdout.lines().collect();
    let class = lines[0].find("CLASS").unwrap();
    let rows: Vec<&&str> = lines[1..].iter().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(rows.len(), 3, "{}", said.stdout);
    assert!(rows.iter().all(|row| row[class..].starts_with("db.")), "{}", said.stdout);
    let endpoints = lines.iter().filter(|line| line.starts_with("    ") && line.contains(".rds."));
    assert_eq!(endpoints.count(), 3, "{}", said.stdout);
    assert!(lines.iter().all(|line| line.len() <= 80), "{}", said.stdout);
}

#[test]
fn a_copy_has_the_data_of_the_original_and_all_settings_of_the_program() {
    let world = with_live(PROGRAM);
    let said = clone(&world, &["--dry-run"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let part = "`ci-orders` is made from a new snapshot of `live-orders`, called `ci-orders-clone`";
    assert!(joined(&said.stderr).contains(part), "{said:#?}");
    assert_eq!(there(&world), json!({ "snapshots": [], "databases": { "live-orders": null } }));

    let said = clone(&world, &["--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let whole =
        json!({ "snapshots": [], "databases": { "live-orders": null, "ci-orders": "ci-orders-clone" } });
    assert_eq!(there(&world), whole);
    let secret = |env| json_of(&world, &["database", "show", "orders", "--env", env])["secret"].clone();
    assert!(secret("ci").is_string() && secret("ci") != secret("live"), "new credentials");
    let copy = json_of(&world, &["database", "show", "orders", "--env", "ci"]);
    assert_eq!(copy["parameters"], json!({ "max_connections": "500" }));

    // The rest of the environment is made by an apply, which leaves the copy as it is.
    world.apply();
    assert_eq!(there(&world), whole);
    let said = clone(&world, &["--yes"]);
    assert!(said.code == 2 && said.stderr.contains("there is a database `ci-orders` already"), "{said:#?}");
}

#[test]
fn a_copy_is_made_from_a_snapshot_that_is_named() {
    let world = with_live(PROGRAM);
    world.boto(
        "client('rds').create_db_snapshot(DBInstanceIdentifier='live-orders', DBSnapshotIdentifier='before')",
    );
    let said = clone(&world, &["--snapshot", "befor", "--yes"]);
    assert!(said.code == 2 && said.stderr.contains("there is no snapshot `befor`"), "{said:#?}");
    let said = clone(&world, &["--snapshot", "before", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let whole =
        json!({ "snapshots": ["before"], "databases": { "live-orders": null, "ci-orders": "before" } });
    assert_eq!(there(&world), whole);
    // What is done is done.
    assert_eq!(clone(&world, &["--snapshot", "before", "--yes"]).code, 0);
    assert_eq!(there(&world), whole);
}

#[test]
fn a_copy_that_cannot_be_as_declared_is_refused_before_anything_is_made() {
    let other = "env ci : base { cidr = 10.1.0.0/20, database orders { user = \"other\" } }";
    let world = with_live(&PROGRAM.replace("env ci : base { cidr = 10.1.0.0/20 }", other));
    let said = clone(&world, &["--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("the master user of the data is `asiaq`"), "{said:#?}");
    let said = clone(&world, &["--as", "copy", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    for part in ["`ci` declares no database `copy`", "engine     = postgres", "max_connections = \"500\""] {
        assert!(said.stderr.contains(part), "{part}: {said:#?}");
    }
    let said = world.asiaq(&["database", "clone", "orders", "--from", "ci", "--env", "live", "--yes"]);
    assert!(said.code == 2 && said.stderr.contains("there is no database `orders` in `ci`"), "{said:#?}");
    assert_eq!(there(&world), json!({ "snapshots": [], "databases": { "live-orders": null } }));
}

#[test]
fn a_copy_that_was_interrupted_is_finished_and_never_empty() {
    let steps =
        ["CreateDBSubnetGroup", "CreateDBSnapshot", "RestoreDBInstanceFromDBSnapshot", "DeleteDBSnapshot"];
    for operation in steps {
        let world = with_live(PROGRAM);
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, 1, Fault::Hanging(Moment::After));
        let mut run = world.command(env!("CARGO_BIN_EXE_asiaq"));
        run.args(CLONE).arg("--yes").env("AWS_ENDPOINT_URL", proxy.endpoint());
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !proxy.is_hanging_within(Duration::from_millis(20)) {
            assert!(run.try_wait().unwrap().is_none(), "{operation} is called");
        }
        run.kill().unwrap();
        run.wait().unwrap();
        world.asiaq(&["unlock", "--env", "ci", "--yes"]);
        if operation == "CreateDBSnapshot" {
            let said = world.asiaq(&["apply", "--env", "ci", "--yes"]);
            assert_eq!(said.code, 2, "{said:#?}");
            assert!(joined(&said.stderr).contains("and would be empty"), "{said:#?}");
            assert_eq!(there(&world)["databases"], json!({ "live-orders": null }));
        }
        let said = clone(&world, &["--yes"]);
        let is_done = operation == "DeleteDBSnapshot";
        assert_eq!(said.code, if is_done { 2 } else { 0 }, "{operation}: {said:#?}");
        let whole =
            json!({ "snapshots": [], "databases": { "live-orders": null, "ci-orders": "ci-orders-clone" } });
        assert_eq!(there(&world), whole, "{operation}");
        world.apply();
        assert_eq!(there(&world), whole, "{operation}");
    }
}

/// The database of `ci` with what it was made from, and the snapshots that are left.
fn copied() -> Value {
    json!({ "snapshots": [], "databases": { "live-orders": null, "ci-orders": "ci-orders-clone" } })
}

#[test]
fn a_copy_is_whole_although_every_call_fails_once() {
    let world = with_live(PROGRAM);
    let proxy = Proxy::start(moto::endpoint());
    for operation in world.calls_of(&proxy, &[&CLONE[..], &["--dry-run"]].concat(), 10) {
        proxy.on(&operation, 1, Fault::Failed(Moment::Before));
    }
    let writes =
        ["CreateDBSubnetGroup", "CreateDBSnapshot", "RestoreDBInstanceFromDBSnapshot", "ModifyDBInstance"];
    for operation in writes {
        proxy.on(operation, 1, Fault::Dropped(Moment::After));
        proxy.on(operation, 2, Fault::Throttled);
    }
    let said = world.asiaq_through(&proxy, &[&CLONE[..], &["--yes"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(there(&world), copied());
    world.apply();
    assert_eq!(there(&world), copied());
}

#[test]
fn a_copy_that_is_killed_at_any_call_is_finished_by_the_next_run() {
    let kill = |n: usize| {
        let world = with_live(PROGRAM);
        let is_killed = world.kill_at(n, &[&CLONE[..], &["--yes"]].concat());
        world.asiaq(&["unlock", "--env", "ci", "--yes"]);
        let said = clone(&world, &["--yes"]);
        let is_done = said.code == 2 && said.stderr.contains("there is a database `ci-orders` already");
        assert!(said.code == 0 || is_done, "killed at call {n}: {said:#?}");
        assert_eq!(there(&world), copied(), "killed at call {n}");
        is_killed
    };
    if std::env::var("ASIAQ_TESTS").as_deref() == Ok("long") {
        let most = (1..1000).find(|n| !kill(*n));
        assert!(most.is_some_and(|most| most > 40), "{most:?} calls");
    } else {
        let proxy = Proxy::start(moto::endpoint());
        let calls = with_live(PROGRAM).calls_of(&proxy, &[&CLONE[..], &["--yes"]].concat(), 0).len();
        // Some in the middle, and the last one.
        assert!([calls / 3, calls / 2, calls * 2 / 3, calls].into_iter().all(kill), "{calls} calls");
    }
}

#[test]
fn warnings_of_the_program_are_counted_once_before_a_copy() {
    let world = with_live(&format!("{PROGRAM}moved pipeline old -> new\n"));
    let said = clone(&world, &["--dry-run"]);
    assert_eq!(said.code, 10, "{said:#?}");
    assert_eq!(said.stderr.matches("`asiaq check` shows").count(), 1, "{}", said.stderr);
}

#[test]
fn old_snapshots_are_deleted_and_others_stay() {
    let world = with_live(PROGRAM);
    world.boto(
        "rds = client('rds')
for name in ('one', 'two'):
    rds.create_db_snapshot(DBInstanceIdentifier='live-orders', DBSnapshotIdentifier=name)
rds.create_db_instance(DBInstanceIdentifier='foreign', DBInstanceClass='db.m7g.large', Engine='postgres', MasterUsername='u', MasterUserPassword='ppppppppp', AllocatedStorage=20)
rds.create_db_snapshot(DBInstanceIdentifier='foreign', DBSnapshotIdentifier='foreign')",
    );
    let listed = json_of(&world, &["database", "snapshots", "--env", "live"]);
    let taken = |one: &&Value| one["taken"] == json!("manual");
    let manual: Vec<&str> =
        listed.as_array().unwrap().iter().filter(taken).map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(manual, ["two", "one"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(3), "AWS takes one by itself");
    let cleanup = ["database", "cleanup", "--older-than", "0s"];
    assert_eq!(world.asiaq(&["database", "cleanup", "--yes"]).code, 0, "none is 30 days old");
    // Times of snapshots have seconds.
    std::thread::sleep(Duration::from_secs(1));
    let said = world.asiaq(&[&cleanup[..], &["--dry-run"]].concat());
    assert!(said.code == 10 && said.stdout.contains("one") && !said.stdout.contains("two"), "{said:#?}");
    assert_eq!(there(&world)["snapshots"], json!(["foreign", "one", "two"]));
    std::thread::sleep(Duration::from_secs(1));
    let said = world.asiaq(&[&cleanup[..], &["--keep", "0", "--yes"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(there(&world)["snapshots"], json!(["foreign"]));
}

#[test]
fn a_database_is_rebooted_and_fails_over() {
    let world = with_live(PROGRAM);
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_through(&proxy, &["database", "reboot", "orders", "--dry-run"]);
    assert_eq!(said.code, 10, "{said:#?}");
    assert!(!proxy.operations().iter().any(|operation| operation == "RebootDBInstance"));
    for command in ["reboot", "failover"] {
        proxy.clear();
        let said = world.asiaq_through(&proxy, &["database", command, "orders", "--yes"]);
        assert_eq!(said.code, 0, "{said:#?}");
        assert!(said.stderr.contains("`live-orders` serves again"), "{said:#?}");
        assert!(proxy.operations().iter().any(|operation| operation == "RebootDBInstance"));
    }
    let said = world.asiaq(&["database", "reboot", "orders"]);
    assert!(said.code == 2 && said.stderr.contains("`--yes` is not set"), "{said:#?}");
}

/// The program with another name for the database of `live`, which is alone.
fn renamed() -> String {
    let program = PROGRAM.replace("env ci : base { cidr = 10.1.0.0/20 }\n", "");
    program.replace("database orders", "database sales")
}

#[test]
fn a_renamed_database_stays_with_its_data() {
    let world = World::new(&PROGRAM.replace("env ci : base { cidr = 10.1.0.0/20 }\n", ""));
    world.apply();
    let id =
        "result = [one['DbiResourceId'] for one in client('rds').describe_db_instances()['DBInstances']]";
    let before = world.boto(id);
    world.write(&renamed());
    let plan = world.asiaq(&["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|step| step["risk"] == json!("safe") && step["action"] == json!("update")),
        "{plan:#}"
    );
    world.apply();
    assert_eq!(world.boto(id), before);
    let listed = json_of(&world, &["database", "list"]);
    assert_eq!(
        (&listed[0]["address"], &listed[0]["id"]),
        (&json!("live/database/sales"), &json!("live-orders"))
    );

    // With another change it is the same only where the program says so.
    let grown = renamed().replace("100GB", "200GB").replace("database sales", "database billing");
    world.write(&grown);
    let said = world.asiaq(&["plan"]);
    let why = "if they are the same, write `moved database sales -> billing`";
    assert!(said.code == 10 && joined(&said.stderr).contains(why), "{said:#?}");
    let said = world.asiaq(&["apply", "--yes"]);
    assert!(said.code == 2 && joined(&said.stderr).contains("deleted with its data"), "{said:#?}");
    world.write(&format!("{grown}moved database sales -> billing\n"));
    world.apply();
    assert_eq!(world.boto(id), before);
    let waiting = &json_of(&world, &["database", "list"])[0]["waiting"];
    assert_eq!(*waiting, json!(["storage 200 waits for the maintenance window"]));
}

#[test]
fn a_database_is_not_made_anew_without_its_data_unless_that_is_allowed() {
    let world = with_live(PROGRAM);
    let other = PROGRAM.replace("postgres", "mysql").replace("16.4", "8.4.6");
    world.write(&other);
    let apply = ["apply", "--env", "live", "--yes"];
    let said = world.asiaq(&apply);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(
        joined(&said.stderr).contains("be made anew without any, since AWS cannot change it"),
        "{said:#?}"
    );
    let said = world.asiaq(&[&apply[..], &["--allow", "data-loss"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(json_of(&world, &["database", "list"])[0]["engine"], json!("mysql"));
}

/// The first database of a list.
fn listed(world: &World) -> Value {
    json_of(world, &["database", "list", "--env", "live"])[0].clone()
}

fn apply(world: &World, proxy: &Proxy, more: &[&str]) -> Vec<String> {
    proxy.clear();
    let said = world.asiaq_through(proxy, &[&["apply", "--env", "live", "--yes"][..], more].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    proxy.operations()
}

fn plan(world: &World, code: i32) -> String {
    let said = world.asiaq(&["plan", "--env", "live"]);
    assert_eq!(said.code, code, "{said:#?}");
    joined(&said.stdout)
}

#[test]
fn what_waits_for_the_window_is_no_change_and_is_done_at_once_with_now() {
    let world = with_live(PROGRAM);
    let proxy = Proxy::start(moto::endpoint());
    let larger = PROGRAM.replace("db.m7g.large", "db.m7g.xlarge");
    world.write(&larger);
    assert!(plan(&world, 10).contains("waits for the maintenance window"));
    apply(&world, &proxy, &[]);
    let there = listed(&world);
    assert_eq!(there["class"], json!("db.m7g.large"));
    assert_eq!(there["waiting"], json!(["class db.m7g.xlarge waits for the maintenance window"]));
    assert!(plan(&world, 0).contains("waits for the maintenance window"));

    // Wanted as it is in force: the change that waits is taken back.
    world.write(PROGRAM);
    assert!(plan(&world, 10).contains("db.m7g.xlarge"));
    apply(&world, &proxy, &[]);
    assert_eq!(listed(&world)["waiting"], json!([]));
    plan(&world, 0);

    world.write(&larger);
    apply(&world, &proxy, &[]);
    let calls = apply(&world, &proxy, &["--now"]);
    assert!(!calls.contains(&"RebootDBInstance".to_owned()), "a change of the class restarts it: {calls:?}");
    assert_eq!((&listed(&world)["class"], &listed(&world)["waiting"]), (&json!("db.m7g.xlarge"), &json!([])));
    plan(&world, 0);
}

#[test]
fn static_parameters_wait_for_a_reboot_that_only_somebody_asks_for() {
    let world = with_live(PROGRAM);
    let proxy = Proxy::start(moto::endpoint());
    let reboot = "RebootDBInstance".to_owned();
    for (value, way) in
        [("600", ["database", "reboot", "orders", "--yes"]), ("700", ["apply", "--now", "--env", "live"])]
    {
        world.write(&PROGRAM.replace("500", value));
        let calls = apply(&world, &proxy, &[]);
        assert!(!calls.contains(&reboot), "{calls:?}");
        assert_eq!(listed(&world)["waiting"], json!(["a static parameter waits for a reboot"]));
        assert!(plan(&world, 0).contains("waits for a reboot"));
        if way[0] == "apply" {
            assert!(apply(&world, &proxy, &["--now"]).contains(&reboot));
        } else {
            assert_eq!(world.asiaq(&way).code, 0);
        }
        assert_eq!(listed(&world)["waiting"], json!([]));
        plan(&world, 0);
    }
}

#[test]
fn a_major_upgrade_is_allowed_by_name_and_keeps_the_old_parameters_as_long_as_they_are_used() {
    let world = with_live(PROGRAM);
    let proxy = Proxy::start(moto::endpoint());
    world.write(&PROGRAM.replace("16.4", "17.4"));
    let said = world.asiaq(&["apply", "--env", "live", "--yes"]);
    assert!(said.code == 2 && joined(&said.stderr).contains("`--allow major-upgrade`"), "{said:#?}");
    let groups = |world: &World| {
        world.boto("result = sorted(one['DBParameterGroupName'] for one in client('rds').describe_db_parameter_groups()['DBParameterGroups'] if one['DBParameterGroupName'].startswith('live-'))")
    };
    apply(&world, &proxy, &["--allow", "major-upgrade"]);
    let there = listed(&world);
    assert_eq!(
        (&there["version"], &there["waiting"]),
        (&json!("16.4"), &json!(["version 17.4 waits for the maintenance window"]))
    );
    assert_eq!(groups(&world), json!(["live-orders-postgres16", "live-orders-postgres17"]));
    plan(&world, 0);

    apply(&world, &proxy, &["--now", "--allow", "major-upgrade"]);
    assert_eq!((&listed(&world)["version"], &listed(&world)["waiting"]), (&json!("17.4"), &json!([])));
    assert_eq!(groups(&world), json!(["live-orders-postgres17"]));
    plan(&world, 0);
}

#[test]
fn an_upgrade_or_a_restore_that_aws_would_refuse_is_refused_before_the_apply() {
    let world = with_live(PROGRAM);
    let refused = |program: &str, why: &str| {
        world.write(program);
        let said = world.asiaq(&["plan", "--env", "live", "--env", "ci"]);
        assert!(said.code == 2 && joined(&said.stderr).contains(why), "{why}: {said:#?}");
    };
    refused(
        &PROGRAM.replace("16.4", "16.5"),
        "AWS upgrades `postgres` 16.4 to 16.6, 17.4, 17.6 and not to 16.5",
    );
    let with = |restore: &str| {
        let own =
            format!("env ci : base {{ cidr = 10.1.0.0/20, database orders {{ restore = {restore} }} }}");
        PROGRAM.replace("env ci : base { cidr = 10.1.0.0/20 }", &own)
    };
    refused(&with("\"missing\""), "there is no snapshot `missing`");
    refused(&with("latest"), "no snapshot of a database `ci-orders` is there to restore");
    world.boto(
        "client('rds').create_db_snapshot(DBInstanceIdentifier='live-orders', DBSnapshotIdentifier='before')",
    );
    let other = with("\"before\"").replace("restore =", "user = \"other\", restore =");
    refused(&other, "the snapshot `before` does not fit: the master user of the data is `asiaq`");
    world.write(&with("\"before\""));
    world.apply();
    assert_eq!(there(&world)["databases"]["ci-orders"], json!("before"));
}

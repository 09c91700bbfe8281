//! Clusters of databases, looked at from outside.

use std::time::Duration;

use serde_json::{Value, json};

use super::proxy::Proxy;
use super::{Said, World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2, domain = \"shop.example\" }
use std/alarms/databases
topic critical {}
topic info {}
envtype base {
  zones = 2
  zone internal { domain = \"shop.example\", private = true }
  metanetwork intranet {}
  database orders {
    engine     = aurora_postgresql
    version    = \"16.4\"
    class      = db.r7g.large
    readers    = [db.r7g.large]
    parameters = { max_connections = 500 }
  }
}
env live : base { cidr = 10.0.0.0/20 }
env ci : base { cidr = 10.1.0.0/20 }
";

/// A world in which the environment `live` is there.
fn with_live() -> World {
    let world = World::new(PROGRAM);
    let said = world.asiaq(&["apply", "--env", "live", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world
}

fn json_of(world: &World, arguments: &[&str]) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
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

fn shown(world: &World) -> Value {
    json_of(world, &["database", "show", "orders", "--env", "live"])
}

fn instances(world: &World) -> Value {
    let shown = shown(world);
    let of = |one: &Value| json!([one["id"], one["class"], one["is_writer"]]);
    shown["instances"].as_array().unwrap().iter().map(of).collect()
}

fn refused(said: &Said, code: i32, part: &str) {
    assert_eq!(said.code, code, "{said:#?}");
    assert!(joined(&said.stderr).contains(part), "{part}: {said:#?}");
}

#[test]
fn a_cluster_is_made_listed_and_shown_and_a_plan_after_that_is_empty() {
    let world = with_live();
    plan(&world, 0);
    let listed = json_of(&world, &["database", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "its instances are part of it: {listed:#}");
    let shown = shown(&world);
    assert_eq!((&shown["address"], &shown["id"]), (&json!("live/database/orders"), &json!("live-orders")));
    assert_eq!(shown["parameters"], json!({ "max_connections": "500" }));
    assert!(shown["endpoint"].as_str().unwrap().contains(".cluster-"), "{shown:#}");
    assert!(shown["reader_endpoint"].as_str().unwrap().contains(".cluster-ro-"), "{shown:#}");
    assert_eq!(
        instances(&world),
        json!([["live-orders-1", "db.r7g.large", true], ["live-orders-2", "db.r7g.large", false]])
    );
    let said = world.asiaq(&["database", "show", "orders"]);
    for part in
        ["aurora, which grows by itself", "live-orders-1 writes, db.r7g.large", "max_connections = 500"]
    {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    let said = world.asiaq_with(&["database", "list"], Some(("COLUMNS", "200")));
    assert!(said.stdout.contains("db.r7g.large, 1 reader"), "{said:#?}");

    let records = world.boto(
        "route53 = client('route53')
zone = route53.list_hosted_zones()['HostedZones'][0]['Id']
sets = route53.list_resource_record_sets(HostedZoneId=zone)['ResourceRecordSets']
result = {one['Name']: one['ResourceRecords'][0]['Value'] for one in sets if one['Type'] == 'CNAME'}",
    );
    assert_eq!(
        records,
        json!({
            "live-orders.shop.example.": shown["endpoint"],
            "live-orders-reader.shop.example.": shown["reader_endpoint"],
        })
    );
    let alarms = world.boto(
        "alarms = client('cloudwatch').describe_alarms()['MetricAlarms']
result = sorted({(one['MetricName'], one['Dimensions'][0]['Name'], one['Dimensions'][0]['Value']) for one in alarms})",
    );
    let of = |metric: &str| json!([metric, "DBClusterIdentifier", "live-orders"]);
    let metrics = ["AuroraReplicaLagMaximum", "CPUUtilization", "DiskQueueDepth", "FreeableMemory"];
    assert_eq!(alarms, Value::from(metrics.map(of).to_vec()));
}

#[test]
fn readers_come_change_and_go_without_the_writer() {
    let world = with_live();
    let proxy = Proxy::start(moto::endpoint());
    let with = |readers: &str| PROGRAM.replace("[db.r7g.large]", readers);
    world.write(&with("[db.r7g.large, db.r7g.xlarge]"));
    let calls = apply(&world, &proxy, &[]);
    let count = |calls: &[String], name: &str| calls.iter().filter(|call| *call == name).count();
    assert_eq!((count(&calls, "CreateDBInstance"), count(&calls, "ModifyDBInstance")), (1, 0), "{calls:?}");
    assert_eq!(instances(&world).as_array().map(Vec::len), Some(3));
    plan(&world, 0);

    world.write(&with("[db.r7g.2xlarge]"));
    assert!(plan(&world, 10).contains("waits for the maintenance window"));
    let calls = apply(&world, &proxy, &[]);
    assert_eq!((count(&calls, "DeleteDBInstance"), count(&calls, "ModifyDBInstance")), (1, 1), "{calls:?}");
    assert_eq!(
        shown(&world)["waiting"],
        json!(["class db.r7g.2xlarge waits for the maintenance window (live-orders-2)"])
    );
    plan(&world, 0);
    apply(&world, &proxy, &["--now"]);
    assert_eq!(
        instances(&world),
        json!([["live-orders-1", "db.r7g.large", true], ["live-orders-2", "db.r7g.2xlarge", false]])
    );
    plan(&world, 0);
}

#[test]
fn a_failover_makes_another_instance_the_writer_and_is_no_difference() {
    let world = with_live();
    let said = world.asiaq(&["database", "failover", "orders", "--dry-run"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let said = world.asiaq(&["database", "failover", "orders", "--yes"]);
    refused(&said, 0, "`live-orders` serves again");
    assert_eq!(
        instances(&world),
        json!([["live-orders-2", "db.r7g.large", true], ["live-orders-1", "db.r7g.large", false]])
    );
    plan(&world, 0);
    world.write(&PROGRAM.replace("    readers    = [db.r7g.large]\n", ""));
    let proxy = Proxy::start(moto::endpoint());
    apply(&world, &proxy, &[]);
    assert_eq!(instances(&world), json!([["live-orders-1", "db.r7g.large", true]]));
    let said = world.asiaq(&["database", "failover", "orders", "--yes"]);
    refused(&said, 2, "the cluster `live-orders` has no reader that could take over");
}

#[test]
fn static_parameters_wait_for_a_reboot_of_each_instance() {
    let world = with_live();
    let proxy = Proxy::start(moto::endpoint());
    let reboot = "RebootDBInstance";
    for (value, is_command) in [("600", true), ("700", false)] {
        world.write(&PROGRAM.replace("500", value));
        let calls = apply(&world, &proxy, &[]);
        assert!(!calls.iter().any(|call| call == reboot), "{calls:?}");
        assert_eq!(shown(&world)["waiting"], json!(["a static parameter waits for a reboot"]));
        assert!(plan(&world, 0).contains("waits for a reboot"));
        let calls = if is_command {
            proxy.clear();
            let said = world.asiaq_through(&proxy, &["database", "reboot", "orders", "--yes"]);
            assert_eq!(said.code, 0, "{said:#?}");
            proxy.operations()
        } else {
            apply(&world, &proxy, &["--now"])
        };
        assert_eq!(calls.iter().filter(|call| *call == reboot).count(), 2, "{calls:?}");
        assert_eq!(shown(&world)["waiting"], json!([]));
        plan(&world, 0);
    }
}

#[test]
fn an_upgrade_of_a_cluster_waits_and_a_major_one_is_allowed_by_name() {
    let world = with_live();
    let proxy = Proxy::start(moto::endpoint());
    let to = |version: &str| PROGRAM.replace("16.4", version);
    world.write(&to("16.6"));
    apply(&world, &proxy, &[]);
    assert_eq!(shown(&world)["waiting"], json!(["version 16.6 waits for the maintenance window"]));
    plan(&world, 0);
    apply(&world, &proxy, &["--now"]);
    assert_eq!((&shown(&world)["version"], &shown(&world)["waiting"]), (&json!("16.6"), &json!([])));

    world.write(&to("17.4"));
    let said = world.asiaq(&["apply", "--env", "live", "--yes"]);
    refused(&said, 2, "`--allow major-upgrade`");
    apply(&world, &proxy, &["--allow", "major-upgrade"]);
    assert_eq!(shown(&world)["version"], json!("16.6"));
    let groups = |world: &World| {
        world.boto("result = sorted(one['DBClusterParameterGroupName'] for one in client('rds').describe_db_cluster_parameter_groups()['DBClusterParameterGroups'] if one['DBClusterParameterGroupName'].startswith('live-'))")
    };
    assert_eq!(groups(&world), json!(["live-orders-aurora-postgresql16", "live-orders-aurora-postgresql17"]));
    plan(&world, 0);
    apply(&world, &proxy, &["--now", "--allow", "major-upgrade"]);
    assert_eq!((&shown(&world)["version"], &shown(&world)["waiting"]), (&json!("17.4"), &json!([])));
    assert_eq!(groups(&world), json!(["live-orders-aurora-postgresql17"]));
    plan(&world, 0);
}

#[test]
fn a_cluster_is_copied_and_its_snapshots_are_listed_and_cleaned_up() {
    let world = with_live();
    let clone = ["database", "clone", "orders", "--from", "live", "--env", "ci", "--yes"];
    let said = world.asiaq(&clone);
    assert_eq!(said.code, 0, "{said:#?}");
    let copy = json_of(&world, &["database", "show", "orders", "--env", "ci"]);
    assert_eq!(copy["restored_from"], json!("ci-orders-clone"));
    assert_eq!(copy["instances"].as_array().map(Vec::len), Some(2), "{copy:#}");
    assert!(copy["secret"].is_string() && copy["secret"] != shown(&world)["secret"], "new credentials");
    let manual = |world: &World| {
        let all = json_of(world, &["database", "snapshots"]);
        let manual = all.as_array().unwrap().iter().filter(|one| one["taken"] != json!("automated"));
        manual.map(|one| (one["id"].clone(), one["is_cluster"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(manual(&world), [], "the snapshot of the copy is deleted");
    world.boto(
        "client('rds').create_db_cluster_snapshot(DBClusterIdentifier='live-orders', DBClusterSnapshotIdentifier='before')",
    );
    assert_eq!(manual(&world), [(json!("before"), json!(true))]);
    std::thread::sleep(Duration::from_secs(1));
    let said = world.asiaq(&["database", "cleanup", "--older-than", "0s", "--keep", "0", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(manual(&world), []);
}

#[test]
fn a_cluster_goes_after_its_instances_and_leaves_its_snapshot() {
    let world = with_live();
    let before = world.script("census.py", &[]);
    assert!(before.contains("rds DBClusters 1"), "{before}");
    let said = world.asiaq(&["destroy", "--env", "live", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let after = world.script("census.py", &[]);
    for none in
        ["rds DBClusters 0", "rds DBInstances 0", "rds DBClusterParameterGroups 0", "rds DBSubnetGroups 0"]
    {
        assert!(after.contains(none), "{none}: {after}");
    }
    let left = json_of(&world, &["database", "snapshots"]);
    let ids: Vec<&str> = left.as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert!(ids.iter().any(|id| id.starts_with("live-orders-final-20")), "{ids:?}");
}

#[test]
fn a_renamed_cluster_stays_with_its_data() {
    let alone = PROGRAM.replace("env ci : base { cidr = 10.1.0.0/20 }\n", "");
    let world = World::new(&alone);
    world.apply();
    let id =
        "result = [one['DbClusterResourceId'] for one in client('rds').describe_db_clusters()['DBClusters']]";
    let before = world.boto(id);
    world.write(&alone.replace("database orders", "database sales"));
    world.apply();
    assert_eq!(world.boto(id), before);
    let listed = json_of(&world, &["database", "list"]);
    assert_eq!(
        (&listed[0]["address"], &listed[0]["id"]),
        (&json!("live/database/sales"), &json!("live-orders"))
    );
    plan(&world, 0);
}

#[test]
fn a_cluster_in_the_place_of_an_instance_would_be_empty() {
    let world = World::new(
        &PROGRAM
            .replace("aurora_postgresql", "postgres")
            .replace("    readers    = [db.r7g.large]\n", "    storage    = 100GB\n"),
    );
    let said = world.asiaq(&["apply", "--env", "live", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world.write(PROGRAM);
    let said = world.asiaq(&["apply", "--env", "live", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    let said = world.asiaq(&["apply", "--env", "live", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(shown(&world)["engine"], json!("aurora-postgresql"));
    plan(&world, 0);
}

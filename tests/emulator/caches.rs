//! Caches, looked at from outside: the commands about them, and plans that say what a change takes.

use serde_json::{Value, json};

use super::World;

const PROGRAM: &str = "project shop { region = us-west-2 }
env ci {
  cidr  = 10.0.0.0/20
  zones = 2
  metanetwork intranet {}
  cache sessions { engine = valkey, version = \"8.0\", type = cache.t4g.small, nodes = 2 }
  cache keys     { engine = valkey, version = \"8.0\", type = cache.t4g.small, shards = 2 }
  cache pages    { engine = memcached, version = \"1.6.22\", type = cache.t4g.small, nodes = 3 }
}
";

fn json_of(world: &World, arguments: &[&str], code: i32) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, code, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn caches_are_listed_and_snapshots_are_taken() {
    let world = World::new(PROGRAM);
    assert_eq!(json_of(&world, &["cache", "list"], 0), json!([]));
    let said = world.asiaq(&["cache", "snapshot", "sessions", "--yes"]);
    assert!(said.code == 2 && said.stderr.contains("yet: run `asiaq apply`"), "{said:#?}");
    world.apply();
    // One of somebody else, which no command shows.
    world.boto(
        "cache = client('elasticache')
cache.create_replication_group(ReplicationGroupId='theirs', ReplicationGroupDescription='theirs', CacheNodeType='cache.t4g.small')",
    );
    let listed = json_of(&world, &["cache", "list", "--env", "ci"], 0);
    let shown: Vec<(&str, &str, u64)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |field: &str| one[field].as_str().unwrap();
            (text("address"), text("engine"), one["nodes"].as_u64().unwrap())
        })
        .collect();
    let expected = [
        ("ci/cache/keys", "valkey", 4),
        ("ci/cache/pages", "memcached", 3),
        ("ci/cache/sessions", "valkey", 2),
    ];
    assert_eq!(shown, expected);
    assert_eq!((&listed[0]["shards"], &listed[2]["port"]), (&json!(2), &json!(6379)));
    let text = world.asiaq(&["cache", "list"]);
    assert!(
        text.code == 0 && text.stdout.contains("4 in 2 shards") && !text.stdout.contains("theirs"),
        "{text:#?}"
    );

    let snapshots = "result = sorted((one['SnapshotName'], one['ReplicationGroupId']) for one in client('elasticache').describe_snapshots()['Snapshots'])";
    let shown = json_of(&world, &["cache", "snapshot", "sessions", "--dry-run"], 10);
    assert!(shown["snapshot"].as_str().unwrap().starts_with("ci-sessions-20"), "{shown}");
    assert_eq!(world.boto(snapshots), json!([]), "a dry run writes nothing");
    let taken = json_of(&world, &["cache", "snapshot", "sessions", "--yes"], 0);
    assert_eq!(world.boto(snapshots), json!([[taken["snapshot"], taken["cache"]["id"]]]));
    let tags = format!(
        "cache = client('elasticache')
one = cache.describe_snapshots(SnapshotName='{}')['Snapshots'][0]
result = {{tag['Key']: tag['Value'] for tag in cache.list_tags_for_resource(ResourceName=one['ARN'])['TagList']}}",
        taken["snapshot"].as_str().unwrap()
    );
    assert_eq!(world.boto(&tags)["asiaq:address"], json!("ci/cache/sessions"));
    world.assert_settled();

    for (name, message) in [("pages", "of Memcached"), ("session", "did you mean `sessions`?")] {
        let said = world.asiaq(&["cache", "snapshot", name, "--yes"]);
        assert!(said.code == 2 && said.stderr.contains(message), "{said:#?}");
    }
    assert_eq!(world.asiaq(&["destroy", "--env", "ci", "--yes", "--allow", "data-loss"]).code, 0);
}

fn cache(settings: &str) -> String {
    format!(
        "project shop {{ region = us-west-2 }}
env ci {{
  cidr  = 10.0.0.0/20
  zones = 2
  metanetwork intranet {{}}
  cache sessions {{ engine = valkey, {settings} }}
}}
"
    )
}

/// What a plan says, in one line.
fn plan(world: &World, options: &[&str], code: i32) -> String {
    let said = world.asiaq(&[&["plan"], options].concat());
    assert_eq!(said.code, code, "{said:#?}");
    format!("{}{}", said.stdout, said.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_plan_says_what_waits_and_now_does_it() {
    let world = World::new(&cache("version = \"8.0\", type = cache.t4g.small"));
    world.apply();
    let newer = cache("version = \"8.1\", type = cache.t4g.small");
    world.write(&newer);
    let said = plan(&world, &[], 10);
    assert!(said.contains("(waits for the maintenance window)"), "{said}");
    world.apply();
    let said = plan(&world, &[], 0);
    assert!(said.contains("version `8.1` waits for the maintenance window"), "{said}");
    let listed = json_of(&world, &["cache", "list"], 0);
    let row = (&listed[0]["version"], &listed[0]["waiting"]);
    assert_eq!(row, (&json!("8.0"), &json!(["version 8.1 waits for the maintenance window"])));
    // Another change at once brings it along, and the plan says so.
    world.write(&newer.replace("engine", "nodes = 2, engine"));
    let said = plan(&world, &[], 10);
    assert!(said.contains("AWS puts it in force with the change of this plan"), "{said}");
    // It can be taken back.
    world.write(&cache("version = \"8.0\", type = cache.t4g.small"));
    let said = plan(&world, &[], 10);
    assert!(said.contains("the plan takes it back"), "{said}");
    world.write(&newer);
    let said = plan(&world, &["--now"], 10);
    assert!(said.contains("8.1") && !said.contains("waits for"), "{said}");
    let said = world.asiaq(&["apply", "--now", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(json_of(&world, &["cache", "list"], 0)[0]["version"], json!("8.1"));
    // AWS upgrades by itself within a major version, and a plan does not take that back.
    world.write(&cache("version = \"8.0\", type = cache.t4g.small"));
    world.assert_settled();
}

#[test]
fn a_static_parameter_waits_for_a_reboot_that_nobody_makes() {
    let of = |settings: &str| cache(&format!("version = \"8.0\", type = cache.t4g.small, {settings}"));
    let world = World::new(&of("parameters = { timeout = 20 }"));
    world.apply();
    world.write(&of("parameters = { timeout = 20, databases = 4 }"));
    world.apply();
    for options in [&[][..], &["--now"]] {
        let said = plan(&world, options, 0);
        assert!(said.contains("`ci/cache/sessions`: a static parameter waits for a reboot"), "{said}");
    }
    let listed = json_of(&world, &["cache", "list"], 0);
    assert_eq!(listed[0]["waiting"], json!(["a static parameter waits for a reboot"]));
    // Another one, which waits for the window, is no drift where nothing is to wait.
    world.write(&of("parameters = { timeout = 20, databases = 4 }").replace("t4g.small", "t4g.medium"));
    world.apply();
    let said = plan(&world, &["--now"], 10);
    assert!(said.contains("waits: declared in infra.asq:6") && !said.contains("drift"), "{said}");
    assert_eq!(json_of(&world, &["plan", "--now"], 10)["steps"][0]["cause"], json!("waiting"));
}

#[test]
fn a_major_version_needs_a_word_and_an_older_one_would_be_another_cache() {
    let world = World::new(&cache("version = \"8.1\", type = cache.t4g.small, protect = true"));
    world.apply();
    world.write(&cache("version = \"9.0\", type = cache.t4g.small, protect = true"));
    let said = plan(&world, &[], 10);
    assert!(!said.contains("waits for"), "its parameters come with it: {said}");
    let refused = world.asiaq(&["apply", "--yes"]);
    assert!(refused.code != 0 && refused.stderr.contains("--allow major-upgrade"), "{refused:#?}");
    let said = world.asiaq(&["apply", "--yes", "--allow", "major-upgrade"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world.assert_settled();
    world.write(&cache("version = \"7.2\", type = cache.t4g.small, protect = true"));
    let said = plan(&world, &[], 10);
    assert!(said.contains("AWS does not take a version back"), "{said}");
    let refused = world.asiaq(&["apply", "--yes"]);
    assert!(refused.code != 0 && refused.stderr.contains("--allow data-loss"), "{refused:#?}");
}

/// Writes the credentials `one` and `two`.
const CREDENTIALS: &str = "s3 = client('s3')
bucket = 'us-west-2.shop.credentials.ci'
s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={'LocationConstraint': 'us-west-2'})
for key, text in [('one', 'correct-horse-battery'), ('two', 'correct-horse-staple!')]:
    s3.put_object(Bucket=bucket, Key=key, Body=text + '\\n')";

#[test]
fn a_token_is_in_no_output_and_no_file() {
    let with = |access: &str| {
        cache(&format!("version = \"8.0\", type = cache.t4g.small, tls = true, {access}"))
            .replace("  zones = 2", "  credential_buckets = [\"ci\"]\n  zones = 2")
    };
    let world = World::new(&with("token = credential \"one\""));
    world.boto(CREDENTIALS);
    let mut said = Vec::new();
    let mut run = |arguments: &[&str], code: i32| {
        let one = world.asiaq(arguments);
        assert_eq!(one.code, code, "{one:#?}");
        let text = format!("{}{}", one.stdout, one.stderr);
        said.push(text.clone());
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    run(&["plan", "--format", "json"], 10);
    run(&["apply", "--yes", "--events", "first.jsonl"], 0);
    run(&["plan"], 0);
    world.write(&with("token = credential \"two\""));
    let plan = run(&["plan"], 10);
    assert!(plan.contains("us-west-2.shop.credentials.ci/two"), "{plan}");
    run(&["plan", "-o", "token.plan"], 10);
    run(&["apply", "--yes", "--events", "second.jsonl", "--format", "json"], 0);
    run(&["plan"], 0);
    run(&["show"], 0);
    run(&["cache", "list", "--format", "json"], 0);
    // A token goes only for users.
    world.write(&with("minor_upgrades = true"));
    let plan = run(&["plan"], 10);
    assert!(plan.contains("AWS takes a token away only in exchange for a user group"), "{plan}");
    world.write(&with("user_group = \"shop\""));
    let plan = run(&["plan"], 10);
    assert!(!plan.contains("data-loss"), "{plan}");
    run(&["apply", "--yes"], 0);
    run(&["plan"], 0);
    world.write(&with("minor_upgrades = true"));
    run(&["apply", "--yes"], 0);
    run(&["plan"], 0);
    let files = std::fs::read_dir(world.path("")).unwrap();
    let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
    said.extend(files.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()));
    assert!(said.len() > 14, "{}", said.len());
    for text in said {
        assert!(!text.contains("correct-horse"), "{text}");
    }
}

/// A program with two caches of these names, and with a database whose name in AWS is that of a subnet group.
fn with_alarms(sessions: &str, pages: &str, more: &str) -> String {
    format!(
        "project shop {{ region = us-west-2 }}
topic critical {{ subscribers = [] }}
topic info     {{ subscribers = [] }}
alarm full {{ on = [cache {sessions}], namespace = \"AWS/ElastiCache\", metric = \"Evictions\", when = maximum > 5 for 1 x 5m }}
alarm busy {{ on = [database sessions], namespace = \"AWS/RDS\", metric = \"CPUUtilization\", when = average > 90 for 1 x 5m }}
env ci {{
  cidr  = 10.0.0.0/20
  zones = 2
  metanetwork intranet {{}}
  database sessions {{ engine = postgres, version = \"16.4\", class = db.m7g.large, storage = 100GB }}
  cache {sessions} {{ engine = valkey, version = \"8.0\", type = cache.t4g.small, parameters = {{ timeout = 20 }} }}
  cache {pages} {{ engine = memcached, version = \"1.6.22\", type = cache.t4g.small }}
  {more}
}}
"
    )
}

#[test]
fn renamed_caches_stay_with_what_watches_them() {
    let world = World::new(&with_alarms("sessions", "pages", ""));
    world.apply();
    let ids = "cache = client('elasticache')
result = [
    sorted(one['ReplicationGroupId'] for one in cache.describe_replication_groups()['ReplicationGroups']),
    sorted(one['CacheClusterId'] for one in cache.describe_cache_clusters(ShowCacheClustersNotInReplicationGroups=True)['CacheClusters']),
    sorted(one['CacheSubnetGroupName'] for one in cache.describe_cache_subnet_groups()['CacheSubnetGroups']),
    sorted(
        one['Dimensions'][0]['Value'] for one in client('cloudwatch').describe_alarms()['MetricAlarms']
    ),
]";
    let before = world.boto(ids);
    let (group, watched) = (before[0][0].as_str().unwrap(), before[3].as_array().unwrap());
    assert!(watched.contains(&json!(format!("{group}-001"))), "{before}");

    world.write(&with_alarms("visits", "pictures", ""));
    let said = plan(&world, &[], 10);
    assert!(said.contains("moved from ci/cache/sessions") && !said.contains("data-loss"), "{said}");
    world.apply();
    assert_eq!(world.boto(ids), before);
    let listed = json_of(&world, &["cache", "list"], 0);
    let row = (&listed[1]["address"], &listed[1]["description"]);
    assert_eq!(row, (&json!("ci/cache/visits"), &json!("ci-visits")));

    // A new one of the old name is another one, under another name in AWS.
    let new = "cache sessions { engine = valkey, version = \"8.0\", type = cache.t4g.small, nodes = 2 }";
    world.write(&with_alarms("visits", "pictures", new));
    world.apply();
    assert_eq!(world.boto(ids)[0].as_array().map(Vec::len), Some(2));
    // With another change only the program can say that it is the same.
    world.write(&with_alarms("visitors", "pictures", new).replace("timeout = 20", "timeout = 30"));
    let said = plan(&world, &[], 10);
    assert!(said.contains("data-loss"), "{said}");
    let moved = "moved cache visits -> visitors\n";
    world.write(&(with_alarms("visitors", "pictures", new).replace("timeout = 20", "timeout = 30") + moved));
    let said = plan(&world, &[], 10);
    assert!(!said.contains("data-loss"), "{said}");
    world.apply();
    assert!(world.boto(ids)[0].as_array().unwrap().contains(&before[0][0]));
}

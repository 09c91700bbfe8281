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

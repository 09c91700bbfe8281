//! Access keys of declared users, looked at from outside.

use serde_json::{Value, json};

use super::proxy::{Fault, Moment, Proxy};
use super::{World, joined, moto};

fn world() -> World {
    let world = World::empty();
    world.write(&format!(
        "project shop {{ region = us-west-2, account = live }}\naccount live {{ id = \"{}\", user alice {{}} }}\n",
        world.credentials.account
    ));
    world.apply();
    world
}

/// The keys of `alice` in AWS: id and status.
fn keys(world: &World) -> Vec<(String, String)> {
    let keys = world.boto(
        "keys = client('iam').list_access_keys(UserName='alice')['AccessKeyMetadata']
result = sorted([k['AccessKeyId'], k['Status']] for k in keys)",
    );
    serde_json::from_value(keys).unwrap()
}

fn status<'k>(keys: &'k [(String, String)], id: &str) -> Option<&'k str> {
    keys.iter().find(|(key, _)| key == id).map(|(_, status)| status.as_str())
}

fn json_of(world: &World, arguments: &[&str], code: i32) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, code, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn a_key_is_rotated_one_step_at_a_time() {
    let world = world();
    let first = json_of(&world, &["keys", "create", "alice", "--yes"], 0);
    let old = first["access_key_id"].as_str().unwrap();
    assert!(first["secret_access_key"].as_str().unwrap().len() > 20);

    // Step by step, each shown before and taken after; a dry run takes none.
    let shown = json_of(&world, &["keys", "rotate", "alice", "--dry-run"], 10);
    assert_eq!((&shown["step"], &shown["dry_run"]), (&json!("create"), &json!(true)));
    assert_eq!(keys(&world).len(), 1);
    let said = world.asiaq(&["keys", "rotate", "alice", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let made: Vec<&str> = said.stdout.lines().filter_map(|line| Some(line.split_once(" = ")?.1)).collect();
    let [new, secret] = made.as_slice() else { panic!("{said:#?}") };
    assert!(!said.stderr.contains(secret));
    assert_eq!(keys(&world).len(), 2);

    let shown = json_of(&world, &["keys", "rotate", "alice", "--dry-run"], 10);
    assert_eq!((&shown["step"], &shown["access_key_id"]), (&json!("deactivate"), &json!(old)));
    json_of(&world, &["keys", "rotate", "alice", "--yes"], 0);
    let both = keys(&world);
    assert_eq!((status(&both, old), status(&both, new)), (Some("Inactive"), Some("Active")));

    // Until the time of grace is over there is nothing to do.
    let waits = json_of(&world, &["keys", "rotate", "alice", "--yes"], 0);
    assert_eq!((&waits["step"], &waits["access_key_id"]), (&json!("wait"), &json!(old)));
    assert_eq!(json_of(&world, &["keys", "rotate", "alice", "--dry-run"], 0)["step"], json!("wait"));
    assert_eq!(keys(&world), both);
    // The note of the rotation is no difference.
    world.assert_settled();
    json_of(&world, &["keys", "rotate", "alice", "--yes", "--grace", "0s"], 0);
    assert_eq!(keys(&world), [((*new).to_owned(), "Active".to_owned())]);
    let tags =
        world.boto("result = [t['Key'] for t in client('iam').list_user_tags(UserName='alice')['Tags']]");
    assert!(!tags.to_string().contains("retired"), "{tags}");
}

#[test]
fn a_rotation_that_is_interrupted_goes_on() {
    let world = world();
    json_of(&world, &["keys", "create", "alice", "--yes"], 0);
    json_of(&world, &["keys", "rotate", "alice", "--yes"], 0);
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("UpdateAccessKey", Fault::Refused("AccessDenied", "no"));
    let said = world.asiaq_through(&proxy, &["keys", "rotate", "alice", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(keys(&world).iter().all(|(_, status)| status == "Active"));
    json_of(&world, &["keys", "rotate", "alice", "--yes"], 0);
    assert_eq!(keys(&world).iter().filter(|(_, status)| status == "Inactive").count(), 1);
}

#[test]
fn a_creation_whose_answer_is_lost_is_not_repeated() {
    let world = world();
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("CreateAccessKey", Fault::Dropped(Moment::After));
    let said = world.asiaq_through(&proxy, &["keys", "create", "alice", "--yes"]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{said:#?}");
    assert!(joined(&said.stderr).contains("a new key whose secret nobody has seen"), "{}", said.stderr);
    assert_eq!(keys(&world).len(), 1);
}

#[test]
fn keys_are_changed_by_id_and_only_of_own_users() {
    let world = world();
    let made = json_of(&world, &["keys", "create", "alice", "--yes"], 0);
    let id = made["access_key_id"].as_str().unwrap();
    let said = world.asiaq(&["keys", "deactivate", "alice", id]);
    assert_eq!(said.code, 2, "no terminal, no --yes: {said:#?}");
    let shown = world.asiaq(&["keys", "remove", "alice", id, "--dry-run"]);
    assert_eq!((shown.code, shown.stdout.contains(id)), (10, true), "{shown:#?}");
    for (verb, status) in [("deactivate", "Inactive"), ("activate", "Active")] {
        json_of(&world, &["keys", verb, "alice", id, "--yes"], 0);
        assert_eq!(keys(&world), [(id.to_owned(), status.to_owned())]);
        let again = world.asiaq(&["keys", verb, "alice", id, "--dry-run"]);
        assert_eq!(again.code, 0, "{again:#?}");
    }
    assert_eq!(json_of(&world, &["keys", "list", "alice"], 0)["keys"][0]["id"], json!(id));
    json_of(&world, &["keys", "remove", "alice", id, "--yes"], 0);
    assert_eq!(keys(&world), []);

    for (arguments, why) in [
        (&["keys", "list", "alcie"][..], "did you mean `alice`?"),
        (&["keys", "remove", "alice", "AKIA", "--yes"], "`alice` has no access keys"),
        (&["keys", "list", "alice", "--account", "liv"], "did you mean `live`?"),
        (&["keys", "rotate", "alice", "--yes"], "there is no access key to rotate"),
    ] {
        let said = world.asiaq(arguments);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(why), "{}", said.stderr);
    }
    // Somebody else's user of the same name.
    world.boto("client('iam').untag_user(UserName='alice', TagKeys=['asiaq:project'])\nresult = 0");
    let said = world.asiaq(&["keys", "create", "alice", "--yes"]);
    assert_eq!((said.code, keys(&world).len()), (2, 0), "{said:#?}");
    assert!(said.stderr.contains("is somebody else's"), "{}", said.stderr);
}

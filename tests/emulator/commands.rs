//! What `plan`, `apply` and `destroy` say, and when they refuse to do anything.

use serde_json::{Value, json};

use super::World;

const TWO: &str = "project p { region = us-west-2 }
envtype box { zones = 1, metanetwork web { ingress = [tcp 443 from internet] } }
env ci   : box { cidr = 10.0.0.0/20 }
env demo : box { cidr = 10.1.0.0/20 }
";

#[test]
fn a_plan_shows_each_environment_and_cites_the_program() {
    let world = World::new(TWO);
    insta::assert_snapshot!("plan_of_two", world.asiaq(&["plan"]).stdout);
    insta::assert_snapshot!("plan_of_one", world.asiaq(&["plan", "--env", "demo"]).stdout);
}

#[test]
fn plans_and_outcomes_are_data_too() {
    let world = World::new(TWO);
    let plan: Value = serde_json::from_str(&world.asiaq(&["plan", "--format", "json"]).stdout).unwrap();
    assert_eq!(plan["summary"], json!({ "create": 10, "update": 0, "replace": 0, "delete": 0, "drift": 0 }));
    assert_eq!(plan["account"], world.credentials.account);
    assert_eq!(plan["steps"][0]["action"], "create");
    let said = world.asiaq(&["apply", "--yes", "--format", "json"]);
    let outcome: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(outcome["done"].as_array().unwrap().len(), 10);
    assert_eq!(outcome["failed"], json!([]));
    assert_eq!(outcome["stopped"], false);
    let again: Value = serde_json::from_str(&world.asiaq(&["apply", "--format", "json"]).stdout).unwrap();
    assert_eq!(again["done"], json!([]));
}

#[test]
fn nothing_is_written_without_a_yes() {
    let world = World::new(TWO);
    let before = world.look();
    let said = world.asiaq(&["apply"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("`--yes`"), "{}", said.stderr);
    assert_eq!(world.look(), before);
}

#[test]
fn an_environment_that_is_nowhere_is_refused_with_a_guess() {
    let world = World::new(TWO);
    for command in ["plan", "apply", "destroy"] {
        let said = world.asiaq(&[command, "--env", "dmeo"]);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains("did you mean `demo`?"), "{}", said.stderr);
    }
}

#[test]
fn an_environment_that_is_no_longer_declared_can_be_destroyed_by_name() {
    let world = World::new(TWO);
    world.apply();
    world.write(&TWO.replace("env demo : box { cidr = 10.1.0.0/20 }\n", ""));
    let said = world.asiaq(&["destroy", "--yes", "--env", "demo"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(world.lines("demo").is_empty(), "{}", world.look());
    world.assert_settled();
}

#[test]
fn environments_of_other_accounts_are_left_alone_and_named() {
    let elsewhere = format!(
        "account other {{ id = \"999999999999\" }}\n{}",
        TWO.replace("10.1.0.0/20", "10.1.0.0/20, account = other")
    );
    let world = World::new(&elsewhere);
    let said = world.apply();
    assert!(said.stderr.contains("`demo` of 999999999999"), "{}", said.stderr);
    assert!(world.lines("demo").is_empty(), "{}", world.look());
}

//! What other programs, and other versions of asiaq, read: files that an older binary wrote are read by this one, and
//! the names in what it prints stay as they are.
//!
//! The files in `tests/compatibility` were written by asiaq 0.1.0 of 2026-11-28 for `infra.asq` beside them; in the
//! saved plan the account was replaced by one of these tests' own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::emulator::World;

/// The account that the saved plan names.
const ACCOUNT: &str = "210987654321";

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compatibility").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(kept(name)).unwrap()
}

#[test]
fn the_log_of_an_older_run_is_drawn() {
    let world = World::new("");
    let log = kept("events.jsonl");
    let drawn = world.asiaq(&["timeline", log.to_str().unwrap(), "-o", "-"]);
    assert_eq!(drawn.code, 0, "{drawn:#?}");
    assert!(drawn.stdout.contains("demo/private/subnet/1"), "{drawn:#?}");
}

#[test]
fn a_plan_and_the_record_of_an_older_version_are_understood() {
    let world = World::in_account(ACCOUNT);
    for name in ["infra.asq", "plan.json"] {
        std::fs::copy(kept(name), world.path(name)).unwrap();
    }
    let applied = world.asiaq(&["apply", "--yes", "plan.json"]);
    assert_eq!(applied.code, 0, "{applied:#?}");
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 0, "{plan:#?}");

    // The lease of an older binary that is at work: it holds the environment, and its owner is named.
    let mut lease: Value = serde_json::from_str(&read("lease.json")).unwrap();
    lease["expires"]["S"] = "2099-01-01T00:00:00Z".into();
    world.boto(&format!(
        "import json
result = client('dynamodb').put_item(TableName='asiaq-leases', Item=json.loads(r'''{lease}'''))['ResponseMetadata']['HTTPStatusCode']"
    ));
    let refused = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
    assert!(refused.stderr.contains("ada@vm"), "{refused:#?}");

    // What that binary had recorded before is read too: a tag that somebody changed is drift, not news.
    lease
        .as_object_mut()
        .unwrap()
        .retain(|key, _| ["project", "environment", "version", "written"].contains(&key.as_str()));
    world.boto(&format!(
        "import json
client('dynamodb').put_item(TableName='asiaq-leases', Item=json.loads(r'''{lease}'''))
vpc = ec2.describe_vpcs(Filters=[{{'Name': 'tag:asiaq:env', 'Values': ['demo']}}])['Vpcs'][0]['VpcId']
ec2.create_tags(Resources=[vpc], Tags=[{{'Key': 'Name', 'Value': 'changed by hand'}}])
result = None"
    ));
    let drift = world.asiaq(&["plan", "--drift-only"]);
    assert_eq!(drift.code, 10, "{drift:#?}");
    assert!(drift.stdout.contains("changed by hand"), "{drift:#?}");
    let destroyed = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(destroyed.code, 0, "{destroyed:#?}");
}

/// The names of all fields in a value, each with the kind of the resource it is in and the names above it.
fn fields(value: &Value, above: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            // Tags, provenance and environments have keys that a program chooses.
            let above = match object.get("kind").and_then(Value::as_str) {
                Some(kind) if object.contains_key("tags") => kind,
                Some(_) | None => above,
            };
            for (name, value) in object {
                let is_free = [
                    "tags",
                    "set_tags",
                    "provenance",
                    "parameters",
                    "environments",
                    "resources",
                    "known",
                    "images",
                ]
                .contains(&name.as_str());
                let path = format!("{above}.{name}");
                found.insert(path.clone());
                match value {
                    Value::Object(object) if is_free => {
                        object.values().for_each(|value| fields(value, &format!("{path}.*"), found));
                    }
                    value => fields(value, &path, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, above, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn names(json: &str) -> String {
    let mut found = BTreeSet::new();
    fields(&serde_json::from_str(json).unwrap(), "", &mut found);
    found.into_iter().collect::<Vec<_>>().join("\n")
}

/// A saved plan with its repeated values in their places.
fn whole(value: &Value, repeated: &[Value]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| whole(item, repeated)).collect(),
        Value::Object(fields) => {
            let mut own: serde_json::Map<String, Value> =
                fields.iter().map(|(key, value)| (key.clone(), whole(value, repeated))).collect();
            let Some(place) = fields.get("=").and_then(Value::as_u64) else { return own.into() };
            own.remove("=");
            match whole(&repeated[usize::try_from(place).unwrap()], repeated) {
                Value::Object(mut base) => {
                    base.extend(own);
                    base.into()
                }
                other => other,
            }
        }
        scalar => scalar.clone(),
    }
}

#[test]
fn names_in_json_stay() {
    let world = World::of_environments();
    let ir = world.asiaq(&["ir"]);
    assert_eq!(ir.code, 0, "{ir:#?}");
    insta::assert_snapshot!("ir", names(&ir.stdout));
    let plan = world.asiaq(&["plan", "--format", "json", "-o", "saved"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    insta::assert_snapshot!("plan", names(&plan.stdout));
    let saved = std::fs::read_to_string(world.path("saved")).unwrap();
    let mut saved: Value = serde_json::from_str(&saved).unwrap();
    let repeated = saved.as_object_mut().unwrap().remove("repeated").unwrap();
    saved["plan"] = whole(&saved["plan"], repeated.as_array().unwrap());
    insta::assert_snapshot!("saved_plan", names(&saved.to_string()));
}

#[test]
fn commands_options_and_diagnostic_codes_stay() {
    let world = World::new("");
    // Completions of bash carry names alone.
    let completions = world.asiaq(&["completions", "bash"]).stdout;
    let mut commands = BTreeSet::new();
    let mut command = "";
    for line in completions.lines().map(str::trim) {
        if let Some(name) = line.strip_suffix(')').filter(|name| name.starts_with("asiaq__")) {
            command = name;
        } else if let Some(options) = line.strip_prefix("opts=") {
            commands.insert(format!("{command}: {}", options.trim_matches('"')));
        }
    }
    // Editors pass it; nobody types it.
    assert!(!completions.contains("--stdio"));
    assert_eq!(world.asiaq(&["lsp", "--stdio", "--help"]).code, 0);
    insta::assert_snapshot!("command_line", commands.into_iter().collect::<Vec<_>>().join("\n"));

    let mut codes: Vec<String> =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics"))
            .unwrap()
            .map(|page| page.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
    codes.sort();
    insta::assert_snapshot!("diagnostic_codes", codes.join("\n"));
}

#[test]
fn exit_codes_stay() {
    let broken = World::new("env ci { cidr = 10.0.0.0/33 }");
    assert_eq!(broken.asiaq(&["check"]).code, 1);
    assert_eq!(broken.asiaq(&["check", "--no-such-option"]).code, 2);
    let sound = World::new("project p { region = us-west-2 }\nenv ci { cidr = 10.0.0.0/20 }");
    assert_eq!(sound.asiaq(&["check"]).code, 0);
    assert_eq!(sound.asiaq(&["plan"]).code, 10);
    sound.apply();
    assert_eq!(sound.asiaq(&["plan"]).code, 0);
}

#[test]
fn tags_stay() {
    use asiaq_ir as ir;
    assert_eq!(
        [
            ir::PROJECT_TAG,
            ir::ENV_TAG,
            ir::ADDRESS_TAG,
            ir::TAGS_TAG,
            ir::PROTECT_TAG,
            ir::CREATED_TAG,
            ir::STAGE_TAG,
            ir::TESTED_TAG,
            ir::SANDBOX_TAG
        ],
        [
            "asiaq:project",
            "asiaq:env",
            "asiaq:address",
            "asiaq:tags",
            "asiaq:protect",
            "create_date",
            "asiaq:stage",
            "asiaq:tested",
            "asiaq:sandbox"
        ]
    );
}

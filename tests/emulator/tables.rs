//! Tables, looked at from outside: backups, restores and exports.

use serde_json::{Value, json};

use super::proxy::{Fault, Moment, Proxy};
use super::{World, moto};

const PROGRAM: &str = r#"project shop { region = us-west-2 }
env ci {
  cidr = 10.0.0.0/20
  table users {
    key      = "id"
    ttl      = "ends"
    stream   = new_and_old
    recovery = true
    tags     = { owner = "ops" }
    index by_mail { key = "mail" }
  }
  table people { key = "id" }
  table visits {
    key  = "id"
    sort = "at"
  }
}
"#;

/// The same without point-in-time recovery.
fn unrecovered() -> String {
    PROGRAM.replace("    recovery = true\n", "")
}

fn json_of(world: &World, arguments: &[&str], code: i32) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, code, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

/// Runs a command that is refused, and gives the reason on one line.
fn refused(world: &World, arguments: &[&str]) -> String {
    let said = world.asiaq(&[arguments, &["--yes"]].concat());
    assert_eq!(said.code, 2, "{said:#?}");
    super::joined(&said.stderr)
}

fn put(world: &World, table: &str, id: &str) {
    world.boto(&format!(
        "client('dynamodb').put_item(TableName='{table}', Item={{'id': {{'S': '{id}'}}, 'mail': {{'S': 'a@b'}}}}); result = 1"
    ));
}

fn ids(world: &World, table: &str) -> Value {
    world.boto(&format!(
        "result = sorted(item['id']['S'] for item in client('dynamodb').scan(TableName='{table}')['Items'])"
    ))
}

#[test]
fn a_table_that_is_gone_is_restored_from_its_backup_and_the_next_apply_does_the_rest() {
    let world = World::new(PROGRAM);
    world.apply();
    put(&world, "users_ci", "one");
    let listed = json_of(&world, &["table", "list"], 0);
    let of = |listed: &Value, field: &str| -> Vec<Value> {
        listed.as_array().unwrap().iter().map(|table| table[field].clone()).collect()
    };
    assert_eq!(of(&listed, "table"), ["people_ci", "users_ci", "visits_ci"].map(Value::from));
    assert_eq!(of(&listed, "status"), ["active"; 3].map(Value::from));

    let shown = json_of(&world, &["table", "backup", "users", "--dry-run"], 10);
    assert_eq!((&shown["table"], &shown["dry_run"]), (&json!("users_ci"), &json!(true)));
    let backups = || json_of(&world, &["table", "show", "users"], 0)["backups"].as_array().unwrap().clone();
    assert_eq!(backups(), Vec::<Value>::new(), "a dry run takes no backup");
    let taken = json_of(&world, &["table", "backup", "users", "--name", "before-cleanup", "--yes"], 0);
    assert_eq!(taken["backup"]["name"], json!("before-cleanup"));
    assert_eq!(backups().len(), 1);

    let there = refused(&world, &["table", "restore", "users", "--backup", "before-cleanup"]);
    assert!(there.contains("there is a table `users_ci` already"), "{there}");
    let unlike = refused(&world, &["table", "restore", "users", "--backup", "before-cleanu"]);
    assert!(unlike.contains("did you mean `before-cleanup`?"), "{unlike}");

    world.boto("client('dynamodb').delete_table(TableName='users_ci'); result = 1");
    let left = backups();
    let taken: Vec<&Value> = left.iter().map(|backup| &backup["taken"]).collect();
    assert_eq!(taken, [&json!("automated"), &json!("manual")], "{left:#?}");
    let gone = refused(&world, &["table", "restore", "users", "--latest"]);
    assert!(gone.contains("the table `users_ci` is gone") && gone.contains("--backup"), "{gone}");

    let restore = ["table", "restore", "users", "--backup", "before-cleanup"];
    let shown = json_of(&world, &[&restore[..], &["--dry-run"]].concat(), 10);
    assert_eq!(shown["restore"]["address"], json!("ci/table/users"));
    assert_eq!(json_of(&world, &["table", "list"], 0)[1]["status"], json!("not created"));
    let done = json_of(&world, &[&restore[..], &["--yes"]].concat(), 0);
    let missing = ["the time at which items end", "the stream", "point-in-time recovery"];
    assert_eq!(done["restore"]["missing"], json!(missing));
    assert_eq!(ids(&world, "users_ci"), json!(["one"]));

    let plan = world.asiaq(&["plan"]);
    assert!(
        plan.code == 10 && plan.stdout.contains("0 to create, 1 to change, 0 to replace, 0 to delete"),
        "{plan:#?}"
    );
    world.apply();
    assert_eq!(ids(&world, "users_ci"), json!(["one"]));
}

#[test]
fn a_table_is_restored_as_it_was_under_another_name() {
    let world = World::new(&unrecovered());
    world.apply();
    let off = refused(&world, &["table", "restore", "users", "--latest", "--as", "copy"]);
    assert!(off.contains("set `recovery = true`, and run `asiaq apply --env ci`"), "{off}");
    world.write(PROGRAM);
    let off = refused(&world, &["table", "restore", "users", "--latest", "--as", "copy"]);
    assert!(off.contains("which `users_ci` does not have: run `asiaq apply"), "{off}");
    world.apply();
    put(&world, "users_ci", "one");

    let early =
        refused(&world, &["table", "restore", "users", "--at", "2020-01-01T00:00:00Z", "--as", "copy"]);
    assert!(early.contains("2020-01-01T00:00:00Z is not kept: AWS has the table from 20"), "{early}");
    let there = refused(&world, &["table", "restore", "users", "--latest"]);
    assert!(there.contains("never writes over one: name another one with `--as`"), "{there}");
    let there = refused(&world, &["table", "restore", "users", "--latest", "--as", "people"]);
    assert!(there.contains("there is a table `people_ci` already"), "{there}");
    let bad = refused(&world, &["table", "restore", "users", "--latest", "--as", "a/b"]);
    assert!(bad.contains("cannot be the name of a table"), "{bad}");

    let said = world.asiaq(&["table", "restore", "users", "--latest", "--as", "copy", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.contains("asiaq does not manage it"), "{said:#?}");
    assert!(said.stderr.contains("AWS is restoring `copy` …"), "{said:#?}");
    assert_eq!(ids(&world, "copy"), json!(["one"]));
    // Nobody's: neither listed nor planned.
    assert_eq!(json_of(&world, &["table", "list"], 0).as_array().unwrap().len(), 3);
    world.assert_settled();

    // Into another declaration, which is gone, if its key is the same.
    world.boto("[client('dynamodb').delete_table(TableName=name) for name in ('people_ci', 'visits_ci')]; result = 1");
    let other = refused(&world, &["table", "restore", "users", "--latest", "--as", "visits"]);
    assert!(
        other.contains("`visits` declares `id` and `at`, so that the next apply would replace it"),
        "{other}"
    );
    let said = world.asiaq(&["table", "restore", "users", "--latest", "--as", "people", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(ids(&world, "people_ci"), json!(["one"]));
    world.apply();
    assert_eq!(ids(&world, "people_ci"), json!(["one"]));
}

#[test]
fn a_restore_that_was_killed_before_the_table_had_tags_is_continued() {
    let world = World::new(PROGRAM);
    world.apply();
    put(&world, "users_ci", "one");
    let taken = json_of(&world, &["table", "backup", "users", "--yes"], 0);
    let id = taken["backup"]["id"].as_str().unwrap().to_owned();
    world.boto(&format!(
        "client('dynamodb').delete_table(TableName='users_ci')\n\
         client('dynamodb').restore_table_from_backup(TargetTableName='users_ci', BackupArn='{id}'); result = 1"
    ));
    let restore = ["table", "restore", "users", "--backup", &id];
    let shown = json_of(&world, &[&restore[..], &["--dry-run"]].concat(), 10);
    assert_eq!(shown["restore"]["is_begun"], json!(true));
    let said = world.asiaq(&[&restore[..], &["--yes"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    let there = refused(&world, &restore);
    assert!(there.contains("there is a table `users_ci` already"), "{there}");
    world.apply();
    assert_eq!(ids(&world, "users_ci"), json!(["one"]));
}

/// A world whose table `users_ci` is gone, with the id of a backup of it.
fn with_backup() -> (World, String) {
    let world = World::new(PROGRAM);
    world.apply();
    put(&world, "users_ci", "one");
    let taken = json_of(&world, &["table", "backup", "users", "--yes"], 0);
    world.boto("client('dynamodb').delete_table(TableName='users_ci'); result = 1");
    (world, taken["backup"]["id"].as_str().unwrap().to_owned())
}

#[test]
fn a_restore_is_whole_although_every_call_fails_once() {
    let (world, id) = with_backup();
    let proxy = Proxy::start(moto::endpoint());
    let restore = ["table", "restore", "users", "--backup", &id];
    for operation in world.calls_of(&proxy, &[&restore[..], &["--dry-run"]].concat(), 10) {
        proxy.on(&operation, 1, Fault::Failed(Moment::Before));
    }
    for operation in ["RestoreTableFromBackup", "TagResource"] {
        proxy.on(operation, 1, Fault::Dropped(Moment::After));
        proxy.on(operation, 2, Fault::Throttled);
    }
    let said = world.asiaq_through(&proxy, &[&restore[..], &["--yes"]].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(ids(&world, "users_ci"), json!(["one"]));
    world.apply();
    assert_eq!(ids(&world, "users_ci"), json!(["one"]));
}

#[test]
fn a_restore_that_is_killed_at_any_call_is_finished_by_the_next_run() {
    let kill = |n: usize| {
        let (world, id) = with_backup();
        let restore = ["table", "restore", "users", "--backup", &id, "--yes"];
        let is_killed = world.kill_at(n, &restore);
        let said = world.asiaq(&restore);
        let is_done = said.code == 2 && said.stderr.contains("there is a table `users_ci` already");
        assert!(said.code == 0 || is_done, "killed at call {n}: {said:#?}");
        world.apply();
        assert_eq!(ids(&world, "users_ci"), json!(["one"]), "killed at call {n}");
        is_killed
    };
    let most = (1..1000).find(|n| !kill(*n));
    assert!(most.is_some_and(|most| most > 5), "{most:?} calls");
}

#[test]
fn another_attribute_for_the_end_of_items_is_planned_in_two_steps() {
    let world = World::new(PROGRAM);
    world.apply();
    world.write(&PROGRAM.replace("\"ends\"", "\"over\""));
    let waits = "`ci/table/users`: ttl `over` waits until AWS takes another change of it";
    let plan = world.asiaq(&["plan"]);
    assert!(plan.code == 10 && plan.stdout.contains("ttl  ends → none"), "{plan:#?}");
    assert!(super::joined(&plan.stdout).contains(waits), "{plan:#?}");
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    // AWS is still switching the old one off.
    let plan = world.asiaq(&["plan"]);
    assert!(plan.code == 0 && super::joined(&plan.stdout).contains(waits), "{plan:#?}");
    let plan = world.asiaq(&["plan"]);
    assert!(plan.code == 10 && plan.stdout.contains("ttl  none → over"), "{plan:#?}");
    assert!(!plan.stdout.contains("drift") && !plan.stdout.contains("waits until"), "{plan:#?}");
    world.apply();
    let shown = json_of(&world, &["table", "show", "users"], 0);
    assert_eq!(shown["live"]["ttl"], json!("over"));
}

#[test]
fn a_table_is_exported_to_a_bucket() {
    let world = World::new(&unrecovered());
    world.apply();
    let bucket = format!("shop-exports-{}", world.credentials.account);
    let export = ["table", "export", "users", "--bucket", &bucket];
    let off = refused(&world, &export);
    assert!(off.contains("AWS exports only of a table with point-in-time recovery"), "{off}");
    world.write(PROGRAM);
    world.apply();
    put(&world, "users_ci", "one");
    let nowhere = refused(&world, &export);
    assert!(nowhere.contains("The specified bucket does not exist"), "{nowhere}");
    world.boto(&format!(
        "client('s3').create_bucket(Bucket='{bucket}', \
         CreateBucketConfiguration={{'LocationConstraint': 'us-west-2'}}); result = 1"
    ));
    let objects =
        || world.boto(&format!("result = client('s3').list_objects_v2(Bucket='{bucket}')['KeyCount']"));
    let shown = json_of(&world, &[&export[..], &["--dry-run"]].concat(), 10);
    assert_eq!(shown["export_to"]["prefix"], json!("ci/users"));
    assert_eq!(objects(), json!(0));
    let done = json_of(&world, &[&export[..], &["--yes"]].concat(), 0);
    assert_eq!((&done["export"]["status"], &done["export"]["items"]), (&json!("completed"), &json!(1)));
    assert_eq!(objects(), json!(1));
    let shown = json_of(&world, &["table", "show", "users"], 0);
    let exports: Vec<&Value> =
        shown["exports"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(exports.len(), 2, "{shown:#?}");
    let text = world.asiaq(&["table", "show", "users"]);
    assert!(text.stdout.contains(&format!("s3://{bucket}/ci/users")), "{text:#?}");
}

#[test]
fn a_renamed_table_does_not_lose_its_items_silently() {
    let program = "project shop { region = us-west-2 }\nenv ci {\n  cidr = 10.0.0.0/20\n  table users { key = \"id\" }\n}\n";
    let world = World::new(program);
    world.apply();
    put(&world, "users_ci", "one");
    let renamed = program.replace("table users { ", "table people { ");
    world.write(&renamed);
    let why = refused(&world, &["apply"]);
    let said = "`ci/table/users` would be deleted with its data, and `ci/table/people` be made without any";
    assert!(why.contains(said) && why.contains("write `name = \"users_ci\"` in `table people`"), "{why}");
    world.write(&renamed.replace("{ key", "{ name = \"users_ci\", key"));
    world.apply();
    assert_eq!(ids(&world, "users_ci"), json!(["one"]));
    // Another key replaces it.
    world.write(&program.replace("\"id\"", "\"mail\""));
    let why = refused(&world, &["apply"]);
    assert!(why.contains("be made anew without any") && why.contains("`--allow data-loss`"), "{why}");
    let said = world.asiaq(&["apply", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(world.boto("result = client('dynamodb').scan(TableName='users_ci')['Count']"), json!(0));
}

#[test]
fn the_first_table_of_an_apply_without_a_lease_is_not_forgotten() {
    let alone = "project shop { region = us-west-2 }\nenv ci { cidr = 10.0.0.0/20 }\n";
    let world = World::new(alone);
    world.apply();
    world.write(&alone.replace("/20 }", "/20\n  table users { key = \"id\" }\n}"));
    let said = world.asiaq(&["apply", "--yes", "--no-lock"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world.assert_settled();
    world.write(alone);
    let plan = world.asiaq(&["plan"]);
    assert!(
        plan.code == 10 && plan.stdout.contains("0 to create, 0 to change, 0 to replace, 1 to delete"),
        "{plan:#?}"
    );
    world.apply();
    assert_eq!(json_of(&world, &["table", "list"], 0), json!([]));
}

#[test]
fn another_tables_name_is_none_of_the_program() {
    let world = World::new(PROGRAM);
    let made = "client('dynamodb').create_table(TableName='users_ci', BillingMode='PAY_PER_REQUEST', \
                AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], \
                KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}]); result = 1";
    world.boto(made);
    let absent = refused(&world, &["table", "backup", "users"]);
    assert!(absent.contains("there is no table `users_ci` yet"), "{absent}");
    let listed = json_of(&world, &["table", "list"], 0);
    assert_eq!(listed[1]["status"], json!("not created"));
    let unknown = refused(&world, &["table", "backup", "user"]);
    assert!(unknown.contains("did you mean `users`?"), "{unknown}");
}

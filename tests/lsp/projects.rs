//! Which files are checked together, from buffers and from the disk.

use serde_json::{Value, json};

use super::{Client, Dialect, Folder, PROJECT};

const ENV: &str = "env e : box { cidr = 10.0.0.0/20 }\n";
const BOX: &str = "envtype box { zones = 1, metanetwork web {} }\n";

#[test]
fn a_folder_is_one_project_and_buffers_come_before_the_disk() {
    let folder = Folder::new(&[("a.asq", PROJECT), ("b.asq", ENV), ("c.asq", BOX)]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let (env, r#box) = (folder.uri("b.asq"), folder.uri("c.asq"));
    client.open(&env, ENV);
    assert_eq!(client.told_of(&env, 1), [""; 0]);
    client.open(&r#box, "");
    assert_eq!(client.told(&env), ["unknown-parent 0:8-0:11"]);
    client.replace(&r#box, 2, &BOX.replace("box", "cube"));
    client.replace(&env, 2, &ENV.replace("box", "cube"));
    client.wait_until_told(&env, &[]);
    // What was never saved is gone with its buffer.
    client.close(&r#box);
    // The server may have checked the state between the two replacements too, and said so before.
    client.wait_until_told(&env, &["unknown-parent 0:8-0:12"]);
}

#[test]
fn a_mistake_is_shown_in_a_file_that_is_not_open_and_goes_when_nobody_looks() {
    let folder = Folder::new(&[("x/a.asq", PROJECT), ("x/b.asq", ENV)]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let (project, env) = (folder.uri("x/a.asq"), folder.uri("x/b.asq"));
    client.open(&project, PROJECT);
    assert_eq!(client.told(&env), ["unknown-parent 0:8-0:11"]);
    client.close(&project);
    assert_eq!(client.told(&env), [""; 0]);
}

#[test]
fn a_workspaces_project_is_checked_before_anything_is_open() {
    let folder = Folder::new(&[("a.asq", PROJECT), ("b.asq", ENV)]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    assert_eq!(client.told(&folder.uri("b.asq")), ["unknown-parent 0:8-0:11"]);
}

#[test]
fn what_changes_on_disk_is_looked_at_again() {
    let folder = Folder::new(&[("a.asq", PROJECT), ("b.asq", ENV)]);
    let mut client = Client::start(folder.path(), Dialect::Rich);
    let registration = client.hear(|message| message["method"] == "client/registerCapability");
    assert_eq!(registration["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    let env = folder.uri("b.asq");
    assert_eq!(client.told(&env), ["unknown-parent 0:8-0:11"]);
    folder.write("c.asq", BOX);
    let event = json!({ "changes": [{ "uri": folder.uri("c.asq"), "type": 1 }] });
    client.tell("workspace/didChangeWatchedFiles", event);
    assert_eq!(client.told(&env), [""; 0]);
}

#[test]
fn a_used_file_is_part_of_the_project_that_uses_it() {
    let infra = format!("use parts/box\n{PROJECT}{ENV}");
    let folder = Folder::new(&[("infra.asq", &infra), ("parts/box.asq", "envtype box : base {}\n")]);
    folder.write("infra.asq", &infra);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let used = folder.uri("parts/box.asq");
    client.wait_until_told(&used, &["unknown-parent"]);
    client.open(&used, "envtype box { zones = 1 }\n");
    client.wait_until_told(&used, &[]);
    // It is not a project of its own: the environment that descends from it is known.
    let symbols = client.ask("workspace/symbol", json!({ "query": "" })).unwrap();
    assert!(symbols.is_array(), "{symbols}");
}

#[test]
fn a_file_that_was_never_saved_is_a_project_of_its_own() {
    let folder = Folder::new(&[("a.asq", PROJECT)]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let uri = "untitled:Untitled-1";
    client.open(uri, &format!("use std/classic\n{PROJECT}env e : classic {{ cidr = 10.0.0.0/20 }}\n"));
    assert_eq!(client.told_of(uri, 1), [""; 0]);
    client.replace(uri, 2, "use parts\n");
    assert_eq!(client.told_of(uri, 2).len(), 1);
    client.close(uri);
    assert_eq!(client.told(uri), [""; 0]);
}

#[test]
fn a_new_file_belongs_to_its_folder_before_it_is_saved() {
    let folder = Folder::new(&[("a.asq", PROJECT), ("b.asq", ENV)]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    assert_eq!(client.told(&folder.uri("b.asq")), ["unknown-parent 0:8-0:11"]);
    client.open(&folder.uri("c.asq"), BOX);
    assert_eq!(client.told(&folder.uri("b.asq")), [""; 0]);
}

#[test]
fn diagnostics_may_be_asked_for() {
    let folder = Folder::new(&[]);
    let mut client = Client::start(folder.path(), Dialect::Pulls);
    let uri = folder.uri("a.asq");
    client.open(&uri, &format!("{PROJECT}let a = 10.0.0.1/8\n"));
    let document = json!({ "uri": uri });
    let report = client.ask("textDocument/diagnostic", json!({ "textDocument": document })).unwrap();
    assert_eq!(super::client::gist(&report["items"]), ["host-bits-set 1:8-1:18"]);
    let again = json!({ "textDocument": document, "previousResultId": report["resultId"] });
    assert_eq!(client.ask("textDocument/diagnostic", again).unwrap()["kind"], "unchanged");
    let refresh = client.hear(|message| message["method"] == "workspace/diagnostic/refresh");
    client.send(&json!({ "jsonrpc": "2.0", "id": refresh["id"], "result": null }));

    client.replace(&uri, 2, PROJECT);
    let report = client.ask("textDocument/diagnostic", json!({ "textDocument": document })).unwrap();
    assert_eq!(report["items"], json!([]));
    client.ask("shutdown", Value::Null).unwrap();
    client.hear(|message| message["method"] == "workspace/diagnostic/refresh");
}

#[test]
fn what_depends_on_another_file_is_to_be_asked_for_again() {
    let folder = Folder::new(&[]);
    let mut client = Client::start(folder.path(), Dialect::Rich);
    client.open(&folder.uri("a.asq"), PROJECT);
    client.open(&folder.uri("b.asq"), BOX);
    client.hear(|message| message["method"] == "workspace/codeLens/refresh");
}

#[test]
fn what_is_asked_for_is_not_told_too() {
    let folder = Folder::new(&[("a.asq", PROJECT), ("b.asq", ENV)]);
    let mut client = Client::start(folder.path(), Dialect::Pulls);
    let env = folder.uri("b.asq");
    assert_eq!(client.told(&env).len(), 1);
    client.open(&env, ENV);
    assert_eq!(client.told(&env), [""; 0]);
    let report = client.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": env } })).unwrap();
    assert_eq!(report["items"].as_array().unwrap().len(), 1);
    client.close(&env);
    assert_eq!(client.told(&env).len(), 1);
}

//! From names to places, across files and into the library.

use serde_json::{Value, json};

use super::actions::apply;
use super::{Client, Dialect, Folder};

const INFRA: &str = "\
project p { region = us-west-2 }
/// The smallest.
env e : box { cidr = 10.0.0.0/20 }
";
const BOX: &str = "\
/// A box.
envtype box { zones = 1, metanetwork web {} }
";

fn opened() -> (Folder, Client) {
    let folder = Folder::new(&[("box.asq", BOX), ("infra.asq", INFRA)]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    client.open(&folder.uri("infra.asq"), INFRA);
    (folder, client)
}

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

#[test]
fn a_name_leads_to_its_declaration_in_another_file() {
    let (folder, mut client) = opened();
    let found = client.ask("textDocument/definition", at(&folder.uri("infra.asq"), 2, 9)).unwrap();
    assert_eq!(found[0]["uri"], folder.uri("box.asq"));
    assert_eq!(found[0]["range"]["start"], json!({ "line": 1, "character": 8 }));
    let hover = client.ask("textDocument/hover", at(&folder.uri("infra.asq"), 2, 9)).unwrap();
    assert!(hover["contents"]["value"].as_str().unwrap().contains("A box."), "{hover}");
}

#[test]
fn a_field_leads_into_the_library_which_is_to_be_read_only() {
    let (folder, mut client) = opened();
    let found = client.ask("textDocument/definition", at(&folder.uri("infra.asq"), 2, 16)).unwrap();
    let uri = found[0]["uri"].as_str().unwrap().to_owned();
    let path = std::path::Path::new(uri.strip_prefix("file://").unwrap());
    assert!(path.starts_with(client.caches()) && path.ends_with("std/env.asq"), "{uri}");
    assert!(std::fs::metadata(path).unwrap().permissions().readonly());

    // There it can be asked about too, and nothing is wrong with it.
    let text = std::fs::read_to_string(path).unwrap();
    client.open(&uri, &text);
    assert_eq!(client.told_of(&uri, 1), [""; 0]);
    let range = &found[0]["range"]["start"];
    let there = json!({ "textDocument": { "uri": uri }, "position": range });
    assert!(client.ask("textDocument/hover", there).unwrap().is_object());
    let symbols =
        client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } })).unwrap();
    assert_eq!(symbols[0]["name"], "env");
}

#[test]
fn a_thing_is_renamed_in_every_file() {
    let (folder, mut client) = opened();
    let (infra, r#box) = (folder.uri("infra.asq"), folder.uri("box.asq"));
    let place = client.ask("textDocument/prepareRename", at(&infra, 2, 9)).unwrap();
    assert_eq!(place["placeholder"], "box");
    let mut params = at(&infra, 2, 9);
    params["newName"] = json!("cube");
    let edit = client.ask("textDocument/rename", params.clone()).unwrap();
    let (new_infra, new_box) = (apply(INFRA, &edit["changes"][&infra]), apply(BOX, &edit["changes"][&r#box]));
    assert_eq!(new_infra, INFRA.replace("box", "cube"));
    assert_eq!(new_box, BOX.replace("envtype box", "envtype cube"));
    client.open(&r#box, &new_box);
    client.replace(&infra, 2, &new_infra);
    client.wait_until_told(&infra, &[]);

    params["newName"] = json!("not a name");
    assert_eq!(client.ask("textDocument/rename", params).unwrap_err()["code"], -32803);
}

#[test]
fn uses_are_found_and_highlighted() {
    let (folder, mut client) = opened();
    let uri = folder.uri("infra.asq");
    let mut params = at(&uri, 2, 9);
    params["context"] = json!({ "includeDeclaration": true });
    assert_eq!(client.ask("textDocument/references", params.clone()).unwrap().as_array().unwrap().len(), 2);
    params["context"] = json!({ "includeDeclaration": false });
    assert_eq!(client.ask("textDocument/references", params).unwrap().as_array().unwrap().len(), 1);
    let lit = client.ask("textDocument/documentHighlight", at(&uri, 2, 9)).unwrap();
    assert_eq!(lit[0]["range"]["start"], json!({ "line": 2, "character": 8 }));
}

#[test]
fn a_project_is_searched_by_name() {
    let (folder, mut client) = opened();
    client.told_of(&folder.uri("infra.asq"), 1);
    let found = client.ask("workspace/symbol", json!({ "query": "bx" })).unwrap();
    assert_eq!(found[0]["name"], "box", "{found}");
    assert_eq!(found[0]["location"]["uri"], folder.uri("box.asq"));
}

#[test]
fn a_selection_grows_from_a_value_to_the_file() {
    let (folder, mut client) = opened();
    let params = json!({ "textDocument": { "uri": folder.uri("infra.asq") }, "positions": [{ "line": 2, "character": 22 }] });
    let grown = client.ask("textDocument/selectionRange", params).unwrap();
    let mut starts = Vec::new();
    let mut step = &grown[0];
    while step.is_object() {
        starts.push((
            step["range"]["start"]["line"].as_u64().unwrap(),
            step["range"]["start"]["character"].as_u64().unwrap(),
        ));
        step = &step["parent"];
    }
    assert_eq!(starts, [(2, 21), (2, 14), (2, 12), (2, 0), (0, 0)]);
}

#[test]
fn a_path_is_completed_with_the_files_that_there_are() {
    let program = "hostclass web { script = file \"init/b\" }\n";
    let files =
        [("a.asq", program), ("init/boot.sh", "#!/bin/sh\n"), ("init/old/boot.sh", ""), ("init/.hidden", "")];
    let folder = Folder::new(&files);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let uri = folder.uri("a.asq");
    client.open(&uri, program);
    let found = client.ask("textDocument/completion", at(&uri, 0, 36)).unwrap();
    let mut found = found.as_array().unwrap().clone();
    found.sort_by_key(|item| item["label"].as_str().map(str::to_owned));
    let labels: Vec<_> = found.iter().map(|item| &item["label"]).collect();
    assert_eq!(labels, ["boot.sh", "old/"]);
    let range = json!({ "start": { "line": 0, "character": 36 }, "end": { "line": 0, "character": 37 } });
    assert_eq!(found[0]["textEdit"], json!({ "newText": "boot.sh", "range": range }));
}

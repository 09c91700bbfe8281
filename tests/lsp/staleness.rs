//! Work that nobody wants any more.

use serde_json::json;

use super::{Client, Dialect, Folder};
use crate::generator;

/// Enough that a check takes longer than a few messages.
const LINES: usize = 5_000;

fn opened(folder: &Folder) -> (Client, String) {
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let uri = folder.uri("a.asq");
    client.open(&uri, &generator::project(LINES, 16));
    client.told_of(&uri, 1);
    (client, uri)
}

fn touch(client: &mut Client, uri: &str, version: i64) {
    let start = json!({ "line": 0, "character": 0 });
    client.change(uri, version, json!([{ "range": { "start": start, "end": start }, "text": "\n" }]));
}

#[test]
fn a_request_that_is_cancelled_is_answered_at_once() {
    let folder = Folder::new(&[]);
    let (mut client, uri) = opened(&folder);
    touch(&mut client, &uri, 2);
    let id = client.begin("textDocument/foldingRange", json!({ "textDocument": { "uri": uri } }));
    client.tell("$/cancelRequest", json!({ "id": id }));
    assert_eq!(client.answer(id).unwrap_err()["code"], -32800);
    client.told_of(&uri, 2);
    // It is too late to cancel what has been answered.
    client.tell("$/cancelRequest", json!({ "id": id }));
    assert_eq!(client.leave(), 0);
}

#[test]
fn a_request_about_a_state_that_is_passed_over_is_told_so() {
    let folder = Folder::new(&[]);
    let (mut client, uri) = opened(&folder);
    let document = json!({ "textDocument": { "uri": uri } });
    // While the second state is checked, a third comes and goes. The answer to the unknown request shows that the
    // server has begun with the second one.
    touch(&mut client, &uri, 2);
    client.ask("no/such/request", json!({})).unwrap_err();
    client.hold();
    touch(&mut client, &uri, 3);
    let passed = client.begin("textDocument/foldingRange", document.clone());
    touch(&mut client, &uri, 4);
    let newest = client.begin("textDocument/foldingRange", document);
    client.send_held();
    assert_eq!(client.answer(passed).unwrap_err()["code"], -32801);
    client.answer(newest).unwrap();
    client.told_of(&uri, 4);
}

#[test]
fn a_request_about_a_document_that_closes_is_answered() {
    let folder = Folder::new(&[]);
    let (mut client, uri) = opened(&folder);
    touch(&mut client, &uri, 2);
    let id = client.begin("textDocument/foldingRange", json!({ "textDocument": { "uri": uri } }));
    client.close(&uri);
    assert_eq!(client.answer(id).unwrap_err()["code"], -32803);
}

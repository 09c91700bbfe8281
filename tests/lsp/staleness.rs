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
    let mut version = 1;
    let mut touch = |client: &mut Client| {
        version += 1;
        touch(client, &uri, version);
        version
    };
    // While a state is checked, the next one comes and goes. The answer to the unknown request shows that the server has
    // begun. It may be done before the others arrive, and then nothing is passed over: that is tried again.
    let mut is_passed_over = |client: &mut Client| {
        touch(client);
        client.ask("no/such/request", json!({})).unwrap_err();
        client.hold();
        touch(client);
        let passed = client.begin("textDocument/foldingRange", document.clone());
        let last = touch(client);
        let newest = client.begin("textDocument/foldingRange", document.clone());
        client.send_held();
        let answer = client.answer(passed);
        client.answer(newest).unwrap();
        client.told_of(&uri, last);
        answer.is_err_and(|error| {
            assert_eq!(error["code"], -32801);
            true
        })
    };
    assert!((0..50).any(|_| is_passed_over(&mut client)), "no state was passed over");
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

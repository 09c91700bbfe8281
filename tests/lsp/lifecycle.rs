//! From hello to goodbye, and what is said in the wrong order or the wrong form.

use serde_json::{Value, json};

use super::{Client, Dialect, Folder, PROJECT};

#[test]
fn the_server_says_what_it_can_do_and_leaves_when_told() {
    let folder = Folder::new(&[]);
    let mut client = Client::stranger();
    let result = client.introduce(folder.path(), Dialect::Plain);
    assert_eq!(result["serverInfo"]["name"], "asiaq");
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(result["capabilities"]["textDocumentSync"]["change"], 2);
    assert_eq!(result["capabilities"]["diagnosticProvider"], Value::Null);
    assert_eq!(client.leave(), 0);
}

#[test]
fn what_is_agreed_depends_on_the_client() {
    let folder = Folder::new(&[]);
    let rich = Client::stranger().introduce(folder.path(), Dialect::Rich);
    assert_eq!(rich["capabilities"]["positionEncoding"], "utf-8");
    let pulls = Client::stranger().introduce(folder.path(), Dialect::Pulls);
    assert_eq!(pulls["capabilities"]["diagnosticProvider"]["interFileDependencies"], true);
}

#[test]
fn nothing_is_answered_before_hello_and_after_goodbye() {
    let folder = Folder::new(&[]);
    let mut client = Client::stranger();
    assert_eq!(client.ask("workspace/symbol", json!({ "query": "" })).unwrap_err()["code"], -32002);
    client.introduce(folder.path(), Dialect::Plain);
    client.ask("shutdown", Value::Null).unwrap();
    assert_eq!(client.ask("workspace/symbol", json!({ "query": "" })).unwrap_err()["code"], -32600);
    client.tell("exit", Value::Null);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_client_that_vanishes_takes_the_server_with_it() {
    let folder = Folder::new(&[]);
    assert_eq!(Client::stranger().end(), 1);
    assert_eq!(Client::start(folder.path(), Dialect::Plain).end(), 1);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    client.tell("exit", Value::Null);
    assert_eq!(client.end(), 1);
}

#[test]
fn what_makes_no_sense_is_refused_and_the_server_goes_on() {
    let folder = Folder::new(&[]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let uri = folder.uri("a.asq");
    client.open(&uri, PROJECT);

    let mut refused = |method: &str, params: Value| client.ask(method, params).unwrap_err()["code"].clone();
    assert_eq!(refused("asiaq/dance", Value::Null), -32601);
    assert_eq!(refused("textDocument/hover", Value::Null), -32602);
    assert_eq!(refused("textDocument/hover", json!([1, 2])), -32602);
    assert_eq!(refused("textDocument/hover", json!({ "textDocument": { "uri": uri } })), -32602);
    let elsewhere =
        json!({ "textDocument": { "uri": folder.uri("b.asq") }, "position": { "line": 0, "character": 0 } });
    assert_eq!(refused("textDocument/hover", elsewhere), -32602);
    let backwards = json!({ "textDocument": { "uri": uri }, "position": { "line": -1, "character": 0 } });
    assert_eq!(refused("textDocument/hover", backwards), -32602);
    assert_eq!(refused("initialize", json!({ "capabilities": {} })), -32601);

    client.send_text("Content-Length: 9\r\n\r\nnot json!");
    let answer = client.hear(|message| message["error"]["code"] == -32700);
    assert_eq!(answer["id"], Value::Null);
    client.tell("textDocument/didChange", json!({ "nonsense": true }));
    client.hear(|message| message["method"] == "window/logMessage");
    client.tell("textDocument/didChange", json!({ "textDocument": { "uri": folder.uri("b.asq"), "version": 9 }, "contentChanges": [{ "text": "x" }] }));
    client.tell("$/setTrace", json!({ "value": "off" }));

    let far = json!({ "textDocument": { "uri": uri }, "position": { "line": 99, "character": 99 } });
    client.ask("textDocument/hover", far).unwrap();
    assert_eq!(client.leave(), 0);
}

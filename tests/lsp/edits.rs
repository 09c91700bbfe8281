//! Edits as they are typed, in the characters that client and server agreed on.

use serde_json::json;

use super::{Client, Dialect, Folder};

fn change(line: u32, from: u32, to: u32, text: &str) -> serde_json::Value {
    let at = |character| json!({ "line": line, "character": character });
    json!({ "range": { "start": at(from), "end": at(to) }, "text": text })
}

/// Breaks a line behind characters of several bytes and units, mends it, and looks at what is said of it.
fn behind_wide_characters(dialect: Dialect, line_break: &str, width: u32) {
    let folder = Folder::new(&[]);
    let uri = folder.uri("a.asq");
    let mut client = Client::start(folder.path(), dialect);
    let text = ["project p { region = us-west-2 }", "let a = \"𝄞é\" /* */ ", ""].join(line_break);
    let text = text.replace(" /* */ ", "");
    client.open(&uri, &text);
    assert_eq!(client.told_of(&uri, 1), [""; 0]);

    // let a = "𝄞é"
    let end = 8 + 2 + width;
    client.change(
        &uri,
        2,
        json!([change(1, end, end, ", b"), change(1, end + 2, end + 3, "let c = 10.0.0.1/8")]),
    );
    // let c = 10.0.0.1/8
    let start = end + 2 + 8;
    assert_eq!(client.told_of(&uri, 2), [format!("host-bits-set 1:{start}-1:{}", start + 10)]);

    client.change(&uri, 3, json!([change(1, start, start + 10, "10.0.0.0/8")]));
    assert_eq!(client.told_of(&uri, 3), [""; 0]);
}

#[test]
fn units_of_utf_16_are_counted_where_nothing_else_was_agreed() {
    behind_wide_characters(Dialect::Plain, "\n", 3);
    behind_wide_characters(Dialect::Plain, "\r\n", 3);
}

#[test]
fn bytes_are_counted_where_the_client_can() {
    behind_wide_characters(Dialect::Rich, "\n", 6);
    behind_wide_characters(Dialect::Rich, "\r\n", 6);
}

//! Any text at any moment: random edits and random questions, the same ones every time.

use serde_json::{Value, json};

use super::{Client, Dialect, Folder};
use crate::generator;

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const ASKED: &[&str] = &[
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/codeLens",
    "textDocument/inlayHint",
    "textDocument/semanticTokens/full",
    "textDocument/semanticTokens/range",
    "textDocument/codeAction",
    "textDocument/formatting",
    "textDocument/rangeFormatting",
    "textDocument/selectionRange",
    "workspace/symbol",
];

const TYPED: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "${",
    "\n",
    "\r\n",
    "𝄞",
    "é",
    " ",
    "@",
    ":",
    "=",
    "+=",
    "/",
    "//",
    "///",
    ".",
    "10.0.0.0/8",
    "env x : base {}",
    "use std/classic\n",
    "metanetwork",
    "auto /24",
    "\u{0}",
    "\u{feff}",
    "allow(",
    "<->",
    "..",
    "-",
    "expect e {",
    "kind",
    "",
];

#[test]
fn every_question_is_answered_whatever_the_text() {
    let folder = Folder::new(&[("other.asq", "let office = 10.0.0.0/8\n")]);
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let uri = folder.uri("a.asq");
    let whole = generator::project(100, 2);
    client.open(&uri, &whole);
    let mut dice = Dice(7);
    let (mut asked, mut refusals) = (Vec::new(), Vec::new());
    for version in 2..400 {
        let line = dice.roll(whole.lines().count() + 2);
        let place = json!({ "line": line, "character": dice.roll(40) });
        let end = json!({ "line": line + dice.roll(3), "character": dice.roll(40) });
        let range = json!({ "start": place, "end": end });
        if dice.roll(60) == 0 {
            client.replace(&uri, version, &whole);
        } else {
            client.change(&uri, version, json!([{ "range": range, "text": dice.pick(TYPED) }]));
        }
        let params = json!({
            "textDocument": { "uri": uri }, "position": place, "range": range, "positions": [place, end],
            "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 }, "newName": dice.pick(TYPED),
            "options": { "tabSize": 2, "insertSpaces": true }, "query": dice.pick(TYPED),
        });
        asked.push(client.begin(dice.pick(ASKED), params));
        match dice.roll(4) {
            // Half of the time the answer is waited for, else the next edit is on its way already.
            0 | 1 => refusals.extend(client.answer(asked.pop().unwrap()).err()),
            2 => client.tell("$/cancelRequest", json!({ "id": asked[dice.roll(asked.len())] })),
            _ => {}
        }
    }
    refusals.extend(asked.into_iter().filter_map(|id| client.answer(id).err()));
    // Passed over, cancelled, or no name that a thing can have; nothing else.
    refusals.retain(|error: &Value| ![-32800, -32801, -32803].contains(&error["code"].as_i64().unwrap()));
    assert_eq!(refusals, [Value::Null; 0]);
    client.replace(&uri, 999, &whole);
    assert_eq!(client.told_of(&uri, 999), [""; 0]);
    assert_eq!(client.leave(), 0);
}

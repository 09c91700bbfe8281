//! What can be done about what is wrong, applied as a client would.

use serde_json::{Value, json};

use super::{Client, Dialect, Folder, PROJECT};

fn everything() -> Value {
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } })
}

fn actions(client: &mut Client, uri: &str, only: Option<&str>) -> Vec<Value> {
    let context = match only {
        Some(kind) => json!({ "diagnostics": [], "only": [kind] }),
        None => json!({ "diagnostics": [] }),
    };
    let params = json!({ "textDocument": { "uri": uri }, "range": everything(), "context": context });
    client.ask("textDocument/codeAction", params).unwrap().as_array().unwrap().clone()
}

/// Applies edits in UTF-16 positions, the last first.
pub(super) fn apply(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let mut lines = text.split_inclusive('\n');
        let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
        let before: usize = lines.by_ref().take(line).map(str::len).sum();
        let mut units = place["character"].as_u64().unwrap();
        let mut at = before;
        for character in lines.next().unwrap_or("").chars() {
            if units == 0 {
                break;
            }
            units -= character.len_utf16() as u64;
            at += character.len_utf8();
        }
        at
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
    let mut text = text.to_owned();
    for (start, end, new) in edits {
        text.replace_range(start..end, new);
    }
    text
}

#[test]
fn a_quick_fix_leads_to_a_clean_check() {
    let folder = Folder::new(&[]);
    let uri = folder.uri("a.asq");
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let text = format!("{PROJECT}let wide = \"𝄞\", env e {{ application = wide, cidr = 10.0.0.1/16 }}\n");
    client.open(&uri, &text);
    assert_eq!(client.told_of(&uri, 1).len(), 1);
    let actions = actions(&mut client, &uri, Some("quickfix"));
    let action = &actions[0];
    assert_eq!(action["title"], "Write `10.0.0.0/16`");
    assert_eq!(action["diagnostics"][0]["code"], "host-bits-set");
    client.replace(&uri, 2, &apply(&text, &action["edit"]["changes"][&uri]));
    assert_eq!(client.told_of(&uri, 2), [""; 0]);
}

#[test]
fn what_is_wrong_has_a_page_and_other_places() {
    let folder = Folder::new(&[]);
    let uri = folder.uri("a.asq");
    let mut client = Client::start(folder.path(), Dialect::Plain);
    client.open(&uri, &format!("{PROJECT}let a = 1\nlet a = 2\n"));
    let told = client.hear(|message| message["method"] == "textDocument/publishDiagnostics");
    let diagnostic = &told["params"]["diagnostics"][0];
    assert_eq!(diagnostic["source"], "asiaq");
    let page = diagnostic["codeDescription"]["href"].as_str().unwrap();
    let page = std::fs::read_to_string(page.strip_prefix("file://").unwrap()).unwrap();
    assert!(page.starts_with(&format!("# {}\n", diagnostic["code"].as_str().unwrap())), "{page}");
    let related = &diagnostic["relatedInformation"][0]["location"];
    assert_eq!((&related["uri"], &related["range"]["start"]["line"]), (&json!(uri), &json!(1)));
}

#[test]
fn everything_that_can_only_have_meant_one_thing_is_mended_at_once() {
    let folder = Folder::new(&[]);
    let uri = folder.uri("a.asq");
    let mut client = Client::start(folder.path(), Dialect::Rich);
    let text = &format!(
        "{PROJECT}env a {{ cidr = 10.0.0.0/20, protect = yes }}\nenv b {{ cidr = 10.1.0.0/20, protect = on }}\n"
    );
    client.open(&uri, text);
    assert_eq!(client.told_of(&uri, 1).len(), 2);
    let actions = actions(&mut client, &uri, Some("source.fixAll"));
    assert_eq!(actions.len(), 1, "{actions:?}");
    let change = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": uri, "version": 1 }));
    client.replace(&uri, 2, &apply(text, &change["edits"]));
    assert_eq!(client.told_of(&uri, 2), [""; 0]);
}

#[test]
fn a_warning_may_be_allowed_where_it_is() {
    let folder = Folder::new(&[]);
    let uri = folder.uri("a.asq");
    let mut client = Client::start(folder.path(), Dialect::Plain);
    let text = "\
project p { region = us-west-2 }
/// Not used.
let a = 1
env e {
  cidr = 10.0.0.0/20
  metanetwork web { nat = auto, routes = [internet via igw] }
  metanetwork db {
    ingress = [
      tcp 22 from web
      tcp 22 from web
    ]
  }
}
";
    client.open(&uri, text);
    assert_eq!(
        client.told_of(&uri, 1),
        ["unused-let 2:4-2:5", "unused-nat 5:20-5:30", "repeated-rule 9:6-9:21"]
    );
    let found = actions(&mut client, &uri, None);
    let allowing = found.iter().filter(|action| action["title"].as_str().unwrap().starts_with("Allow `"));
    let edits: Vec<Value> =
        allowing.flat_map(|action| action["edit"]["changes"][&uri].as_array().unwrap().clone()).collect();
    let allowed = apply(text, &json!(edits));
    for (line, code) in [("let a", "unused-let"), ("    ingress", "repeated-rule")] {
        let indent = line.len() - line.trim_start().len();
        assert!(allowed.contains(&format!("\n{}allow({code})\n{line}", " ".repeat(indent))), "{allowed}");
    }
    assert!(allowed.contains("web { allow(unused-nat) nat = auto,"), "{allowed}");
    client.replace(&uri, 2, &allowed);
    assert_eq!(client.told_of(&uri, 2), [""; 0]);
}

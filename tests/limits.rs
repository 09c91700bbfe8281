//! What AWS accepts: the table of the IR against the service models, read by another program.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use asiaq_ir::{Kind, Shape};
use serde_json::{Value, json};

use crate::emulator::moto;

/// The members that only the service models speak of.
fn members() -> BTreeMap<&'static str, &'static Shape> {
    let mut members = BTreeMap::new();
    for kind in Kind::ALL {
        kind.sent(&mut |_, sent| members.extend(sent.shapes.iter().map(|shape| (shape.name, *shape))));
        let tags = kind.tags().into_iter().flat_map(|shapes| [shapes.tags, shapes.key, shapes.value]);
        members.extend(tags.map(|shape| (shape.name, shape)));
    }
    members.retain(|_, shape| shape.manual.is_none() && shape.is_limited());
    members
}

/// Texts, numbers and counts at the edges of what a member accepts, and what the table says of each.
fn cases(shape: &Shape) -> Vec<(Value, bool)> {
    let mut cases = Vec::new();
    let near =
        |edge: i64| (edge.saturating_sub(1)..=edge.saturating_add(1)).filter(|n| (0..10_000).contains(n));
    for range in [shape.length, shape.value, shape.count].into_iter().flatten() {
        for number in near(range.least).chain(near(range.most)) {
            let length = usize::try_from(number).unwrap();
            let text = "a".repeat(length);
            cases.push((json!({ "text": text }), shape.accepts_text(&text)));
            let wide = "é".repeat(length);
            cases.push((json!({ "text": wide }), shape.accepts_text(&wide)));
            cases.push((json!({ "number": number }), shape.accepts_number(number)));
            cases.push((json!({ "count": length }), shape.accepts_count(length)));
        }
    }
    let characters =
        (0..0x250).chain([0x416, 0x1f600, 0x2003, 0x4e00, 0xff10, 0xfffd]).filter_map(char::from_u32);
    for character in characters {
        for text in [format!("aaa{character}"), format!("{character}aaa")] {
            let accepted = shape.accepts_text(&text);
            cases.push((json!({ "text": text }), accepted));
        }
    }
    let words = shape.words.iter().chain(["unknown", "HTTP", "io1", ""].iter());
    cases.extend(words.map(|word| (json!({ "text": word }), shape.accepts_text(word))));
    cases
}

#[test]
fn the_table_accepts_what_the_models_accept() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut asked = String::new();
    let mut expected = Vec::new();
    for (member, shape) in members() {
        for (mut case, accepted) in cases(shape) {
            case["member"] = json!(member);
            asked.push_str(&case.to_string());
            asked.push('\n');
            expected.push((case, accepted));
        }
    }
    let mut naive = Command::new(moto::python(root))
        .arg(root.join("tests/limits/naive.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = naive.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let said = naive.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(said.status.success());
    let said = String::from_utf8(said.stdout).unwrap();
    let differences: Vec<String> = expected
        .iter()
        .zip(said.lines())
        .filter(|((case, accepted), line)| *accepted != (*line == "yes") && !is_known_to_differ(case))
        .map(|((case, accepted), line)| format!("{case}: we say {accepted}, the models {line}"))
        .collect();
    assert_eq!(said.lines().count(), expected.len());
    assert!(expected.len() > 50_000, "{} cases", expected.len());
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

/// Letters and spaces of the table are a little more than Unicode's categories L and Z: control characters that are
/// spaces, and marks that belong to letters.
fn is_known_to_differ(case: &Value) -> bool {
    let text = case["text"].as_str().unwrap_or_default();
    text.chars().any(|c| c.is_control() && c.is_whitespace())
}

#[test]
fn the_table_is_that_of_the_pinned_models() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made =
        Command::new(moto::python(root)).arg(root.join("compiler/ir/limits/shapes.py")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let kept = std::fs::read_to_string(root.join("compiler/ir/limits/models.txt")).unwrap();
    // The first line has the day on which the table was made.
    let table = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let made = String::from_utf8(made.stdout).unwrap();
    assert!(table(&made) == table(&kept), "the table is not what the script makes: run `make limits`");
}

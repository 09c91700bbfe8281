//! How mistakes are shown.

use insta::assert_snapshot;
use serde_json::Value;

use super::Folder;

const WRONG: &str = "project p { region = us-west-2 }
/* ä */
env ci {
  cidr = 10.1.1.0/16
  metanetwork web { ingress = [tcp 443 from wbe] }
}
env ci { cidr = 10.2.0.0/16 }
";

#[test]
fn mistakes_are_drawn_where_they_are() {
    assert_snapshot!(Folder::new(&[("infra.asq", WRONG)]).transcript(&["check"]));
}

#[test]
fn mistakes_are_data_too() {
    assert_snapshot!(Folder::new(&[("infra.asq", WRONG)]).transcript(&["check --format json"]));
}

#[test]
fn other_commands_refuse_a_program_with_errors() {
    assert_snapshot!(Folder::new(&[("infra.asq", "project p { region = us-wst-2 }\n")]).transcript(&[
        "ir",
        "env list",
        "env list --format json"
    ]));
}

#[test]
fn columns_count_characters() {
    let folder = Folder::new(&[("infra.asq", "project p { team = \"äöü€\", region = us-wst-2 }\n")]);
    let output = folder.command().args(["check", "--format", "json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["diagnostics"][0]["range"]["start"], serde_json::json!({ "line": 1, "column": 37 }));
    assert_eq!(report["summary"], serde_json::json!({ "errors": 1, "warnings": 0 }));
}

#[test]
fn a_file_that_is_not_text_is_refused_in_one_sentence() {
    let folder = Folder::new(&[]);
    std::fs::write(folder.0.path().join("infra.asq"), [0xff, 0xfe]).unwrap();
    assert_snapshot!(folder.transcript(&["check"]));
}

//! Properties of all warnings.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::Diagnostic;

use crate::{Files, Workspace, check};

/// The specs whose programs have warnings.
const SPEC: &str = include_str!("../../../tests/spec/13-warnings.md");

/// The files of a program, its own among them.
#[derive(Clone, Default)]
struct Program(BTreeMap<String, String>);

impl Files for Program {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}

impl Program {
    fn check(&self) -> crate::Checked {
        check(Workspace::load(&["infra.asq".to_owned()], self).unwrap())
    }
}

/// The programs of the spec.
fn programs() -> Vec<Program> {
    let mut found = Vec::new();
    let mut files = Program::default();
    let mut lines = SPEC.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```asq") else { continue };
        let body: String =
            lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
        let name = if fence.is_empty() { "infra.asq" } else { fence.trim() };
        files.0.insert(name.to_owned(), body);
        if fence.is_empty() {
            found.push(files.clone());
        }
    }
    found
}

#[test]
fn applying_the_fix_of_a_warning_takes_it_away_and_breaks_nothing() {
    let mut tried = BTreeSet::new();
    for program in programs() {
        let before = program.check();
        for found in before.diagnostics.iter().filter(|found| !found.is_error()) {
            let Some(fix) = &found.fix else { continue };
            let mut after = program.clone();
            for edit in fix.edits.iter().rev() {
                let text = after.0.get_mut(before.sources.path(edit.span.file)).unwrap();
                text.replace_range(edit.span.range(), &edit.text);
            }
            let left = after.check().diagnostics;
            let said = |found: &Diagnostic| (found.code, found.message.clone());
            assert!(left.iter().all(|left| said(left) != said(found)), "{found:#?}\n{:#?}", after.0);
            assert!(left.iter().all(|left| !left.is_error()), "{left:#?}\n{:#?}", after.0);
            tried.insert(found.code);
        }
    }
    assert!(tried.len() >= 8, "{tried:?}");
}

#[test]
fn what_is_allowed_is_not_said_in_view_of_an_account_either() {
    let text = "project p { region = us-west-2 }
allow(vpn-route-over-vpc, no-vpn-gateway)
env ci { cidr = 10.0.0.0/20, metanetwork web { routes = [10.0.0.0/19 via vgw] } }
env qa { cidr = 192.168.0.0/20, metanetwork web { routes = [172.16.0.0/12 via vgw] } }
";
    let checked = Program(BTreeMap::from([("infra.asq".to_owned(), text.to_owned())])).check();
    assert_eq!(checked.diagnostics, []);
    let facts =
        serde_json::from_str(r#"{ "regions": { "us-west-2": { "zones": ["a", "b", "c"] } } }"#).unwrap();
    let said: Vec<String> =
        checked.lower(&facts).diagnostics.into_iter().map(|found| found.message).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("`qa`"), "{said:?}");
}

#[test]
fn many_rules_and_sources_are_checked_in_no_time() {
    let rules = (0..1000).map(|n| format!("tcp {n} from 10.9.0.0/16")).collect::<Vec<_>>().join(", ");
    let ports = (0..2000).map(|n| (2 * n).to_string()).collect::<Vec<_>>().join(", ");
    let text = format!(
        "project p {{ region = us-west-2 }}
env ci {{
  cidr = 10.0.0.0/20
  metanetwork web {{ ingress = [{rules}, {rules}], routes = [10.9.0.0/16 via vgw] }}
  metanetwork app {{ ingress = [tcp [{ports}] from [web, app]] }}
}}
"
    );
    let checked = Program(BTreeMap::from([("infra.asq".to_owned(), text)])).check();
    let codes: BTreeSet<&str> = checked.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, BTreeSet::from(["over-quota"]));
}

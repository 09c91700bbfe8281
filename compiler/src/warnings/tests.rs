//! What holds of every warning.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Diagnostic, Severity};

use crate::errors::WARNINGS;
use crate::pages::{page, pages};
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
            let said = |found: &Diagnostic| (found.code.clone(), found.message.clone());
            assert!(left.iter().all(|left| said(left) != said(found)), "{found:#?}\n{:#?}", after.0);
            assert!(left.iter().all(|left| !left.is_error()), "{left:#?}\n{:#?}", after.0);
            tried.insert(found.code.clone());
        }
    }
    assert!(tried.len() >= 8, "{tried:?}");
}

#[test]
fn the_list_of_warnings_has_every_warning_and_nothing_else() {
    let mut sorted = WARNINGS.to_vec();
    sorted.sort_unstable();
    assert_eq!(sorted, WARNINGS);
    for code in WARNINGS {
        assert!(page(code).is_some(), "docs/diagnostics/{code}.md is not there");
    }
    for page in pages() {
        let is_warning = page.severity() == Severity::Warning;
        assert_eq!(is_warning, WARNINGS.contains(&page.code), "{}", page.code);
    }
}

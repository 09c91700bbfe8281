//! Every fix is tried: applied to the programs of the specs, of the pages of the diagnostics and of the other pages, and
//! to sound programs with a habit of another language in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asiaq_compiler::Checked;
use asiaq_compiler::reach::{Reach, difference};
use asiaq_ir::Facts;
use asiaq_lang::{Applicability, Diagnostic, Fix};

use crate::habits;
use crate::programs::{Program, flaw, programs};

/// What is wrong with a fix: its mistake is still there, or another has come.
fn flaw_of_fix(program: &Program, before: &Checked, found: &Diagnostic, fix: &Fix) -> Option<String> {
    let fixed = program.with(before, &[fix])?;
    let edited: Vec<u32> = fix.edits.iter().map(|edit| before.sources.start(edit.span).line).collect();
    flaw(before, &fixed.checked(), found, edited)
}

#[test]
fn every_fix_mends_its_mistake_and_makes_no_other() {
    let mut report = String::new();
    let mut tried = 0;
    for program in programs() {
        let checked = program.checked();
        for found in &checked.diagnostics {
            let Some(fix) = &found.fix else { continue };
            tried += 1;
            if let Some(flaw) = flaw_of_fix(&program, &checked, found, fix) {
                let line = checked.sources.start(found.primary).line;
                let _ = writeln!(
                    report,
                    "{} line {line}: {}: {}\n  the fix `{}` {flaw}",
                    program.origin, found.code, found.message, fix.title
                );
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(tried > 200, "{tried}");
}

#[test]
fn the_fix_of_a_habit_gives_a_sound_program() {
    let mut report = String::new();
    let mut tried = 0;
    for text in habits::programs() {
        for broken in habits::broken(&text, 1) {
            let program = Program { origin: broken.habit, text: broken.text, files: BTreeMap::new() };
            let checked = program.checked();
            let mut errors = checked.diagnostics.iter().filter(|found| found.is_error());
            let Some(fix) = errors.find_map(|found| found.fix.as_ref()) else { continue };
            tried += 1;
            let after = program.with(&checked, &[fix]).map(|fixed| fixed.checked());
            let errors = |after: Checked| after.diagnostics.into_iter().find(Diagnostic::is_error);
            if let Some(error) = after.and_then(errors) {
                let _ = writeln!(
                    report,
                    "{}: the fix `{}` leads to `{}`: {} in\n{}",
                    program.origin, fix.title, error.code, error.message, program.text
                );
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(tried > 200, "{tried}");
}

#[test]
fn fixes_that_are_applied_unasked_come_to_an_end_and_keep_comments() {
    let mut report = String::new();
    for program in programs() {
        let mut fixed = program.clone();
        let mut rounds = 0;
        loop {
            let checked = fixed.checked();
            let safe: Vec<&Fix> = checked
                .diagnostics
                .iter()
                .filter_map(|found| found.fix.as_ref())
                .filter(|fix| fix.applicability == Applicability::Safe)
                .collect();
            match fixed.with(&checked, &safe) {
                Some(next) if rounds < 10 => fixed = next,
                Some(_) => {
                    let _ = writeln!(report, "{}: the fixes do not end", program.origin);
                    break;
                }
                None => break,
            }
            rounds += 1;
        }
        let comments = |program: &Program| {
            let lines = program
                .text
                .lines()
                .filter_map(|line| line.split_once("// ").map(|(_, text)| text.trim().to_owned()));
            lines.collect::<Vec<_>>()
        };
        let kept = comments(&fixed);
        if let Some(lost) = comments(&program).into_iter().find(|comment| !kept.contains(comment)) {
            let _ = writeln!(report, "{}: the comment `{lost}` is lost", program.origin);
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn no_fix_changes_who_reaches_what() {
    let mut report = String::new();
    let mut tried = 0;
    for program in programs() {
        let checked = program.checked();
        // A program with errors reaches nothing yet.
        if checked.has_errors() {
            continue;
        }
        for fix in checked.diagnostics.iter().filter_map(|found| found.fix.as_ref()) {
            let Some(fixed) = program.with(&checked, &[fix]) else { continue };
            let (before, after) =
                (checked.lower(&Facts::default()).ir, fixed.checked().lower(&Facts::default()).ir);
            let change = difference(&Reach::of(&before), &Reach::of(&after));
            tried += 1;
            if !change.changes.is_empty() {
                let _ = writeln!(report, "{}: `{}` changes it", program.origin, fix.title);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(tried > 20, "{tried}");
}

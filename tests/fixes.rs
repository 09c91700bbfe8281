//! Every fix is tried: applied to the programs of the specs, of the pages of the diagnostics and of the other pages, and
//! to sound programs with a habit of another language in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use asiaq_compiler::reach::{Reach, difference};
use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_ir::Facts;
use asiaq_lang::{Applicability, Diagnostic, Fix, apply_fixes};

use crate::habits;

/// A program: the text of its main file, and files that it uses.
#[derive(Clone)]
struct Program {
    /// Where it is from.
    origin: String,
    text: String,
    files: BTreeMap<String, String>,
}

impl Files for Program {
    fn read(&self, path: &str) -> Result<String, String> {
        let found = if path == "infra.asq" { Some(&self.text) } else { self.files.get(path) };
        found.cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}

impl Program {
    fn checked(&self) -> Checked {
        check(Workspace::load(&["infra.asq".to_owned()], self).unwrap())
    }

    /// The program with fixes applied; nothing if they are in files of the library, or change nothing.
    fn with(&self, checked: &Checked, fixes: &[&Fix]) -> Option<Self> {
        let mended = apply_fixes(&checked.sources, fixes.iter().copied());
        let mut program = self.clone();
        for (file, text) in &mended.texts {
            match checked.sources.path(*file) {
                "infra.asq" => program.text.clone_from(text),
                path => program.files.get_mut(path)?.clone_from(text),
            }
        }
        (!mended.applied.is_empty()).then_some(program)
    }
}

/// The programs of the specs and the pages.
fn programs() -> Vec<Program> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = |folder: &str, ending: &str| {
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
        paths.sort();
        paths
    };
    let mut pages = listed("tests/spec", "md");
    pages.extend(listed("docs/diagnostics", "md"));
    pages.extend(listed("docs", "md"));
    pages.iter().flat_map(|path| of_page(path)).collect()
}

/// The programs of a page: its `asq` blocks, each with the named files above it.
fn of_page(path: &Path) -> Vec<Program> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut files = BTreeMap::new();
    let mut programs = Vec::new();
    for (at, block) in text.split("```asq").enumerate().skip(1) {
        let (fence, rest) = block.split_once('\n').unwrap();
        let body = rest.split("```").next().unwrap().to_owned();
        let name = fence.trim();
        if Path::new(name).extension().is_some_and(|ending| ending == "asq") {
            files.insert(name.to_owned(), body);
        } else if name.is_empty() || name == "fixed" {
            let origin = format!("{}, program {at}", path.display());
            programs.push(Program { origin, text: body, files: files.clone() });
        }
    }
    programs
}

/// Mistakes of the programs themselves that come to light where others are mended: the code of the first, and of the
/// second.
const HIDDEN: &[(&str, &str)] = &[
    ("expected-link", "peering-with-itself"),
    ("expected-link", "type-mismatch"),
    ("expected-via", "nat-missing"),
    ("not-an-end", "peering-with-itself"),
    ("section-header", "unknown-field"),
    ("stray-override", "no-size"),
    ("type-mismatch", "nat-addresses-and-zones"),
    ("type-mismatch", "nat-without-internet"),
];

/// How often each mistake is made: the errors, or all diagnostics.
fn tally(checked: &Checked, counts: impl Fn(&Diagnostic) -> bool) -> BTreeMap<(String, String), usize> {
    let mut tally = BTreeMap::new();
    for found in checked.diagnostics.iter().filter(|found| counts(found)) {
        *tally.entry((found.code.to_string(), found.message.clone())).or_default() += 1;
    }
    tally
}

/// What is wrong with a fix: its mistake is still there, or another has come.
fn flaw(program: &Program, before: &Checked, found: &Diagnostic, fix: &Fix) -> Option<String> {
    let fixed = program.with(before, &[fix])?;
    let after = fixed.checked();
    let key = (found.code.to_string(), found.message.clone());
    let count = |checked: &Checked| tally(checked, |_| true).get(&key).copied().unwrap_or_default();
    if count(&after) >= count(before) {
        return Some("does not mend its mistake".to_owned());
    }
    let known = tally(before, Diagnostic::is_error);
    let mut edited: Vec<u32> = fix.edits.iter().map(|edit| before.sources.start(edit.span).line).collect();
    edited.push(before.sources.start(found.primary).line);
    let is_near = |found: &Diagnostic| {
        let (start, end) = (after.sources.start(found.primary).line, after.sources.end(found.primary).line);
        edited.iter().any(|line| (start..=end).contains(line))
    };
    let before_code = found.code.as_str();
    // A mended program is understood further: mistakes elsewhere come to light.
    let new = |found: &&Diagnostic| {
        let key = (found.code.to_string(), found.message.clone());
        let is_hidden = HIDDEN.contains(&(before_code, found.code.as_str()));
        found.is_error() && !known.contains_key(&key) && !is_hidden && is_near(found)
    };
    let new = after.diagnostics.iter().find(new)?;
    Some(format!("leads to `{}`: {}", new.code, new.message))
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
            if let Some(flaw) = flaw(&program, &checked, found, fix) {
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

//! The programs of the specs, of the pages of the diagnostics and of the other pages, for tests that change them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_lang::{Diagnostic, Fix, apply_fixes};

/// A program: the text of its main file, and files that it uses.
#[derive(Clone)]
pub(crate) struct Program {
    /// Where it is from.
    pub(crate) origin: String,
    pub(crate) text: String,
    pub(crate) files: BTreeMap<String, String>,
}

impl Files for Program {
    fn read(&self, path: &str) -> Result<String, String> {
        let found = if path == "infra.asq" { Some(&self.text) } else { self.files.get(path) };
        found.cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}

impl Program {
    pub(crate) fn checked(&self) -> Checked {
        check(Workspace::load(&["infra.asq".to_owned()], self).unwrap())
    }

    /// The program with fixes applied; nothing if they are in files of the library, or change nothing.
    pub(crate) fn with(&self, checked: &Checked, fixes: &[&Fix]) -> Option<Self> {
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
pub(crate) fn programs() -> Vec<Program> {
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

/// How often each mistake is made: the errors, or all diagnostics.
fn tally(checked: &Checked, counts: impl Fn(&Diagnostic) -> bool) -> BTreeMap<(String, String), usize> {
    let mut tally = BTreeMap::new();
    for found in checked.diagnostics.iter().filter(|found| counts(found)) {
        *tally.entry((found.code.to_string(), found.message.clone())).or_default() += 1;
    }
    tally
}

/// Mistakes of the programs themselves that come to light where others are mended: the code of the first, and of the
/// second.
const HIDDEN: &[(&str, &str)] = &[
    ("expected-link", "peering-with-itself"),
    ("expected-link", "type-mismatch"),
    ("expected-via", "nat-missing"),
    ("moved-elsewhere", "moved-twice"),
    ("not-an-end", "peering-with-itself"),
    ("section-header", "unknown-field"),
    ("stray-override", "no-size"),
    ("type-mismatch", "nat-addresses-and-zones"),
    ("type-mismatch", "nat-without-internet"),
    ("unknown-kind", "moved-twice"),
];

/// What is wrong with a change that should mend `found`: the mistake is still there, or another has come in the lines
/// that were edited.
pub(crate) fn flaw(
    before: &Checked,
    after: &Checked,
    found: &Diagnostic,
    mut edited: Vec<u32>,
) -> Option<String> {
    let key = (found.code.to_string(), found.message.clone());
    let count = |checked: &Checked| tally(checked, |_| true).get(&key).copied().unwrap_or_default();
    if count(after) >= count(before) {
        return Some("does not mend its mistake".to_owned());
    }
    let known = tally(before, Diagnostic::is_error);
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

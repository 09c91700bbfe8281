//! Applies fixes to the files of a project until no safe fix is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_lang::{Applicability, Diagnostic, FileId, Fix, apply_fixes};

use crate::atomic_write;

/// A fix can reveal another mistake with a fix, so the program is checked again after each round. The limit ends a
/// cycle of fixes that undo each other.
const ROUNDS: usize = 32;

/// A project with fixes applied, in memory.
pub(crate) struct Fixed {
    /// The project as it is on disk.
    pub(crate) before: Checked,
    /// The project as it is with the fixes.
    pub(crate) after: Checked,
    /// The fixes that were applied, in order.
    pub(crate) done: Vec<Done>,
    /// The files that changed.
    pub(crate) files: Vec<FixedFile>,
    /// Names of files outside the project's folder that have fixes, too.
    pub(crate) elsewhere: BTreeSet<String>,
}

/// A fix that was applied.
pub(crate) struct Done {
    /// File and line, as in `infra.asq:3`, in the text that the fix was applied to.
    pub(crate) place: String,
    /// What it did, as in "write `true`".
    pub(crate) title: String,
}

/// A file that changed.
pub(crate) struct FixedFile {
    /// The name that messages call it by.
    pub(crate) name: String,
    /// Its text as it was read.
    pub(crate) before: String,
    /// Its text with the fixes.
    pub(crate) after: String,
}

/// Applies the safe fixes to the project with the files `entries`, read from `disk`. Only files at or below `folder`
/// are changed, not the library and not what the project uses from elsewhere.
pub(crate) fn fix(entries: &[String], folder: &Path, disk: &impl Files) -> anyhow::Result<Fixed> {
    let root =
        fs::canonicalize(folder).with_context(|| format!("cannot find the folder `{}`", folder.display()))?;
    let mut overlay = Overlay { disk, files: BTreeMap::new() };
    let mut checked = overlay.check(entries)?;
    let before = checked.clone();
    let mut done = Vec::new();
    for _ in 0..ROUNDS {
        let own = own_files(&checked, &root);
        let is_own = |fix: &&Fix| fix.edits.iter().all(|edit| own.contains_key(&edit.span.file));
        let fixes = checked.diagnostics.iter().filter_map(safe_fix).filter(is_own);
        let result = apply_fixes(&checked.sources, fixes);
        if result.applied.is_empty() {
            break;
        }
        done.extend(result.applied.iter().filter_map(|fix| {
            let span = fix.edits.first()?.span;
            let line = checked.sources.start(span).line;
            let place = format!("{}:{line}", checked.sources.path(span.file));
            Some(Done { place, title: fix.title.clone() })
        }));
        for (file, text) in result.texts {
            if let Some(path) = own.get(&file) {
                let name = checked.sources.path(file).to_owned();
                overlay.files.entry(path.clone()).or_insert_with(|| FixedFile {
                    name,
                    before: checked.sources.text(file).to_owned(),
                    after: String::new(),
                });
                if let Some(fixed) = overlay.files.get_mut(path) {
                    fixed.after = text;
                }
            }
        }
        checked = overlay.check(entries)?;
    }
    let left = checked.diagnostics.iter().filter_map(safe_fix).flat_map(|fix| &fix.edits);
    let own = own_files(&checked, &root);
    let left = left.filter(|edit| !own.contains_key(&edit.span.file));
    let elsewhere = left.map(|edit| checked.sources.path(edit.span.file).to_owned()).collect();
    let files = overlay.files.into_values().collect();
    Ok(Fixed { before, after: checked, done, files, elsewhere })
}

impl Fixed {
    /// Writes the files that changed.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        atomic_write::sweep(self.files.iter().map(|file| Path::new(&file.name)));
        for file in &self.files {
            let path = Path::new(&file.name);
            atomic_write::replace(path, &file.before, &file.after)
                .with_context(|| format!("cannot write `{}`", file.name))?;
        }
        Ok(())
    }
}

fn safe_fix(diagnostic: &Diagnostic) -> Option<&Fix> {
    diagnostic.fix.as_ref().filter(|fix| match fix.applicability {
        Applicability::Safe => true,
        Applicability::Suggested => false,
    })
}

/// The files that may be changed, with their real paths; a file that is used by several names is listed once.
fn own_files(checked: &Checked, root: &Path) -> BTreeMap<FileId, PathBuf> {
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut own = BTreeMap::new();
    for file in checked.sources.ids() {
        let name = checked.sources.path(file);
        // The library's files have no extension.
        let is_library = name.starts_with("std/") && Path::new(name).extension().is_none();
        if !is_library
            && let Ok(path) = fs::canonicalize(name)
            && path.starts_with(root)
            && !seen.contains(&path)
        {
            seen.push(path.clone());
            own.insert(file, path);
        }
    }
    own
}

/// The disk with the fixed texts over it, by the real paths of the files.
struct Overlay<'d, D> {
    disk: &'d D,
    files: BTreeMap<PathBuf, FixedFile>,
}

impl<D: Files> Overlay<'_, D> {
    fn check(&self, entries: &[String]) -> anyhow::Result<Checked> {
        Ok(check(Workspace::load(entries, self).map_err(|why| anyhow!(why))?))
    }
}

impl<D: Files> Files for Overlay<'_, D> {
    fn read(&self, path: &str) -> Result<String, String> {
        let fixed = fs::canonicalize(path).ok().and_then(|path| self.files.get(&path));
        fixed.map_or_else(|| self.disk.read(path), |file| Ok(file.after.clone()))
    }
}

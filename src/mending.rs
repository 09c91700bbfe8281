//! Applying fixes to the files of a project, until there is none left that may be applied unattended.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_lang::{Applicability, Diagnostic, FileId, Fix, apply_fixes};

use crate::disk;
use crate::project::{self, Disk};

/// Mended mistakes can show others, and those can be mended, too; a program that is never done is left so.
const ROUNDS: usize = 32;

/// A project with fixes applied, in memory.
pub(crate) struct Mended {
    /// The project as it lies on disk.
    pub(crate) before: Checked,
    /// The project as it is with the fixes.
    pub(crate) after: Checked,
    /// What was done, in order.
    pub(crate) done: Vec<Done>,
    /// The files that changed.
    pub(crate) files: Vec<MendedFile>,
    /// The names of files that could be mended, too, but are not the project's own.
    pub(crate) elsewhere: BTreeSet<String>,
}

/// A fix that was applied.
pub(crate) struct Done {
    /// Where, as in `infra.asq:3`; the line is that of the text at the time.
    pub(crate) place: String,
    /// What it did, as in "write `true`".
    pub(crate) title: String,
}

/// A file that changed.
pub(crate) struct MendedFile {
    /// The name that messages call it by.
    pub(crate) name: String,
    /// Its text as it was read.
    pub(crate) before: String,
    /// Its text with the fixes.
    pub(crate) after: String,
}

/// Applies the safe fixes to the project at `path`. Only files in its folder or below are touched: what it
/// uses from elsewhere, and the library, are others'.
pub(crate) fn mend_project(path: Option<&Path>) -> anyhow::Result<Mended> {
    let entries = project::entries(path)?;
    let root = root(path)?;
    let mut overlay = Overlay::default();
    let mut checked = overlay.check(&entries)?;
    let before = checked.clone();
    let mut done = Vec::new();
    for _ in 0..ROUNDS {
        let own = own_files(&checked, &root);
        let is_own = |fix: &&Fix| fix.edits.iter().all(|edit| own.contains_key(&edit.span.file));
        let fixes = checked.diagnostics.iter().filter_map(safe_fix).filter(is_own);
        let mended = apply_fixes(&checked.sources, fixes);
        if mended.applied.is_empty() {
            break;
        }
        done.extend(mended.applied.iter().filter_map(|fix| {
            let span = fix.edits.first()?.span;
            let line = checked.sources.start(span).line;
            let place = format!("{}:{line}", checked.sources.path(span.file));
            Some(Done { place, title: fix.title.clone() })
        }));
        for (file, text) in mended.texts {
            if let Some(path) = own.get(&file) {
                let name = checked.sources.path(file).to_owned();
                overlay.files.entry(path.clone()).or_insert_with(|| MendedFile {
                    name,
                    before: checked.sources.text(file).to_owned(),
                    after: String::new(),
                });
                if let Some(mended) = overlay.files.get_mut(path) {
                    mended.after = text;
                }
            }
        }
        checked = overlay.check(&entries)?;
    }
    let left = checked.diagnostics.iter().filter_map(safe_fix).flat_map(|fix| &fix.edits);
    let own = own_files(&checked, &root);
    let left = left.filter(|edit| !own.contains_key(&edit.span.file));
    let elsewhere = left.map(|edit| checked.sources.path(edit.span.file).to_owned()).collect();
    let files = overlay.files.into_values().collect();
    Ok(Mended { before, after: checked, done, files, elsewhere })
}

impl Mended {
    /// Writes the files that changed.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        for file in &self.files {
            let path = Path::new(&file.name);
            if fs::read_to_string(path).ok().as_ref() != Some(&file.before) {
                bail!("`{}` has changed meanwhile: run the command again", file.name);
            }
            disk::replace(path, &file.after).with_context(|| format!("cannot write `{}`", file.name))?;
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

/// The folder whose files are the project's own.
fn root(path: Option<&Path>) -> anyhow::Result<PathBuf> {
    let path = path.unwrap_or(Path::new("."));
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::canonicalize(folder).with_context(|| format!("cannot find the folder `{}`", folder.display()))
}

/// The files that may be changed, with where they really are: each once, by whatever names it is used.
fn own_files(checked: &Checked, root: &Path) -> BTreeMap<FileId, PathBuf> {
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut own = BTreeMap::new();
    for file in checked.sources.ids() {
        let name = checked.sources.path(file);
        // The library's files have no ending.
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

/// The disk with mended texts over it, by where the files really are.
#[derive(Default)]
struct Overlay {
    files: BTreeMap<PathBuf, MendedFile>,
}

impl Overlay {
    fn check(&self, entries: &[String]) -> anyhow::Result<Checked> {
        Ok(check(Workspace::load(entries, self).map_err(|why| anyhow!(why))?))
    }
}

impl Files for Overlay {
    fn read(&self, path: &str) -> Result<String, String> {
        let mended = fs::canonicalize(path).ok().and_then(|path| self.files.get(&path));
        mended.map_or_else(|| Disk.read(path), |file| Ok(file.after.clone()))
    }
}

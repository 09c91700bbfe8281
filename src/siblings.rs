//! The other files beside a project's. What a command does not read looks as if it were no longer declared, so a command
//! that could delete it asks whether everything was meant to be read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use asiaq_compiler::Checked;
use asiaq_lang::ast::{File, Item};
use asiaq_lang::{Diagnostic, FileId, parse};

use crate::project::{self, read_text};
use crate::ui;

/// Refuses a project of which a part may be missing: an empty file, or, where `path` names a file alone, a file beside
/// it that it does not use and that belongs to the same project. `envs` are the environments that the command names;
/// none for all.
pub(crate) fn refuse_missing(path: Option<&Path>, checked: &Checked, envs: &[String]) -> anyhow::Result<()> {
    let sources = &checked.sources;
    for file in sources.ids() {
        refuse_empty(sources.path(file), sources.text(file))?;
    }
    let Some(path) = path.filter(|path| !path.is_dir()) else { return Ok(()) };
    let used: BTreeSet<PathBuf> =
        sources.ids().filter_map(|file| fs::canonicalize(sources.path(file)).ok()).collect();
    let folder = project::root(Some(path));
    let listing = project::listing(folder);
    let mut beside = listing.with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
    beside.retain(|file| !fs::canonicalize(file).is_ok_and(|file| used.contains(&file)));
    beside.sort();
    for file in beside {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let text = read_text(&file, &name).map_err(|why| {
            anyhow!("{why}, so it is unknown what it declares: mend it, or move it to another folder")
        })?;
        refuse_empty(&name, &text)?;
        Sibling::read(&name, &text).refuse(path, checked, envs)?;
    }
    Ok(())
}

fn refuse_empty(name: &str, text: &str) -> anyhow::Result<()> {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        bail!(
            "`{name}` is empty: an editor or a merge may have stopped half-way, and what was declared in it would count \
             as no longer declared. Restore the file, or delete it"
        );
    }
    Ok(())
}

/// A file beside the one that a command names, which does not use it.
struct Sibling<'a> {
    name: &'a str,
    /// The project that it declares itself.
    project: Option<String>,
    /// Environments and accounts.
    scopes: BTreeSet<String>,
    is_sound: bool,
}

impl<'a> Sibling<'a> {
    fn read(name: &'a str, text: &str) -> Self {
        let parsed = parse(FileId::default(), text);
        Self {
            name,
            project: declared(&parsed.tree, "project").next(),
            scopes: ["env", "account"].into_iter().flat_map(|kind| declared(&parsed.tree, kind)).collect(),
            is_sound: !parsed.diagnostics.iter().any(Diagnostic::is_error),
        }
    }

    fn refuse(&self, path: &Path, checked: &Checked, envs: &[String]) -> anyhow::Result<()> {
        if self.project.as_ref().is_some_and(|project| project != checked.project()) {
            return Ok(());
        }
        let (name, file) = (self.name, path.file_name().unwrap_or_default().to_string_lossy());
        let folder = project::root(Some(path)).display();
        let stem = name.trim_end_matches(".asq");
        if !self.is_sound {
            bail!(
                "`{name}` beside `{file}` has syntax errors, so it is unknown what it declares: mend it, or move it to \
                 another folder"
            );
        }
        let environments = checked.environments().into_iter().map(|env| env.name);
        let known: BTreeSet<String> =
            environments.chain(checked.declared().accounts.keys().cloned()).collect();
        let unseen: Vec<&String> = self.scopes.difference(&known).collect();
        // A command that names its environments leaves all others as they are.
        if unseen.is_empty() || !envs.is_empty() {
            return Ok(());
        }
        let (unseen, project) = (ui::listed(&unseen), checked.project());
        if self.project.is_some() {
            bail!(
                "`{name}` beside `{file}` declares {unseen} of project `{project}` too, which `{file}` would count as no \
                 longer declared: name the environments that you mean with `--env`, or move one of the files to another \
                 folder"
            );
        }
        bail!(
            "`{name}` beside `{file}` declares {unseen} of project `{project}`, and `{file}` does not use it, so that \
             would count as no longer declared: name the folder `{folder}` in place of the file, or write `use {stem}` in \
             `{file}`"
        )
    }
}

/// Names of the declarations of `kind` in a file.
fn declared<'a>(tree: &'a File, kind: &'a str) -> impl Iterator<Item = String> + 'a {
    tree.items.iter().filter_map(move |item| match item {
        Item::Decl(decl) if decl.kind.text == kind => decl.name.as_ref().map(|name| name.text.clone()),
        Item::Decl(_) | Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => {
            None
        }
    })
}

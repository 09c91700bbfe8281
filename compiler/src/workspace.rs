//! The files of a project: the one that was named, and everything it uses.

use std::collections::BTreeSet;
use std::sync::Arc;

use asiaq_lang::ast::{File, Item};
use asiaq_lang::{Diagnostic, FileId, SourceMap, parse};

use crate::{errors, library};

/// Where files come from: the disk, an editor's buffers, a test.
pub trait Files {
    /// The text at `path`, or why it cannot be had in the words of whoever keeps the files.
    fn read(&self, path: &str) -> Result<String, String>;
}

/// A project's files, read and parsed.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// Their texts, the library's included.
    pub sources: SourceMap,
    /// Their trees: the schemas of the library first, then the project's in the order they were met.
    pub(crate) files: Vec<Arc<File>>,
    /// What is wrong with the syntax of each, in the same order.
    syntax: Vec<Arc<[Diagnostic]>>,
    /// What is wrong with what they use.
    uses: Vec<Diagnostic>,
    /// Whether everything it uses was there.
    pub(crate) is_whole: bool,
}

/// Where files come from, and what was made of them before.
struct Reader<'f> {
    files: &'f dyn Files,
    previous: &'f Workspace,
}

impl Workspace {
    /// Reads `entries` and what they use. A file that cannot be read costs a diagnostic where it is used;
    /// one of the `entries` that cannot be read is the caller's to report.
    pub fn load(entries: &[String], files: &dyn Files) -> Result<Self, String> {
        Self::reload(&Self::default(), entries, files)
    }

    /// The same, with the trees of `previous` for the files whose text is what it was: an editor loads a
    /// project anew after every keystroke.
    pub fn reload(previous: &Self, entries: &[String], files: &dyn Files) -> Result<Self, String> {
        let files = Reader { files, previous };
        let mut workspace = Self { is_whole: true, ..Self::default() };
        for (path, text) in library::schemas() {
            workspace.take(path, text.to_owned(), previous);
        }
        let mut seen = BTreeSet::new();
        for entry in entries {
            let text = files.files.read(entry)?;
            let path = tidy(entry);
            if seen.insert(path.clone()) {
                let file = workspace.take(&path, text, previous);
                workspace.follow(file, &files, &mut seen);
            }
        }
        Ok(workspace)
    }

    /// What is wrong with the syntax of its files and with what they use.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        self.syntax.iter().flat_map(|found| found.iter()).chain(&self.uses).cloned().collect()
    }

    fn take(&mut self, path: &str, text: String, previous: &Self) -> usize {
        let index = self.files.len();
        let same = previous.sources.ids().nth(index).filter(|old| {
            // Places in a tree name its file by number, so it has to have the same one.
            previous.sources.path(*old) == path && previous.sources.text(*old) == text
        });
        if let Some(same) = same
            && let (Some(file), Some(syntax)) = (previous.files.get(index), previous.syntax.get(index))
            && self.sources.share(&previous.sources, same).is_some()
        {
            self.files.push(Arc::clone(file));
            self.syntax.push(Arc::clone(syntax));
            return index;
        }
        let id: FileId = self.sources.add(path, text);
        let parsed = parse(id, self.sources.text(id));
        self.syntax.push(parsed.diagnostics.into());
        self.files.push(Arc::new(parsed.tree));
        index
    }

    /// Takes in what file `index` uses, depth first.
    fn follow(&mut self, index: usize, files: &Reader<'_>, seen: &mut BTreeSet<String>) {
        let Some(file) = self.files.get(index) else { return };
        let base = self.sources.path(file.file).to_owned();
        let wanted: Vec<_> = file
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Use(used) => Some(used.path.clone()),
                Item::Let(_) | Item::Decl(_) | Item::Expect(_) | Item::Kind(_) => None,
            })
            .collect();
        for name in wanted {
            let path = beside(&base, &name.text);
            if !seen.insert(path.clone()) {
                continue;
            }
            let text = if name.text.starts_with("std/") {
                library::template(&name.text).map(str::to_owned).ok_or(None)
            } else {
                files.files.read(&path).map_err(Some)
            };
            match text {
                Ok(text) => {
                    let used = self.take(&path, text, files.previous);
                    self.follow(used, files, seen);
                }
                Err(Some(why)) => {
                    self.is_whole = false;
                    self.uses.push(errors::unreadable_file(&name, &path, &why));
                }
                Err(None) => {
                    self.is_whole = false;
                    self.uses.push(errors::unknown_library(&name, library::templates()));
                }
            }
        }
    }
}

/// The path that `used` means in file `base`: the library's as it is, else beside `base`, `.asq` added.
pub(crate) fn beside(base: &str, used: &str) -> String {
    if used.starts_with("std/") {
        return used.to_owned();
    }
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_named = used.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let suffix = if is_named { "" } else { ".asq" };
    let joined = if folder.is_empty() { used.to_owned() } else { format!("{folder}/{used}") };
    tidy(&joined) + suffix
}

/// The path without `.` and without steps that go back: one file has one name.
fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != ".." && !last.is_empty()) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_used_file_lies_beside_the_one_that_uses_it() {
        assert_eq!(beside("infra.asq", "networks"), "networks.asq");
        assert_eq!(beside("live/infra.asq", "networks"), "live/networks.asq");
        assert_eq!(beside("live/infra.asq", "../base/all.asq"), "base/all.asq");
        assert_eq!(beside("/live/infra.asq", "a/b"), "/live/a/b.asq");
        assert_eq!(beside("../infra.asq", "../x"), "../../x.asq");
        assert_eq!(beside("infra.asq", "std/classic"), "std/classic");
    }
}

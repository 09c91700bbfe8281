//! The files of a project: the given ones, and everything they `use`.

use std::collections::BTreeSet;
use std::sync::Arc;

use asiaq_lang::ast::{File, Item, Name};
use asiaq_lang::{Diagnostic, FileId, SourceMap, parse};

use crate::texts::Texts;
use crate::{errors, library};

/// A source of files: the disk, an editor's buffers, a test.
pub trait Files {
    /// Reads the text at `path`. The error is the reason why it cannot be read.
    fn read(&self, path: &str) -> Result<String, String>;

    /// The reason why there is no folder at `path`. A source that has no folders knows none.
    fn folder(&self, path: &str) -> Result<(), String> {
        let _ = path;
        Ok(())
    }
}

/// A project's files, read and parsed.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// The texts, the library's included.
    pub sources: SourceMap,
    /// The trees: the schemas of the library first, then the project's files in the order they are used.
    pub(crate) files: Vec<Arc<File>>,
    /// The syntax errors of each file, in the same order.
    syntax: Vec<Arc<[Diagnostic]>>,
    /// Errors about `use`.
    uses: Vec<Diagnostic>,
    /// The texts of the files that values name.
    pub(crate) texts: Arc<Texts>,
    /// Whether every used file could be read.
    pub(crate) is_whole: bool,
}

/// A source of files, with the workspace that was read from it before.
struct Reader<'f> {
    files: &'f dyn Files,
    previous: &'f Workspace,
}

impl Workspace {
    /// Reads `entries` and the files they use. A used file that cannot be read is a diagnostic at its `use`; an
    /// entry that cannot be read is an error.
    pub fn load(entries: &[String], files: &dyn Files) -> Result<Self, String> {
        Self::reload(&Self::default(), entries, files)
    }

    /// Reads `entries` again. Files with the same text as in `previous` keep their trees: an editor reloads a project
    /// after every keystroke.
    pub fn reload(previous: &Self, entries: &[String], files: &dyn Files) -> Result<Self, String> {
        let files = Reader { files, previous };
        let mut workspace = Self { is_whole: true, ..Self::default() };
        for (path, text) in library::schemas() {
            workspace.take(path, text.to_owned(), previous);
        }
        let mut seen = BTreeSet::new();
        for entry in entries {
            let text = files.files.read(entry)?;
            let path = normalise(entry);
            if seen.insert(path.clone()) {
                let file = workspace.take(&path, text, previous);
                workspace.follow(file, &files, &mut seen);
            }
        }
        workspace.texts = Arc::new(Texts::read(
            &mut workspace.sources,
            &workspace.files,
            path_of_text,
            |path| files.files.read(path),
            |path| files.files.folder(path),
        ));
        Ok(workspace)
    }

    /// The errors of syntax and of `use`.
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

    /// Reads what file `index` uses, depth first. There is no recursion: a chain of files may be long.
    fn follow(&mut self, index: usize, files: &Reader<'_>, seen: &mut BTreeSet<String>) {
        let mut waiting = vec![self.used_by(index)];
        while let Some(wanted) = waiting.last_mut() {
            let Some((path, name)) = wanted.next() else {
                waiting.pop();
                continue;
            };
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
                    waiting.push(self.used_by(used));
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

    /// The files that file `index` uses: the path of each, and how it is written.
    fn used_by(&self, index: usize) -> std::vec::IntoIter<(String, Name)> {
        let file = self.files.get(index);
        let base = file.map_or("", |file| self.sources.path(file.file));
        let wanted = file.into_iter().flat_map(|file| &file.items).filter_map(|item| match item {
            Item::Use(used) => Some((beside(base, &used.path.text), used.path.clone())),
            Item::Let(_) | Item::Decl(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
        });
        wanted.collect::<Vec<_>>().into_iter()
    }
}

/// The path that `used` means in file `base`: a path of the library as it is, any other relative to `base` with
/// `.asq` added.
pub(crate) fn beside(base: &str, used: &str) -> String {
    if used.starts_with("std/") {
        return used.to_owned();
    }
    let is_named = used.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let suffix = if is_named { "" } else { ".asq" };
    in_folder_of(base, used) + suffix
}

/// The path that the value `file "PATH"` in file `base` means.
fn path_of_text(base: &str, path: &str) -> String {
    if path.starts_with('/') { normalise(path) } else { in_folder_of(base, path) }
}

/// The path that a relative one means in file `base`.
fn in_folder_of(base: &str, path: &str) -> String {
    match base.rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => normalise(&format!("{folder}/{path}")),
        _ => normalise(path),
    }
}

/// The path without `.` and `..` where possible, so that one file has one name.
fn normalise(path: &str) -> String {
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

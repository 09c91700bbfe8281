//! The files of `stdlib`: kinds and templates.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use asiaq_lang::ast::{Item, KindDecl};
use asiaq_lang::{FileId, Severity, parse};

/// The library, each part in order of name.
#[derive(Default)]
pub(crate) struct Library {
    pub(crate) kinds: Vec<Kind>,
    /// Templates: name after `use`, and file.
    templates: Vec<(String, PathBuf)>,
}

/// A file that declares a kind.
pub(crate) struct Kind {
    /// Name after `std/`.
    name: String,
    path: PathBuf,
    pub(crate) text: String,
    pub(crate) decl: KindDecl,
}

impl Library {
    /// Reads every `.asq` file below `folder`.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut library = Self::default();
        library.folder(folder, "std")?;
        library.kinds.sort_by(|a, b| a.name.cmp(&b.name));
        library.templates.sort();
        Ok(library)
    }

    fn folder(&mut self, folder: &Path, name: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = format!("{name}/{}", path.file_stem().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                self.folder(&path, &name)?;
            } else if path.extension().is_some_and(|extension| extension == "asq") {
                self.file(path, name)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: PathBuf, name: String) -> io::Result<()> {
        let text = fs::read_to_string(&path)?;
        let parsed = parse(FileId(0), &text);
        if let Some(found) = parsed.diagnostics.iter().find(|found| found.severity == Severity::Error) {
            return Err(mistake(&name, &found.message));
        }
        let kind = parsed.tree.items.into_iter().find_map(|item| match item {
            Item::Kind(kind) => Some(kind),
            Item::Use(_) | Item::Let(_) | Item::Decl(_) | Item::Expect(_) | Item::Moved(_) => None,
        });
        match kind {
            Some(decl) => self.kinds.push(Kind { name, path, text, decl }),
            None => self.templates.push((name, path)),
        }
        Ok(())
    }

    /// `KINDS` and `TEMPLATES`: name and text of each file.
    pub(crate) fn table(&self) -> String {
        let kinds: Vec<(&str, &Path)> =
            self.kinds.iter().map(|kind| (kind.name.as_str(), kind.path.as_path())).collect();
        let templates: Vec<(&str, &Path)> =
            self.templates.iter().map(|(name, path)| (name.as_str(), path.as_path())).collect();
        slice("Schema files, one kind each: path and text.", "KINDS", &kinds)
            + &slice("Templates that a project may `use`: path and text.", "TEMPLATES", &templates)
    }
}

fn slice(docs: &str, name: &str, files: &[(&str, &Path)]) -> String {
    let mut table = format!("/// {docs}\nconst {name}: &[(&str, &str)] = &[\n");
    for (name, path) in files {
        let path = path.to_string_lossy();
        let _ = writeln!(table, "    ({name:?}, include_str!({path:?})),");
    }
    table + "];\n"
}

/// What is wrong with a file of the library.
pub(crate) fn mistake(name: &str, message: &str) -> io::Error {
    io::Error::other(format!("{name}: {message}"))
}

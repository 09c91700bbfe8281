//! The files that are checked together: a folder's `.asq` files and what they use, as with `asiaq check FOLDER`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use asiaq_compiler::{Files, Workspace};

use super::documents::Document;
use super::place::{Place, tidy};
use crate::project;

/// The entry files of a project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    /// Every `.asq` file of a folder.
    Folder(PathBuf),
    /// One document that is not saved or does not end in `.asq`.
    Lone(Place),
    /// A file of the standard library, by its name there, as in `std/vpc`.
    Library(String),
}

/// The texts of a project: the client's buffers take precedence over the disk.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    pub(super) root: Root,
    pub(super) buffers: BTreeMap<Place, Arc<Document>>,
}

impl Texts {
    /// Reads and parses the project, reusing the syntax trees of `previous` for unchanged files. A file that cannot
    /// be read is left out.
    pub(super) fn load(&self, previous: &Workspace) -> Workspace {
        let mut entries = self.entries();
        Workspace::reload(previous, &entries, self).unwrap_or_else(|_| {
            entries.retain(|entry| self.read(entry).is_ok());
            Workspace::reload(previous, &entries, self).unwrap_or_default()
        })
    }

    /// The names of the entry files.
    fn entries(&self) -> Vec<String> {
        match &self.root {
            Root::Folder(folder) => {
                let on_disk = project::listing(folder).unwrap_or_default();
                let open = self.buffers.keys().filter_map(|place| match place {
                    Place::Disk(path) if lies_in(path, folder) => Some(path.clone()),
                    Place::Disk(_) | Place::Client(_) => None,
                });
                let names = on_disk.into_iter().chain(open).filter_map(|path| last_name(&path));
                let mut names: Vec<String> = names.collect();
                names.sort();
                names.dedup();
                names
            }
            Root::Lone(Place::Disk(path)) => last_name(path).into_iter().collect(),
            Root::Lone(Place::Client(_)) => vec![UNTITLED.to_owned()],
            Root::Library(_) => vec![LIBRARY.to_owned()],
        }
    }

    /// The file that messages call `name`; `None` for a file of the standard library.
    pub(super) fn place(&self, name: &str) -> Option<Place> {
        if name.starts_with("std/") {
            return None;
        }
        match &self.root {
            Root::Folder(folder) => Some(Place::Disk(tidy(&folder.join(name)))),
            Root::Lone(Place::Disk(path)) => Some(Place::Disk(tidy(&path.parent()?.join(name)))),
            Root::Lone(place @ Place::Client(_)) => (name == UNTITLED).then(|| place.clone()),
            Root::Library(_) => None,
        }
    }
}

/// Name of a document that is not saved.
const UNTITLED: &str = "untitled.asq";

/// Name of the file that only uses a file of the library.
const LIBRARY: &str = "library.asq";

impl Files for Texts {
    fn read(&self, name: &str) -> Result<String, String> {
        if let Root::Library(used) = &self.root {
            return Ok(format!("use {used}\n"));
        }
        match self.place(name) {
            Some(place) => match (self.buffers.get(&place), place) {
                (Some(document), _) => Ok(document.text.clone()),
                // Reading a device or a pipe might never end.
                (None, Place::Disk(path)) if path.exists() && !path.is_file() => {
                    Err(format!("`{name}` is not a file"))
                }
                (None, Place::Disk(path)) => project::read_text(&path, name),
                (None, Place::Client(_)) => Err(format!("`{name}` is not open")),
            },
            None => Err(format!("`{name}` cannot be found from a file that was never saved")),
        }
    }

    fn folder(&self, name: &str) -> Result<(), String> {
        match self.place(name) {
            Some(Place::Disk(path)) if path.is_dir() => Ok(()),
            Some(_) => Err(format!("there is no folder `{name}`")),
            None => Err(format!("`{name}` cannot be found from a file that was never saved")),
        }
    }
}

/// Whether a folder's project has the file at `path` without using it.
pub(super) fn lies_in(path: &Path, folder: &Path) -> bool {
    path.parent() == Some(folder) && project::is_source(path)
}

fn last_name(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(str::to_owned)
}

/// Whether there is a `.asq` file in `folder` itself.
pub(super) fn has_sources(folder: &Path) -> bool {
    project::listing(folder).is_ok_and(|found| !found.is_empty())
}

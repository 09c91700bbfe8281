//! The standard library and the pages of diagnostic codes as files that an editor can open.
//!
//! Every editor opens `file:` URIs, so the texts are written, read-only, to the user's cache folder when something
//! first points to them.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use asiaq_compiler::pages;

use super::place::Place;

#[derive(Clone, Debug)]
pub(super) struct Library {
    /// `None` if the user has no cache folder; then nothing points to the library.
    folder: Option<PathBuf>,
    /// The files that are known to exist.
    kept: Arc<Mutex<BTreeSet<String>>>,
}

impl Library {
    /// The cache folder of this version of asiaq for this user.
    pub(super) fn of_this_user() -> Self {
        let home = || env::var_os("HOME").map(PathBuf::from);
        let caches = if cfg!(windows) {
            env::var_os("LOCALAPPDATA").map(PathBuf::from)
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library").join("Caches"))
        } else {
            let set = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            set.or_else(|| home().map(|home| home.join(".cache")))
        };
        let folder = caches.filter(|folder| folder.is_absolute());
        let folder = folder.map(|caches| caches.join("asiaq").join(env!("CARGO_PKG_VERSION")));
        Self { folder, kept: Arc::default() }
    }

    /// The file that holds `text`, the library's `name`.
    pub(super) fn place(&self, name: &str, text: &str) -> Option<Place> {
        self.keep(&format!("{name}.asq"), text)
    }

    /// The file that holds the page of a diagnostic code.
    pub(super) fn page(&self, code: &str) -> Option<Place> {
        self.keep(&format!("diagnostics/{code}.md"), pages::page(code)?.text)
    }

    /// The library's name of the file at `place`, if it is a file of the library.
    pub(super) fn name(&self, place: &Place) -> Option<String> {
        let Place::Disk(path) = place else { return None };
        let name = path.strip_prefix(self.folder.as_ref()?).ok()?.with_extension("");
        let name = name.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
        name.starts_with("std/").then_some(name)
    }

    fn keep(&self, name: &str, text: &str) -> Option<Place> {
        let path = self.folder.as_ref()?.join(name);
        let mut kept = self.kept.lock().ok()?;
        if !kept.contains(name) {
            let is_there = fs::read(&path).is_ok_and(|there| there == text.as_bytes());
            if !is_there {
                write(&path, text).ok()?;
            }
            kept.insert(name.to_owned());
        }
        Some(Place::Disk(path))
    }
}

/// Writes `text` to `path` atomically.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(text.as_bytes())?;
    let mut permissions = draft.as_file().metadata()?.permissions();
    permissions.set_readonly(true);
    draft.as_file().set_permissions(permissions)?;
    draft.persist(path)?;
    Ok(())
}

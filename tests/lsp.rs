//! The language server as a client sees it: messages to the real binary, and a real editor.

mod actions;
mod client;
mod edits;
mod lifecycle;
mod navigation;
mod neovim;

mod projects;
mod random;

use client::{Client, Dialect};

/// A folder for a test, with the client's URIs of what is in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.path().display())
    }
}

const PROJECT: &str = "project p { region = us-west-2 }\n";

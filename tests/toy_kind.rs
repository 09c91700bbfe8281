//! What it takes to add a kind: a copy of the compiler gets a toy kind, and knows all about it.
//!
//! The kind has one `.asq`, one declaration of its resource, one reader and one lowering, which are in
//! `tests/toy_kind`; [`EDITS`] are all other changes. The table in `docs/architecture.md` counts them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of the kind, and where they go.
const FILES: &[(&str, &str)] = &[
    ("beacon.asq", "stdlib/beacon.asq"),
    ("declaration.rs", "compiler/ir/src/kinds/beacon.rs"),
    ("model.rs", "compiler/src/model/beacon.rs"),
    ("lowering.rs", "compiler/src/lower/beacon.rs"),
];

/// Text that is put before the first occurrence of another one, by file.
const EDITS: &[(&str, &[(&str, &str)])] = &[
    (
        "compiler/ir/src/kinds.rs",
        &[
            ("mod dns;", "mod beacon;\n"),
            ("pub use dns::*;", "pub use beacon::*;\n"),
            ("DhcpOptions, Vpc,", "Beacon, "),
        ],
    ),
    (
        "compiler/src/model.rs",
        &[
            ("mod build;", "mod beacon;\n"),
            ("    /// Where every field was set.", "    pub(crate) beacons: Vec<Beacon>,\n"),
            ("pub(crate) use watch::*;", "pub(crate) use beacon::Beacon;\n"),
        ],
    ),
    (
        "compiler/src/model/build.rs",
        &[
            (
                "        let dhcp = self.dhcp(",
                "        let beacons = beacon::of_environment(&block, &self.evaluator, &mut provenance, diagnostics);\n",
            ),
            ("            provenance,\n        })", "            beacons,\n"),
            ("use super::hosts::Hostclasses;", "use super::beacon;\n"),
        ],
    ),
    (
        "compiler/src/lower.rs",
        &[
            ("mod endpoint;", "mod beacon;\n"),
            ("        self.balancers(env, laid);", "        self.beacons(env);\n"),
        ],
    ),
];

/// What the compiler is built from.
const PARTS: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "compiler",
    "docs/diagnostics",
    "examples",
    "grammar",
    "lang",
    "runtime",
    "src",
    "stdlib",
    "tests",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Copies a file or a folder of the project, edited. A file that is the same already keeps its time, so that a second
/// run builds nothing.
fn copy(part: &Path, to: &Path) {
    let from = root().join(part);
    if from.is_dir() {
        std::fs::create_dir_all(to.join(part)).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            copy(&part.join(entry.unwrap().file_name()), to);
        }
        return;
    }
    let mut content = std::fs::read(&from).unwrap();
    let edits = EDITS.iter().find(|(file, _)| Path::new(file) == part);
    for (before, added) in edits.into_iter().flat_map(|(_, edits)| *edits) {
        let mut text = String::from_utf8(content).unwrap();
        let at = text.find(before).unwrap_or_else(|| panic!("{} has no `{before}`", part.display()));
        text.insert_str(at, added);
        content = text.into_bytes();
    }
    write(&to.join(part), &content);
}

fn write(path: &Path, content: &[u8]) {
    if std::fs::read(path).ok().as_deref() != Some(content) {
        std::fs::write(path, content).unwrap();
    }
}

#[test]
fn a_toy_kind_takes_four_files_and_four_edited_ones() {
    let copied = root().join("target/toy-kind");
    std::fs::create_dir_all(&copied).unwrap();
    for part in PARTS {
        copy(Path::new(part), &copied);
    }
    for (from, to) in FILES {
        write(&copied.join(to), &std::fs::read(root().join("tests/toy_kind").join(from)).unwrap());
    }
    // The crates of the copy are other ones than those under test, so it has its own build folder.
    let tested = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--package", "asiaq-compiler", "--lib", "beacon"])
        .current_dir(&copied)
        .env("CARGO_TARGET_DIR", copied.join("target"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tested.stdout);
    let wrong = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success() && said.contains("2 passed"), "{said}\n{wrong}");
    assert!(!wrong.contains("warning"), "{wrong}");
}

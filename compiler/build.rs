//! Generates Rust from the two folders that declare things: `docs/diagnostics` (one page a code) and `stdlib` (one
//! kind or template a file). A file is in the product by lying in its folder.

#![allow(clippy::disallowed_methods, reason = "a build script reads the files it embeds")]
#![allow(clippy::print_stdout, reason = "cargo reads its instructions from standard output")]

#[path = "build/fields.rs"]
mod fields;
#[path = "build/kinds.rs"]
mod kinds;
#[path = "build/library.rs"]
mod library;
#[path = "build/pages.rs"]
mod pages;

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("pages.rs"), pages::table(&root.join("docs/diagnostics"))?)?;
    let library = library::Library::read(&root.join("stdlib"))?;
    fs::write(out.join("library.rs"), library.table())?;
    fs::write(out.join("kinds.rs"), kinds::constants(&library)?)?;
    fs::write(out.join("fields.rs"), fields::structs(&library)?)
}

//! Generates the table of what AWS accepts from `limits/models.txt`, which a script writes from the service models, and
//! `limits/manuals.txt`, which is kept by hand.

#![allow(clippy::disallowed_methods, reason = "a build script reads the files it embeds")]
#![allow(clippy::print_stdout, reason = "cargo reads its instructions from standard output")]

#[path = "build/classes.rs"]
mod classes;
#[path = "build/shapes.rs"]
mod shapes;

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=limits");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("limits");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let read = |name: &str| fs::read_to_string(root.join(name));
    let table = shapes::table(&read("models.txt")?, &read("manuals.txt")?).map_err(io::Error::other)?;
    fs::write(out.join("shapes.rs"), table)
}

//! Makes Rust of `grammar/asq.pest`, so that the grammar is written once and read as fast as code can be.

// A build script reads and writes files, and stops the build by panicking.
#![allow(clippy::disallowed_methods, clippy::panic, clippy::print_stdout)]

#[path = "build/code.rs"]
mod code;
#[path = "build/first.rs"]
mod first;

use std::path::Path;

use pest_meta::parser::{self, Rule};

const GRAMMAR: &str = "../grammar/asq.pest";

fn main() {
    println!("cargo::rerun-if-changed={GRAMMAR}");
    println!("cargo::rerun-if-changed=build");
    let text = std::fs::read_to_string(GRAMMAR).unwrap_or_else(|error| panic!("{GRAMMAR}: {error}"));
    let rules = parser::parse(Rule::grammar_rules, &text)
        .map_err(|error| vec![error])
        .and_then(|pairs| {
            pest_meta::validator::validate_pairs(pairs.clone())?;
            parser::consume_rules(pairs)
        })
        .unwrap_or_else(|errors| panic!("{GRAMMAR}: {errors:#?}"));
    let out = std::env::var_os("OUT_DIR").unwrap_or_else(|| panic!("cargo names the folder to write to"));
    let path = Path::new(&out).join("grammar.rs");
    let code = code::of(&rules);
    std::fs::write(&path, code).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

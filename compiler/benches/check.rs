//! How long it takes to read and check a project.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

#[path = "../../tests/generator.rs"]
mod generator;
#[path = "support/one_file.rs"]
mod one_file;
#[path = "../../tests/bench/table.rs"]
mod table;

use asiaq_compiler::{Checked, Workspace, check};
use one_file::OneFile;
use table::{Table, fastest, sizes};

fn checked(text: &str) -> Checked {
    let workspace = Workspace::load(&["infra.asq".to_owned()], &OneFile(text)).unwrap_or_default();
    check(workspace)
}

fn main() {
    for environments in [1, 16] {
        let mut table = Table::new(&format!("parse and check, environments: {environments}"));
        for lines in sizes() {
            let text = generator::project(lines, environments);
            table.row(&text, fastest(|| checked(&text)));
        }
    }
}

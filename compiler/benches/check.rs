//! How long it takes to read and check a project.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

#[path = "../../tests/generator.rs"]
mod generator;
#[path = "../../tests/bench/table.rs"]
mod table;

use asiaq_compiler::{Checked, Files, Workspace, check};
use table::{Table, fastest, sizes};

struct One<'t>(&'t str);

impl Files for One<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

fn checked(text: &str) -> Checked {
    let workspace = Workspace::load(&["infra.asq".to_owned()], &One(text)).unwrap_or_default();
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

//! How fast a text becomes a tree.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

#[path = "../../tests/generator.rs"]
mod generator;
#[path = "../../tests/bench/table.rs"]
mod table;

use asiaq_lang::{FileId, parse};
use table::{Table, fastest, sizes};

fn main() {
    let mut table = Table::new("parse");
    for lines in sizes() {
        let text = generator::project(lines, 16);
        table.row(&text, fastest(|| parse(FileId(0), &text)));
    }
}

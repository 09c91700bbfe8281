//! How long an editor waits: from a keystroke to the diagnostics, and for each thing that it asks.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

#[path = "../../tests/generator.rs"]
mod generator;
#[path = "support/one_file.rs"]
mod one_file;
// Only the stop watch is used here.
#[allow(dead_code)]
#[path = "../../tests/bench/table.rs"]
mod table;

use asiaq_compiler::Workspace;
use asiaq_compiler::ide::{Analysis, Offset};
use asiaq_lang::Span;
use one_file::OneFile;
use table::fastest;

/// Lines of the project.
const LINES: usize = 10_000;

fn main() {
    for environments in [1, 16, 200] {
        let text = generator::project(LINES, environments);
        measure(&text, environments);
    }
}

fn measure(text: &str, environments: usize) {
    let entries = ["infra.asq".to_owned()];
    let open = || Workspace::load(&entries, &OneFile(text)).unwrap_or_default();
    let before = open();
    let typed = format!("{text}\n");
    let keystroke = || Workspace::reload(&before, &entries, &OneFile(&typed)).unwrap_or_default();
    let analysis = Analysis::new(open());
    let Some(file) = analysis.file("infra.asq") else { return };
    let whole = Span::new(file, 0, text.len());
    let middle = text.get(..text.len() / 2).and_then(|half| half.rfind("network = ")).unwrap_or(0);
    let at = Offset { file, at: u32::try_from(middle + "network = ".len()).unwrap_or(0) };
    let screen = Span::new(file, middle.saturating_sub(2000), middle);
    println!("\n{} lines, {environments} environments\n", text.lines().count());
    let row = |what: &str, took: std::time::Duration| {
        println!("{what:<40} {:>10.3} ms", took.as_secs_f64() * 1e3);
    };
    row("open: read and check", fastest(|| Analysis::new(open())));
    row("keystroke: read and check", fastest(|| Analysis::new(keystroke())));
    row("keystroke, then colours", fastest(|| Analysis::new(keystroke()).tokens(file)));
    row("keystroke, then completion", fastest(|| Analysis::new(keystroke()).completions(at)));
    row("colours", fastest(|| analysis.tokens(file)));
    row("completion", fastest(|| analysis.completions(at)));
    row("hover", fastest(|| analysis.hover(at)));
    row("definition", fastest(|| analysis.definition(at)));
    row("references", fastest(|| analysis.references(at)));
    row("rename", fastest(|| analysis.rename(at, "another")));
    row("hints of a screen", fastest(|| analysis.hints(screen)));
    row("hints of the whole file", fastest(|| analysis.hints(whole)));
    row("lenses", fastest(|| analysis.lenses(file)));
    row("outline", fastest(|| analysis.symbols(file)));
    row("search for symbols", fastest(|| analysis.find_symbols("tm4prt2")));
    row("folds", fastest(|| analysis.folds(file)));
}

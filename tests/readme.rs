//! What README and the pages for users show is what a user sees: each console block is run on the program above it, and
//! each program is sound.
//!
//! `UPDATE_SPECS=1` writes what the commands print now.

use std::fmt::Write as _;

use crate::emulator::World;

/// The pages, from the root of the repository.
const PAGES: [&str; 8] = [
    "README.md",
    "docs/ci.md",
    "docs/emulator.md",
    "docs/secrets.md",
    "docs/start.md",
    "docs/terraform.md",
    "docs/undo.md",
    "docs/upgrade.md",
];

#[test]
fn pages_show_what_the_commands_print() {
    for page in PAGES {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = std::fs::read_to_string(&path).unwrap();
        let shown = rewrite(&text);
        if std::env::var_os("UPDATE_SPECS").is_some() {
            std::fs::write(path, shown).unwrap();
        } else {
            assert_eq!(text, shown, "{page}");
        }
    }
}

fn rewrite(text: &str) -> String {
    let mut output = String::new();
    let mut world = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        output.push_str(line);
        output.push('\n');
        let Some(kind) = line.strip_prefix("```").filter(|kind| !kind.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if kind == "console" {
            let world = world.get_or_insert_with(World::empty);
            for command in body.iter().filter(|line| line.starts_with("$ ")) {
                let _ = writeln!(output, "{}", format!("{command}\n{}", run(world, command)).trim_end());
            }
        } else {
            let program = body.join("\n") + "\n";
            output.push_str(&program);
            if kind == "asq" {
                world = Some(World::new(&program));
            }
        }
        output.push_str("```\n");
    }
    output
}

#[test]
fn programs_of_the_pages_are_sound() {
    // README has a program with mistakes, and shows what is said of them.
    for page in PAGES.iter().filter(|page| **page != "README.md") {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = std::fs::read_to_string(path).unwrap();
        for block in text.split("```asq\n").skip(1) {
            let said = World::new(block.split("```").next().unwrap()).asiaq(&["check"]);
            assert_eq!((said.code, said.stdout.contains("no warnings")), (0, true), "{page}: {said:#?}");
        }
    }
}

fn run(world: &World, command: &str) -> String {
    let words: Vec<&str> = command.trim_start_matches("$ asiaq").split_whitespace().collect();
    let said = world.asiaq(&words);
    said.stderr + &said.stdout
}

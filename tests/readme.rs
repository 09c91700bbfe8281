//! What README shows is what a user sees: each console block is run on the program above it.
//!
//! `UPDATE_SPECS=1` writes what the commands print now.

use std::fmt::Write as _;

use crate::emulator::World;

#[test]
fn readme_shows_what_the_commands_print() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let shown = rewrite(&text);
    if std::env::var_os("UPDATE_SPECS").is_some() {
        std::fs::write(path, shown).unwrap();
    } else {
        assert_eq!(text, shown);
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
            let world: &World = world.as_ref().expect("a program stands above");
            for command in body.iter().filter(|line| line.starts_with("$ ")) {
                let _ = writeln!(output, "{command}\n{}", run(world, command).trim_end());
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

fn run(world: &World, command: &str) -> String {
    let words: Vec<&str> = command.trim_start_matches("$ asiaq").split_whitespace().collect();
    let said = world.asiaq(&words);
    said.stderr + &said.stdout
}

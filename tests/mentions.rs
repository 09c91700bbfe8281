//! What the pages mention exists: each command with its options, in prose, tables, programs of a shell and workflows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The pages, and the files that `asiaq new project` writes.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    let mut waiting: Vec<PathBuf> =
        ["docs", "examples", "grammar/editors", "src/new_hostclass", "src/new_project", "stdlib"]
            .map(|folder| root.join(folder))
            .into();
    while let Some(folder) = waiting.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let is_page =
                path.extension().is_some_and(|end| ["md", "asq", "yml"].iter().any(|page| end == *page));
            if path.is_dir() && !path.ends_with("node_modules") {
                waiting.push(path);
            } else if is_page {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The commands in a text: code in a line, and lines of a shell.
fn commands(text: &str, is_workflow: bool) -> Vec<String> {
    let mut found = Vec::new();
    for code in text.split('`').skip(1).step_by(2).filter(|code| is_command(code)) {
        found.push(code.replace(['\n', '\\'], " ").split(" |").next().unwrap().to_owned());
    }
    let mut is_block = false;
    for line in text.lines() {
        let is_fence = line.starts_with("```");
        is_block = if is_fence { ["```sh", "```console"].contains(&line) } else { is_block };
        let line = line.trim();
        let item = line.strip_prefix("- run: ").or_else(|| line.strip_prefix("- ")).filter(|_| is_workflow);
        let of_block = Some(line.trim_start_matches("$ ")).filter(|_| is_block);
        if let Some(command) = item.or(of_block).filter(|line| is_command(line)) {
            found.push(command.split(['#', '|']).next().unwrap().trim().to_owned());
        }
    }
    found
}

fn is_command(text: &str) -> bool {
    text.strip_prefix("asiaq").is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// The help of a command, for its words.
fn help(known: &mut BTreeMap<Vec<String>, String>, command: &[&str]) -> String {
    let key: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
    let ask = || {
        let output = Command::new(env!("CARGO_BIN_EXE_asiaq")).args(command).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    known.entry(key).or_insert_with(ask).clone()
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<&str> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let rows = list.lines().take_while(|line| !line.is_empty());
    rows.filter(|row| row.starts_with("  ") && !row.starts_with("   "))
        .filter_map(|row| row.split_whitespace().next())
        .collect()
}

/// What is wrong with a command that a page mentions.
fn wrong(known: &mut BTreeMap<Vec<String>, String>, command: &str) -> Option<String> {
    // What follows two dashes is a command of somebody else.
    let words: Vec<&str> = command.split_whitespace().skip(1).take_while(|word| *word != "--").collect();
    let is_option = |word: &&&str| word.starts_with('-');
    let first = words.iter().find(|word| !is_option(word))?;
    // A placeholder.
    if first.chars().all(|sign| sign.is_ascii_uppercase()) || *first == "…" {
        return None;
    }
    let all = help(known, &[]);
    if !listed(&all).contains(first) {
        return Some(format!("`{command}`: there is no command `{first}`"));
    }
    let mut path = vec![*first];
    let mut text = help(known, &path);
    if let Some(inner) = words.get(1).filter(|word| listed(&text).contains(word)) {
        path.push(inner);
        text = help(known, &path);
    }
    let options = words.iter().filter(is_option).map(|word| word.split('=').next().unwrap());
    let options = options.map(|option| option.trim_end_matches(|sign: char| !sign.is_ascii_alphanumeric()));
    for option in options.filter(|option| option.len() > 1) {
        // A value that may be left out is in brackets: `--watch[=<PAUSE>]`.
        let is_known = text.split_whitespace().any(|word| word.split([',', '[']).next() == Some(option));
        if !is_known && !all.contains(option) {
            return Some(format!("`{command}`: `{}` has no option `{option}`", path.join(" ")));
        }
    }
    None
}

#[test]
fn every_command_that_a_page_mentions_exists() {
    let mut known = BTreeMap::new();
    let mut report = Vec::new();
    let mut count = 0;
    for page in pages() {
        let is_workflow = page.extension().is_some_and(|end| end == "yml");
        for command in commands(&std::fs::read_to_string(&page).unwrap(), is_workflow) {
            count += 1;
            report.extend(wrong(&mut known, &command).map(|why| format!("{}: {why}", page.display())));
        }
    }
    assert!(report.is_empty(), "{}", report.join("\n"));
    assert!(count > 120, "{count}");
}

#[test]
fn what_does_not_exist_is_found() {
    let mut known = BTreeMap::new();
    assert_eq!(wrong(&mut known, "asiaq plan --env ci -o FILE"), None);
    assert_eq!(wrong(&mut known, "asiaq env list"), None);
    let said = wrong(&mut known, "asiaq plan --moon").unwrap();
    assert_eq!(said, "`asiaq plan --moon`: `plan` has no option `--moon`");
    assert!(wrong(&mut known, "asiaq absorb x").unwrap().contains("no command `absorb`"));
    let text = "asiaq is `asiaq\n check`\n- asiaq retries\n```sh\nasiaq fmt # x\n```\n";
    assert_eq!(commands(text, false), ["asiaq  check", "asiaq fmt"]);
    assert_eq!(commands("- run: asiaq plan || [ $? -eq 10 ]", true), ["asiaq plan"]);
}

/// The page about events shows how to read them with jq.
#[test]
fn the_shown_commands_of_jq_read_events() {
    if Command::new("jq").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "jq is missing: `make tools` installs it");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/events.md")).unwrap();
    let shown: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("$ jq ")).collect();
    assert!(!shown.is_empty());
    for command in shown {
        let run = Command::new("sh")
            .args(["-c", &format!("jq {command}")])
            .current_dir(root.join("tests/compatibility"))
            .output()
            .unwrap();
        assert!(run.status.success() && !run.stdout.is_empty(), "jq {command}: {run:?}");
    }
}

//! What the whole command takes, from its start to its end: time, and memory where Linux tells it.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]

#[path = "../generator.rs"]
mod generator;
#[allow(dead_code)] // what the account has is for those who apply it
#[path = "../generator/reference.rs"]
mod reference;
#[allow(dead_code)] // this table has other columns
#[path = "table.rs"]
mod table;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ASIAQ: &str = env!("CARGO_BIN_EXE_asiaq");

/// Projects by lines and environments.
const PROJECTS: [(usize, usize); 6] =
    [(100, 1), (300, 16), (1_000, 16), (10_000, 1), (10_000, 16), (100_000, 1)];

fn main() -> std::io::Result<()> {
    println!(
        "\nwhole process\n\n{:>10} {:>8} {:>14} {:>10} {:>10}",
        "", "lines", "environments", "ms", "peak MB"
    );
    row("--version", None, &["--version"])?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("infra.asq");
    for (lines, environments) in PROJECTS {
        let text = generator::project(lines, environments);
        std::fs::write(&file, &text)?;
        let path = file.to_string_lossy();
        row("check", Some((text.lines().count(), environments)), &["check", &path])?;
    }
    for environments in [1, 4, 16] {
        let text = reference::project(environments);
        std::fs::write(&file, &text)?;
        let path = file.to_string_lossy();
        row("reference", Some((text.lines().count(), environments)), &["check", &path])?;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss)] // a table shows three digits
fn row(what: &str, project: Option<(usize, usize)>, arguments: &[&str]) -> std::io::Result<()> {
    let took: Duration = table::fastest(|| command(arguments).status());
    let (lines, environments) = project.map_or((String::new(), String::new()), |(lines, environments)| {
        (lines.to_string(), environments.to_string())
    });
    let memory = peak(arguments)?.map_or("?".to_owned(), |bytes| format!("{:.1}", bytes as f64 / 1e6));
    println!("{what:>10} {lines:>8} {environments:>14} {:>10.2} {memory:>10}", took.as_secs_f64() * 1e3);
    Ok(())
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(ASIAQ);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The most memory that a run had at once, as far as it was seen.
fn peak(arguments: &[&str]) -> std::io::Result<Option<u64>> {
    let mut child = command(arguments).spawn()?;
    let status = Path::new("/proc").join(child.id().to_string()).join("status");
    let mut most = None;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        most = most.max(kilobytes.map(|kilobytes| kilobytes * 1024));
    }
    Ok(most)
}

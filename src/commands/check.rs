use std::path::{Path, PathBuf};

use anyhow::anyhow;
use asiaq_compiler::Checked;

use crate::exit::{Exit, Result};
use crate::mending::{self, Mended};
use crate::project::{self, Project};
use crate::ui::{self, diagnostics, diff, github, json, report, sarif};

/// Finds every mistake, without AWS and without credentials
#[derive(clap::Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    project: Project,
    /// Mends what has only one remedy, then reports what is left; files outside the project's folder are not touched
    #[arg(long)]
    fix: bool,
    /// Shows what `--fix` would change, and changes nothing
    #[arg(long, requires = "fix", conflicts_with = "format")]
    dry_run: bool,
    /// How to print what is wrong
    #[arg(long, value_enum, default_value_t)]
    format: Report,
    /// Prints how much room every VPC, metanetwork and pool has, too
    #[arg(long, conflicts_with = "dry_run")]
    report: bool,
}

/// How to print what is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Report {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// As GitHub's workflow commands, which annotate a pull request.
    Github,
    /// As SARIF 2.1.0, which code hosts and editors take in.
    Sarif,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Exit> {
        if self.report && matches!(self.format, Report::Github | Report::Sarif) {
            return Err(anyhow!("a report is printed with `--format text` or `--format json`").into());
        }
        let path = self.project.path.as_deref();
        let checked = match (self.fix, self.dry_run) {
            (false, _) => project::read(path)?,
            (true, true) => return Ok(show(&mending::mend_project(path)?)),
            (true, false) => mend(path)?,
        };
        self.report(&checked);
        Ok(verdict(&checked))
    }

    fn report(&self, checked: &Checked) {
        let (sources, found) = (&checked.sources, checked.diagnostics.as_slice());
        // Of a program with errors nobody knows.
        let capacity = (self.report && !checked.has_errors()).then(|| checked.capacity());
        match self.format {
            Report::Json => json::print(&json::report(sources, found).with_capacity(capacity.as_ref())),
            Report::Github => ui::out(&github::commands(sources, found, &root_in_repository())),
            Report::Sarif => json::print(&sarif::log(sources, found, &root_in_repository())),
            Report::Text => {
                ui::out(&diagnostics::draw(sources, found));
                ui::out(&diagnostics::verdict(checked));
                ui::out(&capacity.as_ref().map(report::capacity).unwrap_or_default());
                ui::out(&diagnostics::further(found));
                if !self.fix {
                    ui::out(&diagnostics::mendable(found));
                }
            }
        }
    }
}

fn verdict(checked: &Checked) -> Exit {
    if checked.has_errors() { Exit::Program } else { Exit::Done }
}

/// Mends the project on disk.
fn mend(path: Option<&Path>) -> anyhow::Result<Checked> {
    let mended = mending::mend_project(path)?;
    mended.write()?;
    ui::say(&diagnostics::mended(&mended, "mended"));
    Ok(mended.after)
}

/// Shows what mending would change.
fn show(mended: &Mended) -> Exit {
    for file in &mended.files {
        ui::out(&diff::unified(&file.name, &file.before, &file.after));
    }
    ui::say(&diagnostics::mended(mended, "would mend"));
    ui::say(&format!("left then: {}\n", diagnostics::tally(&mended.after.diagnostics)));
    verdict(&mended.before)
}

/// What stands before a file's name in the repository that GitHub's runner has checked out, where the command
/// runs in a folder of it; nothing elsewhere.
fn root_in_repository() -> String {
    let root = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let root = root.and_then(|root| root.canonicalize().ok());
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let below = match (&root, &here) {
        (Some(root), Some(here)) => here.strip_prefix(root).ok(),
        _ => None,
    };
    let folders = below.into_iter().flat_map(Path::components);
    let mut start = String::new();
    for folder in folders {
        start.push_str(&folder.as_os_str().to_string_lossy());
        start.push('/');
    }
    start
}

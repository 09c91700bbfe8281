use std::path::{Path, PathBuf};

use anyhow::anyhow;
use asiaq_compiler::Checked;

use crate::autofix::{self, Fixed};
use crate::exit::{Exit, Result};
use crate::project::{self, Disk, Project};
use crate::ui::{self, code_host, diagnostics, diff, json, report};

/// Checks a program, without AWS and without credentials
#[derive(clap::Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    project: Project,
    /// Applies the safe fixes, then reports the remaining diagnostics; files outside the project's folder are not
    /// changed
    #[arg(long)]
    fix: bool,
    /// Shows what `--fix` would change; changes nothing
    #[arg(long, requires = "fix", conflicts_with = "format")]
    dry_run: bool,
    /// Output format of the diagnostics
    #[arg(long, value_enum, default_value_t)]
    format: Report,
    /// Also prints how many addresses each VPC, metanetwork and pool has and uses
    #[arg(long, conflicts_with = "dry_run")]
    report: bool,
}

/// Output format of the diagnostics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Report {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// GitHub workflow commands, which annotate a pull request.
    Github,
    /// SARIF 2.1.0, which code hosts and editors import.
    Sarif,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Exit> {
        if self.report && matches!(self.format, Report::Github | Report::Sarif) {
            return Err(anyhow!("`--report` needs `--format text` or `--format json`").into());
        }
        let path = self.project.path.as_deref();
        let checked = match (self.fix, self.dry_run) {
            (false, _) => project::read(path)?,
            (true, true) => return Ok(show(&fix(path)?)),
            (true, false) => write(fix(path)?)?,
        };
        self.report(&checked);
        Ok(verdict(&checked))
    }

    fn report(&self, checked: &Checked) {
        let (sources, found) = (&checked.sources, checked.diagnostics.as_slice());
        // A program with errors has no address layout.
        let capacity = (self.report && !checked.has_errors()).then(|| checked.capacity());
        match self.format {
            Report::Json => {
                if capacity.is_some() {
                    ui::say(&ui::from_program());
                }
                json::print(&json::report(sources, found).with_capacity(capacity.as_ref()));
            }
            Report::Github => ui::out(&code_host::github(sources, found, &root_in_repository())),
            Report::Sarif => json::print(&code_host::sarif(sources, found, &root_in_repository())),
            Report::Text => {
                ui::out(&diagnostics::draw(sources, found));
                ui::out(&diagnostics::verdict(checked));
                if !checked.has_errors() {
                    ui::out(&diagnostics::zone_hints(&checked.zone_costs()));
                    ui::out(&diagnostics::unread_hints(&checked.needs()));
                }
                ui::out(&capacity.as_ref().map(report::capacity).unwrap_or_default());
                ui::out(&diagnostics::explain_hint(found));
                if !self.fix {
                    ui::out(&diagnostics::fixable(found));
                }
            }
        }
    }
}

fn verdict(checked: &Checked) -> Exit {
    if checked.has_errors() { Exit::Program } else { Exit::Done }
}

/// Applies the safe fixes in memory.
fn fix(path: Option<&Path>) -> anyhow::Result<Fixed> {
    autofix::fix(&project::entries(path)?, project::root(path), &Disk)
}

/// Writes the fixed files.
fn write(fixed: Fixed) -> anyhow::Result<Checked> {
    fixed.write()?;
    ui::say(&diagnostics::fixed(&fixed, "fixed"));
    Ok(fixed.after)
}

/// Shows what the fixes would change.
fn show(fixed: &Fixed) -> Exit {
    for file in &fixed.files {
        ui::out(&diff::unified(&file.name, &file.before, &file.after));
    }
    ui::say(&diagnostics::fixed(fixed, "would fix"));
    ui::say(&format!("remaining after the fixes: {}\n", diagnostics::tally(&fixed.after.diagnostics)));
    verdict(&fixed.before)
}

/// The path from the root of the repository that a GitHub runner has checked out to the current folder, with a slash
/// at the end; empty elsewhere.
pub(super) fn root_in_repository() -> String {
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

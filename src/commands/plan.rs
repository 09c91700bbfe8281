use std::collections::BTreeSet;
use std::path::PathBuf;

use asiaq_compiler::reach::Difference;
use asiaq_runtime::Goal;

use crate::engine::{self, Connection, Intent, Log, Request, Selection};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format};

/// Shows what an apply would do; exits with 10 where that is something
#[derive(clap::Args, Debug)]
pub(crate) struct Plan {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    selection: Selection,
    /// Saves the plan, so that exactly this can be applied later
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show only what was changed since the last apply, by other means; exits with 10 where something was
    ///
    /// Where an environment has no record of its last apply, every difference of what exists counts.
    #[arg(long, conflicts_with = "output")]
    drift_only: bool,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Plan {
    pub(crate) fn run(&self) -> Result<Exit> {
        let log = Log::none();
        let request = Request {
            path: self.project.path.as_deref(),
            envs: &self.selection.envs,
            also_regions: &self.selection.also_region,
            part: None,
            verb: "apply",
            goal: Goal::Apply,
            intent: Intent::Show,
            connection: &self.connection,
            format: self.format,
            log: &log,
        };
        let mut prepared = engine::block_on(async |interrupts| engine::prepare(request, &interrupts).await)?;
        let others = prepared.others();
        if self.drift_only {
            let unrecorded: Vec<&String> = prepared.unrecorded.iter().collect();
            if !unrecorded.is_empty() {
                ui::say(&format!(
                    "what was last written to {} is not known, and every difference of what exists \
                     counts as drift; the next apply that changes something writes it down\n",
                    ui::listed(&unrecorded)
                ));
            }
            prepared.plan = prepared.plan.drift(&prepared.unrecorded);
            prepared.reachability = Difference::default();
        }
        match self.format {
            Format::Text if self.drift_only && prepared.plan.is_empty() => {
                ui::out(if prepared.unrecorded.is_empty() {
                    "No drift: AWS is as the last apply left it.\n"
                } else {
                    "No drift: AWS is what the program says.\n"
                });
            }
            Format::Text => ui::out(&ui::plan::text(&prepared.plan, &prepared.reachability)),
            Format::Json => {
                let leases = others.views();
                ui::plan::print_json(&prepared.plan, &prepared.account, &prepared.reachability, leases);
            }
        }
        ui::say(&others.note());
        if !self.drift_only {
            engine::would_be_refused(&prepared.plan, &BTreeSet::new());
        }
        if let Some(path) = &self.output {
            engine::save(&prepared, path)?;
            ui::say(&format!("saved; `asiaq apply {}` does exactly this\n", path.display()));
        }
        Ok(if prepared.plan.is_empty() { Exit::Done } else { Exit::Changes })
    }
}

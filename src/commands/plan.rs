use std::path::PathBuf;

use asiaq_compiler::reach::Difference;
use asiaq_runtime::Goal;

use crate::engine::{self, Connection, Intent, Log, Request, Selection, Shown};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format};

/// Shows what an apply would change; exits with 10 if there are changes
#[derive(clap::Args, Debug)]
pub(crate) struct Plan {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    selection: Selection,
    /// Saves the plan to this file, for `asiaq apply FILE`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Shows only drift: changes since the last apply that asiaq did not make; exits with 10 if there are any
    ///
    /// If an environment has no record of its last apply, every difference of an existing resource counts as drift.
    #[arg(long, conflicts_with = "output")]
    drift_only: bool,
    /// Plan what would wait for a maintenance window or a reboot to be done at once
    ///
    /// A database then restarts while it is used, and whatever waits already comes with it.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    shown: Shown,
    /// Output format of the plan
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Plan {
    pub(crate) fn run(&self) -> Result<Exit> {
        let log = Log::none();
        let Self { project, selection, connection, format, .. } = self;
        let path = project.path.as_deref();
        let request = Request {
            intent: Intent::Show,
            now: self.now,
            ..Request::of(selection, path, Goal::Apply, connection, *format, &log)
        };
        let mut prepared = engine::block_on(async |interrupts| engine::prepare(request, &interrupts).await)?;
        let others = prepared.others();
        if self.drift_only {
            let unrecorded: Vec<_> = prepared.unrecorded.iter().collect();
            if !unrecorded.is_empty() {
                ui::say(&format!(
                    "there is no record of the last apply to {}, so every difference of an existing resource \
                     counts as drift; the next apply that changes something creates the record\n",
                    ui::listed(&unrecorded)
                ));
            }
            prepared.plan = prepared.plan.drift(&prepared.unrecorded);
            prepared.reachability = Difference::default();
        }
        match self.format {
            Format::Text if self.drift_only && prepared.plan.is_empty() => {
                ui::out(if prepared.unrecorded.is_empty() {
                    "No drift: nothing has changed since the last apply.\n"
                } else {
                    "No drift: AWS matches the program.\n"
                });
            }
            Format::Text => {
                ui::out(&ui::plan::text(&prepared.plan, &prepared.reachability, self.shown.depth()));
            }
            Format::Json => prepared.print_json(),
        }
        ui::say(&others.note());
        if !self.drift_only {
            engine::would_be_refused(&prepared.plan, &[]);
        }
        if let Some(path) = &self.output {
            let digest = engine::save(&prepared, path)?;
            let path = path.display();
            ui::say(&format!(
                "saved; `asiaq apply {path}` applies exactly this plan. To make sure later that the file is the same:\n\
                 asiaq apply {path} --digest {digest}\n"
            ));
        }
        Ok(prepared.shown())
    }
}

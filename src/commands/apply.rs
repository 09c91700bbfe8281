use std::path::PathBuf;

use anyhow::anyhow;
use asiaq_runtime::Goal;

use crate::engine::{
    self, Connection, Consent, Execution, Intent, Log, Recording, Request, Selection, Source,
};
use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::Format;

/// Makes AWS what the program says
///
/// Shows the plan and asks first. Ctrl-C once finishes the calls in flight and stops; twice stops now. What was
/// done stays done, and another apply goes on from there.
#[derive(clap::Args, Debug)]
pub(crate) struct Apply {
    /// A file, a folder with .asq files, or a plan that `asiaq plan -o` wrote [default: as for `check`]
    #[arg(value_name = "PATH|PLAN")]
    path: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    execution: Execution,
    #[command(flatten)]
    recording: Recording,
    /// How to print how it ended
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Apply {
    pub(crate) fn run(&self) -> Result<Exit> {
        let saved = self.path.as_deref().filter(|path| !project::is_project(path));
        if saved.is_some() && !self.selection.envs.is_empty() {
            return Err(anyhow!("a saved plan has its environments already: leave out `--env`").into());
        }
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let source = match saved {
                    Some(path) => Source::Saved(path, &self.connection, log),
                    None => Source::Program(self.request(log)),
                };
                engine::run(source, &self.execution, Consent::Yes, self.format, log, &interrupts).await
            };
            engine::recorded(&self.recording, "apply", work).await
        })
    }

    fn request<'a>(&'a self, log: &'a Log) -> Request<'a> {
        Request {
            path: self.path.as_deref(),
            envs: &self.selection.envs,
            also_regions: &self.selection.also_region,
            part: None,
            verb: "apply",
            goal: Goal::Apply,
            intent: Intent::Apply,
            connection: &self.connection,
            format: self.format,
            log,
        }
    }
}

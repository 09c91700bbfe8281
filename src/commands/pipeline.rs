//! What `up` and `down` share.

use std::slice;

use asiaq_runtime::Goal;

use crate::engine::{self, Connection, Consent, Execution, Intent, Log, Part, Recording, Request, Source};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::Format;

/// A pipeline in an environment.
#[derive(clap::Args, Debug)]
pub(crate) struct Pipeline {
    /// The pipeline
    #[arg(value_name = "PIPELINE")]
    name: String,
    #[command(flatten)]
    project: Project,
    /// The environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Only this hostclass; may be repeated
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
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

impl Pipeline {
    pub(super) fn run(&self, verb: &str, goal: Goal, consent: Consent) -> Result<Exit> {
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let request = Request {
                    path: self.project.path.as_deref(),
                    envs: slice::from_ref(&self.env),
                    also_regions: &[],
                    part: Some(Part { pipeline: &self.name, hostclasses: &self.hostclasses }),
                    verb,
                    goal,
                    intent: Intent::Apply,
                    connection: &self.connection,
                    format: self.format,
                    log,
                };
                let source = Source::Program(request);
                engine::run(source, &self.execution, consent, self.format, log, &interrupts).await
            };
            engine::recorded(&self.recording, verb, work).await
        })
    }
}

use asiaq_runtime::Goal;

use crate::engine::{
    self, Connection, Consent, Execution, Intent, Log, Recording, Request, Selection, Source,
};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::Format;

/// Deletes everything that environments have in AWS
///
/// Shows the plan and asks for the names of the environments first. What asiaq did not make is not touched.
#[derive(clap::Args, Debug)]
pub(crate) struct Destroy {
    #[command(flatten)]
    project: Project,
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

impl Destroy {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let source = Source::Program(self.request(log));
                engine::run(source, &self.execution, Consent::Names, self.format, log, &interrupts).await
            };
            engine::recorded(&self.recording, "destroy", work).await
        })
    }

    fn request<'a>(&'a self, log: &'a Log) -> Request<'a> {
        Request {
            path: self.project.path.as_deref(),
            envs: &self.selection.envs,
            also_regions: &self.selection.also_region,
            part: None,
            verb: "destroy",
            goal: Goal::Destroy,
            intent: Intent::Apply,
            connection: &self.connection,
            format: self.format,
            log,
        }
    }
}

use asiaq_runtime::Goal;

use crate::engine::{self, Connection, Consent, Execution, Intent, Request, Selection, Source};
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
    /// How to print how it ended
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Destroy {
    pub(crate) fn run(&self) -> Result<Exit> {
        let request = Request {
            path: self.project.path.as_deref(),
            envs: &self.selection.envs,
            also_regions: &self.selection.also_region,
            part: None,
            verb: "destroy",
            goal: Goal::Destroy,
            intent: Intent::Apply,
            connection: &self.connection,
            format: self.format,
        };
        engine::block_on(async |interrupts| {
            let source = Source::Program(request);
            engine::run(source, &self.execution, Consent::Names, self.format, &interrupts).await
        })
    }
}

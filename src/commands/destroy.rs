use asiaq_runtime::Goal;

use crate::engine::{self, Connection, Consent, Execution, Log, Recording, Request, Selection, Source};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::Format;

/// Deletes all resources of environments in AWS
///
/// Shows the plan and asks for the names of the environments. Resources that asiaq did not create are not deleted.
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
    /// Output format of the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Destroy {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, selection, execution, connection, format, .. } = self;
        let path = project.path.as_deref();
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let request = Request::of(selection, path, Goal::Destroy, connection, *format, log);
                let source = Source::Program(request);
                engine::run(source, execution, Consent::Names, *format, log, &interrupts).await
            };
            engine::recorded(&self.recording, "destroy", work).await
        })
    }
}

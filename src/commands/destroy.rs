use asiaq_ir::Risk;
use asiaq_runtime::Goal;

use crate::engine::{self, Consent, Execution, Log, Request, Selection, Source};
use crate::exit::{Exit, Result};
use crate::project::Project;

/// Deletes the resources of environments in AWS
///
/// Shows the plan and asks for the names of the environments. Resources that asiaq did not create are not deleted.
/// Notification topics stay, so that their subscribers need not confirm again, unless `--topics` is given. The table
/// with the leases stays, because all projects share it.
#[derive(clap::Args, Debug)]
pub(crate) struct Destroy {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    selection: Selection,
    /// Also delete the notification topics
    #[arg(long)]
    topics: bool,
    #[command(flatten)]
    execution: Execution,
}

impl Destroy {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, selection, topics, execution } = self;
        let Execution { connection, format, .. } = execution;
        execution.refuse_prune("destroy")?;
        let path = project.path.as_deref();
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let request = Request {
                    data_loss: execution.allows(Risk::DataLoss),
                    with_topics: *topics,
                    ..Request::of(selection, path, Goal::Destroy, connection, *format, log)
                };
                let source = Source::Program(request);
                engine::run(source, execution, Consent::Names, log, &interrupts).await
            };
            engine::recorded(&execution.recording, "destroy", work).await
        })
    }
}

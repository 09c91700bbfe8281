use crate::engine::{self, Reading};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, identities, json};

/// Shows whose credentials a run uses, in each account that the program declares
///
/// Asks STS for the identity of the caller, and of each account by its profile or role. Says of an account that cannot be
/// used why; the exit code is then 2. Without a program shows the caller only.
#[derive(clap::Args, Debug)]
pub(crate) struct Whoami {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    reading: Reading,
}

impl Whoami {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, reading } = self;
        let known = engine::block_on(async |interrupts| {
            let look = engine::whoami(project.path.as_deref(), reading, &interrupts);
            interrupts.guard(Box::pin(look)).await
        })?;
        match reading.format {
            Format::Json => json::print(&identities::data(&known)),
            Format::Text => ui::out(&identities::text(&known)),
        }
        let is_whole = known.iter().all(|known| known.identity.is_ok());
        Ok(if is_whole { Exit::Done } else { Exit::External })
    }
}

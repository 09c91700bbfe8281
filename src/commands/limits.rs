use crate::engine::{self, Reading};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, json, limits};

/// Compares what the program can grow to with the quotas of its accounts
///
/// Counts for each account and region what the program declares, its groups at their maximum size, and what is in use in
/// the account, whoever it belongs to. The values of the quotas are those of the account, as Service Quotas says them;
/// where it does not, they are AWS's defaults. Reads AWS and changes nothing.
#[derive(clap::Args, Debug)]
pub(crate) struct Limits {
    #[command(flatten)]
    project: Project,
    /// Only the account and region of this environment; may be repeated. Default: all environments
    #[arg(long = "env", value_name = "NAME")]
    envs: Vec<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Limits {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, envs, reading } = self;
        let (all, is_partial) = engine::block_on(async |interrupts| {
            let look = engine::limits(project.path.as_deref(), envs, reading, &interrupts);
            interrupts.guard(Box::pin(look)).await
        })?;
        match reading.format {
            Format::Json => json::print(&limits::data(&all)),
            Format::Text => ui::out(&limits::text(&all)),
        }
        for note in limits::notes(&all) {
            ui::warn(&note);
        }
        Ok(Exit::of(is_partial))
    }
}

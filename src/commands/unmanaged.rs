use crate::engine::{self, Reading, UnmanagedRequest};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, json, unmanaged};

/// Lists what is in the accounts that no program of this project says, by owner
///
/// Looks through the regions that the program uses, at every kind that programs declare, and at instances and volumes. Says
/// whose each thing seems to be: another project's, a tool's, such as a CloudFormation stack, AWS's own, or nobody's. What
/// has the tags of this project is left out: `asiaq plan` says what becomes of it. Reads AWS and changes nothing.
///
/// The exit code is 10 if something is nobody's.
#[derive(clap::Args, Debug)]
#[allow(clippy::doc_markdown, reason = "help has no marks of code")]
pub(crate) struct Unmanaged {
    #[command(flatten)]
    project: Project,
    /// Only the account and region of this environment; may be repeated. Default: all environments
    #[arg(long = "env", value_name = "NAME")]
    envs: Vec<String>,
    /// Also look through this region; may be repeated
    #[arg(long = "also-region", value_name = "REGION")]
    also_regions: Vec<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Unmanaged {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, envs, also_regions, reading } = self;
        let path = project.path.as_deref();
        let (all, is_partial) = engine::block_on(async |interrupts| {
            let look = engine::unmanaged(UnmanagedRequest { path, envs, also_regions, reading }, &interrupts);
            interrupts.guard(Box::pin(look)).await
        })?;
        match reading.format {
            Format::Json => json::print(&all),
            Format::Text => ui::out(&unmanaged::text(&all)),
        }
        for note in unmanaged::notes(&all) {
            ui::warn(&note);
        }
        if all.nobodys() > 0 { Ok(Exit::Changes) } else { Ok(Exit::of(is_partial || !all.unread.is_empty())) }
    }
}

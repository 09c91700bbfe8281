use crate::engine::{self, Connection, Locks, Selection};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, json, lease};

/// Breaks the lease of a run that has died
///
/// Shows who holds the lease and asks for confirmation. A run that is still active stops. Leases of dead runs expire
/// without this command; it is for when you cannot wait.
#[derive(clap::Args, Debug)]
#[command(mut_arg("envs", |envs| envs.required_unless_present("accounts").help("This environment; may be repeated")))]
#[command(mut_arg("accounts", |accounts| accounts.help("What belongs to this account and not to an environment; may be repeated")))]
pub(crate) struct Unlock {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    selection: Selection,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
    /// Output format of the broken leases
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Unlock {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, selection, yes, format, connection } = self;
        let broken = engine::block_on(async |interrupts| {
            let find = Locks::find(project, selection, connection, *format, &interrupts);
            let locks = interrupts.guard(Box::pin(find)).await?;
            if !locks.held.is_empty() {
                if !yes {
                    locks.agree(&interrupts).await?;
                }
                locks.break_lease().await?;
            }
            Ok(locks.held)
        })?;
        match format {
            Format::Json => json::print(&broken.views()),
            Format::Text => ui::out(&lease::broken(&broken, &selection.names())),
        }
        Ok(Exit::Done)
    }
}

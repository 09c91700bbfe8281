use crate::engine::{self, Connection, LimitsRequest};
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
    /// Only this account; may be repeated. Default: all accounts of the program
    #[arg(long = "account", value_name = "NAME")]
    accounts: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Limits {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, envs, accounts, format, connection } = self;
        let (all, is_partial) = engine::block_on(async |interrupts| {
            let path = project.path.as_deref();
            let request = LimitsRequest { path, envs, accounts, connection, format: *format };
            interrupts.guard(Box::pin(engine::limits(request, &interrupts))).await
        })?;
        match format {
            Format::Json => json::print(&limits::data(&all)),
            Format::Text => ui::out(&limits::text(&all)),
        }
        for note in limits::notes(&all) {
            ui::warn(&note);
        }
        Ok(if is_partial { Exit::Partial } else { Exit::Done })
    }
}

use crate::engine::{self, Connection, visit};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, json, machines};

/// Lists the machines that run
///
/// One line a machine that is not terminated, in order of state, hostclass and name.
#[derive(clap::Args, Debug)]
pub(crate) struct Hosts {
    #[command(flatten)]
    project: Project,
    /// Only this environment; may be repeated. Without it, every environment of the caller's account
    #[arg(long = "env", value_name = "NAME")]
    envs: Vec<String>,
    /// Only machines of this hostclass; may be repeated
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// Everything that is known of them
    #[arg(long)]
    wide: bool,
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Hosts {
    pub(crate) fn run(&self) -> Result<Exit> {
        let mut hosts = engine::block_on(async |interrupts| {
            let look = async {
                let path = self.project.path.as_deref();
                Box::pin(visit(path, &self.envs, &self.connection, self.format)).await?.hosts().await
            };
            interrupts.guard(look).await
        })?;
        let is_meant = |hostclass: &Option<String>| {
            self.hostclasses.is_empty()
                || hostclass.as_ref().is_some_and(|name| self.hostclasses.contains(name))
        };
        hosts.retain(|host| is_meant(&host.hostclass));
        hosts.sort_by(|a, b| {
            (&a.state, &a.hostclass, &a.hostname, &a.id).cmp(&(&b.state, &b.hostclass, &b.hostname, &b.id))
        });
        match self.format {
            Format::Json => json::print(&hosts),
            Format::Text if hosts.is_empty() => ui::say("no machine runs\n"),
            Format::Text => ui::out(&machines::table(&hosts, machines::Columns::of(self.wide))),
        }
        Ok(Exit::Done)
    }
}

use std::collections::BTreeSet;

use anyhow::bail;
use asiaq_compiler::{EnvironmentSummary, did_you_mean};
use asiaq_runtime::Host;

use crate::engine::{self, Connection, open_project};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, instances};

/// Lists the EC2 instances of a project
///
/// One line per instance that is not terminated, ordered by state, hostclass and host name.
#[derive(clap::Args, Debug)]
pub(crate) struct Hosts {
    #[command(flatten)]
    project: Project,
    /// Only this environment; may be repeated. Default: all environments
    #[arg(long = "env", value_name = "NAME")]
    envs: Vec<String>,
    /// Only instances of this hostclass; may be repeated. Default: all hostclasses
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// Shows all columns
    #[arg(long)]
    wide: bool,
    /// Output format of the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Hosts {
    pub(crate) fn run(&self) -> Result<Exit> {
        let (mut hosts, is_partial) = engine::block_on(async |interrupts| {
            let look = async {
                let path = self.project.path.as_deref();
                let open = open_project(path, &self.envs, &self.connection, self.format, &interrupts);
                let session = Box::pin(open).await?;
                let hosts = session.hosts().await?;
                self.refuse_unknown(&session.checked.environments(), &hosts)?;
                Ok((hosts, session.is_partial))
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
        ui::list(self.format, &hosts, hosts.is_empty().then_some("no instances are running"), || {
            instances::table(&hosts, instances::Columns::of(self.wide))
        });
        Ok(Exit::of(is_partial))
    }

    /// Refuses a hostclass that is neither declared in a pipeline nor running.
    fn refuse_unknown(&self, environments: &[EnvironmentSummary], hosts: &[Host]) -> anyhow::Result<()> {
        let declared = environments.iter().filter_map(|env| env.pipeline.as_ref());
        let declared = declared.flat_map(|pipeline| pipeline.stages.iter().flatten());
        let running = hosts.iter().filter_map(|host| host.hostclass.as_ref());
        let known: BTreeSet<&str> = declared.chain(running).map(String::as_str).collect();
        let Some(name) = self.hostclasses.iter().find(|name| !known.contains(name.as_str())) else {
            return Ok(());
        };
        let known: Vec<&str> = known.into_iter().collect();
        match did_you_mean(name, &known) {
            Some(near) => bail!("no environment runs `{name}`; did you mean `{near}`?"),
            None if known.is_empty() => bail!("no environment runs `{name}`, or anything else"),
            None => bail!("no environment runs `{name}`; there are {}", ui::listed(&known)),
        }
    }
}

use crate::engine::{self, Machines};
use crate::exit::{Exit, Result};
use crate::ui::{self, instances};

/// Lists the EC2 instances of a project
///
/// One line per instance that is not terminated, ordered by state, hostclass and host name.
#[derive(clap::Args, Debug)]
pub(crate) struct Hosts {
    #[command(flatten)]
    machines: Machines,
    /// Shows all columns
    #[arg(long)]
    wide: bool,
}

impl Hosts {
    pub(crate) fn run(&self) -> Result<Exit> {
        let chosen = engine::block_on(async |interrupts| self.machines.choose(&interrupts).await)?;
        let mut hosts = chosen.hosts;
        hosts.sort_by(|a, b| {
            (&a.state, &a.hostclass, &a.hostname, &a.id).cmp(&(&b.state, &b.hostclass, &b.hostname, &b.id))
        });
        let none = hosts.is_empty().then_some("no instances are running");
        ui::list(self.machines.way.format, &hosts, none, || {
            instances::table(&hosts, instances::Columns::of(self.wide))
        });
        Ok(Exit::of(chosen.session.is_partial))
    }
}

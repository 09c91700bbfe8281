use anyhow::anyhow;
use asiaq_runtime::Host;

use crate::engine::{self, Chosen, Interrupts, Machines, RemoteOptions};
use crate::exit::{Exit, Result};
use crate::ui;

/// Logs in to an instance, by the system's own `ssh`
///
/// HOST is an instance id, a host name, an address, or a hostclass with one instance. What follows `--` is a command to run
/// there in place of a shell. The exit code is that of `ssh`.
#[derive(clap::Args, Debug)]
#[command(override_usage = "asiaq ssh [OPTIONS] HOST [PATH] [-- <COMMAND>...]")]
pub(crate) struct Ssh {
    #[command(flatten)]
    machines: Machines,
    #[command(flatten)]
    remote: RemoteOptions,
    /// Takes the first of several instances, in order of id
    #[arg(long)]
    first: bool,
    /// Forwards a port of this machine, as `ssh -L` does: `8080:localhost:80`; may be repeated
    #[arg(long = "tunnel", short = 'L', value_name = "FORWARD")]
    tunnels: Vec<String>,
    /// A command in place of a shell
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl Ssh {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| self.log_in(&interrupts).await)
    }

    async fn log_in(&self, interrupts: &Interrupts) -> Result<Exit> {
        let chosen = self.machines.choose_for("log in to", interrupts).await?;
        let host = self.one(&chosen)?;
        let remote = engine::remote(&chosen.session, &chosen.all, &[host], &self.remote)?;
        interrupts.until_interrupted(remote.prepare(&chosen.session, false)).await?;
        for reach in remote.reaches() {
            let through = reach.jump.map(|jump| format!(" through {jump}")).unwrap_or_default();
            ui::say(&format!("{} at {}{through}\n", reach.host.label(), reach.address));
        }
        let mut more = Vec::new();
        for tunnel in &self.tunnels {
            more.extend(["-L".to_owned(), tunnel.clone()]);
        }
        // An interrupt is for what runs there.
        let status = remote.session(&more, &self.command).await?;
        Ok(match status.code() {
            Some(0) => Exit::Done,
            Some(code) => Exit::Command(u8::try_from(code).unwrap_or(u8::MAX)),
            None => Exit::Command(u8::MAX),
        })
    }

    /// The instance that is meant.
    fn one<'c>(&self, chosen: &'c Chosen) -> anyhow::Result<&'c Host> {
        let (mut running, _) = chosen.running()?;
        running.sort_by(|a, b| a.id.cmp(&b.id));
        match running.as_slice() {
            [host] => Ok(host),
            [host, ..] if self.first => Ok(host),
            several => {
                let said = several.iter().map(|host| {
                    let name = host.hostname.as_deref().or(host.hostclass.as_deref()).unwrap_or_default();
                    format!("\n  {} {name} in {}", host.id, host.environment.as_deref().unwrap_or_default())
                });
                Err(anyhow!(
                    "several instances are meant; name one, or take the first with `--first`:{}",
                    said.collect::<String>()
                ))
            }
        }
    }
}

use anyhow::anyhow;
use asiaq_ir::ScopeRef;

use crate::engine::{self, Interrupts, Machines};
use crate::exit::{Exit, Result};
use crate::ui::{self, Format, json};

/// Prints what an instance has written to its console
///
/// AWS keeps the last 64 KiB. An instance on Nitro shows what it has written until now, others what they had written when they
/// last started or stopped.
#[derive(clap::Args, Debug)]
#[command(override_usage = "asiaq console [OPTIONS] HOST [PATH]")]
pub(crate) struct Console {
    #[command(flatten)]
    machines: Machines,
}

impl Console {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| self.print(&interrupts).await)
    }

    async fn print(&self, interrupts: &Interrupts) -> Result<Exit> {
        let chosen = self.machines.choose_for("read the console of", interrupts).await?;
        let [host] = chosen.hosts.as_slice() else {
            let ids: Vec<&str> = chosen.hosts.iter().map(|host| host.id.as_str()).collect();
            return Err(anyhow!("several instances are meant; name one: {}", ui::listed(&ids)).into());
        };
        let read = async {
            let env = host.environment.as_deref().unwrap_or_default();
            let cloud = &chosen.session.aws.of(ScopeRef::of_environment(env)).cloud;
            let console = cloud.bake_console(&host.region, &host.id).await;
            console.map_err(|error| engine::unusable("read the console", &error))
        };
        let console = interrupts.until_interrupted(read).await?;
        match (self.machines.way.format, &console) {
            (Format::Json, _) => {
                json::print(&serde_json::json!({ "host": host.id, "console": console }));
            }
            (Format::Text, Some(text)) => ui::out(&format!("{}\n", text.trim_end_matches(['\r', '\n']))),
            (Format::Text, None) => ui::say(&format!("{} has not written anything yet\n", host.id)),
        }
        Ok(Exit::Done)
    }
}

use anyhow::{anyhow, bail};
use asiaq_compiler::{Checked, LogFile, LogRole};
use serde::Serialize;

use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::{self, Format, json};

/// Prints the configuration of rsyslog that AMIs carry for the logs of a program
///
/// `asiaq bake` puts it into the AMIs of hostclasses. Does not access AWS.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Rsyslog {
    /// For instances that send messages: to the project's `log_forwarder`, or else to its `logger`
    Relay(Configuration),
    /// For the project's `log_forwarder`, which takes messages of other instances and sends them to the `logger`
    Forwarder(Configuration),
    /// For the project's `logger`, which files messages
    Aggregator(Configuration),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Configuration {
    #[command(flatten)]
    project: Project,
    /// Sends to the address that the `logger` or `log_forwarder` has in this environment. Default: the address that an
    /// instance gets at boot
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Output format; `json` has the other files that an AMI carries, too
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Carried<'c> {
    role: &'static str,
    /// The address to send to; none for the one that an instance gets at boot.
    target: Option<&'c str>,
    folders: Vec<Folder<'c>>,
    files: Vec<LogFile>,
}

#[derive(Serialize)]
struct Folder<'c> {
    path: &'c str,
    mode: &'static str,
}

impl Rsyslog {
    pub(crate) fn run(&self) -> Result<Exit> {
        match self {
            Self::Relay(configuration) => configuration.print(LogRole::Relay),
            Self::Forwarder(configuration) => configuration.print(LogRole::Forwarder),
            Self::Aggregator(configuration) => configuration.print(LogRole::Aggregator),
        }
    }
}

impl Configuration {
    fn print(&self, role: LogRole) -> Result<Exit> {
        let checked = project::sound(self.project.path.as_deref(), self.format)?;
        let logging = checked
            .logging()
            .ok_or_else(|| anyhow!("no project is declared: add `project NAME {{ region = us-west-2 }}`"))?;
        if !logging.has_logs() {
            ui::warn("the program declares no `log`, so that all messages are in one file");
        }
        let target = self.env.as_ref().map(|env| target(&checked, env, role)).transpose()?.flatten();
        match self.format {
            Format::Json => {
                let folders = logging.folders().map(|(path, mode)| Folder { path, mode }).into();
                let files = logging.files(role, target.as_deref());
                json::print(&Carried { role: role.word(), target: target.as_deref(), folders, files });
            }
            Format::Text => ui::out(&logging.configuration(role, target.as_deref())),
        }
        if target.is_some() {
            ui::say(&ui::from_program());
        }
        Ok(Exit::Done)
    }
}

/// The address that instances of a role send to in an environment; none for those that send nothing.
fn target(checked: &Checked, env: &str, role: LogRole) -> anyhow::Result<Option<String>> {
    let declared = checked.environments();
    let declared: Vec<&str> = declared.iter().map(|env| env.name.as_str()).collect();
    if !declared.contains(&env) {
        bail!(project::unknown_environment(env, &declared));
    }
    if role == LogRole::Aggregator {
        return Ok(None);
    }
    match checked.log_target(env, role) {
        Some(target) => Ok(Some(target)),
        None => bail!(
            "`{env}` has no `logger` with a static address: set `logger` in the project, and `ip` in that hostclass"
        ),
    }
}

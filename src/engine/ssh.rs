//! Instances over the system's own `ssh`: the way to each, their host keys, and commands on many of them.

mod config;
mod known_hosts;
mod master;
mod route;
mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use asiaq_ir::ScopeRef;
use asiaq_runtime::Host;
use futures::stream::{self, StreamExt as _};
use tokio::process::Command;

use self::config::Setting;
use self::known_hosts::KnownHosts;
use self::master::Master;
use self::route::{Route, Through};
use super::host_keys::host_keys;
use super::project_session::ProjectSession;
use super::shell::quoted;
use crate::ui;

pub(crate) use self::run::{Ended, Outcome, Output, Told};

/// Consoles that are read at the same time.
const CONSOLES: usize = 8;
/// Commands at the same time behind a jump host to which connections cannot be shared.
#[cfg(not(unix))]
const UNSHARED: usize = 8;

/// How instances are reached over SSH.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct RemoteOptions {
    /// User to log in as. Default: the one that the configuration of `ssh` says
    #[arg(long, short, value_name = "NAME")]
    user: Option<String>,
    /// Goes through an instance of this hostclass, to private addresses; may be repeated, in order of preference. Default: for
    /// instances without a public address, the `jump_hosts` of the project
    #[arg(long = "jump", value_name = "HOSTCLASS")]
    jumps: Vec<String>,
    /// Connects directly, without jump hosts
    #[arg(long, conflicts_with = "jumps")]
    no_jump: bool,
    /// Reaches instances by their private addresses, as through a VPN or a jump host
    #[arg(long)]
    use_private_ip: bool,
    /// Accepts the host key of the first contact where the console of the instance has none
    #[arg(long)]
    accept_host_key: bool,
    /// Configuration of `ssh` in place of the usual one, as `ssh -F` has it
    #[arg(long, value_name = "FILE")]
    ssh_config: Option<PathBuf>,
}

/// A way to an instance, for a message.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Reach {
    #[serde(flatten)]
    pub(crate) host: Told,
    pub(crate) address: String,
    /// Id of the jump host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jump: Option<String>,
}

/// Instances that can be reached, each with a configuration of `ssh` of its own.
#[derive(Debug)]
pub(crate) struct Remote {
    routes: Vec<Route>,
    options: RemoteOptions,
    known: KnownHosts,
    /// Folder of the configurations and of the sockets of shared connections, which nobody else can read.
    folder: tempfile::TempDir,
}

impl RemoteOptions {
    /// To log in as a user, with a configuration of `ssh` in place of the usual one.
    pub(in crate::engine) fn of(user: Option<&str>, ssh_config: Option<&Path>) -> Self {
        let (user, ssh_config) = (user.map(str::to_owned), ssh_config.map(Path::to_owned));
        Self { user, ssh_config, ..Self::default() }
    }
}

/// Finds the way to each of `hosts`, which run, among `all` instances of the project.
pub(crate) fn remote(
    session: &ProjectSession,
    all: &[Host],
    hosts: &[&Host],
    options: &RemoteOptions,
) -> anyhow::Result<Remote> {
    let mut routes = Vec::new();
    for host in hosts {
        let env = host.environment.as_deref().unwrap_or_default();
        let through = match (options.no_jump, options.jumps.as_slice()) {
            (true, _) => Through::default(),
            (false, []) => Through { hostclasses: session.checked.jump_hosts(env), always: false },
            (false, jumps) => Through { hostclasses: jumps.to_vec(), always: true },
        };
        routes.push(route::route(host, all, &through, options.use_private_ip)?);
    }
    let folder = private_folder()?;
    Ok(Remote { routes, options: options.clone(), known: KnownHosts::of_person()?, folder })
}

/// A folder with a short path: that of a socket has a hundred characters at most.
fn private_folder() -> anyhow::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("asiaq-");
    let short = Path::new("/tmp");
    let made = if cfg!(unix) && short.is_dir() { builder.tempdir_in(short) } else { builder.tempdir() };
    made.context("cannot make a folder for temporary files")
}

impl Remote {
    /// The ways, in the order of the instances.
    pub(crate) fn reaches(&self) -> Vec<Reach> {
        let reach = |route: &Route| Reach {
            host: Told::of(&route.host),
            address: route.address.to_string(),
            jump: route.jump.as_ref().map(|(jump, _)| jump.id.clone()),
        };
        self.routes.iter().map(reach).collect()
    }

    /// Looks up the host keys of instances that are new here in their consoles, and writes the configurations.
    pub(crate) async fn prepare(&self, session: &ProjectSession, is_batch: bool) -> anyhow::Result<()> {
        let mut known = self.known.ids()?;
        let hosts = self
            .routes
            .iter()
            .flat_map(|route| std::iter::once(&route.host).chain(route.jump.as_ref().map(|(jump, _)| jump)));
        let new: BTreeMap<&str, &Host> =
            hosts.filter(|host| !known.contains(&host.id)).map(|host| (host.id.as_str(), host)).collect();
        let looks = stream::iter(new.values().copied()).map(async |host| {
            let env = host.environment.as_deref().unwrap_or_default();
            let cloud = &session.aws.of(ScopeRef::of_environment(env)).cloud;
            (host, cloud.bake_console(&host.region, &host.id).await)
        });
        let looks: Vec<_> = looks.buffered(CONSOLES).collect().await;
        let mut unread = None;
        for (host, console) in looks {
            match console {
                Ok(console) => {
                    let keys = host_keys(&console.unwrap_or_default());
                    if !keys.is_empty() {
                        self.known.add(&host.id, &keys)?;
                        known.insert(host.id.clone());
                    }
                }
                Err(error) => unread = unread.or(Some(error)),
            }
        }
        if let Some(error) = unread {
            ui::warn(&format!("host keys cannot be read from the consoles of instances: {error}"));
        }
        let unknown: Vec<&str> = new.into_keys().filter(|id| !known.contains(*id)).collect();
        if !unknown.is_empty() && is_batch && !self.options.accept_host_key {
            ui::say(&format!(
                "{} new here, and no host key is in the console: the configuration of ssh decides about {}; \
                 `--accept-host-key` accepts the keys of the first contact\n",
                if unknown.len() == 1 { "an instance is" } else { "instances are" },
                ui::listed(&unknown)
            ));
        }
        for (at, route) in self.routes.iter().enumerate() {
            let setting = |host: &Host| Setting {
                id: host.id.clone(),
                is_known: known.contains(&host.id),
                accept: self.options.accept_host_key,
                user: self.options.user.clone(),
                is_batch,
            };
            let jump = route.jump.as_ref().map(|(jump, address)| {
                let socket = cfg!(unix).then(|| self.socket(&jump.id));
                (setting(jump), *address, socket)
            });
            let text = config::text(
                &setting(&route.host),
                route.address,
                jump.as_ref(),
                self.options.no_jump,
                self.known.path(),
                self.options.ssh_config.as_deref(),
            )?;
            std::fs::write(self.config(at), text).context("cannot write the configuration of ssh")?;
        }
        Ok(())
    }

    fn config(&self, at: usize) -> PathBuf {
        self.folder.path().join(format!("{at}.conf"))
    }

    /// The socket of the shared connection to a jump host.
    fn socket(&self, jump: &str) -> PathBuf {
        self.folder.path().join(jump)
    }

    /// An interactive session with the first of the instances, or a command there, in the person's terminal.
    pub(crate) async fn session(&self, more: &[String], command: &[String]) -> anyhow::Result<ExitStatus> {
        let route = self.routes.first().ok_or_else(|| anyhow!("there is no instance"))?;
        let mut ssh = Command::new("ssh");
        ssh.arg("-F").arg(self.config(0)).args(more).arg(route.address.to_string());
        if let Some(line) = line(command) {
            ssh.arg(line);
        }
        ssh.status().await.context("cannot run `ssh`, which has to be installed on this machine")
    }

    /// Runs a command on each of the instances, some at once, and tells what it writes as it comes. Gives how it ended, in the
    /// order of the instances.
    pub(crate) async fn run(
        &self,
        command: &[String],
        at_once: usize,
        limit: Option<Duration>,
        tell: impl Fn(&Told, Output, &str) + Sync,
        ended: impl Fn(&Outcome) + Sync,
    ) -> anyhow::Result<Vec<Outcome>> {
        let line = line(command).ok_or_else(|| anyhow!("there is no command"))?;
        let masters = self.masters().await?;
        #[cfg(not(unix))]
        let at_once = if self.routes.iter().any(|route| route.jump.is_some()) {
            at_once.min(UNSHARED)
        } else {
            at_once
        };
        let one = async |(at, route): (usize, &Route)| {
            let told = Told::of(&route.host);
            let jump = route.jump.as_ref().and_then(|(jump, _)| masters.get(jump.id.as_str()));
            let outcome = if let Some(Err(why)) = jump {
                Outcome { host: told, ended: Ended::Unreached(why.clone()), seconds: 0.0 }
            } else {
                let ssh = || {
                    let mut ssh = Command::new("ssh");
                    ssh.arg("-F").arg(self.config(at)).arg("-T").arg(route.address.to_string()).arg(&line);
                    ssh
                };
                run::run(told, ssh, limit, self.known.path(), &tell).await?
            };
            ended(&outcome);
            anyhow::Ok((at, outcome))
        };
        // One that hangs does not keep others from being begun.
        let work = stream::iter(self.routes.iter().enumerate()).map(one);
        let all: Vec<_> = work.buffer_unordered(at_once.max(1)).collect().await;
        for master in masters.into_values().flatten() {
            master.close().await;
        }
        let mut all: Vec<(usize, Outcome)> = all.into_iter().collect::<anyhow::Result<_>>()?;
        all.sort_by_key(|(at, _)| *at);
        Ok(all.into_iter().map(|(_, outcome)| outcome).collect())
    }

    /// One connection to each jump host, which the connections to the instances behind it share; or why there is none.
    async fn masters(&self) -> anyhow::Result<BTreeMap<&str, Result<Master, String>>> {
        let mut masters = BTreeMap::new();
        if !cfg!(unix) {
            return Ok(masters);
        }
        for (at, route) in self.routes.iter().enumerate() {
            let Some((jump, address)) = &route.jump else { continue };
            if masters.contains_key(jump.id.as_str()) {
                continue;
            }
            let opened = Master::open(&self.config(at), *address, self.folder.path()).await?;
            let opened = opened.map_err(|said| {
                let name = jump.hostname.as_deref().or(jump.hostclass.as_deref()).unwrap_or_default();
                format!("the jump host {} ({name}) cannot be reached: {said}", jump.id)
            });
            masters.insert(jump.id.as_str(), opened);
        }
        Ok(masters)
    }
}

/// A command as a line of the shell on the instance: one word is such a line, several are the words of a command.
fn line(command: &[String]) -> Option<String> {
    match command {
        [] => None,
        [line] => Some(line.clone()),
        words => Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")),
    }
}

/// The standard streams of an `ssh` that asks nothing.
fn silent(ssh: &mut Command) -> &mut Command {
    ssh.stdin(Stdio::null()).kill_on_drop(true)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn one_word_is_a_line_of_the_shell_and_several_are_words() {
        let said = |words: &[&str]| line(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(said(&[]), None);
        assert_eq!(said(&["uptime; df -h | tail"]).as_deref(), Some("uptime; df -h | tail"));
        assert_eq!(said(&["echo", "a b", "$HOME"]).as_deref(), Some("echo 'a b' '$HOME'"));
    }
}

//! The instances that a command is about.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{anyhow, bail};
use asiaq_compiler::did_you_mean;
use asiaq_runtime::{Host, Selector, SelectorPart, Unselected};

use super::project_session::ProjectSession;
use super::{Interrupts, Way, open_project};
use crate::exit::Result;
use crate::project::is_there;
use crate::ui;

/// The instances that a command is about, as its arguments say.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Machines {
    /// Instances: hostclasses, instance ids, host names or addresses; behind them a file, or a folder with .asq files.
    /// Default: the program in this folder
    #[arg(value_name = "INSTANCE")]
    words: Vec<String>,
    #[command(flatten)]
    narrowing: Narrowing,
    #[command(flatten)]
    pub(crate) way: Way,
}

/// Options that restrict the instances.
#[derive(clap::Args, Clone, Debug)]
struct Narrowing {
    /// Only instances of this hostclass; may be repeated. Default: all hostclasses
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// Only instances of this AMI; may be repeated. Default: all AMIs
    #[arg(long = "ami", value_name = "ID")]
    images: Vec<String>,
    /// Only instances of this Auto Scaling group, by its name in AWS; may be repeated. Default: all groups
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
}

/// Instances of a project, and those that were chosen.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) session: ProjectSession,
    /// All instances of the selected environments.
    pub(crate) all: Vec<Host>,
    /// Those that are meant.
    pub(crate) hosts: Vec<Host>,
    selector: Selector,
}

impl Machines {
    /// Reads the program and lists its instances. Fails if a part of the selection means nothing, or different things.
    pub(crate) async fn choose(&self, interrupts: &Interrupts) -> Result<Chosen> {
        let (path, words) = match self.words.split_last() {
            Some((path, words)) if is_there(Path::new(path)) => (Some(Path::new(path)), words),
            _ => (None, self.words.as_slice()),
        };
        choose(words, path, &self.narrowing, &self.way, interrupts).await
    }

    /// The same for a command that does something to them: refuses to mean nobody, or everybody, or several environments
    /// that are not named.
    pub(crate) async fn choose_for(&self, verb: &str, interrupts: &Interrupts) -> Result<Chosen> {
        let chosen = self.choose(interrupts).await?;
        chosen.refuse_unclear(verb, &self.way.envs)?;
        Ok(chosen)
    }
}

/// The instances that words and options mean.
async fn choose(
    words: &[String],
    path: Option<&Path>,
    narrowing: &Narrowing,
    way: &Way,
    interrupts: &Interrupts,
) -> Result<Chosen> {
    let Narrowing { hostclasses, images, groups } = narrowing.clone();
    let selector = Selector { words: words.to_vec(), hostclasses, images, groups };
    let look = async {
        let open = open_project(path, &way.envs, &way.connection, way.format, interrupts);
        let session = Box::pin(open).await?;
        let mut chosen = Chosen { session, all: Vec::new(), hosts: Vec::new(), selector };
        chosen.look().await?;
        Ok(chosen)
    };
    interrupts.guard(Box::pin(look)).await
}

impl Chosen {
    /// Lists the instances as they are now, and chooses among them.
    pub(crate) async fn look(&mut self) -> Result<()> {
        self.all = self.session.hosts().await?;
        let environments = self.session.checked.environments();
        let declared = environments.iter().filter_map(|env| env.pipeline.as_ref());
        let declared: BTreeSet<String> =
            declared.flat_map(|pipeline| pipeline.stages.iter().flatten()).cloned().collect();
        let hosts = self.selector.select(&self.all, &declared).map_err(unselected)?;
        self.hosts = hosts.into_iter().cloned().collect();
        Ok(())
    }

    /// Those that run, and the others, for a command that needs running ones. Fails if none runs, or an instance that the
    /// command line names does not.
    pub(crate) fn running(&self) -> anyhow::Result<(Vec<&Host>, Vec<&Host>)> {
        let (running, others): (Vec<&Host>, Vec<&Host>) =
            self.hosts.iter().partition(|host| host.state == "running");
        if let Some(host) = others.iter().find(|host| self.selector.names(host)) {
            bail!("{} is {}", host.id, host.state);
        }
        if running.is_empty() {
            let states: BTreeSet<&str> = others.iter().map(|host| host.state.as_str()).collect();
            let states: Vec<&str> = states.into_iter().collect();
            bail!("none of {} runs: they are {}", ui::count(others.len(), "instance"), states.join(" or "));
        }
        Ok((running, others))
    }

    /// Whether the command line names no instances.
    pub(crate) fn is_everything(&self) -> bool {
        self.selector.is_everything()
    }

    fn refuse_unclear(&self, verb: &str, envs: &[String]) -> anyhow::Result<()> {
        if self.selector.is_everything() {
            bail!(
                "say which instances to {verb}: a hostclass, an instance id, a host name or an address, or `--hostclass`, \
                 `--ami` or `--group`"
            );
        }
        if self.hosts.is_empty() {
            let classes: Vec<&String> =
                self.selector.words.iter().chain(&self.selector.hostclasses).collect();
            match classes.as_slice() {
                [] => bail!("no instance is meant: nothing is left of the options together"),
                classes => bail!("no instance of {} is there", ui::listed(classes)),
            }
        }
        let is_named = |host: &Host| {
            self.selector.names(host) || host.environment.as_ref().is_none_or(|env| envs.contains(env))
        };
        let unnamed: BTreeSet<&str> = self
            .hosts
            .iter()
            .filter(|host| !is_named(host))
            .filter_map(|host| host.environment.as_deref())
            .collect();
        if unnamed.len() > 1 {
            let unnamed: Vec<&str> = unnamed.into_iter().collect();
            bail!(
                "the instances are in several environments, {}: choose with `--env`, which may be repeated",
                ui::listed(&unnamed)
            );
        }
        Ok(())
    }
}

/// The message for a selection that means nothing certain.
fn unselected(error: Unselected) -> anyhow::Error {
    let Unselected::Unknown { part, word, known } = error else {
        return anyhow!("{error}; write an instance id, or add `--hostclass` or `--env`");
    };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = did_you_mean(&word, &known).map(|near| format!("; did you mean `{near}`?"));
    let all = |there: &str| match known.as_slice() {
        [] => ", or anything else".to_owned(),
        known => format!("; {there} {}", ui::listed(known)),
    };
    match part {
        SelectorPart::Word => {
            let near = near.unwrap_or_else(|| "; `asiaq hosts --wide` lists them".to_owned());
            anyhow!("`{word}` is no hostclass, and no id, host name or address of an instance{near}")
        }
        SelectorPart::Hostclass => {
            anyhow!("no environment runs `{word}`{}", near.unwrap_or_else(|| all("there are")))
        }
        SelectorPart::Image => {
            anyhow!("no instance runs the AMI `{word}`{}", near.unwrap_or_else(|| all("there run")))
        }
        SelectorPart::Group => {
            let all = || all("there are");
            anyhow!("no instance is of an Auto Scaling group `{word}`{}", near.unwrap_or_else(all))
        }
    }
}

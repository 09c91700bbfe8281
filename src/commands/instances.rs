//! `stop`, `terminate` and `tag`: what operators do to single instances.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_ir::{Scope, ScopeRef};
use asiaq_runtime::{Group, Host, Scopes};
use serde::Serialize;

use crate::engine::{
    self, Allow, Chosen, Interrupts, LeaseCheck, LeaseContext, LeaseWait, Locking, Machines, Writing,
};
use crate::exit::{Exit, Result};
use crate::ui::{self, Format, json};

/// Stops instances
///
/// An instance of an Auto Scaling group does not stay stopped: the group sees that it is unhealthy, terminates it and launches
/// another one.
#[derive(clap::Args, Debug)]
pub(crate) struct Stop {
    #[command(flatten)]
    machines: Machines,
    #[command(flatten)]
    how: How,
}

/// Terminates instances
///
/// An instance of an Auto Scaling group is terminated by its group: it leaves the load balancers first, and the group launches
/// another one. With `--shrink` the group wants one fewer instead. Other instances are terminated by EC2, and nothing launches
/// another one.
#[derive(clap::Args, Debug)]
pub(crate) struct Terminate {
    #[command(flatten)]
    machines: Machines,
    /// Makes the groups smaller: no other instances are launched
    #[arg(long, conflicts_with = "now")]
    shrink: bool,
    /// Terminates the instances at once, beside their groups: they do not leave the load balancers first. The groups launch
    /// others when they notice
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    how: How,
}

/// Sets and removes tags of instances
///
/// The tags that asiaq itself sets cannot be changed. New instances get the tags of the program.
#[derive(clap::Args, Debug)]
pub(crate) struct Tag {
    #[command(flatten)]
    machines: Machines,
    /// Sets a tag; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = tag)]
    set: Vec<(String, String)>,
    /// Removes a tag; may be repeated
    #[arg(long = "remove", value_name = "KEY")]
    remove: Vec<String>,
    #[command(flatten)]
    writing: Writing,
}

/// How instances are stopped or terminated.
#[derive(clap::Args, Debug)]
struct How {
    /// Allows this risk for protected instances: `replace`, and `data-loss` for those that keep data on their disks; may be
    /// repeated
    #[arg(long, value_enum, value_name = "RISK")]
    allow: Vec<Allow>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    locking: Locking,
}

pub(super) fn tag(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// What is done to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Stop,
    /// By its group, which launches another one.
    TerminateInGroup,
    /// By its group, which wants one fewer.
    Shrink,
    /// By EC2.
    Terminate,
}

/// An instance, and what is done to it.
#[derive(Debug, Serialize)]
struct Step<'c> {
    #[serde(rename = "host")]
    id: &'c str,
    hostclass: Option<&'c str>,
    environment: Option<&'c str>,
    group: Option<&'c str>,
    action: Act,
}

impl Stop {
    pub(crate) fn run(&self) -> Result<Exit> {
        run(&self.machines, "stop", &self.how, |_| Act::Stop)
    }
}

impl Terminate {
    pub(crate) fn run(&self) -> Result<Exit> {
        run(&self.machines, "terminate", &self.how, |host| match host.group {
            Some(_) if self.shrink => Act::Shrink,
            Some(_) if !self.now => Act::TerminateInGroup,
            Some(_) | None => Act::Terminate,
        })
    }
}

/// Does something to instances, under the leases of their environments.
fn run(machines: &Machines, verb: &str, how: &How, act: impl Fn(&Host) -> Act) -> Result<Exit> {
    Allow::refuse_prune(&how.allow, verb)?;
    engine::block_on(async |interrupts| {
        let lease_wait = LeaseWait::new(&how.locking, how.writing.yes);
        loop {
            let chosen = machines.choose_for(verb, &interrupts).await?;
            let format = machines.way.format;
            if let Some(exit) =
                Box::pin(change(&chosen, verb, how, &act, format, &lease_wait, &interrupts)).await?
            {
                return Ok(exit);
            }
        }
    })
}

/// Changes the instances; `None` if another run changed an environment in the meantime.
async fn change(
    chosen: &Chosen,
    verb: &str,
    how: &How,
    act: &impl Fn(&Host) -> Act,
    format: Format,
    lease_wait: &LeaseWait<'_>,
    interrupts: &Interrupts,
) -> Result<Option<Exit>> {
    let session = &chosen.session;
    let reading = async {
        let project = session.checked.project();
        let lease_check = LeaseCheck::at(&session.aws, project, &session.regions).await;
        Ok((lease_check, session.groups().await?))
    };
    let (lease_check, groups) = interrupts.guard(Box::pin(reading)).await?;
    let steps: Vec<Step<'_>> = chosen.hosts.iter().map(|host| step(host, act(host))).collect();
    let groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
    refuse_below_minimum(&steps, &groups)?;
    refuse_protected(chosen, &how.allow, how.writing.dry_run)?;
    let show = || match format {
        Format::Json => json::print(&steps),
        Format::Text => ui::out(&listed(&steps, &groups)),
    };
    if how.writing.dry_run {
        show();
        return Ok(Some(Exit::Changes));
    }
    let mut scopes = Scopes::new();
    for host in &chosen.hosts {
        let env = host.environment.as_deref().unwrap_or_default();
        scopes.entry(host.region.clone()).or_default().insert(Scope::environment(env));
    }
    let (aws, project, caller) = (&session.aws, session.checked.project(), &session.identity.arn);
    let context = LeaseContext { aws, caller, project, scopes: &scopes, lease_check: &lease_check };
    if lease_wait.wait(&context, interrupts).await? {
        return Ok(None);
    }
    if !how.writing.yes {
        ui::say(&listed(&steps, &groups));
        let question = format!("{} {}?", capital(verb), ui::count(steps.len(), "instance"));
        how.writing.agreed(&question, interrupts).await?;
    }
    let Some(lock) = lease_wait.take(&context, interrupts).await? else { return Ok(None) };
    let done = Box::pin(carry_out(chosen, &steps)).await;
    lock.release(aws, &lease_check.words()).await;
    done?;
    show();
    Ok(Some(Exit::Done))
}

fn step(host: &Host, action: Act) -> Step<'_> {
    Step {
        id: &host.id,
        hostclass: host.hostclass.as_deref(),
        environment: host.environment.as_deref(),
        group: host.group.as_deref(),
        action,
    }
}

/// Refuses to make a group smaller than its minimum.
fn refuse_below_minimum(steps: &[Step<'_>], groups: &[Group]) -> anyhow::Result<()> {
    for group in groups {
        let own = steps.iter().filter(|step| step.group == Some(group.name.as_str()));
        let fewer = own.filter(|step| step.action == Act::Shrink).count();
        let left = group.desired.saturating_sub(u32::try_from(fewer).unwrap_or(u32::MAX));
        if fewer > 0 && left < group.min {
            let class = group.hostclass.as_deref().unwrap_or_default();
            bail!(
                "the group `{}` would have {left} instances, and its minimum is {}: `asiaq scale {class} --env {} --min {left}` \
                 lowers it",
                group.name,
                group.min,
                group.address.env()
            );
        }
    }
    Ok(())
}

fn refuse_protected(chosen: &Chosen, allow: &[Allow], is_dry: bool) -> anyhow::Result<()> {
    let named =
        chosen.hosts.iter().filter_map(|host| Some((host.environment.as_ref()?, host.hostclass.as_ref()?)));
    let named: BTreeSet<(&String, &String)> = named.collect();
    for (env, hostclass) in named {
        let Some((place, risk)) = engine::protection(&chosen.session.checked, env, hostclass) else {
            continue;
        };
        if !is_dry && !allow.iter().any(|allowed| allowed.risk() >= Some(risk)) {
            bail!(
                "the instances of `{hostclass}` in `{env}` are protected by {place}: add `--allow {}` to go on anyway",
                risk.word()
            );
        }
    }
    Ok(())
}

/// Makes the calls, account by account.
async fn carry_out(chosen: &Chosen, steps: &[Step<'_>]) -> anyhow::Result<()> {
    let mut places: BTreeMap<(&str, &str), (&Aws, Vec<&Step<'_>>)> = BTreeMap::new();
    for (host, step) in chosen.hosts.iter().zip(steps) {
        let env = host.environment.as_deref().unwrap_or_default();
        let member = chosen.session.aws.of(ScopeRef::of_environment(env));
        let key = (member.account.as_str(), host.region.as_str());
        places.entry(key).or_insert((&member.cloud, Vec::new())).1.push(step);
    }
    for ((_, region), (cloud, steps)) in places {
        let of = |act: Act| -> Vec<String> {
            steps.iter().filter(|step| step.action == act).map(|step| step.id.to_owned()).collect()
        };
        let refused = |error: &asiaq_runtime::CloudError| engine::unusable("change the instances", error);
        cloud.stop_instances(region, &of(Act::Stop)).await.map_err(|error| refused(&error))?;
        cloud.terminate_instances(region, &of(Act::Terminate)).await.map_err(|error| refused(&error))?;
        for (act, shrinks) in [(Act::TerminateInGroup, false), (Act::Shrink, true)] {
            for id in of(act) {
                let done = cloud.terminate_in_group(region, &id, shrinks).await;
                done.map_err(|error| refused(&error).context(format!("{id} was not terminated")))?;
            }
        }
    }
    Ok(())
}

/// What is done, a line for each instance.
fn listed(steps: &[Step<'_>], groups: &[Group]) -> String {
    let line = |step: &Step<'_>| {
        let group = step.group.map(|name| format!("its group `{name}`"));
        let size = groups.iter().find(|group| step.group == Some(group.name.as_str()));
        let how = match (step.action, group) {
            (Act::Stop, Some(group)) => format!("stops; {group} terminates it and launches another one"),
            (Act::Stop, None) => "stops".to_owned(),
            (Act::TerminateInGroup, Some(group)) => {
                format!("is terminated by {group}, which launches another one")
            }
            (Act::Shrink, Some(group)) => {
                let wanted = size.map(|group| format!(" of {}", group.desired)).unwrap_or_default();
                format!("is terminated by {group}, which wants one fewer{wanted}")
            }
            (Act::Terminate, Some(group)) => {
                format!("is terminated at once; {group} launches another one when it notices")
            }
            (Act::Terminate | Act::TerminateInGroup | Act::Shrink, None) => {
                "is terminated; it is in no group, and nothing launches another one".to_owned()
            }
        };
        let class = step.hostclass.map(|class| format!("{class} ")).unwrap_or_default();
        let env = step.environment.map(|env| format!(" in {env}")).unwrap_or_default();
        format!("{class}{}{env} {how}\n", step.id)
    };
    steps.iter().map(line).collect()
}

fn capital(verb: &str) -> String {
    let mut signs = verb.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

impl Tag {
    pub(crate) fn run(&self) -> Result<Exit> {
        refuse_unusable_tags(&self.set, &self.remove, "an instance")?;
        engine::block_on(async |interrupts| self.tag(&interrupts).await)
    }

    async fn tag(&self, interrupts: &Interrupts) -> Result<Exit> {
        let chosen = self.machines.choose_for("tag", interrupts).await?;
        let ids: Vec<&str> = chosen.hosts.iter().map(|host| host.id.as_str()).collect();
        let show = || match self.machines.way.format {
            Format::Json => json::print(&ids),
            Format::Text => ui::out(&ids.iter().map(|id| [*id, "\n"].concat()).collect::<String>()),
        };
        if self.writing.dry_run {
            show();
            return Ok(Exit::Changes);
        }
        let question = format!("Change tags of {}?", ui::count(ids.len(), "instance"));
        self.writing.agreed(&question, interrupts).await?;
        let set: BTreeMap<String, String> = self.set.iter().cloned().collect();
        for host in &chosen.hosts {
            let env = host.environment.as_deref().unwrap_or_default();
            let cloud = &chosen.session.aws.of(ScopeRef::of_environment(env)).cloud;
            let done =
                cloud.tag_instances(&host.region, std::slice::from_ref(&host.id), &set, &self.remove).await;
            done.map_err(|error| engine::unusable("tag the instances", &error))?;
        }
        show();
        Ok(Exit::Done)
    }
}

/// Refuses changes of tags that mean nothing, or that are of tags which say whose `what` is.
pub(super) fn refuse_unusable_tags(
    set: &[(String, String)],
    remove: &[String],
    what: &str,
) -> anyhow::Result<()> {
    if set.is_empty() && remove.is_empty() {
        bail!("say what to change: `--set KEY=VALUE` or `--remove KEY`");
    }
    let keys: Vec<&String> = set.iter().map(|(key, _)| key).chain(remove).collect();
    if let Some(key) = keys.iter().find(|key| key.starts_with("asiaq:") || key.starts_with("aws:")) {
        bail!("the tag `{key}` is not for people: it says whose {what} is");
    }
    let mut seen = BTreeSet::new();
    match keys.iter().find(|key| !seen.insert(key.as_str())) {
        Some(key) => Err(anyhow!("the tag `{key}` is there twice")),
        None => Ok(()),
    }
}

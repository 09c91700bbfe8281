use std::collections::BTreeSet;

use anyhow::{anyhow, bail};
use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Risk, Scope, ScopeRef};
use asiaq_runtime::{Fleet as _, Group, Scopes, Sizes};

use crate::engine::{
    self, Allow, Connection, Interrupts, LeaseCheck, LeaseContext, LeaseWait, Locking, confirm, open_project,
};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, json};

/// Changes the size of a hostclass's Auto Scaling group immediately
///
/// Shows the sizes before and after, and asks for confirmation. Only the sizes that are given change, except that the
/// desired number follows a bound that passes it. Does not change the program: if the program sets the size, the next
/// plan sets it back.
#[derive(clap::Args, Debug)]
pub(crate) struct Scale {
    /// Name of the hostclass
    #[arg(value_name = "HOSTCLASS")]
    hostclass: String,
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Minimum number of instances. Default: unchanged
    #[arg(long, value_name = "N")]
    min: Option<u32>,
    /// Desired number of instances, between the minimum and the maximum. Default: unchanged
    #[arg(long, value_name = "N")]
    desired: Option<u32>,
    /// Maximum number of instances. Default: unchanged
    #[arg(long, value_name = "N")]
    max: Option<u32>,
    /// Allows this risk for protected resources: a protected group shrinks only with `replace`, and one whose instances
    /// keep data on disks only with `data-loss`; may be repeated
    #[arg(long, value_enum, value_name = "RISK")]
    allow: Vec<Allow>,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
    /// Show what would change; change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    locking: Locking,
    /// Output format of the sizes
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

/// The size of a group before and after.
#[derive(serde::Serialize)]
struct Scaled<'a> {
    group: &'a str,
    before: Sizes,
    after: Sizes,
}

impl Scale {
    pub(crate) fn run(&self) -> Result<Exit> {
        Allow::refuse_prune(&self.allow, "scale")?;
        engine::block_on(async |interrupts| {
            let lease_wait = LeaseWait::new(&self.locking, self.yes);
            loop {
                if let Some(exit) = Box::pin(self.scale(&lease_wait, &interrupts)).await? {
                    return Ok(exit);
                }
            }
        })
    }

    /// Scales the group; `None` if another run changed the environment in the meantime.
    async fn scale(&self, lease_wait: &LeaseWait<'_>, interrupts: &Interrupts) -> Result<Option<Exit>> {
        let envs = [self.env.clone()];
        let path = self.project.path.as_deref();
        let all = async {
            let session = open_project(path, &envs, &self.connection, self.format, interrupts).await?;
            let lease_check = LeaseCheck::at(&session.aws, session.checked.project(), &session.regions).await;
            let groups = session.groups().await?;
            Ok((session, lease_check, groups))
        };
        let (session, lease_check, groups) = interrupts.guard(Box::pin(all)).await?;
        let (region, group) = self.find(&groups)?;
        let before = Sizes { min: Some(group.min), desired: Some(group.desired), max: Some(group.max) };
        let after = self.wanted(group)?;
        let loss = self.loss(&session.checked, before, after);
        self.refuse_protected(&session.checked, loss)?;
        if before != after && !self.dry_run {
            let project = session.checked.project();
            let scopes = envs.iter().map(|env| Scope::environment(env)).collect();
            let scopes = Scopes::from([(region.clone(), scopes)]);
            let (aws, scopes, lease_check) = (&session.aws, &scopes, &lease_check);
            let caller = &session.identity.arn;
            let member = aws.of(ScopeRef::of_environment(&self.env));
            let account = &member.account;
            let context = LeaseContext { aws, caller, project, scopes, lease_check };
            if lease_wait.wait(&context, interrupts).await? {
                return Ok(None);
            }
            if !self.yes {
                let loss = match loss {
                    Loss::Nothing => "",
                    Loss::Instances => "This terminates instances. ",
                    Loss::Data => "This terminates instances and deletes their disks. ",
                };
                ui::say(&format!("{}: {} → {}\n", group.name, shown(before), shown(after)));
                confirm(
                    format!("{loss}Change the size in `{}` in account {account}? [y/N] ", self.env),
                    interrupts,
                )
                .await?;
            }
            let Some(lock) = lease_wait.take(&context, interrupts).await? else { return Ok(None) };
            let scaled = member.cloud.scale(region, project, &group.name, after).await;
            lock.release(aws, &lease_check.words()).await;
            scaled.map_err(|error| anyhow!("the size of `{}` could not be changed: {error}", group.name))?;
        }
        match self.format {
            Format::Json => json::print(&Scaled { group: &group.name, before, after }),
            Format::Text => ui::out(&format!("{}: {} → {}\n", group.name, shown(before), shown(after))),
        }
        Ok(Some(if self.dry_run && before != after { Exit::Changes } else { Exit::Done }))
    }

    /// The Auto Scaling group of the hostclass.
    fn find<'g>(&self, groups: &'g [(String, Group)]) -> anyhow::Result<&'g (String, Group)> {
        let (env, name) = (&self.env, self.hostclass.as_str());
        let mut meant = groups.iter().filter(|(_, group)| group.hostclass.as_deref() == Some(name));
        match (meant.next(), meant.next()) {
            (Some(group), None) => Ok(group),
            (Some(_), Some(_)) => {
                bail!(
                    "there are two Auto Scaling groups of `{name}` in `{env}`: run `asiaq plan --env {env}`"
                )
            }
            (None, _) => {
                let known: BTreeSet<&str> =
                    groups.iter().filter_map(|(_, group)| group.hostclass.as_deref()).collect();
                let known: Vec<&str> = known.into_iter().collect();
                match did_you_mean(name, &known) {
                    Some(near) => {
                        bail!("there is no Auto Scaling group of `{name}` in `{env}`; did you mean `{near}`?")
                    }
                    None if known.is_empty() => {
                        bail!("there are no instances in `{env}`: run `asiaq apply --env {env}`")
                    }
                    None => bail!(
                        "there is no Auto Scaling group of `{name}` in `{env}`; there are {}",
                        ui::listed(&known)
                    ),
                }
            }
        }
    }

    /// What is lost between two sizes.
    fn loss(&self, checked: &Checked, before: Sizes, after: Sizes) -> Loss {
        if after.desired >= before.desired {
            return Loss::Nothing;
        }
        let has_data = engine::keeps_data(checked, &self.env, &self.hostclass);
        if has_data { Loss::Data } else { Loss::Instances }
    }

    fn refuse_protected(&self, checked: &Checked, loss: Loss) -> anyhow::Result<()> {
        let Some(place) = checked.protection(&self.env, &self.hostclass) else { return Ok(()) };
        let (what, risk) = match loss {
            Loss::Nothing => return Ok(()),
            Loss::Instances => ("this terminates instances", Risk::Replace),
            Loss::Data => ("this terminates instances and deletes their disks", Risk::DataLoss),
        };
        let is_allowed = self.allow.iter().any(|allowed| allowed.risk() >= Some(risk));
        if is_allowed || self.dry_run {
            return Ok(());
        }
        bail!("{what}, and they are protected by {place}: add `--allow {}` to scale anyway", risk.word())
    }

    /// The three sizes to set.
    fn wanted(&self, group: &Group) -> anyhow::Result<Sizes> {
        if (self.min, self.desired, self.max) == (None, None, None) {
            bail!("set a size: `--desired N`, `--min N` or `--max N`");
        }
        let (min, max) = (self.min.unwrap_or(group.min), self.max.unwrap_or(group.max));
        if min > max {
            let way_out = match (self.min, self.max) {
                (Some(_), None) => format!(": add `--max {min}`"),
                (None, Some(_)) => format!(": add `--min {max}`"),
                (Some(_), Some(_)) | (None, None) => String::new(),
            };
            bail!("the minimum {min} is above the maximum {max}{way_out}");
        }
        let desired = self.desired.unwrap_or_else(|| group.desired.clamp(min, max));
        if desired > max {
            bail!("the desired number {desired} is above the maximum {max}: add `--max {desired}`");
        }
        if desired < min {
            bail!("the desired number {desired} is below the minimum {min}: add `--min {desired}`");
        }
        Ok(Sizes { min: Some(min), desired: Some(desired), max: Some(max) })
    }
}

/// What is lost when a group changes its size.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Nothing,
    Instances,
    /// Instances, and the data on their disks.
    Data,
}

/// `2 (1 to 4)`
fn shown(sizes: Sizes) -> String {
    let number = |size: Option<u32>| size.unwrap_or_default();
    format!("{} ({} to {})", number(sizes.desired), number(sizes.min), number(sizes.max))
}

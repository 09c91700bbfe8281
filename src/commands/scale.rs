use std::collections::BTreeSet;

use anyhow::{anyhow, bail};
use asiaq_compiler::did_you_mean;
use asiaq_ir::Scope;
use asiaq_runtime::{Fleet as _, Group, Identity, Scopes, Sizes};

use crate::engine::{
    self, Allow, Connection, Interrupts, LeaseCheck, LeaseContext, LeaseWait, Locking, open_project,
};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, json};

/// Changes the size of a hostclass's Auto Scaling group immediately
///
/// Does not change the program: if the program sets the size, the next plan sets it back.
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
    /// Desired number of instances. Default: unchanged
    #[arg(long, value_name = "N")]
    desired: Option<u32>,
    /// Maximum number of instances. Default: unchanged
    #[arg(long, value_name = "N")]
    max: Option<u32>,
    /// Allows this risk for protected resources: a protected group shrinks only with this option; may be repeated
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
            let session = open_project(path, &envs, &self.connection, self.format).await?;
            let lease_check = LeaseCheck::at(&session.aws, session.checked.project(), &session.regions).await;
            let groups = session.groups().await?;
            Ok((session, lease_check, groups))
        };
        let (session, lease_check, groups) = interrupts.guard(Box::pin(all)).await?;
        let (region, group) = self.find(&groups)?;
        let before = Sizes { min: Some(group.min), desired: Some(group.desired), max: Some(group.max) };
        let after = self.wanted(group)?;
        let protection = session.checked.protection(&self.env, &self.hostclass);
        if let Some(place) = protection
            && after.desired < before.desired
            && self.allow.is_empty()
            && !self.dry_run
        {
            return Err(anyhow!(
                "this terminates instances, and they are protected by {place}: add `--allow replace` to scale anyway"
            )
            .into());
        }
        if before != after && !self.dry_run {
            let project = session.checked.project();
            let scopes = envs.iter().map(|env| Scope::environment(env)).collect();
            let scopes = Scopes::from([(region.clone(), scopes)]);
            let Identity { account, arn: caller } = &session.identity;
            let (aws, scopes, lease_check) = (&session.aws, &scopes, &lease_check);
            let context = LeaseContext { aws, account, caller, project, scopes, lease_check };
            if lease_wait.wait(&context, interrupts).await? {
                return Ok(None);
            }
            let Some(lock) = lease_wait.take(&context, interrupts).await? else { return Ok(None) };
            let scaled = aws.scale(region, project, &group.name, after).await;
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

    /// The three sizes to set: bounds that are not given are widened as needed.
    fn wanted(&self, group: &Group) -> anyhow::Result<Sizes> {
        if (self.min, self.desired, self.max) == (None, None, None) {
            bail!("set a size: `--desired N`, `--min N` or `--max N`");
        }
        let wanted = self.desired.unwrap_or(group.desired);
        let min = self
            .min
            .unwrap_or_else(|| if self.desired.is_some() { group.min.min(wanted) } else { group.min });
        let max = self.max.unwrap_or_else(|| group.max.max(wanted).max(min));
        let min = if self.min.is_none() { min.min(max) } else { min };
        let desired = self.desired.unwrap_or_else(|| wanted.clamp(min.min(max), max));
        if !(min..=max).contains(&desired) {
            bail!(
                "{min} ≤ {desired} ≤ {max} is false: the desired number must be between the minimum and the maximum"
            );
        }
        Ok(Sizes { min: Some(min), desired: Some(desired), max: Some(max) })
    }
}

/// `2 (1 to 4)`
fn shown(sizes: Sizes) -> String {
    let number = |size: Option<u32>| size.unwrap_or_default();
    format!("{} ({} to {})", number(sizes.desired), number(sizes.min), number(sizes.max))
}

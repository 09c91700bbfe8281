use std::collections::BTreeSet;

use anyhow::{anyhow, bail};
use asiaq_compiler::did_you_mean;
use asiaq_ir::{Scope, ScopeRef};
use asiaq_runtime::{
    ChaosGroup, ChaosPlan, ChaosRule, ChaosTerms, Scopes, Share, is_between, is_working_day,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::engine::{
    self, Allow, Connection, Interrupts, LeaseCheck, LeaseContext, LeaseWait, Locking, ProjectSession,
    Writing, open_project,
};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, chaos, json};

/// Terminates instances at random, which their groups replace, to show that nothing depends on a single one
///
/// `--level` says how many: a share of the healthy instances of all groups that take part, rounded down, and at least one. Of each
/// group, `--retain` of the healthy instances stay, rounded up. Left out are hostclasses, runs and instances with `chaos = false`
/// (on an instance the tag), hostclasses under a deploy, instances that are protected from scale-in, and what the program
/// protects. Nothing happens on Saturdays and Sundays unless `--any-day` is given.
#[derive(clap::Args, Debug)]
pub(crate) struct Chaos {
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Share of the healthy instances that is terminated, such as `1%`; more than nothing
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = level)]
    level: Share,
    /// Share of the healthy instances of each group that stays, such as `33%`
    #[arg(long, value_name = "PERCENT", default_value = "33%")]
    retain: Share,
    /// The most instances in all, whatever the level says. Default: no more than the level says
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// Only instances of this hostclass; may be repeated. Default: all hostclasses
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// Chooses as another run did that printed this number, as long as the instances are the same
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Also on Saturdays and Sundays
    #[arg(long)]
    any_day: bool,
    /// Only between these hours, such as `9-17`. Default: all day
    #[arg(long, value_name = "FROM-TO", value_parser = hours)]
    hours: Option<(u8, u8)>,
    /// The time zone of days and hours, such as `Europe/Berlin`
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    timezone: Zone,
    /// Allows this risk for what is protected: `replace`, and `data-loss` for instances that keep data on their disks; may be
    /// repeated
    #[arg(long, value_enum, value_name = "RISK")]
    allow: Vec<Allow>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    locking: Locking,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

fn level(text: &str) -> std::result::Result<Share, String> {
    let share: Share = text.parse()?;
    if share.is_zero() {
        Err("nothing is chosen then: write more, such as `1%`".to_owned())
    } else {
        Ok(share)
    }
}

fn hours(text: &str) -> std::result::Result<(u8, u8), String> {
    let hours = text.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let hours = hours.filter(|(from, to)| from < to && *to <= 24);
    hours.ok_or_else(|| "write two hours of a day from 0 to 24, the earlier first, such as `9-17`".to_owned())
}

/// A time zone, as the person wrote it.
#[derive(Clone, Debug)]
struct Zone {
    name: String,
    zone: TimeZone,
}

fn zone(name: &str) -> std::result::Result<Zone, String> {
    match TimeZone::get(name) {
        Ok(zone) => Ok(Zone { name: name.to_owned(), zone }),
        Err(_) => {
            Err("write a name of the IANA time zone database, such as `Europe/Berlin` or `UTC`".to_owned())
        }
    }
}

impl Zone {
    /// The second that a clock there shows, counted as if it showed UTC.
    fn local(&self, at: Timestamp) -> i64 {
        at.as_second().saturating_add(self.zone.to_offset(at).seconds().into())
    }
}

/// A number at random, small enough for JSON not to lose digits.
fn any_seed() -> anyhow::Result<u64> {
    let seed = getrandom::u32();
    seed.map(u64::from).map_err(|error| anyhow!("the operating system gives no random numbers: {error}"))
}

/// What chaos did, or would do.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    plan: &'a ChaosPlan,
    level: String,
    retain: String,
    /// Instances that AWS did not terminate, and why.
    failed: Vec<(String, String)>,
}

impl Chaos {
    pub(crate) fn run(&self) -> Result<Exit> {
        Allow::refuse_prune(&self.allow, "chaos")?;
        if let Some(why) = self.pause() {
            ui::say(&format!("nothing is terminated: {why}\n"));
            if self.format == Format::Json {
                json::print(&self.report(&ChaosPlan::default(), Vec::new()));
            }
            return Ok(Exit::Done);
        }
        let seed = self.seed.map_or_else(any_seed, Ok)?;
        engine::block_on(async |interrupts| {
            let lease_wait = LeaseWait::new(&self.locking, self.writing.yes);
            loop {
                if let Some(exit) = Box::pin(self.once(seed, &lease_wait, &interrupts)).await? {
                    return Ok(exit);
                }
            }
        })
    }

    /// Why nothing happens now.
    fn pause(&self) -> Option<String> {
        let (now, zone) = (self.timezone.local(Timestamp::now()), &self.timezone.name);
        if !self.any_day && !is_working_day(now) {
            return Some(format!("it is Saturday or Sunday, by {zone}; `--any-day` goes on all the same"));
        }
        let (from, to) = self.hours?;
        (!is_between(now, (from, to))).then(|| format!("it is not between {from}:00 and {to}:00, by {zone}"))
    }

    /// Chooses and terminates; `None` if another run changed the environment in the meantime.
    async fn once(
        &self,
        seed: u64,
        lease_wait: &LeaseWait<'_>,
        interrupts: &Interrupts,
    ) -> Result<Option<Exit>> {
        let reading = async {
            let (path, envs) = (self.project.path.as_deref(), [self.env.clone()]);
            let session = open_project(path, &envs, &self.connection, self.format, interrupts).await?;
            let project = session.checked.project();
            let lease_check = LeaseCheck::at(&session.aws, project, &session.regions).await;
            let groups = self.groups(&session).await?;
            Ok((session, lease_check, groups))
        };
        let (session, lease_check, groups) = interrupts.guard(Box::pin(reading)).await?;
        self.refuse_unknown(&session, &groups)?;
        let termed = |group: ChaosGroup| {
            let terms = self.terms(&session, &group);
            (group, terms)
        };
        let groups: Vec<(ChaosGroup, ChaosTerms)> = groups.into_iter().map(termed).collect();
        let rule = ChaosRule { level: self.level, retain: self.retain, most: self.max, seed };
        let plan = rule.choose(&groups);
        if plan.chosen.is_empty() || self.writing.dry_run {
            self.show(&plan, Vec::new());
            ui::say(&self.summary(&plan));
            return Ok(Some(if plan.chosen.is_empty() { Exit::Done } else { Exit::Changes }));
        }
        let mut scopes = Scopes::new();
        for victim in &plan.chosen {
            scopes.entry(victim.region.clone()).or_default().insert(Scope::environment(&victim.environment));
        }
        let (aws, project, caller) = (&session.aws, session.checked.project(), &session.identity.arn);
        let context = LeaseContext { aws, caller, project, scopes: &scopes, lease_check: &lease_check };
        if lease_wait.wait(&context, interrupts).await? {
            return Ok(None);
        }
        if !self.writing.yes {
            ui::say(&(chaos::groups(&plan) + &chaos::chosen(&plan)));
            let question = format!(
                "Terminate {} of {} in `{}`?",
                ui::count(plan.chosen.len(), "instance"),
                plan.healthy,
                self.env
            );
            self.writing.agreed(&question, interrupts).await?;
        }
        let Some(lock) = lease_wait.take(&context, interrupts).await? else { return Ok(None) };
        let (failed, is_cut) = Box::pin(self.carry_out(&session, &plan, interrupts)).await;
        lock.release(aws, &lease_check.words()).await;
        self.show(&plan, failed.clone());
        ui::say(&self.summary(&plan));
        for (id, why) in &failed {
            ui::warn(&format!("{id} was not terminated: {why}"));
        }
        Ok(Some(match (is_cut, failed.is_empty()) {
            (true, _) => Exit::Interrupted,
            (false, true) => Exit::Done,
            (false, false) => Exit::Partial,
        }))
    }

    async fn groups(&self, session: &ProjectSession) -> anyhow::Result<Vec<ChaosGroup>> {
        let cloud = &session.aws.of(ScopeRef::of_environment(&self.env)).cloud;
        let mut groups = Vec::new();
        for region in &session.regions {
            let found = cloud.chaos_groups(region, session.checked.project(), &self.env).await;
            groups.extend(found.map_err(|error| engine::unusable("list the Auto Scaling groups", &error))?);
        }
        Ok(groups)
    }

    /// Refuses a hostclass that the environment does not have.
    fn refuse_unknown(&self, session: &ProjectSession, groups: &[ChaosGroup]) -> anyhow::Result<()> {
        let environments = session.checked.environments();
        let declared = environments.iter().filter(|env| env.name == self.env);
        let declared = declared.filter_map(|env| env.pipeline.as_ref());
        let declared = declared.flat_map(|pipeline| pipeline.stages.iter().flatten());
        let known: BTreeSet<&str> =
            declared.chain(groups.iter().map(|group| &group.hostclass)).map(String::as_str).collect();
        let Some(name) = self.hostclasses.iter().find(|name| !known.contains(name.as_str())) else {
            return Ok(());
        };
        let known: Vec<&str> = known.into_iter().collect();
        match did_you_mean(name, &known) {
            Some(near) => bail!("`{}` runs no `{name}`; did you mean `{near}`?", self.env),
            None => bail!("`{}` runs no `{name}`", self.env),
        }
    }

    /// What the program and the command line say of a group.
    fn terms(&self, session: &ProjectSession, group: &ChaosGroup) -> ChaosTerms {
        let hostclass = &group.hostclass;
        let protection = engine::protection(&session.checked, &self.env, hostclass);
        let protection =
            protection.filter(|(_, risk)| !self.allow.iter().any(|allowed| allowed.risk() >= Some(*risk)));
        ChaosTerms {
            allowed: session.checked.allows_chaos(&self.env, hostclass),
            protection: protection
                .map(|(place, risk)| format!("it is protected by {place}; `--allow {}`", risk.word())),
            is_unnamed: !self.hostclasses.is_empty() && !self.hostclasses.contains(hostclass),
        }
    }

    /// Has the groups terminate the instances; gives those that were not, and whether the run was interrupted.
    async fn carry_out(
        &self,
        session: &ProjectSession,
        plan: &ChaosPlan,
        interrupts: &Interrupts,
    ) -> (Vec<(String, String)>, bool) {
        let cloud = &session.aws.of(ScopeRef::of_environment(&self.env)).cloud;
        let mut failed = Vec::new();
        for victim in &plan.chosen {
            if interrupts.any() {
                failed.push((victim.id.clone(), "the run was interrupted".to_owned()));
                continue;
            }
            match cloud.terminate_in_group(&victim.region, &victim.id, false).await {
                Ok(()) => ui::say(&format!("{} {} is terminated\n", victim.hostclass, victim.id)),
                Err(error) => {
                    let error = engine::unusable("terminate the instance", &error);
                    failed.push((victim.id.clone(), format!("{error:#}")));
                }
            }
        }
        (failed, interrupts.any())
    }

    fn report<'p>(&self, plan: &'p ChaosPlan, failed: Vec<(String, String)>) -> Report<'p> {
        Report { plan, level: self.level.to_string(), retain: self.retain.to_string(), failed }
    }

    fn show(&self, plan: &ChaosPlan, failed: Vec<(String, String)>) {
        match self.format {
            Format::Json => json::print(&self.report(plan, failed)),
            Format::Text => {
                ui::say(&chaos::groups(plan));
                ui::out(&chaos::chosen(plan));
            }
        }
    }

    fn summary(&self, plan: &ChaosPlan) -> String {
        let Self { level, retain, env, .. } = self;
        if plan.chosen.is_empty() {
            return format!("no instance of `{env}` is terminated\n");
        }
        format!(
            "{} of {}: level {level}, {retain} of each group stay; `--seed {}` chooses the same ones\n",
            plan.chosen.len(),
            ui::count(plan.healthy, "healthy instance"),
            plan.seed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_are_those_of_the_zone() {
        // Friday, 23:30 UTC, in summer and in winter.
        let summer: Timestamp = "2026-07-31T23:30:00Z".parse().unwrap();
        let winter: Timestamp = "2026-11-27T23:30:00Z".parse().unwrap();
        let day = |name: &str, at| is_working_day(zone(name).unwrap().local(at));
        assert!(day("UTC", summer) && !day("Europe/Berlin", summer) && !day("Europe/Berlin", winter));
        let hour = |name: &str, at, hour| is_between(zone(name).unwrap().local(at), (hour, hour + 1));
        assert!(
            hour("UTC", summer, 23) && hour("Europe/Berlin", summer, 1) && hour("Europe/Berlin", winter, 0)
        );
        assert!(hour("America/New_York", winter, 18) && hour("Asia/Kolkata", winter, 5));
        assert!(zone("Berlin").is_err() && zone("").is_err());
    }
}

//! Leases and their holders, as text and as data.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use asiaq_aws::LEASES;
use asiaq_ir::Scope;
use asiaq_runtime::{Held, LeaseLost, Scopes};
use jiff::Timestamp;
use serde::Serialize;

use super::text::{WARNING, listed, paint, span};

/// More than a lease lasts: `--lease` takes a day at most, and clocks differ.
const LONGEST: Duration = Duration::from_hours(25);

/// Active and dead runs on environments.
#[derive(Clone, Debug)]
pub(crate) struct Others {
    pub(crate) active: Vec<Held>,
    pub(crate) dead: Vec<Held>,
    pub(crate) now: SystemTime,
}

/// A held lease, as data.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    environment: String,
    region: String,
    owner: String,
    caller: String,
    command: String,
    since: String,
    expires: String,
    /// Whether the run may still be active.
    alive: bool,
}

impl Others {
    pub(crate) fn is_empty(&self) -> bool {
        self.active.is_empty() && self.dead.is_empty()
    }

    /// The leases as data, those of active runs first.
    pub(crate) fn views(&self) -> Vec<View> {
        let alive = self.active.iter().map(|held| view(held, true));
        alive.chain(self.dead.iter().map(|held| view(held, false))).collect()
    }

    /// The note in a plan.
    pub(crate) fn note(&self) -> String {
        let mut text = String::new();
        for run in runs(&self.active) {
            let _ = writeln!(
                text,
                "{} {} is changing {}: {}\nthe plan may be out of date when that run ends",
                paint(WARNING, "note:"),
                run.first.grant.holder.owner,
                run.environments(),
                run.particulars(self.now)
            );
        }
        text + &left(&self.dead, self.now)
    }
}

/// Why a command cannot start, and what to do.
pub(crate) fn refusal(busy: &[Held], now: SystemTime) -> String {
    let mut text = String::new();
    let mut unlock = String::new();
    for run in runs(busy) {
        let left = run.first.grant.expires.duration_since(now).unwrap_or_default();
        let expiry = if left > LONGEST {
            format!("its item in the table `{LEASES}` is damaged: it does not expire, and can only be broken")
        } else {
            let left = if left.is_zero() { "now".to_owned() } else { format!("in {}", span(left)) };
            format!("the lease expires {} ({left}) unless it is renewed", clock(run.first.grant.expires))
        };
        let _ = writeln!(text, "{}\n  {expiry}", run.held(now));
        unlock.extend(run.envs.iter().flat_map(|env| [" --env ", env]));
    }
    text + &format!(
        "nothing was changed; try again later, or let asiaq wait: `--lock-timeout 10m`\n\
         if that run is dead, break its lease: `asiaq unlock{unlock}`"
    )
}

/// The message when a command starts to wait.
pub(crate) fn waiting(busy: &[Held], now: SystemTime, left: Duration) -> String {
    let who = runs(busy).into_iter().map(|run| {
        format!("{}, {} on {}", run.first.grant.holder.owner, run.particulars(now), run.environments())
    });
    format!("waiting at most {} for {}\n", span(left), who.collect::<Vec<_>>().join(" and for "))
}

/// The message when a command takes over the leases of dead runs.
pub(crate) fn inherited(dead: &[Held], now: SystemTime) -> String {
    runs(dead).iter().map(|run| unfinished(run, now) + "; continuing from there\n").collect()
}

/// The message with `--no-lock`.
pub(crate) fn unlocked(environments: &Scopes) -> String {
    let envs: BTreeSet<&Scope> = environments.values().flatten().collect();
    let envs = listed(&envs.into_iter().collect::<Vec<_>>());
    format!("without a lease: other runs can change {envs} at the same time\n")
}

/// The message when the record of the last apply could not be dropped.
pub(crate) fn remembered(why: &str) -> String {
    format!("the record of the last apply stays, and knows nothing of this run: {why}\n")
}

/// The question whether to create the table.
pub(crate) fn offer(region: &str, account: &str) -> String {
    format!(
        "asiaq keeps leases in a DynamoDB table, so that no two runs change an environment at the same time.\n\
         Account {account} has no such table in {region} yet. The table `{LEASES}` is for all projects; it is billed\n\
         per request and costs a few cents a year. Create it? [y/N] "
    )
}

/// The message when a command creates the table.
pub(crate) fn creating_table(region: &str) -> String {
    format!("creating the table of leases `{LEASES}` in {region}, which all projects share\n")
}

/// The message when a command loses its leases.
pub(crate) fn lost(loss: &LeaseLost) -> String {
    let why = match loss {
        LeaseLost::Broken { scope, by: Some(by) } => format!("{by} broke the lease of `{scope}`"),
        LeaseLost::Broken { scope, by: None } => {
            format!("another user broke the lease of `{scope}`")
        }
        LeaseLost::Expired { error: Some(error) } => {
            format!("the leases expired, because they could not be renewed: {error}")
        }
        LeaseLost::Expired { error: None } => "the leases expired before they could be renewed".to_owned(),
    };
    format!("\n{} {why}; stopping when the operations in flight have finished\n", paint(WARNING, "warning:"))
}

/// The message when the leases could not be released.
pub(crate) fn kept(why: &str) -> String {
    format!(
        "{} the leases could not be released: {why}\nthey will expire; `asiaq unlock` breaks them now\n",
        paint(WARNING, "warning:")
    )
}

/// What `unlock` shows before it breaks leases.
pub(crate) fn held(others: &Others) -> String {
    let mut text = String::new();
    for run in runs(&others.active) {
        let _ = writeln!(text, "{}", run.held(others.now));
    }
    text + &left(&others.dead, others.now)
}

/// The result of `unlock`.
pub(crate) fn broken(others: &Others, asked: &[String]) -> String {
    let all = others.active.iter().chain(&others.dead);
    let broken: BTreeSet<&str> = all.map(|held| held.scope.as_str()).collect();
    let free: Vec<&String> = asked.iter().filter(|env| !broken.contains(env.as_str())).collect();
    let mut text = String::new();
    if !broken.is_empty() {
        let broken = listed(&broken.into_iter().collect::<Vec<_>>());
        let _ = writeln!(text, "broke the lease of {broken}; the next apply continues from there");
    }
    if !free.is_empty() {
        let _ = writeln!(text, "no run holds a lease of {}", listed(&free));
    }
    text
}

fn unfinished(run: &Run<'_>, now: SystemTime) -> String {
    let holder = &run.first.grant.holder;
    let age = span(now.duration_since(holder.since).unwrap_or_default());
    let since = clock(holder.since);
    format!("the run of {} that held {} since {since} ({age} ago) has died", holder.owner, run.environments())
}

fn left(dead: &[Held], now: SystemTime) -> String {
    runs(dead).iter().map(|run| unfinished(run, now) + "\n").collect()
}

/// Leases of one run.
struct Run<'h> {
    first: &'h Held,
    envs: BTreeSet<&'h str>,
}

fn runs(held: &[Held]) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for one in held {
        let same = runs.iter_mut().find(|run| run.first.grant.holder.run == one.grant.holder.run);
        match same {
            Some(run) => drop(run.envs.insert(one.scope.as_str())),
            None => runs.push(Run { first: one, envs: BTreeSet::from([one.scope.as_str()]) }),
        }
    }
    runs
}

impl Run<'_> {
    fn environments(&self) -> String {
        listed(&self.envs.iter().collect::<Vec<_>>())
    }

    /// What the run holds, and who it is.
    fn held(&self, now: SystemTime) -> String {
        let holder = &self.first.grant.holder;
        let (subject, particulars) = (self.subject(), self.particulars(now));
        format!("{subject} held by {} ({})\n  {particulars}", holder.owner, holder.caller)
    }

    fn subject(&self) -> String {
        let noun = if self.envs.len() == 1 { "environment" } else { "environments" };
        format!("{noun} {} {}", self.environments(), if self.envs.len() == 1 { "is" } else { "are" })
    }

    /// `asiaq apply` since 2026-11-22 08:23:38 UTC (2m ago)
    fn particulars(&self, now: SystemTime) -> String {
        let holder = &self.first.grant.holder;
        if holder.since == SystemTime::UNIX_EPOCH {
            return format!("`{}`, since an unknown time", holder.command);
        }
        let age = now.duration_since(holder.since).unwrap_or_default();
        format!("`{}` since {} ({} ago)", holder.command, clock(holder.since), span(age))
    }
}

fn view(held: &Held, alive: bool) -> View {
    let holder = held.grant.holder.clone();
    let stamp = |time| Timestamp::try_from(time).map(|time| time.to_string()).unwrap_or_default();
    View {
        environment: held.scope.to_string(),
        region: held.region.clone(),
        owner: holder.owner,
        caller: holder.caller,
        command: holder.command,
        since: stamp(holder.since),
        expires: stamp(held.grant.expires),
        alive,
    }
}

/// Formats a time as `2026-11-22 08:23:38 UTC`.
fn clock(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

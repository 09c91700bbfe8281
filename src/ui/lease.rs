//! Who is changing which environment, in words and as data.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use asiaq_aws::LEASES;
use asiaq_runtime::{Environments, Held, LeaseLost};
use jiff::Timestamp;
use serde::Serialize;

use super::style::{WARNING, paint};
use super::words::{listed, span};

/// Runs that are at work on environments, and runs that died at it.
#[derive(Clone, Debug)]
pub(crate) struct Others {
    pub(crate) at_work: Vec<Held>,
    pub(crate) dead: Vec<Held>,
    pub(crate) now: SystemTime,
}

/// A held lease, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    environment: String,
    region: String,
    owner: String,
    caller: String,
    command: String,
    since: String,
    expires: String,
    /// Whether the run may still be at work.
    alive: bool,
}

impl Others {
    /// Nobody.
    pub(crate) fn nobody(&self) -> bool {
        self.at_work.is_empty() && self.dead.is_empty()
    }

    /// For programs: those at work first.
    pub(crate) fn views(&self) -> Vec<View> {
        let alive = self.at_work.iter().map(|held| view(held, true));
        alive.chain(self.dead.iter().map(|held| view(held, false))).collect()
    }

    /// What a plan says of them.
    pub(crate) fn note(&self) -> String {
        let mut text = String::new();
        for run in runs(&self.at_work) {
            let _ = writeln!(
                text,
                "{} {} is at work on {}: {}\nwhat is planned now may have moved when they are done",
                paint(WARNING, "note:"),
                run.first.grant.holder.owner,
                run.environments(),
                run.particulars(self.now)
            );
        }
        text + &left(&self.dead, self.now)
    }
}

/// Why a command may not begin, and what to do.
pub(crate) fn refusal(busy: &[Held], now: SystemTime) -> String {
    let mut text = String::new();
    let mut unlock = String::new();
    for run in runs(busy) {
        let left = run.first.grant.expires.duration_since(now).unwrap_or_default();
        let _ = writeln!(
            text,
            "{} held by {} ({})\n  {}\n  the lease runs out {} ({}) unless it is renewed",
            run.subject(),
            run.first.grant.holder.owner,
            run.first.grant.holder.caller,
            run.particulars(now),
            clock(run.first.grant.expires),
            if left.is_zero() { "now".to_owned() } else { format!("in {}", span(left)) },
        );
        unlock.extend(run.envs.iter().flat_map(|env| [" --env ", env]));
    }
    text + &format!(
        "nothing was changed; wait, or have asiaq wait: `--lock-timeout 10m`\n\
         where that run is dead, break its lease: `asiaq unlock{unlock}`"
    )
}

/// What a command says that begins to wait.
pub(crate) fn waiting(busy: &[Held], now: SystemTime, left: Duration) -> String {
    let who = runs(busy).into_iter().map(|run| {
        format!("{}, {} on {}", run.first.grant.holder.owner, run.particulars(now), run.environments())
    });
    format!("waiting at most {} for {}\n", span(left), who.collect::<Vec<_>>().join(" and for "))
}

/// What a command says that goes on after dead runs.
pub(crate) fn inherited(dead: &[Held], now: SystemTime) -> String {
    runs(dead).iter().map(|run| unfinished(run, now) + "; going on from what it left\n").collect()
}

/// What a command says that takes no lease.
pub(crate) fn unlocked(environments: &Environments) -> String {
    let envs: BTreeSet<&String> = environments.values().flatten().collect();
    let envs = listed(&envs.into_iter().collect::<Vec<_>>());
    format!("without a lease: nothing keeps others from changing {envs} at the same time\n")
}

/// The question whether the table may be made.
pub(crate) fn offer(region: &str, account: &str) -> String {
    format!(
        "So that no two people change an environment at once, asiaq keeps leases in a DynamoDB table.\n\
         Account {account} has none in {region} yet. It is called `{LEASES}`, serves every project, and costs\n\
         a few cents a year: it is paid by request. Make it? [y/N] "
    )
}

/// What a command says that makes the table.
pub(crate) fn providing(region: &str) -> String {
    format!("making the table of leases `{LEASES}` in {region}, which every project shares\n")
}

/// What a command says that lost its leases.
pub(crate) fn lost(loss: &LeaseLost) -> String {
    let why = match loss {
        LeaseLost::Broken { environment, by: Some(by) } => format!("{by} broke the lease of `{environment}`"),
        LeaseLost::Broken { environment, by: None } => format!("somebody broke the lease of `{environment}`"),
        LeaseLost::Expired { error: Some(error) } => {
            format!("the leases ran out, because they could not be renewed: {error}")
        }
        LeaseLost::Expired { error: None } => "the leases ran out before they could be renewed".to_owned(),
    };
    format!("\n{} {why}; stopping when the operations in flight are done\n", paint(WARNING, "warning:"))
}

/// What a command says that could not give its leases back.
pub(crate) fn kept(why: &str) -> String {
    format!(
        "{} the leases could not be given back: {why}\nthey run out by themselves; `asiaq unlock` is faster\n",
        paint(WARNING, "warning:")
    )
}

/// What `unlock` says of leases before it breaks them.
pub(crate) fn held(others: &Others) -> String {
    let mut text = String::new();
    for run in runs(&others.at_work) {
        let _ = writeln!(
            text,
            "{} held by {} ({})\n  {}",
            run.subject(),
            run.first.grant.holder.owner,
            run.first.grant.holder.caller,
            run.particulars(others.now)
        );
    }
    text + &left(&others.dead, others.now)
}

/// What `unlock` says when it is done.
pub(crate) fn broken(others: &Others, asked: &[String]) -> String {
    let all = others.at_work.iter().chain(&others.dead);
    let broken: BTreeSet<&str> = all.map(|held| held.environment.as_str()).collect();
    let free: Vec<&String> = asked.iter().filter(|env| !broken.contains(env.as_str())).collect();
    let mut text = String::new();
    if !broken.is_empty() {
        let broken = listed(&broken.into_iter().collect::<Vec<_>>());
        let _ = writeln!(text, "broke the lease of {broken}; the next apply goes on from what was left");
    }
    if !free.is_empty() {
        let _ = writeln!(text, "nobody holds {}", listed(&free));
    }
    text
}

fn unfinished(run: &Run<'_>, now: SystemTime) -> String {
    let holder = &run.first.grant.holder;
    let age = span(now.duration_since(holder.since).unwrap_or_default());
    let since = clock(holder.since);
    format!(
        "the run of {} that held {} since {since} ({age} ago) did not end",
        holder.owner,
        run.environments()
    )
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
            Some(run) => drop(run.envs.insert(&one.environment)),
            None => runs.push(Run { first: one, envs: BTreeSet::from([one.environment.as_str()]) }),
        }
    }
    runs
}

impl Run<'_> {
    fn environments(&self) -> String {
        listed(&self.envs.iter().collect::<Vec<_>>())
    }

    fn subject(&self) -> String {
        let noun = if self.envs.len() == 1 { "environment" } else { "environments" };
        format!("{noun} {} {}", self.environments(), if self.envs.len() == 1 { "is" } else { "are" })
    }

    /// `asiaq apply` since 2026-11-22 08:23:38 UTC (2m ago)
    fn particulars(&self, now: SystemTime) -> String {
        let holder = &self.first.grant.holder;
        let age = now.duration_since(holder.since).unwrap_or_default();
        format!("`{}` since {} ({} ago)", holder.command, clock(holder.since), span(age))
    }
}

fn view(held: &Held, alive: bool) -> View {
    let holder = held.grant.holder.clone();
    let stamp = |time| Timestamp::try_from(time).map(|time| time.to_string()).unwrap_or_default();
    View {
        environment: held.environment.clone(),
        region: held.region.clone(),
        owner: holder.owner,
        caller: holder.caller,
        command: holder.command,
        since: stamp(holder.since),
        expires: stamp(held.grant.expires),
        alive,
    }
}

/// A time as people read it.
fn clock(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

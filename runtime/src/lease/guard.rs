//! To take leases, to keep them, to give them back.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::{Duration, SystemTime};

use futures::future::{Either, select};

use super::{
    AT_ONCE, Change, Changed, Clock, Environments, Grant, Held, Holder, Lease, LeaseSnapshot, Leases, until,
};
use crate::CloudError;

/// The longest word that a run leaves: an item of DynamoDB has at most 400 KB.
const LONGEST_WORD: usize = 350_000;

/// The most that one change writes: a transaction of DynamoDB has at most 4 MB, whatever else the items hold.
const MOST_WORDS: usize = 3_000_000;

/// Pause after a renewal that did not work; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// What a run wants to hold.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRequest<'a> {
    /// The project.
    pub project: &'a str,
    /// The environments.
    pub environments: &'a Environments,
    /// The leases by region, as they were before the run looked at anything else.
    pub snapshots: &'a BTreeMap<String, LeaseSnapshot>,
    /// The run.
    pub holder: &'a Holder,
    /// How long a lease lasts that is not renewed.
    pub term: Duration,
}

/// Why a run cannot take its leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcquireError {
    /// Other runs hold them.
    Held(Vec<Held>),
    /// Another run changed these environments since the leases were read.
    Changed(BTreeSet<String>),
    /// The leases could not be written.
    Failed(CloudError),
}

/// Leases that a run holds.
#[derive(Clone, Debug)]
pub struct LeaseGuard {
    project: String,
    run: String,
    term: Duration,
    /// At most [`AT_ONCE`] each.
    batches: Vec<(String, BTreeSet<String>)>,
    expires: SystemTime,
    /// What dead runs held before.
    pub inherited: Vec<Held>,
}

/// How a run lost what it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseLost {
    /// Somebody broke the lease of this environment, or took it.
    Broken {
        /// The environment.
        environment: String,
        /// Who: `user@host`, where that is known.
        by: Option<String>,
    },
    /// It ran out before it could be renewed.
    Expired {
        /// Why it could not.
        error: Option<CloudError>,
    },
}

impl LeaseRequest<'_> {
    /// What others hold of it.
    pub fn busy(&self) -> Vec<Held> {
        self.of_sights(LeaseSnapshot::alive)
    }

    /// What dead runs hold of it.
    pub fn left(&self) -> Vec<Held> {
        self.of_sights(LeaseSnapshot::dead)
    }

    fn of_sights(&self, seen: impl Fn(&LeaseSnapshot, &str) -> Vec<Held>) -> Vec<Held> {
        let here = |(region, envs): (&String, &BTreeSet<String>)| {
            let all = self.snapshots.get(region).map(|snapshot| seen(snapshot, region)).unwrap_or_default();
            all.into_iter().filter(|held| envs.contains(&held.environment)).collect::<Vec<_>>()
        };
        self.environments.iter().flat_map(here).collect()
    }
}

/// Takes the leases of a claim: all of them or none. They are as they were when they were looked at, or somebody
/// came in between.
pub async fn take<L: Leases, C: Clock>(
    leases: &L,
    clock: &C,
    request: &LeaseRequest<'_>,
) -> Result<LeaseGuard, AcquireError> {
    let busy = request.busy();
    if !busy.is_empty() {
        return Err(AcquireError::Held(busy));
    }
    let expires = clock.now() + request.term;
    let grant = Grant { holder: request.holder.clone(), expires };
    let mut guard = LeaseGuard {
        project: request.project.to_owned(),
        run: request.holder.run.clone(),
        term: request.term,
        batches: Vec::new(),
        expires,
        inherited: request.left(),
    };
    for (region, envs) in request.environments {
        let seen = |env: &String| {
            request.snapshots.get(region).map(|snapshot| snapshot.lease(env)).unwrap_or_default()
        };
        let seen: Vec<(&String, Lease)> = envs.iter().map(|env| (env, seen(env))).collect();
        for batch in seen.chunks(AT_ONCE) {
            let changes =
                batch.iter().map(|(env, seen)| ((*env).clone(), Change::Take { seen, grant: &grant }));
            let answer = leases.change(region, request.project, &changes.collect()).await;
            // Where the answer was lost, it may be ours all the same.
            guard.batches.push((region.clone(), batch.iter().map(|(env, _)| (*env).clone()).collect()));
            let hindrance = match answer {
                Ok(Changed::All) => continue,
                Ok(Changed::None(now)) if now.values().all(|lease| lease.is_held_by(&guard.run)) => continue,
                Ok(Changed::None(now)) => hindrance(region, now, clock.now()),
                Err(error) => AcquireError::Failed(error),
            };
            // Whatever stays behind runs out.
            let _ = guard.release(leases, &BTreeMap::new()).await;
            return Err(hindrance);
        }
    }
    Ok(guard)
}

/// What these leases, which are no longer as they were, stand in the way with.
fn hindrance(region: &str, leases: BTreeMap<String, Lease>, now: SystemTime) -> AcquireError {
    let busy: Vec<Held> = leases
        .iter()
        .filter_map(|(env, lease)| {
            let grant = lease.alive(now)?.clone();
            Some(Held { region: region.to_owned(), environment: env.clone(), grant })
        })
        .collect();
    if busy.is_empty() {
        AcquireError::Changed(leases.into_keys().collect())
    } else {
        AcquireError::Held(busy)
    }
}

impl LeaseGuard {
    /// Renews the leases, each time a third of their term is over, for as long as that works.
    pub async fn keep<L: Leases, C: Clock>(&self, leases: &L, clock: &C) -> LeaseLost {
        let mut expires = self.expires;
        loop {
            until(clock, expires - self.term * 2 / 3).await;
            match self.renewed(leases, clock, expires).await {
                Ok(later) => expires = later,
                Err(loss) => return loss,
            }
        }
    }

    /// Tries to renew the leases until they expire; the answer is when they do so now.
    async fn renewed<L: Leases, C: Clock>(
        &self,
        leases: &L,
        clock: &C,
        expires: SystemTime,
    ) -> Result<SystemTime, LeaseLost> {
        let (mut error, mut pause) = (None, FIRST_PAUSE);
        while clock.now() < expires {
            let later = clock.now() + self.term;
            let (renewal, end) = (pin!(self.renew(leases, later)), pin!(until(clock, expires)));
            match select(renewal, end).await {
                Either::Left((Ok(Changed::All), _)) => return Ok(later),
                Either::Left((Ok(Changed::None(now)), _)) => return Err(broken(now)),
                Either::Left((Err(failed), _)) => error = Some(failed),
                Either::Right(((), _)) => break,
            }
            until(clock, expires.min(clock.now() + pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(LeaseLost::Expired { error })
    }

    pub(crate) async fn renew<L: Leases>(
        &self,
        leases: &L,
        expires: SystemTime,
    ) -> Result<Changed, CloudError> {
        for (region, envs) in &self.batches {
            let renewal = Change::Renew { run: &self.run, expires };
            let changes = envs.iter().map(|env| (env.clone(), renewal)).collect();
            match leases.change(region, &self.project, &changes).await? {
                Changed::All => {}
                Changed::None(now) => return Ok(Changed::None(now)),
            }
        }
        Ok(Changed::All)
    }

    /// Gives the leases back, with a word for the next run by environment; one that is too long is left out.
    /// What is no longer this run's is left as it is. Every lease is tried, and the first failure is told.
    pub async fn release<L: Leases>(
        &self,
        leases: &L,
        words: &BTreeMap<String, String>,
    ) -> Result<(), CloudError> {
        let mut result = Ok(());
        for (region, envs) in &self.batches {
            for envs in portions(envs, words) {
                result = result.and(self.give_back(leases, region, envs, words).await);
            }
        }
        result
    }

    async fn give_back<L: Leases>(
        &self,
        leases: &L,
        region: &str,
        mut envs: BTreeSet<&String>,
        words: &BTreeMap<String, String>,
    ) -> Result<(), CloudError> {
        while !envs.is_empty() {
            let last_applied = |env: &String| {
                words.get(env).map(String::as_str).filter(|last_applied| is_short(last_applied))
            };
            let release = |env: &String| Change::Release { run: &self.run, written: last_applied(env) };
            let changes = envs.iter().map(|env| ((*env).clone(), release(env))).collect();
            match leases.change(region, &self.project, &changes).await? {
                Changed::All => break,
                Changed::None(lost) if lost.is_empty() => break,
                Changed::None(lost) => envs.retain(|env| !lost.contains_key(*env)),
            }
        }
        Ok(())
    }
}

fn is_short(last_applied: &str) -> bool {
    last_applied.len() <= LONGEST_WORD
}

/// The environments in as few parts as what is written of them allows.
fn portions<'e>(envs: &'e BTreeSet<String>, words: &BTreeMap<String, String>) -> Vec<BTreeSet<&'e String>> {
    let mut portions: Vec<BTreeSet<&String>> = Vec::new();
    let mut room = 0;
    for env in envs {
        let length = words.get(env).filter(|last_applied| is_short(last_applied)).map_or(0, String::len);
        match portions.last_mut() {
            Some(portion) if length <= room => {
                portion.insert(env);
                room -= length;
            }
            _ => {
                portions.push(BTreeSet::from([env]));
                room = MOST_WORDS - length;
            }
        }
    }
    portions
}

fn broken(leases: BTreeMap<String, Lease>) -> LeaseLost {
    let first = leases.into_iter().next().unwrap_or_default();
    let by = first.1.broken_by.or_else(|| first.1.grant.map(|grant| grant.holder.owner));
    LeaseLost::Broken { environment: first.0, by }
}

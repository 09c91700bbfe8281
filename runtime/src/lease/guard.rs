//! Acquiring, renewing and releasing leases.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::{Duration, SystemTime};

use futures::future::{Either, select};

use asiaq_ir::Scope;

use super::{
    AT_ONCE, Change, Changed, Clock, Grant, Held, Holder, Lease, LeaseSnapshot, Leases, Scopes, until,
};
use crate::moment::{earlier, later};
use crate::{CloudError, Result};

/// The maximum length of a stored record in bytes: an item of DynamoDB has at most 400 KB.
const MAX_RECORD: usize = 350_000;

/// The maximum length of all records in one transaction in bytes: a transaction of DynamoDB has at most 4 MB, including
/// the other attributes.
const MAX_TRANSACTION: usize = 3_000_000;

/// Pause after a failed renewal; each further pause is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The leases that a run requests.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRequest<'a> {
    /// Name of the project.
    pub project: &'a str,
    /// Scopes to lease.
    pub scopes: &'a Scopes,
    /// Snapshots by region, taken before the run observed anything else.
    pub snapshots: &'a BTreeMap<String, LeaseSnapshot>,
    /// The run that requests the leases.
    pub holder: &'a Holder,
    /// Time from a grant or renewal to its expiry.
    pub term: Duration,
}

/// The reason why leases were not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcquireError {
    /// Other runs hold them.
    Held(Vec<Held>),
    /// Another run changed these scopes since the leases were read.
    Changed(BTreeSet<Scope>),
    /// The leases could not be written.
    Failed(CloudError),
}

/// The leases held by a run.
#[derive(Clone, Debug)]
pub struct LeaseGuard {
    project: String,
    run: String,
    term: Duration,
    /// Region and scopes, at most [`AT_ONCE`] in each batch.
    batches: Vec<(String, BTreeSet<Scope>)>,
    expires: SystemTime,
    /// Expired grants of dead runs that were taken over.
    pub inherited: Vec<Held>,
}

/// The reason why a run lost its leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseLost {
    /// The lease was broken, or granted to another run.
    Broken {
        /// What the lease is for.
        scope: Scope,
        /// `user@host` that broke it or holds it, if known.
        by: Option<String>,
    },
    /// The leases expired before they could be renewed.
    Expired {
        /// Error of the last renewal, if one was tried.
        error: Option<CloudError>,
    },
}

impl LeaseRequest<'_> {
    /// The requested scopes that are held by other runs.
    pub fn busy(&self) -> Vec<Held> {
        self.held(LeaseSnapshot::alive)
    }

    /// The requested scopes with expired grants of dead runs.
    pub fn left(&self) -> Vec<Held> {
        self.held(LeaseSnapshot::dead)
    }

    fn held(&self, select: impl Fn(&LeaseSnapshot, &str) -> Vec<Held>) -> Vec<Held> {
        let in_region = |(region, scopes): (&String, &BTreeSet<Scope>)| {
            let all = self.snapshots.get(region).map(|snapshot| select(snapshot, region)).unwrap_or_default();
            all.into_iter().filter(|held| scopes.contains(&held.scope)).collect::<Vec<_>>()
        };
        self.scopes.iter().flat_map(in_region).collect()
    }
}

/// Takes all leases of `request`, or none.
///
/// # Errors
/// Fails if another run holds a lease, if a lease was written since its snapshot, or if a call fails. Leases that were
/// already taken are released.
pub async fn take<L: Leases, C: Clock>(
    leases: &L,
    clock: &C,
    request: &LeaseRequest<'_>,
) -> Result<LeaseGuard, AcquireError> {
    let busy = request.busy();
    if !busy.is_empty() {
        return Err(AcquireError::Held(busy));
    }
    let expires = later(clock.now(), request.term);
    let grant = Grant { holder: request.holder.clone(), expires };
    let mut guard = LeaseGuard {
        project: request.project.to_owned(),
        run: request.holder.run.clone(),
        term: request.term,
        batches: Vec::new(),
        expires,
        inherited: request.left(),
    };
    for (region, scopes) in request.scopes {
        let seen = |scope: &Scope| {
            request.snapshots.get(region).map(|snapshot| snapshot.lease(scope.as_str())).unwrap_or_default()
        };
        let seen: Vec<(&Scope, Lease)> = scopes.iter().map(|scope| (scope, seen(scope))).collect();
        for batch in seen.chunks(AT_ONCE) {
            let changes =
                batch.iter().map(|(scope, seen)| ((*scope).clone(), Change::Take { seen, grant: &grant }));
            let answer = leases.change(region, request.project, &changes.collect()).await;
            // If the response was lost, the grant may exist: it is part of the guard, and released on failure.
            guard.batches.push((region.clone(), batch.iter().map(|(scope, _)| (*scope).clone()).collect()));
            let error = match answer {
                Ok(Changed::All) => continue,
                Ok(Changed::None(now)) if now.values().all(|lease| lease.is_held_by(&guard.run)) => continue,
                Ok(Changed::None(now)) => not_acquired(region, now, clock.now()),
                Err(error) => AcquireError::Failed(error),
            };
            // Leases that cannot be released expire.
            let _ = guard.release(leases, &BTreeMap::new()).await;
            return Err(error);
        }
    }
    Ok(guard)
}

/// The error for `leases`, which were written since their snapshot.
fn not_acquired(region: &str, leases: BTreeMap<Scope, Lease>, now: SystemTime) -> AcquireError {
    let busy: Vec<Held> = leases
        .iter()
        .filter_map(|(scope, lease)| {
            let grant = lease.alive(now)?.clone();
            Some(Held { region: region.to_owned(), scope: scope.clone(), grant })
        })
        .collect();
    if busy.is_empty() {
        AcquireError::Changed(leases.into_keys().collect())
    } else {
        AcquireError::Held(busy)
    }
}

impl LeaseGuard {
    /// Renews the leases whenever a third of their term has passed. Returns when they are lost.
    pub async fn keep<L: Leases, C: Clock>(&self, leases: &L, clock: &C) -> LeaseLost {
        let mut expires = self.expires;
        loop {
            until(clock, earlier(expires, self.term.saturating_mul(2) / 3)).await;
            match self.renewed(leases, clock, expires).await {
                Ok(later) => expires = later,
                Err(loss) => return loss,
            }
        }
    }

    /// Renews the leases, with retries until `expires`. Returns the new expiry.
    async fn renewed<L: Leases, C: Clock>(
        &self,
        leases: &L,
        clock: &C,
        expires: SystemTime,
    ) -> Result<SystemTime, LeaseLost> {
        let (mut error, mut pause) = (None, FIRST_PAUSE);
        while clock.now() < expires {
            let renewed = later(clock.now(), self.term);
            let (renewal, end) = (pin!(self.renew(leases, renewed)), pin!(until(clock, expires)));
            match select(renewal, end).await {
                Either::Left((Ok(Changed::All), _)) => return Ok(renewed),
                Either::Left((Ok(Changed::None(now)), _)) => return Err(broken(now)),
                Either::Left((Err(failed), _)) => error = Some(failed),
                Either::Right(((), _)) => break,
            }
            until(clock, expires.min(later(clock.now(), pause))).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
        Err(LeaseLost::Expired { error })
    }

    pub(crate) async fn renew<L: Leases>(&self, leases: &L, expires: SystemTime) -> Result<Changed> {
        for (region, scopes) in &self.batches {
            let renewal = Change::Renew { run: &self.run, expires };
            let changes = scopes.iter().map(|scope| (scope.clone(), renewal)).collect();
            match leases.change(region, &self.project, &changes).await? {
                Changed::All => {}
                Changed::None(now) => return Ok(Changed::None(now)),
            }
        }
        Ok(Changed::All)
    }

    /// Releases the leases and stores `records`, by scope, for the next run. A record longer than 350 KB is not
    /// stored. Leases that the run no longer holds do not change.
    ///
    /// # Errors
    /// The first call that fails, after all leases were tried.
    pub async fn release<L: Leases>(&self, leases: &L, records: &BTreeMap<Scope, String>) -> Result<()> {
        let mut result = Ok(());
        for (region, scopes) in &self.batches {
            for scopes in portions(scopes, records) {
                result = result.and(self.give_back(leases, region, scopes, records).await);
            }
        }
        result
    }

    async fn give_back<L: Leases>(
        &self,
        leases: &L,
        region: &str,
        mut scopes: BTreeSet<&Scope>,
        records: &BTreeMap<Scope, String>,
    ) -> Result<()> {
        while !scopes.is_empty() {
            let record =
                |scope: &Scope| records.get(scope).map(String::as_str).filter(|record| is_short(record));
            let release = |scope: &Scope| Change::Release { run: &self.run, written: record(scope) };
            let changes = scopes.iter().map(|scope| ((*scope).clone(), release(scope))).collect();
            match leases.change(region, &self.project, &changes).await? {
                Changed::All => break,
                Changed::None(lost) if lost.is_empty() => break,
                Changed::None(lost) => scopes.retain(|scope| !lost.contains_key(*scope)),
            }
        }
        Ok(())
    }
}

/// Whether a record fits into an item.
fn is_short(record: &str) -> bool {
    record.len() <= MAX_RECORD
}

/// Splits scopes into portions whose records fit into one transaction.
fn portions<'e>(scopes: &'e BTreeSet<Scope>, records: &BTreeMap<Scope, String>) -> Vec<BTreeSet<&'e Scope>> {
    let mut portions: Vec<BTreeSet<&Scope>> = Vec::new();
    let mut room = 0;
    for scope in scopes {
        let length = records.get(scope).filter(|record| is_short(record)).map_or(0, String::len);
        match portions.last_mut() {
            Some(portion) if length <= room => {
                portion.insert(scope);
                room -= length;
            }
            _ => {
                portions.push(BTreeSet::from([scope]));
                room = MAX_TRANSACTION - length;
            }
        }
    }
    portions
}

/// The loss of the first of `leases`, which are no longer held by this run.
fn broken(leases: BTreeMap<Scope, Lease>) -> LeaseLost {
    let first = leases.into_iter().next().unwrap_or_default();
    let by = first.1.broken_by.or_else(|| first.1.grant.map(|grant| grant.holder.owner));
    LeaseLost::Broken { scope: first.0, by }
}

//! Leases: one run at a time changes a scope, such as an environment.
//!
//! The lease of a scope is stored in the region of the scope. A run reads the leases before anything else
//! ([`look`]), takes those of the environments that its plan changes ([`take`]) if they were not written since, renews
//! them during the apply ([`LeaseGuard::keep`]) and releases them ([`LeaseGuard::release`]). The lease of a run that
//! died expires.

mod guard;
mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::{Duration, SystemTime};

use asiaq_ir::Scope;

use crate::Result;
use crate::moment::later;

pub use guard::{AcquireError, LeaseGuard, LeaseLost, LeaseRequest, take};
pub use wait::{look, wait_until_free};

/// Other runs treat a lease as held for this much longer than its expiry, because clocks differ and calls take time.
/// The holder itself stops at the expiry.
pub const GRACE: Duration = Duration::from_secs(2);

/// The maximum number of leases in one call of [`Leases::change`]: the limit of DynamoDB's `TransactWriteItems`.
pub const AT_ONCE: usize = 100;

/// Scopes by the region that stores their leases.
pub type Scopes = BTreeMap<String, BTreeSet<Scope>>;

/// Storage for leases in each region: an AWS account, or an in-memory one for tests.
pub trait Leases: Send + Sync {
    /// The current leases of `project` in `region`, by a consistent read; absent if the table does not exist yet.
    fn leases(
        &self,
        region: &str,
        project: &str,
    ) -> impl Future<Output = Result<Option<LeaseSnapshot>>> + Send;

    /// Makes all of `changes` in one transaction, or none of them if the condition of one is not met ([`Change::on`]).
    /// `changes` are by scope, and at most [`AT_ONCE`].
    fn change(
        &self,
        region: &str,
        project: &str,
        changes: &BTreeMap<Scope, Change<'_>>,
    ) -> impl Future<Output = Result<Changed>> + Send;

    /// Creates the table for leases in `region` and waits until it is active. Succeeds if it exists already.
    fn create_table(&self, region: &str) -> impl Future<Output = Result<()>> + Send;
}

/// A clock for the expiry of leases.
pub trait Clock: Send + Sync {
    /// The current time of the lease storage.
    fn now(&self) -> SystemTime;

    /// Waits for `time`.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The leases of a project in one region at a point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseSnapshot {
    /// Time of the read, by the clock of the lease storage, which is the same for all runs.
    pub now: SystemTime,
    /// The leases by scope; one that never had a lease is absent.
    pub leases: BTreeMap<Scope, Lease>,
}

/// The lease of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// Incremented by every write, for optimistic concurrency; 0 if the lease was never written.
    pub version: u64,
    /// The grant of the holder, or of a run that died without releasing the lease; absent if it is free.
    pub grant: Option<Grant>,
    /// The record that the last run stored at its release (see [`LastApplied`](crate::LastApplied)).
    pub written: Option<String>,
    /// `user@host` that broke the lease; absent if it was never broken, or granted since.
    pub broken_by: Option<String>,
}

/// A lease granted to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The run that holds it.
    pub holder: Holder,
    /// Time at which it expires, unless it is renewed.
    pub expires: SystemTime,
}

/// A run that holds leases, as other runs see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Unique id of the run.
    pub run: String,
    /// `user@host` of the process.
    pub owner: String,
    /// ARN of the AWS user or role.
    pub caller: String,
    /// The command line.
    pub command: String,
    /// Time at which it took the lease.
    pub since: SystemTime,
}

/// A scope whose lease is granted to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Region that stores the lease.
    pub region: String,
    /// What the lease is for.
    pub scope: Scope,
    /// The grant.
    pub grant: Grant,
}

/// A write to one lease, with its condition.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Grants the lease to a run, if its version is that of `seen`. Drops the stored record if the previous holder
    /// died, because the record is then out of date.
    Take {
        /// The lease at the time of the snapshot.
        seen: &'a Lease,
        /// The new grant.
        grant: &'a Grant,
    },
    /// Extends the grant, if `run` holds it.
    Renew {
        /// Id of the holder.
        run: &'a str,
        /// New expiry.
        expires: SystemTime,
    },
    /// Ends the grant, if `run` holds it.
    Release {
        /// Id of the holder.
        run: &'a str,
        /// The new record, which replaces the stored one.
        written: Option<&'a str>,
    },
    /// Ends the grant of another run, if the version of the lease is that of `seen`. Drops the stored record.
    Break {
        /// The lease at the time of the snapshot.
        seen: &'a Lease,
        /// `user@host` that breaks it.
        by: &'a str,
    },
}

/// The result of a call of [`Leases::change`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// All changes were made.
    All,
    /// No change was made. These leases, by scope, do not meet the conditions of their changes.
    None(BTreeMap<Scope, Lease>),
}

impl LeaseSnapshot {
    /// The lease of `scope`; a free one of version 0 if it never had one.
    pub fn lease(&self, scope: &str) -> Lease {
        self.leases.get(scope).cloned().unwrap_or_default()
    }

    /// The scopes held by runs that may still be alive; `region` is the region of the snapshot.
    pub fn alive(&self, region: &str) -> Vec<Held> {
        self.held(region, |lease| lease.alive(self.now))
    }

    /// The scopes whose grants expired without a release; `region` is the region of the snapshot.
    pub fn dead(&self, region: &str) -> Vec<Held> {
        self.held(region, |lease| lease.dead(self.now))
    }

    fn held<'l>(&'l self, region: &str, grant: impl Fn(&'l Lease) -> Option<&'l Grant>) -> Vec<Held> {
        let held = |(scope, lease): (&Scope, &'l Lease)| {
            let grant = grant(lease)?.clone();
            Some(Held { region: region.to_owned(), scope: scope.clone(), grant })
        };
        self.leases.iter().filter_map(held).collect()
    }
}

impl Lease {
    /// The grant, if its holder may still be alive at `now`: it has not expired, or not longer than [`GRACE`] ago.
    pub fn alive(&self, now: SystemTime) -> Option<&Grant> {
        self.grant.as_ref().filter(|grant| now <= later(grant.expires, GRACE))
    }

    /// The grant, if it expired more than [`GRACE`] before `now`: its holder died.
    pub fn dead(&self, now: SystemTime) -> Option<&Grant> {
        self.grant.as_ref().filter(|grant| now > later(grant.expires, GRACE))
    }

    /// The record of the last run, if no run was granted the lease since.
    pub fn last_applied(&self) -> Option<&str> {
        self.written.as_deref().filter(|_| self.grant.is_none())
    }

    fn is_held_by(&self, run: &str) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.holder.run == run)
    }
}

impl Change<'_> {
    /// The lease after the change; absent if `lease` does not meet the condition of the change.
    pub fn on(&self, lease: &Lease) -> Option<Lease> {
        let version = lease.version + 1;
        let written = lease.written.clone();
        match *self {
            Self::Take { seen, grant } => (lease.version == seen.version).then(|| Lease {
                version,
                grant: Some(grant.clone()),
                written: written.filter(|_| seen.grant.is_none()),
                broken_by: None,
            }),
            Self::Renew { run, expires } => {
                let grant = lease.grant.clone().filter(|grant| grant.holder.run == run)?;
                Some(Lease {
                    version,
                    grant: Some(Grant { expires, ..grant }),
                    written,
                    broken_by: lease.broken_by.clone(),
                })
            }
            Self::Release { run, written } => lease.is_held_by(run).then(|| Lease {
                version,
                grant: None,
                written: written.map(str::to_owned),
                broken_by: None,
            }),
            Self::Break { seen, by } => (lease.version == seen.version).then(|| Lease {
                version,
                grant: None,
                written: None,
                broken_by: Some(by.to_owned()),
            }),
        }
    }
}

/// Waits until `time`. Reads the clock every second, because timers may stop while the computer is suspended.
async fn until(clock: &impl Clock, time: SystemTime) {
    const POLL: Duration = Duration::from_secs(1);
    while let Ok(left) = time.duration_since(clock.now())
        && !left.is_zero()
    {
        clock.sleep(left.min(POLL)).await;
    }
}

//! Leases: one run at a time changes an environment.
//!
//! A lease lies where its environment lives. A run looks at the leases before it looks at anything else, takes
//! those of the environments that its plan touches ([`take`]) on condition that nobody wrote to them since, renews
//! them while it works ([`LeaseGuard::keep`]) and gives them back ([`LeaseGuard::release`]). The lease of a run that died
//! runs out.

mod guard;
mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::{Duration, SystemTime};

use crate::CloudError;

pub use guard::{AcquireError, LeaseGuard, LeaseLost, LeaseRequest, take};
pub use wait::{look, wait_until_free};

/// How much longer than it says a lease counts as alive: clocks differ, and answers take time. Whoever holds it
/// stops when it says so.
pub const GRACE: Duration = Duration::from_secs(2);

/// The most leases that one change may be about (`TransactWriteItems` of DynamoDB).
pub const AT_ONCE: usize = 100;

/// Environments by the region in which their leases lie.
pub type Environments = BTreeMap<String, BTreeSet<String>>;

/// A place for leases in each region: an AWS account, or one in memory for tests.
pub trait Leases: Send + Sync {
    /// The leases of `project` in `region`, as they are right now; nothing where there is no place for them yet.
    fn leases(
        &self,
        region: &str,
        project: &str,
    ) -> impl Future<Output = Result<Option<LeaseSnapshot>, CloudError>> + Send;

    /// Makes these changes, by environment and at most [`AT_ONCE`], or none of them where one does not fit the
    /// lease as it is ([`Change::on`]).
    fn change(
        &self,
        region: &str,
        project: &str,
        changes: &BTreeMap<String, Change<'_>>,
    ) -> impl Future<Output = Result<Changed, CloudError>> + Send;

    /// Makes a place for leases in `region` and waits until it can be used. That there is one is no error.
    fn create_table(&self, region: &str) -> impl Future<Output = Result<(), CloudError>> + Send;
}

/// Time as the place of the leases has it, and a way to wait.
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> SystemTime;

    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// What a look at the leases showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseSnapshot {
    /// When it was, by the clock of the place, which is the same for everybody who looks.
    pub now: SystemTime,
    /// The leases by environment; an environment that never had one is not among them.
    pub leases: BTreeMap<String, Lease>,
}

/// The lease of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// Goes up with every write, so that none goes unnoticed; 0 where nothing was ever written.
    pub version: u64,
    /// Who holds it, or held it and did not give it back.
    pub grant: Option<Grant>,
    /// What the last run that gave it back left here.
    pub written: Option<String>,
    /// Who broke it, since when nobody held it.
    pub broken_by: Option<String>,
}

/// A run's hold on a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The run.
    pub holder: Holder,
    /// When it ends, unless it is renewed.
    pub expires: SystemTime,
}

/// A run that changes environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Tells it from every other run.
    pub run: String,
    /// Whose it is: `user@host`.
    pub owner: String,
    /// ARN of the caller in AWS.
    pub caller: String,
    /// The command, as it was typed.
    pub command: String,
    /// When it took the lease.
    pub since: SystemTime,
}

/// An environment that a run holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where its lease lies.
    pub region: String,
    /// Its name.
    pub environment: String,
    /// The run's hold on it.
    pub grant: Grant,
}

/// A write to one lease, and what the lease has to be for it.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// A run begins to hold what is as it was `seen`. What was left by the run before a dead one goes: it says no
    /// longer what is there.
    Take {
        /// The lease when it was looked at.
        seen: &'a Lease,
        /// The new hold.
        grant: &'a Grant,
    },
    /// The run that holds it goes on doing so.
    Renew {
        /// The run.
        run: &'a str,
        /// Until when.
        expires: SystemTime,
    },
    /// The run that holds it gives it back.
    Release {
        /// The run.
        run: &'a str,
        /// What it leaves for the next one, in place of what was there.
        written: Option<&'a str>,
    },
    /// Somebody takes what is as it was `seen` from the run that holds it.
    Break {
        /// The lease when it was looked at.
        seen: &'a Lease,
        /// Who does: `user@host`.
        by: &'a str,
    },
}

/// What became of changes to leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// All were made.
    All,
    /// None was: these leases are something else than the changes to them wanted, namely this.
    None(BTreeMap<String, Lease>),
}

impl LeaseSnapshot {
    /// The lease of an environment.
    pub fn lease(&self, env: &str) -> Lease {
        self.leases.get(env).cloned().unwrap_or_default()
    }

    /// What runs that may still be at work hold in `region`, where this was seen.
    pub fn alive(&self, region: &str) -> Vec<Held> {
        self.all(region, |lease| lease.alive(self.now))
    }

    /// What runs that died hold there.
    pub fn dead(&self, region: &str) -> Vec<Held> {
        self.all(region, |lease| lease.dead(self.now))
    }

    fn all<'l>(&'l self, region: &str, hold: impl Fn(&'l Lease) -> Option<&'l Grant>) -> Vec<Held> {
        let one = |(env, lease): (&String, &'l Lease)| {
            let grant = hold(lease)?.clone();
            Some(Held { region: region.to_owned(), environment: env.clone(), grant })
        };
        self.leases.iter().filter_map(one).collect()
    }
}

impl Lease {
    /// The hold on it of a run that may still be at work.
    pub fn alive(&self, now: SystemTime) -> Option<&Grant> {
        self.grant.as_ref().filter(|grant| now <= grant.expires + GRACE)
    }

    /// The hold on it of a run that died.
    pub fn dead(&self, now: SystemTime) -> Option<&Grant> {
        self.grant.as_ref().filter(|grant| now > grant.expires + GRACE)
    }

    /// What the last run left here, where nobody has begun another since.
    pub fn last_applied(&self) -> Option<&str> {
        self.written.as_deref().filter(|_| self.grant.is_none())
    }

    fn is_held_by(&self, run: &str) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.holder.run == run)
    }
}

impl Change<'_> {
    /// The lease after the change; nothing where it is not what the change wants it to be.
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

/// Waits until it is `time`. The clock is looked at again and again: a machine that slept has not noticed.
async fn until(clock: &impl Clock, time: SystemTime) {
    const LOOK: Duration = Duration::from_secs(1);
    while let Ok(left) = time.duration_since(clock.now())
        && !left.is_zero()
    {
        clock.sleep(left.min(LOOK)).await;
    }
}

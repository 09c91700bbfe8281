//! Leases of the environments that a command changes: read first, taken after the confirmation, renewed during the
//! apply, released at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use asiaq_aws::{Aws, LEASES};
use asiaq_ir::{Ir, Scope, ScopeRef};
use asiaq_runtime::{
    AT_ONCE, Accounts, AcquireError, CancellationToken, Change, Clock as _, CloudError, Fault, Held,
    LastApplied, Lease, LeaseGuard, LeaseLost, LeaseRequest, LeaseSnapshot, Leases as _, Scopes, later, look,
    take, wait_until_free,
};

use super::clock::{Began, Shared};
use super::{Interrupts, Locking, account, consent, holder};
use crate::exit::Result;
use crate::ui::{self, lease as words};

/// How much longer than for the resources a command that changes nothing waits for the leases.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a command waits for the release of its leases.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(10);

/// The leases of a project as they were read.
#[derive(Debug)]
pub(crate) struct LeaseCheck {
    snapshots: BTreeMap<String, LeaseSnapshot>,
    /// Regions whose leases could not be read.
    failed: BTreeMap<String, CloudError>,
    clock: Shared,
}

/// The leases that a command takes: those of `environments`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeaseContext<'a> {
    pub(crate) aws: &'a Accounts<Aws>,
    /// ARN of the caller.
    pub(crate) caller: &'a str,
    pub(crate) project: &'a str,
    pub(crate) scopes: &'a Scopes,
    pub(crate) lease_check: &'a LeaseCheck,
}

/// How a command waits for leases.
#[derive(Debug)]
pub(crate) struct LeaseWait<'a> {
    locking: &'a Locking,
    /// Whether the table of leases is created without confirmation.
    yes: bool,
    began: Instant,
}

/// The leases of a run; none with `--no-lock`.
#[derive(Debug)]
pub(crate) struct Lock {
    guard: Option<LeaseGuard>,
    clock: Shared,
    lost: OnceLock<LeaseLost>,
}

/// Reads the leases while `other` runs, which usually takes longer. A command that changes nothing does not need the
/// leases, so it does not wait for them.
pub(super) async fn check_alongside<T>(
    mut look: Pin<Box<impl Future<Output = LeaseCheck>>>,
    mut other: Pin<Box<impl Future<Output = T>>>,
) -> (LeaseCheck, T) {
    tokio::select! {
        lease_check = &mut look => (lease_check, other.await),
        seen = &mut other => {
            (check_soon(look).await, seen)
        }
    }
}

/// Reads the leases for a command that changes nothing.
pub(super) async fn check_soon(look: Pin<Box<impl Future<Output = LeaseCheck>>>) -> LeaseCheck {
    tokio::time::timeout(CHECK_TIMEOUT, look).await.unwrap_or_else(|_| LeaseCheck::nothing())
}

impl LeaseCheck {
    fn nothing() -> Self {
        let clock = Shared::new(Began::now(), None);
        Self { snapshots: BTreeMap::new(), failed: BTreeMap::new(), clock }
    }

    /// Reads the leases of a project. A failure is reported by the command that needs the leases.
    pub(crate) async fn at(aws: &Accounts<Aws>, project: &str, regions: &BTreeSet<String>) -> Self {
        let began = Began::now();
        let (mut snapshots, mut failed) = (BTreeMap::new(), BTreeMap::new());
        for (region, seen) in look(aws, project, regions).await {
            match seen {
                Ok(Some(snapshot)) => drop(snapshots.insert(region, snapshot)),
                Ok(None) => {}
                Err(error) => drop(failed.insert(region, error)),
            }
        }
        let theirs = snapshots.values().map(|snapshot: &LeaseSnapshot| snapshot.now).next();
        Self { snapshots, failed, clock: Shared::new(began, theirs) }
    }

    /// The active and dead runs on environments.
    pub(crate) fn others(&self, is_meant: impl Fn(ScopeRef<'_>) -> bool) -> words::Others {
        let meant = |held: Vec<Held>| {
            held.into_iter().filter(|held| is_meant(held.scope.borrowed())).collect::<Vec<_>>()
        };
        let all = |seen: fn(&LeaseSnapshot, &str) -> Vec<Held>| {
            meant(self.snapshots.iter().flat_map(|(region, snapshot)| seen(snapshot, region)).collect())
        };
        words::Others {
            active: all(LeaseSnapshot::alive),
            dead: all(LeaseSnapshot::dead),
            now: self.clock.now(),
        }
    }

    /// What asiaq last applied, by environment, unless a run has started to write since.
    pub(super) fn written(&self) -> BTreeMap<Scope, LastApplied> {
        let words = self.words().into_iter();
        words.filter_map(|(env, last_applied)| Some((env, last_applied.parse().ok()?))).collect()
    }

    /// The same in its stored form.
    pub(crate) fn words(&self) -> BTreeMap<Scope, String> {
        let leases = self.snapshots.values().flat_map(|snapshot| &snapshot.leases);
        leases.filter_map(|(env, lease)| Some((env.clone(), lease.last_applied()?.to_owned()))).collect()
    }

    /// The accounts that asiaq has written to, with the regions of their leases or of their declarations.
    pub(super) fn accounts(&self, declared: &Ir) -> BTreeMap<String, String> {
        let leases = self.snapshots.iter().flat_map(|(region, snapshot)| {
            snapshot.leases.keys().filter_map(move |scope| Some((scope.borrowed().account()?, region)))
        });
        let region = |name: &str, region: &String| {
            declared.accounts.get(name).map_or_else(|| region.clone(), |account| account.region.clone())
        };
        leases.map(|(name, at)| (name.to_owned(), region(name, at))).collect()
    }

    pub(super) fn snapshots(&self) -> &BTreeMap<String, LeaseSnapshot> {
        &self.snapshots
    }

    /// Why the leases of one of these regions could not be read.
    pub(super) fn failure<'a>(&self, mut regions: impl Iterator<Item = &'a String>) -> Option<anyhow::Error> {
        regions.find_map(|region| self.failed.get(region)).map(|error| unusable(error, "dynamodb:Query"))
    }
}

impl<'a> LeaseWait<'a> {
    /// For a command that starts now. With `yes`, the table of leases is created without confirmation.
    pub(crate) fn new(locking: &'a Locking, yes: bool) -> Self {
        Self { locking, yes, began: Instant::now() }
    }

    /// Waits while other runs hold the leases; returns whether any did. Fails after `--lock-timeout`.
    pub(crate) async fn wait(&self, context: &LeaseContext<'_>, interrupts: &Interrupts) -> Result<bool> {
        if self.locking.no_lock {
            return Ok(false);
        }
        let LeaseContext { aws, project, scopes, lease_check, .. } = *context;
        if let Some(error) = lease_check.failure(scopes.keys()) {
            return Err(error.into());
        }
        let busy =
            lease_check.others(|scope| scopes.values().any(|scopes| scopes.contains(scope.as_str()))).active;
        if busy.is_empty() {
            return Ok(false);
        }
        let (clock, left) = (lease_check.clock, self.left());
        if left.is_zero() {
            return Err(anyhow!(words::refusal(&busy, clock.now())).into());
        }
        let end = later(clock.now(), left);
        let reported = Mutex::new(BTreeSet::new());
        let report = |busy: &[Held]| {
            let runs: BTreeSet<String> = busy.iter().map(|held| held.grant.holder.run.clone()).collect();
            let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
            if !runs.is_subset(&reported) {
                let left = end.duration_since(clock.now()).unwrap_or_default();
                ui::say(&words::waiting(busy, clock.now(), left));
                reported.extend(runs);
            }
        };
        let wait = async {
            let left = wait_until_free(aws, &clock, project, scopes, end, &report).await;
            Ok(left.map_err(|error| unusable(&error, "dynamodb:Query"))?)
        };
        match interrupts.guard(Box::pin(wait)).await? {
            left if left.is_empty() => Ok(true),
            left => Err(anyhow!(words::refusal(&left, clock.now())).into()),
        }
    }

    /// Takes the leases; `None` if another run has held one since they were read, so that everything must be read
    /// again.
    pub(crate) async fn take(
        &self,
        context: &LeaseContext<'_>,
        interrupts: &Interrupts,
    ) -> Result<Option<Box<Lock>>> {
        let LeaseContext { aws, project, scopes, lease_check, .. } = *context;
        let clock = lease_check.clock;
        let lock = |guard| Ok(Some(Box::new(Lock { guard, clock, lost: OnceLock::new() })));
        if self.locking.no_lock {
            ui::say(&words::unlocked(scopes));
            context.forget().await;
            return lock(None);
        }
        self.create_table(context, interrupts).await?;
        let holder = holder::holder(context.caller, clock.now());
        let (snapshots, term) = (&lease_check.snapshots, self.locking.term());
        let request = LeaseRequest { project, scopes, snapshots, holder: &holder, term };
        // Not guarded: a lease that is taken has to be released.
        match Box::pin(take(aws, &clock, &request)).await {
            Ok(guard) => {
                ui::say(&words::inherited(&guard.inherited, clock.now()));
                lock(Some(guard))
            }
            Err(AcquireError::Held(busy)) if self.left().is_zero() => {
                Err(anyhow!(words::refusal(&busy, clock.now())).into())
            }
            Err(AcquireError::Held(_) | AcquireError::Changed(_)) => Ok(None),
            Err(AcquireError::Failed(error)) => Err(unusable(&error, "dynamodb:UpdateItem").into()),
        }
    }

    /// How long the command may still wait.
    fn left(&self) -> Duration {
        self.locking.lock_timeout.unwrap_or_default().saturating_sub(self.began.elapsed())
    }

    /// Creates the table in regions without one, after confirmation.
    async fn create_table(&self, context: &LeaseContext<'_>, interrupts: &Interrupts) -> Result<()> {
        let LeaseContext { aws, scopes, .. } = *context;
        for (region, scopes) in scopes {
            let accounts = aws.without_table(region, scopes);
            if accounts.is_empty() {
                continue;
            }
            if !self.yes {
                let accounts: Vec<&str> = accounts.iter().map(String::as_str).collect();
                offer(region, &accounts.join(" and "), interrupts).await?;
            }
            ui::say(&words::creating_table(region));
            let made = async { Ok(aws.create_tables(region, &accounts).await) };
            let rights = "dynamodb:CreateTable, dynamodb:DescribeTable and dynamodb:TagResource";
            interrupts.guard(Box::pin(made)).await?.map_err(|error| unusable(&error, rights))?;
        }
        Ok(())
    }
}

impl LeaseContext<'_> {
    /// Drops the records of the last applies, which know nothing of what a run without leases makes.
    async fn forget(&self) {
        let by = holder::owner();
        for (region, scopes) in self.scopes {
            let Some(snapshot) = self.lease_check.snapshots.get(region) else { continue };
            let seen = scopes.iter().map(|scope| (scope, snapshot.lease(scope.as_str())));
            let seen: Vec<(&Scope, Lease)> =
                seen.filter(|(_, lease)| lease.last_applied().is_some()).collect();
            for batch in seen.chunks(AT_ONCE) {
                let changes = batch
                    .iter()
                    .map(|(scope, seen)| ((*scope).clone(), Change::Break { seen, by: &by }))
                    .collect();
                let answer = Box::pin(self.aws.change(region, self.project, &changes)).await;
                if let Err(error) = answer {
                    ui::say(&words::remembered(&error.to_string()));
                }
            }
        }
    }
}

/// Asks whether to create the table of leases, and fails unless the answer is yes.
async fn offer(region: &str, account: &str, interrupts: &Interrupts) -> Result<()> {
    let answer = consent::answer(words::offer(region, account), interrupts).await?;
    if answer.as_deref().is_some_and(consent::is_yes) {
        return Ok(());
    }
    Err(anyhow!(
        "cancelled: you did not confirm the table of leases; nothing was changed\n\
         add `--no-lock` to work without leases, or `--yes` to create the table"
    )
    .into())
}

impl Lock {
    /// Renews the leases, and stops the command if they are lost.
    pub(super) async fn keep(&self, aws: &Accounts<Aws>, stop: &CancellationToken) -> Infallible {
        if let Some(guard) = &self.guard {
            let loss = guard.keep(aws, &self.clock).await;
            ui::say(&words::lost(&loss));
            let _ = self.lost.set(loss);
            stop.request();
        }
        std::future::pending().await
    }

    /// Whether the leases were lost.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.get().is_some()
    }

    /// Releases the leases, and records what was applied, by environment.
    pub(crate) async fn release(&self, aws: &Accounts<Aws>, left: &BTreeMap<Scope, String>) {
        let Some(guard) = &self.guard else { return };
        let release = tokio::time::timeout(RELEASE_TIMEOUT, Box::pin(guard.release(aws, left)));
        let why = match release.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "AWS did not respond".to_owned(),
        };
        ui::say(&words::kept(&why));
    }
}

/// The error message if leases cannot be used.
pub(super) fn unusable(error: &CloudError, rights: &str) -> anyhow::Error {
    let why = account::unusable("use leases", error);
    match error.fault {
        Fault::Denied => anyhow!(
            "{why}\nleases need permission for {rights} on the table `{LEASES}`; `--no-lock` works without leases"
        ),
        Fault::Refused | Fault::TimedOut | Fault::Unreachable | Fault::Unreadable => {
            anyhow!("{why}\n`--no-lock` works without leases")
        }
    }
}

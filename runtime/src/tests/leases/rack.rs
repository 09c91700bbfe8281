//! In-memory storage for leases, with simulated time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use asiaq_ir::Scope;

use crate::{AT_ONCE, Change, Changed, Clock, CloudError, Holder, Lease, LeaseSnapshot, Leases};

type Action = Box<dyn FnOnce(&Rack) + Send>;

/// In-memory leases. Time only passes in [`Rack::pass`] and in the sleep of a [`Watch`].
#[derive(Default)]
pub(super) struct Rack {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    leases: BTreeMap<(String, String, Scope), Lease>,
    /// Simulated time since the start of the test.
    time: Duration,
    writes: usize,
    /// Resolution of the time in snapshots, which is rounded down to a multiple of it.
    blur: Duration,
    failing: Option<CloudError>,
    actions: BTreeMap<Duration, Action>,
}

/// The clock of one run, `ahead` milliseconds ahead of the simulated time.
pub(super) struct Watch<'r> {
    rack: &'r Rack,
    ahead: i64,
}

impl Rack {
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The simulated time.
    pub(super) fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000) + self.state().time
    }

    pub(super) fn watch(&self, ahead: i64) -> Watch<'_> {
        Watch { rack: self, ahead }
    }

    pub(super) fn writes(&self) -> usize {
        self.state().writes
    }

    pub(super) fn blur(&self, blur: Duration) {
        self.state().blur = blur;
    }

    /// Schedules an action at `later` from now.
    pub(super) fn at(&self, later: Duration, what: impl FnOnce(&Rack) + Send + 'static) {
        let mut state = self.state();
        let time = state.time + later;
        state.actions.insert(time, Box::new(what));
    }

    /// Makes every write fail with `error` from `later` on; with `None`, ends the failures.
    pub(super) fn fail_from(&self, later: Duration, error: Option<CloudError>) {
        self.at(later, |rack| rack.state().failing = error);
    }

    /// Advances the time, and runs the actions that are due.
    pub(super) fn pass(&self, time: Duration) {
        let end = self.state().time + time;
        loop {
            let mut state = self.state();
            let next = state.actions.first_key_value().map(|(time, _)| *time).filter(|next| *next <= end);
            state.time = next.unwrap_or(end);
            let happening = next.and_then(|next| state.actions.remove(&next));
            drop(state);
            match happening {
                Some(happening) => happening(self),
                None => break,
            }
        }
    }
}

impl Watch<'_> {
    pub(super) fn time(&self) -> SystemTime {
        let off = Duration::from_millis(self.ahead.unsigned_abs());
        if self.ahead < 0 { self.rack.now() - off } else { self.rack.now() + off }
    }
}

impl Clock for Watch<'_> {
    fn now(&self) -> SystemTime {
        self.time()
    }

    async fn sleep(&self, time: Duration) {
        self.rack.pass(time);
    }
}

impl Leases for Rack {
    async fn leases(&self, region: &str, project: &str) -> Result<Option<LeaseSnapshot>, CloudError> {
        let now = self.now();
        let state = self.state();
        let here =
            state.leases.iter().filter(|((at, of, _), _)| (at.as_str(), of.as_str()) == (region, project));
        let leases: BTreeMap<_, _> = here.map(|((_, _, env), lease)| (env.clone(), lease.clone())).collect();
        Ok((!leases.is_empty()).then_some(LeaseSnapshot { now: now - state.blur, leases }))
    }

    async fn change(
        &self,
        region: &str,
        project: &str,
        changes: &BTreeMap<Scope, Change<'_>>,
    ) -> Result<Changed, CloudError> {
        assert!(!changes.is_empty() && changes.len() <= AT_ONCE);
        let mut state = self.state();
        state.writes += 1;
        if let Some(error) = &state.failing {
            return Err(error.clone());
        }
        let (mut after, mut misfits) = (BTreeMap::new(), BTreeMap::new());
        for (env, change) in changes {
            let key = (region.to_owned(), project.to_owned(), env.clone());
            let lease = state.leases.get(&key).cloned().unwrap_or_default();
            match change.on(&lease) {
                Some(lease) => {
                    after.insert(key, lease);
                }
                None => {
                    misfits.insert(env.clone(), lease);
                }
            }
        }
        if !misfits.is_empty() {
            return Ok(Changed::None(misfits));
        }
        state.leases.extend(after);
        Ok(Changed::All)
    }

    async fn create_table(&self, _: &str) -> Result<(), CloudError> {
        Ok(())
    }
}

/// A holder with `run` as its id.
pub(super) fn holder(run: &str, since: SystemTime) -> Holder {
    Holder {
        run: run.to_owned(),
        owner: format!("{run}@host"),
        caller: format!("arn:aws:iam::111122223333:user/{run}"),
        command: "asiaq apply".to_owned(),
        since,
    }
}

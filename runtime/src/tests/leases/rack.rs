//! A place for leases in memory, and its time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use crate::{AT_ONCE, Change, Changed, Clock, CloudError, Holder, Lease, LeaseSnapshot, Leases};

/// What happens at a time.
type RunEvent = Box<dyn FnOnce(&Rack) + Send>;

/// Leases in memory. Time stands still but for [`Rack::pass`] and whoever sleeps.
#[derive(Default)]
pub(super) struct Rack {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    leases: BTreeMap<(String, String, String), Lease>,
    /// Since the beginning.
    time: Duration,
    writes: usize,
    /// How much of a time a look does not show: it is rounded down to this.
    blur: Duration,
    failing: Option<CloudError>,
    happenings: BTreeMap<Duration, RunEvent>,
}

/// The clock of one run: the true one, so many milliseconds ahead.
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

    /// The true time.
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

    /// Has something happen so much later than now.
    pub(super) fn at(&self, later: Duration, what: impl FnOnce(&Rack) + Send + 'static) {
        let mut state = self.state();
        let time = state.time + later;
        state.happenings.insert(time, Box::new(what));
    }

    /// Has every write fail from then on, or none any more.
    pub(super) fn fail_from(&self, later: Duration, error: Option<CloudError>) {
        self.at(later, |rack| rack.state().failing = error);
    }

    /// Lets time go by.
    pub(super) fn pass(&self, time: Duration) {
        let end = self.state().time + time;
        loop {
            let mut state = self.state();
            let next = state.happenings.first_key_value().map(|(time, _)| *time).filter(|next| *next <= end);
            state.time = next.unwrap_or(end);
            let happening = next.and_then(|next| state.happenings.remove(&next));
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
        changes: &BTreeMap<String, Change<'_>>,
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

/// A run, told apart by its name.
pub(super) fn holder(run: &str, since: SystemTime) -> Holder {
    Holder {
        run: run.to_owned(),
        owner: format!("{run}@host"),
        caller: format!("arn:aws:iam::111122223333:user/{run}"),
        command: "asiaq apply".to_owned(),
        since,
    }
}

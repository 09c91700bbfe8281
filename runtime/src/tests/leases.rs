//! Tests of leases, with in-memory storage and simulated time.

mod rack;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::FutureExt as _;
use proptest::collection::vec;
use proptest::prelude::*;

use asiaq_ir::Scope;

use crate::{
    AcquireError, Change, Changed, CloudError, Fault, GRACE, LeaseGuard, LeaseLost, LeaseRequest,
    LeaseSnapshot, Scopes, take, wait_until_free,
};
use rack::{Rack, Watch, holder};

const REGION: &str = "us-west-2";
const PROJECT: &str = "shop";
const TERM: Duration = Duration::from_mins(1);

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn environments(names: &[&str]) -> Scopes {
    Scopes::from([(REGION.to_owned(), names.iter().map(|name| Scope::environment(name)).collect())])
}

impl Rack {
    fn look(&self) -> BTreeMap<String, LeaseSnapshot> {
        let snapshot = crate::Leases::leases(self, REGION, PROJECT).now_or_never().unwrap().unwrap();
        snapshot.map(|snapshot| (REGION.to_owned(), snapshot)).into_iter().collect()
    }

    /// Takes leases on the basis of snapshots, for a run of this name.
    fn take(
        &self,
        run: &str,
        envs: &[&str],
        snapshots: &BTreeMap<String, LeaseSnapshot>,
    ) -> Result<LeaseGuard, AcquireError> {
        let (environments, holder) = (environments(envs), holder(run, self.now()));
        let request =
            LeaseRequest { project: PROJECT, scopes: &environments, snapshots, holder: &holder, term: TERM };
        take(self, &self.watch(0), &request).now_or_never().unwrap()
    }

    fn release(&self, guard: &LeaseGuard, words: &[(&str, &str)]) -> Result<(), CloudError> {
        let words = words
            .iter()
            .map(|(env, last_applied)| (Scope::environment(env), (*last_applied).to_owned()))
            .collect();
        guard.release(self, &words).now_or_never().unwrap()
    }

    /// Renews the leases of a run until they are lost.
    fn keep(&self, guard: &LeaseGuard) -> LeaseLost {
        guard.keep(self, &self.watch(0)).now_or_never().unwrap()
    }

    fn change(&self, env: &str, change: Change<'_>) -> Changed {
        let changes = BTreeMap::from([(Scope::environment(env), change)]);
        crate::Leases::change(self, REGION, PROJECT, &changes).now_or_never().unwrap().unwrap()
    }

    fn last_applied(&self, env: &str) -> Option<String> {
        self.look()[REGION].lease(env).last_applied().map(str::to_owned)
    }
}

fn busy(result: Result<LeaseGuard, AcquireError>) -> Vec<String> {
    match result {
        Err(AcquireError::Held(held)) => {
            held.iter().map(|held| format!("{} {}", held.scope, held.grant.holder.owner)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_held_lease_blocks_the_whole_request() {
    let rack = Rack::new();
    let first = rack.take("ann", &["ci"], &rack.look()).unwrap();
    assert_eq!(busy(rack.take("bob", &["ci", "qa"], &rack.look())), ["ci ann@host"]);
    rack.take("eve", &["qa"], &rack.look()).unwrap();
    rack.release(&first, &[]).unwrap();
    rack.take("bob", &["ci"], &rack.look()).unwrap();
}

#[test]
fn a_run_in_between_is_noticed_even_after_its_release() {
    let rack = Rack::new();
    let seen = rack.look();
    let ann = rack.take("ann", &["ci"], &seen).unwrap();
    assert_eq!(busy(rack.take("bob", &["ci"], &seen)), ["ci ann@host"], "found out only by writing");
    rack.release(&ann, &[]).unwrap();
    let moved = rack.take("bob", &["ci", "qa"], &seen).unwrap_err();
    assert_eq!(moved, AcquireError::Changed(BTreeSet::from([Scope::environment("ci")])));
    assert_eq!(rack.look()[REGION].lease("qa").grant, None, "all or nothing");
}

#[test]
fn an_expired_lease_is_taken_and_its_record_is_dropped() {
    let rack = Rack::new();
    let ann = rack.take("ann", &["ci"], &rack.look()).unwrap();
    rack.release(&ann, &[("ci", "all is well")]).unwrap();
    assert_eq!(rack.last_applied("ci").as_deref(), Some("all is well"));
    rack.take("bob", &["ci"], &rack.look()).unwrap();
    assert_eq!(rack.last_applied("ci"), None, "bob changes things");
    rack.pass(TERM + GRACE);
    assert_eq!(busy(rack.take("eve", &["ci"], &rack.look())), ["ci bob@host"]);
    rack.pass(seconds(1));
    let eve = rack.take("eve", &["ci"], &rack.look()).unwrap();
    assert_eq!(eve.inherited[0].grant.holder.owner, "bob@host");
    rack.release(&eve, &[]).unwrap();
    assert_eq!(rack.last_applied("ci"), None);
}

#[test]
fn records_too_long_for_an_item_are_dropped_and_long_ones_are_batched() {
    let rack = Rack::new();
    let envs: Vec<String> = (0..20).map(|number| format!("env{number:02}")).collect();
    let envs: Vec<&str> = envs.iter().map(String::as_str).collect();
    let guard = rack.take("ann", &envs, &rack.look()).unwrap();
    let (long, too_long) = ("x".repeat(300_000), "x".repeat(350_001));
    let mut words: Vec<(&str, &str)> = envs.iter().map(|env| (*env, long.as_str())).collect();
    words[3].1 = &too_long;
    let before = rack.writes();
    rack.release(&guard, &words).unwrap();
    assert_eq!(rack.writes() - before, 2);
    assert_eq!(rack.last_applied("env03"), None);
    assert_eq!(rack.last_applied("env19").map(|last_applied| last_applied.len()), Some(300_000));
}

#[test]
fn more_environments_than_one_write_holds_are_taken_all_or_none() {
    let rack = Rack::new();
    let envs: Vec<String> = (0..150).map(|number| format!("env{number:03}")).collect();
    let envs: Vec<&str> = envs.iter().map(String::as_str).collect();
    let seen = rack.look();
    let ann = rack.take("ann", &["env149"], &seen).unwrap();
    assert_eq!(busy(rack.take("bob", &envs, &seen)), ["env149 ann@host"]);
    assert_eq!(rack.look()[REGION].alive(REGION).len(), 1, "leases bob took are released");
    rack.release(&ann, &[]).unwrap();
    let bob = rack.take("bob", &envs, &rack.look()).unwrap();
    rack.release(&bob, &[]).unwrap();
    assert_eq!(rack.look()[REGION].alive(REGION), []);
}

#[test]
fn renewals_keep_leases_with_few_writes() {
    let rack = Rack::new();
    let guard = rack.take("ann", &["ci", "qa"], &rack.look()).unwrap();
    let before = rack.writes();
    // Renewed for an hour, until one of them is broken.
    rack.at(seconds(3600), |rack| {
        let seen = rack.look()[REGION].lease("qa");
        assert_eq!(rack.change("qa", Change::Break { seen: &seen, by: "bob@host" }), Changed::All);
    });
    let loss = rack.keep(&guard);
    assert_eq!(loss, LeaseLost::Broken { scope: Scope::environment("qa"), by: Some("bob@host".to_owned()) });
    assert!((170..=181).contains(&(rack.writes() - before)), "{}", rack.writes() - before);
    rack.release(&guard, &[]).unwrap();
    assert_eq!(rack.look()[REGION].alive(REGION), [], "what is left of it is given back");
}

#[test]
fn a_failed_renewal_is_retried_until_the_lease_expires() {
    let rack = Rack::new();
    let error = CloudError {
        operation: "TransactWriteItems".to_owned(),
        fault: Fault::Unreachable,
        code: String::new(),
        message: "no route to host".to_owned(),
        request: None,
    };
    let guard = rack.take("ann", &["ci"], &rack.look()).unwrap();
    let start = rack.now();
    rack.fail_from(seconds(10), Some(error.clone()));
    rack.fail_from(seconds(50), None);
    rack.fail_from(seconds(200), Some(error.clone()));
    let loss = rack.keep(&guard);
    assert_eq!(loss, LeaseLost::Expired { error: Some(error) });
    let held = rack.now().duration_since(start).unwrap();
    assert!(held > seconds(200) && held <= seconds(260), "{held:?}");
}

#[test]
fn waiting_ends_at_a_release_an_expiry_or_the_deadline() {
    let wait = |rack: &Rack, end: u64| {
        let end = rack.now() + seconds(end);
        let told = std::sync::Mutex::new(0);
        let tell = |_: &[crate::Held]| *told.lock().unwrap() += 1;
        let envs = environments(&["ci"]);
        let left = wait_until_free(rack, &rack.watch(0), PROJECT, &envs, end, &tell)
            .now_or_never()
            .unwrap()
            .unwrap();
        (left.len(), *told.lock().unwrap() > 0)
    };
    let rack = Rack::new();
    assert_eq!(wait(&rack, 0), (0, false), "a region without leases needs no wait");
    let start = rack.now();
    let ann = rack.take("ann", &["ci", "qa"], &rack.look()).unwrap();
    rack.at(seconds(20), move |rack| rack.release(&ann, &[]).unwrap());
    assert_eq!(wait(&rack, 600), (0, true));
    assert!(rack.now().duration_since(start).unwrap() < seconds(35));

    rack.take("bob", &["ci"], &rack.look()).unwrap();
    assert_eq!(wait(&rack, 30), (1, true));
    assert_eq!(wait(&rack, 600), (0, true));
    let waited = rack.now().duration_since(start).unwrap();
    assert!(
        waited < seconds(35) + TERM + GRACE + seconds(1),
        "dead runs are not waited for longer: {waited:?}"
    );
}

/// The next action of one of several runs.
#[derive(Clone, Copy, Debug)]
enum Move {
    Look,
    Take,
    Renew,
    Release,
    Die,
}

/// A run whose clock is wrong by up to a second.
#[derive(Default)]
struct Run {
    seen: BTreeMap<String, LeaseSnapshot>,
    guard: Option<(LeaseGuard, std::time::SystemTime)>,
}

proptest! {
    #[test]
    fn two_runs_never_hold_a_lease_at_once(
        moves in vec(
            (
                0..3_usize,
                prop_oneof![Just(Move::Look), Just(Move::Take), Just(Move::Renew), Just(Move::Release), Just(Move::Die)],
                prop_oneof![Just(0_u64), 0..2_000_u64, 0..90_000_u64],
            ),
            1..60,
        ),
        wrong in proptest::array::uniform3(-1_000_i64..=0),
    ) {
        let rack = Rack::new();
        rack.blur(Duration::from_millis(999));
        let mut runs: [Run; 3] = Default::default();
        for (index, (who, what, later)) in moves.into_iter().enumerate() {
            rack.pass(Duration::from_millis(later));
            let watch: Watch<'_> = rack.watch(wrong[who]);
            let run = &mut runs[who];
            match what {
                Move::Look => run.seen = rack.look(),
                Move::Take if run.guard.is_none() => {
                    let name = format!("run{who}-{index}");
                    let (environments, holder) = (environments(&["ci"]), holder(&name, watch.time()));
                    let snapshots = &run.seen;
                    let request =
                        LeaseRequest { project: PROJECT, scopes: &environments, snapshots, holder: &holder, term: TERM };
                    let until = watch.time() + TERM;
                    run.guard =
                        take(&rack, &watch, &request).now_or_never().unwrap().ok().map(|guard| (guard, until));
                }
                Move::Renew => {
                    if let Some((guard, until)) = &mut run.guard
                        && watch.time() < *until
                    {
                        let later = watch.time() + TERM;
                        match guard.renew(&rack, later).now_or_never().unwrap().unwrap() {
                            Changed::All => *until = later,
                            Changed::None(_) => prop_assert!(false, "a live lease was taken"),
                        }
                    }
                }
                Move::Release => {
                    if let Some((guard, _)) = run.guard.take() {
                        rack.release(&guard, &[]).unwrap();
                    }
                }
                Move::Die => run.guard = None,
                Move::Take => {}
            }
            let writes = |(who, run): (usize, &Run)| {
                let until = run.guard.as_ref().map(|(_, until)| *until);
                until.is_some_and(|until| rack.watch(wrong[who]).time() < until)
            };
            let writing = runs.iter().enumerate().filter(|run| writes((run.0, run.1))).count();
            prop_assert!(writing <= 1, "{} runs hold the lease after {:?}", writing, what);
        }
    }
}

//! One call at a time goes wrong.

use std::collections::BTreeMap;

use asiaq_compiler::Checked;
use asiaq_runtime::{CloudError, Fault as Failure, Goal};
use futures::stream::{self, StreamExt};

use super::census::Census;
use super::program;
use super::world::World;
use crate::proxy::{Call, Fault, Moment};

/// What a run is about.
struct Scenario {
    name: &'static str,
    /// What is there before.
    before: Option<String>,
    program: String,
    goal: Goal,
}

/// Failures after which no more cases are tried.
const SAID: usize = 5;

fn apply() -> Scenario {
    Scenario { name: "apply", before: None, program: program::whole(), goal: Goal::Apply }
}

fn update() -> Scenario {
    let before = Some(program::whole());
    Scenario { name: "update", before, program: program::whole_changed(), goal: Goal::Apply }
}

fn destroy() -> Scenario {
    let before = Some(program::whole());
    Scenario { name: "destroy", before, program: program::whole(), goal: Goal::Destroy }
}

/// A run without faults: its calls, and what is there after it.
struct Clean {
    calls: Vec<Call>,
    census: Census,
}

impl Scenario {
    /// An account as it is before the run, and the program of the run.
    async fn begin(&self) -> (World, Checked) {
        let world = World::new().await;
        if let Some(before) = &self.before {
            world.arrive(&world.checked(before), Goal::Apply).await.unwrap();
        }
        world.proxy.clear();
        let program = world.checked(&self.program);
        (world, program)
    }

    async fn clean(&self) -> Clean {
        let (world, program) = self.begin().await;
        let (_, outcome) = world.run(&program, self.goal).await.unwrap();
        assert!(outcome.is_complete(), "{outcome:#?}");
        let calls = world.proxy.calls();
        world.arrive(&program, self.goal).await.unwrap();
        Clean { calls, census: world.census().await }
    }

    /// A run in which these calls go wrong: it arrives, or says what is wrong and the next one arrives. If not, why.
    async fn check(&self, clean: &Clean, faults: &[(&str, usize, Fault)]) -> Result<(), String> {
        let (world, program) = self.begin().await;
        for (operation, n, fault) in faults {
            world.proxy.on(operation, *n, fault.clone());
        }
        let what = match faults {
            [(operation, n, fault)] => format!("{}, {operation} {n} {fault:?}", self.name),
            _ => format!("{}, each {:?}", self.name, faults.first().map(|(_, _, fault)| fault)),
        };
        let failed = match world.run(&program, self.goal).await {
            Ok((_, outcome)) => outcome.failed.into_iter().map(|failure| failure.error).collect(),
            Err(error) => vec![error],
        };
        if let Some(unclear) = failed.iter().find(|error| !is_clear(error)) {
            return Err(format!("{what}: unclear: {unclear:?}"));
        }
        world.arrive(&program, self.goal).await.map_err(|why| format!("{what}: {why} after {failed:?}"))?;
        let census = world.census().await;
        let differs = |(name, count): (&&'static str, &usize)| {
            let expected = clean.census.get(*name)?;
            (expected != count).then(|| format!("{count} {name} instead of {expected}"))
        };
        let different: Vec<String> = census.iter().filter_map(differs).collect();
        if different.is_empty() {
            Ok(())
        } else {
            Err(format!("{what}: {} after {failed:?}", different.join(", ")))
        }
    }
}

/// Whether an error says what failed and why, and by which request where AWS said so.
pub(super) fn is_clear(error: &CloudError) -> bool {
    let is_told = error.request.is_some() || error.fault != Failure::Refused;
    is_told && !error.operation.is_empty() && !error.message.is_empty()
}

/// Ways in which a call that writes goes wrong.
pub(super) const WRITES: [Fault; 6] = [
    Fault::Throttled,
    Fault::Failed(Moment::Before),
    Fault::Failed(Moment::After),
    Fault::Dropped(Moment::Before),
    Fault::Dropped(Moment::After),
    Fault::Refused("UnauthorizedOperation", "You are not authorized to perform this operation."),
];

/// The operations of a run, with whether they write and how often each is called.
fn counts(calls: &[Call]) -> BTreeMap<(&str, bool), usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry((call.operation.as_str(), call.is_write)).or_default() += 1;
    }
    counts
}

/// Ways in which a call that looks goes wrong.
const READS: [Fault; 3] = [Fault::Throttled, Fault::Failed(Moment::Before), Fault::Dropped(Moment::After)];

impl Scenario {
    /// The first call of every operation that writes goes wrong, all in one run.
    async fn slice(self, fault: Fault) {
        let clean = Box::pin(self.clean()).await;
        let writes = counts(&clean.calls).into_keys().filter(|(_, is_write)| *is_write);
        let faults: Vec<_> = writes.map(|(operation, _)| (operation, 1, fault.clone())).collect();
        Box::pin(self.check(&clean, &faults)).await.unwrap();
    }

    /// Each call goes wrong in each way, one a run.
    #[expect(clippy::print_stderr, reason = "it takes long, and whoever watches may know enough")]
    async fn whole(self) {
        let clean = Box::pin(self.clean()).await;
        let counts = counts(&clean.calls);
        let ways = |is_write: bool| if is_write { &WRITES[..] } else { &READS[..] };
        let cases = counts.iter().flat_map(|((operation, is_write), count)| {
            let each = (1..=*count).flat_map(|n| ways(*is_write).iter().map(move |fault| (n, fault)));
            each.map(|(n, fault)| [(*operation, n, fault.clone())])
        });
        let cases: Vec<_> = cases.collect();
        let failures: Vec<String> = stream::iter(&cases)
            .map(|case| self.check(&clean, case))
            .buffer_unordered(4)
            .filter_map(async |checked| checked.err())
            .inspect(|failure| eprintln!("{failure}"))
            .take(SAID)
            .collect()
            .await;
        assert!(failures.is_empty(), "of {}:\n{}", cases.len(), failures.join("\n"));
    }
}

/// Whether to try everything, however long it takes.
pub(super) fn is_long() -> bool {
    std::env::var("ASIAQ_TESTS").as_deref() == Ok("long")
}

#[tokio::test]
async fn an_apply_whose_every_call_goes_wrong_arrives() {
    if is_long() {
        Box::pin(apply().whole()).await;
    } else {
        Box::pin(apply().slice(Fault::Dropped(Moment::After))).await;
    }
}

#[tokio::test]
async fn an_update_whose_every_call_goes_wrong_arrives() {
    if is_long() {
        Box::pin(update().whole()).await;
    } else {
        Box::pin(update().slice(Fault::Failed(Moment::After))).await;
    }
}

#[tokio::test]
async fn a_destroy_whose_every_call_goes_wrong_arrives() {
    if is_long() {
        Box::pin(destroy().whole()).await;
    } else {
        Box::pin(destroy().slice(Fault::Dropped(Moment::After))).await;
    }
}

#[tokio::test]
async fn an_endpoint_whose_tables_went_before_it_goes_with_the_next_run() {
    let destroy = destroy();
    let clean = Box::pin(destroy.clean()).await;
    let [.., denied] = WRITES;
    Box::pin(destroy.check(&clean, &[("DeleteVpcEndpoints", 1, denied)])).await.unwrap();
}

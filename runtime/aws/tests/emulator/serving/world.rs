//! An account in which things take their time, watched after each call that changes something.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use asiaq_runtime::{Goal, Outcome, Plan};
use tokio::runtime::Handle;

use super::facts::{self, Facts};
use crate::faults::world::{World, checked};
use crate::proxy::Fault;

/// A world with a program in it.
pub(super) struct Watched {
    world: Arc<World>,
    /// What serves before the change.
    before: Facts,
}

/// What a change did.
pub(super) struct Seen {
    pub(super) plan: Plan,
    pub(super) outcome: Outcome,
    pub(super) before: Facts,
    pub(super) after: Facts,
    /// What served before and serves after, and did not in between: since which call.
    pub(super) missing: BTreeMap<String, String>,
}

impl Watched {
    /// A world in which `program` is applied, and everything serves.
    pub(super) async fn with(program: &str) -> Self {
        let world = Arc::new(World::new().await);
        world.arrive(&checked(program.to_owned()), Goal::Apply).await.unwrap();
        let before = facts::of(&world.calm).await;
        Self { world, before }
    }

    /// From now on things take their time; those with a part of `never` in their name never become healthy.
    pub(super) async fn slow(self, never: &[&str]) -> Self {
        let pace = serde_json::json!({ "looks": 4, "never": never }).to_string();
        let client = aws_sdk_ssm::Client::new(&self.world.calm.sdk);
        let call = client.put_parameter().name("/emulator/pace").value(pace).overwrite(true);
        call.r#type(aws_sdk_ssm::types::ParameterType::String).send().await.unwrap();
        self
    }

    /// AWS refuses the first call of an operation.
    pub(super) fn refuse_once(&self, operation: &str) {
        self.world.proxy.clear();
        self.world.proxy.on(
            operation,
            1,
            Fault::Refused("InvalidConfigurationRequest", "it is not possible"),
        );
    }

    /// Applies `program`, and looks after each call that changes something.
    pub(super) async fn change(&self, program: &str) -> Seen {
        let program = checked(program.to_owned());
        let log: Arc<Mutex<Vec<(String, Facts)>>> = Arc::default();
        let (handle, world, seen) = (Handle::current(), Arc::downgrade(&self.world), Arc::clone(&log));
        self.world.proxy.watch(move |operation| {
            let Some(world) = world.upgrade() else { return };
            let facts = handle.block_on(facts::of(&world.calm));
            seen.lock().unwrap().push((operation.to_owned(), facts));
        });
        let (plan, outcome) = self.world.run(&program, Goal::Apply).await.unwrap();
        self.world.proxy.unwatch();
        let mut after = facts::of(&self.world.calm).await;
        for _ in 0..8 {
            // What is new has become healthy, unless it never does.
            after = facts::of(&self.world.calm).await;
        }
        let mut missing = BTreeMap::new();
        for (operation, facts) in log.lock().unwrap().iter() {
            for fact in self.before.intersection(&after).filter(|fact| !facts.contains(*fact)) {
                missing.entry(fact.clone()).or_insert_with(|| operation.clone());
            }
        }
        Seen { plan, outcome, before: self.before.clone(), after, missing }
    }
}

//! Property tests: an environment that has another name, and no `moved`, keeps what it has where it is plainly the same.

use std::collections::BTreeMap;

use asiaq_ir::{Ir, Renamed};
use proptest::prelude::*;

use super::converge::{assert_is, project};
use super::renames::{Names, in_one_region, kept};
use super::world::{ENVS, NOW, Project, World};
use crate::{
    CancellationToken, Coverage, Event, InjectedFault, Limits, Progress, RenamedEnvironments, apply,
    only_renames, plan,
};

/// The program with the moves that it does not say itself.
async fn followed(world: &World, program: &Ir) -> Ir {
    let observed = world.observe().await;
    let declared = program.environments.iter();
    let declared = declared.map(|(name, env)| (name.as_str(), Some(env.region.as_str()))).collect();
    let found = RenamedEnvironments::of(&declared, &program.moved, &observed);
    let mut ir = program.clone();
    ir.moved.extend(found.begun);
    if let Some((old, new)) = found.likely {
        let mut both = ir.clone();
        both.moved.insert(old.clone(), new.clone());
        if only_renames(&plan(&both, &observed, &Coverage::default(), NOW), &old, &new) {
            return both;
        }
    }
    ir
}

/// Applies the program after a run that was killed at a call.
async fn arrive(world: &World, program: &Ir, call: usize) {
    let first = plan(&followed(world, program).await, &world.observe().await, &Coverage::default(), NOW);
    world.memory.fail(call, InjectedFault::Before);
    let killed = CancellationToken::new();
    let observer = |event: Event| {
        if matches!(event.progress, Progress::Failed { .. }) {
            killed.request();
        }
    };
    apply(&world.memory, &first, &Limits { concurrency: 1 }, &killed, &observer).await;
    world.memory.heal();
    let program = followed(world, program).await;
    world.apply(&program, &Coverage::default()).await;
    assert_is(world, &program);
}

/// The first environment of a project under a name that is free.
fn renamed(project: &Project) -> Option<Names> {
    let old = *project.envs.keys().next()?;
    let new = ENVS.into_iter().find(|name| !project.envs.contains_key(name))?;
    Some(Names::of_environment(old, new))
}

async fn keeps(project: Project, call: usize) {
    let project = in_one_region(project);
    let Some(names) = renamed(&project) else { return };
    let world = World::new();
    let before = world.lower(&project);
    world.apply(&before, &Coverage::default()).await;
    let ids = kept(&world.ours());
    let after = names.renamed(&before);
    arrive(&world, &after, call).await;
    assert_eq!(kept(&world.ours()), ids, "{names:?}");
    let again = plan(&after, &world.observe().await, &Coverage::default(), NOW);
    assert!(again.is_empty(), "{:#?}", again.steps);
}

/// One environment after another: the first one is gone, and the other one is new.
async fn replaced(project: Project, call: usize) {
    let mut envs = in_one_region(project).envs.into_iter();
    let (Some((old, one)), Some((new, other))) = (envs.next(), envs.next()) else { return };
    let alone = |name, env| Project { envs: BTreeMap::from([(name, env)]), ..Project::default() };
    let world = World::new();
    let before = world.lower(&alone(old, one));
    world.apply(&before, &Coverage::default()).await;
    let ids = kept(&world.ours());
    let after = world.lower(&alone(new, other));
    let is_same = !followed(&world, &after).await.moved.is_empty();
    let names = Names::of_environment(old, new);
    assert!(is_same || names.renamed(&before) != after, "the same under another name");
    let parts = |ir: &Ir| {
        let kept = ir.resources.iter();
        let kept = kept.filter(|(_, node)| node.resource.kind().schema().renamed == Renamed::Kept);
        kept.map(|(address, node)| (address.path().to_owned(), node.resource.kind())).collect::<Vec<_>>()
    };
    assert!(!is_same || parts(&before) == parts(&after), "not the same");
    arrive(&world, &after, call).await;
    assert_eq!(kept(&world.ours()) == ids, is_same);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_renamed_environment_keeps_every_id_also_after_a_run_that_was_killed(
        project in project(), call in 0usize..60,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(keeps(project, call));
    }

    #[test]
    fn an_environment_that_is_not_the_same_is_another_one(project in project(), call in 0usize..60) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(replaced(project, call));
    }
}

//! Property test: whatever asiaq makes of a program is what it recognizes when nobody's tags are on it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;
use proptest::prelude::*;

use super::converge::project;
use super::world::{PROJECT, World};
use crate::{Candidates, Coverage, Found, Observed, compared, fits};

/// Compares a program with what is live.
fn adopted(ir: &Ir, live: Vec<Found>) -> crate::Adoption {
    let scope = Coverage::default();
    let account = |_: ScopeRef<'_>| "123456789012".to_owned();
    let candidates = Candidates {
        ir,
        observed: &Observed::default(),
        live: &BTreeMap::from([(account(ScopeRef::of_environment("ci")), live)]),
        account: &account,
        scope: &scope,
        named: &BTreeSet::new(),
        managed: false,
        apart: &BTreeSet::new(),
    };
    fits(&candidates)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_made_is_recognized_by_what_it_is(project in project()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (ir, ours, live) = runtime.block_on(async {
            let world = World::new();
            let ir = world.lower(&project);
            world.apply(&ir, &Coverage::default()).await;
            let ours = world.ours();
            // That of somebody else with the same block would be as good.
            let mut live = world.memory.contents();
            live.retain(|found| found.tags.get(PROJECT_TAG).is_some_and(|name| name == PROJECT));
            for found in &mut live {
                found.tags.clear();
            }
            (ir, ours, live)
        });
        let adoption = adopted(&ir, live);
        let is_compared = |found: &&Found| compared().contains(&found.resource.kind());
        let made: BTreeSet<(Address, String)> =
            ours.iter().filter(is_compared).map(|found| (found.address.clone(), found.id.clone())).collect();
        let found: BTreeSet<(Address, String)> = adoption.matches.iter().map(crate::Match::key).collect();
        prop_assert!(found.is_subset(&made), "{:#?}", found.difference(&made).collect::<Vec<_>>());
        prop_assert_eq!(&adoption.refused, &[]);
        if adoption.ambiguous.is_empty() {
            prop_assert!(made.is_subset(&found), "{:#?}", made.difference(&found).collect::<Vec<_>>());
        }
    }
}

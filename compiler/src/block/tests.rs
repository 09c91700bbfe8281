use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use crate::fixture;

/// Contexts from the strongest to the weakest as environment `ci` sees them.
const OF_CI: [&str; 4] = ["@ci", "@near", "@far", ""];

/// What three hostclasses, each inheriting from the next, say in each context.
type Said = [BTreeMap<&'static str, u8>; 3];

fn program(said: &Said) -> String {
    let mut text = "project p { region = us-west-2 }
envtype far { zones = 1, metanetwork web {} }
envtype near : far {}
env ci : near { cidr = 10.0.0.0/20 }
env qa : far { cidr = 10.1.0.0/20 }
"
    .to_owned();
    for (depth, fields) in said.iter().enumerate() {
        let parent = if depth == 2 { String::new() } else { format!(" : h{}", depth + 1) };
        let _ = writeln!(text, "hostclass h{depth}{parent} {{\n  network = web");
        for (context, offset) in fields {
            let _ = writeln!(text, "  ip{context} = +{offset}");
        }
        text.push_str("}\n");
    }
    text
}

/// The order in words: the declaration, then what it inherits from; in each, the environment, the nearest
/// envtype, the farther ones, the plain field.
fn expected(said: &Said) -> Vec<u8> {
    said.iter().flat_map(|fields| OF_CI.iter().filter_map(|context| fields.get(context).copied())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_most_specific_setting_wins_and_the_others_lose_in_order(
        picks in prop::array::uniform3(prop::collection::btree_map(
            prop::sample::select(vec!["@ci", "@near", "@far", "", "@qa"]), 4_u8..250, 0..5,
        )),
    ) {
        let checked = fixture::check(&program(&picks));
        let explained = checked.explain("ci.h0.ip").unwrap_or_default();
        let said: Vec<u8> = explained
            .iter()
            .flat_map(|found| &found.places)
            .map(|place| place.text.rsplit('+').next().unwrap().parse().unwrap())
            .collect();
        prop_assert_eq!(said, expected(&picks));
    }
}

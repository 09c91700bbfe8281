//! What is live stays where it is, whatever is added.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asiaq_ir::{Address, Facts, Ir, RegionFacts, Resource, SubnetFact, VpcFact};
use ipnet::Ipv4Net;
use proptest::prelude::*;

use crate::address_space::overlaps;
use crate::{Checked, fixture};

fn checked(env: &str) -> Checked {
    let text = format!("project p {{ region = us-west-2 }}\n{env}");
    let checked = fixture::check(&text);
    assert!(!checked.has_errors(), "{env}\n{:#?}", checked.diagnostics);
    checked
}

/// The facts of an account in which `ir` has been applied.
fn applied(ir: &Ir) -> Facts {
    let mut region = RegionFacts {
        zones: ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"].map(str::to_owned).to_vec(),
        ..RegionFacts::default()
    };
    for (address, node) in &ir.resources {
        match &node.resource {
            Resource::Vpc(vpc) => region.vpcs.push(VpcFact {
                id: format!("vpc-{}", address.env()),
                blocks: vec![vpc.cidr],
                address: Some(address.clone()),
                name: None,
                owner: None,
            }),
            Resource::Subnet(subnet) => {
                let vpc = format!("vpc-{}", address.env());
                let fact = SubnetFact { vpc, cidr: subnet.cidr, zone: subnet.zone.clone() };
                region.subnets.insert(address.clone(), fact);
            }
            _ => {}
        }
    }
    Facts { regions: BTreeMap::from([("us-west-2".to_owned(), region)]), ..Facts::default() }
}

fn subnets(ir: &Ir) -> BTreeMap<Address, (Ipv4Net, String)> {
    ir.resources
        .iter()
        .filter_map(|(address, node)| match &node.resource {
            Resource::Subnet(subnet) => Some((address.clone(), (subnet.cidr, subnet.zone.clone()))),
            _ => None,
        })
        .collect()
}

/// Applies the programs one after the other and shows the subnets after each, an address and a block a line.
fn history(programs: &[&str]) -> String {
    let mut facts = Facts::default();
    let mut text = String::new();
    for program in programs {
        let lowered = checked(program).lower(&facts);
        for diagnostic in &lowered.diagnostics {
            let _ = writeln!(text, "{}", diagnostic.code);
        }
        for (address, (cidr, zone)) in subnets(&lowered.ir) {
            let _ = writeln!(text, "{address} {cidr} {}", zone.trim_start_matches("us-west-2"));
        }
        text.push('\n');
        facts = applied(&lowered.ir);
    }
    text
}

#[test]
fn a_zone_that_is_added_takes_a_spare_slot_and_one_that_goes_leaves_its_own() {
    assert_eq!(
        history(&[
            "env ci { cidr = 10.0.0.0/22, zones = 3, metanetwork a {} }",
            "env ci { cidr = 10.0.0.0/22, zones = 4, metanetwork a {} }",
            "env ci { cidr = 10.0.0.0/22, zones = 1, metanetwork a {} }",
            "env ci { cidr = 10.0.0.0/22, zones = 2, metanetwork a {} }",
        ]),
        "ci/a/subnet/1 10.0.0.0/24 a\nci/a/subnet/2 10.0.1.0/24 b\nci/a/subnet/3 10.0.2.0/24 c\n\n\
         ci/a/subnet/1 10.0.0.0/24 a\nci/a/subnet/2 10.0.1.0/24 b\nci/a/subnet/3 10.0.2.0/24 c\n\
         ci/a/subnet/4 10.0.3.0/24 d\n\n\
         ci/a/subnet/1 10.0.0.0/24 a\n\n\
         ci/a/subnet/1 10.0.0.0/24 a\nci/a/subnet/2 10.0.1.0/24 b\n\n"
    );
}

#[test]
fn a_metanetwork_that_is_added_takes_what_is_left() {
    assert_eq!(
        history(&[
            "env ci { cidr = 10.0.0.0/22, zones = 1, metanetwork a {}, metanetwork b {}, metanetwork c {} }",
            "env ci { cidr = 10.0.0.0/22, zones = 1, metanetwork z {}, metanetwork y {}, metanetwork a {}, metanetwork b {}, metanetwork c {} }",
        ]),
        "ci/a/subnet/1 10.0.0.0/24 a\nci/b/subnet/1 10.0.1.0/24 a\nci/c/subnet/1 10.0.2.0/24 a\n\n\
         ci/a/subnet/1 10.0.0.0/24 a\nci/b/subnet/1 10.0.1.0/24 a\nci/c/subnet/1 10.0.2.0/24 a\n\
         ci/y/subnet/1 10.0.3.128/25 a\nci/z/subnet/1 10.0.3.0/25 a\n\n"
    );
}

#[test]
fn when_there_is_no_room_left_the_message_says_so() {
    let full = "env ci { cidr = 10.0.0.0/23, zones = 1, metanetwork a {}, metanetwork b {} }";
    let more =
        "env ci { cidr = 10.0.0.0/23, zones = 1, metanetwork a {}, metanetwork b {}, metanetwork c {} }";
    assert!(history(&[full, more]).contains("no-room"), "{}", history(&[full, more]));
}

#[test]
fn more_zones_than_parts_cuts_the_metanetwork_anew() {
    assert_eq!(
        history(&[
            "env ci { cidr = 10.0.0.0/22, zones = 2, metanetwork a {} }",
            "env ci { cidr = 10.0.0.0/22, zones = 3, metanetwork a {} }",
        ]),
        "ci/a/subnet/1 10.0.0.0/23 a\nci/a/subnet/2 10.0.2.0/23 b\n\n\
         ci/a/subnet/1 10.0.0.0/24 a\nci/a/subnet/2 10.0.1.0/24 b\nci/a/subnet/3 10.0.2.0/24 c\n\n"
    );
}

/// What is kept of the second program after an apply of the first, a metanetwork a line.
fn kept(first: &str, second: &str) -> String {
    let facts = applied(&checked(first).lower(&Facts::default()).ir);
    let lowered = checked(second).lower(&facts);
    let mut text = String::new();
    for kept in &lowered.ir.kept {
        let _ = writeln!(text, "{} {:?} not {:?} {:?}", kept.network, kept.live, kept.computed, kept.parts);
    }
    let again = checked(second).lower(&applied(&lowered.ir));
    assert_eq!(subnets(&again.ir), subnets(&lowered.ir), "an apply changes nothing that it kept");
    text
}

#[test]
fn a_metanetwork_that_is_made_larger_keeps_its_subnets_and_says_so() {
    for (before, after) in [("10.0.4.0/24", "10.0.4.0/22"), ("auto /24", "auto /22")] {
        let program =
            |cidr| format!("env ci {{ cidr = 10.0.0.0/20, zones = 2, metanetwork a {{ cidr = {cidr} }} }}");
        let base = if before.starts_with("auto") { "10.0.0" } else { "10.0.4" };
        let next = if before.starts_with("auto") { "10.0.2" } else { "10.0.6" };
        assert_eq!(
            kept(&program(before), &program(after)),
            format!("a [{base}.0/25, {base}.128/25] not [{base}.0/23, {next}.0/23] Some((8, 2))\n")
        );
    }
}

#[test]
fn the_number_of_parts_orders_the_new_subnets_or_keeps_the_live_ones() {
    let program = |cidr, rest| {
        format!("env ci {{ cidr = 10.0.0.0/20, zones = 2, metanetwork a {{ cidr = {cidr}{rest} }} }}")
    };
    for (before, after) in [("10.0.4.0/24", "10.0.4.0/23"), ("auto /24", "auto /23")] {
        let (small, ordered) = (program(before, ""), program(after, ", max_zones = 2"));
        let keeps = program(after, ", max_zones = 4");
        let of = |text: &String, facts: &Facts| subnets(&checked(text).lower(facts).ir);
        let live = applied(&checked(&small).lower(&Facts::default()).ir);
        assert_eq!(of(&ordered, &live), of(&program(after, ""), &Facts::default()));
        assert_eq!(of(&keeps, &live), of(&small, &Facts::default()));
        assert_eq!((kept(&small, &ordered), kept(&small, &keeps)), (String::new(), String::new()));
    }
}

#[test]
fn a_metanetwork_that_lies_elsewhere_than_it_would_says_so() {
    let first = "env ci { cidr = 10.0.0.0/20, zones = 1, metanetwork a { cidr = auto /24 }, metanetwork b { cidr = auto /24 } }";
    let second = "env ci { cidr = 10.0.0.0/20, zones = 1, metanetwork b { cidr = auto /24 }, metanetwork a { cidr = auto /24 } }";
    assert_eq!(
        kept(first, second),
        "b [10.0.1.0/24] not [10.0.0.0/24] None\na [10.0.0.0/24] not [10.0.1.0/24] None\n"
    );
    assert_eq!(kept(first, first), "");
}

#[test]
fn with_room_for_more_zones_a_zone_renumbers_nothing() {
    for most in ["env", "metanetwork"] {
        for cidr in ["auto", "auto /24", "10.0.3.0/24"] {
            let program = |zones| {
                let (own, of_network) =
                    if most == "env" { (", max_zones = 4", "") } else { ("", ", max_zones = 3") };
                format!(
                    "env ci {{ cidr = 10.0.0.0/20, zones = {zones}{own}, metanetwork a {{ cidr = {cidr}{of_network} }} }}"
                )
            };
            let mut facts = Facts::default();
            let mut before = BTreeMap::new();
            for zones in [1, 2, 3, 2] {
                let ir = checked(&program(zones)).lower(&facts).ir;
                let after = subnets(&ir);
                assert_eq!(after.len(), zones);
                assert!(
                    after.iter().all(|(at, place)| before.get(at).is_none_or(|old| old == place)),
                    "{cidr}"
                );
                assert_eq!(ir.kept, []);
                (facts, before) = (applied(&ir), after);
            }
        }
    }
}

#[test]
fn the_cost_of_one_more_zone_is_that_of_an_apply_with_it() {
    let costs = |text: &str| -> Vec<(Vec<String>, usize, usize)> {
        let costs = checked(text).zone_costs().into_iter();
        costs.map(|cost| (cost.environments, cost.replaced, cost.subnets)).collect()
    };
    let program = |zones| {
        format!(
            "env ci {{ cidr = 10.0.0.0/20, zones = {zones}, metanetwork a {{}}, metanetwork b {{ cidr = auto /24 }}, \
             metanetwork c {{ cidr = 10.0.3.0/24, max_zones = 4 }} }}"
        )
    };
    let facts = applied(&checked(&program(2)).lower(&Facts::default()).ir);
    let (before, after) = (facts_of(&facts), subnets(&checked(&program(3)).lower(&facts).ir));
    let moved = before.iter().filter(|(address, block)| after[*address].0 != **block).count();
    assert!(moved > 0);
    assert_eq!(costs(&program(2)), [(vec!["ci".to_owned()], moved, 6)]);
    assert_eq!(costs(&program(3)), []);
    assert_eq!(costs(&program(1)), []);
    let shared = "envtype box { zones = 2, metanetwork a {} }
env one : box { cidr = 10.0.0.0/20 }
env two : box { cidr = 10.1.0.0/20 }
env three : box { cidr = 10.2.0.0/20, max_zones = 3 }";
    assert_eq!(costs(shared), [(vec!["one".to_owned(), "two".to_owned()], 4, 4)]);
}

fn facts_of(facts: &Facts) -> BTreeMap<Address, Ipv4Net> {
    let subnets = facts.regions["us-west-2"].subnets.iter();
    subnets.map(|(address, subnet)| (address.clone(), subnet.cidr)).collect()
}

#[test]
fn a_declared_block_wins_over_a_live_one() {
    assert_eq!(
        history(&[
            "env ci { cidr = 10.0.0.0/22, zones = 1, metanetwork a {} }",
            "env ci { cidr = 10.0.0.0/22, zones = 1, metanetwork a { cidr = 10.0.2.0/24 } }",
        ]),
        "ci/a/subnet/1 10.0.0.0/22 a\n\nci/a/subnet/1 10.0.2.0/24 a\n\n"
    );
}

#[test]
fn an_environment_from_a_pool_stays_where_it_is_and_a_new_one_avoids_every_live_vpc() {
    let first = checked("env ci { cidr = auto /20 in 10.0.0.0/16, zones = 1 }").lower(&Facts::default()).ir;
    let mut facts = applied(&first);
    let home = facts.regions["us-west-2"].vpcs[0].blocks[0];
    // Somebody else's VPC, with the block asked for as a secondary one, takes all but one /20.
    let others: Vec<Ipv4Net> = "10.0.0.0/16"
        .parse::<Ipv4Net>()
        .unwrap()
        .subnets(20)
        .unwrap()
        .filter(|block| *block != home)
        .collect();
    let spare = others[3];
    facts.regions.get_mut("us-west-2").unwrap().vpcs.push(VpcFact {
        id: "vpc-other".to_owned(),
        blocks: others.into_iter().filter(|block| *block != spare).collect(),
        address: None,
        name: Some("theirs".to_owned()),
        owner: None,
    });
    let both = "envtype box { cidr = auto /20 in 10.0.0.0/16, zones = 1 }
env a : box {}
env ci : box {}";
    let ir = checked(both).lower(&facts).ir;
    let block = |env: &str| match &ir.resources[&Address::new(env, "vpc")].resource {
        Resource::Vpc(vpc) => vpc.cidr,
        other => panic!("{other:?}"),
    };
    assert_eq!((block("ci"), block("a")), (home, spare));
}

/// An edit of an environment: metanetworks by number that come or go, and the zones from then on.
type Edit = (Vec<u8>, usize);

fn program(networks: &[u8], zones: usize) -> String {
    let mut text = format!("env ci {{ cidr = 10.0.0.0/18, zones = {zones}");
    for network in networks {
        // Some ask for a size.
        let cidr = if network % 3 == 0 { "auto /22" } else { "auto" };
        let _ = write!(text, ", metanetwork n{network} {{ cidr = {cidr} }}");
    }
    text + " }"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whatever metanetworks come and go, a subnet that is live and still wanted keeps its block and its
    /// zone, and no two overlap.
    #[test]
    fn nothing_that_is_live_is_renumbered(
        edits in prop::collection::vec((prop::collection::btree_set(0_u8..7, 1..6), 3_usize..=4), 2..6),
    ) {
        let edits: Vec<Edit> = edits.into_iter().map(|(set, zones)| (set.into_iter().collect(), zones)).collect();
        let mut facts = Facts::default();
        let mut before = BTreeMap::new();
        for (networks, zones) in &edits {
            let lowered = checked(&program(networks, *zones)).lower(&facts);
            let after = subnets(&lowered.ir);
            for (address, place) in &after {
                prop_assert!(before.get(address).is_none_or(|old| old == place), "{address} moved");
            }
            let blocks: Vec<Ipv4Net> = after.values().map(|(block, _)| *block).collect();
            for (at, block) in blocks.iter().enumerate() {
                prop_assert!(blocks.iter().skip(at + 1).all(|other| !overlaps(*block, *other)));
            }
            facts = applied(&lowered.ir);
            before = after;
        }
    }
}

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
    Facts { account: None, regions: BTreeMap::from([("us-west-2".to_owned(), region)]) }
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

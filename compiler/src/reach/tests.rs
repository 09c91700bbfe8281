//! Who reaches whom in small programs, and in random ones as a simulator of packets sees them.

mod packets;
mod programs;
mod random;

use std::fmt::Write as _;

use asiaq_ir::{Address, Facts, GroupRule, Ir, Protocol, Ref, Resource, Source};

use super::*;
use crate::fixture;

/// The resources of a program without a mistake.
fn ir_of(text: &str) -> Ir {
    let checked = fixture::check(&format!("project p {{ region = us-west-2 }}\n{text}"));
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    checked.lower(&Facts::default()).ir
}

fn place(word: &str) -> Place {
    match word.split_once('/') {
        _ if word == "internet" => Place::Internet,
        Some((env, "vpn")) => Place::Vpn { env: env.to_owned() },
        Some((env, network)) => word.parse().map_or_else(|_| Place::network(env, network), Place::Block),
        None => panic!("{word}"),
    }
}

/// Asks, and writes the answer down.
fn ask(ir: &Ir, from: &str, to: &str) -> String {
    let answer = Reach::of(ir).between(&place(from), &place(to));
    let mut text = format!("{:?}", answer.verdict).to_lowercase();
    let mut line = |line: String| text.extend(["\n", &line]);
    let because = |because: &Because| {
        let origin = because.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
        format!("  {}{origin}", because.what)
    };
    for (mark, flows) in [("+", &answer.flows), ("?", &answer.unknown)] {
        for flow in flows {
            let part =
                if flow.part.is_empty() { String::new() } else { format!(" [{}]", flow.part.join("; ")) };
            line(format!("{mark} {flow}{part}"));
            flow.because.iter().for_each(|reason| line(because(reason)));
        }
    }
    answer.missing.iter().for_each(|reason| line(because(reason)));
    text
}

const SHOP: &str = "
let office = 203.0.113.0/28
env shop {
  cidr  = 10.0.0.0/20
  zones = 2
  metanetwork front {
    ingress = [tcp [80, 443] from internet, tcp 22 from office]
    routes  = [internet via igw]
    nat     = auto
  }
  metanetwork back {
    ingress = [tcp 8000..8099 from front, tcp 8050..8200 from front, icmp from all, udp 53 from internet]
    routes  = [internet via nat front]
  }
  metanetwork vault {
    ingress = [any from back, tcp 22 from back, tcp 5432 from 10.0.0.0/8, tcp 22 from 172.16.0.0/16]
  }
  metanetwork admin { ingress = [tcp 22 from office], routes = [office via igw] }
}
";

#[test]
fn what_aws_adds_to_a_route_table_is_no_certain_way() {
    let ir = ir_of(
        "env live {
          cidr = 10.0.0.0/20
          metanetwork vault {}
          endpoint s3 {}
          metanetwork app { ingress = [tcp 22 from 198.51.100.0/28], routes = [internet via igw], vgw_propagation = true }
        }",
    );
    let service = "`live/vault` reaches Amazon S3 through `endpoint s3`";
    assert_eq!(
        ask(&ir, "live/vault", "internet"),
        format!(
            "denied\n  `live/vault` has no route to the internet (infra.asq:4)\n  {service}, which is not counted as the internet (infra.asq:5)"
        )
    );
    assert_eq!(
        ask(&ir, "live/vault", "52.218.128.0/17"),
        format!("unknown\n? any\n  {service}, and its addresses are not known (infra.asq:5)")
    );
    assert_eq!(
        ask(&ir, "198.51.100.0/28", "live/app"),
        "unknown\n? tcp 22\n  `live/app` allows `tcp 22 from 198.51.100.0/28` (infra.asq:6)\n  `live/app` accepts routes propagated by its VPN gateway, which are unknown (infra.asq:6)"
    );
    assert!(ask(&ir, "internet", "live/app").starts_with("denied"));
}

#[test]
fn within_a_vpc_a_rule_is_enough() {
    let ir = ir_of(SHOP);
    insta::assert_snapshot!(ask(&ir, "shop/front", "shop/back"));
    insta::assert_snapshot!(ask(&ir, "shop/back", "shop/vault"));
    insta::assert_snapshot!(ask(&ir, "shop/back", "shop/front"));
    insta::assert_snapshot!(ask(&ir, "shop/vault", "shop/admin"));
}

#[test]
fn a_block_lets_metanetworks_in_too() {
    let ir = ir_of(SHOP);
    insta::assert_snapshot!(ask(&ir, "shop/admin", "shop/vault"));
}

#[test]
fn the_internet_needs_a_rule_and_a_way_back() {
    let ir = ir_of(SHOP);
    insta::assert_snapshot!(ask(&ir, "internet", "shop/front"));
    insta::assert_snapshot!(ask(&ir, "internet", "shop/back"));
    insta::assert_snapshot!(ask(&ir, "internet", "shop/vault"));
    insta::assert_snapshot!(ask(&ir, "internet", "shop/admin"));
    insta::assert_snapshot!(ask(&ir, "203.0.113.0/28", "shop/admin"));
    insta::assert_snapshot!(ask(&ir, "203.0.113.0/24", "shop/admin"));
    insta::assert_snapshot!(ask(&ir, "172.16.0.0/16", "shop/vault"));
}

#[test]
fn the_internet_is_left_for_by_a_gateway_or_by_nat() {
    let ir = ir_of(SHOP);
    insta::assert_snapshot!(ask(&ir, "shop/front", "internet"));
    insta::assert_snapshot!(ask(&ir, "shop/back", "internet"));
    insta::assert_snapshot!(ask(&ir, "shop/vault", "internet"));
    insta::assert_snapshot!(ask(&ir, "shop/back", "172.16.0.0/16"));
}

const PEERS: &str = "
envtype box { zones = 1 }
env a : box {
  cidr = 10.1.0.0/20
  metanetwork web { routes = [internet via nat edge] }
  metanetwork edge { routes = [internet via igw], nat = auto }
}
env b : box {
  cidr = 10.2.0.0/20
  metanetwork app { ingress = [tcp 443 from [a/web, c/db], tcp 22 from a/edge], routes = [internet via igw] }
  metanetwork open { ingress = [tcp 80 from internet], routes = [internet via igw] }
}
env c : box {
  cidr = 10.3.0.0/20
  metanetwork db { ingress = [tcp 5432 from 10.0.0.0/8] }
}
peering ab   = a/web <-> b/app
peering ab2  = a/edge <-> b/app
peering bc   = b/app <-> c/db
";

#[test]
fn a_peering_needs_routes_both_ways_and_a_rule() {
    let ir = ir_of(PEERS);
    insta::assert_snapshot!(ask(&ir, "a/web", "b/app"));
    insta::assert_snapshot!(ask(&ir, "b/app", "a/web"));
    insta::assert_snapshot!(ask(&ir, "c/db", "b/open"));
}

#[test]
fn peerings_are_not_passed_through() {
    let ir = ir_of(PEERS);
    insta::assert_snapshot!(ask(&ir, "a/web", "c/db"));
}

#[test]
fn what_is_open_to_the_internet_is_open_to_other_environments() {
    let ir = ir_of(PEERS);
    insta::assert_snapshot!(ask(&ir, "a/web", "b/open"));
}

#[test]
fn nobody_knows_what_is_behind_a_vpn() {
    let ir = ir_of(
        "
env hub {
  cidr  = 10.0.0.0/20
  zones = 1
  metanetwork near { ingress = [tcp 22 from 172.16.0.0/12], routes = [172.16.0.0/16 via vgw] }
  metanetwork learns { ingress = [tcp 22 from 172.16.0.0/16], vgw_propagation = true }
  metanetwork far { ingress = [tcp 22 from 172.16.0.0/16] }
}
",
    );
    insta::assert_snapshot!(ask(&ir, "172.16.0.0/16", "hub/near"));
    insta::assert_snapshot!(ask(&ir, "172.16.0.0/12", "hub/near"));
    insta::assert_snapshot!(ask(&ir, "172.16.0.0/16", "hub/learns"));
    insta::assert_snapshot!(ask(&ir, "172.16.0.0/16", "hub/far"));
    insta::assert_snapshot!(ask(&ir, "hub/near", "172.16.0.0/16"));
    insta::assert_snapshot!(ask(&ir, "hub/vpn", "hub/near"));
    insta::assert_snapshot!(ask(&ir, "hub/far", "hub/vpn"));
}

#[test]
fn a_question_about_one_port_has_its_own_reason() {
    let ir = ir_of(SHOP);
    let answer = Reach::of(&ir).between(&place("internet"), &place("shop/front"));
    let port = |port| Ports { first: port, last: port };
    let proof = Reach::of(&ir).proof(&place("internet"), &place("shop/front"));
    assert_eq!(proof.certainly(Protocol::Tcp, port(443)), Reaches::All);
    assert_ne!(proof.certainly(Protocol::Tcp, Ports { first: 80, last: 443 }), Reaches::All);
    assert_ne!(proof.certainly(Protocol::Udp, port(443)), Reaches::All);
    let denied = answer.on(Protocol::Tcp, port(22));
    assert_eq!(denied.verdict, Verdict::Denied);
    assert_eq!(denied.missing[0].what, "no rule of `shop/front` allows `tcp 22` from `internet`");
}

fn changes(before: &str, after: &str) -> String {
    let (before, after) = (ir_of(before), ir_of(after));
    let difference = difference(&Reach::of(&before), &Reach::of(&after));
    let mut text = format!("fresh {:?}, gone {:?}", difference.fresh, difference.gone);
    for change in difference.changes {
        let sign = if change.sign == Sign::Gained { "+" } else { "-" };
        let doubt = if change.is_unknown { "?" } else { "" };
        let origin =
            change.flows.iter().flat_map(|flow| &flow.because).find_map(|because| because.origin.clone());
        let origin = origin.map(|origin| format!(" ({origin})")).unwrap_or_default();
        let remains = in_words(&change.remains);
        let _ = write!(
            text,
            "\n{sign}{doubt} {} -> {} {}{origin} [{remains}]",
            change.from,
            change.to,
            in_words(&change.flows)
        );
    }
    text
}

#[test]
fn a_difference_says_what_is_gained_and_lost() {
    assert_eq!(changes(SHOP, SHOP), "fresh {}, gone {}");
    let changed = SHOP
        .replace("tcp [80, 443] from internet", "tcp 443..444 from internet")
        .replace("any from back, ", "")
        .replace("routes  = [internet via nat front]", "");
    insta::assert_snapshot!(changes(SHOP, &changed));
    insta::assert_snapshot!(changes("env shop { cidr = 10.0.0.0/20, zones = 1 }", PEERS));
}

/// Two hostclasses in one metanetwork, with these fields each.
fn hostclasses(front: &str, back: &str) -> Ir {
    ir_of(&format!(
        "
env live {{
  cidr     = 10.0.0.0/20
  zones    = 1
  pipeline = web
  metanetwork web {{ ingress = [tcp 80 from internet], routes = [internet via igw] }}
  metanetwork ops {{ ingress = [tcp 22 from 203.0.113.0/28] }}
  metanetwork db  {{ ingress = [tcp 5432 from ops] }}
}}
hostclass front {{ network = web, public_ip = true, security = [{front}] }}
hostclass back  {{ network = web, public_ip = true, security = [{back}] }}
pipeline web {{ stage {{ run front {{ desired = 2 }}, run back {{ desired = 2 }} }} }}
"
    ))
}

#[test]
fn a_difference_shows_groups_that_hostclasses_join_and_leave() {
    let (none, front, back) = (hostclasses("", ""), hostclasses("ops", ""), hostclasses("", "ops"));
    let changes = |before: &Ir, after: &Ir| -> Vec<String> {
        let found = difference(&Reach::of(before), &Reach::of(after)).changes;
        let text = |change: &Change| {
            let flow = &change.flows[0];
            format!("{:?} {} {} {flow} {}", change.sign, change.from, change.to, flow.part.join("; "))
        };
        found.iter().map(text).collect()
    };
    assert_eq!(
        changes(&none, &front),
        [
            "Gained 203.0.113.0/28 live/web tcp 22 hostclass front in live/web",
            "Gained live/web live/db tcp 5432 hostclass front in live/web",
        ]
    );
    assert_eq!(
        changes(&front, &back),
        [
            "Lost 203.0.113.0/28 live/web tcp 22 hostclass front in live/web",
            "Gained 203.0.113.0/28 live/web tcp 22 hostclass back in live/web",
            "Lost live/web live/db tcp 5432 hostclass front in live/web",
            "Gained live/web live/db tcp 5432 hostclass back in live/web",
        ]
    );
    assert_eq!(changes(&front, &front), Vec::<String>::new());
}

/// Resources as somebody left them in AWS: members of the group of `web` may send over TCP to some places only.
fn shut(ir: &Ir, to: &[(&str, Option<u16>)]) -> Ir {
    let mut ir = ir.clone();
    for (address, node) in &mut ir.resources {
        if let Resource::SecurityGroup(group) = &mut node.resource
            && address.as_str() == "live/web/security-group"
        {
            let rule = |(source, port): &(&str, Option<u16>)| GroupRule {
                protocol: Protocol::Tcp,
                from: *port,
                to: *port,
                source: match source.parse() {
                    Ok(block) => Source::Cidr(block),
                    Err(_) if source.contains('/') => Source::Group(Ref::To(Address::parse(source))),
                    Err(_) => Source::Other((*source).to_owned()),
                },
                description: String::new(),
            };
            group.egress = to.iter().map(rule).collect();
        }
    }
    ir
}

#[test]
fn egress_rules_found_in_aws_count() {
    let ir = hostclasses("ops", "");
    let answer = |ir: &Ir, from: &Place, to: &str| {
        let answer = Reach::of(ir).between(from, &place(to));
        let flows = in_words(answer.flows.iter().chain(&answer.unknown));
        format!("{:?} {flows}", answer.verdict)
    };
    let (front, back) = (
        Place::machines("live", MachineKind::Instances, "front"),
        Place::machines("live", MachineKind::Instances, "back"),
    );
    // Another group of the instance lets everything out.
    let nothing = shut(&ir, &[]);
    assert_eq!(answer(&nothing, &front, "live/db"), "Allowed tcp 5432");
    assert_eq!(answer(&nothing, &front, "internet"), answer(&ir, &front, "internet"));
    assert_eq!(answer(&ir, &back, "internet"), "Allowed any");
    assert_eq!(answer(&nothing, &back, "internet"), "Denied ");
    assert_eq!(answer(&shut(&ir, &[("0.0.0.0/0", Some(443))]), &back, "internet"), "Allowed tcp 443");
    assert_eq!(answer(&shut(&ir, &[("pl-1", Some(443))]), &back, "internet"), "Unknown tcp 443");
    assert_eq!(answer(&shut(&ir, &[("::/0", None)]), &back, "internet"), "Denied ");
    assert_eq!(answer(&ir, &back, "live/web"), "Allowed tcp 80");
    assert_eq!(answer(&nothing, &back, "live/web"), "Denied ");
    assert_eq!(answer(&shut(&ir, &[("live/web/security-group", None)]), &back, "live/web"), "Allowed tcp 80");
    assert_eq!(answer(&shut(&ir, &[("live/web/security-group", Some(81))]), &back, "live/web"), "Denied ");
    let told = Reach::of(&nothing).between(&back, &place("live/web")).missing;
    let told: Vec<&str> = told.iter().map(|because| because.what.as_str()).collect();
    assert_eq!(told, ["no egress rule in AWS for hostclass `back` in `live/web` allows `live/web`"]);
    let changes = difference(&Reach::of(&nothing), &Reach::of(&ir)).changes;
    assert!(changes.iter().all(|change| change.sign == Sign::Gained && change.from != place("internet")));
    assert!(changes.iter().any(|change| change.to == place("internet")), "{changes:?}");
}

#[test]
fn machines_that_fare_differently_have_rows_of_their_own() {
    let matrix = |ir: &Ir| {
        let matrix = Reach::of(ir).matrix("live");
        let row = |(place, cells): (&Place, &Vec<Option<Summary>>)| {
            let cells =
                cells.iter().map(|cell| cell.as_ref().map_or(String::new(), |cell| in_short(&cell.open)));
            format!("{}: {}", place.within("live"), cells.collect::<Vec<_>>().join(" | "))
        };
        matrix.places.iter().zip(&matrix.cells).map(row).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(matrix(&hostclasses("", "")));
    insta::assert_snapshot!(matrix(&hostclasses("ops", "")));
}

//! The text of random programs.

use std::fmt::Write as _;

use super::Dice;
use crate::reach::Place;

pub(super) const VPCS: [(&str, &str); 2] = [("a", "10.1.0.0/20"), ("b", "10.2.0.0/20")];
pub(super) const NETWORKS: [&str; 3] = ["x", "dmz", "intranet"];
const HOSTCLASSES: usize = 5;

/// CIDR blocks that rules and claims name. The single addresses are static ones of programs.
pub(super) const BLOCKS: [&str; 14] = [
    "203.0.113.0/24",
    "203.0.113.8/32",
    "203.0.113.9/32",
    "203.0.113.200/32",
    "52.0.0.0/8",
    "52.7.3.0/28",
    "54.200.0.0/16",
    "172.16.0.0/12",
    "10.0.0.0/8",
    "10.1.0.0/20",
    "10.1.1.0/24",
    "10.1.0.9/32",
    "10.2.4.10/32",
    "10.2.0.0/22",
];

pub(super) struct Text {
    pub(super) program: String,
    pub(super) is_peered: bool,
}

/// The places that packets go between.
pub(super) fn places() -> Vec<Place> {
    let networks =
        VPCS.iter().flat_map(|(env, _)| NETWORKS.iter().map(move |network| Place::network(env, network)));
    let blocks = BLOCKS.iter().take(9).map(|block| Place::Block(block.parse().unwrap()));
    networks.chain([Place::Internet]).chain(blocks).collect()
}

/// A random program, which may have errors.
pub(super) fn program(dice: &mut Dice) -> Text {
    let is_peered = dice.chance(60);
    let zones = 1 + dice.roll(2);
    let mut program = String::from("project p { region = us-west-2, domain = \"p.example\" }\n");
    for (at, (env, block)) in VPCS.iter().enumerate() {
        let _ =
            writeln!(program, "env {env} {{\n  cidr = {block}\n  zones = {zones}\n  pipeline = all_of_it");
        let has_nat = dice.chance(70);
        for (number, network) in NETWORKS.iter().enumerate() {
            let _ =
                writeln!(program, "  metanetwork {network} {{\n    cidr = 10.{}.{}.0/22", at + 1, number * 4);
            let rules: Vec<String> = (0..dice.roll(6)).map(|_| rule(dice, is_peered.then_some(at))).collect();
            let _ = writeln!(program, "    ingress = [{}]", rules.join(", "));
            let (routes, nat) = routes(dice, number, (at, zones), has_nat);
            let _ = writeln!(program, "    routes = [{}]{nat}", routes.join(", "));
            if dice.chance(6) {
                program.push_str("    vgw_propagation = true\n");
            }
            program.push_str("  }\n");
        }
        match dice.roll(8) {
            0 => program.push_str("  endpoint s3 {}\n"),
            1 => program.push_str("  endpoint dynamodb { networks = [intranet] }\n"),
            _ => {}
        }
        if dice.chance(40) {
            let from = dice.pick(&["internet", "203.0.113.0/24", "x", "172.16.0.0/12"]);
            let _ = writeln!(program, "  customer {{ ports = [443, 8000..8005], from = [{from}] }}");
        }
        for at in (0..2).filter(|_| dice.chance(25)).collect::<Vec<_>>() {
            let security: Vec<&str> = NETWORKS.into_iter().filter(|_| dice.chance(25)).collect();
            let (network, security) = (dice.pick(&NETWORKS), security.join(", "));
            let what = match (zones, dice.roll(3)) {
                (2, 0) => {
                    let class = "engine = postgres, version = \"17\", class = db.m7g.large, storage = 20GB";
                    let (port, public) = (dice.pick(&[443, 8005]), dice.chance(50));
                    format!("database s{at} {{ {class}, port = {port}, public = {public}")
                }
                (_, 1) => {
                    let class = "engine = valkey, version = \"8.0\", type = cache.t4g.small, nodes = 2";
                    format!("cache s{at} {{ {class}, port = {}", dice.pick(&[443, 8005]))
                }
                _ => {
                    let class = "version = \"OpenSearch_2.19\", type = m7g.large.search, storage = 20GB";
                    format!("search s{at} {{ {class}")
                }
            };
            let _ = writeln!(program, "  {what}, network = {network}, security = [{security}] }}");
        }
        program.push_str("}\n");
    }
    for at in 0..HOSTCLASSES {
        program.push_str(&hostclass(dice, at, zones));
    }
    program.push_str("pipeline all_of_it {\n  stage {\n");
    for at in (0..HOSTCLASSES).filter(|_| dice.chance(70)).collect::<Vec<_>>() {
        let _ = writeln!(program, "    run h{at} {{ desired = {} }}", 1 + dice.roll(2));
    }
    program.push_str("  }\n}\n");
    if is_peered {
        let (one, other) = (dice.pick(&NETWORKS), dice.pick(&NETWORKS));
        let _ = writeln!(program, "peering joined = a/{one} <-> b/{other}");
        // Rules and routes are of the first metanetwork.
        if *one != "x" && *other != "x" {
            program.push_str("peering as_well = a/x <-> b/x\n");
        }
    }
    Text { program, is_peered }
}

fn rule(dice: &mut Dice, peered: Option<usize>) -> String {
    let ports = *dice.pick(&["22", "80", "443", "8000..8010", "22..80", "8005", "[22, 443]"]);
    let what = match dice.roll(9) {
        0 | 8 => format!("udp {ports}"),
        1 => "icmp".to_owned(),
        2 => "any".to_owned(),
        3 => dice.pick(&["tcp", "proto 50", "icmp 8"]).to_string(),
        _ => format!("tcp {ports}"),
    };
    let source = match (dice.roll(10), peered) {
        (0 | 1, _) => "internet",
        (2 | 3, _) => dice.pick(&NETWORKS),
        (4, _) => "all",
        (5, Some(0)) => "b/x",
        (5, Some(_)) => "a/x",
        _ => dice.pick(&BLOCKS),
    };
    format!("{what} from {source}")
}

fn routes(
    dice: &mut Dice,
    network: usize,
    (env, zones): (usize, usize),
    has_nat: bool,
) -> (Vec<String>, String) {
    let mut routes = Vec::new();
    let mut nat = String::new();
    match (network, has_nat, dice.roll(10)) {
        (0, true, by) => {
            routes.push("internet via igw".to_owned());
            let addresses: Vec<String> =
                (0..zones).map(|zone| format!("203.0.113.{}", 200 + 2 * env + zone)).collect();
            nat = match by {
                0..5 => "\n    nat = auto".to_owned(),
                _ => format!("\n    nat = [{}]", addresses.join(", ")),
            };
        }
        (_, true, 0..4) => routes.push("internet via nat x".to_owned()),
        (.., 9) => routes.push("internet via vgw".to_owned()),
        (.., 4..=8) => routes.push("internet via igw".to_owned()),
        _ => {}
    }
    let further =
        ["172.16.0.0/12 via vgw", "52.0.0.0/8 via igw", "203.0.113.0/24 via igw", "203.0.113.8/32 via vgw"];
    routes.extend(further.iter().filter(|_| dice.chance(12)).map(|route| (*route).to_owned()));
    if has_nat && network > 0 && dice.chance(10) {
        routes.push("52.0.0.0/8 via nat x".to_owned());
        routes.retain(|route| route != "52.0.0.0/8 via igw");
    }
    if has_nat && network > 0 && dice.chance(15) {
        routes.push(format!("{} via nat x", ["10.2.0.0/22", "10.1.0.0/22"][env]));
    }
    (routes, nat)
}

fn hostclass(dice: &mut Dice, at: usize, zones: usize) -> String {
    let mut text = format!("hostclass h{at} {{\n  network = {}\n", dice.pick(&NETWORKS));
    let security: Vec<&str> = NETWORKS.into_iter().filter(|_| dice.chance(25)).collect();
    let _ = writeln!(text, "  security = [{}]", security.join(", "));
    if dice.chance(40) {
        text.push_str("  public_ip = true\n");
    }
    if dice.chance(25) {
        let _ = writeln!(text, "  eip@{} = 203.0.113.{}", dice.pick(&["a", "b"]), 8 + at);
    }
    match dice.roll(6) {
        0 => {
            let _ = writeln!(text, "  ip = +{}", 9 + at);
        }
        1 => {
            let _ = writeln!(text, "  ip = {} + {}", dice.pick(&NETWORKS), 9 + at);
        }
        2 => {
            let _ = writeln!(text, "  ips = [+{}, +{}]", 20 + 2 * at, 21 + 2 * at);
        }
        _ => {}
    }
    if dice.chance(30) {
        let kind = match (zones, dice.roll(8)) {
            (2, 0) => "lb { kind = application, listeners = [http 80 -> http 80]",
            (2, 1) => "lb { kind = application, listeners = [http 443 -> http 8005, http 22 -> http 80]",
            (_, 2) => "elb { listeners = [http 80 -> http 80]",
            (_, 3) => "elb { listeners = [tcp 8000 -> tcp 22, http 8010 -> http 80]",
            (_, 4) => "lb { kind = network, listeners = [udp 443 -> udp 8005, tcp 22 -> tcp 22]",
            (_, 5) => "lb { kind = network, listeners = [udp 22 -> udp 22]",
            _ => "lb { kind = network, listeners = [tcp 443 -> tcp 80]",
        };
        let _ =
            writeln!(text, "  {kind}, public = {}, network = {} }}", dice.chance(50), dice.pick(&NETWORKS));
    }
    text.push_str("}\n");
    text
}

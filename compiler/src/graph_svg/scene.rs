//! The contents of the drawing.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Ir, Ref, Resource};

use crate::reach::{Place, Reach, Summary, Verdict, in_short};

/// An environment and the networks outside of it that it exchanges traffic with.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) env: String,
    /// CIDR block and region of the VPC.
    pub(super) about: String,
    /// Availability zones, in order.
    pub(super) zones: Vec<String>,
    /// The gateways and endpoints of the VPC.
    pub(super) gateways: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) outside: Vec<Outside>,
}

/// A metanetwork, or machines of the one above that fare differently.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) is_machines: bool,
    /// One for each zone.
    pub(super) cells: Vec<Option<Cell>>,
    pub(super) entries: Vec<Entry>,
}

/// A subnet.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) block: String,
    pub(super) has_nat: bool,
}

/// A network outside of the environment.
#[derive(Clone, Debug)]
pub(super) struct Outside {
    pub(super) name: String,
    pub(super) is_internet: bool,
    pub(super) entries: Vec<Entry>,
}

/// Traffic that reaches a network: the same ports for each of its sources.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Indices of the sources: first the rows, then the networks outside.
    pub(super) sources: Vec<usize>,
    /// Ports and sources in words, in lines.
    pub(super) lines: Vec<String>,
    pub(super) is_unknown: bool,
}

/// The word between ports and sources; its non-breaking space keeps it from ending a line.
pub(super) const FROM: &str = "from\u{a0}";

/// Largest length of a line of an entry, unless a single word is longer.
const LINE: usize = 40;

impl Scene {
    pub(super) fn of(ir: &Ir, env: &str) -> Option<Self> {
        let vpc = ir.resources.get(&asiaq_ir::Address::new(env, "vpc"))?;
        let Resource::Vpc(found) = &vpc.resource else { return None };
        let zones: BTreeSet<&str> = ir.resources.iter().filter(|(address, _)| address.env() == env).fold(
            BTreeSet::new(),
            |mut zones, (_, node)| {
                if let Resource::Subnet(subnet) = &node.resource {
                    zones.insert(subnet.zone.as_str());
                }
                zones
            },
        );
        let matrix = Reach::of(ir).matrix(env);
        let names: Vec<String> = matrix.places.iter().map(|place| place.within(env)).collect();
        let homes = homes(&matrix.places, env);
        let entries = |target: usize| {
            let column = matrix.cells.iter().map(|row| row.get(target).and_then(Option::as_ref));
            entries(&column.collect::<Vec<_>>(), &names, &homes)
        };
        let mut rows = Vec::new();
        let mut outside = Vec::new();
        for (at, (place, name)) in matrix.places.iter().zip(&names).enumerate() {
            match place {
                Place::Network { env: of, network } if of == env => rows.push(Row {
                    name: name.clone(),
                    is_machines: false,
                    cells: cells(ir, env, network, &zones),
                    entries: entries(at),
                }),
                Place::Machines { .. } => rows.push(Row {
                    name: name.clone(),
                    is_machines: true,
                    cells: zones.iter().map(|_| None).collect(),
                    entries: entries(at),
                }),
                Place::Network { .. } | Place::Internet | Place::Block(_) | Place::Vpn { .. } => {
                    outside.push(Outside {
                        name: name.clone(),
                        is_internet: *place == Place::Internet,
                        entries: entries(at),
                    });
                }
            }
        }
        Some(Self {
            env: env.to_owned(),
            about: format!("{} in {}", found.cidr, vpc.region),
            zones: zones.into_iter().map(str::to_owned).collect(),
            gateways: gateways(ir, env),
            rows,
            outside,
        })
    }
}

/// For each place inside of the environment the metanetwork that it belongs to: a metanetwork to itself, machines to
/// the one before them.
fn homes(places: &[Place], env: &str) -> Vec<Option<usize>> {
    let mut home = None;
    let mut homes = Vec::new();
    for (at, place) in places.iter().enumerate() {
        homes.push(match place {
            Place::Network { env: of, .. } if of == env => {
                home = Some(at);
                home
            }
            Place::Machines { .. } => home,
            Place::Network { .. } | Place::Internet | Place::Block(_) | Place::Vpn { .. } => None,
        });
    }
    homes
}

fn gateways(ir: &Ir, env: &str) -> Vec<String> {
    let own = ir.resources.iter().filter(|(address, _)| address.env() == env);
    let name = |node: &asiaq_ir::Node| match &node.resource {
        Resource::InternetGateway(_) => Some("internet gateway".to_owned()),
        Resource::VpnAttachment(_) => Some("VPN gateway".to_owned()),
        Resource::GatewayEndpoint(endpoint) => Some(format!("endpoint {}", endpoint.service.name())),
        _ => None,
    };
    own.filter_map(|(_, node)| name(node)).collect()
}

/// The subnets of a metanetwork, by zone.
fn cells(ir: &Ir, env: &str, network: &str, zones: &BTreeSet<&str>) -> Vec<Option<Cell>> {
    let prefix = format!("{env}/{network}/");
    let own = || ir.resources.iter().filter(|(address, _)| address.as_str().starts_with(&prefix));
    let nats: BTreeSet<&str> = own()
        .filter_map(|(_, node)| match &node.resource {
            Resource::NatGateway(gateway) => match &gateway.subnet {
                Ref::To(subnet) => Some(subnet.as_str()),
                Ref::Id(_) | Ref::Find(_) => None,
            },
            _ => None,
        })
        .collect();
    let mut cells: BTreeMap<&str, Cell> = BTreeMap::new();
    for (address, node) in own() {
        if let Resource::Subnet(subnet) = &node.resource {
            let has_nat = nats.contains(address.as_str());
            cells.insert(&subnet.zone, Cell { block: subnet.cidr.to_string(), has_nat });
        }
    }
    zones.iter().map(|zone| cells.get(zone).cloned()).collect()
}

/// The traffic that reaches one network; sources with the same ports are one entry.
fn entries(column: &[Option<&Summary>], names: &[String], homes: &[Option<usize>]) -> Vec<Entry> {
    let own = homes.iter().enumerate().filter(|(at, home)| **home == Some(*at)).count();
    let home = |source: usize| homes.get(source).copied().flatten();
    let mut by_ports: Vec<((String, bool), Vec<usize>)> = Vec::new();
    for (source, summary) in column.iter().enumerate() {
        let Some(summary) = summary else { continue };
        let ports = match summary.verdict {
            Verdict::Denied => continue,
            Verdict::Allowed => (in_short(&summary.open), false),
            Verdict::Unknown => (format!("?{}", in_short(&summary.unknown)), true),
        };
        match by_ports.iter_mut().find(|(known, _)| *known == ports) {
            // Machines are a part of their metanetwork.
            Some((_, sources))
                if home(source).is_some_and(|home| home != source && sources.contains(&home)) => {}
            Some((_, sources)) => sources.push(source),
            None => by_ports.push((ports, vec![source])),
        }
    }
    by_ports
        .into_iter()
        .map(|((ports, is_unknown), sources)| {
            let is_all = own > 1
                && sources.len() == own
                && sources.iter().all(|source| home(*source) == Some(*source));
            let who: Vec<&str> =
                sources.iter().filter_map(|source| names.get(*source)).map(String::as_str).collect();
            let who = if is_all { "all".to_owned() } else { who.join(", ") };
            Entry { sources, lines: wrapped(&format!("{ports} {FROM}{who}")), is_unknown }
        })
        .collect()
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in text.split_inclusive([' ', ',']) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + piece.trim_end().chars().count() <= LINE => {
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

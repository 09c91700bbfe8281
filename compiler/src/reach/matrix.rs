use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Protocol;
use ipnet::Ipv4Net;
use serde::Serialize;

use super::answer::{Ports, Verdict};
use super::attempt::Certainty;
use super::end::End;
use super::evaluate::{Evaluation, Stream, evaluate};
use super::machines::Rule;
use super::network::Target;
use super::place::{Extent, Place};
use super::roster::Crew;
use super::{Flow, Reach};

/// Reachability in one environment between its metanetworks, the internet, and the other places in its rules and
/// routes that exchange traffic with them. Machines that fare differently from their metanetwork follow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// The environment.
    pub env: String,
    /// The sources, one for each row, and the targets, one for each column.
    pub places: Vec<Place>,
    /// By row and column; nothing where both are outside of the environment.
    pub cells: Vec<Vec<Option<Summary>>>,
}

/// The traffic from one place to another, without the reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The verdict.
    pub verdict: Verdict,
    /// The traffic that gets through. Each lane tells whether it is between parts of the two places only.
    pub open: Vec<Lane>,
    /// The traffic that depends on a VPN or on resources of others.
    pub unknown: Vec<Lane>,
}

/// Traffic of one protocol on one range of ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lane {
    #[serde(serialize_with = "super::answer::word")]
    pub(super) protocol: Protocol,
    #[serde(flatten)]
    pub(super) ports: Ports,
    pub(super) is_part: bool,
    /// As of [`Flow`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) arrives_only: bool,
    /// The parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) part: Vec<String>,
}

impl Lane {
    /// The lane as a flow without reasons.
    pub fn flow(&self) -> Flow {
        let arrives_only = self.arrives_only;
        Flow { part: self.part.clone(), arrives_only, ..Flow::of(self.protocol, self.ports) }
    }

    /// Whether it is for parts of the two places only.
    pub fn is_part(&self) -> bool {
        self.is_part
    }
}

impl Reach<'_> {
    /// The traffic that `from` may begin to `to`, without reasons, and without paths over the internet between two
    /// environments: those follow from the paths of each to and from the internet.
    pub fn summary(&self, from: &Place, to: &Place) -> Summary {
        self.summary_of(&self.topology.end(from), &self.topology.end(to))
    }

    fn summary_of(&self, from: &End<'_>, to: &End<'_>) -> Summary {
        let evaluation = evaluate(&self.topology, from, to, Extent::Private);
        let open = lanes(&evaluation, Certainty::Open, Certainty::Arriving);
        let unknown = lanes(&evaluation, Certainty::Doubtful, Certainty::Expected);
        let verdict = match (open.is_empty(), unknown.is_empty()) {
            (false, _) => Verdict::Allowed,
            (true, false) => Verdict::Unknown,
            (true, true) => Verdict::Denied,
        };
        Summary { verdict, open, unknown }
    }

    /// The reachability of every pair of places of environment `env`.
    pub fn matrix(&self, env: &str) -> Matrix {
        let own = self.networks(env);
        let own_ends: Vec<End<'_>> = own.iter().map(|place| self.topology.end(place)).collect();
        let mut places = own.clone();
        places.push(Place::Internet);
        let mut known = BTreeMap::new();
        for other in self.others(env) {
            let (end, at) = (self.topology.end(&other), places.len());
            let ways = own_ends.iter().enumerate().flat_map(|(own_at, own_end)| {
                [
                    ((own_at, at), self.summary_of(own_end, &end)),
                    ((at, own_at), self.summary_of(&end, own_end)),
                ]
            });
            let ways: Vec<((usize, usize), Summary)> = ways.collect();
            if ways.iter().any(|(_, summary)| summary.verdict != Verdict::Denied) {
                known.extend(ways);
                places.push(other);
            }
        }
        let mut homes = Vec::new();
        for Crew { network, place } in self.crews(env) {
            let home = Place::Network { env: env.to_owned(), network };
            if let Ok(home) = own.binary_search(&home) {
                homes.push(home);
                places.push(place);
            }
        }
        let ends: Vec<End<'_>> = places.iter().map(|place| self.topology.end(place)).collect();
        let mut cell = |(from_at, from): (usize, &End<'_>), (to_at, to): (usize, &End<'_>)| {
            let is_own = |end: &End<'_>| end.place.home() == Some(env);
            let summary = || known.remove(&(from_at, to_at)).unwrap_or_else(|| self.summary_of(from, to));
            (is_own(from) || is_own(to)).then(summary)
        };
        let rows = ends.iter().enumerate();
        let cells = rows.map(|from| ends.iter().enumerate().map(|to| cell(from, to)).collect()).collect();
        Matrix { env: env.to_owned(), places, cells }.told_apart(&homes)
    }

    /// The other places in the matrix of environment `env`: the metanetworks of peered environments, the CIDR
    /// blocks in its rules and routes, and its VPN.
    pub(super) fn others(&self, env: &str) -> BTreeSet<Place> {
        let mut others = BTreeSet::new();
        let Some(found) = self.topology.environments.get(env) else { return others };
        others.extend(self.topology.peers(env).flat_map(|peer| self.networks(peer)));
        let own = |block: &Ipv4Net| {
            let vpcs = std::iter::once(env).chain(self.topology.peers(env));
            let mut vpcs = vpcs.filter_map(|name| self.topology.environments.get(name)?.block);
            vpcs.any(|vpc| vpc.contains(block))
        };
        let mut block = |block: Ipv4Net| {
            // The widest blocks are the internet, and blocks of environments are their metanetworks.
            if block.prefix_len() > 0 && !own(&block) {
                others.insert(Place::Block(block));
            }
        };
        for network in found.networks.values() {
            let egress = network.classes.iter().filter_map(|class| class.egress.as_deref()).flatten();
            network.rules.iter().chain(egress).filter_map(Rule::block).for_each(&mut block);
            for entry in network.subnets.iter().flat_map(|subnet| &subnet.routes) {
                match entry.target {
                    Target::Internet | Target::Vpn | Target::Nat(_) | Target::Elsewhere => {
                        block(entry.route.destination);
                    }
                    Target::Peering(..) | Target::Nowhere => {}
                }
            }
        }
        if found.has_vpn {
            others.insert(Place::Vpn { env: env.to_owned() });
        }
        others
    }
}

fn lanes(evaluation: &Evaluation<'_, '_>, connection: Certainty, arrival: Certainty) -> Vec<Lane> {
    let lane = |(certainty, stream): (Certainty, Stream)| Lane {
        part: evaluation.part(&stream, certainty),
        protocol: stream.protocol,
        ports: Ports { first: stream.range.0, last: stream.range.1 },
        is_part: !evaluation.is_for_all(&stream),
        arrives_only: certainty.is_arrival(),
    };
    evaluation.streams_of_both(connection, arrival).into_iter().map(lane).collect()
}

/// Lanes as short as they can be said: `22,80 udp:53 icmp`. `~` is for parts only, `>` arrives and is no connection.
pub fn in_short(lanes: &[Lane]) -> String {
    let mut text = String::new();
    let mut before = None;
    for lane in lanes {
        let Lane { protocol, ports, .. } = lane.clone();
        let part = match (lane.is_part, lane.arrives_only) {
            (false, false) => "",
            (true, false) => "~",
            (false, true) => ">",
            (true, true) => ">~",
        };
        let ports = ports.text(protocol);
        let said = match (protocol, ports.is_empty(), before == Some(protocol)) {
            (_, false, true) => format!(",{ports}{part}"),
            (Protocol::Tcp, false, false) => format!(" {ports}{part}"),
            (_, true, _) => format!(" {protocol}{part}"),
            (_, false, false) => format!(" {protocol}:{ports}{part}"),
        };
        text.push_str(&said);
        before = Some(protocol);
    }
    text.trim_start().to_owned()
}

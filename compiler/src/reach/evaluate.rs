//! Evaluates one pair of places: every address range of the source against every range of the target.

use std::collections::BTreeSet;

use asiaq_ir::Protocol;
use ipnet::Ipv4Net;

use super::address_range::{AddressRange, address_ranges};
use super::filter::{ALL, EVERYTHING, Opening, Range, openings};
use super::network::{Network, Target, Topology};
use super::path::{Extent, Fate, Obstacle, Path, Seen, paths};
use super::place::Place;

/// The result for one ordered pair of places.
#[derive(Debug)]
pub(super) struct Evaluation<'w, 'i> {
    pub(super) sources: Vec<AddressRange<'w, 'i>>,
    pub(super) targets: Vec<AddressRange<'w, 'i>>,
    pub(super) trials: Vec<Trial<'w, 'i>>,
}

/// One address range against another.
#[derive(Debug)]
pub(super) struct Trial<'w, 'i> {
    /// Index of the source's range.
    pub(super) source: usize,
    /// Index of the target's range.
    pub(super) target: usize,
    pub(super) attempts: Vec<Attempt<'w, 'i>>,
}

/// A path, with what the rules at its end let in.
#[derive(Debug)]
pub(super) struct Attempt<'w, 'i> {
    pub(super) path: Path<'w, 'i>,
    pub(super) openings: Vec<Opening<'i>>,
}

/// Whether traffic certainly gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    Open,
    Doubtful,
}

/// Ports of a protocol for which the same trials succeed, by the same certainty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) protocol: Protocol,
    pub(super) range: Range,
    /// Indices of the trials that succeed, in order.
    pub(super) trials: Vec<usize>,
}

/// Evaluates the traffic that `from` begins to `to`.
pub(super) fn evaluate<'w, 'i>(
    topology: &'w Topology<'i>,
    from: &Place,
    to: &Place,
    extent: Extent,
) -> Evaluation<'w, 'i> {
    let is_local =
        matches!((from, to), (Place::Network { env: a, .. }, Place::Network { env: b, .. }) if a == b);
    let source_env = from.env().or(to.env()).unwrap_or_default();
    let target_env = to.env().or(from.env()).unwrap_or_default();
    // Where a packet comes from matters to the rules of the target and to its routes back; where it goes
    // to, to the routes of the source.
    let source_cuts = cuts(topology, to, if is_local { Sides::Rules } else { Sides::RulesAndRoutes });
    let target_cuts = if is_local { Vec::new() } else { cuts(topology, from, Sides::Routes) };
    let sources = address_ranges(topology, from, target_env, &source_cuts);
    let mut targets = address_ranges(topology, to, source_env, &target_cuts);
    if is_local {
        // Within a VPC every subnet of a metanetwork is as good as any other.
        targets.truncate(1);
    }
    let mut trials = Vec::with_capacity(sources.len() * targets.len());
    for (at_source, source) in sources.iter().enumerate() {
        for (at_target, target) in targets.iter().enumerate() {
            let attempts = paths(topology, *source, *target, extent);
            let attempts = attempts.into_iter().map(|path| attempt(path, *target)).collect();
            trials.push(Trial { source: at_source, target: at_target, attempts });
        }
    }
    Evaluation { sources, targets, trials }
}

fn attempt<'w, 'i>(path: Path<'w, 'i>, target: AddressRange<'w, 'i>) -> Attempt<'w, 'i> {
    let openings = match (path.seen, target.network()) {
        (Seen::Unchecked, _) | (_, None) => vec![EVERYTHING],
        (seen, Some(network)) => openings(network, seen),
    };
    Attempt { path, openings }
}

/// The parts of the other end that matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sides {
    Rules,
    Routes,
    RulesAndRoutes,
}

/// CIDR blocks that the rules or routes of the metanetworks of `place` distinguish.
fn cuts(topology: &Topology<'_>, place: &Place, sides: Sides) -> Vec<Ipv4Net> {
    let mut cuts = BTreeSet::new();
    for network in networks(topology, place) {
        if sides != Sides::Routes {
            cuts.extend(network.rules.iter().filter_map(|(rule, _)| match &rule.source {
                asiaq_ir::Source::Cidr(block) => Some(*block),
                asiaq_ir::Source::Group(_) | asiaq_ir::Source::Other(_) => None,
            }));
        }
        if sides != Sides::Rules {
            for entry in network.subnets.iter().flat_map(|subnet| &subnet.routes) {
                cuts.insert(entry.route.destination);
                if let Target::Nat(address) = entry.target
                    && let Some((_, nat)) = topology.subnet(address)
                {
                    cuts.extend(nat.routes.iter().map(|entry| entry.route.destination));
                }
            }
        }
    }
    cuts.into_iter().collect()
}

fn networks<'w, 'i>(topology: &'w Topology<'i>, place: &Place) -> Vec<&'w Network<'i>> {
    match place {
        Place::Network { env, network } => {
            let env = topology.environments.get(env.as_str());
            env.and_then(|env| env.networks.get(network.as_str())).into_iter().collect()
        }
        // A block inside an environment is some of its metanetworks.
        Place::Block(block) => topology
            .environments
            .values()
            .filter(|env| env.block.is_some_and(|vpc| vpc.contains(block)))
            .flat_map(|env| env.networks.values())
            .collect(),
        Place::Internet | Place::Vpn { .. } => Vec::new(),
    }
}

impl<'w, 'i> Evaluation<'w, 'i> {
    /// The traffic that gets through with this certainty, in order of protocol and port.
    pub(super) fn streams(&self, certainty: Certainty) -> Vec<Stream> {
        let mut found: Vec<(Protocol, Range, usize)> = Vec::new();
        for (at, trial) in self.trials.iter().enumerate() {
            for opening in trial.openings(certainty) {
                found.push((opening.protocol, opening.range, at));
            }
        }
        let anything: BTreeSet<usize> =
            found.iter().filter(|(protocol, ..)| *protocol == Protocol::Any).map(|(.., at)| *at).collect();
        let protocols: BTreeSet<Protocol> = found.iter().map(|(protocol, ..)| *protocol).collect();
        protocols
            .into_iter()
            .flat_map(|protocol| {
                let own = found.iter().filter(|(of, ..)| *of == protocol);
                let own: Vec<(Range, usize)> = own.map(|(_, range, at)| (*range, *at)).collect();
                match protocol {
                    Protocol::Any => streams_of(protocol, &own, &BTreeSet::new()),
                    Protocol::Icmp => streams_of_icmp(&own, &anything),
                    Protocol::Tcp | Protocol::Udp | Protocol::Number(_) => {
                        streams_of(protocol, &own, &anything)
                    }
                }
            })
            .collect()
    }

    /// The attempts that let `stream` through, up to the first that lets all of it through.
    pub(super) fn attempts<'s>(
        &'s self,
        stream: &'s Stream,
        certainty: Certainty,
    ) -> impl Iterator<Item = &'s Attempt<'w, 'i>> {
        let trials = stream.trials.iter().filter_map(|at| self.trials.get(*at));
        trials.flat_map(move |trial| {
            let mut is_done = false;
            let attempts = trial.attempts.iter().filter(move |attempt| {
                attempt.is(certainty) && attempt.openings.iter().any(|opening| stream.is_within(opening))
            });
            attempts.take_while(move |attempt| {
                let goes_on = !is_done;
                is_done |= attempt.openings.iter().any(|opening| stream.is_covered(opening));
                goes_on
            })
        })
    }

    /// The reasons why nothing gets through, for the trials where nothing does.
    pub(super) fn obstacles(&self) -> impl Iterator<Item = Obstacle<'w, 'i>> {
        let stuck = self.trials.iter().filter(|trial| {
            let is_through = |attempt: &Attempt<'_, '_>| match attempt.path.fate {
                Fate::Open(_) | Fate::Doubtful(..) => !attempt.openings.is_empty(),
                Fate::Blocked(_) => false,
            };
            !trial.attempts.iter().any(is_through)
        });
        // Only the first path, by private addresses, is the intended one.
        stuck.filter_map(|trial| trial.attempts.first()).flat_map(|attempt| match &attempt.path.fate {
            Fate::Blocked(obstacles) => obstacles.clone(),
            Fate::Open(_) | Fate::Doubtful(..) => Vec::new(),
        })
    }

    /// Whether no rule lets some of the sources in.
    pub(super) fn lacks_rule(&self) -> bool {
        let first =
            |trial: &Trial<'_, '_>| trial.attempts.first().is_some_and(|first| first.openings.is_empty());
        self.trials.iter().any(|trial| first(trial) && trial.openings(Certainty::Open).next().is_none())
    }
}

impl<'i> Trial<'_, 'i> {
    fn openings(&self, certainty: Certainty) -> impl Iterator<Item = &Opening<'i>> {
        self.attempts
            .iter()
            .filter(move |attempt| attempt.is(certainty))
            .flat_map(|attempt| &attempt.openings)
    }
}

impl Attempt<'_, '_> {
    pub(super) fn is(&self, certainty: Certainty) -> bool {
        match self.path.fate {
            Fate::Open(_) => certainty == Certainty::Open,
            Fate::Doubtful(..) => certainty == Certainty::Doubtful,
            Fate::Blocked(_) => false,
        }
    }
}

impl Stream {
    /// Whether `opening` lets all of it through.
    fn is_covered(&self, opening: &Opening<'_>) -> bool {
        let covers = opening.range.0 <= self.range.0 && self.range.1 <= opening.range.1;
        opening.protocol == Protocol::Any || (opening.protocol == self.protocol && covers)
    }

    /// Whether `opening` lets some of it through.
    pub(super) fn is_within(&self, opening: &Opening<'_>) -> bool {
        let meets = opening.range.0 <= self.range.1 && self.range.0 <= opening.range.1;
        opening.protocol == Protocol::Any || (opening.protocol == self.protocol && meets)
    }
}

/// The streams of ICMP: one for all types together, and one for each type that has rules of its own.
fn streams_of_icmp(own: &[(Range, usize)], anything: &BTreeSet<usize>) -> Vec<Stream> {
    let (whole, types): (Vec<_>, Vec<_>) = own.iter().copied().partition(|(range, _)| *range == ALL);
    let mut streams = streams_of(Protocol::Icmp, &whole, anything);
    let whole: BTreeSet<usize> = whole.iter().map(|(_, at)| *at).chain(anything.iter().copied()).collect();
    streams.extend(streams_of(Protocol::Icmp, &types, &whole));
    streams
}

/// The streams of one protocol, without those that the trials in `anything` let through anyway.
fn streams_of(protocol: Protocol, own: &[(Range, usize)], anything: &BTreeSet<usize>) -> Vec<Stream> {
    let mut starts: BTreeSet<u32> = BTreeSet::new();
    for ((first, last), _) in own {
        starts.extend([u32::from(*first), u32::from(*last) + 1]);
    }
    let starts: Vec<u32> = starts.into_iter().collect();
    let mut streams: Vec<Stream> = Vec::new();
    for pair in starts.windows(2) {
        let [start, next] = pair else { continue };
        let (Ok(first), Ok(last)) = (u16::try_from(*start), u16::try_from(next - 1)) else { continue };
        let covers = |range: &Range| range.0 <= first && last <= range.1;
        let own: BTreeSet<usize> = own.iter().filter(|(range, _)| covers(range)).map(|(_, at)| *at).collect();
        if own.is_subset(anything) {
            continue;
        }
        let trials: Vec<usize> = own.union(anything).copied().collect();
        match streams.last_mut() {
            Some(stream)
                if stream.trials == trials
                    && u32::from(stream.range.1) + 1 == *start
                    && goes_on(protocol, stream.range, first) =>
            {
                stream.range.1 = last;
            }
            _ => streams.push(Stream { protocol, range: (first, last), trials }),
        }
    }
    streams
}

/// Whether the ports from `first`, right after `range`, are shown together with it.
fn goes_on(protocol: Protocol, range: Range, first: u16) -> bool {
    protocol != Protocol::Icmp || range.0 >> 8 == first >> 8
}

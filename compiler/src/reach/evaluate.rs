//! One question answered: every stretch of the one end against every stretch of the other, and what of it
//! holds for all of them.

use std::collections::BTreeSet;

use asiaq_ir::Protocol;
use ipnet::Ipv4Net;

use super::address_range::{Stretch, stretches};
use super::filter::{ALL, EVERYTHING, Opening, Range, openings};
use super::network::{Network, Target, World};
use super::path::{Extent, Fate, Obstacle, Seen, Way, ways};
use super::place::Place;

/// Everything about one ordered pair of places.
#[derive(Debug)]
pub(super) struct Weighed<'w, 'i> {
    pub(super) sources: Vec<Stretch<'w, 'i>>,
    pub(super) targets: Vec<Stretch<'w, 'i>>,
    pub(super) trials: Vec<Trial<'w, 'i>>,
}

/// One stretch against another.
#[derive(Debug)]
pub(super) struct Trial<'w, 'i> {
    /// Index of the source's stretch.
    pub(super) source: usize,
    /// Index of the target's stretch.
    pub(super) target: usize,
    pub(super) attempts: Vec<Attempt<'w, 'i>>,
}

/// A way, with what the rules at its end let in.
#[derive(Debug)]
pub(super) struct Attempt<'w, 'i> {
    pub(super) way: Way<'w, 'i>,
    pub(super) openings: Vec<Opening<'i>>,
}

/// How sure it is that something gets through.
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

/// Weighs the traffic that `from` begins with `to`.
pub(super) fn evaluate<'w, 'i>(
    world: &'w World<'i>,
    from: &Place,
    to: &Place,
    extent: Extent,
) -> Weighed<'w, 'i> {
    let is_local =
        matches!((from, to), (Place::Network { env: a, .. }, Place::Network { env: b, .. }) if a == b);
    let source_env = from.env().or(to.env()).unwrap_or_default();
    let target_env = to.env().or(from.env()).unwrap_or_default();
    // Where a packet comes from matters to the rules of the target and to its routes back; where it goes
    // to, to the routes of the source.
    let source_cuts = cuts(world, to, if is_local { Sides::Rules } else { Sides::RulesAndRoutes });
    let target_cuts = if is_local { Vec::new() } else { cuts(world, from, Sides::Routes) };
    let sources = stretches(world, from, target_env, &source_cuts);
    let mut targets = stretches(world, to, source_env, &target_cuts);
    if is_local {
        // Within a VPC every subnet of a metanetwork is as good as any other.
        targets.truncate(1);
    }
    let mut trials = Vec::with_capacity(sources.len() * targets.len());
    for (at_source, source) in sources.iter().enumerate() {
        for (at_target, target) in targets.iter().enumerate() {
            let attempts = ways(world, *source, *target, extent);
            let attempts = attempts.into_iter().map(|way| attempt(way, *target)).collect();
            trials.push(Trial { source: at_source, target: at_target, attempts });
        }
    }
    Weighed { sources, targets, trials }
}

fn attempt<'w, 'i>(way: Way<'w, 'i>, target: Stretch<'w, 'i>) -> Attempt<'w, 'i> {
    let openings = match (way.seen, target.network()) {
        (Seen::Unchecked, _) | (_, None) => vec![EVERYTHING],
        (seen, Some(network)) => openings(network, seen),
    };
    Attempt { way, openings }
}

/// What of the other end matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sides {
    Rules,
    Routes,
    RulesAndRoutes,
}

/// Blocks that the metanetworks of `place` tell apart.
fn cuts(world: &World<'_>, place: &Place, sides: Sides) -> Vec<Ipv4Net> {
    let mut cuts = BTreeSet::new();
    for network in networks(world, place) {
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
                    && let Some((_, nat)) = world.subnet(address)
                {
                    cuts.extend(nat.routes.iter().map(|entry| entry.route.destination));
                }
            }
        }
    }
    cuts.into_iter().collect()
}

fn networks<'w, 'i>(world: &'w World<'i>, place: &Place) -> Vec<&'w Network<'i>> {
    match place {
        Place::Network { env, network } => {
            let env = world.environments.get(env.as_str());
            env.and_then(|env| env.networks.get(network.as_str())).into_iter().collect()
        }
        // A block inside an environment is some of its metanetworks.
        Place::Block(block) => world
            .environments
            .values()
            .filter(|env| env.block.is_some_and(|vpc| vpc.contains(block)))
            .flat_map(|env| env.networks.values())
            .collect(),
        Place::Internet | Place::Vpn { .. } => Vec::new(),
    }
}

impl<'w, 'i> Weighed<'w, 'i> {
    /// What gets through, or may, in order of protocol and port.
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

    /// The attempts that let `stream` through; where one does by itself, the ones after it are no news.
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

    /// What stands in the way where nothing gets through.
    pub(super) fn obstacles(&self) -> impl Iterator<Item = Obstacle<'w, 'i>> {
        let stuck = self.trials.iter().filter(|trial| {
            let is_through = |attempt: &Attempt<'_, '_>| match attempt.way.fate {
                Fate::Open(_) | Fate::Doubtful(..) => !attempt.openings.is_empty(),
                Fate::Blocked(_) => false,
            };
            !trial.attempts.iter().any(is_through)
        });
        // Only the first way is the one that was meant.
        stuck.filter_map(|trial| trial.attempts.first()).flat_map(|attempt| match &attempt.way.fate {
            Fate::Blocked(obstacles) => obstacles.clone(),
            Fate::Open(_) | Fate::Doubtful(..) => Vec::new(),
        })
    }

    /// Whether some source that should get in finds no rule for it.
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
        match self.way.fate {
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

/// ICMP: every type at once is one thing, and each type that says more is one of its own.
fn streams_of_icmp(own: &[(Range, usize)], anything: &BTreeSet<usize>) -> Vec<Stream> {
    let (whole, types): (Vec<_>, Vec<_>) = own.iter().copied().partition(|(range, _)| *range == ALL);
    let mut streams = streams_of(Protocol::Icmp, &whole, anything);
    let whole: BTreeSet<usize> = whole.iter().map(|(_, at)| *at).chain(anything.iter().copied()).collect();
    streams.extend(streams_of(Protocol::Icmp, &types, &whole));
    streams
}

/// The streams of one protocol; where nobody gets through who does not by `anything` anyway, there is none.
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

/// Whether what begins at `first`, right after `range`, is one thing with it to a person.
fn goes_on(protocol: Protocol, range: Range, first: u16) -> bool {
    protocol != Protocol::Icmp || range.0 >> 8 == first >> 8
}

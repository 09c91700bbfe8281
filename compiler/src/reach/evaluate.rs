//! Evaluates one pair of places: every address range of the source against every range of the target.

use std::collections::BTreeSet;

use asiaq_ir::Protocol;
use ipnet::Ipv4Net;

use super::address_range::{AddressRange, Home, address_ranges, is_public, may_be_chosen, networks};
use super::end::End;
use super::fate::{Fate, Obstacle};
use super::filter::{ALL, EVERYTHING, Opening, Openings, Range, leaving, openings};
use super::machines::{Class, Rule};
use super::network::{Entry, Network, Subnet, Target, Topology};
use super::path::{Path, Seen, paths};
use super::place::Extent;

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
    /// Whether rules let traffic in at its end, and none of it out at its start.
    pub(super) is_held_back: bool,
}

/// Whether traffic certainly gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    Open,
    Doubtful,
    /// One of the two.
    Possible,
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
    from: &'w End<'i>,
    to: &'w End<'i>,
    extent: Extent,
) -> Evaluation<'w, 'i> {
    let (source_env, target_env) = (from.place.env(), to.place.env());
    let (source_env, target_env) =
        (source_env.or(target_env).unwrap_or_default(), target_env.or(source_env).unwrap_or_default());
    let senders = networks(topology, from, target_env, extent);
    let receivers = networks(topology, to, source_env, extent);
    let is_local = from.place.home().is_some() && from.place.home() == to.place.home();
    let restricted = restricted(&senders);
    // Where traffic may not leave for everywhere, every way is evaluated.
    let is_local = is_local && restricted.is_none();
    // Within a VPC, public addresses add something only where rules name them.
    let is_local = is_local && (extent == Extent::Private || !are_public(topology, &senders, &receivers));
    let extent = if is_local { Extent::Private } else { extent };
    // Where a packet comes from matters to the rules of the target and to its routes back; where it goes
    // to, to the routes of the source.
    let source_cuts = cuts(topology, &receivers, if is_local { Sides::Rules } else { Sides::RulesAndRoutes });
    let mut target_cuts = if is_local { Vec::new() } else { cuts(topology, &senders, Sides::Routes) };
    target_cuts.extend(restricted.into_iter().flatten());
    let sources = address_ranges(topology, from, target_env, &source_cuts, extent);
    let mut targets = address_ranges(topology, to, source_env, &target_cuts, extent);
    if is_local {
        // Within a VPC every subnet of a metanetwork is as good as any other.
        targets.dedup_by(|one, other| match (one.spot(), other.spot()) {
            (Some(one), Some(other)) => std::ptr::eq(one.class, other.class),
            _ => false,
        });
    }
    let mut trials = Vec::with_capacity(sources.len() * targets.len());
    for (at_source, source) in sources.iter().enumerate() {
        for (at_target, target) in targets.iter().enumerate() {
            let attempts = paths(topology, *source, *target, extent);
            let attempts =
                attempts.into_iter().flat_map(|path| attempts_on(path, *source, *target)).collect();
            trials.push(Trial { source: at_source, target: at_target, attempts });
        }
    }
    Evaluation { sources, targets, trials }
}

/// A path with what the rules at its end certainly let in, and what they may let in.
fn attempts_on<'w, 'i>(
    path: Path<'w, 'i>,
    source: AddressRange<'w, 'i>,
    target: AddressRange<'w, 'i>,
) -> Vec<Attempt<'w, 'i>> {
    let entering = match (path.seen, target.home) {
        (Seen::Unchecked, _) | (_, Home::Outside | Home::Internet | Home::Vpn) => {
            Openings { certain: vec![EVERYTHING], doubtful: Vec::new() }
        }
        (seen, Home::Inside(to)) => openings(to, seen),
    };
    let leaving = source.spot().and_then(|from| leaving(from, path.aim));
    let through = leaving.map(|leaving| leaving.and(&entering));
    let lets_nothing = |found: &Openings<'_, '_>| found.certain.is_empty() && found.doubtful.is_empty();
    let is_held_back = !entering.certain.is_empty() && through.as_ref().is_some_and(lets_nothing);
    let Openings { certain, doubtful } = through.unwrap_or(entering);
    let mut attempts = vec![Attempt { path, openings: certain, is_held_back }];
    for (opening, doubt) in doubtful {
        let Some(Attempt { path, .. }) = attempts.first() else { break };
        let fate = path.fate.clone().then(Fate::Doubtful(Vec::new(), doubt));
        let path = Path { seen: path.seen, aim: path.aim, fate };
        attempts.push(Attempt { path, openings: vec![opening], is_held_back: false });
    }
    attempts
}

/// The CIDR blocks of the egress rules of machines; nothing if they may send everything everywhere.
fn restricted(networks: &[&Network<'_>]) -> Option<Vec<Ipv4Net>> {
    let classes = || networks.iter().flat_map(|network| &network.classes);
    let rules = || classes().filter_map(|class| class.egress.as_deref());
    rules().next()?;
    let blocks: BTreeSet<Ipv4Net> = rules().flatten().filter_map(Rule::block).collect();
    Some(blocks.into_iter().collect())
}

/// The parts of the other end that matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sides {
    Rules,
    Routes,
    RulesAndRoutes,
}

/// CIDR blocks that the rules or routes of `networks` distinguish.
fn cuts(topology: &Topology<'_>, networks: &[&Network<'_>], sides: Sides) -> Vec<Ipv4Net> {
    let mut cuts = BTreeSet::new();
    for network in networks {
        if sides != Sides::Routes {
            cuts.extend(rules(network).filter_map(Rule::block));
        }
        if sides != Sides::Rules {
            for entry in network.subnets.iter().flat_map(|subnet| &subnet.routes) {
                cuts.insert(entry.route.destination);
                if let Target::Nat(gateway) = entry.target
                    && let Some((_, nat)) = topology.subnet(gateway.subnet)
                {
                    cuts.extend(nat.routes.iter().map(|entry| entry.route.destination));
                }
            }
        }
    }
    cuts.into_iter().collect()
}

/// The rules of everything in a metanetwork; a rule may occur several times.
fn rules<'w, 'i>(network: &'w Network<'i>) -> impl Iterator<Item = &'w Rule<'i>> {
    network.classes.iter().flat_map(|class: &Class<'_>| &class.rules)
}

/// Whether rules of `receivers` may apply to `senders` by public addresses only.
fn are_public(topology: &Topology<'_>, senders: &[&Network<'_>], receivers: &[&Network<'_>]) -> bool {
    let blocks = receivers.iter().flat_map(|network| rules(network)).filter_map(Rule::block);
    let mut blocks = blocks.filter(|block| is_public(*block) && block.prefix_len() > 0).peekable();
    if blocks.peek().is_none() {
        return false;
    }
    let leads_away = |subnet: &Subnet<'_>| {
        let away = |entry: &Entry<'_>| matches!(entry.target, Target::Vpn | Target::Elsewhere);
        subnet.learns || subnet.routes.iter().any(away)
    };
    let by_nat = |subnet: &Subnet<'_>| {
        subnet.routes.iter().any(|entry| match entry.target {
            Target::Nat(gateway) => topology.subnet(gateway.subnet).is_some_and(|(_, nat)| leads_away(nat)),
            _ => false,
        })
    };
    // Another network may send from any public address.
    senders.iter().flat_map(|network| &network.subnets).any(|subnet| leads_away(subnet) || by_nat(subnet))
        || blocks.any(|block| may_be_chosen(block) || topology.public.iter().any(|ip| block.contains(ip)))
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

    /// The attempts that let `stream` through, up to the first of each trial that lets all of it through.
    pub(super) fn attempts<'s>(
        &'s self,
        stream: &'s Stream,
        certainty: Certainty,
    ) -> impl Iterator<Item = (&'s Trial<'w, 'i>, &'s Attempt<'w, 'i>)> {
        let trials = stream.trials.iter().filter_map(|at| self.trials.get(*at));
        trials.flat_map(move |trial| {
            let mut is_done = false;
            let attempts = trial.attempts.iter().filter(move |attempt| {
                attempt.is(certainty) && attempt.openings.iter().any(|opening| stream.is_within(opening))
            });
            let attempts = attempts.take_while(move |attempt| {
                let goes_on = !is_done;
                is_done |= attempt.openings.iter().any(|opening| stream.is_covered(opening));
                goes_on
            });
            attempts.map(move |attempt| (trial, attempt))
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
        self.trials.iter().any(|trial| {
            let first = trial.attempts.first();
            first.is_some_and(|first| first.openings.is_empty() && !first.is_held_back)
                && trial.openings(Certainty::Open).next().is_none()
        })
    }
}

impl<'i> Trial<'_, 'i> {
    /// Whether rules let traffic in that none lets out.
    pub(super) fn is_held_back(&self) -> bool {
        self.attempts.first().is_some_and(|first| first.is_held_back)
    }

    fn openings(&self, certainty: Certainty) -> impl Iterator<Item = &Opening<'i>> {
        let of = |certainty| {
            let attempts = self.attempts.iter().filter(move |attempt| attempt.is(certainty));
            attempts.flat_map(|attempt| &attempt.openings)
        };
        // What certainly gets through on one path is not in doubt because of another one.
        let is_news = move |opening: &&Opening<'_>| {
            certainty != Certainty::Doubtful || !of(Certainty::Open).any(|open| open.covers(opening))
        };
        of(certainty).filter(is_news)
    }
}

impl Opening<'_> {
    /// Whether it lets everything through that `other` does.
    fn covers(&self, other: &Opening<'_>) -> bool {
        let covers = self.range.0 <= other.range.0 && other.range.1 <= self.range.1;
        self.protocol == Protocol::Any || (self.protocol == other.protocol && covers)
    }
}

impl Attempt<'_, '_> {
    pub(super) fn is(&self, certainty: Certainty) -> bool {
        match self.path.fate {
            Fate::Open(_) => certainty != Certainty::Doubtful,
            Fate::Doubtful(..) => certainty != Certainty::Open,
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

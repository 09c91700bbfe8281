//! Evaluates one pair of places: every address range of the source against every range of the target.

use std::collections::BTreeSet;

use asiaq_ir::Protocol;
use ipnet::Ipv4Net;

use super::address_range::{AddressRange, address_ranges, is_public, may_be_chosen, networks, ranges_of};
use super::attempt::{Attempt, Certainty, Front, Lack, Served, attempts_on, forwarded, served};
use super::end::End;
use super::fate::{Fate, Obstacle};
use super::filter::{ALL, Opening, Range};
use super::machines::{Class, Role, Rule};
use super::network::{Entry, Network, Subnet, Target, Topology};
use super::path::paths;
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

/// Ports of a protocol for which the same trials succeed, by the same certainty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) protocol: Protocol,
    pub(super) range: Range,
    /// Indices of the trials that succeed, in order.
    pub(super) trials: Vec<usize>,
    /// Those of them that succeed for some of the machines only.
    pub(super) partial: Vec<usize>,
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
    let keepers = keepers(topology, &receivers);
    let in_front: Vec<&Network<'_>> = keepers.iter().map(|(network, _)| *network).collect();
    let restricted = restricted(&senders.iter().chain(&in_front).copied());
    // Where traffic may not leave for everywhere, every way is evaluated.
    let is_local = is_local && restricted.is_none();
    let visited: Vec<&Network<'_>> = receivers.iter().chain(&in_front).copied().collect();
    // Within a VPC, public addresses add something only where rules name them.
    let is_local = is_local && (extent == Extent::Private || !are_public(topology, &senders, &visited));
    let extent = if is_local { Extent::Private } else { extent };
    // Where a packet comes from matters to the rules of the target and to its routes back; where it goes
    // to, to the routes of the source.
    let source_cuts = cuts(topology, &visited, if is_local { Sides::Rules } else { Sides::RulesAndRoutes });
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
        let way = |target: AddressRange<'w, 'i>| paths(topology, *source, target, extent);
        let fronts: Vec<Front<'_, '_>> = if source.is_of(Role::Balancers) {
            Vec::new()
        } else {
            let ranges = keepers.iter().flat_map(|(network, class)| ranges_of(network, class, &target_cuts));
            ranges.filter_map(|range| Some(Front::of(range.spot()?, *source, way(range)))).collect()
        };
        for (at_target, target) in targets.iter().enumerate() {
            let attempts = way(*target).into_iter().flat_map(|path| attempts_on(&path, *source, *target));
            let mut attempts: Vec<Attempt<'_, '_>> = attempts.collect();
            if target.is_of(Role::Instances) {
                attempts.extend(fronts.iter().flat_map(|front| forwarded(front, *target)));
            }
            trials.push(Trial { source: at_source, target: at_target, attempts });
        }
    }
    Evaluation { sources, targets, trials }
}

/// The load balancers whose clients some machines of `receivers` see.
fn keepers<'w, 'i>(
    topology: &'w Topology<'i>,
    receivers: &[&'w Network<'i>],
) -> Vec<(&'w Network<'i>, &'w Class<'i>)> {
    let envs: BTreeSet<&str> = receivers.iter().map(|network| network.env).collect();
    let keepers = envs.into_iter().flat_map(|env| topology.keepers(env).map(move |keeper| (env, keeper)));
    let serves = |(env, (_, balancers)): &(&str, (&Network<'_>, &Class<'_>))| {
        let own = receivers.iter().filter(|network| network.env == *env);
        own.flat_map(|network| &network.classes).any(|class| served(balancers, class) != Served::None)
    };
    keepers.filter(serves).map(|(_, keeper)| keeper).collect()
}

/// The CIDR blocks of the egress rules of machines; nothing if they may send everything everywhere.
fn restricted<'w>(networks: &(impl Iterator<Item = &'w Network<'w>> + Clone)) -> Option<Vec<Ipv4Net>> {
    let classes = || networks.clone().flat_map(|network| &network.classes);
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

/// The rules of everything in a metanetwork, and of machines behind its load balancers; a rule may occur several times.
fn rules<'w, 'i>(network: &'w Network<'i>) -> impl Iterator<Item = &'w Rule<'i>> {
    network.classes.iter().flat_map(|class: &Class<'_>| class.rules.iter().chain(&class.behind))
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
        let mut found: Vec<Through> = Vec::new();
        for (at, trial) in self.trials.iter().enumerate() {
            for (opening, is_some) in trial.openings(certainty) {
                found.push(Through { protocol: opening.protocol, range: opening.range, at, is_some });
            }
        }
        let anything = found.iter().filter(|found| found.protocol == Protocol::Any);
        let anything: BTreeSet<usize> = anything.map(|found| found.at).collect();
        // Of packets that only arrive, any protocol is any but TCP.
        let is_any_but_tcp = certainty.is_arrival();
        let protocols: BTreeSet<Protocol> = found.iter().map(|found| found.protocol).collect();
        protocols
            .into_iter()
            .flat_map(|protocol| {
                let own: Vec<&Through> = found.iter().filter(|found| found.protocol == protocol).collect();
                match protocol {
                    Protocol::Any => streams_of(protocol, &own, &BTreeSet::new()),
                    Protocol::Tcp if is_any_but_tcp => streams_of(protocol, &own, &BTreeSet::new()),
                    Protocol::Icmp => streams_of_icmp(&own, &anything),
                    Protocol::Tcp | Protocol::Udp | Protocol::Number(_) => {
                        streams_of(protocol, &own, &anything)
                    }
                }
            })
            .collect()
    }

    /// The streams of connections with one certainty, and of other packets with another one, in order of protocol and
    /// port.
    pub(super) fn streams_of_both(
        &self,
        connection: Certainty,
        arrival: Certainty,
    ) -> Vec<(Certainty, Stream)> {
        let of = |certainty| self.streams(certainty).into_iter().map(move |stream| (certainty, stream));
        let mut streams: Vec<(Certainty, Stream)> = of(connection).chain(of(arrival)).collect();
        streams.sort_by_key(|(_, stream)| (stream.protocol, stream.range.0));
        streams
    }

    /// The attempts that let `stream` through, up to the first of each trial that lets all of it through to all machines.
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
                is_done |=
                    !attempt.is_some && attempt.openings.iter().any(|opening| stream.is_covered(opening));
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
            first.is_some_and(|first| first.openings.is_empty() && first.lack.is_none())
                && trial.openings(Certainty::Open).next().is_none()
        })
    }
}

impl<'i> Trial<'_, 'i> {
    /// Why nothing gets through although rules let it in.
    pub(super) fn lack(&self) -> Option<Lack> {
        self.attempts.first().and_then(|first| first.lack)
    }

    /// What gets through, each with whether that is so for some of the machines only.
    fn openings(&self, certainty: Certainty) -> impl Iterator<Item = (&Opening<'i>, bool)> {
        let of = |certainty| {
            let attempts = self.attempts.iter().filter(move |attempt| attempt.is(certainty));
            attempts.flat_map(|attempt| attempt.openings.iter().map(|opening| (opening, attempt.is_some)))
        };
        // What certainly gets through on one path is not in doubt because of another one, and a connection arrives.
        let better: &[Certainty] = match certainty {
            Certainty::Open | Certainty::Possible => &[],
            Certainty::Arriving | Certainty::Doubtful => &[Certainty::Open],
            Certainty::Expected => &[Certainty::Open, Certainty::Arriving, Certainty::Doubtful],
        };
        let is_known = move |better: Certainty, opening: &Opening<'_>| {
            let whole = of(better).filter(|(_, is_some)| !is_some);
            let any_but_tcp = better.is_arrival() && opening.protocol == Protocol::Tcp;
            whole
                .into_iter()
                .any(|(open, _)| open.covers(opening) && !(any_but_tcp && open.protocol == Protocol::Any))
        };
        let is_news = move |(opening, _): &(&Opening<'_>, bool)| {
            !better.iter().any(|better| is_known(*better, opening))
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

/// An opening of a trial.
struct Through {
    protocol: Protocol,
    range: Range,
    at: usize,
    /// Whether it is for some of the machines only.
    is_some: bool,
}

/// The streams of ICMP: one for all types together, and one for each type that has rules of its own.
fn streams_of_icmp(own: &[&Through], anything: &BTreeSet<usize>) -> Vec<Stream> {
    let (whole, types): (Vec<_>, Vec<_>) = own.iter().copied().partition(|found| found.range == ALL);
    let mut streams = streams_of(Protocol::Icmp, &whole, anything);
    let whole: BTreeSet<usize> = whole.iter().map(|found| found.at).chain(anything.iter().copied()).collect();
    streams.extend(streams_of(Protocol::Icmp, &types, &whole));
    streams
}

/// The streams of one protocol, without those that the trials in `anything` let through anyway.
fn streams_of(protocol: Protocol, own: &[&Through], anything: &BTreeSet<usize>) -> Vec<Stream> {
    let mut starts: BTreeSet<u32> = BTreeSet::new();
    for found in own {
        starts.extend([u32::from(found.range.0), u32::from(found.range.1) + 1]);
    }
    let starts: Vec<u32> = starts.into_iter().collect();
    let mut streams: Vec<Stream> = Vec::new();
    for pair in starts.windows(2) {
        let [start, next] = pair else { continue };
        let (Ok(first), Ok(last)) = (u16::try_from(*start), u16::try_from(next - 1)) else { continue };
        let covering = own.iter().filter(|found| found.range.0 <= first && last <= found.range.1);
        let (some, whole): (Vec<&Through>, Vec<&Through>) =
            covering.copied().partition(|found| found.is_some);
        let mut whole: BTreeSet<usize> = whole.iter().map(|found| found.at).collect();
        let some = some.iter().map(|found| found.at);
        let partial: BTreeSet<usize> =
            some.filter(|at| !whole.contains(at) && !anything.contains(at)).collect();
        if partial.is_empty() && whole.is_subset(anything) {
            continue;
        }
        whole.extend(anything);
        let trials: Vec<usize> = whole.union(&partial).copied().collect();
        let partial: Vec<usize> = partial.into_iter().collect();
        match streams.last_mut() {
            Some(stream)
                if stream.trials == trials
                    && stream.partial == partial
                    && u32::from(stream.range.1) + 1 == *start
                    && goes_on(protocol, stream.range, first) =>
            {
                stream.range.1 = last;
            }
            _ => streams.push(Stream { protocol, range: (first, last), trials, partial }),
        }
    }
    streams
}

/// Whether the ports from `first`, right after `range`, are shown together with it.
fn goes_on(protocol: Protocol, range: Range, first: u16) -> bool {
    protocol != Protocol::Icmp || range.0 >> 8 == first >> 8
}

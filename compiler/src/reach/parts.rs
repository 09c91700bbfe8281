//! Names the parts of two places that traffic is for.

use std::collections::{BTreeMap, BTreeSet};

use super::address_range::{AddressRange, Home, Spot};
use super::attempt::{Attempt, Certainty};
use super::evaluate::{Evaluation, Stream, Trial};
use super::path::Seen;
use super::{once, words};

impl Evaluation<'_, '_> {
    /// The parts of both ends that a stream applies to; empty if it applies to all of them.
    pub(super) fn part(&self, stream: &Stream, certainty: Certainty) -> Vec<String> {
        if self.targets.is_empty() || self.is_for_all(stream) {
            return Vec::new();
        }
        let mut by_source: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for at in stream.trials.iter().filter(|at| !stream.partial.contains(at)) {
            by_source.entry(at / self.targets.len()).or_default().insert(at % self.targets.len());
        }
        let mut by_targets: BTreeMap<BTreeSet<usize>, BTreeSet<usize>> = BTreeMap::new();
        for (source, targets) in by_source {
            by_targets.entry(targets).or_default().insert(source);
        }
        let texts = by_targets.iter().flat_map(|(targets, sources)| {
            // A part is named by the end that it does not share with all others.
            let all_sources = by_targets.len() == 1 && sources.len() == self.sources.len();
            let all_targets = by_targets.len() == 1 && targets.len() == self.targets.len();
            match (all_sources, all_targets) {
                (_, true) => names(&self.sources, sources),
                (true, false) => names(&self.targets, targets),
                (false, false) => {
                    let targets = names(&self.targets, targets);
                    let pair = |source: &String| {
                        let pairs = targets.iter().map(|target| format!("{source} to {target}"));
                        pairs.collect::<Vec<_>>()
                    };
                    names(&self.sources, sources).iter().flat_map(pair).collect()
                }
            }
        });
        let some = stream.partial.iter().filter_map(|at| self.trials.get(*at));
        once(texts.chain(some.filter_map(|trial| self.targets_of(trial, stream, certainty))).collect())
    }

    /// Whether a stream is for everything at both ends. What only listens does not count beside other machines.
    pub(super) fn is_for_all(&self, stream: &Stream) -> bool {
        if stream.trials.len() == self.trials.len() && stream.partial.is_empty() {
            return true;
        }
        let succeed: BTreeSet<usize> = stream.trials.iter().copied().collect();
        let partial: BTreeSet<usize> = stream.partial.iter().copied().collect();
        let mut fail =
            self.trials.iter().enumerate().filter(|(at, _)| !succeed.contains(at) || partial.contains(at));
        fail.all(|(_, trial)| {
            let ends = [self.sources.get(trial.source), self.targets.get(trial.target)];
            ends.into_iter().flatten().filter_map(AddressRange::spot).any(|spot| {
                let mut classes = spot.network.classes.iter();
                spot.class.role.listens()
                    && !spot.network.is_narrowed
                    && classes.any(|class| !class.role.listens())
            })
        })
    }

    /// The targets that load balancers of a trial send a stream to.
    fn targets_of(&self, trial: &Trial<'_, '_>, stream: &Stream, certainty: Certainty) -> Option<String> {
        let target = self.targets.get(trial.target)?.spot()?;
        let is_some = |attempt: &&Attempt<'_, '_>| {
            attempt.is_some
                && attempt.is(certainty)
                && attempt.openings.iter().any(|opening| stream.is_within(opening))
        };
        let some = trial.attempts.iter().filter(is_some);
        let balancers = some.filter_map(|attempt| match attempt.path.seen {
            Seen::Clients(balancer, _) | Seen::Machines(balancer, _) => Some(balancer.class),
            Seen::Addresses(_) | Seen::Beyond | Seen::Unchecked => None,
        });
        let known: BTreeSet<&str> = balancers.flat_map(|class| class.serves.iter().copied()).collect();
        let served = target.class.sizes.keys().filter(|hostclass| known.contains(*hostclass));
        let names: Vec<&str> = served.copied().collect();
        Some(words::hostclasses_in(&names, target.network))
    }
}

/// Names some of `ranges`.
fn names(ranges: &[AddressRange<'_, '_>], chosen: &BTreeSet<usize>) -> Vec<String> {
    let mut names = Vec::new();
    let numbered: Vec<(usize, AddressRange<'_, '_>)> = ranges.iter().copied().enumerate().collect();
    let is_same = |one: &AddressRange<'_, '_>, other: &AddressRange<'_, '_>| match (one.spot(), other.spot())
    {
        (Some(one), Some(other)) => std::ptr::eq(one.network, other.network),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    for group in numbered.chunk_by(|(_, one), (_, other)| is_same(one, other)) {
        let is_chosen = |(at, _): &&(usize, AddressRange<'_, '_>)| chosen.contains(at);
        let found: Vec<AddressRange<'_, '_>> =
            group.iter().filter(is_chosen).map(|(_, range)| *range).collect();
        match found.first().map(|range| range.home) {
            Some(Home::Inside(spot)) => {
                let all: Vec<AddressRange<'_, '_>> = group.iter().map(|(_, range)| *range).collect();
                names.extend(inside(spot, &all, &found));
            }
            Some(Home::Outside | Home::Internet) => {
                names.extend(widest(&found).map(|range| range.block.to_string()));
            }
            Some(Home::Vpn) => names.push("the VPN".to_owned()),
            None => {}
        }
    }
    names
}

/// Names some ranges of one metanetwork: by machines if that tells them apart, else by subnets.
fn inside(spot: Spot<'_, '_>, all: &[AddressRange<'_, '_>], found: &[AddressRange<'_, '_>]) -> Vec<String> {
    let network = format!("{}/{}", spot.network.env, spot.network.name);
    if found.len() == all.len() && !spot.network.is_narrowed {
        return vec![network];
    }
    let is_of = |range: &&AddressRange<'_, '_>, of: Spot<'_, '_>| {
        range.spot().is_some_and(|spot| std::ptr::eq(spot.class, of.class))
    };
    let mut classes: Vec<Spot<'_, '_>> = all.iter().filter_map(AddressRange::spot).collect();
    classes.dedup_by(|one, other| std::ptr::eq(one.class, other.class));
    let counts: Vec<(Spot<'_, '_>, usize, usize)> = classes
        .into_iter()
        .map(|class| {
            let count =
                |ranges: &[AddressRange<'_, '_>]| ranges.iter().filter(|range| is_of(range, class)).count();
            (class, count(found), count(all))
        })
        .collect();
    let by_class = counts.iter().all(|(_, some, of)| *some == 0 || some == of);
    let place = |range: &AddressRange<'_, '_>| {
        range.spot().map(|spot| (spot.subnet.address.as_str().to_owned(), range.block))
    };
    let places: BTreeSet<_> = found.iter().filter_map(place).collect();
    let is_uniform = !by_class
        && all.iter().filter(|range| place(range).is_some_and(|place| places.contains(&place))).count()
            == found.len();
    let mut names = Vec::new();
    if is_uniform {
        names.extend(widest(found).map(|range| subnet_text(range, &network)));
        return once(names);
    }
    for (class, some, of) in counts {
        let members = words::plain_members(class.class);
        match (some, members.is_empty()) {
            (0, _) => {}
            (some, false) if some == of => names.push(format!("{members} in {network}")),
            (_, is_plain) => {
                let own: Vec<AddressRange<'_, '_>> =
                    found.iter().filter(|range| is_of(range, class)).copied().collect();
                let text = |range| match (subnet_text(range, &network), is_plain) {
                    (text, true) => text,
                    (text, false) => format!("{members} in {text}"),
                };
                names.extend(widest(&own).map(text));
            }
        }
    }
    names
}

/// Names a range of a metanetwork by its subnet.
fn subnet_text(range: &AddressRange<'_, '_>, network: &str) -> String {
    let Some(spot) = range.spot() else { return network.to_owned() };
    let block = if spot.subnet.block == range.block { String::new() } else { format!(" ({})", range.block) };
    format!("{network} in {}{block}", spot.subnet.zone)
}

/// The ranges that are not within another one: those add nothing to a name.
fn widest<'r, 'w, 'i>(ranges: &'r [AddressRange<'w, 'i>]) -> impl Iterator<Item = &'r AddressRange<'w, 'i>> {
    ranges.iter().filter(|range| {
        !ranges.iter().any(|other| other.block != range.block && other.block.contains(&range.block))
    })
}

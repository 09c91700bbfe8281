//! Who can reach whom, and why: a pure function of the resources, wanted or found.
//!
//! A packet is followed as AWS would: the rules of the target's security group let it in, and routes lead it
//! there and its answers back. Within a VPC the local route always does; the internet is met through an
//! internet gateway with a public address, or through a NAT gateway; a peering leads to its two ends and no
//! further; what is behind a VPN gateway is not known. Nothing restricts who begins a connection.
//!
//! Addresses are cut into stretches that fare alike ([`stretch`]), each stretch of the one end is tried
//! against each of the other ([`evaluate`]) by every way there is ([`way`]), and what the rules let in
//! ([`gate`]) is put together again.

mod address_range;
mod answer;
mod difference;
mod evaluate;
mod filter;
mod matrix;
mod network;
mod path;
mod place;
mod words;

use std::collections::BTreeSet;

use asiaq_ir::{Ir, Origin, Protocol};

pub use answer::{Answer, Because, Flow, Ports, Verdict, in_words};
pub use difference::{Change, Difference, Sign, difference};
pub use matrix::{Lane, Matrix, Summary, in_short};
pub use place::Place;

use address_range::{Home, Stretch};
use evaluate::{Certainty, Stream, Trial, Weighed, evaluate};
use network::World;
use path::{Extent, Fate};

/// What can be asked of the resources of a project.
#[derive(Clone, Debug)]
pub struct Reach<'i> {
    world: World<'i>,
}

impl<'i> Reach<'i> {
    /// Takes in every environment of `ir`.
    pub fn of(ir: &'i Ir) -> Self {
        Self { world: World::of(ir) }
    }

    /// What `from` may send to `to` of its own accord, and why.
    ///
    /// Two places outside have no answer from here: everything is denied, and nothing is missing.
    pub fn between(&self, from: &Place, to: &Place) -> Answer {
        let weighed = evaluate(&self.world, from, to, Extent::Everything);
        let flows = weighed.flows(Certainty::Open);
        let unknown = weighed.flows(Certainty::Doubtful);
        let verdict = Verdict::of(&flows, &unknown);
        let missing = if weighed.trials.is_empty() {
            self.nothing_there(from, to)
        } else {
            weighed.missing(from, to, verdict)
        };
        let declared = weighed.declared();
        let let_in = weighed.let_in();
        Answer { from: from.clone(), to: to.clone(), verdict, flows, unknown, missing, declared, let_in }
    }

    /// The metanetworks of `env`, by name.
    pub fn networks(&self, env: &str) -> Vec<Place> {
        let found = self.world.environments.get(env);
        let names = found.into_iter().flat_map(|found| found.networks.keys());
        names.map(|network| Place::network(env, network)).collect()
    }

    /// The environments, by name.
    pub fn environments(&self) -> impl Iterator<Item = &'i str> + '_ {
        self.world.environments.keys().copied()
    }

    fn nothing_there(&self, from: &Place, to: &Place) -> Vec<Because> {
        let is_empty = |place: &&Place| match place {
            Place::Network { env, network } => {
                let env = self.world.environments.get(env.as_str());
                let network = env.and_then(|env| env.networks.get(network.as_str()));
                network.is_none_or(|network| network.subnets.is_empty())
            }
            Place::Internet | Place::Block(_) | Place::Vpn { .. } => false,
        };
        let nothing = |place: &Place| Because { what: format!("`{place}` has no subnets"), origin: None };
        [from, to].into_iter().filter(is_empty).map(nothing).collect()
    }
}

impl Weighed<'_, '_> {
    fn flows(&self, certainty: Certainty) -> Vec<Flow> {
        let flow = |stream: Stream| Flow {
            protocol: stream.protocol,
            ports: Ports { first: stream.range.0, last: stream.range.1 },
            part: self.part(&stream),
            because: self.because(&stream, certainty),
        };
        self.streams(certainty).into_iter().map(flow).collect()
    }

    fn because(&self, stream: &Stream, certainty: Certainty) -> Vec<Because> {
        let (mut rules, mut ways) = (Vec::new(), Vec::new());
        let to = self.targets.first().and_then(Stretch::network);
        for attempt in self.attempts(stream, certainty) {
            let openings = attempt.openings.iter().filter(|opening| stream.is_within(opening));
            rules.extend(openings.filter_map(|opening| words::opening(opening, to)));
            match &attempt.way.fate {
                Fate::Open(hops) => ways.extend(hops.iter().map(words::hop)),
                Fate::Doubtful(hops, doubt) => {
                    ways.extend(hops.iter().map(words::hop));
                    ways.push(words::doubt(doubt));
                }
                Fate::Blocked(_) => {}
            }
        }
        rules.append(&mut ways);
        once(rules)
    }

    /// The parts that a stream is for; nothing where it is for all.
    fn part(&self, stream: &Stream) -> Vec<String> {
        if stream.trials.len() == self.trials.len() {
            return Vec::new();
        }
        let trials: Vec<&Trial<'_, '_>> =
            stream.trials.iter().filter_map(|at| self.trials.get(*at)).collect();
        let sources: BTreeSet<usize> = trials.iter().map(|trial| trial.source).collect();
        let targets: BTreeSet<usize> = trials.iter().map(|trial| trial.target).collect();
        // Trials are told apart by what they have not in common with all the others.
        let is_product = sources.len() * targets.len() == trials.len();
        let all_sources = is_product && sources.len() == self.sources.len();
        let all_targets = is_product && targets.len() == self.targets.len();
        let told = |stretch: Option<&Stretch<'_, '_>>| stretch.map(told).unwrap_or_default();
        let part = |trial: &&Trial<'_, '_>| {
            let (source, target) = (self.sources.get(trial.source), self.targets.get(trial.target));
            match (all_sources, all_targets) {
                (_, true) => told(source),
                (true, false) => told(target),
                (false, false) => format!("{} to {}", told(source), told(target)),
            }
        };
        // A stretch in a wider one that counts as well says nothing more.
        let is_news = |trial: &&&Trial<'_, '_>| !trials.iter().any(|other| self.takes_in(other, trial));
        once(trials.iter().filter(is_news).map(part).collect())
    }

    /// Whether `wide` is about everything that `narrow` is about, and more.
    fn takes_in(&self, wide: &Trial<'_, '_>, narrow: &Trial<'_, '_>) -> bool {
        let block = |stretches: &[Stretch<'_, '_>], at: usize| stretches.get(at).map(|stretch| stretch.block);
        let contains = |stretches: &[Stretch<'_, '_>], wide, narrow| match (
            block(stretches, wide),
            block(stretches, narrow),
        ) {
            (Some(wide), Some(narrow)) => wide.contains(&narrow),
            (None, _) | (_, None) => false,
        };
        (wide.source, wide.target) != (narrow.source, narrow.target)
            && contains(&self.sources, wide.source, narrow.source)
            && contains(&self.targets, wide.target, narrow.target)
    }

    /// What rules let in, whether or not it gets there.
    fn let_in(&self) -> Vec<(Protocol, Ports)> {
        let attempts = self.trials.iter().flat_map(|trial| &trial.attempts);
        let openings = attempts.flat_map(|attempt| &attempt.openings);
        let ports = |range: (u16, u16)| Ports { first: range.0, last: range.1 };
        once(openings.map(|opening| (opening.protocol, ports(opening.range))).collect())
    }

    /// Where the target is declared.
    fn declared(&self) -> Option<Origin> {
        self.targets.first().and_then(Stretch::network).and_then(words::declared)
    }

    fn missing(&self, from: &Place, to: &Place, verdict: Verdict) -> Vec<Because> {
        let mut missing = Vec::new();
        if self.lacks_rule() && verdict == Verdict::Denied {
            let what = format!("no rule of `{to}` allows `{from}`");
            missing.push(Because { what, origin: self.declared() });
        }
        missing.extend(self.obstacles().map(|obstacle| words::obstacle(&obstacle)));
        once(missing)
    }
}

/// A stretch in words.
fn told(stretch: &Stretch<'_, '_>) -> String {
    match stretch.home {
        Home::Subnet(network, subnet) => {
            let block =
                if subnet.block == stretch.block { String::new() } else { format!(" ({})", stretch.block) };
            format!("{}/{} in {}{block}", network.env, network.name, subnet.zone)
        }
        Home::Outside => stretch.block.to_string(),
        Home::Vpn => "the VPN".to_owned(),
    }
}

/// Each of `items` once, where it first stands.
fn once<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut seen: Vec<T> = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

#[cfg(test)]
mod tests;

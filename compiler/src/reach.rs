//! Which network can reach which, and why: a pure function of the resources, wanted or found.
//!
//! Traffic is evaluated as AWS would: the rules of the target's security group let it in, and routes lead it there
//! and its answers back. Within a VPC the local route always does. The internet is reached through an internet
//! gateway with a public address, or through a NAT gateway. A peering leads to its two ends and no further. What is
//! behind a VPN gateway is unknown. A program does not restrict outgoing connections; egress rules that somebody else
//! wrote do, where resources found in an account have them.
//!
//! The addresses of both ends are divided into ranges that have the same answer ([`address_range`]). Each range of
//! the source is evaluated against each of the target ([`evaluate`]) on every possible path ([`path`]); the rules
//! that let it in ([`filter`]) are then put together again.

mod address_range;
mod answer;
mod apart;
mod attempt;
mod balancers;
mod difference;
mod end;
mod evaluate;
mod exit;
mod fate;
mod filter;
mod group;
mod leg;
mod machines;
mod matrix;
mod network;
mod parts;
mod path;
mod place;
mod proof;
mod roster;
mod whole;
mod words;

use asiaq_ir::{Ir, Origin, Protocol};

use answer::Duty;
pub use answer::{Answer, Because, Flow, Ports, Verdict, in_words};
pub use difference::{Change, Difference, Sign, difference};
pub use matrix::{Lane, Matrix, Summary, in_short};
pub use place::{MachineKind, Place};

pub use machines::Machine;
pub(crate) use machines::SEARCH_PORT;
pub(crate) use proof::{Extent as Reaches, Failure, Missed, Proof};
pub use roster::Crew;

use address_range::{AddressRange, Spot};
use attempt::{Certainty, Lack};
use balancers::Socket;
use evaluate::{Evaluation, Stream, Trial, evaluate};
use fate::Fate;
use filter::{EVERYTHING, Opening};
use machines::Role;
use network::Topology;
use place::Extent;

/// Answers questions about the reachability of a project's networks.
#[derive(Clone, Debug)]
pub struct Reach<'i> {
    topology: Topology<'i>,
}

impl<'i> Reach<'i> {
    /// Reads every environment of `ir`.
    pub fn of(ir: &'i Ir) -> Self {
        Self { topology: Topology::of(ir) }
    }

    /// The traffic that `from` may begin to `to`, and why.
    ///
    /// Nothing is known about two places outside of the project: everything is denied, and nothing is missing.
    pub fn between(&self, from: &Place, to: &Place) -> Answer {
        let ends = (self.topology.end(from), self.topology.end(to));
        self.answer(&evaluate(&self.topology, &ends.0, &ends.1, Extent::Everything), from, to)
    }

    fn answer(&self, evaluation: &Evaluation<'_, '_>, from: &Place, to: &Place) -> Answer {
        let flows = evaluation.flows(Certainty::Open, Certainty::Arriving);
        let unknown = evaluation.flows(Certainty::Doubtful, Certainty::Expected);
        let verdict = Verdict::of(&flows, &unknown);
        let missing = if evaluation.trials.is_empty() {
            self.nothing_there(from, to)
        } else {
            evaluation.missing(from, to, verdict)
        };
        let declared = evaluation.declared();
        let let_in = evaluation.let_in();
        let duties = evaluation.duties();
        Answer {
            from: from.clone(),
            to: to.clone(),
            verdict,
            flows,
            unknown,
            missing,
            declared,
            let_in,
            duties,
        }
    }

    /// What is proved of the traffic that `from` may begin to `to`.
    pub(crate) fn proof(&self, from: &Place, to: &Place) -> Proof {
        let ends = (self.topology.end(from), self.topology.end(to));
        let evaluation = evaluate(&self.topology, &ends.0, &ends.1, Extent::Everything);
        Proof {
            is_idle: evaluation.trials.is_empty(),
            certain: evaluation.reached(Certainty::Open, from),
            arriving: evaluation.arriving(from),
            possible: evaluation.reached(Certainty::Possible, from),
            answer: self.answer(&evaluation, from, to),
        }
    }

    /// The metanetworks of `env`, by name.
    pub fn networks(&self, env: &str) -> Vec<Place> {
        let found = self.topology.environments.get(env);
        let names = found.into_iter().flat_map(|found| found.networks.keys());
        names.map(|network| Place::network(env, network)).collect()
    }

    /// The environments, by name.
    pub fn environments(&self) -> impl Iterator<Item = &'i str> + '_ {
        self.topology.environments.keys().copied()
    }

    fn nothing_there(&self, from: &Place, to: &Place) -> Vec<Because> {
        let nothing = |place: &Place| match place {
            Place::Network { env, network } => {
                let env = self.topology.environments.get(env.as_str());
                let network = env.and_then(|env| env.networks.get(network.as_str()));
                let is_empty = network.is_none_or(|network| network.subnets.is_empty());
                is_empty.then(|| format!("`{place}` has no subnets"))
            }
            Place::Machines { kind, .. } if !self.has_machines(place) => Some(match kind {
                MachineKind::Instances => format!("no instance of `{place}` runs"),
                MachineKind::Balancers
                | MachineKind::Databases
                | MachineKind::Caches
                | MachineKind::SearchDomains => format!("there is no `{place}`"),
            }),
            Place::Machines { .. } | Place::Internet | Place::Block(_) | Place::Vpn { .. } => None,
        };
        let words = [from, to].into_iter().filter_map(nothing);
        words.map(|what| Because { what, origin: None }).collect()
    }
}

impl<'w, 'i> Evaluation<'w, 'i> {
    /// The flows of connections with one certainty, and of other packets with another one.
    fn flows(&self, connection: Certainty, arrival: Certainty) -> Vec<Flow> {
        let flow = |(certainty, stream): (Certainty, Stream)| Flow {
            protocol: stream.protocol,
            ports: Ports { first: stream.range.0, last: stream.range.1 },
            part: self.part(&stream, certainty),
            arrives_only: certainty.is_arrival(),
            because: self.because(&stream, certainty),
        };
        self.streams_of_both(connection, arrival).into_iter().map(flow).collect()
    }

    fn because(&self, stream: &Stream, certainty: Certainty) -> Vec<Because> {
        let (mut rules, mut paths) = (Vec::new(), Vec::new());
        for (trial, attempt) in self.attempts(stream, certainty) {
            let (from, to) = self.spots(trial);
            let openings = attempt.openings.iter().filter(|opening| stream.is_within(opening));
            rules.extend(openings.flat_map(|opening| words::opening(opening, from, to)));
            match &attempt.path.fate {
                Fate::Open(hops) => paths.extend(hops.iter().map(words::hop)),
                Fate::Doubtful(hops, doubt) => {
                    paths.extend(hops.iter().map(words::hop));
                    paths.push(words::doubt(doubt));
                }
                Fate::Blocked(_) => {}
            }
        }
        rules.append(&mut paths);
        once(rules)
    }

    /// The ports that rules let in, even if no route leads there.
    fn let_in(&self) -> Vec<(Protocol, Ports)> {
        let attempts = self.trials.iter().flat_map(|trial| &trial.attempts);
        let openings = attempts.flat_map(|attempt| attempt.openings.iter().chain(&attempt.unheard));
        let ports = |range: (u16, u16)| Ports { first: range.0, last: range.1 };
        once(openings.map(|opening| (opening.protocol, ports(opening.range))).collect())
    }

    /// What load balancers do, where one end has no other machines, and where databases, caches and search domains listen.
    fn duties(&self) -> Vec<Duty> {
        let are = |ranges: &[AddressRange<'_, '_>], has: fn(Role) -> bool| {
            let mut spots = ranges.iter().map(AddressRange::spot);
            !ranges.is_empty() && spots.all(|spot| spot.is_some_and(|spot| has(spot.class.role)))
        };
        let of_source = are(&self.sources, |role| role == Role::Balancers);
        if !of_source && !are(&self.targets, Role::listens) {
            return Vec::new();
        }
        let duty = |trial: &Trial<'w, 'i>| {
            let spots = self.spots(trial);
            let (lack, sockets) = if of_source {
                (Lack::Target, spots.0?.class.service.calls())
            } else {
                (Lack::Listener, spots.1?.class.service.listens().collect())
            };
            Some(Duty { sockets, because: words::lack(lack, spots, &|_| true)? })
        };
        once(self.trials.iter().filter_map(duty).collect())
    }

    /// Why not all that rules let in gets through in a trial, where one end is a load balancer: of what `lets_in` means.
    fn unheard_of(&self, trial: &Trial<'w, 'i>, lets_in: &dyn Fn(&Opening<'_>) -> bool) -> Option<Because> {
        let first = trial.attempts.first().filter(|first| !first.unheard.is_empty())?;
        let (from, to) = self.spots(trial);
        let is_balancer =
            |spot: Option<Spot<'w, 'i>>| spot.is_some_and(|spot| spot.class.role == Role::Balancers);
        let is_meant = |(protocol, port)| lets_in(&Opening { protocol, range: (port, port), ..EVERYTHING });
        let (lack, is_meant): (Lack, &dyn Fn(Socket) -> bool) = match (first.lack, to) {
            (Some(lack), _) => (lack, &|_| true),
            (None, _) if is_balancer(from) => (Lack::Target, &is_meant),
            (None, Some(end)) if end.class.role.listens() => {
                let mut forwards = end.class.service.forwards.iter();
                let is_passed_on = forwards.any(|of| of.keeps_client && is_meant(of.front));
                (if is_passed_on { Lack::Behind } else { Lack::Listener }, &is_meant)
            }
            (None, _) => return None,
        };
        words::lack(lack, (from, to), is_meant)
    }

    /// The declaration of the target.
    fn declared(&self) -> Option<Origin> {
        self.targets.first().and_then(|range| words::declared(range.spot()?.network))
    }

    /// The machines at both ends of a trial.
    fn spots(&self, trial: &Trial<'w, 'i>) -> (Option<Spot<'w, 'i>>, Option<Spot<'w, 'i>>) {
        let spot = |ranges: &[AddressRange<'w, 'i>], at: usize| ranges.get(at).and_then(AddressRange::spot);
        (spot(&self.sources, trial.source), spot(&self.targets, trial.target))
    }

    /// The services that the sources reach although they do not reach the internet.
    fn services(&self) -> impl Iterator<Item = Because> {
        let spots = self.sources.iter().filter_map(AddressRange::spot);
        spots.flat_map(|spot| {
            spot.subnet.services.iter().map(move |endpoint| words::service(spot.network, *endpoint))
        })
    }

    fn missing(&self, from: &Place, to: &Place, verdict: Verdict) -> Vec<Because> {
        let mut missing = Vec::new();
        if self.lacks_rule() && verdict == Verdict::Denied {
            let what = format!("no rule of `{to}` allows `{from}`");
            missing.push(Because { what, origin: self.declared() });
        }
        missing.extend(self.trials.iter().filter_map(|trial| match trial.lack()? {
            Lack::Egress => Some(words::held_back(self.spots(trial).0?, to)),
            lack => words::lack(lack, self.spots(trial), &|_| true),
        }));
        missing.extend(self.obstacles().map(|obstacle| words::obstacle(&obstacle)));
        if *to == Place::Internet && verdict == Verdict::Denied {
            missing.extend(self.services());
        }
        once(missing)
    }
}

/// Removes all but the first of equal items.
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

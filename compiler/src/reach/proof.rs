//! What claims need to know: not only what gets through, but whether it does for all machines.

use asiaq_ir::Protocol;

use super::address_range::Spot;
use super::answer::{Answer, Because, Ports};
use super::attempt::Certainty;
use super::evaluate::{Evaluation, Stream};
use super::fate::Fate;
use super::filter::Opening;
use super::place::Place;
use super::whole::Judged;
use super::{once, words};

/// What is proved of the traffic from one place to another.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) answer: Answer,
    /// Whether there is no machine and no address at one end.
    pub(crate) is_idle: bool,
    /// The traffic that certainly gets through.
    pub(super) certain: Vec<Reached>,
    /// The same if everything that is unknown gets through.
    pub(super) possible: Vec<Reached>,
    /// Packets that arrive and are no connection of the source, with what a connection lacks.
    pub(super) arriving: Vec<Reached>,
}

/// Traffic that gets through for some machines at least.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    protocol: Protocol,
    ports: Ports,
    /// Machines for which it does not get through.
    missed: Option<Missed>,
}

/// Machines that break a claim about all machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// The machines of the source, if it has several kinds.
    pub(crate) from: Option<String>,
    /// The machines of the target, if it has several kinds.
    pub(crate) to: Option<String>,
    /// What is missing.
    pub(crate) because: Vec<Because>,
}

/// What refutes a claim.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The answer for the pair.
    pub(crate) answer: Answer,
    /// The ports that are not open to all, for a claim about ports.
    pub(crate) closed: Vec<Ports>,
    /// The machines that are left out, if others are not.
    pub(crate) missed: Option<Missed>,
    /// What connections lack where packets arrive that are none.
    pub(crate) unconnected: Vec<Because>,
}

/// How far traffic gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// From all machines to all machines.
    All,
    /// Not for these machines.
    Some(Missed),
    None,
}

impl Proof {
    /// How far traffic on all of `ports` certainly gets.
    pub(crate) fn certainly(&self, protocol: Protocol, ports: Ports) -> Extent {
        extent(&self.certain, protocol, ports)
    }

    /// Whether traffic on all of `ports` gets through for all machines if everything that is unknown does.
    pub(crate) fn is_possible(&self, protocol: Protocol, ports: Ports) -> bool {
        extent(&self.possible, protocol, ports) == Extent::All
    }

    /// How far traffic on some port certainly gets.
    pub(crate) fn certainly_on_some_port(&self) -> Extent {
        on_some_port(&self.certain)
    }

    /// Whether traffic on some port gets through for all machines if everything that is unknown does.
    pub(crate) fn is_possible_on_some_port(&self) -> bool {
        on_some_port(&self.possible) == Extent::All
    }

    /// What connections by `protocol` on these ports lack where packets arrive that are none, of any protocol on all
    /// ports if absent.
    pub(crate) fn unconnected(&self, on: Option<(Protocol, Ports)>) -> Vec<Because> {
        let is_on = |reached: &&Reached| {
            on.is_none_or(|(protocol, ports)| {
                let own = reached.ports;
                reached.protocol == protocol && own.first <= ports.last && ports.first <= own.last
            })
        };
        let missed = self.arriving.iter().filter(is_on).flat_map(|reached| &reached.missed);
        once(missed.flat_map(|missed| missed.because.clone()).collect())
    }
}

fn on_some_port(reached: &[Reached]) -> Extent {
    let mut missed = reached.iter().map(|reached| reached.missed.as_ref());
    match missed.clone().next() {
        None => Extent::None,
        Some(first) => match (missed.any(|missed| missed.is_none()), first) {
            (true, _) | (false, None) => Extent::All,
            (false, Some(missed)) => Extent::Some(missed.clone()),
        },
    }
}

fn extent(reached: &[Reached], protocol: Protocol, ports: Ports) -> Extent {
    let mut next = u32::from(ports.first);
    let mut is_some = false;
    let mut missed = None;
    // Streams are ordered by port and do not overlap. A stream of any protocol opens all protocols.
    for reached in reached.iter().filter(|reached| matches!(reached.protocol, Protocol::Any)) {
        is_some = true;
        match &reached.missed {
            None => return Extent::All,
            Some(broken) => missed = Some(broken),
        }
    }
    let own = reached.iter().filter(|reached| reached.protocol == protocol);
    for reached in own.filter(|own| own.ports.first <= ports.last && ports.first <= own.ports.last) {
        is_some = true;
        match &reached.missed {
            None if u32::from(reached.ports.first) <= next => next = u32::from(reached.ports.last) + 1,
            None => {}
            // What is closest to the claim.
            Some(broken) => missed = Some(broken),
        }
    }
    match (next > u32::from(ports.last), is_some, missed) {
        (true, ..) => Extent::All,
        (false, true, Some(missed)) => Extent::Some(missed.clone()),
        // Some of the ports are open to all, and the others to nobody.
        (false, _, None) | (false, false, _) => Extent::None,
    }
}

impl Evaluation<'_, '_> {
    /// The traffic that gets through, with the machines for which it does not.
    pub(super) fn reached(&self, certainty: Certainty, from: &Place) -> Vec<Reached> {
        let reached = |Judged { stream, missed }: Judged| {
            let lets_in = |opening: &Opening<'_>| stream.is_within(opening);
            Reached {
                protocol: stream.protocol,
                ports: Ports { first: stream.range.0, last: stream.range.1 },
                missed: missed.map(|at| self.broken(at, &lets_in, from)),
            }
        };
        self.judged(certainty).into_iter().map(reached).collect()
    }

    /// The packets that arrive and are no connection, with what the first of them lacks to be one.
    pub(super) fn arriving(&self, from: &Place) -> Vec<Reached> {
        let reached = |stream: Stream| {
            let lets_in = |opening: &Opening<'_>| stream.is_within(opening);
            Reached {
                protocol: stream.protocol,
                ports: Ports { first: stream.range.0, last: stream.range.1 },
                missed: stream.trials.first().map(|at| self.broken(*at, &lets_in, from)),
            }
        };
        self.streams(Certainty::Arriving).into_iter().map(reached).collect()
    }

    /// The machines of a trial that fails, and what it lacks.
    fn broken(&self, at: usize, lets_in: &dyn Fn(&Opening<'_>) -> bool, from: &Place) -> Missed {
        let mut missed = Missed { from: None, to: None, because: Vec::new() };
        let Some(trial) = self.trials.get(at) else { return missed };
        let (source, target) = self.spots(trial);
        let kind = |spot: Option<Spot<'_, '_>>| {
            spot.filter(|spot| spot.network.classes.len() > 1).map(|spot| words::members(spot.class))
        };
        (missed.from, missed.to) = (kind(source), kind(target));
        let Some(first) = trial.attempts.first() else { return missed };
        if !first.openings.iter().any(lets_in)
            && first.lack.is_none()
            && !first.unheard.iter().any(lets_in)
            && let Some(to) = target
        {
            let who = source.map_or_else(|| format!("`{from}`"), words::machines);
            let what = format!("no rule for {} allows it from {who}", words::machines(to));
            missed.because.push(Because { what, origin: words::declared(to.network) });
        }
        if let Fate::Blocked(obstacles) = &first.path.fate {
            missed.because.extend(obstacles.iter().map(words::obstacle));
        }
        let is_unheard = !first.openings.iter().any(lets_in) && first.unheard.iter().any(lets_in);
        if is_unheard || first.is_some {
            missed.because.extend(self.unheard_of(trial, lets_in));
        }
        missed.because = once(missed.because);
        missed
    }
}

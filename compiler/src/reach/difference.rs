use std::collections::BTreeSet;

use serde::Serialize;

use super::address_range::is_public;
use super::answer::{Flow, Ports};
use super::matrix::Lane;
use super::{Because, Place, Reach, Summary};

/// The changes of reachability between two sets of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Environments that were not there before.
    pub fresh: BTreeSet<String>,
    /// Environments that are not there any more.
    pub gone: BTreeSet<String>,
    /// The changes, in order of environment, source and target; lost traffic first.
    pub changes: Vec<Change>,
}

/// Traffic between two places that starts or stops getting through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The environment it is about; of two that are peered, the one where the traffic begins.
    pub env: String,
    /// Whether the traffic is gained or lost.
    pub sign: Sign,
    /// The source of the traffic.
    pub from: Place,
    /// Target of the traffic.
    pub to: Place,
    /// The traffic that is gained, with the reasons, or lost.
    pub flows: Vec<Flow>,
    /// The traffic that still gets through, if some is lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remains: Vec<Flow>,
    /// Whether it depends on a VPN or on resources of others.
    pub is_unknown: bool,
}

/// The direction of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It no longer gets through.
    Lost,
    /// It gets through now.
    Gained,
}

/// The traffic that only one of `before` and `after` lets through.
///
/// Compared are the metanetworks of each environment with each other, with the internet, with the blocks
/// that rules and routes name before or after, and with environments peered before or after. What follows
/// from what the internet may do is not said again: a block that fares as it does, and what two
/// environments do to each other over it.
pub fn difference(before: &Reach<'_>, after: &Reach<'_>) -> Difference {
    let lives = |reach: &Reach<'_>| -> BTreeSet<String> {
        let with_networks = reach.environments().filter(|env| !reach.networks(env).is_empty());
        with_networks.map(str::to_owned).collect()
    };
    let (were, are) = (lives(before), lives(after));
    let mut difference = Difference {
        fresh: are.difference(&were).cloned().collect(),
        gone: were.difference(&are).cloned().collect(),
        changes: Vec::new(),
    };
    for env in were.union(&are) {
        for (from, to) in pairs(before, after, env) {
            compare(before, after, env, (&from, &to), &mut difference.changes);
        }
    }
    difference
}

/// Every ordered pair that environment `env` has a say in.
fn pairs(before: &Reach<'_>, after: &Reach<'_>, env: &str) -> BTreeSet<(Place, Place)> {
    let both = |places: &dyn Fn(&Reach<'_>) -> Vec<Place>| -> BTreeSet<Place> {
        places(before).into_iter().chain(places(after)).collect()
    };
    let own = both(&|reach| reach.networks(env));
    let mut others = both(&|reach| reach.others(env).into_iter().collect());
    others.insert(Place::Internet);
    let mut pairs = BTreeSet::new();
    for network in &own {
        pairs.extend(own.iter().map(|other| (network.clone(), other.clone())));
        for other in &others {
            pairs.insert((network.clone(), other.clone()));
            // The opposite direction belongs to the other environment.
            if !matches!(other, Place::Network { .. }) {
                pairs.insert((other.clone(), network.clone()));
            }
        }
    }
    pairs
}

fn compare(
    before: &Reach<'_>,
    after: &Reach<'_>,
    env: &str,
    (from, to): (&Place, &Place),
    changes: &mut Vec<Change>,
) {
    let (was, is) = (before.summary(from, to), after.summary(from, to));
    if was == is || is_like_internet(before, after, (from, to), (&was, &is)) {
        return;
    }
    let change = |sign, flows: Vec<Flow>, is_unknown| Change {
        env: env.to_owned(),
        sign,
        from: from.clone(),
        to: to.clone(),
        remains: match sign {
            Sign::Lost => is.open.iter().map(Lane::flow).collect(),
            Sign::Gained => Vec::new(),
        },
        flows,
        is_unknown,
    };
    for is_unknown in [false, true] {
        let lanes = |summary: &Summary| -> Vec<Lane> {
            if is_unknown { summary.unknown.clone() } else { summary.open.clone() }
        };
        let lost = less(&lanes(&was), &lanes(&is));
        if !lost.is_empty() {
            changes.push(change(Sign::Lost, lost, is_unknown));
        }
        let gained = less(&lanes(&is), &lanes(&was));
        if !gained.is_empty() {
            let answer = after.between(from, to);
            let reasons = if is_unknown { answer.unknown } else { answer.flows };
            let flows = gained.into_iter().map(|flow| Flow { because: because(&flow, &reasons), ..flow });
            changes.push(change(Sign::Gained, flows.collect(), is_unknown));
        }
    }
}

/// Whether a block fares as the internet does, of which it is a part: that is said once.
fn is_like_internet(
    before: &Reach<'_>,
    after: &Reach<'_>,
    ends: (&Place, &Place),
    (was, is): (&Summary, &Summary),
) -> bool {
    let (from, to) = match ends {
        (Place::Block(block), to) if is_public(*block) => (&Place::Internet, to),
        (from, Place::Block(block)) if is_public(*block) => (from, &Place::Internet),
        _ => return false,
    };
    let is_like = |one: &Summary, other: &Summary| {
        let lanes = |lanes: &[Lane]| -> Vec<_> {
            lanes.iter().map(|lane| (lane.protocol, lane.ports, lane.is_part, lane.arrives_only)).collect()
        };
        lanes(&one.open) == lanes(&other.open) && lanes(&one.unknown) == lanes(&other.unknown)
    };
    is_like(&before.summary(from, to), was) && is_like(&after.summary(from, to), is)
}

/// The reasons of those of `flows` that contain `flow`.
fn because(flow: &Flow, flows: &[Flow]) -> Vec<Because> {
    let meets = |other: &&Flow| {
        other.protocol == flow.protocol
            && other.ports.first <= flow.ports.last
            && flow.ports.first <= other.ports.last
    };
    super::once(flows.iter().filter(meets).flat_map(|other| other.because.clone()).collect())
}

/// The part of `lanes` that is not in `others`. A lane between parts of the places does not cover one between the
/// whole places.
fn less(lanes: &[Lane], others: &[Lane]) -> Vec<Flow> {
    let mut left: Vec<Flow> = Vec::new();
    for lane in lanes {
        let same = others.iter().filter(|other| {
            let covers =
                other.protocol == lane.protocol || other.flow().takes(lane.protocol, lane.ports.first);
            covers
                && (!other.arrives_only || lane.arrives_only)
                && (!other.is_part || lane.is_part && lane.part.iter().all(|part| other.part.contains(part)))
        });
        let mut ranges = vec![(u32::from(lane.ports.first), u32::from(lane.ports.last))];
        for other in same {
            let (first, last) = (u32::from(other.ports.first), u32::from(other.ports.last));
            ranges = ranges.into_iter().flat_map(|range| without(range, (first, last))).collect();
        }
        left.extend(ranges.into_iter().filter_map(|(first, last)| {
            let ports = Ports { first: u16::try_from(first).ok()?, last: u16::try_from(last).ok()? };
            Some(Flow { ports, ..lane.flow() })
        }));
    }
    left
}

/// The parts of `range` outside `cut`.
fn without(range: (u32, u32), cut: (u32, u32)) -> impl Iterator<Item = (u32, u32)> {
    if cut.1 < range.0 || range.1 < cut.0 {
        return [Some(range), None].into_iter().flatten();
    }
    let below = (range.0 < cut.0).then(|| (range.0, cut.0 - 1));
    let above = (cut.1 < range.1).then(|| (cut.1 + 1, range.1));
    [below, above].into_iter().flatten()
}

//! Whether traffic gets through from all machines of one place to all machines of another.
//!
//! A machine is reached if one of its interfaces in the place is. A load balancer counts only where there is no instance.

use std::collections::BTreeSet;

use super::address_range::{AddressRange, Home, Spot, narrowest};
use super::attempt::Certainty;
use super::evaluate::{Evaluation, Stream};
use super::machines::{Class, Role};
use super::network::Network;

/// Machines, or addresses outside, that must all get through.
#[derive(Debug)]
struct Unit {
    /// Sets of ranges, by index: all ranges of one of the sets must get through.
    alternatives: Vec<Vec<usize>>,
}

/// The stream of a protocol with the trial that keeps it from being for all machines.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) stream: Stream,
    /// Index of a trial that fails.
    pub(super) missed: Option<usize>,
}

impl Evaluation<'_, '_> {
    /// The streams, each with a trial that it misses; none for a stream that is for all machines.
    pub(super) fn judged(&self, certainty: Certainty) -> Vec<Judged> {
        let (sources, targets) = (units(&self.sources), units(&self.targets));
        let judged = |stream: Stream| {
            let partial: BTreeSet<usize> = stream.partial.iter().copied().collect();
            let succeed: BTreeSet<usize> =
                stream.trials.iter().copied().filter(|at| !partial.contains(at)).collect();
            let missed = self.missed(&succeed, (&sources, &targets));
            Judged { stream, missed }
        };
        self.streams(certainty).into_iter().map(judged).collect()
    }

    /// A trial that fails although it must not, where `succeed` do.
    fn missed(&self, succeed: &BTreeSet<usize>, (sources, targets): (&[Unit], &[Unit])) -> Option<usize> {
        if succeed.len() == self.trials.len() {
            return None;
        }
        let failing = |froms: &[usize], tos: &[usize]| {
            let trials =
                froms.iter().flat_map(|from| tos.iter().map(move |to| from * self.targets.len() + to));
            trials.into_iter().find(|trial| !succeed.contains(trial))
        };
        let pairs = sources.iter().flat_map(|from| targets.iter().map(move |to| (from, to)));
        pairs.into_iter().find_map(|(from, to)| {
            let mut first = None;
            for froms in &from.alternatives {
                for tos in &to.alternatives {
                    first = first.or(Some(failing(froms, tos)?));
                }
            }
            first
        })
    }
}

fn units(ranges: &[AddressRange<'_, '_>]) -> Vec<Unit> {
    let mut units = Vec::new();
    let numbered: Vec<(usize, AddressRange<'_, '_>)> = ranges.iter().copied().enumerate().collect();
    for of_network in numbered.chunk_by(|(_, one), (_, other)| is_same_place(one, other)) {
        match of_network.first().map(|(_, range)| range.home) {
            Some(Home::Inside(_)) => inside(of_network, &mut units),
            Some(Home::Outside | Home::Internet | Home::Vpn) | None => {
                units.extend(of_network.iter().map(|(at, _)| Unit { alternatives: vec![vec![*at]] }));
            }
        }
    }
    units
}

/// Whether two ranges are in one metanetwork, or belong to the machines of hostclasses, which may be in several.
fn is_same_place(one: &AddressRange<'_, '_>, other: &AddressRange<'_, '_>) -> bool {
    match (one.spot(), other.spot()) {
        (Some(one), Some(other)) => {
            std::ptr::eq(one.network, other.network) || (one.network.is_narrowed && other.network.is_narrowed)
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The units of one metanetwork, or of some hostclasses.
fn inside(ranges: &[(usize, AddressRange<'_, '_>)], units: &mut Vec<Unit>) {
    let before = units.len();
    let of_class = |class: &Class<'_>| -> Vec<usize> {
        let own = ranges.iter().filter(|(_, range)| is_of(range, class));
        own.map(|(at, _)| *at).collect()
    };
    let mut classes: Vec<Spot<'_, '_>> = ranges.iter().filter_map(|(_, range)| range.spot()).collect();
    classes.dedup_by(|one, other| std::ptr::eq(one.class, other.class));
    let of_role = |role: Role| classes.iter().map(|spot| spot.class).filter(move |class| class.role == role);
    let present: BTreeSet<&str> =
        of_role(Role::Instances).flat_map(|class| class.sizes.keys().copied()).collect();
    for class in of_role(Role::Instances).chain(of_role(Role::Anything)) {
        let mut alternatives = vec![of_class(class)];
        alternatives.extend(by_static_addresses(class, ranges));
        units.push(Unit { alternatives });
    }
    for class in of_role(Role::StaticAddresses) {
        // An instance that is elsewhere by its primary interface is here by this one.
        let visiting = class.addresses.iter().filter(|(_, hostclass)| !present.contains(*hostclass));
        let at: BTreeSet<usize> = visiting.filter_map(|(ip, _)| range_of(*ip, class, ranges)).collect();
        if !at.is_empty() {
            units.push(Unit { alternatives: vec![at.into_iter().collect()] });
        }
    }
    if units.len() == before {
        let others = classes.iter().map(|spot| spot.class).filter(|class| class.role.listens());
        units.extend(others.map(|class| Unit { alternatives: vec![of_class(class)] }));
    }
}

/// The static addresses of the instances of a class, if each of them has one.
fn by_static_addresses(class: &Class<'_>, ranges: &[(usize, AddressRange<'_, '_>)]) -> Option<Vec<usize>> {
    let mut networks: Vec<&Network<'_>> =
        ranges.iter().filter_map(|(_, range)| range.spot()).map(|spot| spot.network).collect();
    networks.dedup_by(|one, other| std::ptr::eq(*one, *other));
    let classes = || networks.iter().flat_map(|network| &network.classes);
    let mut found = BTreeSet::new();
    for (hostclass, size) in &class.sizes {
        let mut addresses = 0;
        for other in classes().filter(|other| other.role == Role::StaticAddresses) {
            for (ip, _) in other.addresses.iter().filter(|(_, holder)| *holder == hostclass) {
                addresses += 1;
                found.insert(range_of(*ip, other, ranges)?);
            }
        }
        if addresses == 0 || addresses < *size {
            return None;
        }
    }
    (!found.is_empty()).then(|| found.into_iter().collect())
}

fn range_of(
    ip: std::net::Ipv4Addr,
    class: &Class<'_>,
    ranges: &[(usize, AddressRange<'_, '_>)],
) -> Option<usize> {
    let own = || ranges.iter().filter(|(_, range)| is_of(range, class));
    let blocks: Vec<ipnet::Ipv4Net> = own().map(|(_, range)| range.block).collect();
    let block = narrowest(&blocks, ip)?;
    own().find(|(_, range)| range.block == block).map(|(at, _)| *at)
}

fn is_of(range: &AddressRange<'_, '_>, class: &Class<'_>) -> bool {
    range.spot().is_some_and(|spot| std::ptr::eq(spot.class, class))
}

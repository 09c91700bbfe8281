//! Two live resources with one address.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ATTEMPT_TAG, Address, CREATED_TAG, Mark, Ref};

use super::marks::is_marked;
use crate::Found;

/// Live resources with one address, of which at least one may be a copy that somebody else made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Double {
    /// The address.
    pub address: Address,
    /// AWS id and region of each.
    pub ids: Vec<(String, String)>,
    /// Number of further doubles that lie in one of these.
    pub inside: usize,
}

/// The doubles, in order of address. Those that lie in another one are only counted there.
pub fn doubles(found: &[Found]) -> Vec<Double> {
    let doubtful = doubtful(found);
    let mut doubles: BTreeMap<&Address, Double> = BTreeMap::new();
    let mut inside: BTreeMap<&str, usize> = BTreeMap::new();
    for (address, group) in groups(found).into_iter().filter(|(_, group)| is_any(group, &doubtful)) {
        let homes = || group.iter().flat_map(|found| found.resource.lies_in()).filter_map(Ref::id);
        if let Some(home) = homes().find(|home| doubtful.contains(home)) {
            *inside.entry(home).or_default() += 1;
            continue;
        }
        let ids = group.iter().map(|found| (found.id.clone(), found.region.clone())).collect();
        doubles.insert(address, Double { address: address.clone(), ids, inside: 0 });
    }
    for double in doubles.values_mut() {
        double.inside = double.ids.iter().filter_map(|(id, _)| inside.get(id.as_str())).sum();
    }
    doubles.into_values().collect()
}

/// The AWS ids of the resources that share an address and that nothing proves to be the project's.
///
/// Its mark proves it, where that names the resource. So does the time of its creation, or the number of the attempt,
/// where no other resource at the address has the same: the runs or attempts that left two resources differ in it, and
/// a copy has that of the original.
pub(crate) fn doubtful(found: &[Found]) -> BTreeSet<&str> {
    let mut doubtful = BTreeSet::new();
    for group in groups(found).into_values() {
        let births = || group.iter().filter_map(|found| birth(found));
        let is_proven = |found: &Found| {
            let is_own = |birth| births().filter(|other| *other == birth).count() == 1;
            is_marked(found) || birth(found).is_some_and(is_own)
        };
        doubtful.extend(group.iter().filter(|found| !is_proven(found)).map(|found| found.id.as_str()));
    }
    doubtful
}

fn is_any(group: &[&Found], ids: &BTreeSet<&str>) -> bool {
    group.iter().any(|found| ids.contains(found.id.as_str()))
}

/// The resources that share an address with others. Parts share that of their resources.
fn groups(found: &[Found]) -> BTreeMap<&Address, Vec<&Found>> {
    let mut groups: BTreeMap<&Address, Vec<&Found>> = BTreeMap::new();
    for found in found.iter().filter(|found| found.resource.kind().mark() != Mark::Parent) {
        groups.entry(&found.address).or_default().push(found);
    }
    groups.retain(|_, group| group.len() > 1);
    groups
}

/// When and by which attempt a resource was created.
fn birth(found: &Found) -> Option<(&str, &str)> {
    let tag = |key: &str| found.tags.get(key).map(String::as_str);
    Some((tag(CREATED_TAG)?, tag(ATTEMPT_TAG).unwrap_or("1")))
}

//! Environments that have another name in the program than in AWS, where no `moved` says so.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Kind, MOVED_TAG, Ref, Renamed, Risk, refs_in};

use super::contents::Plan;
use super::step::{Action, Step};
use crate::{Found, Observed};

/// Environments of a program that may be in AWS under other names, by old name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenamedEnvironments {
    /// An apply has begun to rename them: they are the same, whatever else has changed.
    pub begun: BTreeMap<String, String>,
    /// The only environment that is gone and the only one that is new: they are the same if the plan of that
    /// [`only renames`](only_renames).
    pub likely: Option<(String, String)>,
}

impl RenamedEnvironments {
    /// Compares the environments that are live with those that are `declared`, by name with their regions; those of
    /// another account have none. Those in `moved` have moved according to the program.
    pub fn of(
        declared: &BTreeMap<&str, Option<&str>>,
        moved: &BTreeMap<String, String>,
        observed: &Observed,
    ) -> Self {
        let is_told = |name: &str| moved.iter().any(|(old, new)| old == name || new == name);
        let live: BTreeSet<&str> = observed.found.iter().filter_map(environment).collect();
        let gone: Vec<&str> =
            live.iter().copied().filter(|name| !declared.contains_key(name) && !is_told(name)).collect();
        if gone.is_empty() {
            return Self::default();
        }
        let vpcs = vpcs(&observed.found);
        let mut begun: BTreeMap<String, String> = BTreeMap::new();
        for (old, new) in torn(&observed.found) {
            let is_one = !(vpcs.contains_key(old) && vpcs.contains_key(new));
            if is_one && gone.contains(&old) && declared.contains_key(new) && !is_told(new) {
                begun.insert(old.to_owned(), new.to_owned());
            }
        }
        let mut ends = gone.into_iter().filter(|old| !begun.contains_key(*old) && vpcs.contains_key(*old));
        let starts = declared.iter().filter_map(|(name, region)| Some((*name, (*region)?)));
        let mut starts = starts.filter(|(new, _)| !live.contains(new) && !is_told(new));
        let likely = match (ends.next(), ends.next(), starts.next(), starts.next()) {
            (Some(old), None, Some((new, region)), None) if vpcs.get(old) == Some(&region) => {
                Some((old.to_owned(), new.to_owned()))
            }
            _ => None,
        };
        Self { begun, likely }
    }
}

/// The regions of the environments that have a VPC.
fn vpcs(found: &[Found]) -> BTreeMap<&str, &str> {
    let vpcs = found.iter().filter(|found| found.resource.kind() == Kind::Vpc);
    vpcs.filter_map(|found| Some((environment(found)?, found.region.as_str()))).collect()
}

fn environment(found: &Found) -> Option<&str> {
    found.address.scope().environment()
}

/// Pairs of environments of which one has a part of the other: it lies in its VPC, belongs to what does, or has a name from
/// there.
fn torn(found: &[Found]) -> BTreeSet<(&str, &str)> {
    let homes = found.iter().filter(|found| found.resource.kind() == Kind::Vpc);
    let homes: BTreeMap<&str, &str> =
        homes.filter_map(|found| Some((found.id.as_str(), environment(found)?))).collect();
    let parts = found
        .iter()
        .filter(|found| matches!(found.resource.kind(), Kind::DhcpOptions | Kind::ElasticIp))
        .filter_map(|found| Some((found.id.as_str(), environment(found)?)));
    let parts: BTreeMap<&str, &str> = parts.collect();
    let mut pairs = BTreeSet::new();
    for found in found.iter().filter(|found| found.resource.kind() != Kind::PeeringConnection) {
        let Some(own) = environment(found) else { continue };
        let home = found.resource.lies_in().into_iter().filter_map(Ref::id).find_map(|id| homes.get(id));
        if let Some(home) = home.filter(|home| **home != own) {
            pairs.extend([(own, *home), (*home, own)]);
        }
        // These lie in no VPC, and only one environment uses them.
        if matches!(found.resource.kind(), Kind::Vpc | Kind::NatGateway) {
            let used = refs_in(&found.resource.to_value());
            let users = used.iter().filter_map(|used| parts.get(used.id()?)).filter(|part| **part != own);
            pairs.extend(users.flat_map(|part| [(own, *part), (*part, own)]));
        }
        let before = found.tags.get(MOVED_TAG).and_then(|address| address.split('/').next());
        if let Some(before) = before.filter(|before| *before != own) {
            pairs.insert((before, own));
        }
    }
    pairs
}

/// Whether a plan in which environment `old` is `new` does nothing to what a rename keeps but rename it: they are
/// plainly the same.
pub fn only_renames(plan: &Plan, old: &str, new: &str) -> bool {
    let is_here = |step: &&Step| step.scopes().iter().any(|scope| [old, new].contains(&scope.as_str()));
    let is_rename = |step: &Step| match step.action {
        Action::Update { .. } => step.risk == Risk::Safe,
        Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => {
            step.kind.schema().renamed == Renamed::ByName
        }
    };
    plan.steps.iter().filter(is_here).all(is_rename)
}

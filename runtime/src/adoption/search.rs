//! The search for live resources that fit declared ones.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Node};

use super::fit::{COMPARED, Fit, Known, fit};
use super::{Adoption, Ambiguous, Candidates, Manager, Match, Refused, known, manager, marks};
use crate::Found;

/// Finds the live resources of the compared kinds that fit declared ones.
pub fn fits(candidates: &Candidates<'_>) -> Adoption {
    let mut ids = known(candidates.observed);
    let mut adoption = Adoption::default();
    let none = Vec::new();
    for kind in COMPARED {
        let mut chosen: Vec<(&Address, &Node, Vec<&Found>, &'static str)> = Vec::new();
        for (address, node) in missing(candidates, kind, &ids) {
            let account = (candidates.account)(address.scope());
            let live = candidates.live.get(&account).unwrap_or(&none);
            let known = Known { ir: candidates.ir, live, ids: &ids };
            let (found, by) = best(candidates, (address, node), live, &known);
            if !found.is_empty() {
                chosen.push((address, node, found, by));
            }
        }
        let mut claims: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
        for (address, _, found, _) in &chosen {
            for found in found {
                claims.entry(found.id.as_str()).or_default().push(address);
            }
        }
        let mut unclear: BTreeSet<Ambiguous> = BTreeSet::new();
        for (address, node, found, by) in chosen {
            let both: BTreeSet<&Address> =
                found.iter().filter_map(|found| claims.get(found.id.as_str())).flatten().copied().collect();
            match found.as_slice() {
                [only] if both.len() == 1 => {
                    if let Some(id) = adoption.take(candidates, (address, node), only, by) {
                        ids.insert(address.clone(), id);
                    }
                }
                _ => {
                    unclear.insert(Ambiguous {
                        kind,
                        region: node.region.clone(),
                        addresses: both.into_iter().cloned().collect(),
                        live: found.iter().map(|found| (found.id.clone(), name(found))).collect(),
                        by: by.to_owned(),
                    });
                }
            }
        }
        adoption.ambiguous.extend(unclear);
    }
    adoption
}

/// The declared resources of a kind in scope that the project does not own yet.
pub(super) fn missing<'a>(
    candidates: &Candidates<'a>,
    kind: Kind,
    ids: &BTreeMap<Address, String>,
) -> Vec<(&'a Address, &'a Node)> {
    let all = candidates.ir.resources.iter();
    let of_kind = all.filter(|(address, node)| {
        node.resource.kind() == kind && candidates.scope.includes(address) && !ids.contains_key(*address)
    });
    of_kind.collect()
}

/// The live resources that fit best, and by what.
fn best<'a>(
    candidates: &Candidates<'a>,
    (address, node): (&Address, &Node),
    live: &'a [Found],
    known: &Known<'_>,
) -> (Vec<&'a Found>, &'static str) {
    let is_free = |found: &&Found| {
        let is_own = found.tags.get(asiaq_ir::PROJECT_TAG) == Some(&candidates.ir.project)
            && found.tags.contains_key(asiaq_ir::ADDRESS_TAG);
        let is_apart = candidates.apart.contains(&(address.clone(), found.id.clone()));
        found.resource.kind() == node.resource.kind() && found.region == node.region && !is_own && !is_apart
    };
    let mut fitting: Vec<(Fit, &Found)> = live
        .iter()
        .filter(is_free)
        .filter_map(|found| Some((fit(address, node, found, known)?, found)))
        .collect();
    let is_unique = fitting.iter().any(|(fit, _)| matches!(fit, Fit::Unique(_)));
    fitting.retain(|(fit, _)| !is_unique || matches!(fit, Fit::Unique(_)));
    let by = match fitting.first() {
        Some((Fit::Unique(by) | Fit::Tagged(by), _)) => by,
        None => "",
    };
    let mut found: Vec<&Found> = fitting.into_iter().map(|(_, found)| found).collect();
    if found.len() > 1 && found.iter().any(|found| candidates.named.contains(&found.id)) {
        found.retain(|found| candidates.named.contains(&found.id));
    }
    (found, by)
}

/// What people know a resource by, beside its id.
fn name(found: &Found) -> String {
    let own = found.resource.own_name().filter(|name| *name != found.id).map(str::to_owned);
    own.or_else(|| found.tags.get("Name").cloned()).unwrap_or_default()
}

impl Adoption {
    /// Adopts a resource, or says who manages it. Returns its id where the declared one is known by it from now on.
    pub(super) fn take(
        &mut self,
        candidates: &Candidates<'_>,
        (address, node): (&Address, &Node),
        found: &Found,
        by: &str,
    ) -> Option<String> {
        let Found { id, region, .. } = found;
        let kind = node.resource.kind();
        let manager = manager(&found.tags, &candidates.ir.project).filter(|manager| {
            let is_named = candidates.named.contains(id);
            let is_state = matches!(manager, Manager::Tool(tool) if tool == "Terraform" && is_named);
            !(is_state || candidates.managed && matches!(manager, Manager::Tool(_)))
        });
        if let Some(manager) = manager {
            let is_project = matches!(manager, Manager::Project(_));
            let (address, region, id) = (address.clone(), region.clone(), id.clone());
            self.refused.push(Refused { address, kind, region, id, manager: manager.name(), is_project });
            return None;
        }
        self.matches.push(Match {
            address: address.clone(),
            kind,
            region: region.clone(),
            id: id.clone(),
            name: Some(name(found)).filter(|name| !name.is_empty()),
            by: by.to_owned(),
            tags: marks(&candidates.ir.project, address, node, &found.resource, id),
        });
        Some(id.clone())
    }
}

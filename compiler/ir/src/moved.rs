//! Declarations that had other names before: the addresses that their resources have now.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Address, Facts, RegionFacts};

/// The address in the program of what has `address` in AWS, if a declaration has moved. `moved` has prefixes of
/// addresses: a scope (`ci`), or a declaration in it (`ci/web`) or in every scope (`hostclass/app`). The scope comes
/// first, so a declaration is named with the scope that it has in the program.
///
/// A resource stays where its new address `is_live` already. So does a scope if both VPCs are live: these are two
/// environments.
pub fn moved_address(
    moved: &BTreeMap<String, String>,
    address: &Address,
    is_live: &dyn Fn(&Address) -> bool,
) -> Option<Address> {
    let mut at = address.clone();
    for _ in 0..=moved.len().saturating_mul(2) {
        let Some(next) = next_scope(moved, &at).or_else(|| next_path(moved, &at)) else { break };
        let (old, new) = (at.scope(), next.scope());
        let vpc = |scope: crate::ScopeRef<'_>| Address::of(&scope.to_scope(), "vpc");
        if is_live(&next) || old != new && is_live(&vpc(old)) && is_live(&vpc(new)) {
            return None;
        }
        at = next;
    }
    (at != *address).then_some(at)
}

fn next_scope(moved: &BTreeMap<String, String>, address: &Address) -> Option<Address> {
    let new = moved.get(address.scope().as_str())?;
    Some(Address::parse(&format!("{new}/{}", address.path())))
}

/// The longest part of the address that has moved counts.
fn next_path(moved: &BTreeMap<String, String>, address: &Address) -> Option<Address> {
    let text = address.as_str();
    let scope = text.len() - address.path().len();
    let mut ends: Vec<usize> = text.match_indices('/').map(|(end, _)| end).chain([text.len()]).collect();
    ends.retain(|end| *end > scope);
    ends.into_iter().rev().find_map(|end| {
        let (prefix, rest) = text.split_at_checked(end)?;
        let whole = moved.get(prefix).cloned();
        let local = || Some(format!("{}{}", text.get(..scope)?, moved.get(text.get(scope..end)?)?));
        Some(Address::parse(&format!("{}{rest}", whole.or_else(local)?)))
    })
}

impl Facts {
    /// The facts under the addresses that the program has for them.
    #[must_use]
    pub fn moved(&self, moved: &BTreeMap<String, String>) -> Self {
        let mut facts = self.clone();
        facts.regions.values_mut().for_each(|region| region.follow(moved));
        facts
    }
}

impl RegionFacts {
    fn follow(&mut self, moved: &BTreeMap<String, String>) {
        let live: BTreeSet<Address> = self
            .vpcs
            .iter()
            .filter_map(|vpc| vpc.address.clone())
            .chain(self.hosted_zones.iter().filter_map(|zone| zone.address.clone()))
            .chain(self.subnets.keys().cloned())
            .chain(self.template_images.keys().cloned())
            .collect();
        let target = |address: &Address| moved_address(moved, address, &|other| live.contains(other));
        let addresses = self.vpcs.iter_mut().map(|vpc| &mut vpc.address);
        for address in addresses.chain(self.hosted_zones.iter_mut().map(|zone| &mut zone.address)) {
            if let Some(to) = address.as_ref().and_then(target) {
                *address = Some(to);
            }
        }
        rekey(&mut self.subnets, &target);
        rekey(&mut self.template_images, &target);
    }
}

fn rekey<T>(facts: &mut BTreeMap<Address, T>, target: &dyn Fn(&Address) -> Option<Address>) {
    let old = std::mem::take(facts);
    facts.extend(old.into_iter().map(|(address, fact)| (target(&address).unwrap_or(address), fact)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(pairs: &[(&str, &str)], address: &str, live: &[&str]) -> Option<String> {
        let moved = pairs.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect();
        let is_live = |address: &Address| live.contains(&address.as_str());
        moved_address(&moved, &Address::parse(address), &is_live).map(|address| address.to_string())
    }

    #[test]
    fn a_declaration_moves_with_all_below_it() {
        let pairs = [("ci/web", "ci/dmz"), ("hostclass/app", "hostclass/api")];
        assert_eq!(moved(&pairs, "ci/web/subnet/1", &[]).as_deref(), Some("ci/dmz/subnet/1"));
        assert_eq!(moved(&pairs, "qa/web/subnet/1", &[]), None);
        assert_eq!(moved(&pairs, "ci/website/subnet/1", &[]), None);
        assert_eq!(moved(&pairs, "qa/hostclass/app/group", &[]).as_deref(), Some("qa/hostclass/api/group"));
        assert_eq!(moved(&pairs, "ci/web/subnet/1", &["ci/dmz/subnet/1"]), None);
    }

    #[test]
    fn a_declaration_of_a_moved_environment_moves_under_its_new_name() {
        let pairs = [("ci", "qa"), ("qa/web", "qa/dmz"), ("qa", "prod"), ("prod/dmz", "prod/edge")];
        assert_eq!(moved(&pairs, "ci/web/subnet/1", &[]).as_deref(), Some("prod/web/subnet/1"));
        assert_eq!(moved(&pairs[..2], "ci/web/subnet/1", &[]).as_deref(), Some("qa/dmz/subnet/1"));
        assert_eq!(moved(&pairs, "prod/dmz/subnet/1", &[]).as_deref(), Some("prod/edge/subnet/1"));
    }

    #[test]
    fn a_second_environment_is_not_the_first_one_moved() {
        let pairs = [("ci", "qa")];
        assert_eq!(moved(&pairs, "ci/web/subnet/1", &["ci/vpc", "qa/vpc"]), None);
        // The move was interrupted.
        assert_eq!(moved(&pairs, "ci/web/subnet/1", &["qa/vpc"]).as_deref(), Some("qa/web/subnet/1"));
    }

    #[test]
    fn a_circle_ends() {
        let _ = moved(&[("a", "b"), ("b", "a"), ("a/x", "a/y"), ("a/y", "a/x")], "a/x", &[]);
    }
}

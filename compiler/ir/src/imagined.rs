//! Ownership that is not written in AWS: how resources would be listed if they had tags that they do not have.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ADDRESS_TAG, Address, Kind, ResourceKind, ScopeRef};

/// Tags by key.
type Tags = BTreeMap<String, String>;

/// What listings show beside what is in AWS. Nothing of it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imagined {
    /// The kinds of which every resource is listed, whoever owns it: at [`Address::nobodys`] where it has none.
    pub whole: BTreeSet<Kind>,
    /// Tags that resources would have, by region, name of the kind, and AWS id or name.
    tags: BTreeMap<(String, &'static str, String), Tags>,
}

impl Imagined {
    /// The key under which a listing shows the project that owns a resource, where another one is imagined.
    pub const OWNER: &'static str = "-asiaq:project";

    /// Every resource of these kinds, with the tags that it has.
    pub fn whole(kinds: BTreeSet<Kind>) -> Self {
        Self { whole: kinds, tags: BTreeMap::new() }
    }

    /// Imagines that a resource with this AWS id or name has tags.
    pub fn set(&mut self, region: &str, kind: Kind, id: &str, tags: Tags) {
        self.tags.insert((region.to_owned(), kind.schema().name, id.to_owned()), tags);
    }

    /// Forgets the tags of the resources whose scope does not fit.
    pub fn retain(&mut self, fits: impl Fn(ScopeRef<'_>) -> bool) {
        self.tags.retain(|_, tags| {
            tags.get(ADDRESS_TAG).is_some_and(|address| fits(Address::parse(address).scope()))
        });
    }

    /// Whether it is nothing.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.tags.is_empty()
    }

    /// Whether every resource of a kind is listed.
    pub fn is_whole<T: ResourceKind>(&self) -> bool {
        self.whole.iter().any(|kind| kind.schema().name == T::SCHEMA.name)
    }

    /// Whether a listing has more than what the project owns.
    pub fn widens<T: ResourceKind>(&self, region: &str) -> bool {
        let has_tags = || self.tags.keys().any(|(of, kind, _)| of == region && *kind == T::SCHEMA.name);
        self.is_whole::<T>() || has_tags()
    }

    /// The tags that a resource would have beside its own.
    pub fn tags<T: ResourceKind>(&self, region: &str, id: &str) -> Option<&Tags> {
        if self.tags.is_empty() {
            return None;
        }
        let of = |name: &str| self.tags.get(&(region.to_owned(), T::SCHEMA.name, name.to_owned()));
        names(id).find_map(of)
    }
}

/// What a resource is known by: its id, and the name in it where it is an ARN.
fn names(id: &str) -> impl Iterator<Item = &str> {
    let last = id.starts_with("arn:").then(|| id.rsplit(':').next()).flatten();
    // `loadbalancer/app/NAME/HASH` and `targetgroup/NAME/HASH`.
    let inner = last.filter(|last| last.contains('/')).and_then(|last| last.rsplit('/').nth(1));
    [Some(id), inner, last].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_known_by_its_id_and_by_its_name() {
        let known = |id: &'static str| names(id).collect::<Vec<_>>();
        assert_eq!(known("vpc-1"), ["vpc-1"]);
        assert_eq!(known("ci/web"), ["ci/web"]);
        let topic = "arn:aws:sns:us-west-2:123456789012:astro_ci";
        assert_eq!(known(topic), [topic, "astro_ci"]);
        let group = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/ci-web/0123";
        assert_eq!(known(group), [group, "ci-web", "targetgroup/ci-web/0123"]);
    }
}

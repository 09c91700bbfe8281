//! The metanetworks that peerings join.

use std::collections::{BTreeMap, BTreeSet};
use std::slice::Iter;

use asiaq_lang::Span;

use super::{JointEnd, Model, PeeringPair};
use crate::value::End;

/// Pairs of metanetworks that are joined, each once, and the place of each by its ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Joints {
    pairs: Vec<PeeringPair>,
    /// By environment and metanetwork.
    places: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
}

impl From<Vec<PeeringPair>> for Joints {
    fn from(pairs: Vec<PeeringPair>) -> Self {
        let mut places: BTreeMap<String, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        for (at, pair) in pairs.iter().enumerate() {
            for end in &pair.ends {
                let of_env = places.entry(end.env.clone()).or_default();
                of_env.entry(end.network.clone()).or_default().push(at);
            }
        }
        Self { pairs, places }
    }
}

impl<'j> IntoIterator for &'j Joints {
    type Item = &'j PeeringPair;
    type IntoIter = Iter<'j, PeeringPair>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.iter()
    }
}

impl Joints {
    pub(crate) fn iter(&self) -> Iter<'_, PeeringPair> {
        self.pairs.iter()
    }
}

impl Model {
    /// The ends joined to `network` of `env`, with the peering that joins them.
    pub(crate) fn joined<'m>(
        &'m self,
        env: &'m str,
        network: &'m str,
    ) -> impl Iterator<Item = (&'m JointEnd, Span)> {
        let places = self.joints.places.get(env).and_then(|of_env| of_env.get(network));
        places.into_iter().flatten().filter_map(move |at| {
            let joint = self.joints.pairs.get(*at)?;
            let [a, b] = &joint.ends;
            let other = if a.env == env && a.network == network { b } else { a };
            Some((other, joint.span))
        })
    }

    /// The ends joined to `network` of `env` that `end` denotes.
    pub(crate) fn joined_to<'m>(
        &'m self,
        env: &'m str,
        network: &'m str,
        end: &'m End,
    ) -> impl Iterator<Item = &'m JointEnd> {
        let named: BTreeSet<&str> = self.environments_of(&end.env).map(|env| env.name.as_str()).collect();
        let far = self.joined(env, network).map(|(far, _)| far);
        far.filter(move |far| far.network == end.network && named.contains(far.env.as_str()))
    }
}

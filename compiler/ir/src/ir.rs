use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Address, Origin, Ref, Resource, refs};

/// Everything a project wants to exist, in order of address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ir {
    /// Name of the project; the value of the `asiaq:project` tag.
    pub project: String,
    /// The environments, by name.
    pub environments: BTreeMap<String, Environment>,
    /// The resources, by address.
    pub resources: BTreeMap<Address, Node>,
}

/// Where an environment lives, and how careful to be with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// AWS region, such as `us-west-2`.
    pub region: String,
    /// Account the environment must be in: twelve digits; absent where the project declares none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
    /// Refuses steps that replace or lose something, unless told in so many words.
    pub protect: bool,
    /// The declaration.
    pub origin: Origin,
}

/// One wanted resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The resource itself, with its kind.
    #[serde(flatten)]
    pub resource: Resource,
    /// AWS region it is made in.
    pub region: String,
    /// Tags, including `Name` and the ownership tags; empty for a kind that has none of its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// Resources it must come after without pointing at them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub after: BTreeSet<Address>,
    /// The place that asked for it.
    pub origin: Origin,
    /// The place that protects it, where one does: it is neither replaced nor deleted, and loses nothing, unless that
    /// is allowed in so many words. That of a VPC protects its whole environment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub protect: Option<Origin>,
    /// Places that set a field, the winner first: by field name, or `FIELD/KEY` for an element of a set
    /// (see [`Resource::element_key`]).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub provenance: BTreeMap<String, Vec<Origin>>,
}

impl Node {
    /// Addresses of the resources this one needs first.
    pub fn dependencies(&self) -> BTreeSet<Address> {
        let pointed = refs(&self.resource).into_iter().filter_map(|r| match r {
            Ref::To(address) => Some(address),
            Ref::Id(_) | Ref::Find(_) => None,
        });
        self.after.iter().cloned().chain(pointed).collect()
    }

    /// The place that decided `field`, or element `key` of it: the winner where there is provenance, else
    /// the place that asked for the resource.
    pub fn cite(&self, field: &str, key: Option<&str>) -> &Origin {
        key.and_then(|key| self.provenance.get(&format!("{field}/{key}")))
            .or_else(|| self.provenance.get(field))
            .and_then(|chain| chain.first())
            .unwrap_or(&self.origin)
    }
}

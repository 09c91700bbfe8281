use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::{Address, Origin, Ref, Resource, ScopeRef, SecretStore, refs};

/// All resources that a project wants, in order of address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ir {
    /// Name of the project; the value of the `asiaq:project` tag.
    pub project: String,
    /// The accounts that the program declares, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub accounts: BTreeMap<String, Account>,
    /// The environments, by name.
    pub environments: BTreeMap<String, Environment>,
    /// The addresses that declarations had before, with the new ones: `ci/hostclass/app`, or `hostclass/app` in every
    /// environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub moved: BTreeMap<String, String>,
    /// The items of the program that [`Ir::moved`] comes from.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub renames: Vec<Rename>,
    /// The resources, by address.
    pub resources: BTreeMap<Address, Node>,
    /// Resources that are in another account than their scope, with the name of that account: a key of
    /// [`Ir::accounts`]. They are hosted zones and records.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub elsewhere: BTreeMap<Address, String>,
    /// What resources wait for as one, by an address that [`Node::after`] has: all of these resources and barriers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub barriers: BTreeMap<Address, BTreeSet<Address>>,
    /// Metanetworks whose live subnets the resources keep, although the program alone would result in others.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub kept: Vec<KeptSubnets>,
}

/// A declaration that had another name before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rename {
    /// As it is written: `hostclass app -> api`.
    pub text: String,
    /// The old addresses: keys of [`Ir::moved`].
    pub from: BTreeSet<String>,
    /// The place in the program.
    pub origin: Origin,
}

/// The subnets of a metanetwork that stay as they are in AWS, although a first apply of the program would result in
/// others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeptSubnets {
    /// Name of the environment.
    pub environment: String,
    /// Name of the metanetwork.
    pub network: String,
    /// The CIDR blocks of its subnets, in order of zone.
    pub live: Vec<Ipv4Net>,
    /// The CIDR blocks that they would have after a first apply.
    pub computed: Vec<Ipv4Net>,
    /// The parts that a metanetwork of the declared size has, live and after a first apply, where these differ; absent
    /// where the subnets only lie elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parts: Option<(usize, usize)>,
    /// The place of its CIDR block in the program.
    pub origin: Origin,
}

/// The region, account and protection of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// AWS region, such as `us-west-2`.
    pub region: String,
    /// Account that the environment must be in: twelve digits; absent if the project declares none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
    /// Name of that account: a key of [`Ir::accounts`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_name: Option<String>,
    /// Whether steps that replace or delete something need an explicit permission.
    pub protect: bool,
    /// Where its secrets are; absent if it has no place for them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secrets: Option<SecretStore>,
    /// The declaration.
    pub origin: Origin,
}

/// An account, and how a run gets there. Without profile and role, the credentials of the caller are used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// AWS region of what belongs to the account and not to an environment.
    pub region: String,
    /// Profile of the AWS configuration with its credentials.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile: Option<String>,
    /// ARN of the role that is assumed in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
    /// External ID that the role requires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub external_id: Option<String>,
    /// MFA device that the role requires: ARN or serial number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mfa_serial: Option<String>,
    /// Seconds that a session of the role lasts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<u64>,
    /// Whether steps that replace or delete something of the account need an explicit permission.
    pub protect: bool,
    /// Whether what is not declared may be removed, with a permission.
    pub prune: bool,
    /// The declaration.
    pub origin: Origin,
}

/// One wanted resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The resource itself, with its kind.
    #[serde(flatten)]
    pub resource: Resource,
    /// AWS region, such as `us-west-2`; for a [global](crate::Home::Global) resource, that of its environment.
    pub region: String,
    /// Tags, including `Name` and the ownership tags; empty for a kind that has none of its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// Resources that must exist first although this one does not reference them, and [barriers](Ir::barriers).
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub after: BTreeSet<Address>,
    /// The place that declares it.
    pub origin: Origin,
    /// The place that protects it: without an explicit permission it is neither replaced nor deleted, and loses no data.
    /// The protection of a VPC covers its whole environment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub protect: Option<Origin>,
    /// Places that set a field, the winner first: by field name, or `FIELD/KEY` for an element of a set
    /// (see [`Resource::element_key`]).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub provenance: BTreeMap<String, Vec<Origin>>,
}

impl Ir {
    /// The accounts that have resources which belong to no environment, with their regions.
    pub fn own_resources(&self) -> BTreeMap<String, String> {
        let names = self.resources.keys().filter_map(|address| address.scope().account());
        let accounts = names.filter_map(|name| self.accounts.get_key_value(name));
        accounts.map(|(name, account)| (name.clone(), account.region.clone())).collect()
    }

    /// The id of the account that the program names for `scope`.
    pub fn account_of(&self, scope: ScopeRef<'_>) -> Option<&str> {
        match scope.account() {
            Some(name) => self.accounts.get(name).map(|account| account.id.as_str()),
            None => self.environments.get(scope.as_str())?.account.as_deref(),
        }
    }

    /// Name of the account that the program names for a scope.
    pub fn account_name<'a>(&'a self, scope: ScopeRef<'a>) -> Option<&'a str> {
        match scope.account() {
            Some(name) => Some(name),
            None => self.environments.get(scope.as_str())?.account_name.as_deref(),
        }
    }

    /// Name of the account that the program names for a resource.
    pub fn account_name_of<'a>(&'a self, address: &'a Address) -> Option<&'a str> {
        let elsewhere = self.elsewhere.get(address).map(String::as_str);
        elsewhere.or_else(|| self.account_name(address.scope()))
    }

    /// Whether the program declares `scope`.
    pub fn declares(&self, scope: ScopeRef<'_>) -> bool {
        match scope.account() {
            Some(name) => self.accounts.contains_key(name),
            None => self.environments.contains_key(scope.as_str()),
        }
    }
}

impl Node {
    /// Addresses of the resources that must exist first.
    pub fn dependencies(&self) -> BTreeSet<Address> {
        let pointed = refs(&self.resource).into_iter().filter_map(|r| match r {
            Ref::To(address) => Some(address),
            Ref::Id(_) | Ref::Find(_) => None,
        });
        self.after.iter().cloned().chain(pointed).collect()
    }

    /// The place that decides `field`, or element `key` of it. Default: the place that declares the resource.
    pub fn cite(&self, field: &str, key: Option<&str>) -> &Origin {
        key.and_then(|key| self.provenance.get(&format!("{field}/{key}")))
            .or_else(|| self.provenance.get(field))
            .and_then(|chain| chain.first())
            .unwrap_or(&self.origin)
    }
}

//! What a project means, environment by environment: every value typed and weighed, every reference known.

mod accounts;
mod bakes;
mod balancers;
mod build;
mod cache;
mod database;
mod drafts;
mod engine_checks;
mod hosts;
mod identity;
mod joints;
mod logging;
mod machines;
mod operators;
mod provenance;
mod references;
mod search;
mod secrets;
mod storage;
mod stores;
mod table;
mod watch;
mod zones;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use asiaq_ir::{Facts, RegionFacts};
use asiaq_lang::Span;

pub(crate) use accounts::{Account, claimed};
pub(crate) use bakes::{Bakery, Bakes, Recipe};
pub(crate) use balancers::names::human as human_name;
pub(crate) use balancers::{Balancer, Family, Mapping, Socket, health};
pub(crate) use build::{DRAFT_CIDR, DRAFT_NAME, Evaluated, build};
pub(crate) use cache::{Cache, hashed_cache_name};
pub(crate) use database::Database;
pub(crate) use drafts::{Draft, draft_of, drafts};
pub(crate) use identity::{
    Group, Heading, Identity, OBJECTS, Permissions, Policy, Provider, Role, User, Written,
};
pub(crate) use joints::Joints;
pub(crate) use logging::{Log, Logging, Settings};
pub(crate) use machines::*;
pub(crate) use operators::{Operator, Weakness};
pub(crate) use provenance::Provenance;
pub(crate) use search::{Archive, Client, Search};
pub(crate) use secrets::{PARAMETERS, SECRETS_MANAGER, Secret};
pub(crate) use storage::{ACCESS_LOGS, Bucket, CLOUDTRAIL, Document, Titled, Trail, in_account};
pub(crate) use stores::Metered;
pub(crate) use table::{Capacity as TableCapacity, Index as TableIndex, Table};
pub(crate) use watch::*;
pub(crate) use zones::{Delegation, Obstacle, Record, Zone, delegations, dns_form, is_inside};

use crate::evaluate::Resolved;
use crate::value::{Address, Allocation, NameServer, Nat, Ports, Route, Rule, Source, Spanned};

/// A project, evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Its name.
    pub(crate) project: String,
    /// Region of environments that do not name their own.
    pub(crate) region: Option<String>,
    /// Its accounts, in order of name.
    pub(crate) accounts: Vec<Account>,
    /// Its environments, in order of declaration.
    pub(crate) environments: Vec<Environment>,
    /// The envtypes, in order of name, with the region that an environment of the type has.
    pub(crate) envtypes: Vec<(String, Option<String>)>,
    /// Networks that are joined, each pair of them once.
    pub(crate) joints: Joints,
    /// Declarations that had other names before.
    pub(crate) moves: Vec<Move>,
    /// How AMIs are made.
    pub(crate) bakes: Bakes,
    /// The logs that instances send.
    pub(crate) logging: Logging,
    /// Whether it is of an environment that nobody declares, alone, to check what no environment uses.
    pub(crate) is_draft: bool,
}

/// A declaration that had another name before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    /// As it is written: `hostclass app -> api`.
    pub(crate) text: String,
    /// Where.
    pub(crate) span: Span,
    /// The old prefixes of addresses, with the new ones.
    pub(crate) prefixes: BTreeMap<String, String>,
}

/// An environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Environment {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// The envtypes it descends from, the nearest first.
    pub(crate) types: Vec<String>,
    /// AWS region.
    pub(crate) region: Resolved<String>,
    /// Account id it must be in.
    pub(crate) account: Option<Resolved<String>>,
    /// Name of that account in the project.
    pub(crate) account_name: Option<String>,
    /// Whether to refuse what replaces or loses something.
    pub(crate) protect: Resolved<bool>,
    /// Availability zones.
    pub(crate) zones: Resolved<usize>,
    /// Availability zones that metanetworks have room for.
    pub(crate) max_zones: Option<Resolved<usize>>,
    /// How its CIDR block is determined.
    pub(crate) cidr: Resolved<Allocation>,
    /// Value of the tag `application`.
    pub(crate) application: Resolved<String>,
    /// Further tags.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Metanetworks, in order of first appearance, the farthest ancestor's first.
    pub(crate) networks: Vec<Network>,
    /// DHCP options.
    pub(crate) dhcp: Option<Dhcp>,
    /// Customer ports.
    pub(crate) customer: Option<Customer>,
    /// Gateway endpoints.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Databases.
    pub(crate) databases: Vec<Database>,
    /// Hosted zones.
    pub(crate) hosted_zones: Vec<Zone>,
    /// Hostclasses that have their network here, in order of name.
    pub(crate) hosts: Vec<Arc<Host>>,
    /// Metanetworks that hostclasses name and that are not here.
    pub(crate) strays: Vec<Arc<UnresolvedNetwork>>,
    /// Hostclasses that name no metanetwork for it.
    pub(crate) without_network: Vec<String>,
    /// Defaults that the project declares for the environment.
    pub(crate) common: ProjectDefaults,
    /// The Auto Scaling groups of the environment, by stage.
    pub(crate) pipeline: Option<Arc<Pipeline>>,
    /// The hostclass of each run of the pipeline.
    pub(crate) hosts_of_runs: HostsOfRuns,
    /// Name of the pipeline, and where it is set.
    pub(crate) runs_by: Option<Resolved<String>>,
    /// Whether [`Environment::region`] stands in for one that is broken or missing.
    pub(crate) region_unknown: bool,
    /// Whether the pipeline is broken or undeclared, so that the groups are unknown.
    pub(crate) runs_unknown: bool,
    /// Accepted stages of AMIs, the preferred first; every stage if empty.
    pub(crate) ami_stages: Resolved<Vec<Spanned<String>>>,
    /// Suffixes of the names of buckets that hold credentials.
    pub(crate) credential_buckets: Resolved<Vec<Spanned<String>>>,
    /// Where its secrets are, as the text of a `SecretStore`.
    pub(crate) store: Resolved<String>,
    /// The form of lists of hashes: `unsalted` or `salted`.
    pub(crate) app_auth: Option<Resolved<String>>,
    /// Secrets, in order of first appearance.
    pub(crate) secrets: Vec<Secret>,
    /// Whether its operators are written to the first of these buckets.
    pub(crate) keeps_operators: Resolved<bool>,
    /// The accounts of people on its machines, in order of name.
    pub(crate) operators: Vec<Operator>,
    /// Tags and user data of instances: `minimal` or `classic`.
    pub(crate) instance_data: Resolved<String>,
    /// Topics, alarms and log metrics.
    pub(crate) watch: Watch,
    /// Search domains, in order of first appearance.
    pub(crate) searches: Vec<Search>,
    /// Caches.
    pub(crate) caches: Vec<Cache>,
    /// Tables.
    pub(crate) tables: Vec<Table>,
    /// Where every field was set.
    pub(crate) provenance: Provenance,
}

/// A metanetwork.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Network {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// How its CIDR block is determined.
    pub(crate) cidr: Resolved<Allocation>,
    /// Availability zones that it has room for, where it says so itself.
    pub(crate) max_zones: Option<Resolved<usize>>,
    /// Rules.
    pub(crate) ingress: Resolved<Vec<Spanned<Rule>>>,
    /// Routes.
    pub(crate) routes: Resolved<Vec<Spanned<Route>>>,
    /// NAT gateways.
    pub(crate) nat: Option<Resolved<Nat>>,
    /// Whether its route tables take the routes that the VPN gateway propagates.
    pub(crate) vgw_propagation: Resolved<bool>,
    /// Description of its security group.
    pub(crate) description: Option<Resolved<String>>,
}

/// DHCP options of an environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dhcp {
    /// Where it is declared.
    pub(crate) span: Span,
    /// Domain.
    pub(crate) domain_name: Option<Resolved<String>>,
    /// Name servers.
    pub(crate) dns: Resolved<Vec<Spanned<NameServer>>>,
    /// Time servers.
    pub(crate) ntp: Resolved<Vec<Spanned<Address>>>,
}

/// Customer ports of an environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Customer {
    /// Where it is declared.
    pub(crate) span: Span,
    /// Ports.
    pub(crate) ports: Resolved<Vec<Spanned<Ports>>>,
    /// Sources.
    pub(crate) from: Resolved<Vec<Spanned<Source>>>,
}

/// A gateway endpoint of an environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Endpoint {
    /// Service: `s3` or `dynamodb`.
    pub(crate) service: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Metanetworks that use it; all where absent.
    pub(crate) networks: Option<Resolved<Vec<Spanned<String>>>>,
}

/// A hostclass in an environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Host {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Its metanetwork.
    pub(crate) network: Resolved<String>,
    /// Static private address.
    pub(crate) ip: Option<Resolved<Address>>,
    /// Elastic IP address it takes at boot.
    pub(crate) eip: Option<Resolved<Ipv4Addr>>,
    /// Whether instances get a public IP address.
    pub(crate) public_ip: Resolved<bool>,
    /// The settings of its instances.
    pub(crate) machine: Machine,
    /// Its load balancers.
    pub(crate) balancers: Vec<Balancer>,
}

/// A metanetwork that a hostclass names for an environment without it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UnresolvedNetwork {
    /// The hostclass.
    pub(crate) host: String,
    /// Its name.
    pub(crate) network: Spanned<String>,
    /// Whether it is named for some environments only, and so meant for this one.
    pub(crate) is_override: bool,
}

/// Two metanetworks of different environments that are to reach each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeeringPair {
    /// The peering's declaration.
    pub(crate) span: Span,
    /// The two ends, in order of environment name.
    pub(crate) ends: [JointEnd; 2],
}

/// One end of a [`PeeringPair`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JointEnd {
    /// Environment.
    pub(crate) env: String,
    /// Metanetwork.
    pub(crate) network: String,
}

impl Model {
    /// The prefixes of addresses that declarations had before, with the new ones.
    pub(crate) fn moved(&self) -> BTreeMap<String, String> {
        self.moves.iter().flat_map(|moved| moved.prefixes.clone()).collect()
    }

    /// The account `name`.
    pub(crate) fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == name)
    }

    /// The environment `name`.
    pub(crate) fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|env| env.name == name)
    }

    /// The environments that `name` denotes: the environment itself, or all that descend from the envtype.
    pub(crate) fn environments_of(&self, name: &str) -> impl Iterator<Item = &Environment> {
        self.environments
            .iter()
            .filter(move |env| env.name == name || env.types.iter().any(|envtype| envtype == name))
    }
}

impl Environment {
    /// The facts about its account and region, if there are any.
    pub(crate) fn facts<'f>(&self, facts: &'f Facts) -> Option<&'f RegionFacts> {
        facts.of(&self.region.value, self.account.as_ref().map(|account| account.value.as_str()))
    }

    /// The number of zones that `network` has room for, if the program says it.
    pub(crate) fn max_zones<'e>(&'e self, network: &'e Network) -> Option<&'e Resolved<usize>> {
        network.max_zones.as_ref().or(self.max_zones.as_ref())
    }

    /// The number of zones that the block of `network` is divided for, where nothing live decides it.
    pub(crate) fn parts(&self, network: &Network) -> usize {
        self.max_zones(network).map_or(0, |most| most.value).max(self.zones.value)
    }

    /// The metanetwork `name`.
    pub(crate) fn network(&self, name: &str) -> Option<&Network> {
        self.networks.iter().find(|network| network.name == name)
    }

    /// The hostclass `name`, where it has its network here.
    pub(crate) fn host(&self, name: &str) -> Option<&Host> {
        let at = self.hosts.binary_search_by(|host| host.name.as_str().cmp(name)).ok()?;
        self.hosts.get(at).map(|host| &**host)
    }

    /// Names of its metanetworks, for messages.
    pub(crate) fn network_names(&self) -> Vec<&str> {
        self.networks.iter().map(|network| network.name.as_str()).collect()
    }
}

impl Host {
    /// The metanetworks whose security groups its instances have, its own first.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        let further = self.machine.security.value.iter().map(|network| network.value.as_str());
        std::iter::once(self.network.value.as_str()).chain(further)
    }

    /// Its static addresses, with the place of each.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&Address, Span)> {
        let one = self.ip.iter().map(|ip| (&ip.value, ip.span()));
        one.chain(self.machine.ips.value.iter().map(|ip| (&ip.value, ip.span)))
    }

    /// The metanetwork that a static address of it lies in.
    pub(crate) fn network_of<'h>(&'h self, address: &'h Address) -> &'h str {
        match address {
            Address::Offset { network: Some(network), .. } => &network.value,
            Address::Offset { network: None, .. } | Address::Ip(_) => &self.network.value,
        }
    }
}

impl Dhcp {
    /// Every address it hands out, with its place.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&Address, Span)> {
        let servers = self.dns.value.iter().filter_map(|server| match &server.value {
            NameServer::Address(address) => Some((address, server.span)),
            NameServer::Amazon => None,
        });
        servers.chain(self.ntp.value.iter().map(|server| (&server.value, server.span)))
    }
}

impl Network {
    /// Whether everything else leaves through the internet gateway.
    pub(crate) fn has_internet_default(&self) -> bool {
        self.routes.value.iter().any(|route| {
            route.value.destination.prefix_len() == 0 && route.value.via == crate::value::Via::Igw
        })
    }
}

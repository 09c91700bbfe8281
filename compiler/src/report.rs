//! How much room a project has: what every VPC and metanetwork is cut into, and what is left.

use std::collections::BTreeMap;

use asiaq_ir::Facts;
use ipnet::Ipv4Net;
use serde::Serialize;

use crate::Checked;
use crate::layout::{self, EnvLayout, NetworkLayout};
use crate::lower::machines::initial;
use crate::model::{Environment, Host, Model, Network};
use crate::space;
use crate::value::Allocation;

/// Addresses that AWS keeps of every subnet (VPC user guide, "Subnet CIDR blocks").
const RESERVED: u64 = 5;

/// The room of a project, as a fresh layout has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// Its environments, in order of declaration; one for which there is no room is absent.
    pub environments: Vec<EnvironmentCapacity>,
    /// The pools from which environments take their blocks, in order of address.
    pub pools: Vec<PoolCapacity>,
}

/// The room of an environment. Its addresses are the usable ones of its metanetworks, those AWS keeps, those in
/// spare slots and the free ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvironmentCapacity {
    /// Name.
    pub name: String,
    /// Its block, where the text says it.
    pub block: Option<Ipv4Net>,
    /// The pool it is chosen from when it is first applied.
    pub pool: Option<Ipv4Net>,
    /// Prefix length of its block.
    pub prefix: u8,
    /// Availability zones.
    pub zones: usize,
    /// Addresses of its block.
    pub addresses: u64,
    /// Addresses that machines can have.
    pub usable: u64,
    /// Addresses that the declarations take.
    pub used: u64,
    /// Addresses that AWS keeps, five in each subnet.
    pub reserved: u64,
    /// Addresses in slots that stay free for further zones.
    pub spare: u64,
    /// Addresses in no metanetwork.
    pub free: u64,
    /// What is in no metanetwork, as aligned parts in order of address.
    pub free_parts: Vec<Part>,
    /// Its metanetworks, in order of address.
    pub networks: Vec<NetworkCapacity>,
}

/// The room of a metanetwork.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkCapacity {
    /// Name.
    pub name: String,
    /// Its part of the VPC.
    #[serde(flatten)]
    pub part: Part,
    /// Its subnets: one for each zone.
    pub subnets: usize,
    /// Prefix length of each subnet.
    pub subnet_prefix: u8,
    /// Addresses of one subnet that machines can have.
    pub usable_per_zone: u64,
    /// Addresses that machines can have, in all zones.
    pub usable: u64,
    /// Slots that stay free for further zones: zones are cut in powers of two.
    pub spare_slots: usize,
    /// Addresses in those.
    pub spare: u64,
    /// Static addresses of hostclasses.
    pub static_addresses: u64,
    /// NAT gateways, each of which has an address.
    pub nat_gateways: u64,
    /// Machines that the pipeline may run at most, each of which has an address.
    pub machines: u64,
}

/// A part of a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The block, where the VPC's is known.
    pub block: Option<Ipv4Net>,
    /// Its prefix length.
    pub prefix: u8,
}

/// How much of a pool is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolCapacity {
    /// The pool.
    pub pool: Ipv4Net,
    /// Its addresses.
    pub addresses: u64,
    /// Addresses that the declared environments take of it.
    pub taken: u64,
    /// The environments that take them, in order of declaration.
    pub environments: Vec<String>,
}

impl NetworkCapacity {
    /// Addresses that the declarations take.
    pub fn used(&self) -> u64 {
        self.static_addresses + self.nat_gateways + self.machines
    }
}

impl Checked {
    /// How much room the project has, before anything lives: what lives already keeps the blocks it has.
    pub fn capacity(&self) -> Capacity {
        let laid = layout::layout(&self.model, &Facts::default(), &mut Vec::new());
        let environments = self.model.environments.iter();
        Capacity {
            environments: environments
                .filter_map(|env| Some(environment(env, laid.0.get(&env.name)?)))
                .collect(),
            pools: pools(&self.model),
        }
    }
}

fn environment(env: &Environment, laid: &EnvLayout) -> EnvironmentCapacity {
    let pool = match env.cidr.value {
        Allocation::Pool { pool, .. } => Some(pool),
        Allocation::Fixed(_) | Allocation::Sized(_) | Allocation::Share => None,
    };
    let part = |block: Ipv4Net| Part { block: pool.is_none().then_some(block), prefix: block.prefix_len() };
    let networks = networks(env, laid);
    let left = space::remainder(laid.cidr, laid.networks.values().map(|own| own.block));
    let sum = |of: fn(&NetworkCapacity) -> u64| networks.iter().map(of).sum();
    EnvironmentCapacity {
        name: env.name.clone(),
        block: part(laid.cidr).block,
        pool,
        prefix: laid.cidr.prefix_len(),
        zones: env.zones.value,
        addresses: size(laid.cidr),
        usable: sum(|network| network.usable),
        used: sum(NetworkCapacity::used),
        reserved: sum(|network| network.subnets as u64 * RESERVED),
        spare: sum(|network| network.spare),
        free: left.iter().map(|block| size(*block)).sum(),
        free_parts: left.into_iter().map(part).collect(),
        networks,
    }
}

/// The room of the metanetworks of an environment, in order of address.
pub(crate) fn networks(env: &Environment, laid: &EnvLayout) -> Vec<NetworkCapacity> {
    let is_chosen_later = matches!(env.cidr.value, Allocation::Pool { .. });
    let part =
        |block: Ipv4Net| Part { block: (!is_chosen_later).then_some(block), prefix: block.prefix_len() };
    let mut cut: Vec<(&Network, &NetworkLayout)> = env
        .networks
        .iter()
        .filter_map(|network| Some((network, laid.networks.get(&network.name)?)))
        .collect();
    cut.sort_by_key(|(_, own)| own.block);
    cut.iter().map(|(own, laid)| network(env, own, laid, part(laid.block))).collect()
}

fn network(env: &Environment, network: &Network, laid: &NetworkLayout, part: Part) -> NetworkCapacity {
    let subnets = laid.subnets.len();
    let subnet = laid.subnets.first().copied().unwrap_or(laid.block);
    let slots = usize::try_from(size(laid.block) / size(subnet)).unwrap_or(usize::MAX);
    let spare_slots = slots.saturating_sub(subnets);
    let usable_per_zone = size(subnet).saturating_sub(RESERVED);
    let machines = env
        .pipeline
        .iter()
        .flat_map(|pipeline| pipeline.runs())
        .filter(|run| env.host(&run.hostclass).is_some_and(|host| host.network.value == network.name))
        .map(|run| u64::from(initial(&run.sizes).max));
    let statics = env.hosts.iter().map(|host| statics(host, &network.name));
    NetworkCapacity {
        name: network.name.clone(),
        part,
        subnets,
        subnet_prefix: subnet.prefix_len(),
        usable_per_zone,
        usable: usable_per_zone * subnets as u64,
        spare_slots,
        spare: size(subnet) * spare_slots as u64,
        static_addresses: statics.sum(),
        machines: machines.sum(),
        nat_gateways: if network.nat.is_some() { subnets as u64 } else { 0 },
    }
}

/// How many static addresses a hostclass has in `network`.
fn statics(host: &Host, network: &str) -> u64 {
    host.addresses().filter(|(ip, _)| host.network_of(ip) == network).count() as u64
}

fn pools(model: &Model) -> Vec<PoolCapacity> {
    let mut pools: BTreeMap<Ipv4Net, PoolCapacity> = BTreeMap::new();
    for env in &model.environments {
        if let Allocation::Pool { pool, .. } = env.cidr.value {
            pools.entry(pool).or_insert_with(|| PoolCapacity {
                pool,
                addresses: size(pool),
                taken: 0,
                environments: Vec::new(),
            });
        }
    }
    for (pool, capacity) in &mut pools {
        for env in &model.environments {
            let taken = match env.cidr.value {
                Allocation::Pool { prefix, pool: of } if pool.contains(&of) => addresses(prefix),
                Allocation::Fixed(block) if pool.contains(&block) => size(block),
                Allocation::Fixed(block) if block.contains(pool) => size(*pool),
                Allocation::Pool { .. } | Allocation::Fixed(_) | Allocation::Sized(_) | Allocation::Share => {
                    continue;
                }
            };
            capacity.taken += taken;
            capacity.environments.push(env.name.clone());
        }
    }
    pools.into_values().collect()
}

fn size(block: Ipv4Net) -> u64 {
    addresses(block.prefix_len())
}

fn addresses(prefix: u8) -> u64 {
    1_u64 << 32_u8.saturating_sub(prefix)
}

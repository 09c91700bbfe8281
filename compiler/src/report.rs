//! The address space of a project: how each VPC and metanetwork is divided, and which blocks are free.

use std::collections::BTreeMap;

use asiaq_ir::Facts;
use ipnet::Ipv4Net;
use serde::Serialize;

use crate::Checked;
use crate::address_space::{self, RESERVED_IN_SUBNET, overlaps};
use crate::layout::{self, EnvLayout, NetworkLayout};
use crate::lower::machines::initial;
use crate::model::{Environment, Family, Model, Network};
use crate::value::Allocation;

/// The address space of a project in an account that holds nothing yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// The environments in order of declaration, without those that have no room.
    pub environments: Vec<EnvironmentCapacity>,
    /// The pools of the environments' CIDR blocks, in order of address.
    pub pools: Vec<PoolCapacity>,
}

/// The address space of an environment. Its addresses are the usable ones of its metanetworks, those that AWS
/// reserves, those in spare slots and the free ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvironmentCapacity {
    /// Name.
    pub name: String,
    /// Its CIDR block, where it is declared.
    pub block: Option<Ipv4Net>,
    /// The pool its CIDR block is chosen from when it is first applied.
    pub pool: Option<Ipv4Net>,
    /// Prefix length of its CIDR block.
    pub prefix: u8,
    /// Number of availability zones.
    pub zones: usize,
    /// Number of addresses in its CIDR block.
    pub addresses: u64,
    /// Number of addresses for instances.
    pub usable: u64,
    /// Number of addresses that the declarations use.
    pub used: u64,
    /// Number of addresses that AWS reserves, five in each subnet.
    pub reserved: u64,
    /// Number of addresses in slots that stay free for further zones.
    pub spare: u64,
    /// Number of addresses outside of all metanetworks.
    pub free: u64,
    /// The CIDR blocks outside of all metanetworks, in order of address.
    pub free_parts: Vec<Part>,
    /// Its metanetworks, in order of address.
    pub networks: Vec<NetworkCapacity>,
}

/// The address space of a metanetwork.
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
    /// Number of addresses for instances in one subnet.
    pub usable_per_zone: u64,
    /// Number of addresses for instances in all zones.
    pub usable: u64,
    /// Number of slots that stay free for further zones: a metanetwork is divided into a power of two.
    pub spare_slots: usize,
    /// Number of addresses in the spare slots.
    pub spare: u64,
    /// Number of static addresses of hostclasses.
    pub static_addresses: u64,
    /// Number of NAT gateways; each uses one address.
    pub nat_gateways: u64,
    /// Number of addresses that load balancers use, or that AWS wants to be free for them.
    pub balancers: u64,
    /// Largest number of instances that the pipeline may run; each uses one address.
    pub machines: u64,
}

/// A part of a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The CIDR block, where the VPC's is known.
    pub block: Option<Ipv4Net>,
    /// Its prefix length.
    pub prefix: u8,
}

/// The use of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolCapacity {
    /// The pool.
    pub pool: Ipv4Net,
    /// Number of addresses in the pool.
    pub addresses: u64,
    /// Number of addresses that the declared environments use.
    pub taken: u64,
    /// The environments that use them, in order of declaration.
    pub environments: Vec<String>,
}

impl NetworkCapacity {
    /// Number of addresses that the declarations use.
    pub fn used(&self) -> u64 {
        self.static_addresses + self.nat_gateways + self.balancers + self.machines
    }
}

impl Checked {
    /// The address space of the project in an account that holds nothing yet; live VPCs and subnets keep the CIDR
    /// blocks they have.
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
    let blocks: Vec<Ipv4Net> = laid.networks.values().map(|own| own.block).collect();
    let taken = laid.networks.values().flat_map(|own| own.subnets.iter().copied().chain(spare(own, &blocks)));
    let left = address_space::remainder(laid.cidr, taken);
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
        reserved: sum(|network| network.subnets as u64 * RESERVED_IN_SUBNET),
        spare: sum(|network| network.spare),
        free: left.iter().map(|block| size(*block)).sum(),
        free_parts: left.into_iter().map(part).collect(),
        networks,
    }
}

/// The address space of an environment's metanetworks, in order of address.
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
    let blocks: Vec<Ipv4Net> = cut.iter().map(|(_, own)| own.block).collect();
    let users = Users::of(env);
    cut.iter().map(|(own, laid)| network(&users, own, laid, part(laid.block), &blocks)).collect()
}

/// What uses addresses of an environment, by metanetwork.
struct Users<'e> {
    /// Most instances.
    machines: BTreeMap<&'e str, u64>,
    /// Addresses that the load balancers want in each subnet.
    balancers: BTreeMap<&'e str, u64>,
    statics: BTreeMap<&'e str, u64>,
}

impl<'e> Users<'e> {
    fn of(env: &'e Environment) -> Self {
        let (mut machines, mut balancers) = (BTreeMap::new(), BTreeMap::new());
        for (host, run) in env.running() {
            *machines.entry(host.network.value.as_str()).or_default() += u64::from(initial(&run.sizes).max);
        }
        for (host, balancer) in env.balancers() {
            *balancers.entry(balancer.network_of(host)).or_default() += address_count(balancer.family.value);
        }
        let mut statics = BTreeMap::new();
        for host in &env.hosts {
            for (ip, _) in host.addresses() {
                *statics.entry(host.network_of(ip)).or_default() += 1;
            }
        }
        Self { machines, balancers, statics }
    }
}

fn network(
    users: &Users<'_>,
    network: &Network,
    laid: &NetworkLayout,
    part: Part,
    blocks: &[Ipv4Net],
) -> NetworkCapacity {
    let subnets = laid.subnets.len();
    let subnet = laid.subnets.first().copied().unwrap_or(laid.block);
    let spare_slots = spare(laid, blocks).count();
    let usable_per_zone = size(subnet).saturating_sub(RESERVED_IN_SUBNET);
    let of = |users: &BTreeMap<&str, u64>| users.get(network.name.as_str()).copied().unwrap_or_default();
    NetworkCapacity {
        name: network.name.clone(),
        part,
        subnets,
        subnet_prefix: subnet.prefix_len(),
        usable_per_zone,
        usable: usable_per_zone * subnets as u64,
        spare_slots,
        spare: size(subnet) * spare_slots as u64,
        static_addresses: of(&users.statics),
        balancers: of(&users.balancers) * subnets as u64,
        machines: of(&users.machines),
        nat_gateways: network.nat.as_ref().map_or(0, |nat| nat.value.count(subnets) as u64),
    }
}

/// The slots of a metanetwork that no zone uses, without those that a neighbour with a fixed block uses; `blocks` are
/// those of all metanetworks.
fn spare(own: &NetworkLayout, blocks: &[Ipv4Net]) -> impl Iterator<Item = Ipv4Net> {
    let is_lent = |slot: &Ipv4Net| blocks.iter().any(|other| *other != own.block && overlaps(*other, *slot));
    address_space::spare_slots(own.block, own.subnets.len(), own.parts).filter(move |slot| !is_lent(slot))
}

/// Number of addresses that a load balancer wants in each of its subnets (Elastic Load Balancing user guides,
/// "Subnets for your load balancer"): eight, or one that a Network Load Balancer keeps.
fn address_count(family: Family) -> u64 {
    match family {
        Family::Classic | Family::Application => 8,
        Family::Network => 1,
    }
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

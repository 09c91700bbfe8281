//! Assigns CIDR blocks to VPCs, metanetworks and subnets. A live block wins over a computed one, so that adding a
//! zone, a metanetwork or an environment moves nothing that exists.

mod live;
mod zone_cost;

pub use zone_cost::ZoneCost;
pub(crate) use zone_cost::zone_costs;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asiaq_ir::{Facts, RegionFacts, VpcFact};
use asiaq_lang::Diagnostic;
use ipnet::Ipv4Net;

use crate::address_space::{self, Ask};
use crate::errors;
use crate::library;
use crate::model::{Environment, Model};
use crate::value::{Allocation, Via};

/// The CIDR blocks of every environment, by name; an environment whose pool is full is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout(pub(crate) BTreeMap<String, EnvLayout>);

/// The CIDR blocks of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnvLayout {
    pub(crate) cidr: Ipv4Net,
    /// Availability zones by name, in order of slot.
    pub(crate) zones: Vec<String>,
    /// By name; a metanetwork without room is absent.
    pub(crate) networks: BTreeMap<String, NetworkLayout>,
}

/// The CIDR blocks of a metanetwork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NetworkLayout {
    pub(crate) block: Ipv4Net,
    /// One for each zone.
    pub(crate) subnets: Vec<Ipv4Net>,
    /// Number of equal parts of the block.
    pub(crate) parts: usize,
    /// The subnets that the program alone would result in, where live ones are kept instead.
    pub(crate) computed: Option<Vec<Ipv4Net>>,
}

impl Layout {
    pub(crate) fn network(&self, env: &str, network: &str) -> Option<&NetworkLayout> {
        self.0.get(env)?.networks.get(network)
    }
}

/// Lays out every environment of `model` in an account that holds `facts`.
pub(crate) fn layout(model: &Model, facts: &Facts, diagnostics: &mut Vec<Diagnostic>) -> Layout {
    let vpcs = vpc_blocks(model, facts, diagnostics);
    let mut layout = Layout::default();
    for env in &model.environments {
        let Some(cidr) = vpcs.get(env.name.as_str()) else { continue };
        let region = env.facts(facts);
        let live = live::subnets(env, *cidr, region);
        let zones = zones(env, region, &live, diagnostics);
        let networks = networks(env, *cidr, &live, diagnostics);
        layout.0.insert(env.name.clone(), EnvLayout { cidr: *cidr, zones, networks });
    }
    layout
}

/// The live VPC of an environment. If a repeated call has left several, the one with the most subnets: the others
/// are deleted.
pub(crate) fn live_vpc<'f>(env: &Environment, region: Option<&'f RegionFacts>) -> Option<&'f VpcFact> {
    let address = asiaq_ir::Address::new(&env.name, "vpc");
    let region = region?;
    let subnets = |vpc: &VpcFact| region.subnets.values().filter(|subnet| subnet.vpc == vpc.id).count();
    region
        .vpcs
        .iter()
        .filter(|vpc| vpc.address.as_ref() == Some(&address))
        .max_by_key(|vpc| (subnets(vpc), std::cmp::Reverse(vpc.id.clone())))
}

/// The CIDR block of every environment's VPC: declared, live, or chosen from its pool, the largest first.
fn vpc_blocks<'m>(
    model: &'m Model,
    facts: &Facts,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<&'m str, Ipv4Net> {
    let mut blocks = BTreeMap::new();
    let mut waiting = Vec::new();
    for env in &model.environments {
        match env.cidr.value {
            Allocation::Fixed(block) => {
                blocks.insert(env.name.as_str(), block);
            }
            Allocation::Pool { prefix, pool } => {
                let region = env.facts(facts);
                let live = live_vpc(env, region).and_then(|vpc| vpc.blocks.first().copied());
                match live.filter(|live| live.prefix_len() == prefix && pool.contains(live)) {
                    Some(live) => {
                        blocks.insert(env.name.as_str(), live);
                    }
                    None => waiting.push((prefix, env, pool)),
                }
            }
            Allocation::Sized(_) | Allocation::Share => {
                diagnostics.push(errors::environment_without_pool(env.cidr.span(), &env.name));
            }
        }
    }
    // Of equals, the one with the least choice.
    waiting.sort_by_key(|(prefix, _, pool)| (*prefix, std::cmp::Reverse(pool.prefix_len())));
    for (prefix, env, pool) in waiting {
        let mut taken: Vec<Ipv4Net> = blocks.values().copied().collect();
        let region = env.facts(facts);
        taken
            .extend(region.iter().flat_map(|region| &region.vpcs).flat_map(|vpc| vpc.blocks.iter().copied()));
        // A route to more than the pool is a summary: the blocks of VPCs are among those that it leads to.
        taken.extend(vpn_destinations(env).filter(|destination| !destination.contains(&pool)));
        match address_space::choose(&env.name, prefix, pool, &taken) {
            Some(block) => {
                blocks.insert(env.name.as_str(), block);
            }
            None => diagnostics.push(errors::pool_exhausted(
                env.cidr.span(),
                &env.name,
                prefix,
                pool,
                &obstacles(model, &blocks, facts, env, pool),
            )),
        }
    }
    blocks
}

/// Blocks an environment reaches through its VPN gateway.
pub(crate) fn vpn_destinations(env: &Environment) -> impl Iterator<Item = Ipv4Net> {
    env.networks
        .iter()
        .flat_map(|network| &network.routes.value)
        .filter(|route| route.value.via == Via::Vgw)
        .map(|route| route.value.destination)
}

/// The VPCs that are in the way in a pool, one on each line, for a message.
fn obstacles(
    model: &Model,
    blocks: &BTreeMap<&str, Ipv4Net>,
    facts: &Facts,
    env: &Environment,
    pool: Ipv4Net,
) -> String {
    let mut found: Vec<(Ipv4Net, String)> = Vec::new();
    for other in &model.environments {
        if let Some(block) = blocks.get(other.name.as_str()) {
            found.push((*block, format!("environment `{}`", other.name)));
        }
    }
    let routed = vpn_destinations(env).filter(|block| !block.contains(&pool));
    found.extend(routed.map(|block| (block, "routed to the VPN gateway".to_owned())));
    for vpc in env.facts(facts).iter().flat_map(|region| &region.vpcs) {
        let name = vpc.name.as_deref().unwrap_or("no name");
        found.extend(vpc.blocks.iter().map(|block| (*block, format!("live VPC {} ({name})", vpc.id))));
    }
    found.retain(|(block, _)| address_space::overlaps(*block, pool));
    found.sort();
    found.dedup_by_key(|(block, _)| *block);
    draw(found.iter().map(|(block, who)| (*block, who.as_str())))
}

/// CIDR blocks and their owners, one on each line, aligned.
fn draw<'a>(rows: impl Iterator<Item = (Ipv4Net, &'a str)>) -> String {
    let mut text = String::new();
    for (block, who) in rows {
        let _ = write!(text, "\n  {:<18} {who}", block.to_string());
    }
    text
}

/// The zones of an environment: those of its live subnets, else the first unused ones.
fn zones(
    env: &Environment,
    region: Option<&RegionFacts>,
    live: &live::Subnets,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let of_library = || library::zones(&env.region.value, env.zones.value);
    let available = region.map(|region| region.zones.clone()).filter(|zones| !zones.is_empty());
    let available = available.unwrap_or_else(of_library);
    let wanted = env.zones.value;
    if wanted > available.len() {
        diagnostics.push(errors::not_enough_zones(env.zones.place(env.span), env, wanted, &available));
    }
    let pinned = live.zones();
    let mut spare = available.iter().filter(|zone| !pinned.values().any(|pinned| pinned == *zone));
    (0..wanted).filter_map(|slot| pinned.get(&slot).or_else(|| spare.next()).cloned()).collect()
}

fn networks(
    env: &Environment,
    vpc: Ipv4Net,
    live: &live::Subnets,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, NetworkLayout> {
    let zones = env.zones.value;
    let asks: Vec<Ask> = env.networks.iter().map(|network| ask(&network.cidr.value)).collect();
    // The result of a first apply. If it matches the live subnets, nothing has changed.
    let fresh = address_space::allocate(vpc, &asks);
    let kept = live.keep(env, vpc, &asks, &fresh);
    let settled: Vec<Ask> = asks
        .iter()
        .zip(&kept)
        .map(|(ask, kept)| kept.as_ref().map_or(*ask, |kept| Ask::Fixed(kept.block)))
        .collect();
    let blocks = address_space::allocate(vpc, &settled);
    let mut laid = BTreeMap::new();
    for (((network, block), kept), fresh) in env.networks.iter().zip(&blocks).zip(&kept).zip(&fresh) {
        let Some(block) = *block else {
            let rows = space_of(env, vpc, &blocks);
            let free = draw(rows.iter().map(|(block, who)| (*block, who.as_str())));
            diagnostics.push(errors::no_room(
                network.cidr.place(network.span),
                &network.name,
                &env.name,
                vpc,
                &free,
            ));
            continue;
        };
        let wanted_parts = env.parts(network);
        let split = |block| address_space::split(block, zones, wanted_parts);
        let kept_prefix = kept.as_ref().and_then(|kept| kept.subnet_prefix);
        let prefix = kept_prefix.unwrap_or_else(|| address_space::part_prefix(block, wanted_parts));
        let subnets: Vec<Ipv4Net> =
            (0..zones).filter_map(|zone| address_space::nth(block, prefix, zone)).collect();
        let computed = fresh.map(split).filter(|computed| kept_prefix.is_some() && *computed != subnets);
        let parts = 1_usize.checked_shl(prefix.saturating_sub(block.prefix_len()).into()).unwrap_or(1);
        laid.insert(network.name.clone(), NetworkLayout { block, subnets, parts, computed });
    }
    laid
}

fn ask(allocation: &Allocation) -> Ask {
    match allocation {
        Allocation::Fixed(block) => Ask::Fixed(*block),
        Allocation::Sized(prefix) => Ask::Sized(*prefix),
        // A pool makes no sense for a metanetwork; that has been said.
        Allocation::Share | Allocation::Pool { .. } => Ask::Share,
    }
}

/// The address space of a VPC in order of address: CIDR blocks with their owners, spare slots, and free blocks.
pub(crate) fn space_of(
    env: &Environment,
    vpc: Ipv4Net,
    blocks: &[Option<Ipv4Net>],
) -> Vec<(Ipv4Net, String)> {
    let mut rows: Vec<(Ipv4Net, String)> = env
        .networks
        .iter()
        .zip(blocks)
        .filter_map(|(network, block)| Some(((*block)?, network.name.clone())))
        .collect();
    let taken: Vec<Ipv4Net> = rows.iter().map(|(block, _)| *block).collect();
    for (block, owner) in rows.clone() {
        let parts = env.network(&owner).map_or(env.zones.value, |network| env.parts(network));
        let spare = address_space::spare_slots(block, env.zones.value, parts);
        let is_unused = |slot: &Ipv4Net| !taken.iter().any(|other| slot.contains(other));
        rows.extend(spare.filter(is_unused).map(|slot| (slot, format!("the spare slot of {owner}"))));
    }
    rows.extend(address_space::remainder(vpc, taken).into_iter().map(|block| (block, "free".to_owned())));
    rows.sort();
    rows
}

#[cfg(test)]
mod tests;

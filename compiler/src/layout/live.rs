//! The live subnets of an environment, and the CIDR blocks that a layout keeps from them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, RegionFacts};
use ipnet::Ipv4Net;

use super::{EnvLayout, NetworkLayout};
use crate::address_space::{self, Ask};
use crate::model::Environment;

/// The live subnets of an environment: by metanetwork and slot, the block and the zone.
#[derive(Debug, Default)]
pub(super) struct Subnets(BTreeMap<String, BTreeMap<usize, (Ipv4Net, String)>>);

/// A metanetwork that keeps its CIDR block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) block: Ipv4Net,
    /// Prefix of its subnets; nothing if they have to be divided again.
    pub(super) subnet_prefix: Option<u8>,
}

/// The live subnets of `env` in its live VPC, where that has block `vpc`.
pub(super) fn subnets(env: &Environment, vpc: Ipv4Net, region: Option<&RegionFacts>) -> Subnets {
    let mut found = Subnets::default();
    let Some(region) = region else { return found };
    let Some(live) = super::live_vpc(env, Some(region)).filter(|live| live.blocks.first() == Some(&vpc))
    else {
        return found;
    };
    for (address, subnet) in region.subnets.iter().filter(|(_, subnet)| subnet.vpc == live.id) {
        if let Some((network, slot)) = parse(&env.name, address) {
            let slots = found.0.entry(network.to_owned()).or_default();
            slots.insert(slot, (subnet.cidr, subnet.zone.clone()));
        }
    }
    found.rename(env);
    found
}

/// The metanetwork and slot of `ENV/NETWORK/subnet/NUMBER`.
fn parse<'a>(env: &str, address: &'a Address) -> Option<(&'a str, usize)> {
    let path = address.as_str().strip_prefix(env)?.strip_prefix('/')?;
    let (network, number) = path.split_once("/subnet/")?;
    Some((network, number.parse::<usize>().ok()?.checked_sub(1)?))
}

impl Subnets {
    /// Gives the subnets of the only metanetwork that is gone to the only one that is new: a renamed one keeps its block.
    fn rename(&mut self, env: &Environment) {
        let declared: BTreeSet<&str> = env.networks.iter().map(|network| network.name.as_str()).collect();
        let mut gone = self.0.keys().filter(|name| !declared.contains(name.as_str())).cloned();
        let mut new = declared.iter().filter(|name| !self.0.contains_key(**name));
        if let (Some(old), None, Some(new), None) = (gone.next(), gone.next(), new.next(), new.next()) {
            let new = (*new).to_owned();
            if let Some(slots) = self.0.remove(&old) {
                self.0.insert(new, slots);
            }
        }
    }

    /// The subnets after an apply of `laid`.
    pub(super) fn of(laid: &EnvLayout) -> Self {
        let slots = |own: &NetworkLayout| {
            let slots = own.subnets.iter().zip(&laid.zones).enumerate();
            slots.map(|(slot, (block, zone))| (slot, (*block, zone.clone()))).collect()
        };
        Self(laid.networks.iter().map(|(name, own)| (name.clone(), slots(own))).collect())
    }

    /// The zone of each slot that has a live subnet.
    pub(super) fn zones(&self) -> BTreeMap<usize, String> {
        let mut zones = BTreeMap::new();
        for (slot, (_, zone)) in self.0.values().flatten() {
            zones.entry(*slot).or_insert_with(|| zone.clone());
        }
        zones
    }

    /// For each metanetwork of `env` the block it keeps; nothing for a new one, or one that has to move.
    pub(super) fn keep(
        &self,
        env: &Environment,
        vpc: Ipv4Net,
        asks: &[Ask],
        fresh: &[Option<Ipv4Net>],
    ) -> Vec<Option<Kept>> {
        let zones = env.zones.value;
        let grids: Vec<Option<Grid>> =
            env.networks.iter().map(|network| Grid::of(self.0.get(&network.name)?)).collect();
        let mut kept: Vec<Option<Kept>> = Vec::new();
        for (at, grid) in grids.iter().enumerate() {
            let others = || {
                let earlier = kept.iter().flatten().map(|kept| kept.block);
                let later = grids.iter().skip(at + 1).flatten().map(Grid::extent);
                let declared = asks.iter().enumerate().filter_map(|(other, ask)| match ask {
                    Ask::Fixed(block) if other != at => Some(*block),
                    Ask::Fixed(_) | Ask::Sized(_) | Ask::Share => None,
                });
                earlier.chain(later).chain(declared).collect::<Vec<_>>()
            };
            kept.push(match (grid, env.networks.get(at), asks.get(at), fresh.get(at)) {
                (Some(grid), Some(network), Some(ask), Some(fresh)) => {
                    let others = others();
                    let is_free = |block: &Ipv4Net| {
                        vpc.contains(block)
                            && others.iter().all(|other| !address_space::overlaps(*other, *block))
                    };
                    let parts = env.max_zones(network).map(|_| env.parts(network));
                    grid.keep(*ask, *fresh, zones, parts, &is_free)
                }
                _ => None,
            });
        }
        kept
    }
}

/// The live subnets of a metanetwork as a grid of equal parts.
#[derive(Debug)]
struct Grid {
    /// The start of slot 0.
    base: Ipv4Net,
    /// Slots up to the last live one.
    slots: usize,
}

impl Grid {
    /// The grid that contains all of `subnets`, if there is one.
    fn of(subnets: &BTreeMap<usize, (Ipv4Net, String)>) -> Option<Self> {
        let (first, (block, _)) = subnets.first_key_value()?;
        let size = 1_u64.checked_shl(u32::from(32 - block.prefix_len()))?;
        let start = u64::from(u32::from(block.network())).checked_sub(size.checked_mul(*first as u64)?)?;
        let base = Ipv4Net::new(u32::try_from(start).ok()?.into(), block.prefix_len()).ok()?;
        let grid = Self { base, slots: subnets.last_key_value()?.0 + 1 };
        let is_regular = subnets.iter().all(|(slot, (block, _))| grid.slot(*slot) == Some(*block));
        is_regular.then_some(grid)
    }

    fn slot(&self, index: usize) -> Option<Ipv4Net> {
        address_space::nth(self.base, self.base.prefix_len(), index)
    }

    /// The smallest block that contains the grid.
    fn extent(&self) -> Ipv4Net {
        self.block_for(self.slots).unwrap_or(self.base)
    }

    /// The aligned block at the base with this number of slots.
    fn block_for(&self, slots: usize) -> Option<Ipv4Net> {
        let prefix = self.base.prefix_len().checked_sub(address_space::bits(slots))?;
        let block = Ipv4Net::new(self.base.network(), prefix).ok()?;
        (block.trunc() == block).then_some(block)
    }

    fn holds(&self, block: Ipv4Net, zones: usize) -> bool {
        let last = self.slots.max(zones).checked_sub(1).and_then(|last| self.slot(last));
        block.network() == self.base.network() && last.is_some_and(|last| block.contains(&last))
    }

    /// The CIDR block that the metanetwork keeps, given its request, the fresh result, the number of parts that the
    /// program says, and the blocks that no other metanetwork uses.
    ///
    /// Where the program says no number of parts, the live one stays: the block may have become larger, or zones may
    /// have gone, and the live subnets do not tell which.
    fn keep(
        &self,
        ask: Ask,
        fresh: Option<Ipv4Net>,
        zones: usize,
        parts: Option<usize>,
        is_free: &dyn Fn(&Ipv4Net) -> bool,
    ) -> Option<Kept> {
        let as_is = |block: Ipv4Net| Kept { block, subnet_prefix: Some(self.base.prefix_len()) };
        let fits = |block: &Ipv4Net| {
            let is_divided_so = |parts| address_space::part_prefix(*block, parts) == self.base.prefix_len();
            self.holds(*block, zones) && parts.is_none_or(is_divided_so)
        };
        match ask {
            Ask::Fixed(block) => fits(&block).then(|| as_is(block)),
            Ask::Sized(prefix) => {
                let block = Ipv4Net::new(self.base.network(), prefix).ok()?;
                (block.trunc() == block && fits(&block) && is_free(&block)).then(|| as_is(block))
            }
            Ask::Share => {
                let fresh = fresh.filter(|fresh| fits(fresh) && is_free(fresh));
                let slots = self.slots.max(zones).max(parts.unwrap_or_default());
                let grown = self.block_for(slots).filter(|block| fits(block) && is_free(block));
                match fresh.or(grown) {
                    Some(block) => Some(as_is(block)),
                    // More zones than parts, and no room to grow: the same block, cut anew.
                    None => Some(Kept { block: self.extent(), subnet_prefix: None }),
                }
            }
        }
    }
}

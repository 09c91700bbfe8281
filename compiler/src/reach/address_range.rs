//! Divides addresses into ranges within which every address has the same answer.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::network::{Network, Subnet, Topology};
use super::place::Place;

/// A CIDR block without the narrower blocks that are ranges of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct AddressRange<'w, 'i> {
    pub(super) block: Ipv4Net,
    pub(super) home: Home<'w, 'i>,
}

/// The location of a range.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home<'w, 'i> {
    /// Instances of a metanetwork.
    Subnet(&'w Network<'i>, &'w Subnet<'i>),
    /// Outside of all environments.
    Outside,
    /// Behind the VPN gateway of an environment.
    Vpn,
}

impl<'w, 'i> AddressRange<'w, 'i> {
    /// The metanetwork that it is a part of.
    pub(super) fn network(&self) -> Option<&'w Network<'i>> {
        match self.home {
            Home::Subnet(network, _) => Some(network),
            Home::Outside | Home::Vpn => None,
        }
    }
}

/// Every address.
pub(super) const EVERYWHERE: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0);

/// Blocks that are not public (IANA IPv4 Special-Purpose Address Registry). The blocks for documentation are left
/// out: examples use them as public addresses.
const SPECIAL: &[Ipv4Net] = &[
    Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 8),
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Prefix length from which a block is a place of its own, such as an office, and no longer the internet.
const OWN_PLACE: u8 = 16;

/// Whether addresses of a block are public ones.
pub(super) fn is_public(block: Ipv4Net) -> bool {
    !SPECIAL.iter().any(|special| special.contains(&block))
}

/// The ranges of `place` as seen from environment `env`, divided at `cuts`.
pub(super) fn address_ranges<'w, 'i>(
    topology: &'w Topology<'i>,
    place: &Place,
    env: &str,
    cuts: &[Ipv4Net],
) -> Vec<AddressRange<'w, 'i>> {
    match place {
        Place::Network { env, network } => {
            let found =
                topology.environments.get(env.as_str()).and_then(|env| env.networks.get(network.as_str()));
            found.into_iter().flat_map(|network| inside(network, EVERYWHERE, cuts)).collect()
        }
        Place::Vpn { .. } => vec![AddressRange { block: EVERYWHERE, home: Home::Vpn }],
        Place::Internet => outside(topology, EVERYWHERE, env, cuts)
            .filter(|addresses| is_public(addresses.block) && addresses.block.prefix_len() < OWN_PLACE)
            .collect(),
        Place::Block(block) => {
            let around = vpcs(topology, env).find(|(_, vpc)| vpc.contains(block)).map(|(name, _)| name);
            match around.and_then(|name| topology.environments.get(name)) {
                Some(env) => {
                    env.networks.values().flat_map(|network| inside(network, *block, cuts)).collect()
                }
                None => outside(topology, *block, env, cuts).collect(),
            }
        }
    }
}

/// Blocks of the environment and of those that peerings join to it.
fn vpcs<'w>(topology: &'w Topology<'_>, env: &'w str) -> impl Iterator<Item = (&'w str, Ipv4Net)> {
    let names = std::iter::once(env).chain(topology.peers(env));
    names.filter_map(|name| Some((name, topology.environments.get(name)?.block?)))
}

/// The part of a metanetwork that lies in `block`.
fn inside<'w, 'i>(
    network: &'w Network<'i>,
    block: Ipv4Net,
    cuts: &[Ipv4Net],
) -> impl Iterator<Item = AddressRange<'w, 'i>> {
    network.subnets.iter().flat_map(move |subnet| {
        let common = if block.contains(&subnet.block) {
            Some(subnet.block)
        } else {
            subnet.block.contains(&block).then_some(block)
        };
        let home = Home::Subnet(network, subnet);
        common.into_iter().flat_map(|common| cut(common, cuts)).map(move |block| AddressRange { block, home })
    })
}

/// The part of `block` that lies outside of the environment and of those peered with it.
fn outside<'w, 'i>(
    topology: &'w Topology<'i>,
    block: Ipv4Net,
    env: &str,
    cuts: &[Ipv4Net],
) -> impl Iterator<Item = AddressRange<'w, 'i>> {
    let vpcs: Vec<Ipv4Net> = vpcs(topology, env).map(|(_, vpc)| vpc).collect();
    let all: Vec<Ipv4Net> = cuts.iter().chain(SPECIAL).chain(&vpcs).copied().collect();
    let ranges = cut(block, &all).into_iter();
    let ranges = ranges.filter(move |block| !vpcs.iter().any(|vpc| vpc.contains(block)));
    ranges.map(|block| AddressRange { block, home: Home::Outside })
}

/// `block` and those of `cuts` strictly within it, without blocks that narrower ones cover entirely.
fn cut(block: Ipv4Net, cuts: &[Ipv4Net]) -> Vec<Ipv4Net> {
    let within: BTreeSet<Ipv4Net> =
        cuts.iter().filter(|cut| **cut != block && block.contains(*cut)).copied().collect();
    let mut blocks: BTreeSet<Ipv4Net> = within.clone();
    blocks.insert(block);
    blocks.into_iter().filter(|block| !is_covered(*block, &within)).collect()
}

/// Whether narrower ones of `blocks` cover `block` entirely.
fn is_covered(block: Ipv4Net, blocks: &BTreeSet<Ipv4Net>) -> bool {
    let narrower: Vec<Ipv4Net> =
        blocks.iter().filter(|other| **other != block && block.contains(*other)).copied().collect();
    let size = |block: Ipv4Net| 1_u64 << (32 - block.prefix_len());
    // Blocks nest or are apart, so only the widest count.
    let widest =
        narrower.iter().filter(|one| !narrower.iter().any(|other| other != *one && other.contains(*one)));
    widest.map(|block| size(*block)).sum::<u64>() == size(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(block: &str, at: &[&str]) -> Vec<String> {
        let at: Vec<Ipv4Net> = at.iter().map(|cut| cut.parse().unwrap()).collect();
        cut(block.parse().unwrap(), &at).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_block_is_cut_where_something_narrower_is_named() {
        assert_eq!(cuts("10.0.0.0/24", &["0.0.0.0/0", "10.0.0.0/24", "11.0.0.0/8"]), ["10.0.0.0/24"]);
        assert_eq!(cuts("10.0.0.0/24", &["10.0.0.8/29"]), ["10.0.0.0/24", "10.0.0.8/29"]);
        assert_eq!(cuts("10.0.0.0/24", &["10.0.0.0/25", "10.0.0.128/25"]), ["10.0.0.0/25", "10.0.0.128/25"]);
        assert_eq!(
            cuts("10.0.0.0/24", &["10.0.0.0/25", "10.0.0.0/26", "10.0.0.64/26"]),
            ["10.0.0.0/24", "10.0.0.0/26", "10.0.0.64/26"]
        );
    }

    #[test]
    fn private_addresses_are_not_public() {
        assert!(is_public(EVERYWHERE));
        assert!(is_public("203.0.113.0/24".parse().unwrap()));
        assert!(!is_public("172.31.0.0/16".parse().unwrap()));
        assert!(!is_public("255.0.0.0/8".parse().unwrap()));
    }
}

//! Divides addresses into ranges within which every address has the same answer.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::end::End;
use super::machines::{Class, Role};
use super::network::{Network, Subnet, Topology};
use super::place::{Extent, Place};

/// A CIDR block without the narrower blocks that are ranges of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct AddressRange<'w, 'i> {
    pub(super) block: Ipv4Net,
    pub(super) home: Home<'w, 'i>,
}

/// The location of a range.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home<'w, 'i> {
    /// In a metanetwork.
    Inside(Spot<'w, 'i>),
    /// Outside of all environments, in a block that somebody names.
    Outside,
    /// Outside of all environments, in no such block.
    Internet,
    /// Behind the VPN gateway of an environment.
    Vpn,
}

/// Machines of one class in one subnet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'w, 'i> {
    pub(super) network: &'w Network<'i>,
    pub(super) subnet: &'w Subnet<'i>,
    pub(super) class: &'w Class<'i>,
}

impl<'w, 'i> AddressRange<'w, 'i> {
    /// The machines.
    pub(super) fn spot(&self) -> Option<Spot<'w, 'i>> {
        match self.home {
            Home::Inside(spot) => Some(spot),
            Home::Outside | Home::Internet | Home::Vpn => None,
        }
    }

    /// Whether it is of machines with this role.
    pub(super) fn is_of(&self, role: Role) -> bool {
        self.spot().is_some_and(|spot| spot.class.role == role)
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
pub(super) const OWN_PLACE: u8 = 16;

/// Blocks for documentation (RFC 5737), which nobody has.
const DOCUMENTATION: &[Ipv4Net] = &[
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
];

/// First octets of the blocks that AWS gives most addresses of instances from, each with one of these blocks (AWS's
/// `ip-ranges.json`, prefixes of the service `EC2`, or of `AMAZON` where it is said). AWS has single blocks elsewhere, too.
const POOLS: &[u8] = &[
    3,  // 3.36.0.0/14
    13, // 13.112.0.0/14
    15, // 15.193.6.0/24
    16, // 16.62.0.0/15
    18, // 18.184.0.0/15
    23, // 23.20.0.0/14
    34, // 34.224.0.0/12
    35, // 35.160.0.0/13
    43, // 43.198.0.0/15, of `AMAZON`
    44, // 44.224.0.0/11
    46, // 46.137.192.0/19
    50, // 50.19.0.0/16
    51, // 51.20.0.0/14, of `AMAZON`
    52, // 52.208.0.0/13
    54, // 54.68.0.0/14
    65, // 65.0.0.0/14
    79, // 79.125.0.0/17
    99, // 99.80.0.0/15
];

/// The narrowest block that is announced in the internet. A narrower one is a part of somebody's.
const ANNOUNCED: u8 = 24;

/// Whether AWS may choose a public address of this block. A single address that a rule names has somebody already.
pub(super) fn may_be_chosen(block: Ipv4Net) -> bool {
    let is_documentation = DOCUMENTATION.iter().any(|documentation| documentation.contains(&block));
    let [first, ..] = block.network().octets();
    let is_wide = block.prefix_len() <= ANNOUNCED || block.prefix_len() < 32 && POOLS.contains(&first);
    is_wide && is_public(block) && !is_documentation
}

/// Whether addresses of a block are public ones.
pub(super) fn is_public(block: Ipv4Net) -> bool {
    !SPECIAL.iter().any(|special| special.contains(&block))
}

/// The ranges of `place` as seen from environment `env`, divided at `cuts`. Machines inside of a block that is wider than
/// their VPC are a part of it only where `extent` is everything.
pub(super) fn address_ranges<'w, 'i>(
    topology: &'w Topology<'i>,
    end: &'w End<'i>,
    env: &str,
    cuts: &[Ipv4Net],
    extent: Extent,
) -> Vec<AddressRange<'w, 'i>> {
    match &end.place {
        Place::Network { .. } | Place::Machines { .. } => {
            let found = networks(topology, end, env, extent).into_iter();
            found.flat_map(|network| inside(network, EVERYWHERE, cuts)).collect()
        }
        Place::Vpn { .. } => vec![AddressRange { block: EVERYWHERE, home: Home::Vpn }],
        Place::Internet => outside(topology, EVERYWHERE, env, cuts)
            .filter(|addresses| is_public(addresses.block) && addresses.block.prefix_len() < OWN_PLACE)
            .map(|addresses| AddressRange { home: Home::Internet, ..addresses })
            .collect(),
        Place::Block(block) => {
            let inside = networks(topology, end, env, extent)
                .into_iter()
                .flat_map(|network| inside(network, *block, cuts));
            let is_inside = vpcs(topology, env).any(|(_, vpc)| vpc.contains(block));
            let outside = (!is_inside).then(|| outside(topology, *block, env, cuts));
            inside.chain(outside.into_iter().flatten()).collect()
        }
    }
}

/// The metanetworks that are, or have a part of, an end as seen from environment `env`.
pub(super) fn networks<'w, 'i>(
    topology: &'w Topology<'i>,
    end: &'w End<'i>,
    env: &str,
    extent: Extent,
) -> Vec<&'w Network<'i>> {
    match &end.place {
        Place::Machines { .. } => end.narrowed.iter().collect(),
        Place::Network { env, network } => {
            let env = topology.environments.get(env.as_str());
            env.and_then(|env| env.networks.get(network.as_str())).into_iter().collect()
        }
        Place::Block(block) => vpcs(topology, env)
            .filter(|(_, vpc)| vpc.contains(block) || extent == Extent::Everything && block.contains(vpc))
            .filter_map(|(name, _)| topology.environments.get(name))
            .flat_map(|env| env.networks.values())
            .collect(),
        Place::Internet | Place::Vpn { .. } => Vec::new(),
    }
}

/// Blocks of the environment and of those that peerings join to it.
fn vpcs<'w>(topology: &'w Topology<'_>, env: &'w str) -> impl Iterator<Item = (&'w str, Ipv4Net)> {
    let names = std::iter::once(env).chain(topology.peers(env));
    names.filter_map(|name| Some((name, topology.environments.get(name)?.block?)))
}

/// The machines of a metanetwork with an address in `block`, by class and subnet.
fn inside<'w, 'i>(
    network: &'w Network<'i>,
    block: Ipv4Net,
    cuts: &[Ipv4Net],
) -> impl Iterator<Item = AddressRange<'w, 'i>> {
    let pieces = pieces(network, block, cuts);
    let ranges = network.classes.iter().flat_map(|class| in_pieces(network, class, &pieces));
    ranges.collect::<Vec<_>>().into_iter()
}

/// The machines of one class of a metanetwork.
pub(super) fn ranges_of<'w, 'i>(
    network: &'w Network<'i>,
    class: &'w Class<'i>,
    cuts: &[Ipv4Net],
) -> Vec<AddressRange<'w, 'i>> {
    in_pieces(network, class, &pieces(network, EVERYWHERE, cuts))
}

/// What each subnet of a metanetwork has of `block`, divided at `cuts`.
fn pieces(network: &Network<'_>, block: Ipv4Net, cuts: &[Ipv4Net]) -> Vec<Vec<Ipv4Net>> {
    let pieces = network.subnets.iter().map(|subnet| {
        let common = if block.contains(&subnet.block) {
            Some(subnet.block)
        } else {
            subnet.block.contains(&block).then_some(block)
        };
        common.into_iter().flat_map(|common| cut(common, cuts)).collect()
    });
    pieces.collect()
}

fn in_pieces<'w, 'i>(
    network: &'w Network<'i>,
    class: &'w Class<'i>,
    pieces: &[Vec<Ipv4Net>],
) -> Vec<AddressRange<'w, 'i>> {
    let mut ranges = Vec::new();
    for (at, subnet) in network.subnets.iter().enumerate().filter(|(at, _)| class.subnets.contains(at)) {
        let home = Home::Inside(Spot { network, subnet, class });
        let pieces = pieces.get(at).map(Vec::as_slice).unwrap_or_default();
        let is_possible = |piece: &&Ipv4Net| match class.role {
            Role::StaticAddresses => class.addresses.keys().any(|ip| narrowest(pieces, *ip) == Some(**piece)),
            // AWS gives no other instance an address that an interface has.
            Role::Instances | Role::Balancers | Role::Stores(_) | Role::Anything => {
                piece.prefix_len() < 32 || !network.addresses.contains(&piece.network())
            }
        };
        let pieces = pieces.iter().filter(is_possible);
        ranges.extend(pieces.map(|block| AddressRange { block: *block, home }));
    }
    ranges
}

/// The piece that an address belongs to.
pub(super) fn narrowest(pieces: &[Ipv4Net], ip: Ipv4Addr) -> Option<Ipv4Net> {
    pieces.iter().copied().filter(|piece| piece.contains(&ip)).max_by_key(Ipv4Net::prefix_len)
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
pub(super) fn cut(block: Ipv4Net, cuts: &[Ipv4Net]) -> Vec<Ipv4Net> {
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

/// An address if it is known, else what it may be in.
pub(super) fn public_pieces(address: Option<Ipv4Addr>, cuts: &[Ipv4Net]) -> Vec<Ipv4Net> {
    if let Some(ip) = address {
        return vec![ip.into()];
    }
    let chosen: Vec<Ipv4Net> = cuts.iter().copied().filter(|block| may_be_chosen(*block)).collect();
    cut(EVERYWHERE, &chosen).into_iter().filter(|block| is_public(*block)).collect()
}

/// The narrowest block around all of `blocks`.
pub(super) fn around(blocks: impl Iterator<Item = Ipv4Net>) -> Ipv4Net {
    let wider = |one: Ipv4Net, other: Ipv4Net| {
        let mut around = Some(one);
        while let Some(block) = around.filter(|block| !block.contains(&other)) {
            around = block.supernet();
        }
        around.unwrap_or(EVERYWHERE)
    };
    blocks.reduce(wider).unwrap_or(EVERYWHERE)
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

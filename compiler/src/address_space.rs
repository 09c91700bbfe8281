//! Allocates CIDR blocks. Pure arithmetic, no AWS names.

use ipnet::Ipv4Net;

/// Longest prefix that AWS accepts for a VPC and a subnet (VPC user guide, "VPC CIDR blocks").
pub(crate) const LONGEST: u8 = 28;
/// Shortest prefix that AWS accepts for a VPC and a subnet.
pub(crate) const SHORTEST: u8 = 16;

/// Addresses that AWS reserves in every subnet (VPC user guide, "Subnet CIDR blocks").
pub(crate) const RESERVED_IN_SUBNET: u64 = 5;

/// A request for a part of a CIDR block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// This CIDR block: declared, or live already.
    Fixed(Ipv4Net),
    /// Any free CIDR block with this prefix.
    Sized(u8),
    /// An equal share of the space that the others leave.
    Share,
}

/// Allocates a CIDR block of `whole` for each ask; nothing for one that does not fit.
///
/// Fixed asks are taken as they are, even if they overlap: the proofs report that. Sized asks take the first free
/// aligned block, the largest first, then in order. Shares are the largest equal aligned blocks of which there are
/// enough. The same asks always give the same blocks.
pub(crate) fn allocate(whole: Ipv4Net, asks: &[Ask]) -> Vec<Option<Ipv4Net>> {
    let mut given: Vec<Option<Ipv4Net>> = asks
        .iter()
        .map(|ask| match ask {
            Ask::Fixed(block) => Some(*block),
            Ask::Sized(_) | Ask::Share => None,
        })
        .collect();
    let mut free = vec![whole];
    for block in given.iter().flatten() {
        take(&mut free, *block);
    }
    let mut sized: Vec<(u8, usize)> = asks
        .iter()
        .enumerate()
        .filter_map(|(at, ask)| match ask {
            Ask::Sized(prefix) => Some((*prefix, at)),
            Ask::Fixed(_) | Ask::Share => None,
        })
        .collect();
    sized.sort_unstable();
    for (prefix, at) in sized {
        let block = first_free(&free, prefix);
        if let (Some(block), Some(slot)) = (block, given.get_mut(at)) {
            take(&mut free, block);
            *slot = Some(block);
        }
    }
    let shares: Vec<usize> = (0..asks.len()).filter(|at| asks.get(*at) == Some(&Ask::Share)).collect();
    let equal = (whole.prefix_len()..=32).find(|prefix| count(&free, *prefix) >= shares.len() as u64);
    if let Some(prefix) = equal {
        for at in shares {
            let block = first_free(&free, prefix);
            if let (Some(block), Some(slot)) = (block, given.get_mut(at)) {
                take(&mut free, block);
                *slot = Some(block);
            }
        }
    }
    given
}

/// The part of `whole` outside of `taken`, as aligned blocks in order of address.
pub(crate) fn remainder(whole: Ipv4Net, taken: impl IntoIterator<Item = Ipv4Net>) -> Vec<Ipv4Net> {
    let mut free = vec![whole];
    for block in taken {
        take(&mut free, block);
    }
    free
}

/// Removes `block` from `free`, which stays in order of address.
fn take(free: &mut Vec<Ipv4Net>, block: Ipv4Net) {
    let mut left = Vec::with_capacity(free.len() + 8);
    for whole in free.drain(..) {
        if !overlaps(whole, block) {
            left.push(whole);
        } else if !block.contains(&whole) {
            left.extend(around(whole, block));
        }
    }
    *free = left;
}

/// The aligned blocks that make up `whole` without `hole`, which lies inside it.
fn around(whole: Ipv4Net, hole: Ipv4Net) -> Vec<Ipv4Net> {
    let (mut low, mut high) = (Vec::new(), Vec::new());
    let mut at = whole;
    while at != hole {
        let Some((left, right)) = halves(at) else { break };
        if left.contains(&hole) {
            high.push(right);
            at = left;
        } else {
            low.push(left);
            at = right;
        }
    }
    low.extend(high.into_iter().rev());
    low
}

fn halves(block: Ipv4Net) -> Option<(Ipv4Net, Ipv4Net)> {
    let mut halves = block.subnets(block.prefix_len() + 1).ok()?;
    Some((halves.next()?, halves.next()?))
}

/// The number of aligned blocks of `prefix` that fit into `free`.
fn count(free: &[Ipv4Net], prefix: u8) -> u64 {
    free.iter()
        .filter(|block| block.prefix_len() <= prefix)
        .map(|block| 1_u64 << (prefix - block.prefix_len()))
        .sum()
}

fn first_free(free: &[Ipv4Net], prefix: u8) -> Option<Ipv4Net> {
    let home = free.iter().find(|block| block.prefix_len() <= prefix)?;
    Ipv4Net::new(home.network(), prefix).ok()
}

/// Whether two blocks have an address in common.
pub(crate) fn overlaps(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// The number of bits that distinguish `n` values: ⌈log2 n⌉.
pub(crate) fn bits(n: usize) -> u8 {
    let bits = n.max(1).next_power_of_two().trailing_zeros();
    u8::try_from(bits).unwrap_or(u8::MAX)
}

/// The `index`th of the consecutive blocks of `prefix` from `base`; nothing beyond the end of the address space.
pub(crate) fn nth(base: Ipv4Net, prefix: u8, index: usize) -> Option<Ipv4Net> {
    let size = 1_u64.checked_shl(u32::from(32_u8.checked_sub(prefix)?))?;
    let start = u64::from(u32::from(base.network())) + size.checked_mul(index as u64)?;
    Ipv4Net::new(u32::try_from(start).ok()?.into(), prefix).ok()
}

/// The prefix of the parts of `block` when it is divided into 2^⌈log2 parts⌉.
pub(crate) fn part_prefix(block: Ipv4Net, parts: usize) -> u8 {
    block.prefix_len().saturating_add(bits(parts)).min(32)
}

/// Divides `block` into 2^⌈log2 parts⌉ aligned parts, and returns one for each of `zones`.
pub(crate) fn split(block: Ipv4Net, zones: usize, parts: usize) -> Vec<Ipv4Net> {
    let prefix = part_prefix(block, parts.max(zones));
    (0..zones).filter_map(|zone| nth(block, prefix, zone)).collect()
}

/// The parts of `block` that none of `zones` uses when it is divided into 2^⌈log2 parts⌉.
pub(crate) fn spare_slots(block: Ipv4Net, zones: usize, parts: usize) -> impl Iterator<Item = Ipv4Net> {
    let parts = parts.max(zones);
    let prefix = part_prefix(block, parts);
    (zones..parts.next_power_of_two()).filter_map(move |slot| nth(block, prefix, slot))
}

/// The block of `prefix` in `pool` for `name`: the first that overlaps none of `taken`, starting from a slot that
/// depends on the name alone.
pub(crate) fn choose(name: &str, prefix: u8, pool: Ipv4Net, taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    let slots = 1_u64.checked_shl(u32::from(prefix.checked_sub(pool.prefix_len())?))?;
    let start = fnv1a(name) % slots;
    let mut at = 0;
    while at < slots {
        let index = (start + at) % slots;
        let candidate = nth(pool, prefix, usize::try_from(index).ok()?)?;
        match taken.iter().find(|block| overlaps(**block, candidate)) {
            None => return Some(candidate),
            Some(obstacle) => {
                // Step over the whole obstacle at once: a pool may have millions of slots.
                let inside = if obstacle.prefix_len() < prefix && pool.contains(obstacle) {
                    let width = 1_u64 << (prefix - obstacle.prefix_len());
                    width - index % width
                } else if obstacle.contains(&pool) {
                    slots
                } else {
                    1
                };
                // A step never goes past the end of the pool, where the count starts over.
                at += inside.min(slots - index).max(1);
            }
        }
    }
    None
}

/// The FNV-1a hash, 64 bits: the same on every machine and in every release.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;

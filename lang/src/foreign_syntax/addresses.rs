//! CIDR blocks as others write them: with netmasks, as ranges, with wildcards.

use std::{net::Ipv4Addr, ops::Range};

use super::{ForeignKind, ForeignSyntax, Place, recognise, tokens::Token};

/// The addresses in a value that are no CIDR blocks.
pub(super) fn addresses(text: &str, tokens: &[Token<'_>], place: Place) -> Option<ForeignSyntax> {
    let mut found: Vec<(ForeignKind, Range<usize>, Option<String>)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        if let Some((kind, meant)) = address(token.bare()) {
            found.push((kind, token.at.clone(), meant));
        } else if let Some(next) = next
            && let Some(meant) = with_mask(token.bare(), next.bare())
        {
            found.push((ForeignKind::Netmask, token.at.start..next.at.end, Some(meant)));
        }
    }
    let (kind, at, _) = found.first()?.clone();
    let blocks: Option<Vec<String>> = found.iter().map(|(.., meant)| meant.clone()).collect();
    let meant = blocks.and_then(|blocks| {
        let mut whole = text.to_owned();
        for ((_, at, _), block) in found.iter().zip(blocks).rev() {
            whole.replace_range(at.clone(), &block);
        }
        // The rest may be in the syntax of the same program.
        match recognise(&whole, place) {
            Some(rest) => rest.meant,
            None => Some(whole),
        }
    });
    Some(ForeignSyntax { kind, at, meant, help: None })
}

/// A netmask, a range or a wildcard, with the CIDR block that it means.
fn address(text: &str) -> Option<(ForeignKind, Option<String>)> {
    if let Some((address, mask)) = text.split_once('/') {
        let (address, mask): (Ipv4Addr, Ipv4Addr) = (address.parse().ok()?, mask.parse().ok()?);
        return Some((ForeignKind::Netmask, prefix(mask).map(|prefix| format!("{address}/{prefix}"))));
    }
    if let Some((from, to)) = text.split_once('-') {
        let (from, to): (Ipv4Addr, Ipv4Addr) = (from.parse().ok()?, to.parse().ok()?);
        let differing = u32::from(from) ^ u32::from(to);
        let is_block = differing.leading_zeros() + differing.trailing_ones() >= 32
            && u32::from(from) & differing == 0
            && u32::from(to) & differing == differing;
        let block = is_block.then(|| format!("{from}/{}", differing.leading_zeros()));
        return Some((ForeignKind::AddressRange, block));
    }
    let parts: Vec<&str> = text.split('.').collect();
    let known = parts.iter().take_while(|part| part.parse::<u8>().is_ok()).count();
    let (numbers, wild) = parts.split_at_checked(known)?;
    let is_wild =
        parts.len() <= 4 && !numbers.is_empty() && !wild.is_empty() && wild.iter().all(|part| *part == "*");
    is_wild.then(|| {
        let zeros = std::iter::repeat_n("0", 4 - known);
        let address: Vec<&str> = numbers.iter().copied().chain(zeros).collect();
        (ForeignKind::AddressRange, Some(format!("{}/{}", address.join("."), known * 8)))
    })
}

/// `10.0.0.0` and `255.255.0.0`, as two words.
fn with_mask(address: &str, mask: &str) -> Option<String> {
    let address: Ipv4Addr = address.parse().ok()?;
    let mask: Ipv4Addr = mask.parse().ok().filter(|mask: &Ipv4Addr| mask.octets().first() == Some(&255))?;
    prefix(mask).map(|prefix| format!("{address}/{prefix}"))
}

/// The length of the prefix that a mask means; nothing if its bits are not all at the left.
fn prefix(mask: Ipv4Addr) -> Option<u32> {
    let mask = u32::from(mask);
    (mask.leading_ones() + mask.trailing_zeros() >= 32).then(|| mask.leading_ones())
}

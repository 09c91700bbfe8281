//! How traffic leaves a subnet: by the narrowest route of its table, or of those that a VPN gateway propagates.

use ipnet::Ipv4Net;

use super::network::{Entry, Subnet};

/// How traffic for a block leaves a subnet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Exit<'i> {
    Route(Entry<'i>),
    /// By this route, unless the VPN gateway propagates a narrower one.
    Contested(Entry<'i>),
    /// By a route that the VPN gateway propagates, if it does.
    Learned,
    None,
}

/// How traffic for all of `block` leaves. Of two routes for the same block, the one in the table wins.
pub(super) fn exit<'i>(subnet: &Subnet<'i>, block: Ipv4Net) -> Exit<'i> {
    match subnet.route(block) {
        Some(entry) if subnet.learns && entry.route.destination.prefix_len() < 32 => Exit::Contested(*entry),
        Some(entry) => Exit::Route(*entry),
        None if subnet.learns => Exit::Learned,
        None => Exit::None,
    }
}

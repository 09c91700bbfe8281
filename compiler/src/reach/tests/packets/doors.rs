//! Security groups at the end of a way, and what becomes of packets on several ways.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use asiaq_ir::{Address, Protocol};

use super::balancers::Socket;
use super::{Interface, Outcome, Passage, World};

/// The interface that a packet comes to, and the machine that gets it from there, if that is another one.
pub(super) struct Door<'p> {
    pub(super) interface: &'p Interface,
    pub(super) socket: Socket,
    pub(super) behind: Option<(&'p Interface, Socket)>,
}

impl Door<'_> {
    pub(super) fn admits(&self, world: &World<'_>, ip: Ipv4Addr, groups: &[Address]) -> bool {
        let (protocol, port) = self.socket;
        let passes_on = self.behind.as_ref().is_none_or(|(machine, (protocol, port))| {
            world.admits(machine, ip, &self.interface.groups, *protocol, *port)
        });
        world.admits(self.interface, ip, groups, protocol, port) && passes_on
    }
}

impl Passage {
    pub(super) const DROPPED: Self = Self::of(Outcome::Dropped);

    pub(super) const fn of(outcome: Outcome) -> Self {
        Self { arrives: outcome, connects: outcome }
    }

    /// On a way that has this outcome.
    pub(super) fn on(self, way: Outcome) -> Self {
        Self { arrives: self.arrives.min(way), connects: self.connects.min(way) }
    }

    /// By the better one of two ways.
    pub(super) fn or(self, other: Self) -> Self {
        Self { arrives: self.arrives.max(other.arrives), connects: self.connects.max(other.connects) }
    }

    /// By one way of several; nobody knows which.
    pub(super) fn alike(passages: impl IntoIterator<Item = Self>) -> Self {
        let passages: Vec<Self> = passages.into_iter().collect();
        let alike = |of: fn(&Self) -> Outcome| {
            let outcomes: BTreeSet<Outcome> = passages.iter().map(of).collect();
            match outcomes.len() {
                0 => Outcome::Dropped,
                1 => *outcomes.first().unwrap(),
                _ => Outcome::Unknown,
            }
        };
        Self { arrives: alike(|passage| passage.arrives), connects: alike(|passage| passage.connects) }
    }

    /// A packet of TCP only matters if it begins a connection.
    pub(super) fn of_protocol(self, protocol: Protocol) -> Self {
        if protocol == Protocol::Tcp { Self::of(self.connects) } else { self }
    }
}

//! One half of a path: out of a subnet, into the VPC, or back.
//! Sources: Amazon VPC User Guide ("Route priority", "NAT gateway use cases", "Internet gateways").

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::address_range::{EVERYWHERE, Home, Spot, cut, is_public, public_pieces};
use super::exit::{Exit, exit};
use super::fate::{Doubt, Fate, Hop, Obstacle};
use super::machines::Public;
use super::network::{Entry, Nat, Network, Subnet, Target, Topology};

/// The owner of addresses, which decides whether a VPN gateway may propagate a route to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Nobody's that is named: a propagated route to them would name them.
    Internet,
    /// Somebody's.
    Others,
    /// Those of machines of the project, which are taken to be nowhere else.
    Ours,
}

impl Whose {
    pub(super) fn of(home: Home<'_, '_>) -> Self {
        match home {
            Home::Internet => Self::Internet,
            Home::Outside | Home::Vpn => Self::Others,
            Home::Inside(_) => Self::Ours,
        }
    }

    /// The fate of traffic by a route where the VPN gateway of `network` may propagate a narrower one.
    pub(super) fn contested<'w, 'i>(self, fate: Fate<'w, 'i>, network: &'w Network<'i>) -> Fate<'w, 'i> {
        match (self, fate) {
            (_, fate @ Fate::Doubtful(..)) | (Self::Internet, fate) | (Self::Ours, fate @ Fate::Open(_)) => {
                fate
            }
            (Self::Others, Fate::Open(_) | Fate::Blocked(_)) | (Self::Ours, Fate::Blocked(_)) => {
                Fate::Doubtful(Vec::new(), Doubt::Learned(network))
            }
        }
    }
}

/// Through the internet gateway, from or to the public address of machines: `hop` leads there.
fn with_public_address<'w, 'i>(spot: Spot<'w, 'i>, entry: Entry<'i>, hop: Hop<'w, 'i>) -> Fate<'w, 'i> {
    match spot.class.public {
        Public::No => Fate::Blocked(vec![Obstacle::NoPublicAddress(spot, entry)]),
        Public::Static(_) | Public::Dynamic => Fate::Open(vec![hop]),
        Public::Assumed => Fate::Open(vec![hop, Hop::PublicAddress(spot)]),
    }
}

/// The address by which machines are seen outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Egress {
    Known(Ipv4Addr),
    /// AWS chooses it.
    Dynamic,
    /// Another network chooses it.
    Elsewhere,
}

/// From machines to addresses outside, and how they are seen there.
pub(super) fn out<'w, 'i>(
    topology: &'w Topology<'i>,
    from: Spot<'w, 'i>,
    block: Ipv4Net,
    whose: Whose,
) -> (Fate<'w, 'i>, Egress) {
    let network = from.network;
    let by = |entry: Entry<'i>| {
        let wrong = || (Fate::Blocked(vec![Obstacle::WrongRoute(network, entry, block)]), Egress::Elsewhere);
        match entry.target {
            Target::Internet if is_public(block) => {
                let fate = with_public_address(from, entry, Hop::There(network, entry));
                (fate, Egress::of(from.class.public.known()))
            }
            Target::Internet | Target::Peering(..) | Target::Nowhere => wrong(),
            Target::Vpn => unknown(Doubt::Vpn(network, entry)),
            Target::Elsewhere => unknown(Doubt::Elsewhere(network, entry)),
            Target::Nat(gateway) => match topology.subnet(gateway.subnet) {
                None => wrong(),
                Some(nat) => {
                    let (fate, egress) = by_nat(gateway, nat, block, whose);
                    (Fate::Open(vec![Hop::There(network, entry)]).then(fate), egress)
                }
            },
        }
    };
    leaving((network, from.subnet), block, whose, &by)
}

/// Through a NAT gateway in this subnet.
fn by_nat<'w, 'i>(
    gateway: Nat<'i>,
    (network, subnet): (&'w Network<'i>, &'w Subnet<'i>),
    block: Ipv4Net,
    whose: Whose,
) -> (Fate<'w, 'i>, Egress) {
    let by = |entry: Entry<'i>| match entry.target {
        Target::Internet if is_public(block) => {
            (Fate::Open(vec![Hop::There(network, entry)]), Egress::of(gateway.public))
        }
        Target::Vpn => unknown(Doubt::Vpn(network, entry)),
        Target::Elsewhere => unknown(Doubt::Elsewhere(network, entry)),
        Target::Internet | Target::Peering(..) | Target::Nat(_) | Target::Nowhere => {
            (Fate::Blocked(vec![Obstacle::WrongRoute(network, entry, block)]), Egress::Elsewhere)
        }
    };
    leaving((network, subnet), block, whose, &by)
}

fn unknown<'w, 'i>(doubt: Doubt<'w, 'i>) -> (Fate<'w, 'i>, Egress) {
    (Fate::Doubtful(Vec::new(), doubt), Egress::Elsewhere)
}

/// Out of a subnet to addresses outside, where `by` is what becomes of traffic on a route of its table.
fn leaving<'w, 'i>(
    (network, subnet): (&'w Network<'i>, &'w Subnet<'i>),
    block: Ipv4Net,
    whose: Whose,
    by: &dyn Fn(Entry<'i>) -> (Fate<'w, 'i>, Egress),
) -> (Fate<'w, 'i>, Egress) {
    let (fate, egress) = match exit(subnet, block) {
        Exit::Route(entry) => by(entry),
        Exit::Contested(entry) => {
            let (fate, egress) = by(entry);
            let egress = if matches!(fate, Fate::Blocked(_)) { Egress::Elsewhere } else { egress };
            (whose.contested(fate, network), egress)
        }
        Exit::Learned => unknown(Doubt::Learned(network)),
        Exit::None => (Fate::Blocked(vec![Obstacle::NoRoute(network, block)]), Egress::Elsewhere),
    };
    match (fate, subnet.services.first()) {
        // The addresses of a service are routes of their own, so they are never the internet.
        (Fate::Blocked(_), Some(endpoint)) if whose == Whose::Others && is_public(block) => {
            unknown(Doubt::Endpoint(network, *endpoint))
        }
        (fate, _) => (fate, egress),
    }
}

/// From addresses outside to machines. A gateway needs no route to deliver traffic to an instance; only the route
/// back is required.
pub(super) fn back<'w, 'i>(to: Spot<'w, 'i>, block: Ipv4Net, whose: Whose) -> Fate<'w, 'i> {
    returning(to, block, whose, |entry| {
        let is_open = matches!(entry.target, Target::Internet) && is_public(block);
        is_open.then(|| with_public_address(to, entry, Hop::Back(to.network, entry)))
    })
}

/// The way of an answer from machines to `block`. `open` has what becomes of it by a route that leads there.
pub(super) fn returning<'w, 'i>(
    to: Spot<'w, 'i>,
    block: Ipv4Net,
    whose: Whose,
    open: impl Fn(Entry<'i>) -> Option<Fate<'w, 'i>>,
) -> Fate<'w, 'i> {
    let network = to.network;
    let by = |entry: Entry<'i>| {
        open(entry).unwrap_or_else(|| match entry.target {
            Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, entry)),
            Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(network, entry)),
            Target::Internet | Target::Nat(_) | Target::Peering(..) | Target::Nowhere => {
                Fate::Blocked(vec![Obstacle::WrongWayBack(network, entry, block)])
            }
        })
    };
    match exit(to.subnet, block) {
        Exit::None => Fate::Blocked(vec![Obstacle::NoWayBack(network, block)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) => by(entry),
        Exit::Contested(entry) => whose.contested(by(entry), network),
    }
}

/// A packet from addresses outside, or from behind a VPN, to machines: gateways need no route of a subnet to deliver it.
pub(super) fn entry<'w, 'i>(
    topology: &Topology<'i>,
    to: Spot<'w, 'i>,
    block: Option<Ipv4Net>,
    whose: Whose,
) -> Option<Fate<'w, 'i>> {
    let env = topology.environments.get(to.network.env)?;
    if env.has_internet && to.class.public.is_possible() && block.is_some_and(is_public) {
        let further = (to.class.public == Public::Assumed).then_some(Hop::PublicAddress(to));
        return Some(Fate::Open([Hop::ByGateway(to.network)].into_iter().chain(further).collect()));
    }
    let is_joined = whose == Whose::Others && (env.has_vpn || env.leads_elsewhere);
    is_joined.then(|| Fate::Doubtful(Vec::new(), Doubt::Joined(to.network)))
}

/// To or from anything behind the VPN gateway of a VPC: only the route to the gateway is known.
pub(super) fn behind_vpn<'w, 'i>(Spot { network, subnet, .. }: Spot<'w, 'i>) -> Fate<'w, 'i> {
    let route = subnet.routes.iter().find(|entry| matches!(entry.target, Target::Vpn));
    match route {
        Some(entry) => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, *entry)),
        None if subnet.learns => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        None => Fate::Blocked(vec![Obstacle::NoVpnRoute(network)]),
    }
}

impl Egress {
    pub(super) fn of(address: Option<Ipv4Addr>) -> Self {
        address.map_or(Self::Dynamic, Self::Known)
    }

    /// What the address may be in.
    pub(super) fn block(self) -> Ipv4Net {
        match self {
            Self::Known(ip) => ip.into(),
            Self::Dynamic | Self::Elsewhere => EVERYWHERE,
        }
    }

    /// The same, divided at `cuts`.
    pub(super) fn pieces(self, cuts: &[Ipv4Net]) -> Vec<Ipv4Net> {
        match self {
            Self::Known(ip) => public_pieces(Some(ip), cuts),
            Self::Dynamic => public_pieces(None, cuts),
            Self::Elsewhere => cut(EVERYWHERE, cuts).into_iter().filter(|block| is_public(*block)).collect(),
        }
    }
}

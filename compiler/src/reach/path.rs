//! Paths between two address ranges, there and back, by route tables and gateways.
//!
//! Security groups are stateful, so only the direction of the first packet matters to them; routes are needed in
//! both directions.
//! Sources: Amazon VPC User Guide ("Route priority", "NAT gateway use cases", "Internet gateways") and the
//! VPC Peering Guide ("VPC peering limitations").

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::address_range::{AddressRange, EVERYWHERE, Home, Spot, around, cut, is_public, public_pieces};
use super::exit::{Exit, exit};
use super::fate::{Doubt, Fate, Hop, Obstacle, together};
use super::machines::{Public, Rule};
use super::network::{Entry, Nat, Network, Subnet, Target, Topology};
use super::place::Extent;

/// One path from a source to a target.
#[derive(Clone, Debug)]
pub(super) struct Path<'w, 'i> {
    /// The source as the rules of the target see it.
    pub(super) seen: Seen<'w, 'i>,
    /// The target as the rules of the source see it.
    pub(super) aim: Aim<'w, 'i>,
    pub(super) fate: Fate<'w, 'i>,
}

/// The target of traffic as the egress rules of a source see it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Aim<'w, 'i> {
    /// Machines, by their security groups and addresses.
    Machines(Spot<'w, 'i>, Ipv4Net),
    /// Addresses alone, all of this block.
    Addresses(Ipv4Net),
    /// A public address that AWS chooses.
    Dynamic,
    /// Anything behind a VPN.
    Beyond,
}

/// The source of traffic as the rules of a target see it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'w, 'i> {
    /// Machines, by their security groups and addresses.
    Machines(Spot<'w, 'i>, Ipv4Net),
    /// Addresses alone, all of this block.
    Addresses(Ipv4Net),
    /// Anything behind a VPN.
    Beyond,
    /// The target has no rules: it is outside.
    Unchecked,
}

/// Every path from `source` to `target`, the one by private addresses first.
pub(super) fn paths<'w, 'i>(
    topology: &'w Topology<'i>,
    source: AddressRange<'w, 'i>,
    target: AddressRange<'w, 'i>,
    extent: Extent,
) -> Vec<Path<'w, 'i>> {
    match (source.home, target.home) {
        (Home::Inside(from), Home::Inside(to)) => {
            let mut paths = if from.network.env == to.network.env {
                let seen = Seen::Machines(from, source.block);
                let aim = Aim::Machines(to, target.block);
                vec![Path { seen, aim, fate: Fate::Open(vec![Hop::Local(from.network.env)]) }]
            } else {
                across(topology, (from, source.block), (to, target.block))
            };
            match extent {
                Extent::Everything => paths.extend(over_internet(topology, from, to)),
                Extent::Private => {}
            }
            paths
        }
        (Home::Inside(from), home @ (Home::Outside | Home::Internet)) => {
            let aim = Aim::Addresses(target.block);
            let (fate, _) = out(topology, from, target.block, Whose::of(home));
            vec![Path { seen: Seen::Unchecked, aim, fate }]
        }
        (home @ (Home::Outside | Home::Internet), Home::Inside(to)) => {
            let aim = Aim::Machines(to, target.block);
            let fate = back(to, source.block, Whose::of(home));
            vec![Path { seen: Seen::Addresses(source.block), aim, fate }]
        }
        (Home::Inside(from), Home::Vpn) => {
            vec![Path { seen: Seen::Unchecked, aim: Aim::Beyond, fate: behind_vpn(from) }]
        }
        (Home::Vpn, Home::Inside(to)) => {
            let aim = Aim::Machines(to, target.block);
            vec![Path { seen: Seen::Beyond, aim, fate: behind_vpn(to) }]
        }
        (Home::Outside | Home::Internet | Home::Vpn, Home::Outside | Home::Internet | Home::Vpn) => {
            Vec::new()
        }
    }
}

/// The owner of addresses, which decides whether a VPN gateway may propagate a route to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Nobody's that is named: a propagated route to them would name them.
    Internet,
    /// Somebody's.
    Others,
    /// Those of machines of the project, which are taken to be nowhere else.
    Ours,
}

impl Whose {
    fn of(home: Home<'_, '_>) -> Self {
        match home {
            Home::Internet => Self::Internet,
            Home::Outside | Home::Vpn => Self::Others,
            Home::Inside(_) => Self::Ours,
        }
    }

    /// The fate of traffic by a route where the VPN gateway of `network` may propagate a narrower one.
    fn contested<'w, 'i>(self, fate: Fate<'w, 'i>, network: &'w Network<'i>) -> Fate<'w, 'i> {
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
enum Egress {
    Known(Ipv4Addr),
    /// AWS chooses it.
    Dynamic,
    /// Another network chooses it.
    Elsewhere,
}

/// From machines to addresses outside, and how they are seen there.
fn out<'w, 'i>(
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
fn back<'w, 'i>(to: Spot<'w, 'i>, block: Ipv4Net, whose: Whose) -> Fate<'w, 'i> {
    let network = to.network;
    let by = |entry: Entry<'i>| match entry.target {
        Target::Internet if is_public(block) => with_public_address(to, entry, Hop::Back(network, entry)),
        Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, entry)),
        Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(network, entry)),
        Target::Internet | Target::Nat(_) | Target::Peering(..) | Target::Nowhere => {
            Fate::Blocked(vec![Obstacle::WrongWayBack(network, entry, block)])
        }
    };
    match exit(to.subnet, block) {
        Exit::None => Fate::Blocked(vec![Obstacle::NoWayBack(network, block)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) => by(entry),
        Exit::Contested(entry) => whose.contested(by(entry), network),
    }
}

/// To or from anything behind the VPN gateway of a VPC: only the route to the gateway is known.
fn behind_vpn<'w, 'i>(Spot { network, subnet, .. }: Spot<'w, 'i>) -> Fate<'w, 'i> {
    let route = subnet.routes.iter().find(|entry| matches!(entry.target, Target::Vpn));
    match route {
        Some(entry) => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, *entry)),
        None if subnet.learns => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        None => Fate::Blocked(vec![Obstacle::NoVpnRoute(network)]),
    }
}

/// Between two environments by private addresses.
fn across<'w, 'i>(
    topology: &'w Topology<'i>,
    (from, source): (Spot<'w, 'i>, Ipv4Net),
    (to, target): (Spot<'w, 'i>, Ipv4Net),
) -> Vec<Path<'w, 'i>> {
    let ends = (from.network.env, to.network.env);
    let joins = |entry: &Entry<'i>| match entry.target {
        Target::Peering(a, b) => (a, b) == ends || (b, a) == ends,
        Target::Internet | Target::Vpn | Target::Nat(_) | Target::Nowhere | Target::Elsewhere => false,
    };
    let network = from.network;
    let aim = Aim::Machines(to, target);
    let by = |entry: Entry<'i>| match entry.target {
        _ if joins(&entry) => Fate::Open(vec![Hop::There(network, entry)]),
        Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, entry)),
        Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(network, entry)),
        // A NAT gateway sends by the routes of its own subnet.
        Target::Nat(gateway) => {
            match topology.subnet(gateway.subnet).map(|(through, nat)| (through, exit(nat, target))) {
                Some((through, Exit::Route(next) | Exit::Contested(next)))
                    if matches!(next.target, Target::Vpn) =>
                {
                    Fate::Doubtful(Vec::new(), Doubt::Vpn(through, next))
                }
                Some((through, Exit::Learned | Exit::Contested(_))) => {
                    Fate::Doubtful(Vec::new(), Doubt::Learned(through))
                }
                Some(_) | None => Fate::Blocked(vec![Obstacle::WrongRoute(network, entry, target)]),
            }
        }
        Target::Internet | Target::Peering(..) | Target::Nowhere => {
            Fate::Blocked(vec![Obstacle::WrongRoute(network, entry, target)])
        }
    };
    let leaves = exit(from.subnet, target);
    if let Exit::Route(entry) | Exit::Contested(entry) = leaves
        && let Target::Nat(gateway) = entry.target
        && let Some((through, nat)) = topology.subnet(gateway.subnet)
        && let Exit::Route(next) | Exit::Contested(next) = exit(nat, target)
        && joins(&next)
    {
        let there = Fate::Open(vec![Hop::There(network, entry), Hop::There(through, next)]);
        let pieces = cut(nat.block, &named_by(to));
        // Nobody knows which address of its subnet it has.
        let doubt = Doubt::NatAddress(through);
        return from_one_of((&pieces, nat.block), aim, &there, &|piece| reply(to, piece, joins), doubt);
    }
    let there = match leaves {
        Exit::None => Fate::Blocked(vec![Obstacle::NoRoute(network, target)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) => by(entry),
        Exit::Contested(entry) => Whose::Ours.contested(by(entry), network),
    };
    let fate = match there.then(reply(to, source, joins)) {
        // Without a peering, missing routes are a consequence.
        Fate::Blocked(_) if !topology.peerings.contains_key(&ends) => {
            Fate::Blocked(vec![Obstacle::NoPeering(ends.0, ends.1)])
        }
        fate => fate,
    };
    vec![Path { seen: Seen::Machines(from, source), aim, fate }]
}

/// The way of an answer to private addresses of another environment.
fn reply<'w, 'i>(to: Spot<'w, 'i>, block: Ipv4Net, joins: impl Fn(&Entry<'i>) -> bool) -> Fate<'w, 'i> {
    let network = to.network;
    let by = |entry: Entry<'i>| match entry.target {
        _ if joins(&entry) => Fate::Open(vec![Hop::Back(network, entry)]),
        Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, entry)),
        Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(network, entry)),
        Target::Internet | Target::Nat(_) | Target::Peering(..) | Target::Nowhere => {
            Fate::Blocked(vec![Obstacle::WrongWayBack(network, entry, block)])
        }
    };
    match exit(to.subnet, block) {
        Exit::None => Fate::Blocked(vec![Obstacle::NoWayBack(network, block)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) => by(entry),
        Exit::Contested(entry) => Whose::Ours.contested(by(entry), network),
    }
}

/// Between two machines of the project by public addresses.
fn over_internet<'w, 'i>(
    topology: &'w Topology<'i>,
    from: Spot<'w, 'i>,
    to: Spot<'w, 'i>,
) -> Vec<Path<'w, 'i>> {
    if !to.class.public.is_possible() {
        return Vec::new();
    }
    let mut cuts = destinations(from.subnet);
    for entry in &from.subnet.routes {
        if let Target::Nat(gateway) = entry.target
            && let Some((_, nat)) = topology.subnet(gateway.subnet)
        {
            cuts.extend(destinations(nat));
        }
    }
    // The way there is that of one address, which may be unknown. The source may be seen differently on each way.
    let mut ways: BTreeMap<Egress, Vec<Fate<'_, '_>>> = BTreeMap::new();
    let mut is_everywhere = true;
    for piece in public_pieces(to.class.public.known(), &cuts) {
        match out(topology, from, piece, Whose::Ours) {
            (Fate::Blocked(_), _) => is_everywhere = false,
            (fate, egress) => ways.entry(egress).or_default().push(fate),
        }
    }
    let mut paths = Vec::new();
    let named = named_by(to);
    let aim = to.class.public.known().map_or(Aim::Dynamic, |ip| Aim::Addresses(ip.into()));
    if is_everywhere && ways.len() > 1 && !ways.contains_key(&Egress::Elsewhere) {
        let there = together(ways.values().flatten().cloned(), Doubt::PublicAddress(to.network));
        let pieces = ways.keys().flat_map(|egress| egress.pieces(&named));
        let replies =
            together(pieces.map(|piece| back(to, piece, Whose::Ours)), Doubt::PublicAddress(from.network));
        let fate = Fate::Open(vec![Hop::OverInternet]).then(there).then(replies);
        let seen = Seen::Addresses(around(ways.keys().map(|egress| egress.block())));
        paths.push(Path { seen, aim, fate });
    }
    is_everywhere &= ways.len() == 1;
    for (egress, fates) in ways {
        let there = together(fates.into_iter(), Doubt::PublicAddress(to.network));
        let there = Fate::Open(vec![Hop::OverInternet]).then(there);
        let there = if is_everywhere { there } else { there.doubted(Doubt::PublicAddress(to.network)) };
        let pieces = egress.pieces(&named);
        paths.extend(from_one_of(
            (&pieces, egress.block()),
            aim,
            &there,
            &|piece| back(to, piece, Whose::Ours),
            Doubt::PublicAddress(from.network),
        ));
    }
    paths.retain(|path| !matches!(path.fate, Fate::Blocked(_)));
    paths
}

/// The paths of traffic whose source has one address of `block`, but nobody knows which one. It gets through if it does
/// from every one of `pieces`, which make up the block; from some of them, it may.
fn from_one_of<'w, 'i>(
    (pieces, block): (&[Ipv4Net], Ipv4Net),
    aim: Aim<'w, 'i>,
    there: &Fate<'w, 'i>,
    reply: &dyn Fn(Ipv4Net) -> Fate<'w, 'i>,
    doubt: Doubt<'w, 'i>,
) -> Vec<Path<'w, 'i>> {
    let replies = together(pieces.iter().map(|piece| reply(*piece)), doubt);
    let mut paths = vec![Path { seen: Seen::Addresses(block), aim, fate: there.clone().then(replies) }];
    if pieces.len() > 1 {
        paths.extend(pieces.iter().map(|piece| Path {
            seen: Seen::Addresses(*piece),
            aim,
            fate: there.clone().then(reply(*piece)).doubted(doubt),
        }));
    }
    paths
}

/// The blocks that the rules and routes of machines distinguish.
fn named_by(spot: Spot<'_, '_>) -> Vec<Ipv4Net> {
    let mut named = destinations(spot.subnet);
    named.extend(spot.class.rules.iter().filter_map(Rule::block));
    named
}

fn destinations(subnet: &Subnet<'_>) -> Vec<Ipv4Net> {
    subnet.routes.iter().map(|entry| entry.route.destination).collect()
}

impl Egress {
    fn of(address: Option<Ipv4Addr>) -> Self {
        address.map_or(Self::Dynamic, Self::Known)
    }

    /// What the address may be in.
    fn block(self) -> Ipv4Net {
        match self {
            Self::Known(ip) => ip.into(),
            Self::Dynamic | Self::Elsewhere => EVERYWHERE,
        }
    }

    /// The same, divided at `cuts`.
    fn pieces(self, cuts: &[Ipv4Net]) -> Vec<Ipv4Net> {
        match self {
            Self::Known(ip) => public_pieces(Some(ip), cuts),
            Self::Dynamic => public_pieces(None, cuts),
            Self::Elsewhere => cut(EVERYWHERE, cuts).into_iter().filter(|block| is_public(*block)).collect(),
        }
    }
}

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
use super::machines::{Public, Rule};
use super::network::{Entry, Network, Subnet, Target, Topology};
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

/// The result of a path.
#[derive(Clone, Debug)]
pub(super) enum Fate<'w, 'i> {
    Open(Vec<Hop<'w, 'i>>),
    Doubtful(Vec<Hop<'w, 'i>>, Doubt<'w, 'i>),
    Blocked(Vec<Obstacle<'w, 'i>>),
}

/// A step of a path that works.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hop<'w, 'i> {
    /// Within one VPC.
    Local(&'i str),
    /// This route leads there.
    There(&'w Network<'i>, Entry<'i>),
    /// This route leads answers back.
    Back(&'w Network<'i>, Entry<'i>),
    /// Machines here need a public address.
    PublicAddress(Spot<'w, 'i>),
    /// Out of one environment to the internet and from there into the other.
    OverInternet,
}

/// Why a result is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Doubt<'w, 'i> {
    /// This route leads through a VPN gateway.
    Vpn(&'w Network<'i>, Entry<'i>),
    /// This metanetwork accepts the routes that a VPN gateway propagates.
    Learned(&'w Network<'i>),
    /// This route leads to something that is not the project's.
    Elsewhere(&'w Network<'i>, Entry<'i>),
    /// The address of the NAT gateway in this metanetwork decides.
    NatAddress(&'w Network<'i>),
    /// The public address of machines of this metanetwork decides.
    PublicAddress(&'w Network<'i>),
    /// Machines here are in a group that is not the project's.
    ForeignGroup(Spot<'w, 'i>),
    /// The source of this rule is not the project's.
    ForeignSource(Rule<'i>),
    /// Nobody knows whether the destination of this egress rule is meant.
    Destination(Rule<'i>),
}

/// Why a path is blocked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Obstacle<'w, 'i> {
    /// No route leads from a metanetwork to these addresses.
    NoRoute(&'w Network<'i>, Ipv4Net),
    /// No route leads answers back to these addresses.
    NoWayBack(&'w Network<'i>, Ipv4Net),
    /// The route there leads elsewhere.
    WrongRoute(&'w Network<'i>, Entry<'i>, Ipv4Net),
    /// The route back leads elsewhere.
    WrongWayBack(&'w Network<'i>, Entry<'i>, Ipv4Net),
    /// Nothing joins two environments.
    NoPeering(&'i str, &'i str),
    /// No route of a metanetwork leads through the VPN gateway.
    NoVpnRoute(&'w Network<'i>),
    /// Machines here have no public address, which this route needs.
    NoPublicAddress(Spot<'w, 'i>, Entry<'i>),
}

/// How traffic for a block leaves a subnet.
enum Exit<'i> {
    Route(Entry<'i>),
    Learned,
    None,
}

fn exit<'i>(subnet: &Subnet<'i>, block: Ipv4Net) -> Exit<'i> {
    match subnet.route(block) {
        // A VPN gateway propagates routes that are narrower than a default route, and hardly ever public.
        Some(entry) if subnet.learns && entry.route.destination.prefix_len() == 0 && !is_public(block) => {
            Exit::Learned
        }
        Some(entry) => Exit::Route(*entry),
        None if subnet.learns => Exit::Learned,
        None => Exit::None,
    }
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
        (Home::Inside(from), Home::Outside) => {
            let aim = Aim::Addresses(target.block);
            vec![Path { seen: Seen::Unchecked, aim, fate: out(topology, from, target.block).0 }]
        }
        (Home::Outside, Home::Inside(to)) => {
            let aim = Aim::Machines(to, target.block);
            vec![Path { seen: Seen::Addresses(source.block), aim, fate: back(to, source.block) }]
        }
        (Home::Inside(from), Home::Vpn) => {
            vec![Path { seen: Seen::Unchecked, aim: Aim::Beyond, fate: behind_vpn(from) }]
        }
        (Home::Vpn, Home::Inside(to)) => {
            let aim = Aim::Machines(to, target.block);
            vec![Path { seen: Seen::Beyond, aim, fate: behind_vpn(to) }]
        }
        (Home::Outside | Home::Vpn, Home::Outside | Home::Vpn) => Vec::new(),
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
fn out<'w, 'i>(topology: &'w Topology<'i>, from: Spot<'w, 'i>, block: Ipv4Net) -> (Fate<'w, 'i>, Egress) {
    let network = from.network;
    let unknown = |doubt| (Fate::Doubtful(Vec::new(), doubt), Egress::Elsewhere);
    let blocked = |obstacle| (Fate::Blocked(vec![obstacle]), Egress::Elsewhere);
    let entry = match exit(from.subnet, block) {
        Exit::Route(entry) => entry,
        Exit::Learned => return unknown(Doubt::Learned(network)),
        Exit::None => return blocked(Obstacle::NoRoute(network, block)),
    };
    let wrong = || blocked(Obstacle::WrongRoute(network, entry, block));
    match entry.target {
        Target::Internet if is_public(block) => {
            let fate = with_public_address(from, entry, Hop::There(network, entry));
            (fate, Egress::of(from.class.public.known()))
        }
        Target::Internet | Target::Peering(..) | Target::Nowhere => wrong(),
        Target::Vpn => unknown(Doubt::Vpn(network, entry)),
        Target::Elsewhere => unknown(Doubt::Elsewhere(network, entry)),
        Target::Nat(gateway) => {
            let Some((through, nat)) = topology.subnet(gateway.subnet) else { return wrong() };
            let first = vec![Hop::There(network, entry)];
            let doubt = |doubt| (Fate::Doubtful(first.clone(), doubt), Egress::Elsewhere);
            match exit(nat, block) {
                Exit::None => blocked(Obstacle::NoRoute(through, block)),
                Exit::Learned => doubt(Doubt::Learned(through)),
                Exit::Route(next) => match next.target {
                    Target::Internet if is_public(block) => (
                        Fate::Open([first, vec![Hop::There(through, next)]].concat()),
                        Egress::of(gateway.public),
                    ),
                    Target::Vpn => doubt(Doubt::Vpn(through, next)),
                    Target::Elsewhere => doubt(Doubt::Elsewhere(through, next)),
                    Target::Internet | Target::Peering(..) | Target::Nat(_) | Target::Nowhere => {
                        blocked(Obstacle::WrongRoute(through, next, block))
                    }
                },
            }
        }
    }
}

/// From addresses outside to machines. A gateway needs no route to deliver traffic to an instance; only the route
/// back is required.
fn back<'w, 'i>(to: Spot<'w, 'i>, block: Ipv4Net) -> Fate<'w, 'i> {
    let network = to.network;
    match exit(to.subnet, block) {
        Exit::None => Fate::Blocked(vec![Obstacle::NoWayBack(network, block)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) => match entry.target {
            Target::Internet if is_public(block) => with_public_address(to, entry, Hop::Back(network, entry)),
            Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, entry)),
            Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(network, entry)),
            Target::Internet | Target::Nat(_) | Target::Peering(..) | Target::Nowhere => {
                Fate::Blocked(vec![Obstacle::WrongWayBack(network, entry, block)])
            }
        },
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
    let there = match exit(from.subnet, target) {
        Exit::None => Fate::Blocked(vec![Obstacle::NoRoute(network, target)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) if joins(&entry) => Fate::Open(vec![Hop::There(network, entry)]),
        Exit::Route(entry) => match entry.target {
            Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, entry)),
            Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(network, entry)),
            // A NAT gateway sends by the routes of its own subnet.
            Target::Nat(gateway) => {
                match topology.subnet(gateway.subnet).map(|(through, nat)| (through, nat, exit(nat, target)))
                {
                    Some((through, nat, Exit::Route(next))) if joins(&next) => {
                        let there = Fate::Open(vec![Hop::There(network, entry), Hop::There(through, next)]);
                        let pieces = cut(nat.block, &named_by(to));
                        // Nobody knows which address of its subnet it has.
                        let doubt = Doubt::NatAddress(through);
                        let replies = |piece| reply(to, piece, joins);
                        return from_one_of((&pieces, nat.block), aim, &there, &replies, doubt);
                    }
                    Some((through, _, Exit::Route(next))) if matches!(next.target, Target::Vpn) => {
                        Fate::Doubtful(Vec::new(), Doubt::Vpn(through, next))
                    }
                    Some((through, _, Exit::Learned)) => Fate::Doubtful(Vec::new(), Doubt::Learned(through)),
                    Some(_) | None => Fate::Blocked(vec![Obstacle::WrongRoute(network, entry, target)]),
                }
            }
            Target::Internet | Target::Peering(..) | Target::Nowhere => {
                Fate::Blocked(vec![Obstacle::WrongRoute(network, entry, target)])
            }
        },
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
    match exit(to.subnet, block) {
        Exit::None => Fate::Blocked(vec![Obstacle::NoWayBack(network, block)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) if joins(&entry) => Fate::Open(vec![Hop::Back(network, entry)]),
        Exit::Route(entry) => match entry.target {
            Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, entry)),
            Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(network, entry)),
            Target::Internet | Target::Nat(_) | Target::Peering(..) | Target::Nowhere => {
                Fate::Blocked(vec![Obstacle::WrongWayBack(network, entry, block)])
            }
        },
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
        match out(topology, from, piece) {
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
        let replies = together(pieces.map(|piece| back(to, piece)), Doubt::PublicAddress(from.network));
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
            &|piece| back(to, piece),
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

/// The fate of traffic to one of several addresses: `doubt` where it depends on which one it is.
fn together<'w, 'i>(fates: impl Iterator<Item = Fate<'w, 'i>>, doubt: Doubt<'w, 'i>) -> Fate<'w, 'i> {
    let mut fates = fates;
    let Some(mut all) = fates.next() else { return Fate::Blocked(Vec::new()) };
    for fate in fates {
        all = match (all, fate) {
            (Fate::Open(hops), Fate::Open(_)) => Fate::Open(hops),
            (Fate::Blocked(obstacles), Fate::Blocked(_)) => Fate::Blocked(obstacles),
            (Fate::Doubtful(hops, doubt), _) | (_, Fate::Doubtful(hops, doubt)) => {
                Fate::Doubtful(hops, doubt)
            }
            (Fate::Open(hops), Fate::Blocked(_)) | (Fate::Blocked(_), Fate::Open(hops)) => {
                Fate::Doubtful(hops, doubt)
            }
        };
    }
    all
}

impl<'w, 'i> Fate<'w, 'i> {
    /// The same, but not certain.
    fn doubted(self, doubt: Doubt<'w, 'i>) -> Self {
        self.then(Self::Doubtful(Vec::new(), doubt))
    }

    /// The fate of traffic that meets first this and then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Blocked(mut obstacles), Self::Blocked(further)) => {
                obstacles.extend(further);
                Self::Blocked(obstacles)
            }
            (Self::Blocked(obstacles), _) | (_, Self::Blocked(obstacles)) => Self::Blocked(obstacles),
            (Self::Open(hops), Self::Open(further)) => Self::Open([hops, further].concat()),
            (Self::Open(hops), Self::Doubtful(further, doubt))
            | (Self::Doubtful(hops, doubt), Self::Open(further) | Self::Doubtful(further, _)) => {
                Self::Doubtful([hops, further].concat(), doubt)
            }
        }
    }
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

//! Paths between two address ranges, there and back, by route tables and gateways.
//!
//! Security groups are stateful, so only the direction of the first packet matters to them; a connection needs routes
//! in both directions. A single packet, as of UDP, arrives without a way back.
//! Source: VPC Peering Guide ("VPC peering limitations").

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::address_range::{AddressRange, EVERYWHERE, Home, Spot, around, cut, public_pieces};
use super::exit::{Exit, exit};
use super::fate::{Doubt, Fate, Hop, Obstacle, together};
use super::leg::{Egress, Whose, back, behind_vpn, entry, out, returning};
use super::machines::Rule;
use super::network::{Entry, Subnet, Target, Topology};
use super::place::Extent;

/// One path from a source to a target.
#[derive(Clone, Debug)]
pub(super) struct Path<'w, 'i> {
    /// The source as the rules of the target see it.
    pub(super) seen: Seen<'w, 'i>,
    /// The target as the rules of the source see it.
    pub(super) aim: Aim<'w, 'i>,
    /// The fate of a connection.
    pub(super) fate: Fate<'w, 'i>,
    /// The fate of a single packet, where that is another one.
    pub(super) arrival: Option<Fate<'w, 'i>>,
    /// Whether a NAT gateway is on it.
    pub(super) is_translated: bool,
    /// Of a target with a public address that is not known: what it may be in, and whether this path leads there.
    pub(super) exits: Vec<(Ipv4Net, bool)>,
}

impl<'w, 'i> Path<'w, 'i> {
    /// A path on which packets fare as connections do.
    fn new(seen: Seen<'w, 'i>, aim: Aim<'w, 'i>, fate: Fate<'w, 'i>) -> Self {
        Self { seen, aim, fate, arrival: None, is_translated: false, exits: Vec::new() }
    }

    /// The same where a single packet fares otherwise.
    fn with_arrival(self, arrival: Option<Fate<'w, 'i>>) -> Self {
        let arrival = arrival.filter(|arrival| match (&self.fate, arrival) {
            (Fate::Open(_), _) | (_, Fate::Blocked(_)) | (Fate::Doubtful(..), Fate::Doubtful(..)) => false,
            (Fate::Doubtful(..) | Fate::Blocked(_), Fate::Open(_))
            | (Fate::Blocked(_), Fate::Doubtful(..)) => true,
        });
        Self { arrival, ..self }
    }
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
    /// Clients of a Network Load Balancer, by its security groups and their addresses; none for those behind a VPN.
    Clients(Spot<'w, 'i>, Option<Ipv4Net>),
    /// The target has no rules: it is outside.
    Unchecked,
}

impl<'w, 'i> Seen<'w, 'i> {
    /// The same source as the targets of a Network Load Balancer see it, which keeps its address.
    pub(super) fn through(self, balancer: Spot<'w, 'i>) -> Self {
        match self {
            Self::Machines(_, block) | Self::Addresses(block) => Self::Clients(balancer, Some(block)),
            Self::Beyond | Self::Clients(..) | Self::Unchecked => Self::Clients(balancer, None),
        }
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
                vec![Path::new(seen, aim, Fate::Open(vec![Hop::Local(from.network.env)]))]
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
            vec![Path::new(Seen::Unchecked, aim, fate)]
        }
        (home @ (Home::Outside | Home::Internet), Home::Inside(to)) => {
            let aim = Aim::Machines(to, target.block);
            let whose = Whose::of(home);
            let path = Path::new(Seen::Addresses(source.block), aim, back(to, source.block, whose));
            vec![path.with_arrival(entry(topology, to, Some(source.block), whose))]
        }
        (Home::Inside(from), Home::Vpn) => {
            vec![Path::new(Seen::Unchecked, Aim::Beyond, behind_vpn(from))]
        }
        (Home::Vpn, Home::Inside(to)) => {
            let path = Path::new(Seen::Beyond, Aim::Machines(to, target.block), behind_vpn(to));
            vec![path.with_arrival(entry(topology, to, None, Whose::Others))]
        }
        (Home::Outside | Home::Internet | Home::Vpn, Home::Outside | Home::Internet | Home::Vpn) => {
            Vec::new()
        }
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
        let delivered = Fate::Open(Vec::new());
        return from_one_of(
            (&pieces, nat.block),
            aim,
            (&there, Some(&delivered)),
            &|piece| reply(to, piece, joins),
            doubt,
        )
        .into_iter()
        .map(|path| Path { is_translated: true, ..path })
        .collect();
    }
    let there = match leaves {
        Exit::None => Fate::Blocked(vec![Obstacle::NoRoute(network, target)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        Exit::Route(entry) => by(entry),
        Exit::Contested(entry) => Whose::Ours.contested(by(entry), network),
    };
    let arrival = there.clone();
    let fate = match there.then(reply(to, source, joins)) {
        // Without a peering, missing routes are a consequence.
        Fate::Blocked(_) if !topology.peerings.contains_key(&ends) => {
            Fate::Blocked(vec![Obstacle::NoPeering(ends.0, ends.1)])
        }
        fate => fate,
    };
    vec![Path::new(Seen::Machines(from, source), aim, fate).with_arrival(Some(arrival))]
}

/// The way of an answer to private addresses of another environment.
fn reply<'w, 'i>(to: Spot<'w, 'i>, block: Ipv4Net, joins: impl Fn(&Entry<'i>) -> bool) -> Fate<'w, 'i> {
    returning(to, block, Whose::Ours, |entry| {
        joins(&entry).then(|| Fate::Open(vec![Hop::Back(to.network, entry)]))
    })
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
    let mut ways: BTreeMap<(Egress, bool), Vec<(Ipv4Net, Fate<'_, '_>)>> = BTreeMap::new();
    let mut is_everywhere = true;
    let goals = public_pieces(to.class.public.known(), &cuts);
    for piece in goals.iter().copied() {
        match out(topology, from, piece, Whose::Ours) {
            (Fate::Blocked(_), _) => is_everywhere = false,
            (fate, egress) => {
                ways.entry((egress, is_by_nat(from.subnet, piece))).or_default().push((piece, fate));
            }
        }
    }
    let mut paths = Vec::new();
    let named = named_by(to);
    let aim = to.class.public.known().map_or(Aim::Dynamic, |ip| Aim::Addresses(ip.into()));
    let delivered = entry(topology, to, Some(EVERYWHERE), Whose::Ours);
    let exits = |own: &dyn Fn(&Ipv4Net) -> bool| goals.iter().map(|goal| (*goal, own(goal))).collect();
    let egresses = || ways.keys().map(|(egress, _)| *egress);
    if is_everywhere && ways.len() > 1 && !egresses().any(|egress| egress == Egress::Elsewhere) {
        let there =
            together(ways.values().flatten().map(|(_, fate)| fate.clone()), Doubt::PublicAddress(to.network));
        let there = Fate::Open(vec![Hop::OverInternet]).then(there);
        let pieces = egresses().flat_map(|egress| egress.pieces(&named));
        let replies =
            together(pieces.map(|piece| back(to, piece, Whose::Ours)), Doubt::PublicAddress(from.network));
        let arrival = delivered.clone().map(|delivered| there.clone().then(delivered));
        let seen = Seen::Addresses(around(egresses().map(Egress::block)));
        let is_translated = ways.keys().any(|(_, is_translated)| *is_translated);
        let path =
            Path { is_translated, exits: exits(&|_| true), ..Path::new(seen, aim, there.then(replies)) };
        paths.push(path.with_arrival(arrival));
    }
    is_everywhere &= ways.len() == 1;
    for ((egress, is_translated), fates) in ways {
        let exits: Vec<(Ipv4Net, bool)> = exits(&|goal| fates.iter().any(|(piece, _)| piece == goal));
        let there = together(fates.into_iter().map(|(_, fate)| fate), Doubt::PublicAddress(to.network));
        let there = Fate::Open(vec![Hop::OverInternet]).then(there);
        let there = if is_everywhere { there } else { there.doubted(Doubt::PublicAddress(to.network)) };
        let pieces = egress.pieces(&named);
        let found = from_one_of(
            (&pieces, egress.block()),
            aim,
            (&there, delivered.as_ref()),
            &|piece| back(to, piece, Whose::Ours),
            Doubt::PublicAddress(from.network),
        );
        let exits = |path| Path { is_translated, exits: exits.clone(), ..path };
        paths.extend(found.into_iter().map(exits));
    }
    paths.retain(|path| !matches!(path.fate, Fate::Blocked(_)) || path.arrival.is_some());
    paths
}

/// Whether traffic from a subnet to `block` goes to a NAT gateway.
fn is_by_nat(subnet: &Subnet<'_>, block: Ipv4Net) -> bool {
    subnet.route(block).is_some_and(|entry| matches!(entry.target, Target::Nat(_)))
}

/// The paths of traffic whose source has one address of `block`, but nobody knows which one. It gets through if it does
/// from every one of `pieces`, which make up the block; from some of them, it may. A single packet needs no reply if it is
/// `delivered`.
fn from_one_of<'w, 'i>(
    (pieces, block): (&[Ipv4Net], Ipv4Net),
    aim: Aim<'w, 'i>,
    (there, delivered): (&Fate<'w, 'i>, Option<&Fate<'w, 'i>>),
    reply: &dyn Fn(Ipv4Net) -> Fate<'w, 'i>,
    doubt: Doubt<'w, 'i>,
) -> Vec<Path<'w, 'i>> {
    let arrival = || delivered.map(|delivered| there.clone().then(delivered.clone()));
    let replies = together(pieces.iter().map(|piece| reply(*piece)), doubt);
    let whole = Path::new(Seen::Addresses(block), aim, there.clone().then(replies));
    let mut paths = vec![whole.with_arrival(arrival())];
    if pieces.len() > 1 {
        paths.extend(pieces.iter().map(|piece| {
            let fate = there.clone().then(reply(*piece)).doubted(doubt);
            let arrival = arrival().map(|arrival| arrival.doubted(doubt));
            Path::new(Seen::Addresses(*piece), aim, fate).with_arrival(arrival)
        }));
    }
    paths
}

/// The blocks that the rules and routes of machines distinguish, and the rules of machines behind them.
fn named_by(spot: Spot<'_, '_>) -> Vec<Ipv4Net> {
    let mut named = destinations(spot.subnet);
    named.extend(spot.class.rules.iter().chain(&spot.class.behind).filter_map(Rule::block));
    named
}

fn destinations(subnet: &Subnet<'_>) -> Vec<Ipv4Net> {
    subnet.routes.iter().map(|entry| entry.route.destination).collect()
}

//! Paths between two address ranges, there and back, by route tables and gateways.
//!
//! Security groups are stateful, so only the direction of the first packet matters to them; routes are needed in
//! both directions.
//! Sources: Amazon VPC User Guide ("Route priority", "NAT gateway use cases", "Internet gateways") and the
//! VPC Peering Guide ("VPC peering limitations").

use ipnet::Ipv4Net;

use super::address_range::{AddressRange, EVERYWHERE, Home, is_public};
use super::network::{Entry, Network, Subnet, Target, Topology};

/// One path from a source to a target.
#[derive(Clone, Debug)]
pub(super) struct Path<'w, 'i> {
    /// The source as the rules of the target see it.
    pub(super) seen: Seen<'w, 'i>,
    pub(super) fate: Fate<'w, 'i>,
}

/// The source of traffic as the rules of a target see it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'w, 'i> {
    /// Instances of a metanetwork, by security group and addresses.
    Machines(&'w Network<'i>, Ipv4Net),
    /// Addresses alone.
    Addresses(Ipv4Net),
    /// A public address that is not known beforehand.
    Anyone,
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
    /// Instances of this metanetwork need a public address.
    PublicAddress(&'w Network<'i>),
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

/// Which paths between environments are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of them.
    Everything,
    /// Private addresses only. Traffic over the internet follows from each environment's own rules for the
    /// internet.
    Private,
}

/// Every path from `source` to `target`, the one by private addresses first. At most one of them is outside.
pub(super) fn paths<'w, 'i>(
    topology: &'w Topology<'i>,
    source: AddressRange<'w, 'i>,
    target: AddressRange<'w, 'i>,
    extent: Extent,
) -> Vec<Path<'w, 'i>> {
    match (source.home, target.home) {
        (Home::Subnet(from, _), Home::Subnet(to, _)) if from.env == to.env => {
            let seen = Seen::Machines(from, source.block);
            vec![Path { seen, fate: Fate::Open(vec![Hop::Local(from.env)]) }]
        }
        (Home::Subnet(from, leaves), Home::Subnet(to, enters)) => {
            let mut paths = vec![across(topology, (from, leaves, source.block), (to, enters, target.block))];
            match extent {
                Extent::Everything => paths.extend(over_internet(topology, (from, leaves), (to, enters))),
                Extent::Private => {}
            }
            paths
        }
        (Home::Subnet(from, leaves), Home::Outside) => {
            vec![Path { seen: Seen::Unchecked, fate: out(topology, from, leaves, target.block) }]
        }
        (Home::Outside, Home::Subnet(to, enters)) => {
            vec![Path { seen: Seen::Addresses(source.block), fate: back(to, enters, source.block) }]
        }
        (Home::Subnet(from, leaves), Home::Vpn) => {
            vec![Path { seen: Seen::Unchecked, fate: behind_vpn(from, leaves) }]
        }
        (Home::Vpn, Home::Subnet(to, enters)) => {
            vec![Path { seen: Seen::Beyond, fate: behind_vpn(to, enters) }]
        }
        (Home::Outside | Home::Vpn, Home::Outside | Home::Vpn) => Vec::new(),
    }
}

/// From a subnet to addresses outside.
fn out<'w, 'i>(
    topology: &'w Topology<'i>,
    from: &'w Network<'i>,
    subnet: &'w Subnet<'i>,
    block: Ipv4Net,
) -> Fate<'w, 'i> {
    let entry = match exit(subnet, block) {
        Exit::Route(entry) => entry,
        Exit::Learned => return Fate::Doubtful(Vec::new(), Doubt::Learned(from)),
        Exit::None => return Fate::Blocked(vec![Obstacle::NoRoute(from, block)]),
    };
    let wrong = || Fate::Blocked(vec![Obstacle::WrongRoute(from, entry, block)]);
    match entry.target {
        Target::Internet if is_public(block) => {
            Fate::Open(vec![Hop::There(from, entry), Hop::PublicAddress(from)])
        }
        Target::Internet | Target::Peering(..) | Target::Nowhere => wrong(),
        Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(from, entry)),
        Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(from, entry)),
        Target::Nat(address) => {
            let Some((through, nat)) = topology.subnet(address) else { return wrong() };
            let first = vec![Hop::There(from, entry)];
            match exit(nat, block) {
                Exit::None => Fate::Blocked(vec![Obstacle::NoRoute(through, block)]),
                Exit::Learned => Fate::Doubtful(first, Doubt::Learned(through)),
                Exit::Route(next) => match next.target {
                    Target::Internet if is_public(block) => {
                        Fate::Open([first, vec![Hop::There(through, next)]].concat())
                    }
                    Target::Vpn => Fate::Doubtful(first, Doubt::Vpn(through, next)),
                    Target::Elsewhere => Fate::Doubtful(first, Doubt::Elsewhere(through, next)),
                    Target::Internet | Target::Peering(..) | Target::Nat(_) | Target::Nowhere => {
                        Fate::Blocked(vec![Obstacle::WrongRoute(through, next, block)])
                    }
                },
            }
        }
    }
}

/// From addresses outside into a subnet. A gateway needs no route to deliver traffic to an instance; only the route
/// back is required.
fn back<'w, 'i>(to: &'w Network<'i>, subnet: &'w Subnet<'i>, block: Ipv4Net) -> Fate<'w, 'i> {
    match exit(subnet, block) {
        Exit::None => Fate::Blocked(vec![Obstacle::NoWayBack(to, block)]),
        Exit::Learned => Fate::Doubtful(Vec::new(), Doubt::Learned(to)),
        Exit::Route(entry) => match entry.target {
            Target::Internet if is_public(block) => {
                Fate::Open(vec![Hop::Back(to, entry), Hop::PublicAddress(to)])
            }
            Target::Vpn => Fate::Doubtful(Vec::new(), Doubt::Vpn(to, entry)),
            Target::Elsewhere => Fate::Doubtful(Vec::new(), Doubt::Elsewhere(to, entry)),
            Target::Internet | Target::Nat(_) | Target::Peering(..) | Target::Nowhere => {
                Fate::Blocked(vec![Obstacle::WrongWayBack(to, entry, block)])
            }
        },
    }
}

/// To or from anything behind the VPN gateway of a subnet's VPC: only the route to the gateway is known.
fn behind_vpn<'w, 'i>(network: &'w Network<'i>, subnet: &'w Subnet<'i>) -> Fate<'w, 'i> {
    let route = subnet.routes.iter().find(|entry| matches!(entry.target, Target::Vpn));
    match route {
        Some(entry) => Fate::Doubtful(Vec::new(), Doubt::Vpn(network, *entry)),
        None if subnet.learns => Fate::Doubtful(Vec::new(), Doubt::Learned(network)),
        None => Fate::Blocked(vec![Obstacle::NoVpnRoute(network)]),
    }
}

type Part<'w, 'i> = (&'w Network<'i>, &'w Subnet<'i>, Ipv4Net);

/// Between two environments by private addresses.
fn across<'w, 'i>(
    topology: &'w Topology<'i>,
    (from, leaves, source): Part<'w, 'i>,
    (to, enters, target): Part<'w, 'i>,
) -> Path<'w, 'i> {
    let joins = |entry: &Entry<'i>| match entry.target {
        Target::Peering(a, b) => (a, b) == (from.env, to.env) || (b, a) == (from.env, to.env),
        Target::Internet | Target::Vpn | Target::Nat(_) | Target::Nowhere | Target::Elsewhere => false,
    };
    let mut seen = Seen::Machines(from, source);
    let mut answers_to = source;
    let (mut hops, mut doubt, mut obstacles) = (Vec::new(), None, Vec::new());
    match exit(leaves, target) {
        Exit::None => obstacles.push(Obstacle::NoRoute(from, target)),
        Exit::Learned => doubt = Some(Doubt::Learned(from)),
        Exit::Route(entry) if joins(&entry) => hops.push(Hop::There(from, entry)),
        Exit::Route(entry) => match entry.target {
            Target::Vpn => doubt = Some(Doubt::Vpn(from, entry)),
            Target::Elsewhere => doubt = Some(Doubt::Elsewhere(from, entry)),
            // A NAT gateway sends by the routes of its own subnet.
            Target::Nat(address) => {
                match topology.subnet(address).map(|(through, nat)| (through, nat, exit(nat, target))) {
                    Some((through, nat, Exit::Route(next))) if joins(&next) => {
                        seen = Seen::Addresses(nat.block);
                        answers_to = nat.block;
                        hops.extend([Hop::There(from, entry), Hop::There(through, next)]);
                    }
                    Some((through, _, Exit::Route(next))) if matches!(next.target, Target::Vpn) => {
                        doubt = Some(Doubt::Vpn(through, next));
                    }
                    Some((through, _, Exit::Learned)) => doubt = Some(Doubt::Learned(through)),
                    Some(_) | None => obstacles.push(Obstacle::WrongRoute(from, entry, target)),
                }
            }
            Target::Internet | Target::Peering(..) | Target::Nowhere => {
                obstacles.push(Obstacle::WrongRoute(from, entry, target));
            }
        },
    }
    match exit(enters, answers_to) {
        Exit::None => obstacles.push(Obstacle::NoWayBack(to, answers_to)),
        Exit::Learned => doubt = doubt.or(Some(Doubt::Learned(to))),
        Exit::Route(entry) if joins(&entry) => hops.push(Hop::Back(to, entry)),
        Exit::Route(entry) => match entry.target {
            Target::Vpn => doubt = doubt.or(Some(Doubt::Vpn(to, entry))),
            Target::Elsewhere => doubt = doubt.or(Some(Doubt::Elsewhere(to, entry))),
            Target::Internet | Target::Nat(_) | Target::Peering(..) | Target::Nowhere => {
                obstacles.push(Obstacle::WrongWayBack(to, entry, answers_to));
            }
        },
    }
    let fate = if !obstacles.is_empty() {
        // Without a peering, missing routes are a consequence.
        let is_joined = topology.peerings.contains_key(&(from.env, to.env));
        Fate::Blocked(if is_joined { obstacles } else { vec![Obstacle::NoPeering(from.env, to.env)] })
    } else if let Some(doubt) = doubt {
        Fate::Doubtful(hops, doubt)
    } else {
        Fate::Open(hops)
    };
    Path { seen, fate }
}

/// Between two environments by public addresses, if both ends reach the internet.
fn over_internet<'w, 'i>(
    topology: &'w Topology<'i>,
    (from, leaves): (&'w Network<'i>, &'w Subnet<'i>),
    (to, enters): (&'w Network<'i>, &'w Subnet<'i>),
) -> Option<Path<'w, 'i>> {
    let (Fate::Open(mut hops), Fate::Open(rest)) =
        (out(topology, from, leaves, EVERYWHERE), back(to, enters, EVERYWHERE))
    else {
        return None;
    };
    hops.insert(0, Hop::OverInternet);
    hops.extend(rest);
    Some(Path { seen: Seen::Anyone, fate: Fate::Open(hops) })
}

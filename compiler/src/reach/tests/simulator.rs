//! Packets, one by one: concrete addresses and ports through security groups and route tables, by plain
//! search through the resources. It shares nothing with what it checks but the form of the resources.

use std::net::Ipv4Addr;

use asiaq_ir::{Address, GroupRule, Ir, Protocol, Ref, Resource, Route, RouteTable, Source};
use ipnet::Ipv4Net;

/// What becomes of a packet that begins a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Dropped,
    Unknown,
    Delivered,
}

/// A machine, or an address that is none of ours.
#[derive(Clone, Debug)]
pub(super) enum Host {
    Inside { ip: Ipv4Addr, subnet: Address },
    Outside { ip: Ipv4Addr },
}

fn env(address: &Address) -> &str {
    address.as_str().split('/').next().unwrap()
}

fn network(subnet: &Address) -> String {
    subnet.as_str().split('/').take(2).collect::<Vec<_>>().join("/")
}

fn block(ir: &Ir, subnet: &Address) -> Ipv4Net {
    match &ir.resources[subnet].resource {
        Resource::Subnet(subnet) => subnet.cidr,
        other => panic!("{other:?}"),
    }
}

pub(super) fn is_private(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    matches!((a, b), (0 | 10 | 127 | 224.., _) | (100, 64..128) | (169, 254) | (172, 16..32) | (192, 168))
}

fn table<'i>(ir: &'i Ir, subnet: &Address) -> Option<&'i RouteTable> {
    ir.resources.values().find_map(|node| match &node.resource {
        Resource::RouteTable(table) if table.subnet == Some(Ref::To(subnet.clone())) => Some(table),
        _ => None,
    })
}

/// What a route leads to.
#[derive(Debug)]
enum Next<'i> {
    Igw,
    Vpn,
    Nat(&'i Address),
    Peer(&'i Address),
    Nothing,
}

fn next<'i>(ir: &'i Ir, subnet: &Address, ip: Ipv4Addr) -> Next<'i> {
    let Some(table) = table(ir, subnet) else { return Next::Nothing };
    let mut best: Option<&Route> = None;
    for route in &table.routes {
        let is_better =
            best.is_none_or(|best| best.destination.prefix_len() < route.destination.prefix_len());
        if route.destination.contains(&ip) && is_better {
            best = Some(route);
        }
    }
    let learns = table.propagation.is_some();
    if learns && best.is_none_or(|best| best.destination.prefix_len() == 0 && is_private(ip)) {
        return Next::Vpn;
    }
    let Some(Route { target: Ref::To(target), .. }) = best else { return Next::Nothing };
    match ir.resources.get(target).map(|node| &node.resource) {
        Some(Resource::InternetGateway(_)) => Next::Igw,
        Some(Resource::VpnAttachment(_)) => Next::Vpn,
        Some(Resource::NatGateway(nat)) => match &nat.subnet {
            Ref::To(subnet) => Next::Nat(subnet),
            _ => Next::Nothing,
        },
        Some(Resource::PeeringConnection(connection)) if connection.accepted => Next::Peer(target),
        _ => Next::Nothing,
    }
}

/// The environment at the other end of a connection.
fn beyond(ir: &Ir, connection: &Address, own: &str) -> String {
    match &ir.resources[connection].resource {
        Resource::PeeringConnection(connection) => {
            let ends = [&connection.requester, &connection.accepter].map(|end| match end {
                Ref::To(address) => env(address).to_owned(),
                _ => String::new(),
            });
            ends.into_iter().find(|end| end != own).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

fn fits(rule: &GroupRule, protocol: Protocol, port: u16) -> bool {
    let ports = || rule.from.is_none_or(|from| from <= port) && rule.to.is_none_or(|to| port <= to);
    match rule.protocol {
        Protocol::Any => true,
        Protocol::Icmp => protocol == Protocol::Icmp && rule.from.is_none_or(|kind| kind == port),
        Protocol::Tcp | Protocol::Udp => rule.protocol == protocol && ports(),
        Protocol::Number(_) => rule.protocol == protocol,
    }
}

/// Whether the group of `to` lets in what seems to come from one of `ips`, of `group` where it is known.
fn admits(
    ir: &Ir,
    to: &Address,
    ips: &[Ipv4Addr],
    group: Option<&str>,
    protocol: Protocol,
    port: u16,
) -> bool {
    let ingress = Address::parse(&format!("{}/security-group/ingress", network(to)));
    let Some(Resource::IngressRules(ingress)) = ir.resources.get(&ingress).map(|node| &node.resource) else {
        return false;
    };
    ingress.rules.iter().any(|rule| {
        let source = match &rule.source {
            Source::Cidr(cidr) => ips.iter().all(|ip| cidr.contains(ip)),
            Source::Group(Ref::To(named)) => {
                group.is_some_and(|group| named.as_str() == format!("{group}/security-group"))
            }
            _ => false,
        };
        source && fits(rule, protocol, port)
    })
}

/// Sends a packet that begins a connection, and its answer.
pub(super) fn send(ir: &Ir, from: &Host, to: &Host, protocol: Protocol, port: u16) -> Outcome {
    match (from, to) {
        (Host::Inside { ip, subnet }, Host::Inside { ip: far, subnet: there }) => {
            if env(subnet) == env(there) {
                let passes = admits(ir, there, &[*ip], Some(&network(subnet)), protocol, port);
                return if passes { Outcome::Delivered } else { Outcome::Dropped };
            }
            let private = peered(ir, (*ip, subnet), (*far, there), protocol, port);
            private.max(around(ir, subnet, there, protocol, port))
        }
        (Host::Inside { subnet, .. }, Host::Outside { ip }) => leave(ir, subnet, *ip),
        (Host::Outside { ip }, Host::Inside { subnet, .. }) => {
            if !admits(ir, subnet, &[*ip], None, protocol, port) {
                return Outcome::Dropped;
            }
            match next(ir, subnet, *ip) {
                Next::Igw if !is_private(*ip) => Outcome::Delivered,
                Next::Vpn => Outcome::Unknown,
                _ => Outcome::Dropped,
            }
        }
        (Host::Outside { .. }, Host::Outside { .. }) => Outcome::Dropped,
    }
}

fn leave(ir: &Ir, subnet: &Address, ip: Ipv4Addr) -> Outcome {
    match next(ir, subnet, ip) {
        Next::Igw if !is_private(ip) => Outcome::Delivered,
        Next::Vpn => Outcome::Unknown,
        Next::Nat(nat) => match next(ir, nat, ip) {
            Next::Igw if !is_private(ip) => Outcome::Delivered,
            Next::Vpn => Outcome::Unknown,
            _ => Outcome::Dropped,
        },
        _ => Outcome::Dropped,
    }
}

fn peered(
    ir: &Ir,
    (ip, subnet): (Ipv4Addr, &Address),
    (far, there): (Ipv4Addr, &Address),
    protocol: Protocol,
    port: u16,
) -> Outcome {
    let leads = |next: &Next<'_>, own: &Address, other: &Address| match next {
        Next::Peer(connection) => beyond(ir, connection, env(own)) == env(other),
        _ => false,
    };
    // Whom the far side sees: the machine, or some address of the NAT gateway's subnet.
    let mut seen = vec![ip];
    let mut group = Some(network(subnet));
    let mut is_unknown = false;
    match next(ir, subnet, far) {
        Next::Vpn => is_unknown = true,
        Next::Nat(nat) => match next(ir, nat, far) {
            Next::Vpn => is_unknown = true,
            onward if leads(&onward, nat, there) => {
                let block = block(ir, nat);
                seen = vec![block.network(), block.broadcast()];
                group = None;
            }
            _ => return Outcome::Dropped,
        },
        onward if leads(&onward, subnet, there) => {}
        _ => return Outcome::Dropped,
    }
    for ip in &seen {
        match next(ir, there, *ip) {
            Next::Vpn => is_unknown = true,
            back if leads(&back, there, subnet) => {}
            _ => return Outcome::Dropped,
        }
    }
    match (admits(ir, there, &seen, group.as_deref(), protocol, port), is_unknown) {
        (false, _) => Outcome::Dropped,
        (true, true) => Outcome::Unknown,
        (true, false) => Outcome::Delivered,
    }
}

/// From public address to public address; which ones they are nobody knows beforehand.
fn around(ir: &Ir, subnet: &Address, there: &Address, protocol: Protocol, port: u16) -> Outcome {
    let anywhere = [Ipv4Addr::new(1, 2, 3, 4), Ipv4Addr::new(223, 9, 9, 9)];
    let leaves = anywhere.iter().all(|ip| leave(ir, subnet, *ip) == Outcome::Delivered);
    let returns = anywhere.iter().all(|ip| matches!(next(ir, there, *ip), Next::Igw));
    if leaves && returns && admits(ir, there, &anywhere, None, protocol, port) {
        Outcome::Delivered
    } else {
        Outcome::Dropped
    }
}

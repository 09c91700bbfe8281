//! Routes and NAT: one target for each destination, and every target exists.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use crate::errors;
use crate::layout::Layout;
use crate::model::{Environment, Model, Network};
use crate::value::{Nat, Via};

/// The private blocks (RFC 1918), which people route as a whole.
const PRIVATE: &[Ipv4Net] = &[
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// Addresses of services of EC2 that no route may lead to (Amazon VPC user guide, "Route table concepts").
const LINK_LOCAL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 168, 0), 22);

pub(super) fn prove(model: &Model, layout: &Layout, diagnostics: &mut Vec<Diagnostic>) {
    for env in &model.environments {
        let vpc = layout.0.get(&env.name).map(|laid| laid.cidr);
        for network in &env.networks {
            routes(env, network, vpc, diagnostics);
            gateways(env, network, diagnostics);
        }
    }
    peered(model, layout, diagnostics);
    shared_addresses(model, diagnostics);
}

fn routes(env: &Environment, network: &Network, vpc: Option<Ipv4Net>, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<Ipv4Net, Span> = BTreeMap::new();
    for route in &network.routes.value {
        let destination = route.value.destination;
        if let Some(first) = seen.insert(destination, route.span) {
            diagnostics.push(errors::second_route(route.span, destination, first, &network.name, &env.name));
        }
        if LINK_LOCAL.contains(&destination) {
            diagnostics.push(errors::route_to_link_local(route.span, destination, LINK_LOCAL));
        }
        if let Some(vpc) = vpc {
            if vpc.contains(&destination) {
                diagnostics.push(errors::route_inside_vpc(route.span, destination, env, vpc));
            } else if route.value.via == Via::Vgw && is_mostly(destination, vpc) {
                diagnostics.push(errors::vpn_route_over_vpc(route.span, destination, env, vpc));
            }
        }
        if let Via::Nat(through) = &route.value.via {
            if through.value == network.name {
                diagnostics.push(errors::nat_of_itself(through.span, &network.name));
                continue;
            }
            let Some(target) = env.network(&through.value) else { continue };
            if target.nat.is_none() {
                diagnostics.push(errors::nat_missing(through.span, &through.value, &env.name, target.span));
            }
        }
    }
}

/// Whether half of `destination` or more is the VPC. A summary of many networks, the VPC's among them, is sound: the
/// local route is more specific.
fn is_mostly(destination: Ipv4Net, vpc: Ipv4Net) -> bool {
    let is_half = destination.contains(&vpc) && destination.prefix_len() + 1 >= vpc.prefix_len();
    is_half && !PRIVATE.contains(&destination)
}

fn gateways(env: &Environment, network: &Network, diagnostics: &mut Vec<Diagnostic>) {
    // A broken one is placed where its metanetwork is, and has been reported.
    let Some(nat) = network.nat.as_ref().filter(|nat| nat.span() != network.span) else { return };
    if !network.has_internet_default() {
        diagnostics.push(errors::nat_without_internet(nat.span(), network, &env.name));
    }
    if let Nat::Static(addresses) = &nat.value {
        let zones = env.zones.value;
        if addresses.len() != zones && !nat.value.is_one() {
            diagnostics.push(errors::nat_addresses_and_zones(
                nat.span(),
                addresses.len(),
                zones,
                &env.name,
                env.zones.place(env.span),
            ));
        }
    }
}

/// Checks that no declared route competes with the route of a peering.
fn peered(model: &Model, layout: &Layout, diagnostics: &mut Vec<Diagnostic>) {
    for env in &model.environments {
        for network in &env.networks {
            for (other, joint) in model.joined(&env.name, &network.name) {
                let Some(far) = layout.network(&other.env, &other.network) else { continue };
                for route in &network.routes.value {
                    if route.value.destination == far.block {
                        diagnostics.push(errors::route_over_peering(route.span, far.block, other, joint));
                    }
                }
            }
        }
    }
}

/// Whether an address can be an elastic IP address. Loopback is accepted: emulators allocate such addresses.
fn is_public(ip: Ipv4Addr) -> bool {
    let special = ip.is_private() || ip.is_link_local() || ip.is_multicast();
    !(special || ip.is_broadcast() || ip.is_unspecified() || ip.octets().starts_with(&[0]))
}

/// Checks that each elastic IP address is used once in all environments.
fn shared_addresses(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<Ipv4Addr, (Span, String)> = BTreeMap::new();
    let mut claim = |ip: Ipv4Addr, span: Span, user: String, diagnostics: &mut Vec<Diagnostic>| {
        if !is_public(ip) {
            diagnostics.push(errors::not_public(span, ip));
        } else if let Some((first, holder)) = seen.get(&ip) {
            diagnostics.push(errors::elastic_ip_shared(span, ip, &user, *first, holder));
        } else {
            seen.insert(ip, (span, user));
        }
    };
    for env in &model.environments {
        for network in &env.networks {
            if let Some(Nat::Static(addresses)) = network.nat.as_ref().map(|nat| &nat.value) {
                for ip in addresses {
                    let user = format!("a NAT gateway of `{}` in `{}`", network.name, env.name);
                    claim(ip.value, ip.span, user, diagnostics);
                }
            }
        }
        for host in &env.hosts {
            if let Some(eip) = &host.eip {
                claim(eip.value, eip.span(), format!("`{}` in `{}`", host.name, env.name), diagnostics);
            }
        }
    }
}

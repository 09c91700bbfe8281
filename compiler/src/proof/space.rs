//! CIDR blocks: legal sizes, inside their VPC, disjoint within it and across peerings and VPNs.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use crate::address_space::{LONGEST, SHORTEST, overlaps};
use crate::errors;
use crate::layout::{EnvLayout, Layout, vpn_destinations};
use crate::model::{Environment, Model};
use crate::value::Allocation;

/// CIDR blocks that no VPC can have: this network, loopback, link-local, multicast and reserved ones (RFC 6890;
/// VPC user guide, "VPC CIDR blocks").
pub(crate) const UNUSABLE: &[Ipv4Net] = &[
    Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 8),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 3),
];

pub(super) fn prove(model: &Model, layout: &Layout, diagnostics: &mut Vec<Diagnostic>) {
    for env in &model.environments {
        if let Some(laid) = layout.0.get(&env.name) {
            inside(model, env, laid, diagnostics);
        }
    }
    across(model, layout, diagnostics);
    around(model, layout, diagnostics);
}

fn inside(model: &Model, env: &Environment, laid: &EnvLayout, diagnostics: &mut Vec<Diagnostic>) {
    let vpc = laid.cidr;
    if !(SHORTEST..=LONGEST).contains(&vpc.prefix_len()) {
        diagnostics.push(errors::vpc_size(env.cidr.span(), &env.name, vpc));
        return;
    }
    if let Some(special) = UNUSABLE.iter().find(|special| overlaps(**special, vpc)) {
        diagnostics.push(errors::unusable_block(env.cidr.span(), &env.name, vpc, *special));
    }
    let own = env.max_zones.iter().map(|most| (env.name.as_str(), most));
    let of_networks =
        env.networks.iter().filter_map(|network| Some((network.name.as_str(), network.max_zones.as_ref()?)));
    for (whose, most) in own.chain(of_networks).filter(|(_, most)| most.value < env.zones.value) {
        let zones = (env.zones.place(env.span), env.zones.value);
        diagnostics.push(errors::max_zones((most.span(), most.value), zones, whose));
    }
    let is_pooled = matches!(env.cidr.value, Allocation::Pool { .. });
    for (at, network) in env.networks.iter().enumerate() {
        let Some(own) = laid.networks.get(&network.name) else { continue };
        let span = network.cidr.place(network.span);
        let is_fixed = matches!(network.cidr.value, Allocation::Fixed(_));
        if is_fixed && is_pooled {
            diagnostics.push(errors::fixed_in_pool(span, &network.name, &env.name, env.cidr.span()));
            continue;
        }
        if !vpc.contains(&own.block) {
            diagnostics.push(errors::network_outside_vpc(
                span,
                &network.name,
                own.block,
                &env.name,
                vpc,
                env.cidr.span(),
            ));
            continue;
        }
        if let Some(subnet) = own.subnets.iter().find(|subnet| subnet.prefix_len() > LONGEST) {
            diagnostics.push(errors::subnet_too_small(
                span,
                &network.name,
                &env.name,
                own.block,
                env.parts(network),
                subnet.prefix_len(),
            ));
        }
        for other in env.networks.iter().take(at) {
            let Some(theirs) =
                laid.networks.get(&other.name).filter(|theirs| overlaps(own.block, theirs.block))
            else {
                continue;
            };
            let (first, second) = ((&*network.name, own.block), (&*other.name, theirs.block));
            let place = other.cidr.place(other.span);
            if own.subnets.iter().any(|a| theirs.subnets.iter().any(|b| overlaps(*a, *b))) {
                diagnostics.push(errors::networks_overlap(span, first, place, second, &env.name));
            } else {
                // The rules and routes across a peering are about the whole block, the spare slot included.
                let outer = if own.block.contains(&theirs.block) { network } else { other };
                if let Some((_, joint)) = model.joined(&env.name, &outer.name).next() {
                    diagnostics.push(errors::spare_slot_peered(span, first, place, second, &env.name, joint));
                }
            }
        }
    }
}

/// Environments joined by a peering, or with the same network behind a VPN gateway, must not overlap: a route could
/// lead to one of them only.
fn across(model: &Model, layout: &Layout, diagnostics: &mut Vec<Diagnostic>) {
    for (at, a) in model.environments.iter().enumerate() {
        for b in model.environments.iter().skip(at + 1) {
            let (Some(of_a), Some(of_b)) = (layout.0.get(&a.name), layout.0.get(&b.name)) else { continue };
            if !overlaps(of_a.cidr, of_b.cidr) {
                continue;
            }
            let joint = model.joints.iter().find(|joint| {
                let [left, right] = &joint.ends;
                (left.env == a.name && right.env == b.name) || (left.env == b.name && right.env == a.name)
            });
            let (first, second) = ((a, of_a.cidr), (b, of_b.cidr));
            if let Some(joint) = joint {
                diagnostics.push(errors::peers_overlap(joint.span, first, second));
            } else if shares_vpn(a, b) {
                diagnostics.push(errors::vpn_sharers_overlap(first, second));
            }
        }
    }
}

/// Two environments that are both peered with a third must not overlap: a route in the third leads to one of them.
fn around(model: &Model, layout: &Layout, diagnostics: &mut Vec<Diagnostic>) {
    let environments: BTreeMap<&str, &Environment> =
        model.environments.iter().map(|env| (env.name.as_str(), env)).collect();
    let mut peers: BTreeMap<&str, BTreeMap<&str, Span>> = BTreeMap::new();
    for joint in &model.joints {
        let [a, b] = &joint.ends;
        for (one, other) in [(a, b), (b, a)] {
            peers.entry(&one.env).or_default().entry(&other.env).or_insert(joint.span);
        }
    }
    for middle in &model.environments {
        let Some(peers) = peers.get(middle.name.as_str()) else { continue };
        for (at, (first, _)) in peers.iter().enumerate() {
            for (second, joint) in peers.iter().skip(at + 1) {
                let (Some(a), Some(b)) = (environments.get(first), environments.get(second)) else {
                    continue;
                };
                let (Some(of_a), Some(of_b)) = (layout.0.get(*first), layout.0.get(*second)) else {
                    continue;
                };
                if overlaps(of_a.cidr, of_b.cidr) {
                    diagnostics.push(errors::peers_of_one_overlap(
                        *joint,
                        &middle.name,
                        (a, of_a.cidr),
                        (b, of_b.cidr),
                    ));
                }
            }
        }
    }
}

fn shares_vpn(a: &Environment, b: &Environment) -> bool {
    vpn_destinations(a).any(|left| vpn_destinations(b).any(|right| overlaps(left, right)))
}

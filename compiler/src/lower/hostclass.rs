//! What a hostclass has of the network: floating interfaces that keep its static addresses.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use asiaq_ir::{NetworkInterface, Ref};
use asiaq_lang::Span;

use super::{Lowering, path_of};
use crate::layout::EnvLayout;
use crate::model::{Environment, Host};
use crate::proof::{Place, place};

/// The description by which machines find their interface at boot.
const FLOATING: &str = "floating interface";

/// A static address of a hostclass, found in its environment.
pub(super) struct Floating<'m> {
    /// The address.
    pub(super) address: Ipv4Addr,
    /// Metanetwork that it lies in.
    pub(super) network: &'m str,
    /// Which of its subnets.
    pub(super) slot: usize,
    /// Where it is said.
    span: Span,
}

/// The static addresses of a hostclass, in the order they are said; one that is no machine's has been
/// reported, and is left out.
pub(super) fn floating<'m>(laid: &EnvLayout, host: &'m Host) -> Vec<Floating<'m>> {
    let found = host.addresses().filter_map(|(ip, span)| {
        let network = host.network_of(ip);
        let subnets = &laid.networks.get(network)?.subnets;
        let Place::Spanned(address) = place(ip, subnets) else { return None };
        let slot = subnets.iter().position(|subnet| subnet.contains(&address))?;
        Some(Floating { address, network, slot, span })
    });
    found.collect()
}

/// The path of the interface that keeps address number `at` of a hostclass, from 0.
pub(super) fn interface(hostclass: &str, at: usize) -> String {
    match at {
        0 => format!("interface/{hostclass}"),
        _ => format!("interface/{hostclass}/{}", at + 1),
    }
}

impl Lowering<'_> {
    pub(super) fn floating_interfaces(&mut self, env: &Environment, laid: &EnvLayout, host: &Host) {
        for (at, found) in floating(laid, host).into_iter().enumerate() {
            let network = found.network;
            let kept = NetworkInterface {
                subnet: Ref::to(&env.name, &path_of(network, "subnet", found.slot)),
                address: found.address,
                groups: BTreeSet::from([Ref::to(&env.name, &format!("{network}/security-group"))]),
                description: FLOATING.to_owned(),
            };
            let path = interface(&host.name, at);
            let chain = host.ip.as_ref().map_or_else(|| vec![found.span], |ip| ip.chain.clone());
            self.add(env, &path, host.span, kept)
                .tagged(env, &format!("{}_{}", env.name, host.name), &[])
                .provenance("address", &chain)
                .provenance("subnet", &chain);
        }
    }
}

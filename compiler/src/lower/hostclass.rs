//! The floating network interfaces that keep the static addresses of a hostclass.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use asiaq_ir::{NetworkInterface, Ref};
use asiaq_lang::Span;

use super::{Lowering, path_of};
use crate::evaluate::Resolved;
use crate::layout::EnvLayout;
use crate::model::{Environment, Host};
use crate::proof::{Place, place};

/// The description by which instances find their interface at boot.
const FLOATING: &str = "floating interface";

/// A static address of a hostclass, with its subnet.
pub(super) struct Floating<'m> {
    pub(super) address: Ipv4Addr,
    /// Metanetwork of the address.
    pub(super) network: &'m str,
    /// Number of the subnet in the metanetwork, from 0.
    pub(super) slot: usize,
    /// Its place in the program.
    span: Span,
}

/// The static addresses of a hostclass, in the order of the program. An address that instances cannot have has been
/// reported, and is left out.
pub(super) fn floating<'m>(laid: &EnvLayout, host: &'m Host) -> Vec<Floating<'m>> {
    let found = host.addresses().filter_map(|(ip, span)| {
        let network = host.network_of(ip);
        let subnets = &laid.networks.get(network)?.subnets;
        let Place::Address(address) = place(ip, subnets) else { return None };
        let slot = subnets.iter().position(|subnet| subnet.contains(&address))?;
        Some(Floating { address, network, slot, span })
    });
    let mut found: Vec<Floating<'m>> = found.collect();
    // Each instance takes a free address, so their order means nothing.
    found.sort_by_key(|floating| floating.address);
    found
}

/// The path of the interface that keeps `address` of a hostclass. Its place in a list of addresses makes no difference.
pub(super) fn interface(host: &Host, address: Ipv4Addr) -> String {
    if host.ip.is_some() {
        format!("interface/{}", host.name)
    } else {
        format!("interface/{}/{address}", host.name)
    }
}

/// The static addresses of a hostclass, separated by spaces.
pub(crate) fn spaced_addresses(env: &Environment, laid: &EnvLayout, of: Option<&Resolved<String>>) -> String {
    let host = of.and_then(|of| env.host(&of.value));
    let floating = host.map(|host| floating(laid, host)).unwrap_or_default();
    floating.iter().map(|found| found.address.to_string()).collect::<Vec<_>>().join(" ")
}

/// The addresses of other hostclasses that instances are told.
pub(super) fn helper_addresses(env: &Environment, laid: &EnvLayout) -> [String; 3] {
    [&env.common.logger, &env.common.log_forwarder, &env.common.http_proxy]
        .map(|of| spaced_addresses(env, laid, of.as_ref()))
}

impl Lowering<'_> {
    pub(super) fn floating_interfaces(&mut self, env: &Environment, laid: &EnvLayout, host: &Host) {
        for found in floating(laid, host) {
            let network = found.network;
            let path = interface(host, found.address);
            let chain = host.ip.as_ref().map_or_else(|| vec![found.span], |ip| ip.chain.clone());
            let subnet = Ref::to(&env.name, &path_of(network, "subnet", found.slot));
            let mut node = self
                .node(env, &path, host.span)
                .declared_by(&host.name)
                .tagged(&format!("{}_{}", env.name, host.name), &[]);
            let resource = NetworkInterface {
                subnet: node.set(NetworkInterface::SUBNET, &chain, subnet),
                address: node.set(NetworkInterface::ADDRESS, &chain, found.address),
                groups: BTreeSet::from([Ref::to(&env.name, &format!("{network}/security-group"))]),
                description: FLOATING.to_owned(),
            };
            self.add(node, resource);
        }
    }
}

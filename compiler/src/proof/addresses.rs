//! Static addresses: inside their metanetwork, not reserved by AWS, each for one hostclass.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use crate::errors;
use crate::layout::{EnvLayout, Layout};
use crate::model::{Environment, Host, Model};
use crate::value::{Address, Allocation};

pub(super) fn prove(model: &Model, layout: &Layout, diagnostics: &mut Vec<Diagnostic>) {
    for env in &model.environments {
        let Some(laid) = layout.0.get(&env.name) else { continue };
        let mut seen: BTreeMap<Ipv4Addr, (&str, Span)> = BTreeMap::new();
        for host in &env.hosts {
            for (address, span) in host.addresses() {
                let Some(ip) = host_address(env, laid, host, (address, span), diagnostics) else { continue };
                if let Some((other, first)) = seen.get(&ip) {
                    let found = errors::duplicate_address(span, ip, &host.name, *first, other, &env.name);
                    diagnostics.push(found);
                } else {
                    seen.insert(ip, (&host.name, span));
                }
            }
        }
        time_and_name_servers(env, laid, diagnostics);
    }
}

fn host_address(
    env: &Environment,
    laid: &EnvLayout,
    host: &Host,
    (address, span): (&Address, Span),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Ipv4Addr> {
    if let Address::Ip(ip) = *address
        && matches!(env.cidr.value, Allocation::Pool { .. })
    {
        diagnostics.push(errors::address_in_pool(span, ip, &env.name, env.cidr.span()));
        return None;
    }
    let network = host.network_of(address);
    let subnets = &laid.networks.get(network)?.subnets;
    match place(address, subnets) {
        Place::Address(ip) => Some(ip),
        Place::Reserved(ip, subnet) => {
            diagnostics.push(errors::reserved_address(span, ip, subnet, &host.name, &env.name));
            None
        }
        Place::Outside => {
            diagnostics.push(errors::address_outside(span, address, network, &env.name, subnets));
            None
        }
    }
}

/// Offsets of DHCP servers must be addresses that an instance can have.
fn time_and_name_servers(env: &Environment, laid: &EnvLayout, diagnostics: &mut Vec<Diagnostic>) {
    for (address, span) in env.dhcp.iter().flat_map(crate::model::Dhcp::addresses) {
        let Address::Offset { network: Some(network), .. } = address else { continue };
        let Some(subnets) = laid.networks.get(&network.value).map(|laid| &laid.subnets) else { continue };
        match place(address, subnets) {
            Place::Address(_) => {}
            Place::Reserved(ip, subnet) => {
                diagnostics.push(errors::reserved_address(span, ip, subnet, "dhcp", &env.name));
            }
            Place::Outside => {
                diagnostics.push(errors::address_outside(span, address, &network.value, &env.name, subnets));
            }
        }
    }
}

/// An address resolved in a metanetwork.
pub(crate) enum Place {
    /// An address that an instance can have.
    Address(Ipv4Addr),
    /// One of the five that AWS reserves in a subnet.
    Reserved(Ipv4Addr, Ipv4Net),
    /// In none of its subnets.
    Outside,
}

/// Resolves an address in a metanetwork that has these subnets, in order of address: `+n` counts from the
/// first address of the first one, `-n` from the last address of the last one.
pub(crate) fn place(address: &Address, subnets: &[Ipv4Net]) -> Place {
    let ip = match address {
        Address::Ip(ip) => Some(*ip),
        Address::Offset { by, .. } => {
            let start = if *by < 0 {
                subnets.iter().map(Ipv4Net::broadcast).max()
            } else {
                subnets.iter().map(Ipv4Net::network).min()
            };
            start
                .and_then(|start| i64::from(u32::from(start)).checked_add(*by))
                .and_then(|at| u32::try_from(at).ok())
                .map(Ipv4Addr::from)
        }
    };
    let Some(ip) = ip else { return Place::Outside };
    match subnets.iter().find(|subnet| subnet.contains(&ip)) {
        Some(subnet) if is_reserved(ip, *subnet) => Place::Reserved(ip, *subnet),
        Some(_) => Place::Address(ip),
        None => Place::Outside,
    }
}

/// AWS reserves the first four addresses of a subnet and the last (VPC user guide, "Subnet CIDR blocks").
fn is_reserved(ip: Ipv4Addr, subnet: Ipv4Net) -> bool {
    let first = u32::from(subnet.network());
    u32::from(ip) - first < 4 || ip == subnet.broadcast()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(by: i64) -> String {
        let subnets: Vec<Ipv4Net> = ["10.101.0.0/22", "10.101.4.0/22", "10.101.8.0/22"]
            .iter()
            .map(|net| net.parse().unwrap())
            .collect();
        match place(&Address::Offset { network: None, by }, &subnets) {
            Place::Address(ip) => ip.to_string(),
            Place::Reserved(ip, _) => format!("{ip} reserved"),
            Place::Outside => "outside".to_owned(),
        }
    }

    #[test]
    fn offsets_count_from_either_end_of_the_metanetwork() {
        assert_eq!(
            [0, 4, 5, 1024, 1028, 3071, 3072].map(shown),
            [
                "10.101.0.0 reserved",
                "10.101.0.4",
                "10.101.0.5",
                "10.101.4.0 reserved",
                "10.101.4.4",
                "10.101.11.255 reserved",
                "outside"
            ]
        );
        assert_eq!(
            [-1, -2, -3071, -3072].map(shown),
            ["10.101.11.254", "10.101.11.253", "10.101.0.0 reserved", "outside"]
        );
    }
}

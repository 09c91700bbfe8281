//! Static addresses of several hostclasses that fall into one zone, and so fail together.

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::Project;
use crate::errors;
use crate::layout::EnvLayout;
use crate::model::{Environment, Host};
use crate::proof::{Place, place};

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    for env in project.model.environments.iter().filter(|env| env.zones.value > 1) {
        let Some(laid) = project.layout.0.get(&env.name) else { continue };
        for network in &env.networks {
            let Some(own) = laid.networks.get(&network.name) else { continue };
            let statics: Vec<Static<'_>> =
                env.hosts.iter().flat_map(|host| of_host(host, &network.name, &own.subnets)).collect();
            found.extend(concentration(env, laid, &network.name, &own.subnets, &statics));
        }
    }
}

/// A static address of a hostclass.
struct Static<'m> {
    host: &'m str,
    span: Span,
    zone: usize,
}

fn of_host<'m>(host: &'m Host, network: &str, subnets: &[Ipv4Net]) -> Vec<Static<'m>> {
    let here = host.addresses().filter(|(ip, _)| host.network_of(ip) == network);
    let statics = here.filter_map(|(ip, span)| {
        let Place::Address(address) = place(ip, subnets) else { return None };
        let zone = subnets.iter().position(|subnet| subnet.contains(&address))?;
        Some(Static { host: &host.name, span, zone })
    });
    statics.collect()
}

fn concentration(
    env: &Environment,
    laid: &EnvLayout,
    network: &str,
    subnets: &[Ipv4Net],
    statics: &[Static<'_>],
) -> Option<Diagnostic> {
    let (first, others) = statics.split_first()?;
    let zone = laid.zones.get(first.zone)?;
    // Hostclasses that inherit one address share it, one after the other.
    let is_several = others.iter().any(|other| other.span != first.span);
    if !is_several || others.iter().any(|other| other.zone != first.zone) {
        return None;
    }
    let last = statics.iter().max_by_key(|found| found.span)?;
    let rest: Vec<(Span, String)> = statics
        .iter()
        .filter(|found| found.span != last.span)
        .map(|found| (found.span, format!("`{}` has an address there, too", found.host)))
        .collect();
    let base = subnets.iter().map(Ipv4Net::network).min()?;
    let next = subnets.iter().zip(&laid.zones).find(|(_, name)| *name != zone);
    // The first four addresses of a subnet are AWS's.
    let next = next.map(|(subnet, zone)| {
        (zone.clone(), u32::from(subnet.network()).saturating_sub(u32::from(base)).saturating_add(4))
    });
    Some(errors::single_zone(last.span, network, &env.name, zone, &rest, next))
}

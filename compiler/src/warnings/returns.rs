//! Sources outside the VPC to which no route of the metanetwork leads back, so that nothing comes from there.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::Project;
use super::atoms::extent;
use crate::address_space::overlaps;
use crate::errors;
use crate::model::{Environment, Network};
use crate::value::{Allocation, Source, Spanned, Via};

/// A source of the text that has no way back where it was met first; nothing once it was met with one.
type Sources<'m> = BTreeMap<Span, Option<(Ipv4Net, &'m Network)>>;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut sources = Sources::new();
    for env in &project.model.environments {
        for network in &env.networks {
            let customer = env.customer.iter().filter(|_| network.name == "dmz");
            let customer = customer
                .filter(|customer| !customer.ports.value.is_empty())
                .flat_map(|customer| &customer.from.value);
            let rules = network.ingress.value.iter().flat_map(|rule| &rule.value.sources);
            for source in rules.chain(customer) {
                note(project, env, network, source, &mut sources);
            }
        }
    }
    for (span, (block, network)) in sources.into_iter().filter_map(|(span, lost)| Some((span, lost?))) {
        let routes = project.place(network.routes.place(network.span), span);
        let label = if network.routes.value.is_empty() { "this has no routes" } else { "no route back here" };
        let routes = Some((routes, label)).filter(|_| routes != span);
        found.push(errors::no_return_route(span, block, &network.name, routes));
    }
}

fn note<'m>(
    project: &Project<'m>,
    env: &'m Environment,
    network: &'m Network,
    source: &Spanned<Source>,
    sources: &mut Sources<'m>,
) {
    let Source::Cidr(block) = &source.value else { return };
    let lost = (!comes_in(project, env, network, *block)).then_some((*block, network));
    // One environment in which something comes from there is enough.
    let known = sources.entry(source.span).or_insert_with(|| lost);
    if lost.is_none() {
        *known = None;
    }
}

/// Whether something from `block` can come in and be answered.
fn comes_in(project: &Project<'_>, env: &Environment, network: &Network, block: Ipv4Net) -> bool {
    let is_internet = block.prefix_len() == 0;
    let own = match env.cidr.value {
        Allocation::Fixed(own) | Allocation::Pool { pool: own, .. } => own,
        Allocation::Sized(_) | Allocation::Share => return true,
    };
    let is_inside = !is_internet && overlaps(own, block);
    let is_routed = || {
        network.routes.value.iter().any(|route| match &route.value.via {
            Via::Vgw => overlaps(route.value.destination, block),
            Via::Igw => overlaps(route.value.destination, block) && !is_private(block),
            // Nothing comes in through a NAT gateway.
            Via::Nat(_) => false,
        })
    };
    let is_peered = || {
        project.model.joined(&env.name, &network.name).any(|(far, _)| {
            let far_env = project.model.environment(&far.env);
            let far = far_env.and_then(|env| extent(project, env, &far.network));
            far.is_some_and(|far| overlaps(far, block))
        })
    };
    is_inside || network.vgw_propagation.value || is_routed() || is_peered()
}

/// Whether `block` is private (RFC 1918), so not routed on the internet.
fn is_private(block: Ipv4Net) -> bool {
    block.network().is_private() && block.broadcast().is_private()
}

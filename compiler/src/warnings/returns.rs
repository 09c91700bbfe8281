//! Sources outside the VPC that no machine with the rule can answer, because no route leads back.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Protocol;
use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::Project;
use super::atoms::extent;
use crate::address_space::overlaps;
use crate::errors;
use crate::model::{Balancer, Environment, Family, Network};
use crate::value::{Allocation, AppProtocol, Ports, Source, Spanned, Via};

/// A source of the text that nobody can answer, where it was met first; nothing once somebody can.
type Sources<'m> = BTreeMap<Span, Option<(Ipv4Net, &'m Network)>>;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut sources = Sources::new();
    for env in &project.model.environments {
        let groups = groups(env);
        let nobody = Members::default();
        for network in &env.networks {
            let members = groups.get(network.name.as_str()).unwrap_or(&nobody);
            let here = Side { project, env, network, members };
            for rule in network.ingress.value.iter().map(|rule| &rule.value) {
                for source in &rule.sources {
                    here.note(source, rule.protocol, &rule.ports, &mut sources);
                }
            }
            let customer = env.customer.iter().filter(|_| network.name == "dmz");
            for customer in customer.filter(|customer| !customer.ports.value.is_empty()) {
                let ports: Vec<Ports> = customer.ports.value.iter().map(|ports| ports.value).collect();
                for source in &customer.from.value {
                    here.note(source, Protocol::Tcp, &ports, &mut sources);
                }
            }
        }
    }
    // One missing route is one mistake, however many rules need it.
    let mut missing: BTreeMap<(&str, Ipv4Net, Span), Vec<Span>> = BTreeMap::new();
    for (span, (block, network)) in sources.into_iter().filter_map(|(span, lost)| Some((span, lost?))) {
        let routes = network.routes.place(network.span);
        missing.entry((&network.name, block, routes)).or_default().push(span);
    }
    for ((network, block, routes), rules) in missing {
        let Some((first, others)) = rules.split_first() else { continue };
        let routes = Some(routes).filter(|routes| project.place(*routes, *first) == *routes);
        found.push(errors::no_return_route(*first, block, network, others, routes));
    }
}

/// What has the security group of a metanetwork.
#[derive(Default)]
struct Members<'m> {
    /// The metanetworks in whose subnets its machines and load balancers are.
    subnets: BTreeSet<&'m str>,
    /// The Network Load Balancers of its machines: answers to their clients go back through them.
    forwarders: Vec<(&'m Balancer, &'m str)>,
}

/// The members of each group of an environment.
fn groups(env: &Environment) -> BTreeMap<&str, Members<'_>> {
    let mut groups: BTreeMap<&str, Members<'_>> = BTreeMap::new();
    if env.hosts.is_empty() {
        // The program is about networks alone: its machines are made elsewhere, some in each.
        for network in &env.networks {
            groups.entry(&network.name).or_default().subnets.insert(&network.name);
        }
    }
    for host in &env.hosts {
        let forwarders = host.balancers.iter().filter(|found| found.family.value == Family::Network);
        let forwarders: Vec<_> = forwarders.map(|found| (found, found.network_of(host))).collect();
        for group in host.groups() {
            let members = groups.entry(group).or_default();
            members.subnets.insert(&host.network.value);
            members.forwarders.extend(&forwarders);
        }
        for network in host.balancers.iter().map(|balancer| balancer.network_of(host)) {
            groups.entry(network).or_default().subnets.insert(network);
        }
    }
    groups
}

/// A metanetwork of an environment, with the members of its group.
struct Side<'s, 'm> {
    project: &'s Project<'m>,
    env: &'m Environment,
    network: &'m Network,
    members: &'s Members<'m>,
}

impl<'m> Side<'_, 'm> {
    fn note(&self, source: &Spanned<Source>, protocol: Protocol, ports: &[Ports], sources: &mut Sources<'m>) {
        let Source::Cidr(block) = source.value else { return };
        // Nobody is in a group that is only a source of other rules.
        let is_answered = self.members.subnets.is_empty()
            || self.members.subnets.iter().any(|network| self.comes_in(network, block))
            || self.is_forwarded(protocol, ports, block);
        let lost = (!is_answered).then_some((block, self.network));
        // One environment in which something comes from there is enough.
        let known = sources.entry(source.span).or_insert(lost);
        if lost.is_none() {
            *known = None;
        }
    }

    /// Whether a Network Load Balancer hands on what comes from `block`: it keeps the addresses of clients.
    fn is_forwarded(&self, protocol: Protocol, ports: &[Ports], block: Ipv4Net) -> bool {
        self.members.forwarders.iter().any(|(balancer, network)| {
            let is_open = balancer.public.value || is_private(block);
            let is_for = |port: u16| ports.is_empty() || ports.iter().any(|range| range.contains(port));
            let is_target = balancer.backs().into_iter().any(|back| {
                let of_back = if back.protocol == AppProtocol::Udp { Protocol::Udp } else { Protocol::Tcp };
                (protocol == Protocol::Any || protocol == of_back) && is_for(back.port)
            });
            is_open && is_target && self.comes_in(network, block)
        })
    }

    fn comes_in(&self, network: &str, block: Ipv4Net) -> bool {
        let network = self.env.network(network);
        network.is_none_or(|network| comes_in(self.project, self.env, network, block))
    }
}

/// Whether something from `block` can come into the subnets of `network` and be answered.
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

//! Load balancers that nobody can reach, and machines that their load balancer cannot reach.

use std::collections::BTreeMap;

use asiaq_ir::Protocol;
use asiaq_lang::{Diagnostic, Span};

use super::Project;
use super::atoms::{Stated, Who, extent, stated};
use crate::address_space::overlaps;
use crate::errors;
use crate::model::{Balancer, Environment, Family, Host, Network, Socket};
use crate::value::AppProtocol;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    for env in &project.model.environments {
        let mut rules = Rules { project, env, known: BTreeMap::new() };
        for (host, balancer) in env.balancers() {
            let Some(network) = env.network(balancer.network_of(host)) else { continue };
            // A program without any rule on the way leaves them for later.
            if !host.groups().chain([network.name.as_str()]).any(|group| rules.has_some(group)) {
                continue;
            }
            rules.listeners(host, balancer, network, found);
            rules.targets(host, balancer, network, found);
        }
    }
}

/// The rules of the metanetworks of an environment, read on first use.
struct Rules<'p, 'm> {
    project: &'p Project<'m>,
    env: &'m Environment,
    known: BTreeMap<&'m str, Vec<Stated<'m>>>,
}

impl<'m> Rules<'_, 'm> {
    fn of(&mut self, network: &'m Network) -> &[Stated<'m>] {
        let (project, env) = (self.project, self.env);
        self.known.entry(&network.name).or_insert_with(|| stated(project, env, network))
    }

    fn has_some(&mut self, network: &str) -> bool {
        self.env.network(network).is_some_and(|network| !self.of(network).is_empty())
    }

    /// The sources that `network` lets in to a port.
    fn sources(&mut self, network: &'m Network, protocol: Protocol, port: u16) -> Vec<Who<'m>> {
        let rules = self.of(network).iter().filter(|rule| rule.is_for(protocol, port));
        rules.flat_map(|rule| rule.sources.iter().cloned()).collect()
    }

    /// Whether somebody may connect to each listener. A load balancer has the security group of its metanetwork.
    fn listeners(
        &mut self,
        host: &Host,
        balancer: &Balancer,
        network: &'m Network,
        found: &mut Vec<Diagnostic>,
    ) {
        let mut closed: Vec<(Span, (Protocol, u16))> = Vec::new();
        for mapping in &balancer.listeners.value {
            let Socket { protocol, port } = mapping.value.front;
            if self.sources(network, transport(protocol), port).is_empty() {
                closed.push((self.place(mapping.span, host), (transport(protocol), port)));
            }
        }
        let of = (&*host.name, balancer.block, &*self.env.name);
        let rules = self.rules_place(network);
        found.extend(errors::unreachable_balancer(of, &closed, &network.name, rules));
    }

    /// Whether the machines of `host` let in what their load balancer in `network` sends.
    fn targets(
        &mut self,
        host: &'m Host,
        balancer: &'m Balancer,
        network: &'m Network,
        found: &mut Vec<Diagnostic>,
    ) {
        let groups: Vec<&Network> = host.groups().filter_map(|group| self.env.network(group)).collect();
        let own = extent(self.project, self.env, &network.name);
        // From the load balancer itself: its group, or its addresses.
        let is_balancer = |who: &Who<'_>| match who {
            Who::Group(group) => *group == network.name,
            Who::Block(block) => own.is_none_or(|own| overlaps(*block, own)),
            Who::Far { .. } => false,
        };
        let (mut unserved, mut unchecked) = (Vec::new(), Vec::new());
        for back in balancer.backs() {
            let mappings =
                || balancer.listeners.value.iter().filter(|mapping| mapping.value.instances() == Some(back));
            let Some(first) = mappings().next() else { continue };
            let protocol = transport(back.protocol);
            let mut let_in = Vec::new();
            for group in &groups {
                let_in.extend(self.sources(group, protocol, back.port));
            }
            let mut is_served = let_in.iter().any(is_balancer);
            if balancer.family.value == Family::Network && !is_served {
                // It keeps the addresses of its clients.
                let mut clients = Vec::new();
                for mapping in mappings() {
                    let front = mapping.value.front;
                    clients.extend(self.sources(network, transport(front.protocol), front.port));
                }
                is_served = clients.iter().any(|client| let_in.iter().any(|who| self.meet(client, who)));
            }
            // Health checks come from the load balancer, always over TCP.
            let is_checked = groups
                .iter()
                .any(|group| self.sources(group, Protocol::Tcp, back.port).iter().any(is_balancer));
            let span = self.place(first.span, host);
            if !is_served {
                unserved.push((span, (protocol, back.port)));
            } else if !is_checked {
                unchecked.push((span, (Protocol::Tcp, back.port)));
            }
        }
        let of = (&*host.name, balancer.block, &*self.env.name);
        let site = groups.first().and_then(|group| self.rules_place(group));
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        let sides = (names.as_slice(), network.name.as_str());
        found.extend(errors::unreachable_target(of, &unserved, "traffic from", sides, site));
        found.extend(errors::unreachable_target(of, &unchecked, "health checks of", sides, site));
    }

    /// Whether two sources may have an address in common.
    fn meet(&self, a: &Who<'_>, b: &Who<'_>) -> bool {
        let block = |who: &Who<'_>| match who {
            Who::Block(block) => Some(*block),
            Who::Group(network) => extent(self.project, self.env, network),
            Who::Far { env, network } => extent(self.project, self.project.model.environment(env)?, network),
        };
        match (block(a), block(b)) {
            (Some(a), Some(b)) => overlaps(a, b),
            (None, _) | (_, None) => true,
        }
    }

    fn place(&self, span: Span, host: &Host) -> Span {
        self.project.place(span, self.project.place(host.span, self.env.span))
    }

    /// Where the rules of a metanetwork are, in the project's own text.
    fn rules_place(&self, network: &Network) -> Option<Span> {
        let place = network.ingress.place(network.span);
        (self.project.place(place, Span::default()) == place).then_some(place)
    }
}

/// The protocol under that of a listener.
fn transport(protocol: AppProtocol) -> Protocol {
    match protocol {
        AppProtocol::Udp => Protocol::Udp,
        AppProtocol::Http | AppProtocol::Https | AppProtocol::Tcp | AppProtocol::Ssl | AppProtocol::Tls => {
            Protocol::Tcp
        }
    }
}

//! What load balancers listen on, whom they call, and whose addresses machines behind them see.
//!
//! A load balancer begins connections to its targets only: what it forwards, and health checks. A Network Load
//! Balancer keeps the addresses of its clients, so its targets get packets of the clients themselves.
//! Sources: Elastic Load Balancing guides ("Client IP preservation", "Target group health checks").

use std::collections::BTreeSet;

use asiaq_ir::{
    BalancerFamily, ClassicLoadBalancer, Ir, Listener, LoadBalancer, Protocol, Resource, TargetGroup,
};

use super::group::{Group, named};

/// A protocol and a port.
pub(super) type Socket = (Protocol, u16);

/// What tells load balancers, and databases, caches and search domains, apart beside their interfaces; empty for other
/// machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Service<'i> {
    pub(super) forwards: BTreeSet<Forward>,
    /// Listeners that answer or redirect clients themselves, and what they do in AWS alone.
    pub(super) answers: BTreeSet<Socket>,
    /// The ports of its targets that health checks are sent to.
    checks: BTreeSet<u16>,
    /// The security groups of its targets, if those see the addresses of clients.
    pub(super) behind: Option<Vec<Group<'i>>>,
}

/// From a listener to a port of the targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Forward {
    pub(super) front: Socket,
    pub(super) back: Socket,
    pub(super) keeps_client: bool,
}

/// The attribute of a target group that says whether its targets see the addresses of clients, of TCP at least.
const KEEPS_CLIENT: &str = "preserve_client_ip.enabled";

impl<'i> Service<'i> {
    /// That of a load balancer whose targets are in the security groups `behind`.
    pub(super) fn of(ir: &Ir, balancer: &LoadBalancer, behind: Option<Vec<Group<'i>>>) -> Self {
        let mut service = Self::default();
        for Listener { port, protocol, target, .. } in &balancer.listeners {
            let target = target.as_ref().and_then(named).and_then(|address| ir.resources.get(address));
            let Some(Resource::TargetGroup(group)) = target.map(|node| &node.resource) else {
                service.answers.extend(transports(protocol).iter().map(|protocol| (*protocol, *port)));
                continue;
            };
            service.checks.insert(group.health_check.port);
            for protocol in transports(protocol) {
                let keeps_client = keeps_client(balancer.family, group, *protocol);
                let (front, back) = ((*protocol, *port), (*protocol, group.port));
                service.forwards.insert(Forward { front, back, keeps_client });
            }
        }
        service.behind = behind.filter(|_| service.forwards.iter().any(|forward| forward.keeps_client));
        service
    }

    /// That of something that listens on one port.
    pub(super) fn on(port: u16) -> Self {
        Self { answers: [(Protocol::Tcp, port)].into(), ..Self::default() }
    }

    pub(super) fn of_classic(balancer: &ClassicLoadBalancer) -> Self {
        let forwards = balancer.listeners.iter().map(|listener| Forward {
            front: (Protocol::Tcp, listener.port),
            back: (Protocol::Tcp, listener.to_port),
            keeps_client: false,
        });
        // `HTTP:80/ping`
        let check = balancer.health_check.target.split([':', '/']).nth(1);
        Self {
            forwards: forwards.collect(),
            answers: BTreeSet::new(),
            checks: check.and_then(|port| port.parse().ok()).into_iter().collect(),
            behind: None,
        }
    }

    /// The ports of its targets that it calls.
    pub(super) fn calls(&self) -> BTreeSet<Socket> {
        let checks = self.checks.iter().map(|port| (Protocol::Tcp, *port));
        self.forwards.iter().map(|forward| forward.back).chain(checks).collect()
    }

    /// Its listeners.
    pub(super) fn listens(&self) -> impl Iterator<Item = Socket> + '_ {
        self.forwards.iter().map(|forward| forward.front).chain(self.answers.iter().copied())
    }

    /// Whether some of its targets see the addresses of clients.
    pub(super) fn keeps_clients(&self) -> bool {
        self.forwards.iter().any(|forward| forward.keeps_client)
    }
}

/// The protocols under that of a listener, in AWS's words.
fn transports(protocol: &str) -> &'static [Protocol] {
    match protocol {
        "UDP" | "QUIC" => &[Protocol::Udp],
        "TCP_UDP" | "TCP_QUIC" => &[Protocol::Tcp, Protocol::Udp],
        _ => &[Protocol::Tcp],
    }
}

/// Whether targets see the addresses of clients. With UDP they always do.
fn keeps_client(family: BalancerFamily, group: &TargetGroup, protocol: Protocol) -> bool {
    let is_off = group.attributes.get(KEEPS_CLIENT).is_some_and(|set| set == "false");
    family == BalancerFamily::Network && (protocol == Protocol::Udp || !is_off)
}

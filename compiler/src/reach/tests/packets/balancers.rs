//! What load balancers listen on and whom they call, as listeners, target groups and health checks say.

use asiaq_ir::{Address, BalancerFamily, ClassicLoadBalancer, Ir, LoadBalancer, Protocol, Resource};

use super::reading::to;
use super::{Interface, Owner, World};

/// A protocol and a port.
pub(super) type Socket = (Protocol, u16);

/// A listener.
#[derive(Clone, Debug)]
pub(super) struct Listening {
    pub(super) front: Socket,
    pub(super) back: Socket,
    check: Socket,
    /// Its target group, or the Classic Load Balancer itself.
    targets: Address,
    /// Whether machines see the addresses of clients.
    keeps: bool,
}

fn transport(protocol: &str) -> Protocol {
    if protocol == "UDP" { Protocol::Udp } else { Protocol::Tcp }
}

pub(super) fn listeners(balancer: &LoadBalancer, ir: &Ir) -> Vec<Listening> {
    let listening = |listener: &asiaq_ir::Listener| {
        let targets = to(listener.target.as_ref().unwrap()).unwrap();
        let Resource::TargetGroup(group) = &ir.resources[targets].resource else { panic!("{targets}") };
        Listening {
            front: (transport(&listener.protocol), listener.port),
            back: (transport(&group.protocol), group.port),
            check: (Protocol::Tcp, group.health_check.port),
            targets: targets.clone(),
            keeps: balancer.family == BalancerFamily::Network
                && group.attributes.get("preserve_client_ip.enabled").is_none_or(|is| is == "true"),
        }
    };
    balancer.listeners.iter().map(listening).collect()
}

pub(super) fn classic_listeners(address: &Address, balancer: &ClassicLoadBalancer) -> Vec<Listening> {
    let check = balancer.health_check.target.split([':', '/']).nth(1).unwrap();
    let listening = |listener: &asiaq_ir::ClassicListener| Listening {
        front: (Protocol::Tcp, listener.port),
        back: (Protocol::Tcp, listener.to_port),
        check: (Protocol::Tcp, check.parse().unwrap()),
        targets: address.clone(),
        keeps: false,
    };
    balancer.listeners.iter().map(listening).collect()
}

impl Interface {
    pub(super) fn is_balancer(&self) -> bool {
        matches!(self.owner, Owner::Balancer(_))
    }

    fn serves(&self, listener: &Listening) -> bool {
        self.registered.contains(&listener.targets)
    }

    /// Whether it opens such connections to an interface.
    pub(super) fn calls(&self, machine: &Self, socket: Socket) -> bool {
        let is_for = |listener: &&Listening| machine.serves(listener);
        self.listeners.iter().filter(is_for).any(|to| to.back == socket || to.check == socket)
    }

    /// The listener on a port.
    pub(super) fn listener(&self, socket: Socket) -> Option<&Listening> {
        self.listeners.iter().find(|listener| listener.front == socket)
    }
}

impl World<'_> {
    /// The listeners that send packets of clients to a port of an interface.
    pub(super) fn keepers(&self, machine: &Interface, socket: Socket) -> Vec<(&Interface, Socket)> {
        let sends =
            |listener: &&Listening| listener.keeps && machine.serves(listener) && listener.back == socket;
        let of = |interface| move |listener: &Listening| (interface, listener.front);
        let balancers = self.interfaces.iter();
        balancers
            .flat_map(|balancer| {
                balancer.listeners.iter().filter(sends).map(of(balancer)).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The machines that see the addresses of a listener's clients.
    pub(super) fn behind(&self, listener: &Listening) -> Vec<&Interface> {
        let sees = |machine: &&Interface| listener.keeps && machine.serves(listener);
        self.interfaces.iter().filter(sees).collect()
    }
}

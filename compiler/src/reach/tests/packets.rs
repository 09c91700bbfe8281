//! Packets, one by one: from one interface to another, or to or from an address outside, by plain search through the
//! resources. It shares nothing with what it checks but the form of the resources.

mod interfaces;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use asiaq_ir::{
    Address, GroupRule, Ir, Lookup, NatGateway, Protocol, Ref, Resource, Route, RouteTable, Source,
};
use ipnet::Ipv4Net;

use self::interfaces::interfaces;
use self::reading::{alike, fits, to};

/// What becomes of a packet that begins a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Dropped,
    Unknown,
    Delivered,
}

/// A network interface; of instances, in one of their subnets.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) env: String,
    pub(super) network: String,
    pub(super) subnet: Address,
    /// The private address, if it is fixed.
    pub(super) ip: Option<Ipv4Addr>,
    pub(super) groups: Vec<Address>,
    pub(super) public: Public,
    pub(super) owner: Owner,
}

/// What has an interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// An instance of this hostclass; the one with an Elastic IP address beside others, or another one.
    Instance {
        hostclass: String,
        is_holder: bool,
        size: u32,
    },
    /// An instance of this hostclass, by a static address.
    Static(String),
    Balancer(String),
    Nobody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Public {
    No,
    Known(Ipv4Addr),
    Dynamic,
}

/// One end of a connection.
#[derive(Clone, Debug)]
pub(super) enum Host {
    Inside { ip: Ipv4Addr, interface: Interface },
    Outside { ip: Ipv4Addr, kin: Kin },
}

/// Who has an address, as the other end knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// Somebody in the internet.
    Nobody,
    /// Somebody who is named by a block.
    Named,
    /// A machine of the project.
    Own,
}

/// The resources, and addresses to try.
pub(super) struct World<'i> {
    ir: &'i Ir,
    tables: BTreeMap<&'i Address, &'i RouteTable>,
    /// Subnets with a route to an AWS service.
    served: BTreeSet<&'i Address>,
    rules: BTreeMap<&'i Address, &'i BTreeSet<GroupRule>>,
    egress: BTreeMap<&'i Address, &'i BTreeSet<GroupRule>>,
    pub(super) interfaces: Vec<Interface>,
    /// Blocks of rules and routes.
    pub(super) named: BTreeSet<Ipv4Net>,
    /// Addresses that AWS may choose.
    dynamic: Vec<Ipv4Addr>,
    /// Public addresses.
    anywhere: Vec<Ipv4Addr>,
}

pub(super) fn env_of(address: &Address) -> &str {
    address.as_str().split('/').next().unwrap()
}

pub(super) fn is_private(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    matches!((a, b), (0 | 10 | 127 | 224.., _) | (100, 64..128) | (169, 254) | (172, 16..32) | (192, 168))
}

/// Whether addresses of a block may be AWS's to give away; of blocks for documentation none are.
fn is_amazons(block: Ipv4Net) -> bool {
    let [a, b, c, _] = block.network().octets();
    let is_example =
        matches!((a, b, c), (203, 0, 113) | (198, 51, 100) | (192, 0, 2)) && block.prefix_len() >= 24;
    let is_pool = matches!(a, 3 | 13 | 15 | 16 | 18 | 34 | 35 | 43 | 44 | 50..=52 | 54);
    match block.prefix_len() {
        0..=24 => !is_example,
        25..=31 => is_pool,
        _ => false,
    }
}

/// What a route leads to.
enum Next<'i> {
    Igw,
    Vpn,
    Nat(&'i NatGateway),
    Peer(&'i Address),
    Nothing,
}

/// How a machine is seen outside.
#[derive(Clone, Copy)]
enum Egress {
    Known(Ipv4Addr),
    Dynamic,
    Elsewhere,
}

impl<'i> World<'i> {
    pub(super) fn of(ir: &'i Ir) -> Self {
        let mut world = World {
            ir,
            tables: BTreeMap::new(),
            served: BTreeSet::new(),
            rules: BTreeMap::new(),
            egress: BTreeMap::new(),
            interfaces: interfaces(ir),
            named: BTreeSet::new(),
            dynamic: Vec::new(),
            anywhere: Vec::new(),
        };
        for (address, node) in &ir.resources {
            match &node.resource {
                Resource::SecurityGroup(group) => {
                    world.named.extend(group.egress.iter().filter_map(|rule| match &rule.source {
                        Source::Cidr(block) => Some(*block),
                        _ => None,
                    }));
                    world.egress.insert(address, &group.egress);
                }
                Resource::RouteTable(table) => {
                    world.named.extend(table.routes.iter().map(|route| route.destination));
                    world.tables.insert(to(table.subnet.as_ref().unwrap()).unwrap(), table);
                }
                Resource::GatewayEndpoint(endpoint) => {
                    for table in endpoint.route_tables.iter().filter_map(to) {
                        let Resource::RouteTable(table) = &ir.resources[table].resource else { panic!() };
                        world.served.insert(to(table.subnet.as_ref().unwrap()).unwrap());
                    }
                }
                Resource::IngressRules(ingress) => {
                    world.named.extend(ingress.rules.iter().filter_map(|rule| match &rule.source {
                        Source::Cidr(block) => Some(*block),
                        _ => None,
                    }));
                    world.rules.insert(to(&ingress.group).unwrap(), &ingress.rules);
                }
                _ => {}
            }
        }
        let generic = [Ipv4Addr::new(8, 8, 8, 8)];
        let public = |ip: &Ipv4Addr| !is_private(*ip);
        world.anywhere = world.telling(&|_| true).into_iter().chain(generic).filter(public).collect();
        let narrow: Vec<Ipv4Net> = world.named.iter().copied().filter(|block| !is_amazons(*block)).collect();
        world.dynamic = world
            .telling(&|block| is_amazons(*block))
            .into_iter()
            .chain(generic)
            .filter(|ip| public(ip) && !narrow.iter().any(|block| block.contains(ip)))
            .collect();
        world
    }

    /// One address for each set of named blocks that an address can be in.
    fn telling(&self, keep: &dyn Fn(&Ipv4Net) -> bool) -> Vec<Ipv4Addr> {
        let blocks: Vec<Ipv4Net> = self.named.iter().filter(|block| keep(block)).copied().collect();
        let around = |ip: &Ipv4Addr| {
            (is_private(*ip), blocks.iter().map(|block| block.contains(ip)).collect::<Vec<_>>())
        };
        let found: BTreeMap<_, Ipv4Addr> = self.borders().into_iter().map(|ip| (around(&ip), ip)).collect();
        found.into_values().collect()
    }

    /// Addresses at both sides of the ends of every named block.
    pub(super) fn borders(&self) -> BTreeSet<Ipv4Addr> {
        let near = |ip: Ipv4Addr| {
            let ip = u32::from(ip);
            [ip.wrapping_sub(1), ip, ip.wrapping_add(1)].map(Ipv4Addr::from)
        };
        self.named.iter().flat_map(|block| [block.network(), block.broadcast()]).flat_map(near).collect()
    }

    pub(super) fn block(&self, subnet: &Address) -> Ipv4Net {
        match &self.ir.resources[subnet].resource {
            Resource::Subnet(subnet) => subnet.cidr,
            other => panic!("{other:?}"),
        }
    }

    /// Addresses that an interface can have, one for each set of named blocks.
    pub(super) fn addresses(&self, interface: &Interface) -> Vec<Ipv4Addr> {
        if let Some(ip) = interface.ip {
            return vec![ip];
        }
        let block = self.block(&interface.subnet);
        let taken = |ip: &Ipv4Addr| self.interfaces.iter().any(|other| other.ip == Some(*ip));
        let inside = self.borders().into_iter().chain([block.network(), block.broadcast()]);
        let inside = inside.filter(|ip| block.contains(ip) && !taken(ip));
        let around = |ip: &Ipv4Addr| self.named.iter().map(|block| block.contains(ip)).collect::<Vec<_>>();
        let found: BTreeMap<_, Ipv4Addr> = inside.map(|ip| (around(&ip), ip)).collect();
        found.into_values().collect()
    }

    fn next(&self, subnet: &Address, ip: Ipv4Addr) -> Next<'i> {
        let Some(table) = self.tables.get(subnet) else { return Next::Nothing };
        let mut best: Option<&Route> = None;
        for route in &table.routes {
            let is_better =
                best.is_none_or(|best| best.destination.prefix_len() < route.destination.prefix_len());
            if route.destination.contains(&ip) && is_better {
                best = Some(route);
            }
        }
        if table.propagation.is_some() && best.is_none() {
            return Next::Vpn;
        }
        let Some(Route { target: Ref::To(target), .. }) = best else { return Next::Nothing };
        match self.ir.resources.get(target).map(|node| &node.resource) {
            Some(Resource::InternetGateway(_)) => Next::Igw,
            Some(Resource::VpnAttachment(_)) => Next::Vpn,
            Some(Resource::NatGateway(nat)) => Next::Nat(nat),
            Some(Resource::PeeringConnection(connection)) if connection.accepted => Next::Peer(target),
            _ => Next::Nothing,
        }
    }

    /// Whether a propagated route may be narrower than that of the table.
    fn is_contested(&self, subnet: &Address, ip: Ipv4Addr) -> bool {
        let Some(table) = self.tables.get(subnet) else { return false };
        let is_single = table
            .routes
            .iter()
            .any(|route| route.destination.prefix_len() == 32 && route.destination.contains(&ip));
        table.propagation.is_some() && !is_single
    }

    /// What becomes of a packet that leaves a subnet, if the routes of its table make it so.
    fn sway(&self, subnet: &Address, ip: Ipv4Addr, kin: Kin, outcome: Outcome) -> Outcome {
        match (self.is_contested(subnet, ip), kin, outcome) {
            (true, Kin::Named, _) | (true, Kin::Own, Outcome::Dropped) => Outcome::Unknown,
            _ => outcome,
        }
    }

    fn admits(
        &self,
        interface: &Interface,
        ip: Ipv4Addr,
        groups: &[Address],
        protocol: Protocol,
        port: u16,
    ) -> bool {
        let rules =
            interface.groups.iter().filter_map(|group| self.rules.get(group)).flat_map(|rules| rules.iter());
        rules.into_iter().any(|rule| {
            let source = match &rule.source {
                Source::Cidr(cidr) => cidr.contains(&ip),
                Source::Group(Ref::To(named)) => groups.contains(named),
                _ => false,
            };
            source && fits(rule, protocol, port)
        })
    }

    /// Whether an interface may send to an address, which an interface in `groups` has.
    fn sends(
        &self,
        interface: &Interface,
        ip: Ipv4Addr,
        groups: &[Address],
        protocol: Protocol,
        port: u16,
    ) -> bool {
        let rules = interface.groups.iter().filter_map(|group| self.egress.get(group));
        rules.flat_map(|rules| rules.iter()).any(|rule| {
            let target = match &rule.source {
                Source::Cidr(cidr) => cidr.contains(&ip),
                Source::Group(Ref::To(named)) => groups.contains(named),
                _ => false,
            };
            target && fits(rule, protocol, port)
        })
    }

    /// Sends a packet that begins a connection, and its answer.
    pub(super) fn send(&self, from: &Host, to: &Host, protocol: Protocol, port: u16) -> Outcome {
        match (from, to) {
            (Host::Inside { ip, interface: from }, Host::Inside { ip: far, interface: to }) => {
                let private = if !self.sends(from, *far, &to.groups, protocol, port) {
                    Outcome::Dropped
                } else if from.env != to.env {
                    self.peered((from, *ip), (to, *far), protocol, port)
                } else if self.admits(to, *ip, &from.groups, protocol, port) {
                    Outcome::Delivered
                } else {
                    Outcome::Dropped
                };
                if private == Outcome::Delivered {
                    return private;
                }
                private.max(self.around(from, to, protocol, port))
            }
            (Host::Inside { interface, .. }, Host::Outside { ip, kin }) => {
                if self.sends(interface, *ip, &[], protocol, port) {
                    self.leave(interface, *ip, *kin).0
                } else {
                    Outcome::Dropped
                }
            }
            (Host::Outside { ip, kin }, Host::Inside { interface, .. }) => {
                if self.admits(interface, *ip, &[], protocol, port) {
                    self.answer(interface, *ip, *kin)
                } else {
                    Outcome::Dropped
                }
            }
            (Host::Outside { .. }, Host::Outside { .. }) => Outcome::Dropped,
        }
    }

    /// The answer to an address outside.
    fn answer(&self, interface: &Interface, ip: Ipv4Addr, kin: Kin) -> Outcome {
        let by_table = match (self.next(&interface.subnet, ip), interface.public) {
            (Next::Igw, Public::Known(_) | Public::Dynamic) if !is_private(ip) => Outcome::Delivered,
            (Next::Vpn, _) => Outcome::Unknown,
            _ => Outcome::Dropped,
        };
        self.sway(&interface.subnet, ip, kin, by_table)
    }

    fn leave(&self, interface: &Interface, ip: Ipv4Addr, kin: Kin) -> (Outcome, Egress) {
        let found = self.leave_by_table(interface, ip, kin);
        self.leave_otherwise(&interface.subnet, ip, kin, found)
    }

    /// The same with the ways that no route of the table is.
    fn leave_otherwise(
        &self,
        subnet: &Address,
        ip: Ipv4Addr,
        kin: Kin,
        (by_table, egress): (Outcome, Egress),
    ) -> (Outcome, Egress) {
        let found = self.sway(subnet, ip, kin, by_table);
        let is_service = kin == Kin::Named && !is_private(ip) && self.served.contains(subnet);
        match (by_table, found) {
            (Outcome::Dropped, Outcome::Dropped) if is_service => (Outcome::Unknown, Egress::Elsewhere),
            (Outcome::Dropped, found) => (found, Egress::Elsewhere),
            (_, found) => (found, egress),
        }
    }

    fn leave_by_table(&self, interface: &Interface, ip: Ipv4Addr, kin: Kin) -> (Outcome, Egress) {
        match (self.next(&interface.subnet, ip), interface.public) {
            (Next::Igw, Public::Known(own)) if !is_private(ip) => (Outcome::Delivered, Egress::Known(own)),
            (Next::Igw, Public::Dynamic) if !is_private(ip) => (Outcome::Delivered, Egress::Dynamic),
            (Next::Vpn, _) => (Outcome::Unknown, Egress::Elsewhere),
            (Next::Nat(nat), _) => {
                let subnet = to(&nat.subnet).unwrap();
                let found = match self.next(subnet, ip) {
                    Next::Igw if !is_private(ip) => match &nat.elastic_ip {
                        Ref::Find(Lookup::ElasticIp(own)) => (Outcome::Delivered, Egress::Known(*own)),
                        _ => (Outcome::Delivered, Egress::Dynamic),
                    },
                    Next::Vpn => (Outcome::Unknown, Egress::Elsewhere),
                    _ => (Outcome::Dropped, Egress::Elsewhere),
                };
                self.leave_otherwise(subnet, ip, kin, found)
            }
            _ => (Outcome::Dropped, Egress::Elsewhere),
        }
    }

    fn joins(&self, next: &Next<'_>, envs: [&str; 2]) -> bool {
        let Next::Peer(connection) = next else { return false };
        let Resource::PeeringConnection(connection) = &self.ir.resources[*connection].resource else {
            panic!("{connection}")
        };
        let joined = [&connection.requester, &connection.accepter].map(|end| env_of(to(end).unwrap()));
        joined == envs || joined == [envs[1], envs[0]]
    }

    /// Between environments by private addresses.
    fn peered(
        &self,
        (from, ip): (&Interface, Ipv4Addr),
        (there, far): (&Interface, Ipv4Addr),
        protocol: Protocol,
        port: u16,
    ) -> Outcome {
        let envs = [from.env.as_str(), there.env.as_str()];
        let reply = |seen: Ipv4Addr, groups: &[Address]| {
            if !self.admits(there, seen, groups, protocol, port) {
                return Outcome::Dropped;
            }
            let by_table = match self.next(&there.subnet, seen) {
                Next::Vpn => Outcome::Unknown,
                next if self.joins(&next, envs) => Outcome::Delivered,
                _ => Outcome::Dropped,
            };
            self.sway(&there.subnet, seen, Kin::Own, by_table)
        };
        let propagated = |subnet: &Address| {
            if self.is_contested(subnet, far) {
                reply(ip, &from.groups).min(Outcome::Unknown)
            } else {
                Outcome::Dropped
            }
        };
        match self.next(&from.subnet, far) {
            Next::Vpn => reply(ip, &from.groups).min(Outcome::Unknown),
            Next::Nat(nat) => {
                let subnet = to(&nat.subnet).unwrap();
                match self.next(subnet, far) {
                    Next::Vpn => reply(ip, &from.groups).min(Outcome::Unknown),
                    next if self.joins(&next, envs) => {
                        let block = self.block(subnet);
                        let own = self.borders().into_iter().filter(|ip| block.contains(ip));
                        alike(own.chain([block.network(), block.broadcast()]).map(|seen| reply(seen, &[])))
                    }
                    _ => propagated(subnet).max(propagated(&from.subnet)),
                }
            }
            next if self.joins(&next, envs) => reply(ip, &from.groups),
            _ => propagated(&from.subnet),
        }
    }

    /// From public address to public address.
    fn around(&self, from: &Interface, there: &Interface, protocol: Protocol, port: u16) -> Outcome {
        let targets = match there.public {
            Public::No => return Outcome::Dropped,
            Public::Known(ip) => vec![ip],
            Public::Dynamic => self.dynamic.clone(),
        };
        let arrives = |seen: &Ipv4Addr| {
            if self.admits(there, *seen, &[], protocol, port) {
                self.answer(there, *seen, Kin::Own)
            } else {
                Outcome::Dropped
            }
        };
        let mut outcomes = Vec::new();
        for target in targets {
            let (leaves, egress) = self.leave(from, target, Kin::Own);
            if leaves == Outcome::Dropped || !self.sends(from, target, &[], protocol, port) {
                outcomes.push(Outcome::Dropped);
                continue;
            }
            outcomes.push(leaves.min(match egress {
                Egress::Known(ip) => arrives(&ip),
                Egress::Dynamic => alike(self.dynamic.iter().map(arrives)),
                Egress::Elsewhere => self.anywhere.iter().map(arrives).max().unwrap(),
            }));
        }
        alike(outcomes)
    }
}

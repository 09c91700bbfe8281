//! Packets, one by one: from one interface to another, or to or from an address outside, by plain search through the
//! resources. It shares nothing with what it checks but the form of the resources.

mod balancers;
mod doors;
mod interfaces;
mod journey;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::reach::MachineKind;
use asiaq_ir::{Address, GroupRule, Ir, NatGateway, Protocol, Ref, Resource, Route, RouteTable, Source};
use ipnet::Ipv4Net;

use self::balancers::Listening;
use self::interfaces::interfaces;
use self::reading::{fits, to};

/// What becomes of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Dropped,
    Unknown,
    Delivered,
}

/// What becomes of a packet, and of the connection that it would begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) arrives: Outcome,
    pub(super) connects: Outcome,
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
    /// Of load balancers.
    listeners: Vec<Listening>,
    /// Of instances: target groups and Classic Load Balancers that they are registered with.
    registered: Vec<Address>,
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
    /// A database, a cache or a search domain, with the port that it listens on.
    Store(MachineKind, String, u16),
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
    /// Environments with an internet gateway, and those with a VPN gateway.
    gateways: BTreeSet<&'i str>,
    vpns: BTreeSet<&'i str>,
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
            gateways: BTreeSet::new(),
            vpns: BTreeSet::new(),
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
                Resource::InternetGateway(gateway) if gateway.vpc.is_some() => {
                    world.gateways.insert(env_of(address));
                }
                Resource::VpnAttachment(_) => {
                    world.vpns.insert(env_of(address));
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
}

//! What can be in the subnets of a metanetwork: instances, load balancers, the static addresses of instances, databases,
//! caches and search domains.
//! Those that no rule and no route can tell apart are a class, so that the work does not grow with their number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;

use asiaq_ir::{
    Address, AutoScalingGroup, CacheCluster, ClassicLoadBalancer, GroupRule, Ir, LaunchTemplate,
    LoadBalancer, NetworkInterface, Node, Ref, ReplicationGroup, Resource, Scheme, Source, user_data,
};
use ipnet::Ipv4Net;

use super::balancers::Service;
use super::group::{Group, named};
use super::place::MachineKind;

/// The port of search domains.
pub(crate) const SEARCH_PORT: u16 = 443;

/// Something with a network interface in a metanetwork.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Machine {
    /// The instances of a hostclass.
    Instance {
        /// The hostclass.
        hostclass: String,
        /// The Elastic IP address of the one instance that holds it, where the others have none.
        elastic_ip: Option<Ipv4Addr>,
    },
    /// The load balancer of this hostclass.
    Balancer(String),
    /// The static private addresses of this hostclass.
    StaticAddress(String),
    /// What keeps data: a database, a cache or a search domain of this name.
    Store(MachineKind, String),
}

impl Machine {
    /// The hostclass that it is of, or the name of a database, cache or search domain.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Instance { hostclass: name, .. }
            | Self::Balancer(name)
            | Self::StaticAddress(name)
            | Self::Store(_, name) => name,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance { hostclass, elastic_ip: None } => write!(f, "hostclass {hostclass}"),
            Self::Instance { hostclass, elastic_ip: Some(ip) } => {
                write!(f, "hostclass {hostclass} with {ip}")
            }
            Self::Balancer(hostclass) => write!(f, "load balancer of {hostclass}"),
            Self::StaticAddress(hostclass) => write!(f, "static address of {hostclass}"),
            Self::Store(kind, name) => write!(f, "{} {name}", kind.word()),
        }
    }
}

/// Machines of one metanetwork with the same security groups, subnets and kind of public address.
#[derive(Clone, Debug, Default)]
pub(super) struct Class<'i> {
    /// The machines; none for a metanetwork without any, whose class is what could be started there.
    pub(super) members: BTreeSet<Machine>,
    pub(super) role: Role,
    pub(super) groups: BTreeSet<Group<'i>>,
    /// The rules of its groups.
    pub(super) rules: Vec<Rule<'i>>,
    /// The egress rules of its groups; nothing where they allow everything, as those of a program do.
    pub(super) egress: Option<Vec<Rule<'i>>>,
    /// Whether it is in a group whose rules are unknown.
    pub(super) has_foreign_group: bool,
    /// Resources that put it into its groups.
    pub(super) joined_by: BTreeMap<Group<'i>, &'i Node>,
    pub(super) public: Public,
    /// Its subnets, by their index in the metanetwork.
    pub(super) subnets: BTreeSet<usize>,
    /// Its addresses where these are known, with their hostclasses; empty where they are not.
    pub(super) addresses: BTreeMap<Ipv4Addr, &'i str>,
    /// The largest number of instances of each of its hostclasses; of none but instances.
    pub(super) sizes: BTreeMap<&'i str, u32>,
    /// What its load balancers do, and where databases, caches and search domains listen.
    pub(super) service: Service<'i>,
    /// The hostclasses of its load balancers; of no other machines.
    pub(super) serves: BTreeSet<&'i str>,
    /// The rules of the groups of machines that see the addresses of its clients.
    pub(super) behind: Vec<Rule<'i>>,
}

/// The part that a machine plays in claims about all machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Instances, by their primary interface.
    Instances,
    /// Further interfaces of instances, with static addresses.
    StaticAddresses,
    Balancers,
    /// Databases, caches or search domains.
    Stores(MachineKind),
    /// An instance that nothing declares.
    #[default]
    Anything,
}

impl Role {
    /// The kind of machines that have it.
    pub(super) fn kind(self) -> Option<MachineKind> {
        match self {
            Self::Instances | Self::StaticAddresses => Some(MachineKind::Instances),
            Self::Balancers => Some(MachineKind::Balancers),
            Self::Stores(kind) => Some(kind),
            Self::Anything => None,
        }
    }

    /// Whether it listens only on the ports that its resource names.
    pub(super) fn listens(self) -> bool {
        matches!(self, Self::Balancers | Self::Stores(_))
    }
}

/// The public address of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Public {
    /// It has none.
    #[default]
    No,
    /// It has this one.
    Static(Ipv4Addr),
    /// It has one that AWS chooses.
    Dynamic,
    /// Nothing is declared: what applies with a public address is said.
    Assumed,
}

/// What tells classes of one metanetwork apart. Static addresses are told apart by the addresses.
pub(super) type Key<'i> = (Role, Public, Vec<Group<'i>>, BTreeSet<usize>, Service<'i>);

/// A rule of a security group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule<'i> {
    pub(super) text: &'i GroupRule,
    /// The resource that has it.
    pub(super) node: &'i Node,
    pub(super) group: Group<'i>,
}

/// A machine as the resources describe it.
pub(super) struct Found<'i> {
    pub(super) machine: Machine,
    pub(super) role: Role,
    /// The resource that names its groups.
    pub(super) node: &'i Node,
    pub(super) groups: &'i BTreeSet<Ref>,
    pub(super) public: Public,
    pub(super) subnets: BTreeSet<&'i Address>,
    /// Its static address, with its hostclass.
    pub(super) address: Option<(Ipv4Addr, &'i str)>,
    /// The largest number of instances, with their hostclass.
    pub(super) size: Option<(&'i str, u32)>,
    /// What a load balancer does, with its hostclass.
    pub(super) service: Option<(&'i str, Service<'i>)>,
    /// The port of a database, a cache or a search domain.
    pub(super) port: Option<u16>,
}

/// Every machine that the resources describe.
pub(super) fn machines(ir: &Ir) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let mut running: BTreeMap<(&str, &str), &BTreeSet<Ref>> = BTreeMap::new();
    for (address, node) in &ir.resources {
        let Some(hostclass) = hostclass(address) else { continue };
        if let Resource::AutoScalingGroup(group) = &node.resource {
            let template = named(&group.launch_template).and_then(|address| ir.resources.get(address));
            let Some((node, Resource::LaunchTemplate(template))) =
                template.map(|node| (node, &node.resource))
            else {
                continue;
            };
            running.insert((address.env(), hostclass), &template.groups);
            instances((hostclass, group), (template, node), &mut found);
        }
    }
    for (address, node) in &ir.resources {
        let Some(hostclass) = hostclass(address) else { continue };
        match &node.resource {
            Resource::LoadBalancer(balancer) => {
                let LoadBalancer { scheme, groups, subnets, .. } = balancer;
                let behind = running.get(&(address.env(), hostclass));
                let behind = behind.map(|groups| groups.iter().map(Group::of).collect());
                let service = Service::of(ir, balancer, behind);
                found.push(balancer_of((hostclass, service), node, *scheme, groups, subnets));
            }
            Resource::ClassicLoadBalancer(balancer) => {
                let ClassicLoadBalancer { scheme, groups, subnets, .. } = balancer;
                let service = Service::of_classic(balancer);
                found.push(balancer_of((hostclass, service), node, *scheme, groups, subnets));
            }
            // Other kinds are no machines.
            _ => {}
        }
    }
    found.extend(ir.resources.iter().filter_map(|(address, node)| store(ir, address, node)));
    for (address, node) in &ir.resources {
        if let Resource::NetworkInterface(interface) = &node.resource
            && let Some(hostclass) = part(address, "interface")
            // Without instances nobody has the address.
            && running.contains_key(&(address.env(), hostclass))
        {
            found.push(static_address(hostclass, node, interface));
        }
    }
    found
}

/// The instances of a group. One of several has the Elastic IP address.
fn instances<'i>(
    (hostclass, group): (&'i str, &'i AutoScalingGroup),
    (template, node): (&'i LaunchTemplate, &'i Node),
    found: &mut Vec<Found<'i>>,
) {
    let sizes = group.max.into_iter().chain([group.initial.max]);
    let scheduled = group.schedules.iter().filter_map(|schedule| schedule.max);
    let size = sizes.chain(scheduled).max().unwrap_or_default();
    let own = if template.public_ip { Public::Dynamic } else { Public::No };
    let elastic_ip = elastic_ip(template);
    let mut add = |elastic_ip: Option<Ipv4Addr>, public: Public| {
        found.push(Found {
            machine: Machine::Instance { hostclass: hostclass.to_owned(), elastic_ip },
            role: Role::Instances,
            node,
            groups: &template.groups,
            public,
            subnets: group.subnets.iter().filter_map(named).collect(),
            address: None,
            size: Some((hostclass, size)),
            service: None,
            port: None,
        });
    };
    match elastic_ip {
        Some(ip) if size == 1 => add(None, Public::Static(ip)),
        Some(ip) => {
            add(Some(ip), Public::Static(ip));
            add(None, own);
        }
        None => add(None, own),
    }
}

fn balancer_of<'i>(
    (hostclass, service): (&'i str, Service<'i>),
    node: &'i Node,
    scheme: Scheme,
    groups: &'i BTreeSet<Ref>,
    subnets: &'i BTreeSet<Ref>,
) -> Found<'i> {
    Found {
        machine: Machine::Balancer(hostclass.to_owned()),
        role: Role::Balancers,
        node,
        groups,
        public: match scheme {
            Scheme::Internal => Public::No,
            Scheme::InternetFacing => Public::Dynamic,
        },
        subnets: subnets.iter().filter_map(named).collect(),
        address: None,
        size: None,
        service: Some((hostclass, service)),
        port: None,
    }
}

fn static_address<'i>(hostclass: &'i str, node: &'i Node, interface: &'i NetworkInterface) -> Found<'i> {
    Found {
        machine: Machine::StaticAddress(hostclass.to_owned()),
        role: Role::StaticAddresses,
        node,
        groups: &interface.groups,
        // The Elastic IP address of an instance belongs to its primary interface.
        public: Public::No,
        subnets: named(&interface.subnet).into_iter().collect(),
        address: Some((interface.address, hostclass)),
        size: None,
        service: None,
        port: None,
    }
}

/// A database, the nodes of a cache, or a search domain, with interfaces in a VPC.
fn store<'i>(ir: &'i Ir, address: &'i Address, node: &'i Node) -> Option<Found<'i>> {
    let of = |kind: MachineKind, groups, subnets: &'i BTreeSet<Ref>, port, public| {
        Some(Found {
            machine: Machine::Store(kind, part(address, kind.word())?.to_owned()),
            role: Role::Stores(kind),
            node,
            groups,
            public: if public { Public::Dynamic } else { Public::No },
            subnets: subnets.iter().filter_map(named).collect(),
            address: None,
            size: None,
            service: None,
            port: Some(port),
        })
    };
    let group = |group: &'i Ref| named(group).and_then(|address| ir.resources.get(address));
    match &node.resource {
        Resource::Database(database) => {
            let subnets = group(&database.subnet_group);
            let Some(Resource::DatabaseSubnetGroup(of_group)) = subnets.map(|node| &node.resource) else {
                return None;
            };
            let (groups, subnets) = (&database.groups, &of_group.subnets);
            of(MachineKind::Databases, groups, subnets, database.port, database.public)
        }
        Resource::DatabaseCluster(cluster) => {
            let subnets = group(&cluster.subnet_group);
            let Some(Resource::DatabaseSubnetGroup(of_group)) = subnets.map(|node| &node.resource) else {
                return None;
            };
            let first = Address::new(address.env(), &format!("{}/instance/1", address.path()));
            let first = ir.resources.get(&first).map(|node| &node.resource);
            let public = matches!(first, Some(Resource::DatabaseClusterInstance(first)) if first.public);
            of(MachineKind::Databases, &cluster.groups, &of_group.subnets, cluster.port, public)
        }
        Resource::ReplicationGroup(ReplicationGroup { subnets, groups, port, .. })
        | Resource::CacheCluster(CacheCluster { subnets, groups, port, .. }) => {
            let Some(Resource::CacheSubnetGroup(of_group)) = group(subnets).map(|node| &node.resource) else {
                return None;
            };
            of(MachineKind::Caches, groups, &of_group.subnets, *port, false)
        }
        Resource::SearchDomain(domain) if !domain.subnets.is_empty() => {
            of(MachineKind::SearchDomains, &domain.groups, &domain.subnets, SEARCH_PORT, false)
        }
        // Other kinds keep no data in a VPC.
        _ => None,
    }
}

/// The Elastic IP address that instances associate with themselves at boot, by their user data.
fn elastic_ip(template: &LaunchTemplate) -> Option<Ipv4Addr> {
    let mut lines = user_data::values(&template.user_data);
    lines.find_map(|line| line.strip_prefix("eip=\"")?.strip_suffix('"')?.parse().ok())
}

/// `NAME` in `ENV/hostclass/NAME/…`.
fn hostclass(address: &Address) -> Option<&str> {
    part(address, "hostclass")
}

fn part<'i>(address: &'i Address, kind: &str) -> Option<&'i str> {
    let mut parts = address.path().split('/');
    (parts.next() == Some(kind)).then(|| parts.next())?
}

impl<'i> Found<'i> {
    /// Its class in a metanetwork where it has these subnets.
    pub(super) fn key(&self, subnets: &BTreeSet<usize>) -> Key<'i> {
        let subnets = if self.address.is_some() { BTreeSet::new() } else { subnets.clone() };
        let service = self.serving();
        (self.role, self.public, self.groups.iter().map(Group::of).collect(), subnets, service)
    }

    /// What it does as a load balancer, or where it listens.
    fn serving(&self) -> Service<'i> {
        let of_balancer = self.service.as_ref().map(|(_, service)| service.clone());
        of_balancer.or_else(|| self.port.map(Service::on)).unwrap_or_default()
    }
}

impl<'i> Class<'i> {
    /// Adds a machine of this class, with its subnets in this metanetwork.
    pub(super) fn add(&mut self, found: &Found<'i>, subnets: &BTreeSet<usize>) {
        self.members.insert(found.machine.clone());
        self.role = found.role;
        self.public = found.public;
        for group in found.groups.iter().map(Group::of) {
            self.groups.insert(group);
            self.joined_by.entry(group).or_insert(found.node);
        }
        self.subnets.extend(subnets);
        self.addresses.extend(found.address);
        self.sizes.extend(found.size);
        self.serves.extend(found.service.as_ref().map(|(hostclass, _)| *hostclass));
        self.service = found.serving();
    }

    /// Whether its groups are others than `own` alone.
    pub(super) fn is_special(&self, own: Option<&Address>) -> bool {
        !self.groups.iter().copied().eq(own.map(Group::Own))
    }
}

impl Rule<'_> {
    /// The CIDR block that it applies to.
    pub(super) fn block(&self) -> Option<Ipv4Net> {
        match &self.text.source {
            Source::Cidr(block) => Some(*block),
            Source::Group(_) | Source::Other(_) => None,
        }
    }
}

impl Public {
    /// Whether the internet may know the machine by a public address.
    pub(super) fn is_possible(self) -> bool {
        self != Self::No
    }

    /// The address, if it is known.
    pub(super) fn known(self) -> Option<Ipv4Addr> {
        match self {
            Self::Static(ip) => Some(ip),
            Self::No | Self::Dynamic | Self::Assumed => None,
        }
    }
}

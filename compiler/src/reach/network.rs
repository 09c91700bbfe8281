//! The network as resources describe it, indexed: environments, their metanetworks, and where routes lead.

use std::collections::{BTreeMap, BTreeSet};

use std::net::Ipv4Addr;

use asiaq_ir::{
    Address, GatewayEndpoint, IngressRules, Ir, Lookup, NatGateway, Node, Protocol, Ref, Resource, Route,
    RouteTable, Service,
};
use ipnet::Ipv4Net;

use super::group::{Group, named};
use super::machines::{Class, Found, Key, Public, Role, Rule, machines};

/// Everything there is, by environment.
#[derive(Clone, Debug)]
pub(super) struct Topology<'i> {
    pub(super) environments: BTreeMap<&'i str, Environment<'i>>,
    /// Pairs of environments that a working peering connection joins, both ways round, with its address.
    pub(super) peerings: BTreeMap<(&'i str, &'i str), &'i Address>,
    /// The public addresses that the program knows, of instances and NAT gateways.
    pub(super) public: BTreeSet<Ipv4Addr>,
    /// The classes of load balancers whose targets see the addresses of clients, by environment: metanetwork and
    /// position.
    keepers: BTreeMap<&'i str, Vec<(&'i str, usize)>>,
}

/// An environment.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment<'i> {
    /// The block of its VPC.
    pub(super) block: Option<Ipv4Net>,
    pub(super) networks: BTreeMap<&'i str, Network<'i>>,
    pub(super) has_vpn: bool,
    /// Whether its internet gateway is attached.
    pub(super) has_internet: bool,
    /// Whether a route leads to something that is not the project's, and so packets may come from there.
    pub(super) leads_elsewhere: bool,
}

/// A metanetwork.
#[derive(Clone, Debug)]
pub(super) struct Network<'i> {
    pub(super) env: &'i str,
    pub(super) name: &'i str,
    /// Its security group.
    pub(super) group: Option<&'i Address>,
    /// The resource that declares it.
    pub(super) node: Option<&'i Node>,
    /// The rules of its security group.
    pub(super) rules: Vec<Rule<'i>>,
    /// One for each zone, in order.
    pub(super) subnets: Vec<Subnet<'i>>,
    /// What can be in its subnets; never empty.
    pub(super) classes: Vec<Class<'i>>,
    /// The static addresses of everything in it.
    pub(super) addresses: BTreeSet<Ipv4Addr>,
    /// Whether some of its machines are left out.
    pub(super) is_narrowed: bool,
}

/// One zone's share of a metanetwork.
#[derive(Clone, Debug)]
pub(super) struct Subnet<'i> {
    pub(super) address: &'i Address,
    pub(super) block: Ipv4Net,
    pub(super) zone: &'i str,
    /// The routes of its table beside the VPC's own, the narrowest destination first.
    pub(super) routes: Vec<Entry<'i>>,
    /// Whether its route table accepts the routes that the VPN gateway propagates.
    pub(super) learns: bool,
    /// The services that its route table has a gateway endpoint of.
    pub(super) services: Vec<Endpoint<'i>>,
}

/// A gateway endpoint. Nobody knows the addresses that it is a route to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint<'i> {
    pub(super) service: Service,
    pub(super) node: &'i Node,
}

/// A route, and where it leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'i> {
    pub(super) route: &'i Route,
    /// The table.
    pub(super) node: &'i Node,
    pub(super) target: Target<'i>,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'i> {
    /// To the internet gateway of the VPC.
    Internet,
    /// To the VPN gateway of the VPC.
    Vpn,
    /// To a NAT gateway.
    Nat(Nat<'i>),
    /// To the other one of two environments.
    Peering(&'i str, &'i str),
    /// To something that is not there, not attached or not accepted.
    Nowhere,
    /// To something that is not the project's.
    Elsewhere,
}

/// A NAT gateway.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nat<'i> {
    /// Its subnet.
    pub(super) subnet: &'i Address,
    /// Its public address, if the program knows it.
    pub(super) public: Option<Ipv4Addr>,
}

/// The rules of security groups, with the resources that have them.
type Rules<'i> = BTreeMap<&'i Address, (&'i IngressRules, &'i Node)>;

/// The classes of each metanetwork, by environment and name.
type Classes<'i> = BTreeMap<(&'i str, &'i str), BTreeMap<Key<'i>, Class<'i>>>;

impl<'i> Topology<'i> {
    pub(super) fn of(ir: &'i Ir) -> Self {
        let mut topology = Self {
            environments: BTreeMap::new(),
            peerings: BTreeMap::new(),
            public: BTreeSet::new(),
            keepers: BTreeMap::new(),
        };
        let mut tables: BTreeMap<&Address, (&Address, &RouteTable, &Node)> = BTreeMap::new();
        let mut services: BTreeMap<&Address, Vec<Endpoint<'i>>> = BTreeMap::new();
        let mut rules = Rules::new();
        let mut classes = Classes::new();
        for (address, node) in &ir.resources {
            match &node.resource {
                Resource::Vpc(vpc) => topology.environment(address).block = Some(vpc.cidr),
                Resource::VpnAttachment(_) => topology.environment(address).has_vpn = true,
                Resource::InternetGateway(gateway) => {
                    topology.environment(address).has_internet |= gateway.vpc.is_some();
                }
                Resource::SecurityGroup(_) => {
                    if let Some(network) = topology.network(address) {
                        network.group = Some(address);
                        network.node = Some(node);
                    }
                }
                Resource::Subnet(subnet) => {
                    if let Some(network) = topology.network(address) {
                        network.node = network.node.or(Some(node));
                        network.subnets.push(Subnet {
                            address,
                            block: subnet.cidr,
                            zone: &subnet.zone,
                            routes: Vec::new(),
                            learns: false,
                            services: Vec::new(),
                        });
                    }
                }
                Resource::RouteTable(table) => {
                    if let Some(subnet) = table.subnet.as_ref().and_then(named) {
                        tables.insert(subnet, (address, table, node));
                    }
                }
                Resource::GatewayEndpoint(GatewayEndpoint { service, route_tables, .. }) => {
                    let endpoint = Endpoint { service: *service, node };
                    for table in route_tables.iter().filter_map(named) {
                        services.entry(table).or_default().push(endpoint);
                    }
                }
                Resource::IngressRules(ingress) => {
                    if let Some(group) = named(&ingress.group) {
                        rules.insert(group, (ingress, node));
                    }
                }
                Resource::PeeringConnection(connection) => {
                    let ends = (named(&connection.requester), named(&connection.accepter));
                    if let ((Some(a), Some(b)), true) = (ends, connection.accepted) {
                        topology.peerings.insert((a.env(), b.env()), address);
                        topology.peerings.insert((b.env(), a.env()), address);
                    }
                }
                Resource::NatGateway(gateway) => topology.public.extend(public_address(gateway)),
                // Other kinds do not decide what can be reached.
                _ => {}
            }
        }
        for found in machines(ir) {
            topology.public.extend(found.public.known());
            topology.add(&found, &mut classes);
        }
        for ((env, name), classes) in classes {
            let network = topology.environments.get_mut(env).and_then(|env| env.networks.get_mut(name));
            if let Some(network) = network {
                network.classes = classes.into_values().map(|class| with_rules(class, ir, &rules)).collect();
            }
        }
        for (env, found) in &mut topology.environments {
            for network in found.networks.values_mut() {
                network.complete(ir, &rules);
                for (at, _) in
                    network.classes.iter().enumerate().filter(|(_, class)| class.service.keeps_clients())
                {
                    topology.keepers.entry(env).or_default().push((network.name, at));
                }
                for subnet in &mut network.subnets {
                    let Some((address, table, node)) = tables.get(subnet.address) else { continue };
                    subnet.routes = entries(ir, table, node);
                    subnet.services = services.get(*address).cloned().unwrap_or_default();
                    subnet.learns = table.propagation.as_ref().is_some_and(|gateway| is_there(ir, gateway));
                    let is_elsewhere = |entry: &Entry<'_>| matches!(entry.target, Target::Elsewhere);
                    found.leads_elsewhere |= subnet.routes.iter().any(is_elsewhere);
                }
            }
        }
        topology
    }

    fn environment(&mut self, address: &'i Address) -> &mut Environment<'i> {
        self.environments.entry(address.env()).or_default()
    }

    /// The metanetwork that the resource at `address` is a part of: `ENV/NETWORK/…`.
    fn network(&mut self, address: &'i Address) -> Option<&mut Network<'i>> {
        let mut parts = address.as_str().split('/');
        let (env, name) = (parts.next()?, parts.next()?);
        let networks = &mut self.environments.entry(env).or_default().networks;
        Some(networks.entry(name).or_insert_with(|| Network {
            env,
            name,
            group: None,
            node: None,
            rules: Vec::new(),
            subnets: Vec::new(),
            classes: Vec::new(),
            addresses: BTreeSet::new(),
            is_narrowed: false,
        }))
    }

    /// Adds a machine to the classes of each metanetwork that it has a subnet of.
    fn add(&self, found: &Found<'i>, classes: &mut Classes<'i>) {
        let mut subnets: BTreeMap<(&'i str, &'i str), BTreeSet<usize>> = BTreeMap::new();
        for address in &found.subnets {
            let Some((network, _)) = self.subnet(address) else { continue };
            let at = network.subnets.iter().position(|subnet| subnet.address == *address);
            subnets.entry((network.env, network.name)).or_default().extend(at);
        }
        for (network, subnets) in subnets {
            classes.entry(network).or_default().entry(found.key(&subnets)).or_default().add(found, &subnets);
        }
    }

    /// The subnet at `address`, with its metanetwork.
    pub(super) fn subnet(&self, address: &Address) -> Option<(&Network<'i>, &Subnet<'i>)> {
        let name = address.as_str().split('/').nth(1)?;
        let network = self.environments.get(address.env())?.networks.get(name)?;
        network.subnets.iter().find(|subnet| subnet.address == address).map(|subnet| (network, subnet))
    }

    /// The load balancers of environment `env` whose targets see the addresses of clients.
    pub(super) fn keepers<'w>(
        &'w self,
        env: &str,
    ) -> impl Iterator<Item = (&'w Network<'i>, &'w Class<'i>)> + use<'w, 'i> {
        let networks = self.environments.get(env).map(|env| &env.networks);
        let keepers = self.keepers.get(env).into_iter().flatten();
        keepers.filter_map(move |(network, at)| {
            let network = networks?.get(network)?;
            Some((network, network.classes.get(*at)?))
        })
    }

    /// Environments that a working connection joins to `env`.
    pub(super) fn peers<'w>(&'w self, env: &'w str) -> impl Iterator<Item = &'i str> + 'w {
        self.peerings.keys().filter(move |(one, _)| *one == env).map(|(_, other)| *other)
    }
}

impl<'i> Network<'i> {
    /// Adds the rules of its own group, and what could be started in it where nothing is declared.
    fn complete(&mut self, ir: &'i Ir, rules: &Rules<'i>) {
        let own = self.group.map(Group::Own);
        self.rules = own.into_iter().flat_map(|group| rules_of(group, rules)).collect();
        self.addresses = self.classes.iter().flat_map(|class| class.addresses.keys().copied()).collect();
        if self.classes.is_empty() {
            let groups = own.into_iter().collect();
            self.classes.push(Class {
                role: Role::Anything,
                egress: egress(&groups, ir),
                groups,
                rules: self.rules.clone(),
                public: Public::Assumed,
                subnets: (0..self.subnets.len()).collect(),
                ..Class::default()
            });
        }
    }
}

/// A class with the rules of its groups.
fn with_rules<'i>(mut class: Class<'i>, ir: &'i Ir, rules: &Rules<'i>) -> Class<'i> {
    class.rules = class.groups.iter().flat_map(|group| rules_of(*group, rules)).collect();
    let behind = class.service.behind.iter().flatten();
    class.behind = behind.flat_map(|group| rules_of(*group, rules)).collect();
    class.has_foreign_group = class.groups.iter().any(|group| match group {
        Group::Own(address) => !ir.resources.contains_key(*address),
        Group::Foreign(_) => true,
    });
    class.egress = egress(&class.groups, ir);
    class
}

/// The egress rules of groups; nothing if they allow everything.
fn egress<'i>(groups: &BTreeSet<Group<'i>>, ir: &'i Ir) -> Option<Vec<Rule<'i>>> {
    let mut found = Vec::new();
    for group in groups {
        let Group::Own(address) = group else { continue };
        let Some(node) = ir.resources.get(*address) else { continue };
        let Resource::SecurityGroup(own) = &node.resource else { continue };
        found.extend(own.egress.iter().map(|text| Rule { text, node, group: *group }));
    }
    let is_everything = |rule: &Rule<'_>| {
        rule.text.protocol == Protocol::Any && rule.block().is_some_and(|block| block.prefix_len() == 0)
    };
    (!groups.is_empty() && !found.iter().any(is_everything)).then_some(found)
}

/// The rules of a group.
fn rules_of<'i>(group: Group<'i>, rules: &Rules<'i>) -> Vec<Rule<'i>> {
    let found = match group {
        Group::Own(address) => rules.get(address),
        Group::Foreign(_) => None,
    };
    let found = found
        .into_iter()
        .flat_map(|(ingress, node)| ingress.rules.iter().map(move |text| Rule { text, node, group }));
    found.collect()
}

/// The public address of a NAT gateway, if the program states it.
fn public_address(gateway: &NatGateway) -> Option<Ipv4Addr> {
    match &gateway.elastic_ip {
        Ref::Find(Lookup::ElasticIp(ip)) => Some(*ip),
        Ref::To(_) | Ref::Id(_) | Ref::Find(_) => None,
    }
}

impl<'i> Subnet<'i> {
    /// The route that traffic to all of `block` takes: the narrowest.
    pub(super) fn route(&self, block: Ipv4Net) -> Option<&Entry<'i>> {
        self.routes.iter().find(|entry| entry.route.destination.contains(&block))
    }
}

fn is_there(ir: &Ir, reference: &Ref) -> bool {
    named(reference).is_none_or(|address| ir.resources.contains_key(address))
}

fn entries<'i>(ir: &'i Ir, table: &'i RouteTable, node: &'i Node) -> Vec<Entry<'i>> {
    let entry = |route: &'i Route| Entry { route, node, target: target(ir, table, route) };
    let mut entries: Vec<Entry<'i>> = table.routes.iter().map(entry).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.route.destination.prefix_len()));
    entries
}

fn target<'i>(ir: &'i Ir, table: &RouteTable, route: &'i Route) -> Target<'i> {
    let Some(address) = named(&route.target) else { return Target::Elsewhere };
    match ir.resources.get(address).map(|node| &node.resource) {
        Some(Resource::InternetGateway(gateway)) if gateway.vpc.as_ref() == Some(&table.vpc) => {
            Target::Internet
        }
        Some(Resource::VpnAttachment(attachment)) if attachment.vpc == table.vpc => Target::Vpn,
        Some(Resource::NatGateway(gateway)) => named(&gateway.subnet)
            .map_or(Target::Nowhere, |subnet| Target::Nat(Nat { subnet, public: public_address(gateway) })),
        Some(Resource::PeeringConnection(connection)) if connection.accepted => {
            match (named(&connection.requester), named(&connection.accepter)) {
                (Some(a), Some(b)) => Target::Peering(a.env(), b.env()),
                (None, _) | (_, None) => Target::Elsewhere,
            }
        }
        Some(_) | None => Target::Nowhere,
    }
}

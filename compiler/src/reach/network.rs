//! The network as resources describe it, indexed: environments, their metanetworks, and where routes lead.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, GroupRule, Ir, Node, Ref, Resource, Route, RouteTable};
use ipnet::Ipv4Net;

/// Everything there is, by environment.
#[derive(Clone, Debug)]
pub(super) struct Topology<'i> {
    pub(super) environments: BTreeMap<&'i str, Environment<'i>>,
    /// Pairs of environments that a working peering connection joins, both ways round, with its address.
    pub(super) peerings: BTreeMap<(&'i str, &'i str), &'i Address>,
}

/// An environment.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment<'i> {
    /// The block of its VPC.
    pub(super) block: Option<Ipv4Net>,
    pub(super) networks: BTreeMap<&'i str, Network<'i>>,
    pub(super) has_vpn: bool,
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
    /// The rules of its security group, and the node that holds them.
    pub(super) rules: Vec<(&'i GroupRule, &'i Node)>,
    /// One for each zone, in order.
    pub(super) subnets: Vec<Subnet<'i>>,
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
    /// To a NAT gateway in this subnet.
    Nat(&'i Address),
    /// To the other one of two environments.
    Peering(&'i str, &'i str),
    /// To something that is not there, not attached or not accepted.
    Nowhere,
    /// To something that is not the project's.
    Elsewhere,
}

impl<'i> Topology<'i> {
    pub(super) fn of(ir: &'i Ir) -> Self {
        let mut topology = Self { environments: BTreeMap::new(), peerings: BTreeMap::new() };
        let mut tables: BTreeMap<&Address, (&RouteTable, &Node)> = BTreeMap::new();
        let mut rules: BTreeMap<&Address, (&BTreeSet<GroupRule>, &Node)> = BTreeMap::new();
        for (address, node) in &ir.resources {
            match &node.resource {
                Resource::Vpc(vpc) => topology.environment(address).block = Some(vpc.cidr),
                Resource::VpnAttachment(_) => topology.environment(address).has_vpn = true,
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
                        });
                    }
                }
                Resource::RouteTable(table) => {
                    if let Some(subnet) = table.subnet.as_ref().and_then(named) {
                        tables.insert(subnet, (table, node));
                    }
                }
                Resource::IngressRules(ingress) => {
                    if let Some(group) = named(&ingress.group) {
                        rules.insert(group, (&ingress.rules, node));
                    }
                }
                Resource::PeeringConnection(connection) => {
                    let ends = (named(&connection.requester), named(&connection.accepter));
                    if let ((Some(a), Some(b)), true) = (ends, connection.accepted) {
                        topology.peerings.insert((a.env(), b.env()), address);
                        topology.peerings.insert((b.env(), a.env()), address);
                    }
                }
                // Other kinds do not decide what can be reached.
                _ => {}
            }
        }
        for network in topology.environments.values_mut().flat_map(|env| env.networks.values_mut()) {
            if let Some((found, node)) = network.group.and_then(|group| rules.get(group)) {
                network.rules = found.iter().map(|rule| (rule, *node)).collect();
            }
            for subnet in &mut network.subnets {
                let Some((table, node)) = tables.get(subnet.address) else { continue };
                subnet.routes = entries(ir, table, node);
                subnet.learns = table.propagation.as_ref().is_some_and(|gateway| is_there(ir, gateway));
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
        }))
    }

    /// The subnet at `address`, with its metanetwork.
    pub(super) fn subnet(&self, address: &Address) -> Option<(&Network<'i>, &Subnet<'i>)> {
        let name = address.as_str().split('/').nth(1)?;
        let network = self.environments.get(address.env())?.networks.get(name)?;
        network.subnets.iter().find(|subnet| subnet.address == address).map(|subnet| (network, subnet))
    }

    /// Environments that a working connection joins to `env`.
    pub(super) fn peers<'w>(&'w self, env: &'w str) -> impl Iterator<Item = &'i str> + 'w {
        self.peerings.keys().filter(move |(one, _)| *one == env).map(|(_, other)| *other)
    }
}

impl<'i> Subnet<'i> {
    /// The route that traffic to all of `block` takes: the narrowest.
    pub(super) fn route(&self, block: Ipv4Net) -> Option<&Entry<'i>> {
        self.routes.iter().find(|entry| entry.route.destination.contains(&block))
    }
}

fn named(reference: &Ref) -> Option<&Address> {
    match reference {
        Ref::To(address) => Some(address),
        Ref::Id(_) | Ref::Find(_) => None,
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
        Some(Resource::NatGateway(gateway)) => named(&gateway.subnet).map_or(Target::Nowhere, Target::Nat),
        Some(Resource::PeeringConnection(connection)) if connection.accepted => {
            match (named(&connection.requester), named(&connection.accepter)) {
                (Some(a), Some(b)) => Target::Peering(a.env(), b.env()),
                (None, _) | (_, None) => Target::Elsewhere,
            }
        }
        Some(_) | None => Target::Nowhere,
    }
}

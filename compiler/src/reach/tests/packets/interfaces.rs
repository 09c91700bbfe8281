//! The network interfaces that resources describe.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use asiaq_ir::{Address, Ir, Ref, Resource, Scheme};

use super::balancers::{self, Listening};
use super::reading::{addresses, hostclass, network_of, to};
use super::{Interface, Owner, Public, env_of};
use crate::reach::MachineKind;

/// What only some interfaces have.
#[derive(Clone, Default)]
struct Serves {
    ip: Option<Ipv4Addr>,
    listeners: Vec<Listening>,
    registered: Vec<Address>,
}

fn interface(
    subnet: &Address,
    groups: Vec<Address>,
    public: Public,
    owner: Owner,
    Serves { ip, listeners, registered }: Serves,
) -> Interface {
    let (env, network) = (env_of(subnet).to_owned(), network_of(subnet).to_owned());
    Interface { env, network, subnet: subnet.clone(), ip, groups, public, owner, listeners, registered }
}

/// Every interface in every subnet.
pub(super) fn interfaces(ir: &Ir) -> Vec<Interface> {
    let mut found = Vec::new();
    let mut add = |subnet: &Address, groups, public, owner, serves| {
        found.push(interface(subnet, groups, public, owner, serves));
    };
    let mut running: BTreeSet<(&str, String)> = BTreeSet::new();
    for (address, node) in &ir.resources {
        match &node.resource {
            Resource::AutoScalingGroup(group) => {
                let Resource::LaunchTemplate(template) =
                    &ir.resources[to(&group.launch_template).unwrap()].resource
                else {
                    panic!("{address}")
                };
                let hostclass = hostclass(address, "hostclass").unwrap();
                let eip = template.user_data.split('\n').find(|line| line.starts_with("eip="));
                let eip: Option<Ipv4Addr> =
                    eip.and_then(|eip| eip.trim_start_matches("eip=").trim_matches('"').parse().ok());
                running.insert((env_of(address), hostclass.clone()));
                let size = group.schedules.iter().filter_map(|schedule| schedule.max);
                let size = size.chain(group.max).chain([group.initial.max]).max().unwrap();
                let usual = if template.public_ip { Public::Dynamic } else { Public::No };
                let owner = |is_holder| Owner::Instance { hostclass: hostclass.clone(), is_holder, size };
                let registered = addresses(&group.target_groups).into_iter();
                let registered = registered.chain(addresses(&group.load_balancers)).collect();
                let serves = Serves { registered, ..Serves::default() };
                for subnet in addresses(&group.subnets) {
                    let serves = serves.clone();
                    let groups = addresses(&template.groups);
                    match eip {
                        Some(ip) if size == 1 => {
                            add(&subnet, groups, Public::Known(ip), owner(false), serves);
                        }
                        Some(ip) => {
                            add(&subnet, groups.clone(), Public::Known(ip), owner(true), serves.clone());
                            add(&subnet, groups, usual, owner(false), serves);
                        }
                        None => add(&subnet, groups, usual, owner(false), serves),
                    }
                }
            }
            Resource::LoadBalancer(balancer) => {
                let public = if balancer.scheme == Scheme::Internal { Public::No } else { Public::Dynamic };
                let owner = Owner::Balancer(hostclass(address, "hostclass").unwrap());
                let serves = Serves { listeners: balancers::listeners(balancer, ir), ..Serves::default() };
                for subnet in addresses(&balancer.subnets) {
                    add(&subnet, addresses(&balancer.groups), public, owner.clone(), serves.clone());
                }
            }
            Resource::ClassicLoadBalancer(balancer) => {
                let public = if balancer.scheme == Scheme::Internal { Public::No } else { Public::Dynamic };
                let owner = Owner::Balancer(hostclass(address, "hostclass").unwrap());
                let listeners = balancers::classic_listeners(address, balancer);
                let serves = Serves { listeners, ..Serves::default() };
                for subnet in addresses(&balancer.subnets) {
                    add(&subnet, addresses(&balancer.groups), public, owner.clone(), serves.clone());
                }
            }
            _ => {}
        }
    }
    for (address, node) in &ir.resources {
        let Some((kind, groups, subnets, port, public)) = store(ir, &node.resource) else { continue };
        for subnet in addresses(subnets) {
            let owner = Owner::Store(kind, hostclass(address, kind.word()).unwrap(), port);
            add(&subnet, addresses(groups), public, owner, Serves::default());
        }
    }
    for (address, node) in &ir.resources {
        if let Resource::NetworkInterface(interface) = &node.resource {
            let hostclass = hostclass(address, "interface").unwrap();
            if !running.contains(&(env_of(address), hostclass.clone())) {
                continue;
            }
            let subnet = to(&interface.subnet).unwrap();
            add(
                subnet,
                addresses(&interface.groups),
                Public::No,
                Owner::Static(hostclass),
                Serves { ip: Some(interface.address), ..Serves::default() },
            );
        }
    }
    let inhabited: BTreeSet<(String, String)> =
        found.iter().map(|interface| (interface.env.clone(), interface.network.clone())).collect();
    for (address, node) in &ir.resources {
        if let Resource::Subnet(_) = &node.resource {
            let (env, network) = (env_of(address).to_owned(), network_of(address).to_owned());
            if !inhabited.contains(&(env.clone(), network.clone())) {
                let groups = vec![Address::parse(&format!("{env}/{network}/security-group"))];
                let (subnet, public) = (address.clone(), Public::Dynamic);
                found.push(interface(&subnet, groups, public, Owner::Nobody, Serves::default()));
            }
        }
    }
    found
}

type Store<'i> = (MachineKind, &'i BTreeSet<Ref>, &'i BTreeSet<Ref>, u16, Public);

/// What keeps data: its groups, subnets and port.
fn store<'i>(ir: &'i Ir, resource: &'i Resource) -> Option<Store<'i>> {
    Some(match resource {
        Resource::Database(database) => {
            let group = to(&database.subnet_group).unwrap();
            let Resource::DatabaseSubnetGroup(group) = &ir.resources[group].resource else {
                panic!("{group}")
            };
            let public = if database.public { Public::Dynamic } else { Public::No };
            (MachineKind::Databases, &database.groups, &group.subnets, database.port, public)
        }
        Resource::ReplicationGroup(cache) => {
            let group = to(&cache.subnets).unwrap();
            let Resource::CacheSubnetGroup(group) = &ir.resources[group].resource else { panic!("{group}") };
            (MachineKind::Caches, &cache.groups, &group.subnets, cache.port, Public::No)
        }
        Resource::SearchDomain(domain) => {
            (MachineKind::SearchDomains, &domain.groups, &domain.subnets, 443, Public::No)
        }
        _ => return None,
    })
}

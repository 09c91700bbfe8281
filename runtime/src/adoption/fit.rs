//! What tells that a live resource is a declared one: values of which there is only one.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Ir, Kind, Node, Ref, Resource};

use crate::Found;

/// The kinds of which every live resource is compared, in this order: what a kind references comes before it.
pub(super) const COMPARED: [Kind; 14] = [
    Kind::Vpc,
    Kind::DhcpOptions,
    Kind::Subnet,
    Kind::InternetGateway,
    Kind::SecurityGroup,
    Kind::NatGateway,
    Kind::ElasticIp,
    Kind::PeeringConnection,
    Kind::RouteTable,
    Kind::GatewayEndpoint,
    Kind::NetworkInterface,
    Kind::LaunchTemplate,
    Kind::AutoScalingGroup,
    Kind::HostedZone,
];

/// The kinds that are known by a name which is unique in account and region.
pub(super) const NAMED: [Kind; 21] = [
    Kind::Alarm,
    Kind::Bucket,
    Kind::CacheCluster,
    Kind::CacheParameterGroup,
    Kind::CacheSubnetGroup,
    Kind::ClassicLoadBalancer,
    Kind::Database,
    Kind::DatabaseCluster,
    Kind::DatabaseClusterInstance,
    Kind::DatabaseClusterParameterGroup,
    Kind::DatabaseParameterGroup,
    Kind::DatabaseSubnetGroup,
    Kind::Document,
    Kind::LoadBalancer,
    Kind::LogGroup,
    Kind::ReplicationGroup,
    Kind::SearchDomain,
    Kind::Table,
    Kind::TargetGroup,
    Kind::Topic,
    Kind::Trail,
];

/// How certain it is that a live resource is a declared one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// By what AWS has only one of. And by which values, for people.
    Unique(&'static str),
    /// By tags that the original Asiaq wrote, or people with the same habit.
    Tagged(&'static str),
}

/// What is known of the world while resources are compared.
pub(super) struct Known<'a> {
    pub(super) ir: &'a Ir,
    /// The live resources of account and region.
    pub(super) live: &'a [Found],
    /// AWS ids of declared resources that are owned or that fit, by address.
    pub(super) ids: &'a BTreeMap<Address, String>,
}

impl Known<'_> {
    /// Whether a wanted reference leads to what a live one names.
    fn is_same(&self, wanted: &Ref, live: &Ref) -> bool {
        let wanted = match wanted {
            Ref::Id(id) => Some(id.as_str()),
            Ref::To(address) => self.ids.get(address).map(String::as_str),
            Ref::Find(_) => None,
        };
        wanted.is_some() && wanted == live.id()
    }

    fn is_same_if_any(&self, wanted: Option<&Ref>, live: Option<&Ref>) -> bool {
        wanted.zip(live).is_some_and(|(wanted, live)| self.is_same(wanted, live))
    }
}

/// Whether a live resource is the one declared at `address`.
pub(super) fn fit(address: &Address, node: &Node, live: &Found, known: &Known<'_>) -> Option<Fit> {
    let tag = |key: &str| live.tags.get(key).map(String::as_str);
    let network = address.path().split('/').next();
    let is_of_network = tag("meta_network").is_some() && tag("meta_network") == network;
    let unique = |fits: bool, by: &'static str| fits.then_some(Fit::Unique(by));
    let tagged = |fits: bool, by: &'static str| fits.then_some(Fit::Tagged(by));
    match (&node.resource, &live.resource) {
        (Resource::Vpc(wanted), Resource::Vpc(vpc)) => unique(wanted.cidr == vpc.cidr, "block")
            .or_else(|| tagged(tag("Name") == Some(address.env()), "tag `Name`")),
        (Resource::DhcpOptions(wanted), Resource::DhcpOptions(set)) => {
            unique(wanted == set && is_only_set(address, live, known), "VPC and values")
        }
        (Resource::Subnet(wanted), Resource::Subnet(subnet)) => {
            let is_inside = known.is_same(&wanted.vpc, &subnet.vpc);
            let is_there = wanted.zone == subnet.zone;
            unique(is_inside && is_there && wanted.cidr == subnet.cidr, "VPC and block").or_else(|| {
                tagged(is_inside && is_there && is_of_network, "VPC, zone and tag `meta_network`")
            })
        }
        (Resource::InternetGateway(wanted), Resource::InternetGateway(gateway)) => {
            unique(known.is_same_if_any(wanted.vpc.as_ref(), gateway.vpc.as_ref()), "VPC")
        }
        (Resource::SecurityGroup(wanted), Resource::SecurityGroup(group)) => {
            let is_inside = known.is_same(&wanted.vpc, &group.vpc) && group.name != "default";
            unique(is_inside && wanted.name == group.name, "VPC and name")
                .or_else(|| tagged(is_inside && is_of_network, "VPC and tag `meta_network`"))
        }
        (Resource::NatGateway(wanted), Resource::NatGateway(gateway)) => {
            let has_address = wanted.elastic_ip.id().is_none_or(|id| gateway.elastic_ip.id() == Some(id));
            unique(has_address && known.is_same(&wanted.subnet, &gateway.subnet), "subnet")
        }
        (Resource::ElasticIp(_), Resource::ElasticIp(_)) => {
            unique(is_of_gateway(address, live, known), "NAT gateway")
        }
        (Resource::PeeringConnection(wanted), Resource::PeeringConnection(peering)) => {
            let joins = |one: &Ref, other: &Ref| {
                known.is_same(&wanted.requester, one) && known.is_same(&wanted.accepter, other)
            };
            let is_same =
                joins(&peering.requester, &peering.accepter) || joins(&peering.accepter, &peering.requester);
            unique(is_same && wanted.accepter_region == peering.accepter_region, "VPCs")
        }
        (Resource::RouteTable(wanted), Resource::RouteTable(table)) => {
            unique(known.is_same_if_any(wanted.subnet.as_ref(), table.subnet.as_ref()), "subnet")
        }
        (Resource::GatewayEndpoint(wanted), Resource::GatewayEndpoint(endpoint)) => {
            let is_inside = known.is_same(&wanted.vpc, &endpoint.vpc);
            unique(is_inside && wanted.service == endpoint.service, "VPC and service")
        }
        (Resource::NetworkInterface(wanted), Resource::NetworkInterface(interface)) => {
            let is_inside = known.is_same(&wanted.subnet, &interface.subnet);
            unique(is_inside && wanted.address == interface.address, "subnet and address")
        }
        (Resource::LaunchTemplate(wanted), Resource::LaunchTemplate(template)) => {
            unique(wanted.name == template.name, "name")
        }
        (Resource::AutoScalingGroup(wanted), Resource::AutoScalingGroup(group)) => {
            unique(wanted.prefix == group.prefix, "name")
        }
        (Resource::HostedZone(wanted), Resource::HostedZone(zone)) => {
            let sees = |vpc: &Ref| zone.vpcs.iter().any(|live| known.is_same(vpc, live));
            let is_private = !wanted.vpcs.is_empty() && wanted.vpcs.iter().any(sees);
            let is_public = wanted.vpcs.is_empty() && zone.vpcs.is_empty();
            unique(wanted.domain == zone.domain && (is_public || is_private), "domain")
        }
        _ => None,
    }
}

/// Whether DHCP options are those of the VPC that is to have them, and of no other.
fn is_only_set(address: &Address, set: &Found, known: &Known<'_>) -> bool {
    let is_wanted_by = |vpc: &&Found| {
        known.ir.resources.iter().any(|(at, node)| {
            let wants = match &node.resource {
                Resource::Vpc(wanted) => wanted.dhcp_options.as_ref(),
                _ => None,
            };
            matches!(wants, Some(Ref::To(to)) if to == address) && known.ids.get(at) == Some(&vpc.id)
        })
    };
    let has_it = |found: &&Found| {
        let options = match &found.resource {
            Resource::Vpc(vpc) => vpc.dhcp_options.as_ref(),
            _ => None,
        };
        options.and_then(Ref::id) == Some(set.id.as_str())
    };
    let users: Vec<&Found> = known.live.iter().filter(has_it).collect();
    users.len() == 1 && users.iter().all(is_wanted_by)
}

/// Whether an address is that of the NAT gateway that is to have it.
fn is_of_gateway(address: &Address, live: &Found, known: &Known<'_>) -> bool {
    let wanting = known.ir.resources.iter().filter(|(_, node)| match &node.resource {
        Resource::NatGateway(gateway) => matches!(&gateway.elastic_ip, Ref::To(to) if to == address),
        _ => false,
    });
    let gateways: BTreeSet<&String> = wanting.filter_map(|(at, _)| known.ids.get(at)).collect();
    known.live.iter().any(|found| match &found.resource {
        Resource::NatGateway(gateway) => {
            gateways.contains(&found.id) && gateway.elastic_ip.id() == Some(live.id.as_str())
        }
        _ => false,
    })
}

//! Networks, and what is in them.

use std::collections::BTreeSet;

use asiaq_ir::Kind;
use asiaq_runtime::{Result, Sighting, Sort};
use aws_sdk_ec2::types::{self as sdk, VpcEndpointType};

use super::super::dhcp_options::{self, DESCRIBE_DHCP_OPTIONS};
use super::super::elastic_ip::DESCRIBE_ADDRESSES;
use super::super::gateway_endpoint::DESCRIBE_VPC_ENDPOINTS;
use super::super::internet_gateway::DESCRIBE_INTERNET_GATEWAYS;
use super::super::nat_gateway::DESCRIBE_NAT_GATEWAYS;
use super::super::network_interface::DESCRIBE_NETWORK_INTERFACES;
use super::super::peering_connection::DESCRIBE_VPC_PEERING_CONNECTIONS;
use super::super::route_table::association::DESCRIBE_ROUTE_TABLES;
use super::super::security_group::DESCRIBE_SECURITY_GROUPS;
use super::super::subnet::DESCRIBE_SUBNETS;
use super::super::vpc;
use super::sighting;
use crate::operation::Operation;
use crate::region::Region;
use crate::tags;

/// The operations that list them.
pub(super) const LISTS: &[Operation] = &[
    vpc::DESCRIBE_VPCS,
    DESCRIBE_DHCP_OPTIONS,
    DESCRIBE_INTERNET_GATEWAYS,
    DESCRIBE_SECURITY_GROUPS,
    DESCRIBE_SUBNETS,
    DESCRIBE_ADDRESSES,
    DESCRIBE_NAT_GATEWAYS,
    DESCRIBE_VPC_PEERING_CONNECTIONS,
    DESCRIBE_ROUTE_TABLES,
    DESCRIBE_VPC_ENDPOINTS,
    DESCRIBE_NETWORK_INTERFACES,
];

/// States of what is gone, or on its way.
const GONE: [&str; 8] =
    ["deleted", "deleting", "Deleted", "Deleting", "expired", "failed", "rejected", "terminated"];

/// A thing in a VPC, which AWS may have made.
fn place(
    region: &Region<'_>,
    (sort, id, vpc): (Sort, Option<&str>, Option<&str>),
    tags: &[sdk::Tag],
    of_aws: Option<&str>,
) -> Option<Sighting> {
    let one = sighting(region, sort, id, tags::map(tags))?;
    Some(Sighting { within: vpc.map(ToOwned::to_owned), of_aws: of_aws.map(ToOwned::to_owned), ..one })
}

fn is_gone(state: Option<&str>) -> bool {
    state.is_some_and(|state| GONE.contains(&state))
}

pub(super) async fn vpcs(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = vpc::every(region).await?;
    let seen = all.iter().filter_map(|vpc| {
        let of_aws = (vpc.is_default() == Some(true)).then_some("default VPC");
        place(region, (Sort::Kind(Kind::Vpc), vpc.vpc_id(), None), vpc.tags(), of_aws)
    });
    Ok(seen.collect())
}

/// The option set that AWS makes with the default VPC, and those of people.
pub(super) async fn option_sets(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_dhcp_options().into_paginator().items().send();
    let all = DESCRIBE_DHCP_OPTIONS.all(pages).await?;
    let seen = all.iter().filter_map(|set| {
        let of_aws = dhcp_options::is_of_aws(region.name, set).then_some("options of the region");
        place(region, (Sort::Kind(Kind::DhcpOptions), set.dhcp_options_id(), None), set.tags(), of_aws)
    });
    Ok(seen.collect())
}

pub(super) async fn internet_gateways(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let vpcs = vpc::every(region).await?;
    let default: BTreeSet<&str> =
        vpcs.iter().filter(|vpc| vpc.is_default() == Some(true)).filter_map(sdk::Vpc::vpc_id).collect();
    let pages = region.ec2().describe_internet_gateways().into_paginator().items().send();
    let all = DESCRIBE_INTERNET_GATEWAYS.all(pages).await?;
    let seen = all.iter().filter_map(|gateway| {
        let vpc = gateway.attachments().first().and_then(|one| one.vpc_id());
        let of_aws = vpc.is_some_and(|vpc| default.contains(vpc)).then_some("of the default VPC");
        let what = (Sort::Kind(Kind::InternetGateway), gateway.internet_gateway_id(), vpc);
        place(region, what, gateway.tags(), of_aws)
    });
    Ok(seen.collect())
}

pub(super) async fn groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_security_groups().into_paginator().items().send();
    let all = DESCRIBE_SECURITY_GROUPS.all(pages).await?;
    let seen = all.iter().filter_map(|group| {
        let of_aws = (group.group_name() == Some("default")).then_some("default group of the VPC");
        let what = (Sort::Kind(Kind::SecurityGroup), group.group_id(), group.vpc_id());
        let one = place(region, what, group.tags(), of_aws)?;
        Some(Sighting { name: group.group_name.clone(), ..one })
    });
    Ok(seen.collect())
}

pub(super) async fn subnets(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_subnets().into_paginator().items().send();
    let all = DESCRIBE_SUBNETS.all(pages).await?;
    let seen = all.iter().filter_map(|subnet| {
        let of_aws = (subnet.default_for_az() == Some(true)).then_some("default subnet of its zone");
        let what = (Sort::Kind(Kind::Subnet), subnet.subnet_id(), subnet.vpc_id());
        place(region, what, subnet.tags(), of_aws)
    });
    Ok(seen.collect())
}

pub(super) async fn addresses(region: &Region<'_>) -> Result<Vec<Sighting>> {
    // AWS answers with all at once.
    let answer = DESCRIBE_ADDRESSES.call(region.ec2().describe_addresses().send()).await?;
    let seen = answer.addresses().iter().filter_map(|address| {
        let what = (Sort::Kind(Kind::ElasticIp), address.allocation_id(), None);
        let one = place(region, what, address.tags(), None)?;
        Some(Sighting { name: one.name.or_else(|| address.public_ip.clone()), ..one })
    });
    Ok(seen.collect())
}

pub(super) async fn nat_gateways(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_nat_gateways().into_paginator().items().send();
    let all = DESCRIBE_NAT_GATEWAYS.all(pages).await?;
    let there = all.iter().filter(|gateway| !is_gone(gateway.state().map(sdk::NatGatewayState::as_str)));
    let seen = there.filter_map(|gateway| {
        let what = (Sort::Kind(Kind::NatGateway), gateway.nat_gateway_id(), gateway.vpc_id());
        place(region, what, gateway.tags(), None)
    });
    Ok(seen.collect())
}

pub(super) async fn peerings(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_vpc_peering_connections().into_paginator().items().send();
    let all = DESCRIBE_VPC_PEERING_CONNECTIONS.all(pages).await?;
    let state = |one: &sdk::VpcPeeringConnection| Some(one.status()?.code()?.as_str().to_owned());
    let seen = all.iter().filter(|one| !is_gone(state(one).as_deref())).filter_map(|one| {
        let vpc = one.requester_vpc_info().and_then(|vpc| vpc.vpc_id());
        let what = (Sort::Kind(Kind::PeeringConnection), one.vpc_peering_connection_id(), vpc);
        place(region, what, one.tags(), None)
    });
    Ok(seen.collect())
}

pub(super) async fn route_tables(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_route_tables().into_paginator().items().send();
    let all = DESCRIBE_ROUTE_TABLES.all(pages).await?;
    let seen = all.iter().filter_map(|table| {
        let is_main = table.associations().iter().any(|one| one.main() == Some(true));
        let what = (Sort::Kind(Kind::RouteTable), table.route_table_id(), table.vpc_id());
        place(region, what, table.tags(), is_main.then_some("main table of the VPC"))
    });
    Ok(seen.collect())
}

/// Endpoints of gateways, and others. Those that a service of AWS has asked for are its own.
pub(super) async fn endpoints(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_vpc_endpoints().into_paginator().items().send();
    let all = DESCRIBE_VPC_ENDPOINTS.all(pages).await?;
    let there = all.iter().filter(|one| !is_gone(one.state().map(sdk::State::as_str)));
    let seen = there.filter_map(|one| {
        let is_gateway = one.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway);
        let sort = if is_gateway { Sort::Kind(Kind::GatewayEndpoint) } else { Sort::InterfaceEndpoint };
        let of_aws = (one.requester_managed() == Some(true)).then_some("made by a service");
        place(region, (sort, one.vpc_endpoint_id(), one.vpc_id()), one.tags(), of_aws)
    });
    Ok(seen.collect())
}

/// The interfaces that are no part of something else: not those of instances, nor those that services made for themselves.
pub(super) async fn interfaces(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.ec2().describe_network_interfaces().into_paginator().items().send();
    let all = DESCRIBE_NETWORK_INTERFACES.all(pages).await?;
    let is_part = |one: &&sdk::NetworkInterface| {
        let is_first =
            |at: &sdk::NetworkInterfaceAttachment| at.instance_id().is_some() && at.device_index() == Some(0);
        one.requester_managed() == Some(true)
            || one.interface_type().is_some_and(|sort| sort.as_str() != "interface")
            || one.attachment().is_some_and(is_first)
    };
    let seen = all.iter().filter(|one| !is_part(one)).filter_map(|one| {
        let what = (Sort::Kind(Kind::NetworkInterface), one.network_interface_id(), one.vpc_id());
        place(region, what, one.tag_set(), None)
    });
    Ok(seen.collect())
}

//! The routes of a table, and the ones a VPN gateway brings.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Ref, Route};
use aws_sdk_ec2::types::{self as sdk, RouteOrigin, RouteTable};
use futures::future;
use ipnet::Ipv4Net;

use crate::kinds::prelude::*;
use crate::service::ec2;

ops! { ec2:
    CREATE_ROUTE = "CreateRoute", Write;
    REPLACE_ROUTE = "ReplaceRoute", Write;
    ENABLE_VGW_ROUTE_PROPAGATION = "EnableVgwRoutePropagation", Write;
    DELETE_ROUTE = "DeleteRoute", Delete;
    DISABLE_VGW_ROUTE_PROPAGATION = "DisableVgwRoutePropagation", Delete;
}

/// The static routes of a table: not the VPC's own, nor those that a VPN gateway or an endpoint adds.
///
/// A target of a type that asiaq never writes, such as an instance, is read as its id, so that it shows as a
/// difference. A route whose target is deleted still names it.
pub(super) fn read(table: &RouteTable) -> BTreeSet<Route> {
    table.routes().iter().filter_map(route).collect()
}

fn route(route: &sdk::Route) -> Option<Route> {
    let local = route.gateway_id() == Some("local") || route.origin() == Some(&RouteOrigin::CreateRouteTable);
    let propagated = route.origin() == Some(&RouteOrigin::EnableVgwRoutePropagation);
    (!local && !propagated).then_some(())?;
    let target = route
        .gateway_id()
        .or(route.nat_gateway_id())
        .or(route.vpc_peering_connection_id())
        .or(route.transit_gateway_id())
        .or(route.instance_id())
        .or(route.network_interface_id())
        .or(route.local_gateway_id())
        .or(route.carrier_gateway_id())
        .or(route.egress_only_internet_gateway_id())
        .or(route.core_network_arn())
        .or(route.odb_network_arn())
        .unwrap_or("unknown");
    let destination = cidr_block(route.destination_cidr_block()?)?;
    Some(Route { destination, target: Ref::Id(target.to_owned()) })
}

/// Creates new routes, replaces changed ones, and then deletes the others.
pub(super) async fn set(
    region: &Region<'_>,
    table: &str,
    live: &BTreeSet<Route>,
    wanted: &BTreeSet<Route>,
) -> Result<()> {
    let by_destination = |routes: &BTreeSet<Route>| -> BTreeMap<Ipv4Net, Route> {
        routes.iter().map(|route| (route.destination, route.clone())).collect()
    };
    let (live, wanted) = (by_destination(live), by_destination(wanted));
    let puts =
        wanted.iter().filter(|(to, route)| live.get(to) != Some(route)).map(|(to, route)| {
            let there = live.contains_key(to);
            async move {
                if there { replace(region, table, route).await } else { add(region, table, route).await }
            }
        });
    all(puts).await?;
    let gone = live.keys().filter(|to| !wanted.contains_key(to));
    all(gone.map(|to| remove(region, table, *to))).await
}

/// Runs all calls to the end, and returns the first error.
async fn all(calls: impl Iterator<Item = impl Future<Output = Result<()>>>) -> Result<()> {
    future::join_all(calls).await.into_iter().collect()
}

async fn add(region: &Region<'_>, table: &str, route: &Route) -> Result<()> {
    let Target { gateway, nat, peering } = Target::of(CREATE_ROUTE, route)?;
    let call = region.ec2().create_route().route_table_id(table);
    let call = call.destination_cidr_block(route.destination.to_string());
    let call = call.set_gateway_id(gateway).set_nat_gateway_id(nat).set_vpc_peering_connection_id(peering);
    match region.retry_until_consistent(CREATE_ROUTE, || call.clone().send()).await {
        // Another program created the route, or the response to an earlier attempt was lost.
        Err(error) if error.code == "RouteAlreadyExists" => replace(region, table, route).await,
        answer => answer.map(drop),
    }
}

async fn replace(region: &Region<'_>, table: &str, route: &Route) -> Result<()> {
    let Target { gateway, nat, peering } = Target::of(REPLACE_ROUTE, route)?;
    let call = region.ec2().replace_route().route_table_id(table);
    let call = call.destination_cidr_block(route.destination.to_string());
    let call = call.set_gateway_id(gateway).set_nat_gateway_id(nat).set_vpc_peering_connection_id(peering);
    region.retry_until_consistent(REPLACE_ROUTE, || call.clone().send()).await.map(drop)
}

async fn remove(region: &Region<'_>, table: &str, destination: Ipv4Net) -> Result<()> {
    let request =
        region.ec2().delete_route().route_table_id(table).destination_cidr_block(destination.to_string());
    match region.retry_while_in_use(DELETE_ROUTE, || request.clone().send()).await {
        Err(error) if ec2.is_part_not_found(&error) => Ok(()),
        removed => removed,
    }
}

/// The target of a route: each type of target has its own request parameter.
#[derive(Default)]
struct Target {
    gateway: Option<String>,
    nat: Option<String>,
    peering: Option<String>,
}

impl Target {
    fn of(operation: Operation, route: &Route) -> Result<Self> {
        let id = id_of(&route.target).unwrap_or_default();
        match id.split('-').next() {
            Some("igw" | "vgw") => Ok(Self { gateway: Some(id), ..Self::default() }),
            Some("nat") => Ok(Self { nat: Some(id), ..Self::default() }),
            Some("pcx") => Ok(Self { peering: Some(id), ..Self::default() }),
            _ => Err(operation.refused(format!("a route cannot lead to `{id}`"))),
        }
    }
}

/// Enables route propagation from VPN gateway `wanted`, and disables it from `live`.
pub(super) async fn propagate(
    region: &Region<'_>,
    table: &str,
    live: Option<&Ref>,
    wanted: Option<&Ref>,
) -> Result<()> {
    if live == wanted {
        return Ok(());
    }
    if let Some(gateway) = wanted.and_then(Ref::id) {
        let request = region.ec2().enable_vgw_route_propagation().route_table_id(table).gateway_id(gateway);
        region.retry_until_consistent(ENABLE_VGW_ROUTE_PROPAGATION, || request.clone().send()).await?;
    }
    if let Some(gateway) = live.and_then(Ref::id) {
        let request = region.ec2().disable_vgw_route_propagation().route_table_id(table).gateway_id(gateway);
        region.retry_while_in_use(DISABLE_VGW_ROUTE_PROPAGATION, || request.clone().send()).await?;
    }
    Ok(())
}

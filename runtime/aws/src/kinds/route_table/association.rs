//! The subnet that a route table serves.

use asiaq_ir::Ref;
use aws_sdk_ec2::types::{
    Filter, RouteTable, RouteTableAssociation, RouteTableAssociationStateCode as State,
};

use crate::kinds::prelude::*;

ops! { ec2:
    DESCRIBE_ROUTE_TABLES = "DescribeRouteTables", Read;
    ASSOCIATE_ROUTE_TABLE = "AssociateRouteTable", Write;
    REPLACE_ROUTE_TABLE_ASSOCIATION = "ReplaceRouteTableAssociation", Write;
    DISASSOCIATE_ROUTE_TABLE = "DisassociateRouteTable", Delete;
}

/// The explicit associations of a table, as (association id, subnet id); not the main one.
pub(super) fn explicit(table: &RouteTable) -> impl Iterator<Item = (String, String)> {
    let leaves = |association: &RouteTableAssociation| {
        let state = association.association_state().and_then(|state| state.state());
        matches!(state, Some(State::Disassociated | State::Disassociating | State::Failed))
    };
    table.associations().iter().filter(move |association| !leaves(association)).filter_map(|association| {
        Some((association.route_table_association_id.clone()?, association.subnet_id.clone()?))
    })
}

/// Makes `table` serve `wanted` instead of `live`.
pub(super) async fn set(
    region: &Region<'_>,
    table: &str,
    live: Option<&Ref>,
    wanted: Option<&Ref>,
) -> Result<()> {
    if live == wanted {
        return Ok(());
    }
    let wanted = wanted.and_then(Ref::id);
    if let Some(subnet) = wanted {
        associate(region, table, subnet).await?;
    }
    match live.and_then(Ref::id) {
        Some(subnet) => take_off(region, table, |served| served == subnet).await,
        None => Ok(()),
    }
}

/// Makes `table` serve no subnet.
pub(super) async fn clear(region: &Region<'_>, table: &str) -> Result<()> {
    take_off(region, table, |_| true).await
}

/// Associates the subnet. Where another table serves it, that one's association is replaced, so that the
/// subnet is never without its routes.
async fn associate(region: &Region<'_>, table: &str, subnet: &str) -> Result<()> {
    let request = region.ec2().associate_route_table().route_table_id(table).subnet_id(subnet);
    match region.retry_until_consistent(ASSOCIATE_ROUTE_TABLE, || request.clone().send()).await {
        Err(error) if error.code == "Resource.AlreadyAssociated" => {}
        answer => return answer.map(drop),
    }
    for (holder, association, served) in associations(region, filter("association.subnet-id", subnet)).await?
    {
        if served == subnet && holder != table {
            let request = region
                .ec2()
                .replace_route_table_association()
                .association_id(association)
                .route_table_id(table);
            REPLACE_ROUTE_TABLE_ASSOCIATION.call(request.send()).await?;
        }
    }
    Ok(())
}

async fn take_off(region: &Region<'_>, table: &str, whose: impl Fn(&str) -> bool) -> Result<()> {
    for (_, association, subnet) in associations(region, filter("route-table-id", table)).await? {
        if whose(&subnet) {
            let request = region.ec2().disassociate_route_table().association_id(association);
            region.retry_while_in_use(DISASSOCIATE_ROUTE_TABLE, || request.clone().send()).await?;
        }
    }
    Ok(())
}

/// The explicit associations of the tables a filter selects, as (table id, association id, subnet id).
async fn associations(region: &Region<'_>, which: Filter) -> Result<Vec<(String, String, String)>> {
    let pages = region.ec2().describe_route_tables().filters(which).into_paginator().items().send();
    let tables: Vec<RouteTable> = DESCRIBE_ROUTE_TABLES.all(pages).await?;
    let of_table = |table: &RouteTable| {
        let id = table.route_table_id.clone().unwrap_or_default();
        let of_table = explicit(table).map(move |(association, subnet)| (id.clone(), association, subnet));
        of_table.collect::<Vec<_>>()
    };
    Ok(tables.iter().flat_map(of_table).collect())
}

mod association;
mod routes;

use std::collections::BTreeSet;

use asiaq_ir::{Ref, RouteTable};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{self as sdk, ResourceType};

use super::{InAws, Made};
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::{error, tags};

impl InAws for RouteTable {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeRouteTables"],
        make: &[
            "ec2:CreateRouteTable",
            "ec2:AssociateRouteTable",
            "ec2:ReplaceRouteTableAssociation",
            "ec2:CreateRoute",
            "ec2:ReplaceRoute",
            "ec2:EnableVgwRoutePropagation",
        ],
        delete: &[
            "ec2:DisassociateRouteTable",
            "ec2:DeleteRoute",
            "ec2:DisableVgwRoutePropagation",
            "ec2:DeleteRouteTable",
        ],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let request = region.ec2().describe_route_tables().filters(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        let tables: Vec<sdk::RouteTable> = error::call("DescribeRouteTables", pages.collect()).await?;
        let found = tables
            .iter()
            .filter_map(|table| {
                tags::found(region.name, project, table.tags(), table.route_table_id(), read(table))
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateRouteTable";
        let request = region
            .once()
            .create_route_table()
            .client_token(order.token)
            .set_vpc_id(self.vpc.id().map(ToOwned::to_owned))
            .set_tag_specifications(tags::at_birth(ResourceType::RouteTable, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        let id = made.route_table.and_then(|table| table.route_table_id);
        let born = Self { vpc: self.vpc.clone(), subnet: None, routes: BTreeSet::new(), propagation: None };
        Ok(Made { id: error::part(OPERATION, "id", id)?, born, ready: true })
    }

    /// The table that serves the subnet.
    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let Some(subnet) = self.subnet.as_ref().and_then(Ref::id) else { return Ok(None) };
        let request = region.ec2().describe_route_tables().filters(filter("association.subnet-id", subnet));
        let seen = error::call("DescribeRouteTables", request.send()).await?;
        let there = seen.route_tables().first();
        Ok(there.and_then(|there| tags::tagged(there.route_table_id(), there.tags())))
    }

    /// Routes first: when the subnet comes to the table, it finds them.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self.vpc != wanted.vpc {
            return Err(error::refused("UpdateRouteTable", "a route table cannot move to another VPC"));
        }
        routes::set(region, id, &self.routes, &wanted.routes).await?;
        routes::propagate(region, id, self.propagation.as_ref(), wanted.propagation.as_ref()).await?;
        association::set(region, id, self.subnet.as_ref(), wanted.subnet.as_ref()).await
    }

    /// Deletes the table. A subnet that it still serves, and that AWS does not let go by itself, is taken
    /// off first and falls back to the VPC's main table.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        const OPERATION: &str = "DeleteRouteTable";
        let request = region.ec2().delete_route_table().route_table_id(id);
        match error::call(OPERATION, request.clone().send()).await {
            Err(error) if error::in_use(&error) => {
                association::clear(region, id).await?;
                region.released(|| error::call(OPERATION, request.clone().send())).await
            }
            Err(error) if !error::not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn read(table: &sdk::RouteTable) -> Option<RouteTable> {
    let propagation = table.propagating_vgws().iter().find_map(|gateway| gateway.gateway_id.clone());
    Some(RouteTable {
        vpc: Ref::Id(table.vpc_id.clone()?),
        // A table of the project serves one subnet; others that somebody put to it are not the project's.
        subnet: association::explicit(table).map(|(_, subnet)| subnet).min().map(Ref::Id),
        routes: routes::read(table),
        propagation: propagation.map(Ref::Id),
    })
}

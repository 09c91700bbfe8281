pub(super) mod association;
mod routes;

use std::collections::BTreeSet;

use asiaq_ir::{Ref, RouteTable};
use aws_sdk_ec2::types::{self as sdk, ResourceType};

use self::association::DESCRIBE_ROUTE_TABLES;
use super::prelude::*;
use crate::error;
use crate::service::ec2;

ops! { ec2:
    CREATE_ROUTE_TABLE = "CreateRouteTable", Write;
    DELETE_ROUTE_TABLE = "DeleteRouteTable", Delete;
}

impl Api for RouteTable {
    ec2_kind! { sdk::RouteTable { route_table_id, tags }
        also: association::OPS routes::OPS,
        describe: DESCRIBE_ROUTE_TABLES = describe_route_tables(route_table_ids),
    }

    const HAS_TOKEN: bool = true;

    /// That of the table that serves the subnet.
    fn place(&self, _: &Region<'_>) -> Option<Vec<Filter>> {
        Some(vec![filter("association.subnet-id", self.subnet.as_ref().and_then(Ref::id)?)])
    }

    fn form(table: &sdk::RouteTable) -> Option<Self> {
        let propagation = table.propagating_vgws().iter().find_map(|gateway| gateway.gateway_id.clone());
        Some(Self {
            vpc: Ref::Id(table.vpc_id.clone()?),
            // A table of the project serves one subnet; other associations were made by hand.
            subnet: association::explicit(table).map(|(_, subnet)| subnet).min().map(Ref::Id),
            routes: routes::read(table),
            propagation: propagation.map(Ref::Id),
        })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_route_table()
            .client_token(request.token)
            .set_vpc_id(id_of(&self.vpc))
            .set_tag_specifications(tags::tag_specifications(ResourceType::RouteTable, request.tags));
        let made = region.retry_until_consistent(CREATE_ROUTE_TABLE, || call.clone().send()).await?;
        let id = made.route_table.and_then(|table| table.route_table_id);
        let initial =
            Self { vpc: self.vpc.clone(), subnet: None, routes: BTreeSet::new(), propagation: None };
        Ok(Created { id: CREATE_ROUTE_TABLE.part("id", id)?, initial, ready: true })
    }

    /// Routes first: when the subnet comes to the table, it finds them.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.vpc != wanted.vpc {
            return Err(error::refused("UpdateRouteTable", "a route table cannot move to another VPC"));
        }
        routes::set(region, id, &self.routes, &wanted.routes).await?;
        routes::propagate(region, id, self.propagation.as_ref(), wanted.propagation.as_ref()).await?;
        association::set(region, id, self.subnet.as_ref(), wanted.subnet.as_ref()).await
    }

    /// Deletes the table. Where AWS refuses because the table still serves a subnet, the subnet is disassociated first
    /// and falls back to the VPC's main table.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.ec2().delete_route_table().route_table_id(id);
        match DELETE_ROUTE_TABLE.call(request.clone().send()).await {
            Err(error) if ec2.is_in_use(&error) => {
                association::clear(region, id).await?;
                region.retry_while_in_use(DELETE_ROUTE_TABLE, || request.clone().send()).await
            }
            Err(error) if !ec2.is_not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

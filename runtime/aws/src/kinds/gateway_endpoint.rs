use std::collections::BTreeSet;
use std::time::Duration;

use asiaq_ir::{GatewayEndpoint, Ref, Service};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{ResourceType, UnsuccessfulItem, VpcEndpoint, VpcEndpointType};

use super::{InAws, Made, ids};
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::{error, tags};

const DESCRIBE: &str = "DescribeVpcEndpoints";
const LIMIT: Duration = Duration::from_mins(5);

impl InAws for GatewayEndpoint {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeVpcEndpoints"],
        make: &["ec2:CreateVpcEndpoint"],
        delete: &["ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let request = region.ec2().describe_vpc_endpoints().filters(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        let endpoints: Vec<VpcEndpoint> = error::call(DESCRIBE, pages.collect()).await?;
        let found = endpoints
            .iter()
            .filter(|endpoint| !is_over(endpoint))
            .filter_map(|endpoint| {
                tags::found(region.name, project, endpoint.tags(), endpoint.vpc_endpoint_id(), read(endpoint))
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateVpcEndpoint";
        let request = region
            .once()
            .create_vpc_endpoint()
            .client_token(order.token)
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .set_vpc_id(self.vpc.id().map(ToOwned::to_owned))
            .service_name(service_name(region, self.service))
            .set_route_table_ids(Some(ids(&self.route_tables)))
            .set_tag_specifications(tags::at_birth(ResourceType::VpcEndpoint, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        let endpoint = error::part(OPERATION, "endpoint", made.vpc_endpoint)?;
        let ready = is(&endpoint, "available");
        Ok(Made { id: error::part(OPERATION, "id", endpoint.vpc_endpoint_id)?, born: self.clone(), ready })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let Some(vpc) = self.vpc.id() else { return Ok(None) };
        let service = service_name(region, self.service);
        let (of_vpc, of_service) = (filter("vpc-id", vpc), filter("service-name", &service));
        let request = region.ec2().describe_vpc_endpoints().filters(of_vpc).filters(of_service);
        let seen: Vec<VpcEndpoint> =
            error::call(DESCRIBE, request.into_paginator().items().send().collect()).await?;
        let is_gateway =
            |endpoint: &VpcEndpoint| endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway);
        let there = seen.into_iter().find(|endpoint| is_gateway(endpoint) && !is_over(endpoint));
        Ok(there.and_then(|there| tags::tagged(there.vpc_endpoint_id(), there.tags())))
    }

    async fn ready(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let available =
            || async { Ok(look(region, id).await?.filter(|seen| is(seen, "available")).map(drop)) };
        region.until(DESCRIBE, "the VPC endpoint is not available", LIMIT, available).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        let add = ids(wanted.route_tables.difference(&self.route_tables));
        let remove = ids(self.route_tables.difference(&wanted.route_tables));
        if add.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let request = region
            .ec2()
            .modify_vpc_endpoint()
            .vpc_endpoint_id(id)
            .set_add_route_table_ids((!add.is_empty()).then_some(add))
            .set_remove_route_table_ids((!remove.is_empty()).then_some(remove));
        region.settled(|| error::call("ModifyVpcEndpoint", request.clone().send())).await.map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        const OPERATION: &str = "DeleteVpcEndpoints";
        let request = region.ec2().delete_vpc_endpoints().vpc_endpoint_ids(id);
        let delete = || async {
            let answer = error::call(OPERATION, request.clone().send()).await?;
            answer.unsuccessful().iter().try_for_each(|item| Err(refusal(OPERATION, item)))
        };
        match region.released(delete).await {
            // A table without the endpoint's route is no reason to keep the endpoint.
            Err(error) if error::part_not_found(&error) => {
                let off_every_table = Self { route_tables: BTreeSet::new(), ..self.clone() };
                self.update(region, id, &off_every_table).await?;
                region.released(delete).await?;
            }
            deleted => deleted?,
        }
        let gone =
            || async { Ok(look(region, id).await?.is_none_or(|seen| is(&seen, "deleted")).then_some(())) };
        region.until(DESCRIBE, "the VPC endpoint is not deleted", LIMIT, gone).await
    }
}

/// What AWS calls a service in a region.
fn service_name(region: &Region<'_>, service: Service) -> String {
    format!("com.amazonaws.{}.{}", region.name, service.name())
}

/// A refusal that comes inside an answer.
fn refusal(operation: &str, item: &UnsuccessfulItem) -> CloudError {
    let said = item.error();
    let message = said.and_then(|error| error.message()).unwrap_or("AWS did not say why");
    let mut refusal = error::refused(operation, message);
    said.and_then(|error| error.code()).unwrap_or_default().clone_into(&mut refusal.code);
    refusal
}

async fn look(region: &Region<'_>, id: &str) -> Result<Option<VpcEndpoint>, CloudError> {
    let request = region.ec2().describe_vpc_endpoints().vpc_endpoint_ids(id);
    match error::call(DESCRIBE, request.send()).await {
        Err(error) if error::not_found(&error) => Ok(None),
        answer => Ok(answer?.vpc_endpoints.unwrap_or_default().pop()),
    }
}

/// Whether an endpoint is in a state. AWS writes states of endpoints both with and without a capital.
fn is(endpoint: &VpcEndpoint, state: &str) -> bool {
    endpoint.state().is_some_and(|live| live.as_str().eq_ignore_ascii_case(state))
}

fn is_over(endpoint: &VpcEndpoint) -> bool {
    ["deleting", "deleted", "failed", "expired", "rejected"].iter().any(|state| is(endpoint, state))
}

/// None for an endpoint that leads elsewhere.
fn read(endpoint: &VpcEndpoint) -> Option<GatewayEndpoint> {
    let last = endpoint.service_name()?.rsplit('.').next()?;
    let service = [Service::S3, Service::DynamoDb].into_iter().find(|service| service.name() == last)?;
    Some(GatewayEndpoint {
        vpc: Ref::Id(endpoint.vpc_id.clone()?),
        service,
        route_tables: endpoint.route_table_ids().iter().cloned().map(Ref::Id).collect(),
    })
}

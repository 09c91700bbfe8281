use std::collections::BTreeSet;
use std::time::Duration;

use asiaq_ir::{GatewayEndpoint, Ref, Service};
use aws_sdk_ec2::types::{ResourceType, UnsuccessfulItem, VpcEndpoint, VpcEndpointType};

use super::prelude::*;
use crate::service::ec2;

ops! { ec2:
    DESCRIBE_VPC_ENDPOINTS = "DescribeVpcEndpoints", Read;
    CREATE_VPC_ENDPOINT = "CreateVpcEndpoint", Write;
    MODIFY_VPC_ENDPOINT = "ModifyVpcEndpoint", Delete;
    DELETE_VPC_ENDPOINTS = "DeleteVpcEndpoints", Delete;
}

const LIMIT: Duration = Duration::from_mins(5);

impl Api for GatewayEndpoint {
    ec2_kind! { VpcEndpoint { vpc_endpoint_id, tags }
        describe: DESCRIBE_VPC_ENDPOINTS = describe_vpc_endpoints(vpc_endpoint_ids),
    }

    const HAS_TOKEN: bool = true;

    const READY: Option<Limit> = Some(Limit(LIMIT, "the VPC endpoint is not available"));
    const GONE: Option<Limit> = Some(Limit(LIMIT, "the VPC endpoint is not deleted"));

    fn place(&self, region: &Region<'_>) -> Option<Vec<Filter>> {
        let service = filter("service-name", &service_name(region, self.service));
        Some(vec![filter("vpc-id", self.vpc.id()?), service])
    }

    fn is_in_place_of(live: &VpcEndpoint, _: &Self) -> bool {
        live.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway)
    }

    fn exists(endpoint: &VpcEndpoint) -> bool {
        !["deleting", "deleted", "failed", "expired", "rejected"].iter().any(|state| is(endpoint, state))
    }

    fn state(endpoint: &VpcEndpoint) -> State {
        match endpoint {
            _ if is(endpoint, "available") => State::Ready,
            _ if is(endpoint, "deleted") => State::Gone,
            _ => State::Pending,
        }
    }

    /// None for an endpoint that leads elsewhere.
    fn form(endpoint: &VpcEndpoint) -> Option<Self> {
        let last = endpoint.service_name()?.rsplit('.').next()?;
        let service = [Service::S3, Service::DynamoDb].into_iter().find(|service| service.name() == last)?;
        Some(Self {
            vpc: Ref::Id(endpoint.vpc_id.clone()?),
            service,
            route_tables: endpoint.route_table_ids().iter().cloned().map(Ref::Id).collect(),
        })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_vpc_endpoint()
            .client_token(request.token)
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .set_vpc_id(id_of(&self.vpc))
            .service_name(service_name(region, self.service))
            .set_route_table_ids(Some(ids(&self.route_tables)))
            .set_tag_specifications(tags::tag_specifications(ResourceType::VpcEndpoint, request.tags));
        let made = region.retry_until_consistent(CREATE_VPC_ENDPOINT, || call.clone().send()).await?;
        let endpoint = CREATE_VPC_ENDPOINT.part("endpoint", made.vpc_endpoint)?;
        let ready = is(&endpoint, "available");
        let id = CREATE_VPC_ENDPOINT.part("id", endpoint.vpc_endpoint_id)?;
        Ok(Created { id, initial: self.clone(), ready })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
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
        region.retry_until_consistent(MODIFY_VPC_ENDPOINT, || request.clone().send()).await.map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.ec2().delete_vpc_endpoints().vpc_endpoint_ids(id);
        let delete = || async {
            let answer = DELETE_VPC_ENDPOINTS.call(request.clone().send()).await?;
            answer.unsuccessful().iter().try_for_each(|item| Err(refusal(item)))
        };
        match region.retry_while_in_use(DELETE_VPC_ENDPOINTS, delete).await {
            // A table without the endpoint's route is no reason to keep the endpoint.
            Err(error) if ec2.is_part_not_found(&error) => {
                let off_every_table = Self { route_tables: BTreeSet::new(), ..self.clone() };
                self.update(region, id, &off_every_table).await?;
                region.retry_while_in_use(DELETE_VPC_ENDPOINTS, delete).await
            }
            deleted => deleted,
        }
    }
}

/// What AWS calls a service in a region.
fn service_name(region: &Region<'_>, service: Service) -> String {
    format!("com.amazonaws.{}.{}", region.name, service.name())
}

/// A refusal that comes inside an answer.
fn refusal(item: &UnsuccessfulItem) -> CloudError {
    let said = item.error();
    let message = said.and_then(|error| error.message()).unwrap_or("AWS did not say why");
    DELETE_VPC_ENDPOINTS.refused_as(said.and_then(|error| error.code()).unwrap_or_default(), message)
}

/// Whether an endpoint is in a state. AWS writes states of endpoints both with and without a capital.
fn is(endpoint: &VpcEndpoint, state: &str) -> bool {
    endpoint.state().is_some_and(|live| live.as_str().eq_ignore_ascii_case(state))
}

use std::time::Duration;

use asiaq_ir::{NatGateway, Ref};
use asiaq_runtime::{CloudError, Create, Result};
use aws_sdk_ec2::types::{self as sdk, ConnectivityType, Filter, NatGatewayState, ResourceType};

use super::adapter::{Api, Limit, State, Which};
use super::ec2_tags::{self, ec2_kind};
use super::resource::Created;
use super::values::id_of;
use crate::batcher::each;
use crate::operation::{IamActions, Operation, ops};
use crate::region::Region;
use crate::tags;
use crate::tags::filter;

ops! { ec2:
    DESCRIBE_NAT_GATEWAYS = "DescribeNatGateways", Read;
    CREATE_NAT_GATEWAY = "CreateNatGateway", Write;
    DELETE_NAT_GATEWAY = "DeleteNatGateway", Delete;
}

const LIMIT: Duration = Duration::from_mins(15);
/// The most values that a filter takes.
const VALUES: usize = 200;

impl Api for NatGateway {
    ec2_kind!(sdk::NatGateway: nat_gateway_id, tags);

    const OPERATIONS: IamActions = &[OPS, ec2_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_NAT_GATEWAYS;
    const READY: Option<Limit> = Some(Limit(LIMIT, "the NAT gateway is not available"));
    const GONE: Option<Limit> = Some(Limit(LIMIT, "the NAT gateway is not deleted"));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::NatGateway>> {
        let all = region.ec2().describe_nat_gateways();
        let call = match which {
            Which::OfProject(project) => all.filter(tags::of_project(project)),
            Which::Id(id) => return Ok(look(region, id).await?.into_iter().collect()),
            Which::InPlaceOf(wanted) => match wanted.subnet.id() {
                Some(subnet) => all.filter(filter("subnet-id", subnet)),
                None => return Ok(Vec::new()),
            },
        };
        let seen: Vec<_> = DESCRIBE_NAT_GATEWAYS.all(call.into_paginator().items().send()).await?;
        // The gateway with the same address in the same subnet; any one, where there is no address yet.
        Ok(match which {
            Which::InPlaceOf(wanted) if wanted.elastic_ip.id().is_some() => {
                let is_this = |gateway: &sdk::NatGateway| {
                    read(gateway).is_some_and(|read| read.elastic_ip == wanted.elastic_ip)
                };
                seen.into_iter().filter(is_this).collect()
            }
            _ => seen,
        })
    }

    fn exists(gateway: &sdk::NatGateway) -> bool {
        matches!(gateway.state(), Some(NatGatewayState::Pending | NatGatewayState::Available))
    }

    fn state(gateway: &sdk::NatGateway) -> State {
        match gateway.state() {
            Some(NatGatewayState::Available) => State::Ready,
            Some(NatGatewayState::Deleted) => State::Gone,
            Some(NatGatewayState::Failed) => State::Failed(failure(gateway)),
            _ => State::Pending,
        }
    }

    async fn read(_: &Region<'_>, live: &sdk::NatGateway) -> Result<Option<Self>> {
        Ok(read(live))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_nat_gateway()
            .client_token(request.token)
            .connectivity_type(ConnectivityType::Public)
            .set_subnet_id(id_of(&self.subnet))
            .set_allocation_id(id_of(&self.elastic_ip))
            .set_tag_specifications(tags::tag_specifications(ResourceType::Natgateway, request.tags));
        let made = region.retry_until_consistent(CREATE_NAT_GATEWAY, || call.clone().send()).await?;
        let gateway = CREATE_NAT_GATEWAY.part("gateway", made.nat_gateway)?;
        let ready = gateway.state() == Some(&NatGatewayState::Available);
        Ok(Created {
            id: CREATE_NAT_GATEWAY.part("id", gateway.nat_gateway_id)?,
            initial: self.clone(),
            ready,
        })
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.ec2().delete_nat_gateway().nat_gateway_id(id);
        region.retry_while_in_use(DELETE_NAT_GATEWAY, || request.clone().send()).await
    }
}

async fn look(region: &Region<'_>, id: &str) -> Result<Option<sdk::NatGateway>> {
    let look = async |ids: Vec<String>| {
        // By filter: EC2 refuses a call that names a gateway it does not know.
        let wanted = Filter::builder().name("nat-gateway-id").set_values(Some(ids.clone())).build();
        let pages = region.ec2().describe_nat_gateways().filter(wanted).into_paginator().items().send();
        let answer: Result<Vec<_>, _> = DESCRIBE_NAT_GATEWAYS.all(pages).await;
        each(&ids, answer, |seen, id| {
            seen.iter().find(|gateway: &&sdk::NatGateway| gateway.nat_gateway_id() == Some(id)).cloned()
        })
    };
    region.batchers().nat_gateways.ask(id.to_owned(), VALUES, look).await
}

fn failure(gateway: &sdk::NatGateway) -> CloudError {
    let mut failure = CREATE_NAT_GATEWAY.refused(gateway.failure_message().unwrap_or("it failed"));
    gateway.failure_code().unwrap_or_default().clone_into(&mut failure.code);
    failure
}

fn read(gateway: &sdk::NatGateway) -> Option<NatGateway> {
    let addresses = gateway.nat_gateway_addresses();
    let main = addresses.iter().find(|address| address.is_primary() == Some(true)).or(addresses.first());
    Some(NatGateway {
        subnet: Ref::Id(gateway.subnet_id.clone()?),
        elastic_ip: Ref::Id(main?.allocation_id.clone()?),
    })
}

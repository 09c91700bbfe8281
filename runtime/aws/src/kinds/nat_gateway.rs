use std::time::Duration;

use asiaq_ir::{NatGateway, Ref};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{self as sdk, ConnectivityType, Filter, NatGatewayState, ResourceType};

use super::{InAws, Made};
use crate::gather::each;
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::{error, tags};

const DESCRIBE: &str = "DescribeNatGateways";
const LIMIT: Duration = Duration::from_mins(15);
/// The most values that a filter takes.
const VALUES: usize = 200;

impl InAws for NatGateway {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeNatGateways"],
        make: &["ec2:CreateNatGateway"],
        delete: &["ec2:DeleteNatGateway"],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let request = region.ec2().describe_nat_gateways().filter(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        let gateways: Vec<sdk::NatGateway> = error::call(DESCRIBE, pages.collect()).await?;
        let found = gateways
            .iter()
            .filter(|gateway| lives(gateway))
            .filter_map(|gateway| {
                tags::found(region.name, project, gateway.tags(), gateway.nat_gateway_id(), read(gateway))
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateNatGateway";
        let request = region
            .once()
            .create_nat_gateway()
            .client_token(order.token)
            .connectivity_type(ConnectivityType::Public)
            .set_subnet_id(self.subnet.id().map(ToOwned::to_owned))
            .set_allocation_id(self.elastic_ip.id().map(ToOwned::to_owned))
            .set_tag_specifications(tags::at_birth(ResourceType::Natgateway, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        let gateway = error::part(OPERATION, "gateway", made.nat_gateway)?;
        let ready = gateway.state() == Some(&NatGatewayState::Available);
        Ok(Made { id: error::part(OPERATION, "id", gateway.nat_gateway_id)?, born: self.clone(), ready })
    }

    /// A gateway with the same address in the same subnet; any one, where there is no address yet.
    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let Some(subnet) = self.subnet.id() else { return Ok(None) };
        let request = region.ec2().describe_nat_gateways().filter(filter("subnet-id", subnet));
        let seen: Vec<_> = error::call(DESCRIBE, request.into_paginator().items().send().collect()).await?;
        let is_this = |gateway: &sdk::NatGateway| {
            self.elastic_ip.id().is_none()
                || read(gateway).is_some_and(|read| read.elastic_ip == self.elastic_ip)
        };
        let there = seen.iter().find(|gateway| lives(gateway) && is_this(gateway));
        Ok(there.and_then(|there| tags::tagged(there.nat_gateway_id(), there.tags())))
    }

    async fn ready(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let available = || async {
            // One that AWS does not know yet is on its way.
            let Some(gateway) = look(region, id).await? else { return Ok(None) };
            match gateway.state() {
                Some(NatGatewayState::Available) => Ok(Some(())),
                Some(NatGatewayState::Failed) => Err(failure(&gateway)),
                _ => Ok(None),
            }
        };
        region.until(DESCRIBE, "the NAT gateway is not available", LIMIT, available).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().delete_nat_gateway().nat_gateway_id(id);
        region.released(|| error::call("DeleteNatGateway", request.clone().send())).await?;
        let gone = || async {
            let gateway = look(region, id).await?;
            Ok(gateway.is_none_or(|gateway| gateway.state() == Some(&NatGatewayState::Deleted)).then_some(()))
        };
        region.until(DESCRIBE, "the NAT gateway is not deleted", LIMIT, gone).await
    }
}

async fn look(region: &Region<'_>, id: &str) -> Result<Option<sdk::NatGateway>, CloudError> {
    let look = async |ids: Vec<String>| {
        // By filter: EC2 refuses a call that names a gateway it does not know.
        let wanted = Filter::builder().name("nat-gateway-id").set_values(Some(ids.clone())).build();
        let pages = region.ec2().describe_nat_gateways().filter(wanted).into_paginator().items().send();
        let answer: Result<Vec<_>, _> = error::call(DESCRIBE, pages.collect()).await;
        each(&ids, answer, |seen, id| {
            seen.iter().find(|gateway: &&sdk::NatGateway| gateway.nat_gateway_id() == Some(id)).cloned()
        })
    };
    region.crowd().nat_gateways.ask(id.to_owned(), VALUES, look).await
}

fn lives(gateway: &sdk::NatGateway) -> bool {
    matches!(gateway.state(), Some(NatGatewayState::Pending | NatGatewayState::Available))
}

fn failure(gateway: &sdk::NatGateway) -> CloudError {
    let mut failure = error::refused("CreateNatGateway", gateway.failure_message().unwrap_or("it failed"));
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

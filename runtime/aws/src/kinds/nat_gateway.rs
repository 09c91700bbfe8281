use std::time::Duration;

use asiaq_ir::{Assigned, NatGateway, Ref};
use aws_sdk_ec2::types::{self as sdk, ConnectivityType, NatGatewayState, ResourceType};

use super::prelude::*;

ops! { ec2:
    DESCRIBE_NAT_GATEWAYS = "DescribeNatGateways", Read;
    CREATE_NAT_GATEWAY = "CreateNatGateway", Write;
    DELETE_NAT_GATEWAY = "DeleteNatGateway", Delete;
}

const LIMIT: Duration = Duration::from_mins(15);
impl Api for NatGateway {
    ec2_kind! { sdk::NatGateway { nat_gateway_id, tags }
        delete: DELETE_NAT_GATEWAY = delete_nat_gateway(nat_gateway_id),
    }

    const HAS_TOKEN: bool = true;

    const DESCRIBE: Operation = DESCRIBE_NAT_GATEWAYS;
    const READY: Option<Limit> = Some(Limit(LIMIT, "the NAT gateway is not available"));
    const GONE: Option<Limit> = Some(Limit(LIMIT, "the NAT gateway is not deleted"));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::NatGateway>> {
        let all = region.ec2().describe_nat_gateways();
        let call = match which {
            Which::OfProject(project) => all.set_filter(region.filter_of::<Self>(project)),
            Which::Id(id) => return Ok(look(region, id).await?.into_iter().collect()),
            Which::InPlaceOf(wanted) => match wanted.subnet.id() {
                Some(subnet) => all.filter(filter("subnet-id", subnet)),
                None => return Ok(Vec::new()),
            },
        };
        DESCRIBE_NAT_GATEWAYS.all(call.into_paginator().items().send()).await
    }

    /// The gateway with the same address in the same subnet; any one, where there is no address yet.
    fn is_in_place_of(live: &sdk::NatGateway, wanted: &Self) -> bool {
        let is_same = |live: Self| live.elastic_ip == wanted.elastic_ip;
        wanted.elastic_ip.id().is_none() || Self::form(live).is_some_and(is_same)
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

    fn form(gateway: &sdk::NatGateway) -> Option<Self> {
        Some(Self {
            subnet: Ref::Id(gateway.subnet_id.clone()?),
            elastic_ip: Ref::Id(main_address(gateway)?.allocation_id.clone()?),
        })
    }

    fn assigned(gateway: &sdk::NatGateway) -> Vec<(Assigned, &str)> {
        let main = main_address(gateway);
        let public = main.and_then(|main| main.public_ip()).map(|ip| (Assigned::PublicIp, ip));
        let private = main.and_then(|main| main.private_ip()).map(|ip| (Assigned::PrivateIp, ip));
        public.into_iter().chain(private).collect()
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
        let id = CREATE_NAT_GATEWAY.part("id", gateway.nat_gateway_id)?;
        Ok(Created { id, initial: self.clone(), ready })
    }
}

fn main_address(gateway: &sdk::NatGateway) -> Option<&sdk::NatGatewayAddress> {
    let addresses = gateway.nat_gateway_addresses();
    addresses.iter().find(|address| address.is_primary() == Some(true)).or(addresses.first())
}

async fn look(region: &Region<'_>, id: &str) -> Result<Option<sdk::NatGateway>> {
    let look = async |ids: Vec<String>| {
        // By filter: EC2 refuses a call that names a gateway it does not know.
        let wanted = filter_any("nat-gateway-id", &ids);
        let pages = region.ec2().describe_nat_gateways().filter(wanted).into_paginator().items().send();
        let answer: Result<Vec<_>, _> = DESCRIBE_NAT_GATEWAYS.all(pages).await;
        each(&ids, answer, |seen, id| {
            seen.iter().find(|gateway: &&sdk::NatGateway| gateway.nat_gateway_id() == Some(id)).cloned()
        })
    };
    region.batchers().nat_gateways.ask(id.to_owned(), tags::VALUES, look).await
}

fn failure(gateway: &sdk::NatGateway) -> CloudError {
    let message = gateway.failure_message().unwrap_or("it failed");
    CREATE_NAT_GATEWAY.refused_as(gateway.failure_code().unwrap_or_default(), message)
}

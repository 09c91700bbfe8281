use asiaq_ir::{InternetGateway, Ref};
use aws_sdk_ec2::types::{self as sdk, AttachmentStatus, ResourceType};

use super::prelude::*;

ops! { ec2:
    DESCRIBE_INTERNET_GATEWAYS = "DescribeInternetGateways", Read;
    CREATE_INTERNET_GATEWAY = "CreateInternetGateway", Write;
    ATTACH_INTERNET_GATEWAY = "AttachInternetGateway", Write;
    DETACH_INTERNET_GATEWAY = "DetachInternetGateway", Delete;
    DELETE_INTERNET_GATEWAY = "DeleteInternetGateway", Delete;
}

impl Api for InternetGateway {
    ec2_kind! { sdk::InternetGateway { internet_gateway_id, tags }
        describe: DESCRIBE_INTERNET_GATEWAYS = describe_internet_gateways(internet_gateway_ids),
    }

    fn place(&self, _: &Region<'_>) -> Option<Vec<Filter>> {
        Some(vec![filter("attachment.vpc-id", self.vpc.as_ref().and_then(Ref::id)?)])
    }

    fn is_in_place_of(live: &sdk::InternetGateway, wanted: &Self) -> bool {
        attached_to(live) == wanted.vpc.as_ref().and_then(Ref::id)
    }

    async fn read(_: &Region<'_>, live: &sdk::InternetGateway) -> Result<Option<Self>> {
        Ok(Some(Self { vpc: attached_to(live).map(|id| Ref::Id(id.to_owned())) }))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_internet_gateway()
            .set_tag_specifications(tags::tag_specifications(ResourceType::InternetGateway, request.tags));
        let made = CREATE_INTERNET_GATEWAY.call(call.send()).await?;
        let id = made.internet_gateway.and_then(|gateway| gateway.internet_gateway_id);
        Ok(Created::ready(CREATE_INTERNET_GATEWAY.part("id", id)?, Self { vpc: None }))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.vpc == wanted.vpc {
            return Ok(());
        }
        detach(region, id, self).await?;
        match wanted.vpc.as_ref().and_then(Ref::id) {
            Some(vpc) => attach(region, id, vpc).await,
            None => Ok(()),
        }
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        detach(region, id, self).await?;
        let request = region.ec2().delete_internet_gateway().internet_gateway_id(id);
        region.retry_while_in_use(DELETE_INTERNET_GATEWAY, || request.clone().send()).await
    }
}

/// The VPC a gateway is attached to. AWS calls the state `available`, and only this gateway's so.
fn attached_to(gateway: &sdk::InternetGateway) -> Option<&str> {
    let leaves = |state: Option<&AttachmentStatus>| {
        matches!(state, Some(AttachmentStatus::Detached | AttachmentStatus::Detaching))
    };
    gateway.attachments().iter().find(|attachment| !leaves(attachment.state()))?.vpc_id()
}

async fn attach(region: &Region<'_>, id: &str, vpc: &str) -> Result<()> {
    let request = region.ec2().attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let attached = region.retry_until_consistent(ATTACH_INTERNET_GATEWAY, || request.clone().send()).await;
    let Err(error) = attached else { return Ok(()) };
    // The call may have worked before, with its answer lost.
    let request = region.ec2().describe_internet_gateways().internet_gateway_ids(id);
    let seen = DESCRIBE_INTERNET_GATEWAYS.call(request.send()).await?;
    let attached = seen.internet_gateways().iter().any(|gateway| attached_to(gateway) == Some(vpc));
    if attached { Ok(()) } else { Err(error) }
}

async fn detach(region: &Region<'_>, id: &str, live: &InternetGateway) -> Result<()> {
    let Some(vpc) = live.vpc.as_ref().and_then(Ref::id) else { return Ok(()) };
    let request = region.ec2().detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let detached = region.retry_while_in_use(DETACH_INTERNET_GATEWAY, || request.clone().send()).await;
    detached.or_else(|error| if error.code == "Gateway.NotAttached" { Ok(()) } else { Err(error) })
}

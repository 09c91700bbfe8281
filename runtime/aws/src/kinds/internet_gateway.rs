use asiaq_ir::{InternetGateway, Ref};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{self as sdk, AttachmentStatus, ResourceType};

use super::{InAws, Made};
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::{error, tags};

impl InAws for InternetGateway {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeInternetGateways"],
        make: &["ec2:CreateInternetGateway", "ec2:AttachInternetGateway"],
        delete: &["ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let request = region.ec2().describe_internet_gateways().filters(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        let gateways: Vec<sdk::InternetGateway> =
            error::call("DescribeInternetGateways", pages.collect()).await?;
        let found = gateways
            .iter()
            .filter_map(|gateway| {
                let resource = InternetGateway { vpc: attached_to(gateway).map(|id| Ref::Id(id.to_owned())) };
                tags::found(
                    region.name,
                    project,
                    gateway.tags(),
                    gateway.internet_gateway_id(),
                    Some(resource),
                )
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateInternetGateway";
        let request = region
            .once()
            .create_internet_gateway()
            .set_tag_specifications(tags::at_birth(ResourceType::InternetGateway, order.tags));
        let made = error::call(OPERATION, request.send()).await?;
        let id = made.internet_gateway.and_then(|gateway| gateway.internet_gateway_id);
        Ok(Made { id: error::part(OPERATION, "id", id)?, born: Self { vpc: None }, ready: true })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let Some(vpc) = self.vpc.as_ref().and_then(Ref::id) else { return Ok(None) };
        let request = region.ec2().describe_internet_gateways().filters(filter("attachment.vpc-id", vpc));
        let seen = error::call("DescribeInternetGateways", request.send()).await?;
        let there = seen.internet_gateways().iter().find(|gateway| attached_to(gateway) == Some(vpc));
        Ok(there.and_then(|there| tags::tagged(there.internet_gateway_id(), there.tags())))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self.vpc == wanted.vpc {
            return Ok(());
        }
        detach(region, id, self).await?;
        match wanted.vpc.as_ref().and_then(Ref::id) {
            Some(vpc) => attach(region, id, vpc).await,
            None => Ok(()),
        }
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        detach(region, id, self).await?;
        let request = region.ec2().delete_internet_gateway().internet_gateway_id(id);
        region.released(|| error::call("DeleteInternetGateway", request.clone().send())).await
    }
}

/// The VPC a gateway is attached to. AWS calls the state `available`, and only this gateway's so.
fn attached_to(gateway: &sdk::InternetGateway) -> Option<&str> {
    let leaves = |state: Option<&AttachmentStatus>| {
        matches!(state, Some(AttachmentStatus::Detached | AttachmentStatus::Detaching))
    };
    gateway.attachments().iter().find(|attachment| !leaves(attachment.state()))?.vpc_id()
}

async fn attach(region: &Region<'_>, id: &str, vpc: &str) -> Result<(), CloudError> {
    let request = region.ec2().attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let attached = region.settled(|| error::call("AttachInternetGateway", request.clone().send())).await;
    let Err(error) = attached else { return Ok(()) };
    // The call may have worked before, with its answer lost.
    let request = region.ec2().describe_internet_gateways().internet_gateway_ids(id);
    let seen = error::call("DescribeInternetGateways", request.send()).await?;
    let attached = seen.internet_gateways().iter().any(|gateway| attached_to(gateway) == Some(vpc));
    if attached { Ok(()) } else { Err(error) }
}

async fn detach(region: &Region<'_>, id: &str, live: &InternetGateway) -> Result<(), CloudError> {
    let Some(vpc) = live.vpc.as_ref().and_then(Ref::id) else { return Ok(()) };
    let request = region.ec2().detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let detached = region.released(|| error::call("DetachInternetGateway", request.clone().send())).await;
    detached.or_else(|error| if error.code == "Gateway.NotAttached" { Ok(()) } else { Err(error) })
}

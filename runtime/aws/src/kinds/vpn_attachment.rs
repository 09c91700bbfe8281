use std::sync::Arc;
use std::time::Duration;

use asiaq_ir::{ENV_TAG, Ref, RegionFacts, VpnAttachment, VpnGatewayFact};
use aws_sdk_ec2::types::{AttachmentStatus, Vpc, VpnGateway, VpnState};

use super::prelude::*;
use super::resource::AwsResource;
use super::vpc;
use crate::service::ec2;

ops! { ec2:
    DESCRIBE_VPN_GATEWAYS = "DescribeVpnGateways", Read;
    ATTACH_VPN_GATEWAY = "AttachVpnGateway", Write;
    DETACH_VPN_GATEWAY = "DetachVpnGateway", Delete;
}

/// Attaching and detaching take a few minutes.
const LIMIT: Duration = Duration::from_mins(10);

impl AwsResource for VpnAttachment {
    const ACTIONS: IamActions = &[OPS];
    const SERVICE: &'static Service = &ec2;

    /// Lists every VPN gateway of the region: asiaq does not create them, and finds them by name.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let answer = DESCRIBE_VPN_GATEWAYS.call(region.ec2().describe_vpn_gateways().send()).await?;
        let gateways: Vec<&VpnGateway> = answer
            .vpn_gateways()
            .iter()
            .filter(|gateway| gateway.state() != Some(&VpnState::Deleted))
            .collect();
        let vpcs = if gateways.iter().any(|gateway| attachment(gateway).is_some()) {
            vpc::every(region).await?
        } else {
            Arc::default()
        };
        Ok(Listed {
            found: gateways.iter().filter_map(|gateway| found(region, project, gateway, &vpcs)).collect(),
            facts: RegionFacts {
                vpn_gateways: gateways.iter().filter_map(|gateway| fact(gateway)).collect(),
                ..RegionFacts::default()
            },
            ..Listed::default()
        })
    }

    async fn create(&self, region: &Region<'_>, _: &Create<'_>) -> Result<Created<Self>> {
        let id = ATTACH_VPN_GATEWAY.part("gateway id", self.gateway.id())?;
        let vpc = ATTACH_VPN_GATEWAY.part("VPC id", self.vpc.id())?;
        let made = |ready| Created { id: id.to_owned(), initial: self.clone(), ready };
        match look(region, id).await? {
            Some((place, state)) if place == vpc => return Ok(made(state == AttachmentStatus::Attached)),
            Some((place, _)) => {
                let why =
                    format!("VPN gateway `{id}` is attached to `{place}`, and asiaq does not take it away");
                return Err(ATTACH_VPN_GATEWAY.refused(why));
            }
            None => {}
        }
        let request = region.ec2().attach_vpn_gateway().vpn_gateway_id(id).vpc_id(vpc);
        let answer = region.retry_until_consistent(ATTACH_VPN_GATEWAY, || request.clone().send()).await?;
        let state = answer.vpc_attachment().and_then(|attachment| attachment.state());
        Ok(made(state == Some(&AttachmentStatus::Attached)))
    }

    async fn ready(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let attached = || async {
            let seen = look(region, id).await?;
            Ok(seen
                .filter(|(vpc, state)| {
                    Some(vpc.as_str()) == self.vpc.id() && *state == AttachmentStatus::Attached
                })
                .map(drop))
        };
        region.poll(DESCRIBE_VPN_GATEWAYS.name, "the VPN gateway is not attached", LIMIT, attached).await
    }

    /// Detaches the gateway, and does not delete it.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let vpc = DETACH_VPN_GATEWAY.part("VPC id", self.vpc.id())?;
        let request = region.ec2().detach_vpn_gateway().vpn_gateway_id(id).vpc_id(vpc);
        let detach = || async {
            let answer = DETACH_VPN_GATEWAY.call(request.clone().send()).await.map(drop);
            match answer {
                // AWS calls it an incorrect state as well when there is nothing to detach any more.
                Err(error) if ec2.is_in_use(&error) && !is_attached(region, id, vpc).await? => Ok(()),
                answer => answer,
            }
        };
        region.retry_while_in_use(DETACH_VPN_GATEWAY, detach).await?;
        let detached = || async {
            let seen = look(region, id).await?;
            Ok(seen.is_none_or(|(place, _)| place != vpc).then_some(()))
        };
        region.poll(DESCRIBE_VPN_GATEWAYS.name, "the VPN gateway is not detached", LIMIT, detached).await
    }
}

/// Where a gateway is attached, being attached or being detached. One that does not exist is nowhere.
async fn look(region: &Region<'_>, id: &str) -> Result<Option<(String, AttachmentStatus)>> {
    let request = region.ec2().describe_vpn_gateways().vpn_gateway_ids(id);
    let answer = ec2.found(DESCRIBE_VPN_GATEWAYS.call(request.send()).await)?;
    let Some(answer) = answer else { return Ok(None) };
    let attachments = answer.vpn_gateways().iter().flat_map(VpnGateway::vpc_attachments);
    Ok(attachments
        .filter_map(|attachment| Some((attachment.vpc_id.clone()?, attachment.state.clone()?)))
        .find(|(_, state)| *state != AttachmentStatus::Detached))
}

/// Whether a gateway is attached to `vpc`, or about to be.
async fn is_attached(region: &Region<'_>, id: &str, vpc: &str) -> Result<bool> {
    let seen = look(region, id).await?;
    Ok(seen.is_some_and(|(place, state)| place == vpc && state != AttachmentStatus::Detaching))
}

/// The VPC a gateway is attached to or being attached to.
fn attachment(gateway: &VpnGateway) -> Option<&str> {
    let live_refs = |state: Option<&AttachmentStatus>| {
        matches!(state, Some(AttachmentStatus::Attached | AttachmentStatus::Attaching))
    };
    gateway.vpc_attachments().iter().find(|attachment| live_refs(attachment.state()))?.vpc_id()
}

/// An attachment belongs to the project if the VPC does and the gateway has the name for this VPC.
fn found(region: &Region<'_>, project: &str, gateway: &VpnGateway, vpcs: &[Vpc]) -> Option<Found> {
    let vpc = vpcs.iter().find(|vpc| vpc.vpc_id() == attachment(gateway))?;
    let tags = region.imagine::<asiaq_ir::Vpc>(vpc.vpc_id()?, tags::map(vpc.tags()));
    let meant_for_it = tags::get(gateway.tags(), "Name")? == tags.get(ENV_TAG)?;
    let id = gateway.vpn_gateway_id()?;
    meant_for_it.then_some(())?;
    Some(Found {
        address: tags::address_in(&tags, project)?.child("vpn-gateway"),
        id: id.to_owned(),
        region: region.name.to_owned(),
        tags: std::collections::BTreeMap::new(),
        resource: VpnAttachment { gateway: Ref::Id(id.to_owned()), vpc: Ref::Id(vpc.vpc_id()?.to_owned()) }
            .into(),
    })
}

fn fact(gateway: &VpnGateway) -> Option<VpnGatewayFact> {
    Some(VpnGatewayFact {
        id: gateway.vpn_gateway_id.clone()?,
        name: tags::get(gateway.tags(), "Name").map(ToOwned::to_owned),
        attached_to: attachment(gateway).map(ToOwned::to_owned),
    })
}

use asiaq_ir::{NetworkInterface, Ref};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{self as sdk, AttachmentStatus, AttributeValue, ResourceType};

use super::{InAws, Made, ids};
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::{error, tags};

impl InAws for NetworkInterface {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeNetworkInterfaces"],
        make: &["ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"],
        delete: &["ec2:DetachNetworkInterface", "ec2:DeleteNetworkInterface"],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let request = region.ec2().describe_network_interfaces().filters(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        let interfaces: Vec<sdk::NetworkInterface> =
            error::call("DescribeNetworkInterfaces", pages.collect()).await?;
        let found = interfaces
            .iter()
            .filter_map(|interface| {
                let id = interface.network_interface_id();
                tags::found(region.name, project, interface.tag_set(), id, read(interface))
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateNetworkInterface";
        let request = region
            .once()
            .create_network_interface()
            .client_token(order.token)
            .set_subnet_id(self.subnet.id().map(ToOwned::to_owned))
            .private_ip_address(self.address.to_string())
            .set_groups(Some(ids(&self.groups)))
            .description(&self.description)
            .set_tag_specifications(tags::at_birth(ResourceType::NetworkInterface, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        let id = made.network_interface.and_then(|interface| interface.network_interface_id);
        Ok(Made { id: error::part(OPERATION, "id", id)?, born: self.clone(), ready: true })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let Some(subnet) = self.subnet.id() else { return Ok(None) };
        let request = region
            .ec2()
            .describe_network_interfaces()
            .filters(filter("subnet-id", subnet))
            .filters(filter("addresses.private-ip-address", &self.address.to_string()));
        let seen = error::call("DescribeNetworkInterfaces", request.send()).await?;
        let there = seen.network_interfaces().first();
        Ok(there.and_then(|there| tags::tagged(there.network_interface_id(), there.tag_set())))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        // AWS changes one attribute a call.
        let modify = || region.ec2().modify_network_interface_attribute().network_interface_id(id);
        if self.groups != wanted.groups {
            let request = modify().set_groups(Some(ids(&wanted.groups)));
            region.settled(|| error::call("ModifyNetworkInterfaceAttribute", request.clone().send())).await?;
        }
        if self.description != wanted.description {
            let request = modify().description(AttributeValue::builder().value(&wanted.description).build());
            region.settled(|| error::call("ModifyNetworkInterfaceAttribute", request.clone().send())).await?;
        }
        Ok(())
    }

    /// Deletes the interface; one that a machine holds is taken from it first.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        const OPERATION: &str = "DeleteNetworkInterface";
        let request = region.ec2().delete_network_interface().network_interface_id(id);
        match error::call(OPERATION, request.clone().send()).await {
            Err(error) if error::in_use(&error) => {
                detach(region, id).await?;
                region.released(|| error::call(OPERATION, request.clone().send())).await
            }
            Err(error) if !error::not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

async fn detach(region: &Region<'_>, id: &str) -> Result<(), CloudError> {
    let request = region.ec2().describe_network_interfaces().network_interface_ids(id);
    let seen = match error::call("DescribeNetworkInterfaces", request.send()).await {
        Err(error) if error::not_found(&error) => return Ok(()),
        seen => seen?,
    };
    let attachments = seen.network_interfaces().iter().filter_map(|interface| interface.attachment());
    let held = attachments
        .filter(|attachment| {
            !matches!(attachment.status(), Some(AttachmentStatus::Detached | AttachmentStatus::Detaching))
        })
        .find_map(|attachment| attachment.attachment_id());
    let Some(attachment) = held else { return Ok(()) };
    let request = region.ec2().detach_network_interface().attachment_id(attachment).force(true);
    region.released(|| error::call("DetachNetworkInterface", request.clone().send())).await
}

fn read(interface: &sdk::NetworkInterface) -> Option<NetworkInterface> {
    let groups = interface.groups().iter().filter_map(|group| group.group_id.clone());
    Some(NetworkInterface {
        subnet: Ref::Id(interface.subnet_id.clone()?),
        address: interface.private_ip_address()?.parse().ok()?,
        groups: groups.map(Ref::Id).collect(),
        description: interface.description.clone().unwrap_or_default(),
    })
}

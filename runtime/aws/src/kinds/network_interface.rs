use asiaq_ir::{Assigned, NetworkInterface, Ref};
use aws_sdk_ec2::types::{self as sdk, AttachmentStatus, AttributeValue, ResourceType};

use super::prelude::*;
use crate::service::ec2;

ops! { ec2:
    DESCRIBE_NETWORK_INTERFACES = "DescribeNetworkInterfaces", Read;
    CREATE_NETWORK_INTERFACE = "CreateNetworkInterface", Write;
    MODIFY_NETWORK_INTERFACE_ATTRIBUTE = "ModifyNetworkInterfaceAttribute", Write;
    DETACH_NETWORK_INTERFACE = "DetachNetworkInterface", Delete;
    DELETE_NETWORK_INTERFACE = "DeleteNetworkInterface", Delete;
}

impl Api for NetworkInterface {
    ec2_kind! { sdk::NetworkInterface { network_interface_id, tag_set }
        describe: DESCRIBE_NETWORK_INTERFACES = describe_network_interfaces(network_interface_ids),
    }

    const HAS_TOKEN: bool = true;

    fn place(&self, _: &Region<'_>) -> Option<Vec<Filter>> {
        let address = filter("addresses.private-ip-address", &self.address.to_string());
        Some(vec![filter("subnet-id", self.subnet.id()?), address])
    }

    fn form(interface: &sdk::NetworkInterface) -> Option<Self> {
        let groups = interface.groups().iter().filter_map(|group| group.group_id.clone());
        Some(Self {
            subnet: Ref::Id(interface.subnet_id.clone()?),
            address: interface.private_ip_address()?.parse().ok()?,
            groups: groups.map(Ref::Id).collect(),
            description: interface.description.clone().unwrap_or_default(),
        })
    }

    fn assigned(interface: &sdk::NetworkInterface) -> Vec<(Assigned, &str)> {
        let public = interface.association().and_then(|association| association.public_ip());
        public.map(|ip| (Assigned::PublicIp, ip)).into_iter().collect()
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_network_interface()
            .client_token(request.token)
            .set_subnet_id(id_of(&self.subnet))
            .private_ip_address(self.address.to_string())
            .set_groups(Some(ids(&self.groups)))
            .description(&self.description)
            .set_tag_specifications(tags::tag_specifications(ResourceType::NetworkInterface, request.tags));
        let made = region.retry_until_consistent(CREATE_NETWORK_INTERFACE, || call.clone().send()).await?;
        let id = made.network_interface.and_then(|interface| interface.network_interface_id);
        Ok(Created::ready(CREATE_NETWORK_INTERFACE.part("id", id)?, self.clone()))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        // AWS changes one attribute per call.
        let modify = || region.ec2().modify_network_interface_attribute().network_interface_id(id);
        if self.groups != wanted.groups {
            let request = modify().set_groups(Some(ids(&wanted.groups)));
            region
                .retry_until_consistent(MODIFY_NETWORK_INTERFACE_ATTRIBUTE, || request.clone().send())
                .await?;
        }
        if self.description != wanted.description {
            let request = modify().description(AttributeValue::builder().value(&wanted.description).build());
            region
                .retry_until_consistent(MODIFY_NETWORK_INTERFACE_ATTRIBUTE, || request.clone().send())
                .await?;
        }
        Ok(())
    }

    /// Detaches the interface from its instance, if any, and deletes it.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.ec2().delete_network_interface().network_interface_id(id);
        match DELETE_NETWORK_INTERFACE.call(request.clone().send()).await {
            Err(error) if ec2.is_in_use(&error) => {
                detach(region, id).await?;
                region.retry_while_in_use(DELETE_NETWORK_INTERFACE, || request.clone().send()).await
            }
            Err(error) if !ec2.is_not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

async fn detach(region: &Region<'_>, id: &str) -> Result<()> {
    let seen = adapter::look::<NetworkInterface>(region, id).await?;
    let held = seen
        .iter()
        .filter_map(sdk::NetworkInterface::attachment)
        .filter(|attachment| {
            !matches!(attachment.status(), Some(AttachmentStatus::Detached | AttachmentStatus::Detaching))
        })
        .find_map(|attachment| attachment.attachment_id());
    let Some(attachment) = held else { return Ok(()) };
    let request = region.ec2().detach_network_interface().attachment_id(attachment).force(true);
    region.retry_while_in_use(DETACH_NETWORK_INTERFACE, || request.clone().send()).await
}

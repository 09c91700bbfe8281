use std::sync::Arc;

use asiaq_ir::DhcpOptions;
use asiaq_runtime::{CloudError, Create, Listed};
use aws_sdk_ec2::types::{self as sdk, DhcpConfiguration, NewDhcpConfiguration, ResourceType};

use super::{InAws, Made};
use crate::permissions::Rights;
use crate::region::Region;
use crate::survey::once;
use crate::{error, tags};

const DOMAIN_NAME: &str = "domain-name";
const NAME_SERVERS: &str = "domain-name-servers";
const TIME_SERVERS: &str = "ntp-servers";

impl InAws for DhcpOptions {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeDhcpOptions"],
        make: &["ec2:CreateDhcpOptions"],
        delete: &["ec2:DeleteDhcpOptions"],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let sets = of_project(region, project).await?;
        let found = sets
            .iter()
            .filter_map(|set| {
                tags::found(region.name, project, set.tags(), set.dhcp_options_id(), Some(read(set)))
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateDhcpOptions";
        let request = region
            .once()
            .create_dhcp_options()
            .set_dhcp_configurations(Some(write(self)))
            .set_tag_specifications(tags::at_birth(ResourceType::DhcpOptions, order.tags));
        let made = error::call(OPERATION, request.send()).await?;
        let id = made.dhcp_options.and_then(|set| set.dhcp_options_id);
        Ok(Made { id: error::part(OPERATION, "id", id)?, born: self.clone(), ready: true })
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().delete_dhcp_options().dhcp_options_id(id);
        region.released(|| error::call("DeleteDhcpOptions", request.clone().send())).await
    }
}

/// The option sets of a project.
pub(super) async fn of_project(
    region: &Region<'_>,
    project: &str,
) -> Result<Arc<Vec<sdk::DhcpOptions>>, CloudError> {
    once(region.seen().map(|seen| &seen.dhcp_options), || async {
        let request = region.ec2().describe_dhcp_options().filters(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        error::call("DescribeDhcpOptions", pages.collect()).await
    })
    .await
}

fn read(set: &sdk::DhcpOptions) -> DhcpOptions {
    let values = |key: &'static str| {
        let of_key = set.dhcp_configurations().iter().filter(move |option| option.key() == Some(key));
        of_key.flat_map(DhcpConfiguration::values).filter_map(|value| value.value().map(ToOwned::to_owned))
    };
    DhcpOptions {
        domain_name: values(DOMAIN_NAME).next(),
        domain_name_servers: values(NAME_SERVERS).collect(),
        ntp_servers: values(TIME_SERVERS).collect(),
    }
}

fn write(set: &DhcpOptions) -> Vec<NewDhcpConfiguration> {
    let option = |key: &str, values: Vec<String>| {
        let option = NewDhcpConfiguration::builder().key(key).set_values(Some(values.clone())).build();
        (!values.is_empty()).then_some(option)
    };
    [
        option(DOMAIN_NAME, set.domain_name.iter().cloned().collect()),
        option(NAME_SERVERS, set.domain_name_servers.clone()),
        option(TIME_SERVERS, set.ntp_servers.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

use asiaq_ir::DhcpOptions;
use aws_sdk_ec2::types::{self as sdk, DhcpConfiguration, NewDhcpConfiguration, ResourceType};

use super::prelude::*;

ops! { ec2:
    DESCRIBE_DHCP_OPTIONS = "DescribeDhcpOptions", Read;
    CREATE_DHCP_OPTIONS = "CreateDhcpOptions", Write;
    DELETE_DHCP_OPTIONS = "DeleteDhcpOptions", Delete;
}

/// The name of the resolver of AWS in an option set.
const RESOLVER: &str = "AmazonProvidedDNS";
const DOMAIN_NAME: &str = "domain-name";
const NAME_SERVERS: &str = "domain-name-servers";
const TIME_SERVERS: &str = "ntp-servers";

impl Api for DhcpOptions {
    ec2_kind! { sdk::DhcpOptions { dhcp_options_id, tags }
        delete: DELETE_DHCP_OPTIONS = delete_dhcp_options(dhcp_options_id),
    }

    const DESCRIBE: Operation = DESCRIBE_DHCP_OPTIONS;

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::DhcpOptions>> {
        match which {
            Which::OfProject(project) => of_project(region, project).await,
            Which::Id(_) | Which::InPlaceOf(_) => Ok(Vec::new()),
        }
    }

    async fn read(_: &Region<'_>, set: &sdk::DhcpOptions) -> Result<Option<Self>> {
        Ok(Some(read(set)))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_dhcp_options()
            .set_dhcp_configurations(Some(write(self)))
            .set_tag_specifications(tags::tag_specifications(ResourceType::DhcpOptions, request.tags));
        let made = CREATE_DHCP_OPTIONS.call(call.send()).await?;
        let id = made.dhcp_options.and_then(|set| set.dhcp_options_id);
        Ok(Created::ready(CREATE_DHCP_OPTIONS.part("id", id)?, self.clone()))
    }
}

/// The option sets of a project.
pub(super) async fn of_project(region: &Region<'_>, project: &str) -> Result<Vec<sdk::DhcpOptions>> {
    let sets = cached(region.cache().map(|cache| &cache.dhcp_options), || async {
        let filters = region.filter_of::<DhcpOptions>(project);
        let request = region.ec2().describe_dhcp_options().set_filters(filters);
        DESCRIBE_DHCP_OPTIONS.all(request.into_paginator().items().send()).await
    });
    Ok(sets.await?.to_vec())
}

/// Whether AWS has made an option set, as every region has one: it names only AWS's resolver and the region's domain.
pub(super) fn is_of_aws(region: &str, set: &sdk::DhcpOptions) -> bool {
    let domain = if region == "us-east-1" { "ec2.internal" } else { &format!("{region}.compute.internal") };
    let usual = DhcpOptions {
        domain_name: Some(domain.to_owned()),
        domain_name_servers: vec![RESOLVER.to_owned()],
        ntp_servers: Vec::new(),
    };
    set.tags().is_empty() && read(set) == usual
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

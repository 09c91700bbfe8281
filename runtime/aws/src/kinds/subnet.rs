use std::collections::BTreeSet;

use asiaq_ir::{Need, Ref, RegionFacts, Resource, Subnet, SubnetFact};
use asiaq_runtime::{Create, Listed, Result};
use aws_sdk_ec2::types::{
    self as sdk, AvailabilityZone, AvailabilityZoneOptInStatus, AvailabilityZoneState, ResourceType,
};
use ipnet::Ipv4Net;

use super::adapter::{self, Api, Which};
use super::ec2_tags::{self, ec2_kind};
use super::resource::Created;
use super::values::{cidr_block, id_of};
use crate::operation::{IamActions, Operation, ops};
use crate::region::Region;
use crate::tags;
use crate::tags::filter;

ops! { ec2:
    DESCRIBE_SUBNETS = "DescribeSubnets", Read;
    CREATE_SUBNET = "CreateSubnet", Write;
    DELETE_SUBNET = "DeleteSubnet", Delete;
    DESCRIBE_AVAILABILITY_ZONES = "DescribeAvailabilityZones", Fact(Zones);
}

impl Api for Subnet {
    ec2_kind!(sdk::Subnet: subnet_id, tags);

    const OPERATIONS: IamActions = &[OPS, ec2_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_SUBNETS;

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::Subnet>> {
        let all = region.ec2().describe_subnets();
        let call = match which {
            Which::OfProject(project) => all.filters(tags::of_project(project)),
            Which::Id(id) => all.subnet_ids(id),
            Which::InPlaceOf(wanted) => all.filters(filter("vpc-id", wanted.vpc.id().unwrap_or_default())),
        };
        let mut subnets: Vec<_> = DESCRIBE_SUBNETS.all(call.into_paginator().items().send()).await?;
        if let Which::InPlaceOf(wanted) = which {
            let overlaps = |block: Ipv4Net| block.contains(&wanted.cidr) || wanted.cidr.contains(&block);
            subnets.retain(|subnet: &sdk::Subnet| {
                subnet.cidr_block().and_then(cidr_block).is_some_and(overlaps)
            });
        }
        Ok(subnets)
    }

    async fn read(_: &Region<'_>, live: &sdk::Subnet) -> Result<Option<Self>> {
        Ok(read(live))
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let subnets = Self::describe(region, Which::OfProject(project)).await?;
        let found = adapter::found::<Self>(region, project, subnets).await?;
        let facts = found.iter().filter_map(|found| Some((found.address.clone(), fact(&found.resource)?)));
        let facts = RegionFacts { subnets: facts.collect(), ..RegionFacts::default() };
        Ok(Listed { found, facts })
    }

    async fn facts(region: &Region<'_>, needs: &BTreeSet<Need>) -> Result<RegionFacts> {
        let zones = if needs.contains(&Need::Zones) { zones(region).await? } else { Vec::new() };
        Ok(RegionFacts { zones, ..RegionFacts::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_subnet()
            .set_vpc_id(id_of(&self.vpc))
            .cidr_block(self.cidr.to_string())
            .availability_zone(&self.zone)
            .set_tag_specifications(tags::tag_specifications(ResourceType::Subnet, request.tags));
        let made = region.retry_until_consistent(CREATE_SUBNET, || call.clone().send()).await?;
        let id = CREATE_SUBNET.part("id", made.subnet.and_then(|subnet| subnet.subnet_id))?;
        Ok(Created::ready(id, self.clone()))
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.ec2().delete_subnet().subnet_id(id);
        region.retry_while_in_use(DELETE_SUBNET, || request.clone().send()).await
    }
}

/// Names of the available zones, in order. Local zones need an opt-in and lack some services, so they are left out.
async fn zones(region: &Region<'_>) -> Result<Vec<String>> {
    let answer = DESCRIBE_AVAILABILITY_ZONES.call(region.ec2().describe_availability_zones().send()).await?;
    let plain = |zone: &&AvailabilityZone| {
        zone.state() == Some(&AvailabilityZoneState::Available)
            && zone.zone_type().is_none_or(|kind| kind == "availability-zone")
            && zone
                .opt_in_status()
                .is_none_or(|status| *status == AvailabilityZoneOptInStatus::OptInNotRequired)
    };
    let usable = answer.availability_zones().iter().filter(plain);
    let mut names: Vec<String> = usable.filter_map(|zone| zone.zone_name.clone()).collect();
    names.sort_unstable();
    Ok(names)
}

fn read(subnet: &sdk::Subnet) -> Option<Subnet> {
    Some(Subnet {
        vpc: Ref::Id(subnet.vpc_id.clone()?),
        cidr: cidr_block(subnet.cidr_block()?)?,
        zone: subnet.availability_zone.clone()?,
    })
}

fn fact(resource: &Resource) -> Option<SubnetFact> {
    let Resource::Subnet(subnet) = resource else { return None };
    let vpc = subnet.vpc.id()?.to_owned();
    Some(SubnetFact { vpc, cidr: subnet.cidr, zone: subnet.zone.clone() })
}

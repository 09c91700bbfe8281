use std::collections::BTreeSet;

use asiaq_ir::{Need, Ref, RegionFacts, Resource, Subnet, SubnetFact};
use asiaq_runtime::{CloudError, Create, Found, Listed, Tagged};
use aws_sdk_ec2::types::{
    self as sdk, AvailabilityZone, AvailabilityZoneOptInStatus, AvailabilityZoneState, ResourceType,
};
use ipnet::Ipv4Net;

use super::{InAws, Made};
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::{error, tags};

impl InAws for Subnet {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeSubnets"],
        facts: &[(Need::Zones, "ec2:DescribeAvailabilityZones")],
        make: &["ec2:CreateSubnet"],
        delete: &["ec2:DeleteSubnet"],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let request = region.ec2().describe_subnets().filters(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        let subnets: Vec<sdk::Subnet> = error::call("DescribeSubnets", pages.collect()).await?;
        let found: Vec<Found> = subnets
            .iter()
            .filter_map(|subnet| {
                tags::found(region.name, project, subnet.tags(), subnet.subnet_id(), read(subnet))
            })
            .collect();
        let facts = found.iter().filter_map(|found| Some((found.address.clone(), fact(&found.resource)?)));
        let facts = RegionFacts { subnets: facts.collect(), ..RegionFacts::default() };
        Ok(Listed { found, facts })
    }

    async fn facts(region: &Region<'_>, needs: &BTreeSet<Need>) -> Result<RegionFacts, CloudError> {
        let zones = if needs.contains(&Need::Zones) { zones(region).await? } else { Vec::new() };
        Ok(RegionFacts { zones, ..RegionFacts::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateSubnet";
        let request = region
            .once()
            .create_subnet()
            .set_vpc_id(self.vpc.id().map(ToOwned::to_owned))
            .cidr_block(self.cidr.to_string())
            .availability_zone(&self.zone)
            .set_tag_specifications(tags::at_birth(ResourceType::Subnet, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        let id = error::part(OPERATION, "id", made.subnet.and_then(|subnet| subnet.subnet_id))?;
        Ok(Made { id, born: self.clone(), ready: true })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let adjacent_steps = filter("vpc-id", self.vpc.id().unwrap_or_default());
        let pages = region.ec2().describe_subnets().filters(adjacent_steps).into_paginator().items().send();
        let adjacent_steps: Vec<sdk::Subnet> = error::call("DescribeSubnets", pages.collect()).await?;
        let overlaps = |block: Ipv4Net| block.contains(&self.cidr) || self.cidr.contains(&block);
        let found = adjacent_steps
            .into_iter()
            .find(|subnet| subnet.cidr_block().and_then(super::block).is_some_and(overlaps));
        Ok(found.and_then(|found| tags::tagged(found.subnet_id(), found.tags())))
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().delete_subnet().subnet_id(id);
        region.released(|| error::call("DeleteSubnet", request.clone().send())).await
    }
}

/// Names of the zones that anybody may use, in order: no local zones, which have to be asked for and do not
/// have everything.
async fn zones(region: &Region<'_>) -> Result<Vec<String>, CloudError> {
    let answer =
        error::call("DescribeAvailabilityZones", region.ec2().describe_availability_zones().send()).await?;
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
        cidr: super::block(subnet.cidr_block()?)?,
        zone: subnet.availability_zone.clone()?,
    })
}

fn fact(resource: &Resource) -> Option<SubnetFact> {
    let Resource::Subnet(subnet) = resource else { return None };
    let vpc = subnet.vpc.id()?.to_owned();
    Some(SubnetFact { vpc, cidr: subnet.cidr, zone: subnet.zone.clone() })
}

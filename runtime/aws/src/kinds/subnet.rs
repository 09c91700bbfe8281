use asiaq_ir::{Need, Needs, Ref, RegionFacts, Resource, Subnet, SubnetFact};
use aws_sdk_ec2::types::{
    self as sdk, AvailabilityZone, AvailabilityZoneOptInStatus, AvailabilityZoneState, ResourceType,
};
use ipnet::Ipv4Net;

use super::prelude::*;

ops! { ec2:
    DESCRIBE_SUBNETS = "DescribeSubnets", Read;
    CREATE_SUBNET = "CreateSubnet", Write;
    DELETE_SUBNET = "DeleteSubnet", Delete;
    DESCRIBE_AVAILABILITY_ZONES = "DescribeAvailabilityZones", Fact(Zones);
}

impl Api for Subnet {
    ec2_kind! { sdk::Subnet { subnet_id, tags }
        describe: DESCRIBE_SUBNETS = describe_subnets(subnet_ids),
        delete: DELETE_SUBNET = delete_subnet(subnet_id),
    }

    fn place(&self, _: &Region<'_>) -> Option<Vec<Filter>> {
        Some(vec![filter("vpc-id", self.vpc.id().unwrap_or_default())])
    }

    fn is_in_place_of(live: &sdk::Subnet, wanted: &Self) -> bool {
        let overlaps = |block: Ipv4Net| block.contains(&wanted.cidr) || wanted.cidr.contains(&block);
        live.cidr_block().and_then(cidr_block).is_some_and(overlaps)
    }

    fn form(subnet: &sdk::Subnet) -> Option<Self> {
        Some(Self {
            vpc: Ref::Id(subnet.vpc_id.clone()?),
            cidr: cidr_block(subnet.cidr_block()?)?,
            zone: subnet.availability_zone.clone()?,
        })
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let subnets = Self::describe(region, Which::OfProject(project)).await?;
        let found = adapter::found::<Self>(region, project, subnets).await?;
        let facts = found.iter().filter_map(|found| Some((found.address.clone(), fact(&found.resource)?)));
        let facts = RegionFacts { subnets: facts.collect(), ..RegionFacts::default() };
        Ok(Listed { found, facts, ..Listed::default() })
    }

    async fn facts(region: &Region<'_>, needs: &Needs) -> Result<RegionFacts> {
        let zones = if needs.contains(Need::Zones) { zones(region).await? } else { Vec::new() };
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

fn fact(resource: &Resource) -> Option<SubnetFact> {
    let Resource::Subnet(subnet) = resource else { return None };
    let vpc = subnet.vpc.id()?.to_owned();
    Some(SubnetFact { vpc, cidr: subnet.cidr, zone: subnet.zone.clone() })
}

use asiaq_ir::{Assigned, ElasticIp, RegionFacts};
use aws_sdk_ec2::types::{Address, DomainType, ResourceType};

use super::prelude::*;

ops! { ec2:
    DESCRIBE_ADDRESSES = "DescribeAddresses", Read;
    ALLOCATE_ADDRESS = "AllocateAddress", Write;
    RELEASE_ADDRESS = "ReleaseAddress", Delete;
}

impl Api for ElasticIp {
    ec2_kind! { Address { allocation_id, tags }
        delete: RELEASE_ADDRESS = release_address(allocation_id),
    }

    const DESCRIBE: Operation = DESCRIBE_ADDRESSES;

    /// Every address of the region: a project may name one that it did not allocate.
    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Address>> {
        match which {
            Which::OfProject(_) => {
                let answer = DESCRIBE_ADDRESSES.call(region.ec2().describe_addresses().send()).await?;
                Ok(answer.addresses.unwrap_or_default())
            }
            Which::Id(_) | Which::InPlaceOf(_) => Ok(Vec::new()),
        }
    }

    async fn read(_: &Region<'_>, _: &Address) -> Result<Option<Self>> {
        Ok(Some(Self {}))
    }

    fn assigned(address: &Address) -> Vec<(Assigned, &str)> {
        address.public_ip().map(|ip| (Assigned::PublicIp, ip)).into_iter().collect()
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let addresses = Self::describe(region, Which::OfProject(project)).await?;
        let facts = addresses
            .iter()
            .filter_map(|address| Some((address.public_ip()?.parse().ok()?, address.allocation_id.clone()?)));
        let facts = RegionFacts { elastic_ips: facts.collect(), ..adapter::assigned::<Self>(&addresses) };
        Ok(Listed {
            found: adapter::found::<Self>(region, project, addresses).await?,
            facts,
            ..Listed::default()
        })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .allocate_address()
            .domain(DomainType::Vpc)
            .set_tag_specifications(tags::tag_specifications(ResourceType::ElasticIp, request.tags));
        let allocated = ALLOCATE_ADDRESS.call(call.send()).await?;
        Ok(Created::ready(ALLOCATE_ADDRESS.part("id", allocated.allocation_id)?, Self {}))
    }
}

use asiaq_ir::{ElasticIp, RegionFacts};
use asiaq_runtime::{CloudError, Create, Listed};
use aws_sdk_ec2::types::{DomainType, ResourceType};

use super::{InAws, Made};
use crate::permissions::Rights;
use crate::region::Region;
use crate::{error, tags};

impl InAws for ElasticIp {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeAddresses"],
        make: &["ec2:AllocateAddress"],
        delete: &["ec2:ReleaseAddress"],
        ..Rights::EC2
    };

    /// Lists every address of the region: a project may name one that somebody else allocated.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let answer = error::call("DescribeAddresses", region.ec2().describe_addresses().send()).await?;
        let found = answer.addresses().iter().filter_map(|address| {
            tags::found(region.name, project, address.tags(), address.allocation_id(), Some(ElasticIp {}))
        });
        let facts = answer
            .addresses()
            .iter()
            .filter_map(|address| Some((address.public_ip()?.parse().ok()?, address.allocation_id.clone()?)));
        Ok(Listed {
            found: found.collect(),
            facts: RegionFacts { elastic_ips: facts.collect(), ..RegionFacts::default() },
        })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "AllocateAddress";
        let request = region
            .once()
            .allocate_address()
            .domain(DomainType::Vpc)
            .set_tag_specifications(tags::at_birth(ResourceType::ElasticIp, order.tags));
        let made = error::call(OPERATION, request.send()).await?;
        Ok(Made { id: error::part(OPERATION, "id", made.allocation_id)?, born: Self {}, ready: true })
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().release_address().allocation_id(id);
        region.released(|| error::call("ReleaseAddress", request.clone().send())).await
    }
}

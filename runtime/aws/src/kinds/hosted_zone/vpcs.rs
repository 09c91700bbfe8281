//! VPCs that are associated with a private hosted zone.

use asiaq_ir::Ref;
use aws_sdk_route53::types::{Vpc, VpcRegion};

use crate::kinds::prelude::*;
use crate::service::route53;

ops! { route53:
    GET_HOSTED_ZONE = "GetHostedZone", Own;
    ASSOCIATE_VPC_WITH_HOSTED_ZONE = "AssociateVPCWithHostedZone", Write;
    DISASSOCIATE_VPC_FROM_HOSTED_ZONE = "DisassociateVPCFromHostedZone", Delete;
}

/// A VPC of the region, as Route 53 names it.
pub(super) fn write(region: &str, vpc: &Ref) -> Vpc {
    named(region, vpc.id().unwrap_or_default())
}

fn named(region: &str, id: &str) -> Vpc {
    Vpc::builder().vpc_region(VpcRegion::from(region)).vpc_id(id).build()
}

/// The VPCs of a zone. `None` if the zone was just deleted.
pub(super) async fn of(region: &Region<'_>, zone: &str) -> Result<Option<Vec<Vpc>>> {
    let answer = GET_HOSTED_ZONE.call(region.route53().get_hosted_zone().id(zone).send()).await;
    Ok(route53.found(answer)?.map(|answer| answer.vpcs.unwrap_or_default()))
}

/// Associates new VPCs with the zone, and then disassociates old ones, so that the zone always has a VPC.
pub(super) async fn update(region: &Region<'_>, zone: &str, more: &[String], less: &[String]) -> Result<()> {
    for vpc in more {
        let request = region
            .route53()
            .associate_vpc_with_hosted_zone()
            .hosted_zone_id(zone)
            .vpc(named(region.name, vpc));
        match region.retry_until_consistent(ASSOCIATE_VPC_WITH_HOSTED_ZONE, || request.clone().send()).await {
            // AWS's error for an associated VPC: the response to an earlier attempt was lost.
            Err(error) if error.code == "ConflictingDomainExists" && sees(region, zone, vpc).await? => {}
            answer => drop(answer?),
        }
    }
    if less.is_empty() {
        return Ok(());
    }
    // A VPC that was associated by other means may be in another region.
    for vpc in of(region, zone).await?.unwrap_or_default() {
        if !vpc.vpc_id().is_some_and(|id| less.iter().any(|other| other == id)) {
            continue;
        }
        let request = region.route53().disassociate_vpc_from_hosted_zone().hosted_zone_id(zone).vpc(vpc);
        DISASSOCIATE_VPC_FROM_HOSTED_ZONE.call(request.send()).await?;
    }
    Ok(())
}

async fn sees(region: &Region<'_>, zone: &str, vpc: &str) -> Result<bool> {
    let vpcs = of(region, zone).await?.unwrap_or_default();
    Ok(vpcs.iter().any(|there| there.vpc_id() == Some(vpc)))
}

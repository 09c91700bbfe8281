use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use asiaq_ir::{Ref, RegionFacts, Vpc, VpcFact};
use asiaq_runtime::{CloudError, Create, Found, Listed};
use aws_sdk_ec2::types::{
    self as sdk, AttributeBooleanValue, ResourceType, VpcAttributeName, VpcCidrBlockStateCode, VpcState,
};
use futures::future;
use ipnet::Ipv4Net;

use super::{InAws, Made, dhcp_options};
use crate::permissions::Rights;
use crate::region::Region;
use crate::survey::once;
use crate::{error, tags};

/// How AWS names the region's own DHCP option set when a VPC is to have it back.
const DEFAULT_SET: &str = "default";

impl InAws for Vpc {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"],
        make: &["ec2:CreateVpc", "ec2:ModifyVpcAttribute", "ec2:AssociateDhcpOptions"],
        delete: &["ec2:DeleteVpc"],
        ..Rights::EC2
    };

    /// Lists every VPC of the region: those of others are facts, because their blocks are taken.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let vpcs = every(region).await?;
        let ours = || vpcs.iter().filter(|vpc| tags::address(vpc.tags(), project).is_some());
        let sets = async {
            if ours().any(|vpc| dhcp_set(vpc).is_some()) {
                dhcp_option_sets(region, project).await
            } else {
                Ok(BTreeSet::new())
            }
        };
        let dns = future::try_join_all(ours().map(|vpc| async { dns_attributes(region, vpc).await }));
        let (sets, dns) = future::try_join(sets, dns).await?;
        // A VPC that was just deleted may be listed for a while without having attributes.
        let found =
            ours().zip(dns).filter_map(|(vpc, dns)| found(region, project, vpc, dns?, &sets)).collect();
        let facts = vpcs.iter().filter_map(|vpc| fact(vpc, project)).collect();
        Ok(Listed { found, facts: RegionFacts { vpcs: facts, ..RegionFacts::default() } })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateVpc";
        let request = region
            .once()
            .create_vpc()
            .cidr_block(self.cidr.to_string())
            .set_tag_specifications(tags::at_birth(ResourceType::Vpc, order.tags));
        let vpc = error::part(OPERATION, "VPC", error::call(OPERATION, request.send()).await?.vpc)?;
        let ready = vpc.state() == Some(&VpcState::Available);
        Ok(Made { id: error::part(OPERATION, "id", vpc.vpc_id)?, born: as_born(self.cidr), ready })
    }

    async fn ready(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        const OPERATION: &str = "DescribeVpcs";
        let request = region.ec2().describe_vpcs().vpc_ids(id);
        let look = || async {
            let seen = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
            Ok(seen.vpcs().iter().find(|vpc| vpc.state() == Some(&VpcState::Available)).map(drop))
        };
        region.until(OPERATION, "the VPC is not available", Duration::from_mins(2), look).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        let support = async {
            if self.dns_support == wanted.dns_support {
                return Ok(());
            }
            let value = AttributeBooleanValue::builder().value(wanted.dns_support).build();
            let request = region.ec2().modify_vpc_attribute().vpc_id(id).enable_dns_support(value);
            region.settled(|| error::call("ModifyVpcAttribute", request.clone().send())).await.map(drop)
        };
        let hostnames = async {
            if self.dns_hostnames == wanted.dns_hostnames {
                return Ok(());
            }
            let value = AttributeBooleanValue::builder().value(wanted.dns_hostnames).build();
            let request = region.ec2().modify_vpc_attribute().vpc_id(id).enable_dns_hostnames(value);
            region.settled(|| error::call("ModifyVpcAttribute", request.clone().send())).await.map(drop)
        };
        // Host names need the server: it comes first and goes last.
        if wanted.dns_support {
            support.await?;
            hostnames.await?;
        } else {
            hostnames.await?;
            support.await?;
        }
        if self.dhcp_options != wanted.dhcp_options {
            let set = wanted.dhcp_options.as_ref().and_then(Ref::id).unwrap_or(DEFAULT_SET);
            let request = region.ec2().associate_dhcp_options().vpc_id(id).dhcp_options_id(set);
            region.settled(|| error::call("AssociateDhcpOptions", request.clone().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().delete_vpc().vpc_id(id);
        region.released(|| error::call("DeleteVpc", request.clone().send())).await
    }
}

/// Every VPC of the region, whoever made it.
pub(super) async fn every(region: &Region<'_>) -> Result<Arc<Vec<sdk::Vpc>>, CloudError> {
    once(region.seen().map(|seen| &seen.vpcs), || async {
        let pages = region.ec2().describe_vpcs().into_paginator().items().send();
        error::call("DescribeVpcs", pages.collect()).await
    })
    .await
}

/// A VPC as AWS makes it when nothing more is said ("DNS attributes for your VPC").
fn as_born(cidr: Ipv4Net) -> Vpc {
    Vpc { cidr, dns_support: true, dns_hostnames: false, dhcp_options: None }
}

/// Whether the DNS server answers, and whether there are host names; nothing for a VPC that is gone.
async fn dns_attributes(region: &Region<'_>, vpc: &sdk::Vpc) -> Result<Option<(bool, bool)>, CloudError> {
    let attribute = async |name: VpcAttributeName| {
        let request = region.ec2().describe_vpc_attribute().set_vpc_id(vpc.vpc_id.clone()).attribute(name);
        region.settled(|| error::call("DescribeVpcAttribute", request.clone().send())).await
    };
    let both = future::try_join(
        attribute(VpcAttributeName::EnableDnsSupport),
        attribute(VpcAttributeName::EnableDnsHostnames),
    );
    let (support, hostnames) = match both.await {
        Err(gone) if error::not_found(&gone) => return Ok(None),
        answers => answers?,
    };
    let on = |value: Option<AttributeBooleanValue>| value.and_then(|value| value.value).unwrap_or_default();
    Ok(Some((on(support.enable_dns_support), on(hostnames.enable_dns_hostnames))))
}

/// Ids of the project's DHCP option sets. A VPC is born with the region's own set, and any set that is not
/// the project's counts as that one.
async fn dhcp_option_sets(region: &Region<'_>, project: &str) -> Result<BTreeSet<String>, CloudError> {
    let sets = dhcp_options::of_project(region, project).await?;
    Ok(sets.iter().filter_map(|set| set.dhcp_options_id.clone()).collect())
}

fn dhcp_set(vpc: &sdk::Vpc) -> Option<&str> {
    vpc.dhcp_options_id().filter(|id| *id != DEFAULT_SET)
}

fn found(
    region: &Region<'_>,
    project: &str,
    vpc: &sdk::Vpc,
    (dns_support, dns_hostnames): (bool, bool),
    sets: &BTreeSet<String>,
) -> Option<Found> {
    let set = dhcp_set(vpc).filter(|id| sets.contains(*id));
    let resource = primary(vpc).map(|cidr| Vpc {
        cidr,
        dns_support,
        dns_hostnames,
        dhcp_options: set.map(|id| Ref::Id(id.to_owned())),
    });
    tags::found(region.name, project, vpc.tags(), vpc.vpc_id(), resource)
}

fn fact(vpc: &sdk::Vpc, project: &str) -> Option<VpcFact> {
    let first = primary(vpc);
    let live_refs = |state: Option<&VpcCidrBlockStateCode>| {
        matches!(state, Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating))
    };
    let more = vpc
        .cidr_block_association_set()
        .iter()
        .filter(|block| live_refs(block.cidr_block_state().and_then(|state| state.state())))
        .filter_map(|block| super::block(block.cidr_block()?))
        .filter(|block| Some(*block) != first);
    Some(VpcFact {
        id: vpc.vpc_id.clone()?,
        blocks: first.into_iter().chain(more).collect(),
        address: tags::address(vpc.tags(), project),
        name: tags::get(vpc.tags(), "Name").map(ToOwned::to_owned),
    })
}

fn primary(vpc: &sdk::Vpc) -> Option<Ipv4Net> {
    super::block(vpc.cidr_block()?)
}

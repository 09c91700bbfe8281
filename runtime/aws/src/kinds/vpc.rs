use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use asiaq_ir::{
    ADDRESS_TAG, Address, DhcpOptions, ORIGIN_TAG, PROJECT_TAG, Ref, RegionFacts, Vpc, VpcFact, VpcOwner,
};
use aws_sdk_ec2::types::{
    self as sdk, AttributeBooleanValue, ResourceType, VpcAttributeName, VpcCidrBlockStateCode, VpcState,
};
use futures::future;
use ipnet::Ipv4Net;

use super::dhcp_options;
use super::prelude::*;
use crate::service::ec2;

ops! { ec2:
    DESCRIBE_VPCS = "DescribeVpcs", Read;
    DESCRIBE_VPC_ATTRIBUTE = "DescribeVpcAttribute", Own;
    CREATE_VPC = "CreateVpc", Write;
    MODIFY_VPC_ATTRIBUTE = "ModifyVpcAttribute", Write;
    ASSOCIATE_DHCP_OPTIONS = "AssociateDhcpOptions", Write;
    DELETE_VPC = "DeleteVpc", Delete;
}

/// How AWS names the region's own DHCP option set when a VPC is to have it back.
const DEFAULT_SET: &str = "default";

impl Api for Vpc {
    ec2_kind! { sdk::Vpc { vpc_id, tags }
        delete: DELETE_VPC = delete_vpc(vpc_id),
    }

    const DESCRIBE: Operation = DESCRIBE_VPCS;
    const READY: Option<Limit> = Some(Limit(Duration::from_mins(2), "the VPC is not available"));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::Vpc>> {
        match which {
            Which::OfProject(_) => Ok(every(region).await?.to_vec()),
            Which::Id(id) => {
                let call = region.ec2().describe_vpcs().vpc_ids(id);
                Ok(DESCRIBE_VPCS.call(call.send()).await?.vpcs.unwrap_or_default())
            }
            Which::InPlaceOf(_) => Ok(Vec::new()),
        }
    }

    fn state(vpc: &sdk::Vpc) -> State {
        if vpc.state() == Some(&VpcState::Available) { State::Ready } else { State::Pending }
    }

    /// VPCs that do not belong to the project are facts, because their CIDR blocks are taken.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let vpcs = Self::describe(region, Which::OfProject(project)).await?;
        let facts = vpcs.iter().filter_map(|vpc| fact(region, vpc, project)).collect();
        // That of AWS is nobody's to take.
        let is_ours =
            |vpc: &sdk::Vpc| vpc.is_default() != Some(true) || tags::address(vpc.tags(), project).is_some();
        let vpcs = vpcs.into_iter().filter(is_ours).collect();
        let ours = adapter::owned::<Self>(region, project, vpcs).await?;
        let sets = async {
            if ours.iter().any(|vpc| dhcp_set(&vpc.live).is_some()) {
                dhcp_option_sets(region, project).await
            } else {
                Ok(BTreeSet::new())
            }
        };
        let dns =
            future::try_join_all(ours.iter().map(|vpc| async { dns_attributes(region, &vpc.live).await }));
        let (sets, dns) = future::try_join(sets, dns).await?;
        let found = ours.into_iter().zip(dns).filter_map(|(vpc, dns)| {
            // A VPC that was just deleted may be listed for a while without having attributes.
            let read = read(&vpc.live, dns?, &sets);
            vpc.found(region, project, read)
        });
        Ok(Listed {
            found: found.collect(),
            facts: RegionFacts { vpcs: facts, ..RegionFacts::default() },
            ..Listed::default()
        })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_vpc()
            .cidr_block(self.cidr.to_string())
            .set_tag_specifications(tags::tag_specifications(ResourceType::Vpc, request.tags));
        let vpc = CREATE_VPC.part("VPC", CREATE_VPC.call(call.send()).await?.vpc)?;
        let ready = vpc.state() == Some(&VpcState::Available);
        Ok(Created { id: CREATE_VPC.part("id", vpc.vpc_id)?, initial: as_created(self.cidr), ready })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let modify = || region.ec2().modify_vpc_attribute().vpc_id(id);
        let value = |value: bool| AttributeBooleanValue::builder().value(value).build();
        let support = (self.dns_support != wanted.dns_support)
            .then(|| modify().enable_dns_support(value(wanted.dns_support)));
        let hostnames = (self.dns_hostnames != wanted.dns_hostnames)
            .then(|| modify().enable_dns_hostnames(value(wanted.dns_hostnames)));
        // Host names need DNS support, which is enabled first and disabled last.
        let calls = if wanted.dns_support { [support, hostnames] } else { [hostnames, support] };
        for call in calls.into_iter().flatten() {
            region.retry_until_consistent(MODIFY_VPC_ATTRIBUTE, || call.clone().send()).await?;
        }
        if self.dhcp_options != wanted.dhcp_options {
            let set = wanted.dhcp_options.as_ref().and_then(Ref::id).unwrap_or(DEFAULT_SET);
            let request = region.ec2().associate_dhcp_options().vpc_id(id).dhcp_options_id(set);
            region.retry_until_consistent(ASSOCIATE_DHCP_OPTIONS, || request.clone().send()).await?;
        }
        Ok(())
    }
}

/// Every VPC of the region.
pub(crate) async fn every(region: &Region<'_>) -> Result<Arc<Vec<sdk::Vpc>>> {
    cached(region.cache().map(|cache| &cache.vpcs), || async {
        DESCRIBE_VPCS.all(region.ec2().describe_vpcs().into_paginator().items().send()).await
    })
    .await
}

/// A VPC with AWS's defaults ("DNS attributes for your VPC").
fn as_created(cidr: Ipv4Net) -> Vpc {
    Vpc { cidr, dns_support: true, dns_hostnames: false, dhcp_options: None }
}

/// Whether DNS support and host names are enabled; none for a VPC that is gone.
async fn dns_attributes(region: &Region<'_>, vpc: &sdk::Vpc) -> Result<Option<(bool, bool)>> {
    let attribute = async |name: VpcAttributeName| {
        let request = region.ec2().describe_vpc_attribute().set_vpc_id(vpc.vpc_id.clone()).attribute(name);
        region.retry_until_consistent(DESCRIBE_VPC_ATTRIBUTE, || request.clone().send()).await
    };
    let both = future::try_join(
        attribute(VpcAttributeName::EnableDnsSupport),
        attribute(VpcAttributeName::EnableDnsHostnames),
    );
    let Some((support, hostnames)) = ec2.found(both.await)? else { return Ok(None) };
    let on = |value: Option<AttributeBooleanValue>| value.and_then(|value| value.value).unwrap_or_default();
    Ok(Some((on(support.enable_dns_support), on(hostnames.enable_dns_hostnames))))
}

/// Ids of the project's DHCP option sets. A new VPC has the default set of the region, and a set of another owner
/// counts as the default.
async fn dhcp_option_sets(region: &Region<'_>, project: &str) -> Result<BTreeSet<String>> {
    let sets = dhcp_options::of_project(region, project).await?;
    let ours = sets.into_iter().filter_map(|set| {
        let id = set.dhcp_options_id.clone()?;
        let tags = region.imagine::<DhcpOptions>(&id, tags::map(set.tags()));
        region.address_of::<DhcpOptions>(&id, &tags, project).map(|_| id)
    });
    Ok(ours.collect())
}

fn dhcp_set(vpc: &sdk::Vpc) -> Option<&str> {
    vpc.dhcp_options_id().filter(|id| *id != DEFAULT_SET)
}

fn read(vpc: &sdk::Vpc, (dns_support, dns_hostnames): (bool, bool), sets: &BTreeSet<String>) -> Option<Vpc> {
    let set = dhcp_set(vpc).filter(|id| sets.contains(*id)).map(|id| Ref::Id(id.to_owned()));
    Some(Vpc { cidr: primary(vpc)?, dns_support, dns_hostnames, dhcp_options: set })
}

fn fact(region: &Region<'_>, vpc: &sdk::Vpc, project: &str) -> Option<VpcFact> {
    let first = primary(vpc);
    let is_in_use = |state: Option<&VpcCidrBlockStateCode>| {
        matches!(state, Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating))
    };
    let more = vpc
        .cidr_block_association_set()
        .iter()
        .filter(|block| is_in_use(block.cidr_block_state().and_then(|state| state.state())))
        .filter_map(|block| cidr_block(block.cidr_block()?))
        .filter(|block| Some(*block) != first);
    Some(VpcFact {
        id: vpc.vpc_id.clone()?,
        blocks: first.into_iter().chain(more).collect(),
        address: tags::address_in(&region.imagine::<Vpc>(vpc.vpc_id()?, tags::map(vpc.tags())), project),
        name: tags::get(vpc.tags(), "Name").map(ToOwned::to_owned),
        owner: owner(vpc, project),
    })
}

/// The owner of a VPC of another project.
fn owner(vpc: &sdk::Vpc, project: &str) -> Option<VpcOwner> {
    let tag = |key| tags::get(vpc.tags(), key).filter(|value| !value.is_empty()).map(ToOwned::to_owned);
    Some(VpcOwner {
        project: tag(PROJECT_TAG).filter(|other| other != project)?,
        address: Address::parse(&tag(ADDRESS_TAG)?),
        origin: tag(ORIGIN_TAG),
    })
}

fn primary(vpc: &sdk::Vpc) -> Option<Ipv4Net> {
    cidr_block(vpc.cidr_block()?)
}

//! What an account has of what quotas limit, whoever it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::PROJECT_TAG;
use asiaq_ir::quotas::{self, Quota};
use asiaq_runtime::{Area, Result, Usage};
use aws_sdk_ec2::types::{Instance, InstanceLifecycleType, Reservation};
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum;
use futures::stream::{self, StreamExt as _};

use super::AccountUsage;
use crate::kinds::alarm::DESCRIBE_ALARMS;
use crate::kinds::autoscaling_group::{self, DESCRIBE_AUTO_SCALING_GROUPS};
use crate::kinds::bucket::LIST_BUCKETS;
use crate::kinds::classic_load_balancer::describe;
use crate::kinds::dhcp_options::DESCRIBE_DHCP_OPTIONS;
use crate::kinds::elastic_ip::DESCRIBE_ADDRESSES;
use crate::kinds::gateway_endpoint::DESCRIBE_VPC_ENDPOINTS;
use crate::kinds::hosted_zone::{self, LIST_HOSTED_ZONES};
use crate::kinds::internet_gateway::DESCRIBE_INTERNET_GATEWAYS;
use crate::kinds::launch_template::DESCRIBE_LAUNCH_TEMPLATES;
use crate::kinds::load_balancer::{self, DESCRIBE_LOAD_BALANCERS};
use crate::kinds::nat_gateway::DESCRIBE_NAT_GATEWAYS;
use crate::kinds::saml_provider;
use crate::kinds::security_group::DESCRIBE_SECURITY_GROUPS;
use crate::kinds::smoke_test::DESCRIBE_INSTANCES;
use crate::kinds::subnet::DESCRIBE_SUBNETS;
use crate::kinds::table::{self, LIST_TABLES};
use crate::kinds::target_group::DESCRIBE_TARGET_GROUPS;
use crate::kinds::trail::{self, DESCRIBE_TRAILS};
use crate::kinds::vpc::{self, DESCRIBE_VPCS};
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::tags::{self, filter_any};

ops! { iam:
    GET_ACCOUNT_SUMMARY = "GetAccountSummary", Read;
}

/// The operations of kinds that count.
pub(crate) const READS: &[Operation] = &[
    DESCRIBE_ADDRESSES,
    DESCRIBE_ALARMS,
    DESCRIBE_AUTO_SCALING_GROUPS,
    DESCRIBE_DHCP_OPTIONS,
    DESCRIBE_INSTANCES.used_for(Access::Read),
    DESCRIBE_INTERNET_GATEWAYS,
    DESCRIBE_LAUNCH_TEMPLATES,
    DESCRIBE_LOAD_BALANCERS,
    DESCRIBE_NAT_GATEWAYS,
    DESCRIBE_SECURITY_GROUPS,
    DESCRIBE_SUBNETS,
    DESCRIBE_TARGET_GROUPS,
    DESCRIBE_TRAILS,
    DESCRIBE_VPCS,
    DESCRIBE_VPC_ENDPOINTS,
    LIST_BUCKETS,
    LIST_HOSTED_ZONES,
    LIST_TABLES,
    saml_provider::LIST_SAML_PROVIDERS,
];

/// Listings that are read at the same time.
const AT_ONCE: usize = 8;

/// A listing, and the quotas that it counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Listing {
    Addresses,
    Alarms,
    Balancers,
    Buckets,
    ClassicBalancers,
    DhcpOptions,
    Endpoints,
    Gateways,
    Groups,
    Identities,
    Instances,
    NatGateways,
    SamlProviders,
    ScalingGroups,
    Tables,
    TargetGroups,
    Templates,
    Trails,
    Vpcs,
    Zones,
}

impl Listing {
    /// The one that counts for a quota; absent for a quota of each resource.
    fn of(quota: Quota) -> Option<Self> {
        Some(match quota {
            quotas::ELASTIC_IPS => Self::Addresses,
            quotas::ALARMS => Self::Alarms,
            quotas::APPLICATION_LOAD_BALANCERS | quotas::NETWORK_LOAD_BALANCERS => Self::Balancers,
            quotas::BUCKETS => Self::Buckets,
            quotas::CLASSIC_LOAD_BALANCERS => Self::ClassicBalancers,
            quotas::DHCP_OPTION_SETS => Self::DhcpOptions,
            quotas::GATEWAY_ENDPOINTS => Self::Endpoints,
            quotas::INTERNET_GATEWAYS => Self::Gateways,
            quotas::SECURITY_GROUPS => Self::Groups,
            quotas::NAT_GATEWAYS => Self::NatGateways,
            quotas::SAML_PROVIDERS => Self::SamlProviders,
            quotas::AUTO_SCALING_GROUPS => Self::ScalingGroups,
            quotas::TABLES => Self::Tables,
            quotas::TARGET_GROUPS => Self::TargetGroups,
            quotas::LAUNCH_TEMPLATES => Self::Templates,
            quotas::TRAILS => Self::Trails,
            quotas::VPCS => Self::Vpcs,
            quotas::HOSTED_ZONES => Self::Zones,
            quota if SUMMARY.iter().any(|(known, ..)| *known == quota) => Self::Identities,
            quota if quota.name.starts_with("vCPUs") => Self::Instances,
            _ => return None,
        })
    }
}

/// What IAM says of itself: a quota, the key of what there is, and that of its value.
const SUMMARY: [(Quota, &str, &str); 9] = [
    (quotas::USERS, "Users", "UsersQuota"),
    (quotas::USER_GROUPS, "Groups", "GroupsQuota"),
    (quotas::ROLES, "Roles", "RolesQuota"),
    (quotas::INSTANCE_PROFILES, "InstanceProfiles", "InstanceProfilesQuota"),
    (quotas::MANAGED_POLICIES, "Policies", "PoliciesQuota"),
    (quotas::POLICIES_OF_ROLE, "", "AttachedPoliciesPerRoleQuota"),
    (quotas::POLICIES_OF_USER, "", "AttachedPoliciesPerUserQuota"),
    (quotas::POLICIES_OF_USER_GROUP, "", "AttachedPoliciesPerGroupQuota"),
    (quotas::GROUPS_OF_USER, "", "GroupsPerUserQuota"),
];

/// What one listing says.
#[derive(Default)]
struct Said {
    used: BTreeMap<(Quota, Option<String>), Usage>,
    limits: BTreeMap<Quota, usize>,
}

impl Said {
    fn count(quota: Quota, number: usize) -> Self {
        let used = BTreeMap::from([((quota, None), Usage { all: number, own: None })]);
        Self { used, ..Self::default() }
    }

    fn one(&mut self, quota: Quota, zone: Option<String>) {
        self.used.entry((quota, zone)).or_default().all += 1;
    }
}

/// See [`Aws::usage`](crate::Aws::usage).
pub(super) async fn of(
    region: &Region<'_>,
    project: &str,
    quotas: &BTreeSet<Quota>,
    vcpus: &(dyn Fn(&str) -> Option<u32> + Sync),
) -> AccountUsage {
    let listings: BTreeSet<Listing> = quotas.iter().filter_map(|quota| Listing::of(*quota)).collect();
    let said: Vec<Result<Said>> = stream::iter(listings)
        .map(|listing| async move {
            match listing {
                Listing::Identities => identities(region).await,
                Listing::Instances => instances(region, project, vcpus).await,
                listing => count(region, listing).await,
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut usage = AccountUsage::default();
    for said in said {
        match said {
            Ok(said) => {
                let of_region = |quota: Quota| (!quota.is_global()).then(|| region.name.to_owned());
                let used = said.used.into_iter().filter(|((quota, _), _)| quotas.contains(quota));
                usage.used.extend(
                    used.map(|((quota, zone), used)| {
                        ((quota, Area { region: of_region(quota), zone }), used)
                    }),
                );
                usage.limits.extend(said.limits);
            }
            Err(error) => usage.failed.push(error),
        }
    }
    usage
}

async fn count(region: &Region<'_>, listing: Listing) -> Result<Said> {
    let ec2 = region.ec2();
    let counted = match listing {
        Listing::Addresses => {
            let answer = DESCRIBE_ADDRESSES.call(ec2.describe_addresses().send()).await?;
            (quotas::ELASTIC_IPS, answer.addresses().len())
        }
        Listing::Alarms => {
            let pages = region.cloudwatch().describe_alarms().max_records(100).into_paginator();
            let pages = DESCRIBE_ALARMS.all(pages.send()).await?;
            (quotas::ALARMS, pages.iter().map(|page| page.metric_alarms().len()).sum())
        }
        Listing::Balancers => {
            let mut said = Said::default();
            said.used.insert((quotas::APPLICATION_LOAD_BALANCERS, None), Usage::default());
            said.used.insert((quotas::NETWORK_LOAD_BALANCERS, None), Usage::default());
            for balancer in load_balancer::described(region).await?.iter() {
                match balancer.r#type() {
                    Some(LoadBalancerTypeEnum::Application) => {
                        said.one(quotas::APPLICATION_LOAD_BALANCERS, None);
                    }
                    Some(LoadBalancerTypeEnum::Network) => said.one(quotas::NETWORK_LOAD_BALANCERS, None),
                    _ => {}
                }
            }
            return Ok(said);
        }
        Listing::Buckets => {
            let pages = region.s3().list_buckets().into_paginator().page_size(1000).items().send();
            (quotas::BUCKETS, LIST_BUCKETS.all(pages).await?.len())
        }
        Listing::ClassicBalancers => {
            (quotas::CLASSIC_LOAD_BALANCERS, describe::described(region).await?.len())
        }
        Listing::DhcpOptions => {
            let pages = ec2.describe_dhcp_options().into_paginator().items().send();
            (quotas::DHCP_OPTION_SETS, DESCRIBE_DHCP_OPTIONS.all(pages).await?.len())
        }
        Listing::Endpoints => {
            let gateways = tags::filter("vpc-endpoint-type", "Gateway");
            let pages = ec2.describe_vpc_endpoints().filters(gateways).into_paginator().items().send();
            (quotas::GATEWAY_ENDPOINTS, DESCRIBE_VPC_ENDPOINTS.all(pages).await?.len())
        }
        Listing::Gateways => {
            let pages = ec2.describe_internet_gateways().into_paginator().items().send();
            (quotas::INTERNET_GATEWAYS, DESCRIBE_INTERNET_GATEWAYS.all(pages).await?.len())
        }
        Listing::Groups => {
            let pages = ec2.describe_security_groups().into_paginator().items().send();
            (quotas::SECURITY_GROUPS, DESCRIBE_SECURITY_GROUPS.all(pages).await?.len())
        }
        Listing::NatGateways => return nat_gateways(region).await,
        Listing::SamlProviders => (quotas::SAML_PROVIDERS, saml_provider::arns(region).await?.len()),
        Listing::ScalingGroups => {
            (quotas::AUTO_SCALING_GROUPS, autoscaling_group::every(region).await?.len())
        }
        Listing::Tables => (quotas::TABLES, table::of_region(region).await?.len()),
        Listing::TargetGroups => {
            let pages = region.elbv2().describe_target_groups().into_paginator().items().send();
            (quotas::TARGET_GROUPS, DESCRIBE_TARGET_GROUPS.all(pages).await?.len())
        }
        Listing::Templates => {
            let pages = ec2.describe_launch_templates().into_paginator().items().send();
            (quotas::LAUNCH_TEMPLATES, DESCRIBE_LAUNCH_TEMPLATES.all(pages).await?.len())
        }
        Listing::Trails => (quotas::TRAILS, trail::of_region(region).await?.len()),
        Listing::Vpcs => (quotas::VPCS, vpc::every(region).await?.len()),
        Listing::Zones => (quotas::HOSTED_ZONES, hosted_zone::every(region).await?.len()),
        Listing::Identities | Listing::Instances => return Ok(Said::default()),
    };
    Ok(Said::count(counted.0, counted.1))
}

/// NAT gateways by zone. A gateway shows only its subnet.
async fn nat_gateways(region: &Region<'_>) -> Result<Said> {
    let states = filter_any("state", &["pending", "available", "deleting"].map(ToOwned::to_owned));
    let gateways = region.ec2().describe_nat_gateways().filter(states).into_paginator().items().send();
    let gateways = DESCRIBE_NAT_GATEWAYS.all(gateways).await?;
    let mut said = Said::count(quotas::NAT_GATEWAYS, gateways.len());
    if gateways.is_empty() {
        return Ok(said);
    }
    let subnets = region.ec2().describe_subnets().into_paginator().items().send();
    let subnets = DESCRIBE_SUBNETS.all(subnets).await?;
    let zones: BTreeMap<&str, &str> =
        subnets.iter().filter_map(|one| Some((one.subnet_id()?, one.availability_zone()?))).collect();
    for gateway in &gateways {
        if let Some(zone) = gateway.subnet_id().and_then(|subnet| zones.get(subnet)) {
            said.one(quotas::NAT_GATEWAYS, Some((*zone).to_owned()));
        }
    }
    Ok(said)
}

/// Virtual processors of the instances that run or start, by quota.
async fn instances(
    region: &Region<'_>,
    project: &str,
    vcpus: &(dyn Fn(&str) -> Option<u32> + Sync),
) -> Result<Said> {
    let states = filter_any("instance-state-name", &["pending", "running"].map(ToOwned::to_owned));
    let pages = region.ec2().describe_instances().filters(states).into_paginator().items().send();
    let mut said = Said::default();
    let all = Quota::ALL.iter().filter(|quota| Listing::of(**quota) == Some(Listing::Instances));
    said.used.extend(all.map(|quota| ((*quota, None), Usage { all: 0, own: Some(0) })));
    let reservations = DESCRIBE_INSTANCES.all(pages).await?;
    for instance in reservations.iter().flat_map(Reservation::instances) {
        let Some((quota, number)) = processors(instance, vcpus) else { continue };
        let used = said.used.entry((quota, None)).or_default();
        used.all += number;
        if tags::get(instance.tags(), PROJECT_TAG) == Some(project) {
            used.own = Some(used.own.unwrap_or_default() + number);
        }
    }
    Ok(said)
}

fn processors(instance: &Instance, vcpus: &dyn Fn(&str) -> Option<u32>) -> Option<(Quota, usize)> {
    let of = instance.instance_type()?.as_str();
    let is_spot = instance.instance_lifecycle() == Some(&InstanceLifecycleType::Spot);
    Some((quotas::vcpus_of(of, is_spot)?, usize::try_from(vcpus(of)?).ok()?))
}

/// What IAM has, and may have.
async fn identities(region: &Region<'_>) -> Result<Said> {
    let answer = GET_ACCOUNT_SUMMARY.call(region.iam().get_account_summary().send()).await?;
    let summary: BTreeMap<&str, usize> = answer
        .summary_map()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.as_str(), usize::try_from(*value).ok()?)))
        .collect();
    let mut said = Said::default();
    for (quota, number, limit) in SUMMARY {
        if let Some(all) = summary.get(number) {
            said.used.insert((quota, None), Usage { all: *all, own: None });
        }
        said.limits.extend(summary.get(limit).map(|limit| (quota, *limit)));
    }
    Ok(said)
}

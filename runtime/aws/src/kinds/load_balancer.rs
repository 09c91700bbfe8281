mod listeners;

use std::sync::Arc;
use std::time::Duration;

use asiaq_ir::{BalancerFamily, LoadBalancer, Ref, Scheme};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerStateEnum as State,
    LoadBalancerTypeEnum,
};
use futures::future;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::{InAws, Made, Retag, balancer_tags, ids, namesake};
use crate::permissions::Rights;
use crate::region::Region;
use crate::survey::once;
use crate::{error, tags};

const CREATE: &str = "CreateLoadBalancer";
const DESCRIBE: &str = "DescribeLoadBalancers";
const MODIFY: &str = "ModifyLoadBalancerAttributes";
const LIMIT: Duration = Duration::from_mins(15);
/// Load balancers whose details are asked for at the same time.
const AT_ONCE: usize = 8;
const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";

impl InAws for LoadBalancer {
    const RIGHTS: Rights = Rights {
        look: &[
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeTags",
        ],
        make: &[
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:DeleteListener",
            "iam:CreateServiceLinkedRole",
        ],
        tags: &["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
        delete: &["elasticloadbalancing:DeleteLoadBalancer"],
        ..Rights::NONE
    };

    /// Lists every load balancer of the region, because AWS filters none, and looks closer at the project's.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let all = described(region).await?;
        let arns: Vec<String> = all.iter().filter_map(|one| one.load_balancer_arn.clone()).collect();
        let mut tags = balancer_tags::of(region, &arns).await?;
        let ours = all.iter().filter_map(|one| {
            let arn = one.load_balancer_arn.clone()?;
            let tags = tags.remove(&arn)?;
            tags::address_in(&tags, project).map(|_| (arn, tags, one.clone()))
        });
        let looks: Vec<_> = ours
            .map(|(arn, tags, one)| async move {
                let resource = read(region, &arn, &one).await?;
                Ok(tags::found_with(region.name, project, tags, &arn, resource))
            })
            .collect();
        let found: Vec<_> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
        Ok(Listed { found: found.into_iter().flatten().collect(), ..Listed::default() })
    }

    /// AWS answers a call for a name that is taken as if it had worked, where the settings are the same. So the
    /// name is looked up first.
    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        if let Some(made) = made_before(region, &self.name, order).await? {
            return Ok(made);
        }
        let family = match self.family {
            BalancerFamily::Application => LoadBalancerTypeEnum::Application,
            BalancerFamily::Network => LoadBalancerTypeEnum::Network,
        };
        let scheme = match self.scheme {
            Scheme::Internal => LoadBalancerSchemeEnum::Internal,
            Scheme::InternetFacing => LoadBalancerSchemeEnum::InternetFacing,
        };
        let request = region
            .elbv2()
            .create_load_balancer()
            .name(&self.name)
            .r#type(family)
            .scheme(scheme)
            .set_subnets(Some(ids(&self.subnets)))
            .set_security_groups(Some(ids(&self.groups)).filter(|groups| !groups.is_empty()))
            .set_tags(balancer_tags::list(order.tags));
        let made = match region.settled(|| error::call(CREATE, request.clone().send())).await {
            Err(error) if error.code == error::DUPLICATE_BALANCER => {
                return made_before(region, &self.name, order).await?.ok_or(error);
            }
            answer => answer?,
        };
        let arn = made.load_balancers().first().and_then(|one| one.load_balancer_arn.clone());
        let id = error::part(CREATE, "ARN", arn)?;
        let is_ready =
            made.load_balancers().first().is_some_and(|one| matches!(state(one), Some(State::Active)));
        Ok(Made { id, born: as_born(self), ready: is_ready })
    }

    async fn ready(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let active = || async {
            let request = region.elbv2().describe_load_balancers().load_balancer_arns(id);
            let seen = region.settled(|| error::call(DESCRIBE, request.clone().send())).await?;
            let Some(seen) = seen.load_balancers().first() else { return Ok(None) };
            match state(seen) {
                Some(State::Active | State::ActiveImpaired) => Ok(Some(())),
                Some(State::Failed) => {
                    let reason =
                        seen.state().and_then(|state| state.reason()).unwrap_or("AWS does not say why");
                    Err(error::refused(CREATE, format!("the load balancer failed: {reason}")))
                }
                _ => Ok(None),
            }
        };
        region.until(DESCRIBE, "the load balancer is not active", LIMIT, active).await
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        Ok(called(region, &self.name).await?.map(|(_, tagged)| tagged))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        balancer_tags::change(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self.groups != wanted.groups {
            let groups = ids(&wanted.groups);
            let request =
                region.elbv2().set_security_groups().load_balancer_arn(id).set_security_groups(Some(groups));
            region.settled(|| error::call("SetSecurityGroups", request.clone().send())).await?;
        }
        if self.subnets != wanted.subnets {
            let subnets = ids(&wanted.subnets);
            let request = region.elbv2().set_subnets().load_balancer_arn(id).set_subnets(Some(subnets));
            region.settled(|| error::call("SetSubnets", request.clone().send())).await?;
        }
        listeners::update(region, id, &self.listeners, &wanted.listeners).await?;
        let mut attributes = Vec::new();
        let attribute =
            |key: &str, value: String| LoadBalancerAttribute::builder().key(key).value(value).build();
        if let Some(seconds) = wanted.idle_timeout.filter(|_| self.idle_timeout != wanted.idle_timeout) {
            attributes.push(attribute(IDLE_TIMEOUT, seconds.to_string()));
        }
        if let Some(is_on) = wanted.cross_zone.filter(|_| self.cross_zone != wanted.cross_zone) {
            attributes.push(attribute(CROSS_ZONE, is_on.to_string()));
        }
        if attributes.is_empty() {
            return Ok(());
        }
        let request = region
            .elbv2()
            .modify_load_balancer_attributes()
            .load_balancer_arn(id)
            .set_attributes(Some(attributes));
        region.settled(|| error::call(MODIFY, request.clone().send())).await.map(drop)
    }

    /// Deletes it with its listeners and waits until nobody lists it any more. Its interfaces take a little longer:
    /// what they are in waits for them when it is deleted itself.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.elbv2().delete_load_balancer().load_balancer_arn(id);
        region.released(|| error::call("DeleteLoadBalancer", request.clone().send())).await?;
        let gone = || async {
            let request = region.elbv2().describe_load_balancers().load_balancer_arns(id);
            match error::call(DESCRIBE, request.send()).await {
                Err(error) if error::not_found(&error) => Ok(Some(())),
                answer => Ok(answer?.load_balancers().is_empty().then_some(())),
            }
        };
        region.until(DESCRIBE, "the load balancer is not gone", LIMIT, gone).await
    }
}

/// What `CreateLoadBalancer` leaves to be set ("Load balancer attributes" of the two guides).
fn as_born(wanted: &LoadBalancer) -> LoadBalancer {
    let (idle_timeout, cross_zone) = match wanted.family {
        BalancerFamily::Application => (Some(60), None),
        BalancerFamily::Network => (None, Some(false)),
    };
    LoadBalancer { listeners: [].into(), idle_timeout, cross_zone, ..wanted.clone() }
}

/// Every load balancer of the newer kind in the region, from every page.
pub(super) async fn described(region: &Region<'_>) -> Result<Arc<Vec<sdk::LoadBalancer>>, CloudError> {
    once(region.seen().map(|seen| &seen.balancers), || async {
        let pages = region.elbv2().describe_load_balancers().into_paginator().items().send();
        error::call(DESCRIBE, pages.collect()).await
    })
    .await
}

/// What `order` has made already, as it is now. An error where the name is somebody else's.
async fn made_before(
    region: &Region<'_>,
    name: &str,
    order: &Create<'_>,
) -> Result<Option<Made<LoadBalancer>>, CloudError> {
    let Some((there, (id, tags))) = called(region, name).await? else { return Ok(None) };
    if !namesake::is_ordered(order, &tags) {
        return Err(namesake::refusal(CREATE, error::DUPLICATE_BALANCER, name, order));
    }
    Ok(read(region, &id, &there).await?.map(|born| Made { id, born, ready: false }))
}

/// The load balancer of a name, with ARN and tags.
async fn called(region: &Region<'_>, name: &str) -> Result<Option<(sdk::LoadBalancer, Tagged)>, CloudError> {
    let request = region.elbv2().describe_load_balancers().names(name);
    let there = match error::call(DESCRIBE, request.send()).await {
        Err(error) if error::not_found(&error) => return Ok(None),
        answer => answer?.load_balancers.unwrap_or_default().pop(),
    };
    let Some(there) = there else { return Ok(None) };
    let id = error::part(DESCRIBE, "ARN", there.load_balancer_arn.clone())?;
    let tags = balancer_tags::of(region, std::slice::from_ref(&id)).await?.remove(&id).unwrap_or_default();
    Ok(Some((there, (id, tags))))
}

fn state(balancer: &sdk::LoadBalancer) -> Option<&State> {
    balancer.state()?.code()
}

/// Reads it whole; nothing where it has just gone, or is of a kind the IR does not know.
async fn read(
    region: &Region<'_>,
    arn: &str,
    there: &sdk::LoadBalancer,
) -> Result<Option<LoadBalancer>, CloudError> {
    let attributes = async {
        let request = region.elbv2().describe_load_balancer_attributes().load_balancer_arn(arn);
        error::call("DescribeLoadBalancerAttributes", request.send()).await
    };
    match future::try_join(attributes, listeners::of(region, arn)).await {
        Err(gone) if error::not_found(&gone) => Ok(None),
        answers => {
            let (attributes, listeners) = answers?;
            Ok(whole(there, attributes.attributes(), &listeners))
        }
    }
}

fn whole(
    there: &sdk::LoadBalancer,
    attributes: &[LoadBalancerAttribute],
    listeners: &[sdk::Listener],
) -> Option<LoadBalancer> {
    let value = |key: &str| {
        let named = attributes.iter().find(|attribute| attribute.key() == Some(key));
        named.and_then(LoadBalancerAttribute::value)
    };
    let (family, idle_timeout, cross_zone) = match there.r#type()? {
        LoadBalancerTypeEnum::Application => {
            (BalancerFamily::Application, value(IDLE_TIMEOUT).and_then(|text| text.parse().ok()), None)
        }
        LoadBalancerTypeEnum::Network => {
            (BalancerFamily::Network, None, Some(value(CROSS_ZONE) == Some("true")))
        }
        _ => return None,
    };
    let zones = there.availability_zones().iter();
    Some(LoadBalancer {
        name: there.load_balancer_name.clone()?,
        family,
        scheme: match there.scheme()? {
            LoadBalancerSchemeEnum::Internal => Scheme::Internal,
            _ => Scheme::InternetFacing,
        },
        subnets: zones.filter_map(|zone| zone.subnet_id.clone()).map(Ref::Id).collect(),
        groups: there.security_groups().iter().cloned().map(Ref::Id).collect(),
        listeners: listeners.iter().filter_map(listeners::read).collect(),
        idle_timeout,
        cross_zone,
    })
}

mod attributes;
mod listeners;
mod reading;
mod stickiness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use asiaq_ir::{ClassicHealthCheck, ClassicLoadBalancer, Need, Ref, RegionFacts, Scheme};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_elasticloadbalancing::types as sdk;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::{InAws, Made, Retag, certificates, ids, namesake};
use crate::gather::each;
use crate::permissions::Rights;
use crate::region::Region;
use crate::survey::once;
use crate::tag_batches::{self, Tags};
use crate::{error, tags};

const DESCRIBE: &str = "DescribeLoadBalancers";
const CREATE: &str = "CreateLoadBalancer";
const LIMIT: Duration = Duration::from_mins(5);
/// Load balancers whose details are asked for at the same time.
const AT_ONCE: usize = 8;
/// Names that one call asks the tags of.
const BATCH: usize = 20;

impl InAws for ClassicLoadBalancer {
    const RIGHTS: Rights = Rights {
        look: &[
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancerPolicies",
            "elasticloadbalancing:DescribeTags",
        ],
        facts: certificates::RIGHTS,
        make: &[
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:ConfigureHealthCheck",
            "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer",
            "elasticloadbalancing:AttachLoadBalancerToSubnets",
            "elasticloadbalancing:DetachLoadBalancerFromSubnets",
            "elasticloadbalancing:CreateLoadBalancerListeners",
            "elasticloadbalancing:DeleteLoadBalancerListeners",
            "elasticloadbalancing:SetLoadBalancerListenerSSLCertificate",
            "elasticloadbalancing:CreateAppCookieStickinessPolicy",
            "elasticloadbalancing:CreateLBCookieStickinessPolicy",
            "elasticloadbalancing:SetLoadBalancerPoliciesOfListener",
            "elasticloadbalancing:DeleteLoadBalancerPolicy",
            "iam:CreateServiceLinkedRole",
        ],
        tags: &["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
        delete: &["elasticloadbalancing:DeleteLoadBalancer"],
    };

    /// Lists every load balancer of the region, because AWS filters none, and looks closer at the project's.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let all = described(region).await?;
        let names: Vec<String> = all.iter().filter_map(|one| one.load_balancer_name.clone()).collect();
        let mut tags = tags_of(region, &names).await?;
        let ours = all.iter().filter_map(|one| {
            let name = one.load_balancer_name.clone()?;
            let tags = tags.remove(&name)?;
            tags::address_in(&tags, project).map(|_| (name, tags, one.clone()))
        });
        let looks: Vec<_> = ours
            .map(|(name, tags, one)| async move {
                let resource = reading::read(region, &one).await?;
                Ok(tags::found_with(region.name, project, tags, &name, resource))
            })
            .collect();
        let found: Vec<_> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
        Ok(Listed { found: found.into_iter().flatten().collect(), ..Listed::default() })
    }

    /// The certificates that a listener can have.
    async fn facts(region: &Region<'_>, needs: &BTreeSet<Need>) -> Result<RegionFacts, CloudError> {
        let is_read = needs.contains(&Need::Certificates);
        let certificates = if is_read { certificates::usable(region).await? } else { Vec::new() };
        Ok(RegionFacts { certificates, ..RegionFacts::default() })
    }

    /// AWS takes the name for the identity: the same call again makes nothing, and one for another load balancer
    /// of this name may look as if it had worked. So the name is looked up first.
    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        let name = &self.name;
        if let Some(born) = made_before(region, name, order).await? {
            return Ok(Made { id: name.clone(), born, ready: true });
        }
        let scheme = matches!(self.scheme, Scheme::Internal).then(|| "internal".to_owned());
        let request = region
            .elb()
            .create_load_balancer()
            .load_balancer_name(name)
            .set_scheme(scheme)
            .set_subnets(Some(ids(&self.subnets)))
            .set_security_groups(Some(ids(&self.groups)))
            .set_listeners(Some(listeners::write(CREATE, &self.listeners)?))
            .set_tags(listing(CREATE, order.tags)?);
        match region.settled(|| error::call(CREATE, request.clone().send())).await {
            Err(error) if error.code == error::DUPLICATE_BALANCER => {
                let born = made_before(region, name, order).await?.ok_or(error)?;
                Ok(Made { id: name.clone(), born, ready: true })
            }
            answer => {
                if let Some(called) = answer?.dns_name() {
                    region.crowd().note_name(name, called);
                }
                Ok(Made { id: name.clone(), born: as_born(self), ready: true })
            }
        }
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        if named(region, &self.name).await?.is_none() {
            return Ok(None);
        }
        Ok(Some((self.name.clone(), tags_of_one(region, &self.name).await?)))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        if !tags.set.is_empty() {
            let set = listing("AddTags", tags.set)?;
            let request = region.elb().add_tags().load_balancer_names(id).set_tags(set);
            region.settled(|| error::call("AddTags", request.clone().send())).await?;
        }
        if !tags.remove.is_empty() {
            let keys = tags.remove.iter().map(|key| sdk::TagKeyOnly::builder().key(key).build());
            let request = region.elb().remove_tags().load_balancer_names(id).set_tags(Some(keys.collect()));
            region.settled(|| error::call("RemoveTags", request.clone().send())).await?;
        }
        Ok(())
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self.groups != wanted.groups {
            let request = region
                .elb()
                .apply_security_groups_to_load_balancer()
                .load_balancer_name(id)
                .set_security_groups(Some(ids(&wanted.groups)));
            region
                .settled(|| error::call("ApplySecurityGroupsToLoadBalancer", request.clone().send()))
                .await?;
        }
        move_to(region, id, &self.subnets, &wanted.subnets).await?;
        let reopened = listeners::update(region, id, &self.listeners, &wanted.listeners).await?;
        if self.health_check != wanted.health_check {
            let check = health_check(&wanted.health_check)?;
            let request = region.elb().configure_health_check().load_balancer_name(id).health_check(check);
            region.settled(|| error::call("ConfigureHealthCheck", request.clone().send())).await?;
        }
        attributes::update(region, id, self, wanted).await?;
        // A port that was opened anew has no policy yet.
        if self.stickiness != wanted.stickiness || (reopened && wanted.stickiness.is_some()) {
            stickiness::update(region, id, wanted.stickiness.as_ref()).await?;
        }
        Ok(())
    }

    /// Deletes it and waits until nobody lists it any more. Its interfaces take a little longer: what they are in
    /// waits for them when it is deleted itself.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.elb().delete_load_balancer().load_balancer_name(id);
        region.released(|| error::call("DeleteLoadBalancer", request.clone().send())).await?;
        let gone = || async { Ok(named(region, id).await?.is_none().then_some(())) };
        region.until(DESCRIBE, "the load balancer is not gone", LIMIT, gone).await
    }
}

/// What `CreateLoadBalancer` leaves to be set ("Load balancer attributes" and "Health check configuration" of the
/// guide).
fn as_born(wanted: &ClassicLoadBalancer) -> ClassicLoadBalancer {
    let target = wanted.listeners.first().map(|listener| format!("TCP:{}", listener.to_port));
    ClassicLoadBalancer {
        health_check: ClassicHealthCheck {
            target: target.unwrap_or_default(),
            interval: 30,
            timeout: 5,
            unhealthy: 2,
            healthy: 10,
        },
        stickiness: None,
        idle_timeout: 60,
        draining: 0,
        cross_zone: false,
        ..wanted.clone()
    }
}

/// Every classic load balancer of the region, from every page.
pub(super) async fn described(
    region: &Region<'_>,
) -> Result<Arc<Vec<sdk::LoadBalancerDescription>>, CloudError> {
    once(region.seen().map(|seen| &seen.classic_balancers), || async {
        let pages = region.elb().describe_load_balancers().into_paginator().items().send();
        error::call(DESCRIBE, pages.collect()).await
    })
    .await
}

/// The load balancer of this name, where there is one.
pub(super) async fn named(
    region: &Region<'_>,
    name: &str,
) -> Result<Option<sdk::LoadBalancerDescription>, CloudError> {
    let look = async |names: Vec<String>| {
        let request = region.elb().describe_load_balancers();
        // AWS refuses a call with several names where one is not there: then all of the region are as cheap.
        let request = match names.as_slice() {
            [name] => request.load_balancer_names(name),
            _ => request,
        };
        let pages = request.into_paginator().items().send();
        let answer = match error::call(DESCRIBE, pages.collect::<Result<Vec<_>, _>>()).await {
            Err(error) if error::not_found(&error) => Ok(Vec::new()),
            answer => answer,
        };
        each(&names, answer, |seen, name| {
            seen.iter().find(|one| one.load_balancer_name() == Some(name)).cloned()
        })
    };
    region.crowd().classic_balancers.ask(name.to_owned(), usize::MAX, look).await
}

/// What `order` has made already, as it is now. An error where the name is somebody else's.
async fn made_before(
    region: &Region<'_>,
    name: &str,
    order: &Create<'_>,
) -> Result<Option<ClassicLoadBalancer>, CloudError> {
    let Some(there) = named(region, name).await? else { return Ok(None) };
    if let Some(called) = there.dns_name() {
        region.crowd().note_name(name, called);
    }
    if namesake::is_ordered(order, &tags_of_one(region, name).await?) {
        return reading::read(region, &there).await;
    }
    Err(namesake::refusal(CREATE, error::DUPLICATE_BALANCER, name, order))
}

async fn tags_of_one(region: &Region<'_>, name: &str) -> Result<Tags, CloudError> {
    Ok(tags_of(region, &[name.to_owned()]).await?.remove(name).unwrap_or_default())
}

async fn tags_of(region: &Region<'_>, names: &[String]) -> Result<BTreeMap<String, Tags>, CloudError> {
    tag_batches::of(names, BATCH, |batch| async move {
        let request = region.elb().describe_tags().set_load_balancer_names(Some(batch));
        let answer = error::call("DescribeTags", request.send()).await?;
        let each = answer.tag_descriptions.unwrap_or_default().into_iter().filter_map(|one| {
            let tags = one.tags.unwrap_or_default();
            let tags = tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default()));
            Some((one.load_balancer_name?, tags.collect()))
        });
        Ok(each.collect())
    })
    .await
}

/// A map as the SDK's list; nothing where there are none.
fn listing(operation: &str, tags: &Tags) -> Result<Option<Vec<sdk::Tag>>, CloudError> {
    let list: Result<Vec<_>, _> = tags
        .iter()
        .map(|(key, value)| error::built(operation, sdk::Tag::builder().key(key).value(value).build()))
        .collect();
    list.map(|list| Some(list).filter(|list| !list.is_empty()))
}

/// Puts it into the subnets it is to be in, then takes it out of the others. It can be in one subnet a zone:
/// where a new one is in the zone of an old one, the old one goes first.
async fn move_to(
    region: &Region<'_>,
    name: &str,
    live: &BTreeSet<Ref>,
    wanted: &BTreeSet<Ref>,
) -> Result<(), CloudError> {
    let (more, less) = (ids(wanted.difference(live)), ids(live.difference(wanted)));
    let attach = async || {
        let request = region.elb().attach_load_balancer_to_subnets().load_balancer_name(name);
        let request = request.set_subnets(Some(more.clone()));
        region.settled(|| error::call("AttachLoadBalancerToSubnets", request.clone().send())).await
    };
    let detach = async || {
        if less.is_empty() {
            return Ok(());
        }
        let request = region.elb().detach_load_balancer_from_subnets().load_balancer_name(name);
        let request = request.set_subnets(Some(less.clone()));
        error::call("DetachLoadBalancerFromSubnets", request.send()).await.map(drop)
    };
    if more.is_empty() {
        return detach().await;
    }
    match attach().await {
        Err(error) if error.code == "InvalidConfigurationRequest" && !less.is_empty() => {
            detach().await?;
            attach().await.map(drop)
        }
        Err(error) => Err(error),
        Ok(_) => detach().await,
    }
}

fn health_check(check: &ClassicHealthCheck) -> Result<sdk::HealthCheck, CloudError> {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let check = sdk::HealthCheck::builder()
        .target(&check.target)
        .interval(number(check.interval))
        .timeout(number(check.timeout))
        .unhealthy_threshold(number(check.unhealthy))
        .healthy_threshold(number(check.healthy));
    error::built("ConfigureHealthCheck", check.build())
}

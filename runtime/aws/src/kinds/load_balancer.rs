mod listeners;
mod rules;
mod switching;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use asiaq_ir::{Assigned, BalancerFamily, Listener, ListenerRule, LoadBalancer, Ref, Scheme};
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerStateEnum as Code,
    LoadBalancerTypeEnum,
};
use futures::future;

use super::attributes::{self, DELETION_PROTECTION};
use super::balancer_tags::{self, BalancerTags};
use super::health;
use super::prelude::*;
use crate::service::{DUPLICATE_BALANCER, elasticloadbalancing};

ops! {
    elasticloadbalancing {
        DESCRIBE_LOAD_BALANCERS = "DescribeLoadBalancers", Read;
        DESCRIBE_LOAD_BALANCER_ATTRIBUTES = "DescribeLoadBalancerAttributes", Own;
        CREATE_LOAD_BALANCER = "CreateLoadBalancer", Write;
        MODIFY_LOAD_BALANCER_ATTRIBUTES = "ModifyLoadBalancerAttributes", Write;
        SET_SECURITY_GROUPS = "SetSecurityGroups", Write;
        SET_SUBNETS = "SetSubnets", Write;
        DELETE_LOAD_BALANCER = "DeleteLoadBalancer", Delete;
    }
    iam {
        CREATE_SERVICE_LINKED_ROLE = "CreateServiceLinkedRole", Write;
    }
}

const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const LIMIT: Duration = Duration::from_mins(15);

impl Api for LoadBalancer {
    type Live = sdk::LoadBalancer;
    type Tags = BalancerTags;

    const OPERATIONS: IamActions = &[OPS, health::OPS, listeners::OPS, rules::OPS, balancer_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_LOAD_BALANCERS;
    const READY: Option<Limit> = Some(Limit(LIMIT, "the load balancer is not active"));
    const GONE: Option<Limit> = Some(Limit(LIMIT, "the load balancer is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_LOAD_BALANCER, DUPLICATE_BALANCER, |balancer| &balancer.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::LoadBalancer>> {
        let all = region.elbv2().describe_load_balancers();
        let call = match which {
            Which::OfProject(_) => return Ok(described(region).await?.to_vec()),
            Which::Id(arn) => all.load_balancer_arns(arn),
            Which::InPlaceOf(wanted) => all.names(&wanted.name),
        };
        DESCRIBE_LOAD_BALANCERS.all(call.into_paginator().items().send()).await
    }

    fn id(balancer: &sdk::LoadBalancer) -> Option<&str> {
        balancer.load_balancer_arn()
    }

    fn state(balancer: &sdk::LoadBalancer) -> State {
        match code(balancer) {
            Some(Code::Active | Code::ActiveImpaired) => State::Ready,
            Some(Code::Failed) => {
                let said = balancer.state().and_then(|state| state.reason());
                let reason = said.unwrap_or("AWS does not say why");
                State::Failed(CREATE_LOAD_BALANCER.refused(format!("the load balancer failed: {reason}")))
            }
            _ => State::Pending,
        }
    }

    fn assigned(balancer: &sdk::LoadBalancer) -> Vec<(Assigned, &str)> {
        let name = balancer.dns_name().map(|name| (Assigned::DnsName, name));
        let zone = balancer.canonical_hosted_zone_id().map(|zone| (Assigned::DnsZone, zone));
        name.into_iter().chain(zone).collect()
    }

    /// None for a load balancer that was just deleted, or of a type that the IR does not know.
    async fn read(region: &Region<'_>, live: &sdk::LoadBalancer) -> Result<Option<Self>> {
        let arn = live.load_balancer_arn().unwrap_or_default();
        let attributes = async {
            let call = region.elbv2().describe_load_balancer_attributes().load_balancer_arn(arn);
            DESCRIBE_LOAD_BALANCER_ATTRIBUTES.call(call.send()).await
        };
        let answers = future::try_join(attributes, listening(region, arn)).await;
        let answers = elasticloadbalancing.found(answers)?;
        Ok(answers.and_then(|(attributes, listening)| read(live, attributes.attributes(), listening)))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let family = match self.family {
            BalancerFamily::Application => LoadBalancerTypeEnum::Application,
            BalancerFamily::Network => LoadBalancerTypeEnum::Network,
        };
        let scheme = match self.scheme {
            Scheme::Internal => LoadBalancerSchemeEnum::Internal,
            Scheme::InternetFacing => LoadBalancerSchemeEnum::InternetFacing,
        };
        let call = region
            .elbv2()
            .create_load_balancer()
            .name(&self.name)
            .r#type(family)
            .scheme(scheme)
            .set_subnets(Some(ids(&self.subnets)))
            .set_security_groups(Some(ids(&self.groups)).filter(|groups| !groups.is_empty()))
            .set_tags(balancer_tags::list(request.tags));
        let made = region.retry_until_consistent(CREATE_LOAD_BALANCER, || call.clone().send()).await?;
        let made = made.load_balancers().first();
        let arn = made.and_then(|one| one.load_balancer_arn.clone());
        let ready = made.is_some_and(|one| code(one) == Some(&Code::Active));
        Ok(Created { id: CREATE_LOAD_BALANCER.part("ARN", arn)?, initial: as_created(self), ready })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.groups != wanted.groups {
            let groups = ids(&wanted.groups);
            let request =
                region.elbv2().set_security_groups().load_balancer_arn(id).set_security_groups(Some(groups));
            region.retry_until_consistent(SET_SECURITY_GROUPS, || request.clone().send()).await?;
        }
        if self.subnets != wanted.subnets {
            let subnets = ids(&wanted.subnets);
            let request = region.elbv2().set_subnets().load_balancer_arn(id).set_subnets(Some(subnets));
            region.retry_until_consistent(SET_SUBNETS, || request.clone().send()).await?;
        }
        switching::prepare(region, id, &self.listeners, &wanted.listeners).await?;
        listeners::update(region, id, &self.listeners, &wanted.listeners).await?;
        rules::update(region, id, &self.listener_rules, &wanted.listener_rules).await?;
        let mut attributes = Vec::new();
        let attribute =
            |key: &str, value: String| LoadBalancerAttribute::builder().key(key).value(value).build();
        if let Some(seconds) = wanted.idle_timeout.filter(|_| self.idle_timeout != wanted.idle_timeout) {
            attributes.push(attribute(IDLE_TIMEOUT, seconds.to_string()));
        }
        if let Some(is_on) = wanted.cross_zone.filter(|_| self.cross_zone != wanted.cross_zone) {
            attributes.push(attribute(CROSS_ZONE, is_on.to_string()));
        }
        let others = wanted.attributes.iter();
        attributes.extend(
            others
                .filter(|(key, value)| self.attributes.get(*key) != Some(value))
                .map(|(key, value)| attribute(key, value.clone())),
        );
        if attributes.is_empty() {
            return Ok(());
        }
        let request = region
            .elbv2()
            .modify_load_balancer_attributes()
            .load_balancer_arn(id)
            .set_attributes(Some(attributes));
        region
            .retry_until_consistent(MODIFY_LOAD_BALANCER_ATTRIBUTES, || request.clone().send())
            .await
            .map(drop)
    }

    /// Its network interfaces are gone a little later: the deletion of their subnet waits for them.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.elbv2().delete_load_balancer().load_balancer_arn(id);
        region.retry_while_in_use(DELETE_LOAD_BALANCER, || call.clone().send()).await
    }
}

/// What `CreateLoadBalancer` leaves to be set ("Load balancer attributes" of the two guides).
fn as_created(wanted: &LoadBalancer) -> LoadBalancer {
    let (idle_timeout, cross_zone) = match wanted.family {
        BalancerFamily::Application => (Some(60), None),
        BalancerFamily::Network => (None, Some(false)),
    };
    LoadBalancer {
        listeners: [].into(),
        listener_rules: [].into(),
        idle_timeout,
        cross_zone,
        attributes: [].into(),
        ..wanted.clone()
    }
}

/// Why a load balancer cannot be deleted.
pub(super) fn refusal(balancer: &LoadBalancer) -> Option<CloudError> {
    let is_kept = balancer.attributes.get(DELETION_PROTECTION).is_some_and(|value| value == "true");
    is_kept.then(|| {
        DELETE_LOAD_BALANCER.refused(format!(
            "somebody switched on the deletion protection of the load balancer `{}` in AWS, which keeps it from being \
             deleted: switch it off there and go on, or keep the load balancer",
            balancer.name
        ))
    })
}

/// Every load balancer of the newer kind in the region, from every page.
pub(crate) async fn described(region: &Region<'_>) -> Result<Arc<Vec<sdk::LoadBalancer>>> {
    cached(region.cache().map(|cache| &cache.balancers), || async {
        let pages = region.elbv2().describe_load_balancers().into_paginator().items().send();
        DESCRIBE_LOAD_BALANCERS.all(pages).await
    })
    .await
}

/// The target groups that the listeners of a load balancer forward to.
pub(super) async fn targets(region: &Region<'_>, id: &str) -> Result<Vec<String>> {
    Ok(switching::targets(&listeners::of(region, id).await?).collect())
}

/// The listeners of a load balancer with all their certificates, and the rules that somebody added to them.
#[derive(Default)]
struct Listening {
    listeners: BTreeSet<Listener>,
    rules: BTreeSet<ListenerRule>,
}

async fn listening(region: &Region<'_>, balancer: &str) -> Result<Listening> {
    let there = listeners::of(region, balancer).await?;
    let additions =
        there.iter().map(|one| future::try_join(listeners::further(region, one), rules::of(region, one)));
    let additions = future::try_join_all(additions).await?;
    let mut listening = Listening::default();
    for (there, (further, rules)) in there.iter().zip(additions) {
        let Some(listener) = listeners::read(there) else { continue };
        let further_certificates = Some(further).filter(|further| !further.is_empty());
        listening.listeners.insert(Listener { further_certificates, ..listener });
        listening.rules.extend(rules);
    }
    Ok(listening)
}

fn code(balancer: &sdk::LoadBalancer) -> Option<&Code> {
    balancer.state()?.code()
}

fn read(
    there: &sdk::LoadBalancer,
    attributes: &[LoadBalancerAttribute],
    listening: Listening,
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
        listeners: listening.listeners,
        listener_rules: listening.rules,
        idle_timeout,
        cross_zone,
        attributes: attributes::unknown(
            attributes.iter().map(|one| (one.key(), one.value())),
            &[IDLE_TIMEOUT, CROSS_ZONE],
        ),
    })
}

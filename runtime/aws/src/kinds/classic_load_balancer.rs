mod attributes;
pub(crate) mod describe;
mod listeners;
mod reading;
mod stickiness;
mod tls_policies;

use std::collections::BTreeSet;
use std::time::Duration;

use asiaq_ir::{
    Assigned, ClassicHealthCheck, ClassicListener, ClassicLoadBalancer, Need, Needs, Ref, RegionFacts,
    Scheme, TlsPolicy,
};
use aws_sdk_elasticloadbalancing::types as sdk;

use self::describe::DESCRIBE_LOAD_BALANCERS;
use super::balancer_tags::{self, ClassicTags};
use super::certificates;
use super::prelude::*;
use crate::service::DUPLICATE_BALANCER;

ops! {
    elasticloadbalancing {
        CREATE_LOAD_BALANCER = "CreateLoadBalancer", Write;
        CONFIGURE_HEALTH_CHECK = "ConfigureHealthCheck", Write;
        APPLY_SECURITY_GROUPS_TO_LOAD_BALANCER = "ApplySecurityGroupsToLoadBalancer", Write;
        ATTACH_LOAD_BALANCER_TO_SUBNETS = "AttachLoadBalancerToSubnets", Write;
        DETACH_LOAD_BALANCER_FROM_SUBNETS = "DetachLoadBalancerFromSubnets", Write;
        DELETE_LOAD_BALANCER = "DeleteLoadBalancer", Delete;
    }
    iam {
        CREATE_SERVICE_LINKED_ROLE = "CreateServiceLinkedRole", Write;
    }
}

impl Api for ClassicLoadBalancer {
    type Live = sdk::LoadBalancerDescription;
    type Tags = ClassicTags;

    const OPERATIONS: IamActions = &[
        OPS,
        attributes::OPS,
        balancer_tags::OPS,
        certificates::OPS,
        describe::OPS,
        listeners::OPS,
        reading::OPS,
        stickiness::OPS,
        tls_policies::OPS,
    ];
    const DESCRIBE: Operation = DESCRIBE_LOAD_BALANCERS;
    const GONE: Option<Limit> = Some(Limit(Duration::from_mins(5), "the load balancer is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_LOAD_BALANCER, DUPLICATE_BALANCER, |balancer| &balancer.name));

    async fn describe(
        region: &Region<'_>,
        which: Which<'_, Self>,
    ) -> Result<Vec<sdk::LoadBalancerDescription>> {
        match which {
            Which::OfProject(_) => Ok(describe::described(region).await?.to_vec()),
            Which::Id(name) => Ok(describe::named(region, name).await?.into_iter().collect()),
            Which::InPlaceOf(wanted) => {
                Ok(describe::named(region, &wanted.name).await?.into_iter().collect())
            }
        }
    }

    fn id(balancer: &sdk::LoadBalancerDescription) -> Option<&str> {
        balancer.load_balancer_name()
    }

    async fn read(region: &Region<'_>, live: &sdk::LoadBalancerDescription) -> Result<Option<Self>> {
        reading::read(region, live).await
    }

    /// The DNS name, for records.
    fn note(region: &Region<'_>, live: &sdk::LoadBalancerDescription) {
        if let (Some(name), Some(called)) = (live.load_balancer_name(), live.dns_name()) {
            region.batchers().note_name(name, called);
        }
    }

    fn assigned(balancer: &sdk::LoadBalancerDescription) -> Vec<(Assigned, &str)> {
        let name = balancer.dns_name().map(|name| (Assigned::DnsName, name));
        let zone = balancer.canonical_hosted_zone_name_id().map(|zone| (Assigned::DnsZone, zone));
        name.into_iter().chain(zone).collect()
    }

    /// The certificates that a listener can have.
    async fn facts(region: &Region<'_>, needs: &Needs) -> Result<RegionFacts> {
        let is_read = needs.contains(Need::Certificates);
        let certificates = if is_read { certificates::usable(region).await? } else { Vec::new() };
        Ok(RegionFacts { certificates, ..RegionFacts::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let scheme = matches!(self.scheme, Scheme::Internal).then(|| "internal".to_owned());
        let call = region
            .elb()
            .create_load_balancer()
            .load_balancer_name(&self.name)
            .set_scheme(scheme)
            .set_subnets(Some(ids(&self.subnets)))
            .set_security_groups(Some(ids(&self.groups)))
            .set_listeners(Some(listeners::write(CREATE_LOAD_BALANCER, &self.listeners)?))
            .set_tags(balancer_tags::classic_list(CREATE_LOAD_BALANCER, request.tags)?);
        let made = region.retry_until_consistent(CREATE_LOAD_BALANCER, || call.clone().send()).await?;
        if let Some(called) = made.dns_name() {
            region.batchers().note_name(&self.name, called);
        }
        Ok(Created::ready(&self.name, as_created(self)))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.groups != wanted.groups {
            let request = region
                .elb()
                .apply_security_groups_to_load_balancer()
                .load_balancer_name(id)
                .set_security_groups(Some(ids(&wanted.groups)));
            region
                .retry_until_consistent(APPLY_SECURITY_GROUPS_TO_LOAD_BALANCER, || request.clone().send())
                .await?;
        }
        move_to(region, id, &self.subnets, &wanted.subnets).await?;
        let opened = listeners::update(region, id, &self.listeners, &wanted.listeners).await?;
        tls_policies::update(region, id, &self.listeners, &wanted.listeners, &opened).await?;
        if self.health_check != wanted.health_check {
            let check = health_check(&wanted.health_check)?;
            let request = region.elb().configure_health_check().load_balancer_name(id).health_check(check);
            region.retry_until_consistent(CONFIGURE_HEALTH_CHECK, || request.clone().send()).await?;
        }
        attributes::update(region, id, self, wanted).await?;
        // A reopened port has no policy yet.
        if self.stickiness != wanted.stickiness || (!opened.is_empty() && wanted.stickiness.is_some()) {
            stickiness::update(region, id, wanted.stickiness.as_ref()).await?;
        }
        Ok(())
    }

    /// Its network interfaces are gone a little later: the deletion of their subnet waits for them.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.elb().delete_load_balancer().load_balancer_name(id);
        region.retry_while_in_use(DELETE_LOAD_BALANCER, || call.clone().send()).await
    }
}

/// What `CreateLoadBalancer` leaves to be set ("Load balancer attributes" and "Health check configuration" of the
/// guide).
fn as_created(wanted: &ClassicLoadBalancer) -> ClassicLoadBalancer {
    let initial = || TlsPolicy::Named(tls_policies::INITIAL.to_owned());
    let listeners = wanted.listeners.iter().map(|listener| ClassicListener {
        tls_policy: listener.certificate.as_ref().map(|_| initial()),
        ..listener.clone()
    });
    let target = wanted.listeners.first().map(|listener| format!("TCP:{}", listener.to_port));
    ClassicLoadBalancer {
        health_check: ClassicHealthCheck {
            target: target.unwrap_or_default(),
            interval: 30,
            timeout: 5,
            unhealthy: 2,
            healthy: 10,
        },
        listeners: listeners.collect(),
        stickiness: None,
        idle_timeout: 60,
        draining: 0,
        cross_zone: false,
        attributes: [].into(),
        ..wanted.clone()
    }
}

/// Puts it into the subnets it is to be in, then takes it out of the others. It can be in one subnet a zone:
/// where a new one is in the zone of an old one, the old one goes first.
async fn move_to(
    region: &Region<'_>,
    name: &str,
    live: &BTreeSet<Ref>,
    wanted: &BTreeSet<Ref>,
) -> Result<()> {
    let (more, less) = (ids(wanted.difference(live)), ids(live.difference(wanted)));
    let attach = async || {
        let request = region.elb().attach_load_balancer_to_subnets().load_balancer_name(name);
        let request = request.set_subnets(Some(more.clone()));
        region.retry_until_consistent(ATTACH_LOAD_BALANCER_TO_SUBNETS, || request.clone().send()).await
    };
    let detach = async || {
        if less.is_empty() {
            return Ok(());
        }
        let request = region.elb().detach_load_balancer_from_subnets().load_balancer_name(name);
        let request = request.set_subnets(Some(less.clone()));
        DETACH_LOAD_BALANCER_FROM_SUBNETS.call(request.send()).await.map(drop)
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

fn health_check(check: &ClassicHealthCheck) -> Result<sdk::HealthCheck> {
    let check = sdk::HealthCheck::builder()
        .target(&check.target)
        .interval(signed(check.interval))
        .timeout(signed(check.timeout))
        .unhealthy_threshold(signed(check.unhealthy))
        .healthy_threshold(signed(check.healthy));
    CONFIGURE_HEALTH_CHECK.built(check.build())
}

//! A classic load balancer in the IR's form.

use asiaq_ir::{ClassicHealthCheck, ClassicLoadBalancer, Ref, Scheme};
use aws_sdk_elasticloadbalancing::types as sdk;
use futures::future;

use super::{attributes, listeners, stickiness, tls_policies};
use crate::kinds::prelude::*;
use crate::service::elasticloadbalancing;

ops! { elasticloadbalancing:
    DESCRIBE_LOAD_BALANCER_ATTRIBUTES = "DescribeLoadBalancerAttributes", Own;
}

/// Reads it whole; nothing where it has just gone, or lacks something without which it says nothing.
pub(super) async fn read(
    region: &Region<'_>,
    there: &sdk::LoadBalancerDescription,
) -> Result<Option<ClassicLoadBalancer>> {
    let Some(name) = there.load_balancer_name() else { return Ok(None) };
    let attributes = async {
        let request = region.elb().describe_load_balancer_attributes().load_balancer_name(name);
        DESCRIBE_LOAD_BALANCER_ATTRIBUTES.call(request.send()).await
    };
    let mut names = there.listener_descriptions().iter().flat_map(sdk::ListenerDescription::policy_names);
    let is_more_than_names = names.any(|name| tls_policies::known(name).is_none());
    let policies =
        async { if is_more_than_names { stickiness::policies(region, name).await } else { Ok(Vec::new()) } };
    let answers = elasticloadbalancing.found(future::try_join(attributes, policies).await)?;
    Ok(answers.and_then(|(attributes, policies)| {
        whole(there, &attributes.load_balancer_attributes.unwrap_or_else(none), &policies)
    }))
}

fn none() -> sdk::LoadBalancerAttributes {
    sdk::LoadBalancerAttributes::builder().build()
}

fn whole(
    there: &sdk::LoadBalancerDescription,
    set: &sdk::LoadBalancerAttributes,
    policies: &[sdk::PolicyDescription],
) -> Option<ClassicLoadBalancer> {
    let seconds = |seconds: i32| u32::try_from(seconds).unwrap_or_default();
    let references = |ids: &[String]| ids.iter().cloned().map(Ref::Id).collect();
    let draining = set.connection_draining().filter(|draining| draining.enabled);
    let listeners = there.listener_descriptions().iter().filter_map(|port| {
        let policy = tls_policies::read(port.policy_names(), policies);
        listeners::read(port.listener()?, policy)
    });
    Some(ClassicLoadBalancer {
        name: there.load_balancer_name.clone()?,
        scheme: if there.scheme() == Some("internal") { Scheme::Internal } else { Scheme::InternetFacing },
        subnets: references(there.subnets()),
        groups: references(there.security_groups()),
        listeners: listeners.collect(),
        health_check: there.health_check().map_or_else(unknown, |check| ClassicHealthCheck {
            target: check.target.clone(),
            interval: seconds(check.interval),
            timeout: seconds(check.timeout),
            unhealthy: seconds(check.unhealthy_threshold),
            healthy: seconds(check.healthy_threshold),
        }),
        stickiness: stickiness::read(there.listener_descriptions(), policies),
        idle_timeout: set
            .connection_settings()
            .map(|settings| seconds(settings.idle_timeout))
            .unwrap_or_default(),
        draining: draining.and_then(|draining| draining.timeout).map(seconds).unwrap_or_default(),
        cross_zone: set.cross_zone_load_balancing().is_some_and(|cross_zone| cross_zone.enabled),
        attributes: attributes::unknown(set),
    })
}

/// A health check of which AWS says nothing: none is like it.
fn unknown() -> ClassicHealthCheck {
    ClassicHealthCheck { target: String::new(), interval: 0, timeout: 0, unhealthy: 0, healthy: 0 }
}

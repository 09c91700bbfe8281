//! What AWS calls the attributes of a classic load balancer.

use asiaq_ir::ClassicLoadBalancer;
use aws_sdk_elasticloadbalancing::types as sdk;

use crate::kinds::prelude::*;

ops! { elasticloadbalancing:
    MODIFY_LOAD_BALANCER_ATTRIBUTES = "ModifyLoadBalancerAttributes", Write;
}

/// Sets those that differ, in one call; what the call does not name stays as it is.
pub(super) async fn update(
    region: &Region<'_>,
    name: &str,
    live: &ClassicLoadBalancer,
    wanted: &ClassicLoadBalancer,
) -> Result<()> {
    let seconds = |seconds: u32| i32::try_from(seconds).unwrap_or(i32::MAX);
    let mut attributes = sdk::LoadBalancerAttributes::builder();
    if live.idle_timeout != wanted.idle_timeout {
        let settings = sdk::ConnectionSettings::builder().idle_timeout(seconds(wanted.idle_timeout)).build();
        attributes = attributes.connection_settings(MODIFY_LOAD_BALANCER_ATTRIBUTES.built(settings)?);
    }
    if live.draining != wanted.draining {
        let draining = sdk::ConnectionDraining::builder().enabled(wanted.draining > 0);
        let timeout = (wanted.draining > 0).then(|| seconds(wanted.draining));
        attributes = attributes.connection_draining(draining.set_timeout(timeout).build());
    }
    if live.cross_zone != wanted.cross_zone {
        let cross_zone = sdk::CrossZoneLoadBalancing::builder().enabled(wanted.cross_zone).build();
        attributes = attributes.cross_zone_load_balancing(cross_zone);
    }
    let attributes = attributes.build();
    if attributes == sdk::LoadBalancerAttributes::builder().build() {
        return Ok(());
    }
    let request = region
        .elb()
        .modify_load_balancer_attributes()
        .load_balancer_name(name)
        .load_balancer_attributes(attributes);
    region.retry_until_consistent(MODIFY_LOAD_BALANCER_ATTRIBUTES, || request.clone().send()).await.map(drop)
}

//! What AWS calls the attributes of a classic load balancer.

use std::collections::BTreeMap;

use asiaq_ir::ClassicLoadBalancer;
use aws_sdk_elasticloadbalancing::types as sdk;

use crate::kinds::prelude::*;

ops! { elasticloadbalancing:
    MODIFY_LOAD_BALANCER_ATTRIBUTES = "ModifyLoadBalancerAttributes", Write;
}

const LOG: &str = "access_log.enabled";
const LOG_BUCKET: &str = "access_log.s3_bucket_name";
const LOG_PREFIX: &str = "access_log.s3_bucket_prefix";
const LOG_INTERVAL: &str = "access_log.emit_interval";
/// An attribute with AWS's value for what nobody set ("Configure desync mitigation mode" of the guide).
const DEFAULT: (&str, &str) = ("elb.http.desyncmitigationmode", "defensive");

/// The attributes that somebody set, of those that are no fields of the IR.
pub(super) fn unknown(attributes: &sdk::LoadBalancerAttributes) -> BTreeMap<String, String> {
    let log = attributes.access_log().filter(|log| log.enabled);
    let log = log.into_iter().flat_map(|log| {
        let interval = log.emit_interval.map(|minutes| minutes.to_string());
        let values = [
            (LOG, Some("true".to_owned())),
            (LOG_BUCKET, log.s3_bucket_name.clone()),
            (LOG_PREFIX, log.s3_bucket_prefix.clone()),
            (LOG_INTERVAL, interval),
        ];
        values.into_iter().filter_map(|(key, value)| Some((key, value.filter(|value| !value.is_empty())?)))
    });
    let others = attributes.additional_attributes().iter();
    let others = others.filter_map(|one| Some((one.key()?, one.value()?))).filter(|one| *one != DEFAULT);
    let others = others.map(|(key, value)| (key, value.to_owned()));
    log.chain(others).map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The access log that attributes describe; absent if they have none.
fn access_log(attributes: &BTreeMap<String, String>) -> Option<sdk::AccessLog> {
    let value = |key: &str| attributes.get(key).cloned();
    let log = sdk::AccessLog::builder()
        .enabled(value(LOG)? == "true")
        .set_s3_bucket_name(value(LOG_BUCKET))
        .set_s3_bucket_prefix(value(LOG_PREFIX))
        .set_emit_interval(value(LOG_INTERVAL).and_then(|minutes| minutes.parse().ok()));
    Some(log.build())
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
    let log = access_log(&wanted.attributes).filter(|log| access_log(&live.attributes).as_ref() != Some(log));
    attributes = attributes.set_access_log(log);
    let others = wanted.attributes.iter().filter(|(key, _)| !key.starts_with("access_log."));
    for (key, value) in others.filter(|(key, value)| live.attributes.get(*key) != Some(value)) {
        let other = sdk::AdditionalAttribute::builder().key(key).value(value).build();
        attributes = attributes.additional_attributes(other);
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

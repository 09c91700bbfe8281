//! Attributes of load balancers and target groups that the language does not know.

use std::collections::BTreeMap;

/// AWS's values for what nobody set ("Load balancer attributes" and "Target group attributes" of the guides). One that is
/// missing here is set on a successor to the value that it has anyway.
const DEFAULTS: [(&str, &str); 32] = [
    ("access_logs.s3.enabled", "false"),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.enabled", "false"),
    ("deletion_protection.enabled", "false"),
    ("deregistration_delay.connection_termination.enabled", "false"),
    ("dns_record.client_routing_policy", "any_availability_zone"),
    ("health_check_logs.s3.enabled", "false"),
    ("ipv6.deny_all_igw_traffic", "false"),
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    ("load_balancing.algorithm.type", "round_robin"),
    ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
    ("preserve_client_ip.enabled", "true"),
    ("proxy_protocol_v2.enabled", "false"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("secondary_ips.auto_assigned.per_subnet", "0"),
    ("slow_start.duration_seconds", "0"),
    ("target_failover.on_deregistration", "no_rebalance"),
    ("target_failover.on_unhealthy", "no_rebalance"),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
    ("target_health_state.unhealthy.connection_termination.enabled", "true"),
    ("target_health_state.unhealthy.draining_interval_seconds", "0"),
    ("waf.fail_open.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];

/// The attribute that keeps AWS from deleting a load balancer.
pub(super) const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// The attributes that somebody set, from all that AWS lists; `known` are those that are fields of the IR.
pub(super) fn unknown<'a>(
    all: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
    known: &[&str],
) -> BTreeMap<String, String> {
    let set = all.filter_map(|(key, value)| Some((key?, value.filter(|value| !value.is_empty())?)));
    let unknown = set.filter(|(key, value)| {
        !known.contains(key) && !key.starts_with("stickiness.") && !DEFAULTS.contains(&(*key, *value))
    });
    unknown.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

//! Fields of load balancers, names, alarms and topics, by the names that AWS, Terraform and `CloudFormation` give them.

use super::{AwsWord, missing, of, written};

pub(super) const FIELDS: &[AwsWord] = &[
    // Load balancers.
    of(
        &["lb", "elb"],
        written(
            &["internal", "internal_only", "private", "scheme", "internet_facing", "facing"],
            "`public` says whether a load balancer is internet-facing; without it, the load balancer is internal",
        ),
    ),
    of(
        &["lb"],
        written(&["load_balancer_type", "type"], "write `kind = application`, `network` or `classic`"),
    ),
    of(
        &["lb", "elb"],
        missing(&["ssl_policy", "tls_policy", "security_policy", "alpn_policy"], "TLS policies"),
    ),
    of(
        &["lb", "elb"],
        written(
            &[
                "certificates",
                "certificate_arn",
                "certificate_arns",
                "certificate_id",
                "ssl_certificate",
                "ssl_certificate_id",
            ],
            "write `certificate = \"NAME\"`",
        ),
    ),
    of(&["lb", "elb"], missing(&["access_log", "access_logs", "connection_logs"], "access logs")),
    of(
        &["lb", "elb"],
        written(&["deletion_protection", "enable_deletion_protection"], "write `protect = true`"),
    ),
    of(
        &["lb", "elb"],
        written(
            &["enable_cross_zone_load_balancing", "cross_zone_load_balancing"],
            "write `cross_zone = true` or `false`",
        ),
    ),
    of(&["lb", "elb"], written(&["stickiness", "session_affinity"], "write `sticky = cookie 1h`")),
    of(
        &["lb", "elb"],
        written(
            &["deregistration_delay", "connection_draining", "connection_draining_timeout"],
            "write `draining = 300s`",
        ),
    ),
    of(
        &["lb", "elb"],
        written(
            &[
                "backend_port",
                "instance_port",
                "listener",
                "port",
                "ports",
                "target",
                "target_group",
                "target_groups",
                "target_port",
                "targets",
            ],
            "write `listeners = [https 443 -> http 80]`",
        ),
    ),
    of(
        &["lb"],
        written(
            &["redirect", "redirect_http", "redirect_http_to_https"],
            "write `listeners = [http 80 => https 443, https 443]`",
        ),
    ),
    of(&["elb"], missing(&["redirect"], "redirects of Classic Load Balancers")),
    of(
        &["lb", "elb"],
        missing(
            &[
                "addresses",
                "algorithm",
                "client_keep_alive",
                "desync_mitigation_mode",
                "drop_invalid_headers",
                "eips",
                "enable_http2",
                "keep_alive",
                "load_balancing_algorithm_type",
                "preserve_client_ip",
                "proxy_protocol",
                "proxy_protocol_v2",
                "rule",
                "rules",
                "slow_start",
                "subnet_mapping",
                "waf",
                "web_acl",
                "xff_header_processing_mode",
            ],
            "such settings of load balancers",
        ),
    ),
    // Names.
    of(
        &["record"],
        missing(
            &[
                "country",
                "failover",
                "failover_routing_policy",
                "geolocation",
                "geoproximity",
                "health_check",
                "health_check_id",
                "latency",
                "multivalue",
                "multivalue_answer",
                "region",
                "routing_policy",
                "set_identifier",
                "weight",
                "weighted_routing_policy",
            ],
            "routing policies of records",
        ),
    ),
    of(
        &["record"],
        written(
            &["records", "value", "resource_records", "targets", "target"],
            "write `values = [\"192.0.2.1\"]`",
        ),
    ),
    of(&["record"], written(&["alias_target", "evaluate_target_health"], "write `alias = HOSTCLASS`")),
    of(&["zone"], written(&["name", "zone_name", "fqdn"], "write `domain = \"example.com\"`")),
    of(&["zone"], written(&["public"], "a zone is public unless it says `private = true`")),
    of(
        &["zone"],
        missing(
            &["delegation_set", "delegation_set_id", "dnssec", "force_destroy", "query_log", "vpcs"],
            "such settings of zones",
        ),
    ),
    // Watching.
    of(
        &["alarm"],
        written(
            &[
                "comparison_operator",
                "evaluation_periods",
                "period",
                "statistic",
                "threshold",
                "extended_statistic",
                "datapoints_to_alarm",
                "condition",
            ],
            "write the condition as `when = average > 80 for 5 x 1m`",
        ),
    ),
    of(&["alarm"], written(&["metric_name"], "write `metric = \"NAME\"`")),
    of(&["alarm"], written(&["alarm_actions", "actions", "topic"], "write `notify = TOPIC`")),
    of(&["alarm"], written(&["ok_actions"], "write `ok = true` to notify also when the alarm ends")),
    of(
        &["alarm"],
        written(
            &["treat_missing_data"],
            "write `missing = breaching`, `not_breaching`, `ignore` or `missing`",
        ),
    ),
    of(&["alarm"], written(&["alarm_description"], "write `description = \"…\"`")),
    of(&["alarm"], written(&["alarm_name"], "write `name = \"…\"`")),
    of(
        &["alarm"],
        missing(
            &[
                "calls",
                "insufficient_data_actions",
                "metric_query",
                "metrics",
                "unit",
                "anomaly_detector",
                "on_missing_data",
            ],
            "such settings of alarms",
        ),
    ),
    of(
        &["topic"],
        missing(
            &[
                "delivery_policy",
                "fifo",
                "fifo_topic",
                "filter_policy",
                "key",
                "kms_key",
                "kms_master_key_id",
                "policy",
                "protocol",
                "publishers",
            ],
            "such settings of topics",
        ),
    ),
    of(
        &["topic"],
        written(
            &["endpoint", "endpoints", "subscription", "subscriptions", "display_name", "emails", "email"],
            "write `subscribers = [\"ops@example.com\"]`",
        ),
    ),
    of(&["log_metric"], written(&["filter_pattern"], "write `pattern = \"…\"`")),
    of(&["log_metric"], written(&["retention_in_days"], "write `retention = 30d`")),
    of(&["log_metric"], written(&["log_group", "log_group_name"], "write `file = \"…\"`")),
    of(
        &["peering"],
        missing(
            &["auto_accept", "peer_owner_id", "peer_region", "requester", "accepter"],
            "such settings of peerings",
        ),
    ),
];

//! Words of AWS and of other tools for the kinds of the language.

/// The words for each kind that has another name elsewhere.
const KINDS: [(&str, &[&str]); 20] = [
    ("account", &["profile", "caller_identity"]),
    ("alarm", &["cloudwatch", "cloudwatch_metric_alarm", "metric", "monitor", "monitoring"]),
    ("ami", &["image", "snapshot"]),
    ("disk", &["ebs", "ebs_volume", "storage", "volume"]),
    ("elb", &["classic load balancer", "load balancer", "ssl", "tls"]),
    ("endpoint", &["gateway endpoint", "vpc_endpoint"]),
    ("env", &["environment", "virtual network", "vpc", "workspace"]),
    ("envtype", &["module", "template"]),
    (
        "hostclass",
        &["ec2", "instance", "launch template", "launch_template", "machine", "server", "user_data", "vm"],
    ),
    (
        "lb",
        &[
            "alb",
            "application load balancer",
            "https",
            "listener",
            "load balancer",
            "nlb",
            "redirect",
            "ssl",
            "target_group",
            "tls",
        ],
    ),
    ("log_metric", &["cloudwatch_log_group", "log", "logs"]),
    (
        "metanetwork",
        &[
            "firewall",
            "nacl",
            "nat",
            "nat_gateway",
            "route_table",
            "security group",
            "security_group",
            "sg",
            "subnet",
        ],
    ),
    ("peering", &["vpc peering", "vpc_peering_connection"]),
    ("pipeline", &["depends_on", "order", "stages"]),
    ("project", &["default_tags", "provider"]),
    ("record", &["cname", "dns", "route53", "route53_record"]),
    ("run", &["asg", "auto scaling group", "autoscaling_group", "instance", "schedule"]),
    ("scaling", &["autoscaling", "autoscaling_policy", "policy"]),
    ("topic", &["notification", "sns", "sns_topic", "subscription"]),
    ("zone", &["dns", "domain", "hosted zone", "route53", "route53_zone"]),
];

/// The words for the kind `name`.
pub(super) fn of_kind(name: &str) -> &'static [&'static str] {
    KINDS.iter().find(|(kind, _)| *kind == name).map_or(&[], |(_, words)| words)
}

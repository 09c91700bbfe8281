//! Words of AWS and of other tools for the kinds of the language.

/// The words for each kind that has another name elsewhere.
const KINDS: [(&str, &[&str]); 20] = [
    ("account", &["assume_role", "caller_identity", "multi account", "organization"]),
    (
        "alarm",
        &["alert", "alerting", "cloudwatch", "cloudwatch_metric_alarm", "metric", "monitor", "monitoring"],
    ),
    ("ami", &["image", "packer", "snapshot"]),
    ("disk", &["ebs", "ebs_volume", "storage", "volume"]),
    ("elb", &["classic load balancer"]),
    ("endpoint", &["gateway endpoint", "vpc_endpoint"]),
    ("env", &["environment", "stage", "virtual network", "vpc", "workspace"]),
    ("envtype", &["module", "stack", "template"]),
    (
        "hostclass",
        &[
            "cloud-init",
            "ec2",
            "instance",
            "launch template",
            "launch_template",
            "machine",
            "server",
            "user_data",
            "vm",
        ],
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
            "http",
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
    ("record", &["cname", "dns record", "route53_record"]),
    ("run", &["asg", "auto scaling group", "autoscaling_group", "desired_capacity", "instance", "schedule"]),
    ("scaling", &["autoscaling", "autoscaling_policy", "policy"]),
    ("topic", &["notification", "sns", "sns_topic", "subscription"]),
    ("zone", &["dns", "domain", "hosted zone", "route53", "route53_zone"]),
];

/// The words for the kind `name`.
pub(super) fn of_kind(name: &str) -> &'static [&'static str] {
    KINDS.iter().find(|(kind, _)| *kind == name).map_or(&[], |(_, words)| words)
}

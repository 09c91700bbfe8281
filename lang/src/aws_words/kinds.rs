//! Resources of AWS that people declare, by the names that AWS, Terraform and `CloudFormation` give them.

use super::{AwsWord, missing, written};

pub(super) const KINDS: &[AwsWord] = &[
    // Networks.
    missing(&["acl", "nacl", "network_acl", "network_acl_rule", "network_acls"], "network ACLs"),
    missing(&["flow_log", "flow_logs", "vpc_flow_log", "vpc_flow_logs"], "flow logs"),
    missing(
        &["transit_gateway", "tgw", "tgw_attachment", "transit_gateway_attachment", "ec2_transit_gateway"],
        "transit gateways",
    ),
    missing(
        &["egress_only_internet_gateway", "eigw", "carrier_gateway", "local_gateway"],
        "gateways of this kind",
    ),
    missing(&["managed_prefix_list", "prefix_list", "ec2_managed_prefix_list"], "prefix lists"),
    missing(&["customer_gateway", "cgw", "vpn", "vpn_connection", "client_vpn"], "VPN connections"),
    missing(&["direct_connect", "dx", "dx_gateway"], "Direct Connect connections"),
    missing(
        &["firewall", "network_firewall", "dns_firewall", "resolver", "resolver_rule"],
        "firewalls and resolvers",
    ),
    missing(
        &["interface_endpoint", "endpoint_service", "vpc_endpoint_service", "privatelink"],
        "interface endpoints",
    ),
    missing(&["ipam", "ipam_pool", "ipv6", "ipv6_cidr", "ipv6_cidr_block"], "IPv6 and IPAM pools"),
    missing(
        &["network_interface", "eni", "placement_group", "capacity_reservation"],
        "resources of this kind",
    ),
    missing(
        &["egress", "egress_rule", "outbound", "vpc_security_group_egress_rule"],
        "rules for outgoing traffic",
    ),
    written(
        &["ingress", "ingress_rule", "inbound", "security_group_rule", "vpc_security_group_ingress_rule"],
        "write the rules of a metanetwork as `ingress = [tcp 443 from internet]`",
    ),
    written(
        &["security_group", "security_groups", "sg", "default_security_group"],
        "each metanetwork has one security group: write its rules as `ingress = [tcp 443 from internet]`",
    ),
    written(
        &["vpc", "virtual_network", "network"],
        "an environment is a VPC: `env NAME { cidr = 10.0.0.0/16 }`",
    ),
    written(
        &["subnet", "subnets", "subnetwork", "subnet_group"],
        "a metanetwork has one subnet in each zone: `metanetwork NAME { … }` in an environment",
    ),
    written(
        &["route", "route_table", "route_table_association", "main_route_table_association"],
        "write the routes of a metanetwork as `routes = [internet via igw]`",
    ),
    written(
        &["internet_gateway", "igw"],
        "an internet gateway is created where a metanetwork has a route to it: `routes = [internet via igw]`",
    ),
    written(
        &["nat_gateway", "nat_gateways", "natgw", "ngw"],
        "NAT gateways are a field of a metanetwork: `nat = auto`",
    ),
    written(
        &["vpn_gateway", "vgw", "vpn_gateway_attachment"],
        "routes `via vgw` use the VPN gateway whose tag `Name` is the name of the environment",
    ),
    written(
        &["vpc_endpoint", "gateway_endpoint", "vpce"],
        "write `endpoint s3 {}` or `endpoint dynamodb {}` in an environment",
    ),
    written(
        &["vpc_peering", "vpc_peering_connection", "peering_connection", "pcx"],
        "write `peering NAME = ENV/NETWORK <-> ENV/NETWORK`",
    ),
    written(&["dhcp_options", "vpc_dhcp_options", "dhcp_option_set"], "write `dhcp { … }` in an environment"),
    written(
        &["elastic_ip", "elasticip"],
        "an Elastic IP address is a field of a hostclass (`eip`) or of a metanetwork (`nat`)",
    ),
    // Machines.
    written(
        &["instance", "instances", "ec2", "ec2_instance", "server", "vm", "machine"],
        "declare instances as a `hostclass`, and run them with `run` in a stage of a `pipeline`",
    ),
    written(
        &[
            "asg",
            "auto_scaling_group",
            "autoscaling_group",
            "autoscaling",
            "launch_template",
            "launch_configuration",
            "launch_config",
        ],
        "write `run HOSTCLASS { desired = 2 }` in a stage of a `pipeline`",
    ),
    written(
        &["autoscaling_policy", "scaling_policy", "auto_scaling_policy"],
        "write `scaling NAME { … }` in a `run`",
    ),
    written(
        &["autoscaling_schedule", "schedule", "scheduled_action"],
        "write sizes with start times: `desired = [1 at \"45 19 * * *\", 3 at \"33 19 * * *\"]`",
    ),
    written(
        &["ebs", "ebs_block_device", "ebs_volume", "volume", "block_device", "block_device_mappings"],
        "write `disk NAME { size = 100GB }` in a hostclass",
    ),
    written(&["key_pair", "keypair", "ssh_key"], "name the key pair in a hostclass: `key = \"NAME\"`"),
    missing(
        &["lifecycle_hook", "hook", "warm_pool", "instance_refresh"],
        "hooks and pools of Auto Scaling groups",
    ),
    missing(&["snapshot", "ebs_snapshot", "image", "ami_copy"], "resources of this kind"),
    // Load balancers.
    written(
        &[
            "load_balancer",
            "loadbalancer",
            "alb",
            "nlb",
            "balancer",
            "application_load_balancer",
            "network_load_balancer",
        ],
        "a load balancer is a block of a hostclass: `lb { listeners = [http 80] }`",
    ),
    written(
        &[
            "listener",
            "lb_listener",
            "target_group",
            "lb_target_group",
            "alb_listener",
            "alb_target_group",
            "target",
        ],
        "write the listeners of a load balancer with their targets: `listeners = [https 443 -> http 80]`",
    ),
    missing(&["listener_rule", "lb_listener_rule", "rule", "redirect"], "rules of listeners"),
    missing(&["certificate", "acm", "acm_certificate"], "certificates of the program's own"),
    missing(
        &[
            "web_acl",
            "waf",
            "wafv2_web_acl",
            "shield",
            "distribution",
            "cloudfront",
            "cloudfront_distribution",
            "cdn",
            "global_accelerator",
        ],
        "firewalls and distributions of web traffic",
    ),
    // Names.
    written(
        &["hosted_zone", "dns_zone", "route53_zone"],
        "write `zone NAME { domain = \"example.com\" }` in an environment",
    ),
    written(
        &["route53_record", "dns_record", "record_set"],
        "write `record NAME { type = A, values = [\"192.0.2.1\"] }` in a zone",
    ),
    missing(
        &["health_check", "route53_health_check", "traffic_policy", "query_log", "dnssec"],
        "resources of Route 53 other than zones and records",
    ),
    // Watching.
    written(
        &["cloudwatch_alarm", "cloudwatch_metric_alarm", "metric_alarm"],
        "write `alarm NAME { … }` at the top level of a file",
    ),
    missing(
        &["composite_alarm", "dashboard", "anomaly_detector", "canary", "synthetics"],
        "resources of CloudWatch other than alarms",
    ),
    written(
        &["log_group", "cloudwatch_log_group", "metric_filter", "log_metric_filter"],
        "a log group comes with its metric: `log_metric NAME { file = \"…\", pattern = \"…\" }`",
    ),
    missing(&["subscription_filter", "log_stream", "log_subscription_filter"], "subscriptions of log groups"),
    written(
        &["sns_topic", "sns", "notification"],
        "write `topic NAME { subscribers = [\"ops@example.com\"] }`",
    ),
    written(
        &["subscription", "sns_topic_subscription", "subscriber"],
        "write the subscribers of a topic as `subscribers = [\"ops@example.com\"]`",
    ),
    // Other services.
    written(&["s3", "s3_bucket"], "write `bucket NAME {}` in an `account`"),
    written(&["cloudtrail"], "write `trail NAME { bucket = BUCKET }` in an `account`"),
    written(
        &["opensearch", "opensearch_domain", "elasticsearch", "elasticsearch_domain"],
        "write `search NAME { version = \"OpenSearch_2.19\", type = m7g.large.search, storage = 100GB }` in an `env`",
    ),
    written(&["ssm_document"], "write `document NAME { content = file \"restart.json\" }` in an `account`"),
    written(&["iam", "iam_role"], "write `role NAME { trust = ec2 }` in an `account`"),
    written(&["iam_policy"], "write `policy NAME { allow s3:GetObject on all }` in an `account`"),
    written(&["iam_user"], "write `user NAME {}` in an `account`"),
    written(&["iam_group"], "write `group NAME {}` in an `account`"),
    written(
        &["iam_instance_profile", "instance_profile"],
        "write `role NAME { trust = ec2, instance_profile = true }` in an `account`",
    ),
    written(
        &["db", "db_instance", "rds"],
        "write `database NAME { engine = postgres, version = \"17\", class = db.m7g.large, storage = 100GB }` in an \
         environment",
    ),
    written(
        &["rds_cluster", "aurora", "db_cluster"],
        "write `database NAME { engine = aurora_postgresql, version = \"17\", class = db.r7g.large }` in an environment",
    ),
    written(
        &[
            "elasticache",
            "redis",
            "valkey",
            "memcached",
            "elasticache_cluster",
            "elasticache_replication_group",
        ],
        "write `cache NAME { engine = valkey, version = \"8.0\", type = cache.t4g.small }` in an environment",
    ),
    written(&["dynamodb", "dynamodb_table"], "write `table NAME { key = \"id\" }` in an environment"),
    missing(
        &["queue", "sqs", "sqs_queue", "stream", "kinesis", "kinesis_stream", "event_bus", "event_rule"],
        "queues and streams",
    ),
    missing(
        &["lambda", "lambda_function", "api", "api_gateway", "rest_api", "step_function", "state_machine"],
        "functions and APIs",
    ),
    missing(
        &[
            "cluster",
            "ecs",
            "ecs_cluster",
            "ecs_service",
            "eks",
            "eks_cluster",
            "service",
            "task",
            "task_definition",
            "container",
            "fargate",
        ],
        "containers",
    ),
    missing(&["efs", "efs_file_system", "file_system", "fsx"], "file systems"),
    missing(
        &["secret", "secretsmanager_secret", "parameter", "ssm_parameter", "kms", "kms_key", "key"],
        "keys and secrets",
    ),
    missing(
        &[
            "backup",
            "backup_plan",
            "backup_vault",
            "budget",
            "config_rule",
            "guardduty",
            "organization",
            "stack",
        ],
        "resources of this service",
    ),
];

//! Fields of networks, by the names that AWS, Terraform and `CloudFormation` give them.

use super::{AwsWord, missing, of, written};

pub(super) const FIELDS: &[AwsWord] = &[
    of(
        &["metanetwork", "env", "envtype", "hostclass", "customer"],
        missing(
            &["egress", "egress_rules", "outbound", "outbound_rules", "security_group_egress"],
            "rules for outgoing traffic, which is allowed to every address,",
        ),
    ),
    of(
        &["env", "envtype", "hostclass", "customer"],
        written(
            &["ingress", "ingress_rules", "inbound", "inbound_rules", "security_group_rules", "sg_rules"],
            "write the rules in a metanetwork: `ingress = [tcp 443 from internet]`",
        ),
    ),
    of(
        &["metanetwork"],
        written(
            &[
                "inbound",
                "inbound_rules",
                "ingress_rules",
                "security_group",
                "security_group_rules",
                "sg_rules",
            ],
            "write rules as `ingress = [tcp 22 from all]`",
        ),
    ),
    of(
        &["env", "envtype"],
        written(
            &["routes", "route", "route_table", "nat"],
            "write it in a metanetwork: `metanetwork NAME { routes = [internet via igw] }`",
        ),
    ),
    missing(
        &[
            "assign_generated_ipv6_cidr_block",
            "assign_ipv6_address_on_creation",
            "enable_dns64",
            "ip_address_type",
            "ipv6",
            "ipv6_address_count",
            "ipv6_addresses",
            "ipv6_cidr",
            "ipv6_cidr_block",
            "ipv6_native",
        ],
        "IPv6 addresses",
    ),
    of(
        &["env", "envtype", "metanetwork", "hostclass", "run", "lb", "elb"],
        written(
            &["availability_zone", "availability_zones", "az", "azs", "zone"],
            "write the number of zones in the environment: `zones = 3`",
        ),
    ),
    of(
        &["metanetwork"],
        written(
            &["zones"],
            "all metanetworks of an environment have the same zones: write `zones = 3` in the `env`",
        ),
    ),
    of(
        &["metanetwork", "env", "envtype"],
        written(
            &["map_public_ip_on_launch", "public_ip", "associate_public_ip_address", "public", "private"],
            "public addresses belong to instances: `public_ip` is a field of a hostclass; the routes of a metanetwork \
             decide whether the internet is reachable",
        ),
    ),
    missing(
        &[
            "enable_dns_hostnames",
            "enable_dns_support",
            "instance_tenancy",
            "tenancy",
            "enable_network_address_usage_metrics",
            "default_security_group",
            "default_network_acl",
            "secondary_cidr_blocks",
            "secondary_cidrs",
        ],
        "such settings of a VPC",
    ),
    of(
        &["metanetwork", "env", "envtype"],
        missing(&["ipam", "ipam_pool", "ipv4_ipam_pool_id"], "IPAM pools"),
    ),
    of(
        &["endpoint"],
        missing(
            &[
                "policy",
                "private_dns",
                "private_dns_enabled",
                "security_groups",
                "from",
                "type",
                "vpc_endpoint_type",
                "service",
                "service_name",
            ],
            "policies and interfaces of endpoints",
        ),
    ),
    of(
        &["endpoint"],
        written(
            &["subnets", "subnet_ids", "route_tables", "route_table_ids"],
            "write `networks = [NETWORK]`",
        ),
    ),
    of(
        &["metanetwork", "endpoint", "lb", "elb", "zone"],
        written(&["vpc", "vpc_id"], "the VPC is that of the environment: remove this field"),
    ),
];

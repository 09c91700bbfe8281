//! Words of AWS in values: targets of routes, sources and protocols of rules, listeners, words of enumerations.

use super::{AwsWord, missing, of, written};

pub(super) const ROUTE_TARGETS: &[AwsWord] = &[
    missing(&["cagw", "carrier", "carrier_gateway"], "carrier gateways"),
    missing(&["cloud_wan", "cloudwan", "core_network", "cwan"], "Cloud WAN core networks"),
    missing(
        &["direct_connect", "directconnect", "dx", "dx_gateway", "dxgw"],
        "routes to Direct Connect gateways",
    ),
    missing(
        &[
            "egress",
            "egress_gateway",
            "egress_igw",
            "egress_only",
            "egress_only_gateway",
            "egress_only_igw",
            "egress_only_internet_gateway",
            "eigw",
            "eogw",
            "eoigw",
        ],
        "egress-only internet gateways",
    ),
    missing(&["eni", "interface", "network_interface"], "routes to network interfaces"),
    missing(&["blackhole", "discard", "drop", "null0", "reject"], "blackhole routes"),
    missing(&["firewall", "network_firewall", "nfw"], "routes to firewall endpoints"),
    missing(&["alb", "balancer", "elb", "gwlb", "lb", "load_balancer", "nlb"], "routes to load balancers"),
    missing(&["appliance", "ec2", "host", "i", "instance", "nat_instance", "proxy"], "routes to instances"),
    missing(&["lgw", "local_gateway"], "local gateways"),
    missing(&["odb", "odb_network"], "Oracle Database@AWS networks"),
    missing(&["tgw", "tgw_attachment", "transit", "transit_gateway", "transitgateway"], "transit gateways"),
    written(
        &["endpoint", "gateway_endpoint", "gwlbe", "privatelink", "vpc_endpoint", "vpce"],
        "`endpoint s3 {}` and `endpoint dynamodb {}` create their own routes; routes to other endpoints are not \
         known to asiaq yet",
    ),
    written(&["local"], "a VPC needs no route to itself: remove this one"),
    written(
        &["pcx", "peer", "peering", "peering_connection", "vpc_peering", "vpc_peering_connection"],
        "routes of a peering are created automatically: remove this one",
    ),
    written(
        &["cgw", "customer_gateway", "vpn_connection"],
        "routes to a VPN go to the VPN gateway of the environment: `via vgw`",
    ),
    written(
        &["gateway", "internet", "public", "gw"],
        "name the target: `igw` is the internet gateway, `vgw` the VPN gateway, `nat NETWORK` the NAT gateways of a \
         metanetwork",
    ),
];

/// What a source may be, where a word might mean several.
const SOURCE_FORMS: &str = "a source is a metanetwork, `all` for every metanetwork of the environment, `internet` for \
                            every address, or a CIDR block";

pub(super) const SOURCES: &[AwsWord] = &[
    missing(&["managed_prefix_list", "pl", "prefix_list", "prefix_lists", "prefixlist"], "prefix lists"),
    missing(
        &[
            "api_gateway",
            "cloudfront",
            "dynamodb",
            "ec2_instance_connect",
            "route53",
            "route53_healthchecks",
            "s3",
            "vpc_lattice",
        ],
        "sources that are services of AWS",
    ),
    missing(&["endpoint", "vpc_endpoint", "vpce"], "sources that are VPC endpoints"),
    missing(&["internet6", "ipv6", "anywhere_ipv6"], "IPv6 sources"),
    written(&["peering", "pcx", "vpc_peering"], "write the other end of the peering as `ENV/NETWORK`"),
    missing(&["tgw", "transit_gateway", "vpn", "vgw", "dx", "direct_connect"], "sources that are gateways"),
    written(
        &["alb", "elb", "lb", "load_balancer", "nlb"],
        "a source is never a load balancer: name the metanetwork that it is in",
    ),
    written(
        &["group", "security_group", "sg", "source_security_group"],
        "each metanetwork has one security group: name the metanetwork",
    ),
    written(&["subnet", "subnets"], "subnets belong to metanetworks: name the metanetwork"),
    written(
        &[
            "any",
            "anybody",
            "anyone",
            "anywhere",
            "default",
            "everybody",
            "everyone",
            "everywhere",
            "external",
            "ipv4",
            "internet4",
            "internal",
            "local",
            "open",
            "private",
            "public",
            "vpc",
            "vpc_cidr",
            "world",
        ],
        SOURCE_FORMS,
    ),
];

pub(super) const BLOCKS: &[AwsWord] = &[
    missing(&["managed_prefix_list", "pl", "prefix_list", "prefix_lists"], "prefix lists"),
    missing(&["anywhere_ipv6", "internet6", "ipv6"], "IPv6 destinations"),
    written(
        &[
            "all",
            "any",
            "anything",
            "anywhere",
            "default",
            "everything",
            "everywhere",
            "internet4",
            "ipv4",
            "outside",
            "public",
            "world",
        ],
        "write a CIDR block, or `internet` for every address",
    ),
    written(&["local", "self", "vpc"], "a VPC needs no route to itself: remove this one"),
    written(
        &["dynamodb", "s3"],
        "an endpoint creates its own routes: write `endpoint s3 {}` or `endpoint dynamodb {}` in the environment",
    ),
];

pub(super) const PROTOCOLS: &[AwsWord] = &[
    missing(&["icmp6", "icmpv6", "ipv6_icmp"], "rules for ICMPv6"),
    missing(&["deny", "drop", "reject", "block"], "rules that deny traffic"),
    written(
        &["tcp/udp", "tcp_udp", "tcpudp", "udp/tcp", "udp_tcp"],
        "write two rules, one with `tcp` and one with `udp`",
    ),
    written(&["ping"], "write `icmp echo-request from SOURCES`"),
    written(&["ftp"], "write `tcp 21 from SOURCES`"),
    written(&["ssh", "sftp", "scp"], "write `tcp 22 from SOURCES`"),
    written(&["telnet"], "write `tcp 23 from SOURCES`"),
    written(&["smtp"], "write `tcp 25 from SOURCES`"),
    written(&["dns"], "write two rules, `tcp 53 from SOURCES` and `udp 53 from SOURCES`"),
    written(&["http", "ws", "websocket"], "write `tcp 80 from SOURCES`"),
    written(&["ntp"], "write `udp 123 from SOURCES`"),
    written(&["imap"], "write `tcp 143 from SOURCES`"),
    written(&["snmp"], "write `udp 161 from SOURCES`"),
    written(&["ldap"], "write `tcp 389 from SOURCES`"),
    written(&["https", "ssl", "tls", "wss", "grpc"], "write `tcp 443 from SOURCES`"),
    written(&["quic", "http3"], "write `udp 443 from SOURCES`"),
    written(&["syslog"], "write `udp 514 from SOURCES`"),
    written(&["mssql", "sqlserver"], "write `tcp 1433 from SOURCES`"),
    written(&["oracle"], "write `tcp 1521 from SOURCES`"),
    written(&["efs", "nfs"], "write `tcp 2049 from SOURCES`"),
    written(&["aurora", "mysql", "mariadb"], "write `tcp 3306 from SOURCES`"),
    written(&["rdp"], "write `tcp 3389 from SOURCES`"),
    written(&["postgres", "postgresql", "psql"], "write `tcp 5432 from SOURCES`"),
    written(&["redis", "valkey"], "write `tcp 6379 from SOURCES`"),
    written(&["kafka"], "write `tcp 9092 from SOURCES`"),
    written(&["memcached"], "write `tcp 11211 from SOURCES`"),
    written(&["mongodb"], "write `tcp 27017 from SOURCES`"),
    written(&["igmp"], "write `proto 2 from SOURCES`"),
    written(&["ipip", "ip_in_ip"], "write `proto 4 from SOURCES`"),
    written(&["gre"], "write `proto 47 from SOURCES`"),
    written(&["esp", "ipsec"], "write `proto 50 from SOURCES`"),
    written(&["ah"], "write `proto 51 from SOURCES`"),
    written(&["ospf"], "write `proto 89 from SOURCES`"),
    written(&["vrrp"], "write `proto 112 from SOURCES`"),
    written(&["l2tp"], "write `proto 115 from SOURCES`"),
    written(&["sctp"], "write `proto 132 from SOURCES`"),
];

pub(super) const LISTENERS: &[AwsWord] = &[
    missing(&["tcp_udp", "tcpudp", "udp_tcp"], "listeners for TCP and UDP on one port"),
    missing(&["quic", "tcp_quic", "http3"], "QUIC listeners"),
    missing(&["geneve", "gateway"], "Gateway Load Balancers"),
    missing(&["grpc", "h2", "h2c", "http2"], "protocol versions of target groups"),
    written(&["redirect", "redirects"], "write `http 80 => https 443`"),
    missing(&["fixed_response", "respond", "response"], "listeners with a fixed response"),
    missing(
        &[
            "authenticate",
            "authenticate_cognito",
            "authenticate_oidc",
            "cognito",
            "jwt_validation",
            "login",
            "oidc",
        ],
        "listeners that authenticate users",
    ),
    missing(&["rule", "rules", "path", "when", "weight", "weighted"], "rules of listeners"),
    written(
        &["ws", "wss", "websocket"],
        "a listener with `http` or `https` also accepts WebSocket connections",
    ),
    written(&["forward", "to"], "write `->` between the two sides, as in `https 443 -> http 80`"),
];

pub(super) const WORDS: &[AwsWord] = &[
    // Types of records.
    of(
        &["CNAME"],
        missing(&["cdnskey", "cds", "dnskey", "nsec", "nsec3", "rrsig"], "records for DNSSEC other than DS"),
    ),
    of(&["CNAME"], missing(&["naptr"], "NAPTR records")),
    of(
        &["CNAME"],
        missing(
            &["apl", "cert", "dname", "hinfo", "loc", "openpgpkey", "rp", "smimea", "uri"],
            "records of this type",
        ),
    ),
    of(&["CNAME"], written(&["alias", "aname"], "write `type = A` and `alias = HOSTCLASS`")),
    of(&["CNAME"], written(&["soa"], "Route 53 creates the SOA record of a zone itself: remove this one")),
    of(&["CNAME"], written(&["spf"], "write the policy as the value of a `TXT` record")),
    // Kinds of load balancers.
    of(
        &["application"],
        missing(&["gateway", "gateway_load_balancer", "glb", "gwlb"], "Gateway Load Balancers"),
    ),
    of(
        &["application"],
        written(&["alb", "http", "https"], "an Application Load Balancer is `kind = application`"),
    ),
    of(
        &["application"],
        written(&["nlb", "tcp", "tls", "udp"], "a Network Load Balancer is `kind = network`"),
    ),
    of(&["application"], written(&["clb", "elb"], "a Classic Load Balancer is `kind = classic`")),
    of(
        &["application"],
        written(
            &["external", "internal", "internet", "internet_facing", "private", "public"],
            "`public` says whether a load balancer is internet-facing; `kind` is `application`, `network` or `classic`",
        ),
    ),
    // Volumes.
    of(&["gp3"], missing(&["magnetic", "standard"], "magnetic volumes")),
    of(&["gp3"], written(&["ssd"], "the types of SSD volumes are `gp2`, `gp3`, `io1` and `io2`")),
    of(&["gp3"], written(&["hdd"], "the types of HDD volumes are `sc1` and `st1`")),
    // Scaling, health and deployments.
    of(
        &["cpu"],
        missing(
            &["alb", "albrequestcountpertarget", "request_count", "requests"],
            "policies that track requests to a load balancer",
        ),
    ),
    of(
        &["cpu"],
        missing(
            &["connections", "disk", "latency", "mem", "memory", "queue", "ram", "sqs"],
            "policies that track metrics other than those of every instance, such as memory,",
        ),
    ),
    of(&["balancer"], written(&["alb", "elb", "lb", "nlb", "target_group"], "write `balancer`")),
    of(&["balancer"], written(&["ec2", "instance"], "write `machine`")),
    of(
        &["blue_green"],
        missing(
            &["all_at_once", "canary", "in_place", "linear", "rolling"],
            "deployments other than blue/green",
        ),
    ),
];

//! Words of AWS that the language does not have: none is taken for a neighbour, and none has a fix.

use std::fmt::Write as _;

use asiaq_compiler::{Files, Workspace, check};

struct One(String);

impl Files for One {
    fn read(&self, path: &str) -> Result<String, String> {
        if path == "infra.asq" { Ok(self.0.clone()) } else { Err("there is no such file".to_owned()) }
    }
}

/// A program with a text in one of its places.
fn program(place: &str, text: &str) -> One {
    let at = |here: &str| if here == place { text } else { "" };
    One(format!(
        "project shop {{ region = us-west-2, domain = \"shop.example\" }}
{}
env live {{
  cidr = 10.0.0.0/16
  pipeline = web
  {}
  metanetwork app {{
    {}
    routes = [internet via igw{}]
    ingress = [tcp 22 from app{}]
  }}
  zone public {{
    domain = \"shop.example\"
    record www {{ {} }}
  }}
}}
hostclass front {{
  network = app
  {}
  lb {{ {} }}
}}
pipeline web {{ stage {{ run front {{ desired = 2 {} }} }} }}
",
        at("top"),
        at("env"),
        at("metanetwork"),
        at("routes"),
        at("ingress"),
        if place == "record" { text } else { "type = A, values = [\"192.0.2.1\"]" },
        at("hostclass"),
        if place == "lb" { text } else { "listeners = [http 80]" },
        at("run"),
    ))
}

/// Where a word is put: a place in the program, and the text around it.
const SLOTS: &[(&str, &str, &[&str])] = &[
    (
        "routes",
        ", 10.9.0.0/16 via {}",
        &[
            "tgw",
            "eigw",
            "vpce",
            "pcx",
            "eni",
            "instance",
            "lgw",
            "cagw",
            "local",
            "blackhole",
            "gateway",
            "internet",
            "transit_gateway",
            "egress-only-internet-gateway",
            "nat-instance",
            "firewall",
            "core_network",
            "dxgw",
            "cgw",
            "endpoint",
            "peering",
            "tgw-0123456789abcdef0",
            "pcx-0123456789abcdef0",
            "vpce-0123456789abcdef0",
            "igw-0123456789abcdef0",
            "nat-0123456789abcdef0",
            "eni-0123456789abcdef0",
            "\"tgw-0123456789abcdef0\"",
            "\"igw-0123456789abcdef0\"",
            "\"vgw-0123456789abcdef0\"",
        ],
    ),
    (
        "routes",
        ", {} via igw",
        &["default", "any", "everything", "local", "vpc", "prefix_list", "s3", "::/0", "ipv6"],
    ),
    (
        "ingress",
        ", tcp 443 from {}",
        &[
            "public",
            "private",
            "any",
            "anywhere",
            "world",
            "default",
            "external",
            "internal",
            "prefix_list",
            "cloudfront",
            "security_group",
            "sg",
            "lb",
            "alb",
            "vpc",
            "subnet",
            "vpn",
            "peering",
            "s3",
            "internet6",
            "::/0",
            "2001:db8::/32",
            "\"sg-0123456789abcdef0\"",
            "\"pl-0123456789\"",
            "sg-0123456789abcdef0",
            "pl-0123456789",
            "prefix_list cloudfront",
            "\"2001:db8::/32\"",
        ],
    ),
    (
        "ingress",
        ", {} from app",
        &[
            "icmpv6",
            "esp",
            "gre",
            "ssh",
            "https",
            "rdp",
            "dns",
            "ping",
            "tcp_udp 53",
            "sctp",
            "http 80",
            "mysql",
            "deny tcp 22",
            "tcp -2",
            "udp -5",
        ],
    ),
    ("ingress", ", {}", &["tcp 443 to internet", "tcp 443 to 10.0.0.0/8", "tcp 443 from app to app"]),
    (
        "lb",
        "listeners = [{}]",
        &[
            "tcp_udp 53",
            "quic 443",
            "geneve 6081",
            "grpc 443",
            "http2 443",
            "http 80 redirect https 443",
            "https 443 -> quic 443",
        ],
    ),
    ("lb", "{} = true, listeners = [http 80]", &["private", "internal", "scheme", "internet_facing", "waf"]),
    ("lb", "kind = {}, listeners = [http 80]", &["gateway", "alb", "nlb", "internal", "public"]),
    (
        "lb",
        "{} = \"x\", listeners = [http 80]",
        &["ssl_policy", "access_logs", "subnets", "security_groups", "redirect"],
    ),
    (
        "record",
        "type = {}, values = [\"x\"]",
        &["NAPTR", "SOA", "SPF", "ALIAS", "DNSKEY", "CDS", "DNAME", "URI"],
    ),
    (
        "record",
        "type = A, values = [\"192.0.2.1\"], {} = 3",
        &["weight", "latency", "failover", "multivalue", "geolocation"],
    ),
    (
        "metanetwork",
        "{} = [tcp 443 to internet]",
        &["egress", "acl", "nacl", "network_acl", "outbound", "flow_log", "egress_rules", "inbound"],
    ),
    (
        "metanetwork",
        "{} = true",
        &["ipv6", "public", "private", "map_public_ip_on_launch", "zones", "flow_logs"],
    ),
    ("metanetwork", "{} {{ }}", &["egress", "acl", "subnet", "route_table"]),
    (
        "env",
        "{} = x",
        &["ingress", "egress", "nat", "routes", "ipv6", "transit_gateway", "tenancy", "availability_zones"],
    ),
    (
        "env",
        "{} a {{}}",
        &[
            "subnet",
            "security_group",
            "flow_log",
            "acl",
            "transit_gateway",
            "nat_gateway",
            "internet_gateway",
            "route_table",
            "vpn",
            "vpc",
            "prefix_list",
            "egress",
            "eip_association",
            "firewall",
        ],
    ),
    ("env", "endpoint {} {{}}", &["ecr.api", "ssm", "sqs", "ec2", "kms", "secretsmanager"]),
    (
        "top",
        "{} a {{}}",
        &[
            "vpc",
            "bucket",
            "database",
            "rds",
            "queue",
            "role",
            "instance",
            "asg",
            "load_balancer",
            "alb",
            "certificate",
            "flow_log",
            "security_group",
            "lambda",
            "cluster",
            "dashboard",
            "secret",
            "aws_subnet",
            "aws_sns_topic",
        ],
    ),
    (
        "hostclass",
        "{} = \"x\"",
        &[
            "instance_type",
            "subnet_id",
            "security_groups",
            "egress",
            "associate_public_ip_address",
            "script",
            "ami_id",
            "key_name",
            "iam_instance_profile",
            "desired",
            "spot_price",
        ],
    ),
    (
        "run",
        ", {} = 2",
        &["desired_capacity", "min_size", "max_size", "instance_type", "health_check_type", "warm_pool"],
    ),
    ("run", ", scaling a {{ track = {}, target = 50 }}, max = 4", &["memory", "requests"]),
];

#[test]
fn a_word_of_aws_is_answered_and_never_guessed_at() {
    let mut report = String::new();
    for (place, form, words) in SLOTS {
        for word in *words {
            let text = form.replace("{{", "{").replace("}}", "}").replacen("{}", word, 1);
            let checked = check(Workspace::load(&["infra.asq".to_owned()], &program(place, &text)).unwrap());
            let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
            let [error] = errors.as_slice() else {
                let _ = writeln!(report, "`{text}`: {} errors: {errors:#?}", errors.len());
                continue;
            };
            let help = error.help.as_deref().unwrap_or_default();
            if error.fix.is_some() || help.contains("did you mean") || help.starts_with("there are") {
                let _ =
                    writeln!(report, "`{text}`: {}: {}: {help} {:?}", error.code, error.message, error.fix);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// Words that are one slip away from one that lets traffic through.
const SLIPS: &[(&str, &str)] = &[
    ("ingress", ", tcp 443 from internt"),
    ("ingress", ", tcp 443 from intrnet"),
    ("ingress", ", tcp 443 from al"),
    ("ingress", ", tcp 443 from ap"),
    ("ingress", ", tpc 443 from app"),
    ("ingress", ", tcp 443 from 203.0.113.7/8"),
    ("routes", ", intenet via igw"),
    ("routes", ", 10.9.0.0/16 via igww"),
    ("routes", ", 10.9.0.0/16 via nat ap"),
    ("metanetwork", "ingres = [tcp 443 from internet]"),
    ("metanetwork", "route = [internet via igw]"),
    ("lb", "pubic = true, listeners = [http 80]"),
    ("lb", "listeners = [htp 80]"),
    ("hostclass", "public_ipp = true"),
    ("hostclass", "securty = [app]"),
];

#[test]
fn a_guess_that_would_open_a_network_has_no_fix() {
    for (place, text) in SLIPS {
        let checked = check(Workspace::load(&["infra.asq".to_owned()], &program(place, text)).unwrap());
        let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
        assert!(!errors.is_empty(), "`{text}`");
        assert!(errors.iter().all(|found| found.fix.is_none()), "`{text}`: {errors:#?}");
    }
}

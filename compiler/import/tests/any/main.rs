//! Trees that nobody has written.

#[allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "it is a test, and a fuzzer uses a part of it"
)]
mod properties;

use proptest::prelude::*;
use proptest::sample::select;

use self::properties::{is_translated, tree};

/// A value: mostly one that means something, and sometimes to another option.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec![
            "yes", "no", "ture", "", "5", "+5", "-2", "443", "443 80", "80:90", "443,80", "auto", "10.0.0.0/16", "10.1.2.3/20",
            "10.2.0.0/24", "0.0.0.0/0", "10.128.0.0/9", "20", "5.5.5.5", "10.0.0.9", "1.1.1.1,2.2.2.2,3.3.3.3", "intranet", "tunnel",
            "dmz", "intranet/tunnel", "tcp intranet 0:65535", "tcp all 22, udp all 53, icmp all -1", "tcp dmz 80 443,\n  tcp nowhere 1",
            "-1 10.0.0.0/8 -1", "mhca", "ci", "live", "x.sample.net", "AmazonProvidedDNS", "a:b, c:d", "%(x)s", "100%", "${env.name}",
            "a \"b\" \\c", "HTTP", "https, http", "tested", "sandbox", "ci:sandbox/intranet *:production/dmz", "live/dmz ci/dmz",
            "600", "None", "cookie", "mhcb ; comment", "x\n  ; y\n  }",
        ]).prop_map(str::to_owned),
        1 => r"\PC{0,12}",
    ]
}

fn lines(keys: Vec<&'static str>, most: usize) -> impl Strategy<Value = String> {
    let suffix = select(vec!["", "", "", "@ci", "@Live", "@nowhere"]);
    let line =
        (select(keys), suffix, value()).prop_map(|(key, suffix, value)| format!("{key}{suffix} = {value}\n"));
    let odd =
        select(vec!["\n", "# a comment\n", "  indented\n", "no separator\n", "[]\n"]).prop_map(str::to_owned);
    proptest::collection::vec(prop_oneof![14 => line, 1 => odd], 0..most).prop_map(|lines| lines.concat())
}

fn sections(names: Vec<&'static str>, keys: &'static [&'static str]) -> impl Strategy<Value = String> {
    let section =
        (select(names), lines(keys.to_vec(), 9)).prop_map(|(name, lines)| format!("[{name}]\n{lines}"));
    proptest::collection::vec(section, 0..7).prop_map(|sections| sections.concat())
}

const OF_VPC: &[&str] = &[
    "vpc_cidr",
    "ip_space",
    "vpc_cidr_size",
    "intranet_cidr",
    "tunnel_cidr",
    "dmz_cidr",
    "intranet_cidr",
    "tunnel_cidr",
    "intranet_sg_rules",
    "dmz_sg_rules",
    "intranet_igw_routes",
    "tunnel_igw_routes",
    "dmz_vgw_routes",
    "tunnel_nat_gateways",
    "nat_gateway_routes",
    "customer_ports",
    "customer_cidr",
    "internal_dns",
    "external_dns",
    "domain_name",
    "ntp_server",
    "ntp_server_metanetwork",
    "ntp_server_offset",
    "application",
    "ami_stage",
    "credential_buckets",
    "connection_a",
    "connection_b",
    "typo",
];

const OF_AWS: &[&str] = &[
    "project_name",
    "default_environment",
    "default_domain_name",
    "default_meta_network",
    "default_public_ip",
    "default_elb",
    "http_proxy_hostclass",
    "bakery_environment",
    "ami_stages",
    "trusted_account_ids",
    "phase1_ami_name",
    "meta_network",
    "ip_address",
    "eip",
    "public_ip",
    "ssh_key_name",
    "smoketest_termination",
    "tags",
    "chaos",
    "elb",
    "elb_port",
    "elb_instance_port",
    "elb_protocol",
    "elb_health_check_url",
    "elb_sticky_app_cookie",
    "elb_idle_timeout",
    "elb_meta_network",
    "domain_name",
    "product_line",
    "spotinst",
    "target_group",
    "test_hostclass",
    "test_command",
    "env",
    "command",
    "x",
];

fn table() -> impl Strategy<Value = String> {
    let cell = |texts: &'static [&'static str]| select(texts.to_vec());
    let row = (
        cell(&["1", "2", "", "x"]),
        cell(&["mhca", "mhcb", "mhcc", "", "odd one"]),
        cell(&["1", "", "0", "-1", "2@0 1 * * *:3@0 2 * * *", "2@never"]),
        cell(&["m3.large", "", "m5.large:m4.large", "zzz"]),
        cell(&["yes", "", "maybe"]),
        cell(&["100", "", "many"]),
        cell(&["10%", "", "2", "all"]),
    );
    let row = row.prop_map(|(sequence, name, size, kind, truth, number, reserve)| {
        format!("{sequence},{name},{size},{size},{kind},{truth},{number},{truth},{reserve},\"{truth}\n")
    });
    let header = "sequence,hostclass,desired_size,max_size,instance_type,smoke_test,extra_disk,spotinst,spotinst_reserve,note\n";
    proptest::collection::vec(row, 0..6)
        .prop_map(move |rows| format!("{header}{}", rows.concat().replace('"', "")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_tree_becomes_a_program(
        vpc in sections(vec!["envtype:sandbox", "envtype:production", "envtype:ci", "env:live", "env:ci", "env:other", "peerings", "DEFAULT"], OF_VPC),
        aws in sections(vec!["disco_aws", "mhca", "mhcb", "mhcc", "bake", "test", "iam", "other"], OF_AWS),
        one in table(),
        two in table(),
    ) {
        is_translated(&tree(&[aws, vpc, one, two].join("\n====\n")));
    }

    #[test]
    fn any_text_becomes_a_program(text in r"(\[|\]|=|:|@|,|\n|[a-c]|mhca|envtype:a|intranet_cidr|auto|\PC){0,60}") {
        is_translated(&tree(&[text.as_str(); 4].join("\n====\n")));
    }
}

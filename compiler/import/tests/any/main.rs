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

use self::properties::{is_translated, is_verified, tree};

/// Options of `disco_vpc.ini`, each with values that mean something to it.
const OF_VPC: &[(&str, &[&str])] = &[
    ("vpc_cidr", &["10.0.0.0/16", "10.1.2.3/20", ""]),
    ("ip_space", &["10.128.0.0/9"]),
    ("vpc_cidr_size", &["20", "/22"]),
    ("intranet_cidr", &["auto", "auto", ""]),
    ("tunnel_cidr", &["auto", "auto", "10.0.4.1/22"]),
    ("dmz_cidr", &["auto", "auto"]),
    ("maintenance_cidr", &["auto"]),
    (
        "intranet_sg_rules",
        &["tcp intranet 0:65535, udp all 53", "tcp dmz 80 443:445,\n  icmp all 8:-1", "-1 10.0.0.0/8 -1", ""],
    ),
    ("dmz_sg_rules", &["tcp maintenance 22, tcp nowhere 1", "TCP 0.0.0.0/0 443"]),
    ("tunnel_igw_routes", &["0.0.0.0/0", "0.0.0.0/0 54.1.1.1/24"]),
    ("dmz_vgw_routes", &["172.16.0.0/12"]),
    ("tunnel_nat_gateways", &["auto", "AUTO", "1.1.1.1,2.2.2.2,3.3.3.3", "1.1.1.1 2.2.2.2"]),
    ("nat_gateway_routes", &["intranet/tunnel", "intranet/tunnel dmz/tunnel"]),
    ("customer_ports", &["443 80:90", "443,80"]),
    ("customer_cidr", &["0.0.0.0/0", "8.8.8.8/30 9.9.9.9/32"]),
    ("internal_dns", &["AmazonProvidedDNS", "10.0.0.2"]),
    ("external_dns", &["AmazonProvidedDNS", "8.8.8.8", "dns.sample.net"]),
    ("domain_name", &["us-west-2.compute.internal"]),
    ("ntp_server", &["10.0.0.9 10.0.0.8", "pool.ntp.org"]),
    ("ntp_server_metanetwork", &["tunnel"]),
    ("ntp_server_offset", &["+5", "-7", "five"]),
    ("application", &["store", "a \"b\" ${env.name}"]),
    ("ami_stage", &["tested", "tested,untested"]),
    ("credential_buckets", &["shared ci"]),
    ("connection_a", &["ci:sandbox/intranet *:production/dmz", "live/dmz ci/dmz"]),
    ("typo", &["1"]),
];

/// Options of `disco_aws.ini`, the same.
const OF_AWS: &[(&str, &[&str])] = &[
    ("project_name", &["shop", "the shop"]),
    ("default_environment", &["ci"]),
    ("default_domain_name", &["sample.net", "%(project_name)s.net"]),
    ("default_meta_network", &["intranet", "dmz"]),
    ("default_public_ip", &["no", "yes"]),
    ("default_smoketest_termination", &["yes", "no"]),
    ("default_ssh_key_name", &["shop", "None"]),
    ("default_elb", &["yes", "no"]),
    ("default_elb_port", &["443"]),
    ("default_eip", &["7.7.7.7"]),
    ("http_proxy_hostclass", &["mhca"]),
    ("bakery_environment", &["ci", "nowhere"]),
    ("ami_stages", &["untested failed tested", "new good"]),
    ("trusted_account_ids", &["123456789012 210987654321"]),
    ("meta_network", &["intranet", "tunnel", "wherever"]),
    ("ip_address", &["+5", "-2", "10.0.0.9", "10.0.0.9 10.0.0.10", ""]),
    ("eip", &["5.5.5.5", "", "five"]),
    ("public_ip", &["yes", "no", "ture"]),
    ("ssh_key_name", &["ops", "None", ""]),
    ("smoketest_termination", &["yes", "no"]),
    ("tags", &["a:b, c : d", "a:b:c", ""]),
    ("chaos", &["yes", "no", "never"]),
    ("elb", &["yes", "no"]),
    ("elb_port", &["443, 80", "443", "9001"]),
    ("elb_instance_port", &["80", "80,9001", "8080"]),
    ("elb_protocol", &["HTTPS, HTTP", "tcp"]),
    ("elb_instance_protocol", &["HTTP", "http, tcp"]),
    ("elb_health_check_url", &["/x", ""]),
    ("elb_sticky_app_cookie", &["session", "ELB", ""]),
    ("elb_idle_timeout", &["600", "0", "long"]),
    ("elb_connection_draining", &["10", "0"]),
    ("elb_meta_network", &["dmz"]),
    ("elb_public", &["1", "maybe"]),
    ("elb_dns_alias", &["www", ""]),
    ("domain_name", &["x.sample.net", ""]),
    ("product_line", &["astronomy", ""]),
    ("instance_profile_name", &["common", ""]),
    ("enable_proxy", &["yes"]),
    ("spotinst", &["yes", "no"]),
    ("target_group", &["yes"]),
    ("test_hostclass", &["mhcb"]),
    ("test_command", &["/run.sh"]),
    ("command", &["/run.sh"]),
    ("x", &["1"]),
];

/// Any value, which fits perhaps.
fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => select(vec!["%(x)s", "100%", "v ; comment", "x\n  ; y\n  }", "no", "-1", "\"\""]).prop_map(str::to_owned),
        1 => r"\PC{0,12}",
    ]
}

fn lines(
    known: &'static [(&'static str, &'static [&'static str])],
    most: usize,
) -> impl Strategy<Value = String> {
    let suffix = select(vec!["", "", "", "@ci", "@Live", "@nowhere"]);
    let fitting =
        select(known).prop_flat_map(|(key, values)| (Just(key), select(values).prop_map(str::to_owned)));
    let odd_value = (select(known).prop_map(|(key, _)| key), any_value());
    let setting = prop_oneof![12 => fitting, 1 => odd_value];
    let line = (setting, suffix).prop_map(|((key, value), suffix)| format!("{key}{suffix} = {value}\n"));
    let odd =
        select(vec!["\n", "# a comment\n", "  indented\n", "no separator\n", "[]\n"]).prop_map(str::to_owned);
    proptest::collection::vec(prop_oneof![30 => line, 1 => odd], 0..most).prop_map(|lines| lines.concat())
}

fn sections(
    names: Vec<&'static str>,
    known: &'static [(&'static str, &'static [&'static str])],
) -> impl Strategy<Value = String> {
    let section = (select(names), lines(known, 14)).prop_map(|(name, lines)| format!("[{name}]\n{lines}"));
    proptest::collection::vec(section, 0..7).prop_map(|sections| sections.concat())
}

/// What an environment of every tree has, so that there is something to compare.
const SOUND: &str = "\
[envtype:sandbox]
ip_space = 10.128.0.0/9
vpc_cidr_size = 20
intranet_cidr = auto
tunnel_cidr = auto
dmz_cidr = auto
[envtype:production]
intranet_cidr = auto
dmz_cidr = auto
tunnel_cidr = auto
[env:live]
vpc_cidr = 10.20.0.0/16
";

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
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 120, ..ProptestConfig::default() })]

    #[test]
    fn every_tree_becomes_a_program(
        vpc in sections(vec!["envtype:sandbox", "envtype:production", "envtype:ci", "env:live", "env:ci", "env:other", "peerings", "DEFAULT"], OF_VPC),
        aws in sections(vec!["disco_aws", "mhca", "mhcb", "mhcc", "bake", "test", "iam", "other"], OF_AWS),
        one in table(),
        two in table(),
    ) {
        let imported = is_translated(&tree(&[aws, format!("{SOUND}{vpc}"), one, two].join("\n====\n")));
        is_verified(&imported);
    }

    #[test]
    fn any_text_becomes_a_program(text in r"(\[|\]|=|:|@|,|\n|[a-c]|mhca|envtype:a|intranet_cidr|auto|\PC){0,60}") {
        is_translated(&tree(&[text.as_str(); 4].join("\n====\n")));
    }
}

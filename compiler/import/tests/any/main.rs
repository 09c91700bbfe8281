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

/// Options of databases, the same.
const OF_DATABASES: &[(&str, &[&str])] = &[
    ("engine", &["postgres", "postgres", "MySQL", "oracle-se2", "db2"]),
    ("engine_version", &["16.3", "16.3", "8", "9.3.1"]),
    ("db_instance_class", &["db.m7g.large", "db.m5.large", "large db"]),
    ("allocated_storage", &["100", "400", "20 GB"]),
    ("master_username", &["orders", "the user", ""]),
    ("port", &["5432", "5433", "port"]),
    ("license_model", &["postgresql-license", "bring-your-own-license", "free of charge"]),
    ("character_set_name", &["UTF8", "AL32UTF8"]),
    ("iops", &["0", "3000", "fast"]),
    ("multi_az", &["True", "False", "ture"]),
    ("storage_encrypted", &["yes", "no"]),
    ("auto_minor_version_upgrade", &["yes", "no"]),
    ("publicly_accessible", &["yes", "no"]),
    ("backup_retention_period", &["1", "7", "0", "40", "a week"]),
    ("preferred_backup_window", &["05:04-05:34", "5:04-5:34", "night"]),
    ("preferred_maintenance_window", &["sat:06:00-sat:06:30", "Sun:06:00-Sun:07:00", "sunday"]),
    ("product_line", &["astronomy", "a \"b\"", ""]),
    ("typo", &["1"]),
];

/// A sound database, which the options after it change.
const DATABASE: &str = "engine = postgres\nengine_version = 16.3\ndb_instance_class = db.m7g.large\n\
    allocated_storage = 100\nmaster_username = orders\n";

/// Options of caches, the same.
const OF_CACHES: &[(&str, &[&str])] = &[
    ("instance_type", &["cache.m5.large", "cache.t3.small", "large"]),
    ("engine_version", &["5.0.6", "7.1.0", "7.1"]),
    ("parameter_group", &["default.redis5.0", "mine"]),
    ("num_nodes", &["1", "2", "many"]),
    ("port", &["6379", "6380", "70000", "port"]),
    ("meta_network", &["intranet", "tunnel", "wherever"]),
    ("domain_name", &["x.sample.net", ""]),
    ("product_line", &["astronomy", ""]),
    ("maintenance_window", &["sat:05:00-sat:06:00", "Sun:5:00-sun:06:00", "sunday"]),
    ("typo", &["1"]),
];

/// A sound cache.
const CACHE: &str = "instance_type = cache.m5.large\nengine_version = 5.0.6\nparameter_group = x\n\
    num_nodes = 2\nport = 6379\n";

/// Options of search domains, the same.
const OF_SEARCHES: &[(&str, &[&str])] = &[
    ("version", &["7.10", "5.1", "2.3", "9.9"]),
    (
        "instance_type",
        &["m5.large.elasticsearch", "m4.large.elasticsearch", "t2.small.elasticsearch", "m5.large"],
    ),
    ("instance_count", &["1", "2", "3", "few"]),
    ("dedicated_master", &["True", "False"]),
    ("dedicated_master_type", &["m5.large.elasticsearch"]),
    ("dedicated_master_count", &["3", "2"]),
    ("zone_awareness", &["True", "False", "maybe"]),
    ("ebs_enabled", &["True", "True", "False"]),
    ("volume_type", &["gp2", "io1", "standard", "gp4"]),
    ("volume_size", &["50", "5", "big"]),
    ("iops", &["1000", "fast"]),
    ("snapshot_start_hour", &["5", "24"]),
    ("allowed_source_ips", &["54.1.1.1/32 10.0.0.1", "54.1.1.1/24", "everybody", ""]),
    ("archive_index_prefix_pattern", &["logstash", "logstash.*", "(a|b)", ""]),
    ("archive_repository", &["s3", "other"]),
    ("archive_role", &["archiver"]),
    ("archive_threshold", &["0.8", ".855", "1", "2"]),
    ("archive_max_shards", &["1000", "0"]),
    ("api_use_ssl", &["True", "False"]),
    ("typo", &["1"]),
];

/// A sound search domain.
const SEARCH: &str = "version = 7.10\ninstance_type = m5.large.elasticsearch\ninstance_count = 2\n\
    dedicated_master = no\nzone_awareness = yes\nebs_enabled = yes\nvolume_type = gp2\nvolume_size = 50\n\
    snapshot_start_hour = 5\nallowed_source_ips = 54.1.1.1/32\n";

/// Sections that begin with `sound`.
fn stores(
    names: Vec<&'static str>,
    sound: &'static str,
    known: &'static [(&'static str, &'static [&'static str])],
) -> impl Strategy<Value = String> {
    let section = (select(names), any::<bool>(), lines(known, 7)).prop_map(move |(name, is_sound, lines)| {
        format!("[{name}]\n{}{lines}", if is_sound { sound } else { "" })
    });
    proptest::collection::vec(section, 0..4).prop_map(|sections| sections.concat())
}

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

/// A policy of IAM, with parts that are wrong.
fn policy_of_iam(more: &'static str, has_resources: bool) -> impl Strategy<Value = String> {
    let actions = if has_resources {
        select(vec![
            r#""Action": "s3:GetObject""#,
            r#""NotAction": ["s3:*", "ec2:Describe*"]"#,
            r#""Action": "s3:Put*""#,
            r#""Action": []"#,
        ])
    } else {
        select(vec![r#""Action": "sts:AssumeRole""#, r#""Action": ["sts:AssumeRole", "sts:TagSession"]"#])
    };
    let resources = if has_resources {
        select(vec![
            r#", "Resource": "*""#,
            r#", "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::us-west-2.shop.s3audit.dev/*"]"#,
            r#", "NotResource": "arn:aws:s3:::a/${aws:username}""#,
            "",
        ])
    } else {
        select(vec![""])
    };
    let conditions = select(vec![
        "",
        r#", "Condition": {"IpAddress": {"aws:SourceIp": ["54.0.0.0/8", "54.1.1.1"]}}"#,
        r#", "Condition": {"StringNotLike": {"aws:UserAgent": "*x*"}, "Null": {"aws:TokenIssueTime": "false"}}"#,
        r#", "Condition": {"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["a", "b c"]}}"#,
        r#", "Condition": {"Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"s3:max-keys": 5}}"#,
        r#", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}"#,
        r#", "Condition": {"Wrong": {"aws:x": "y"}}"#,
        r#", "Condition": []"#,
    ]);
    let sids = select(vec!["", r#""Sid": "One", "#, r#""Sid": "two words", "#]);
    let effects = select(vec!["Allow", "Allow", "Deny", "Let"]);
    let statement = (sids, effects, actions, resources, conditions).prop_map(
        move |(sid, effect, action, resource, condition)| {
            format!("{{{sid}\"Effect\": \"{effect}\"{more}, {action}{resource}{condition}}}")
        },
    );
    let version = select(vec!["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", "2010"]);
    (version, proptest::collection::vec(statement, 0..4)).prop_map(|(version, statements)| {
        format!("{{\"Version\": \"{version}\", \"Statement\": [{}]}}", statements.join(", "))
    })
}

/// JSON of `CreateTable`, with parts that are wrong or missing.
fn table_of_dynamodb() -> impl Strategy<Value = String> {
    let some = |texts: &'static [&'static str]| select(texts.to_vec());
    let parts = (
        some(&["\"TableName\": \"users\"", "\"TableName\": \"big.users\"", "\"TableName\": 5", "\"x\": {}"]),
        some(&[
            r#""AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}]"#,
            r#""AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "B"}, {"AttributeName": "x", "AttributeType": "Z"}]"#,
            r#""AttributeDefinitions": null"#,
        ]),
        some(&[
            r#""KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]"#,
            r#""KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]"#,
            r#""KeySchema": [{"AttributeName": "id", "KeyType": "LIST"}]"#,
        ]),
        some(&[
            r#""ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}"#,
            r#""ProvisionedThroughput": {"ReadCapacityUnits": "many"}"#,
            r#""BillingMode": "PAY_PER_REQUEST""#,
            r#""BillingMode": "FREE", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 0}"#,
        ]),
        some(&[
            r#""GlobalSecondaryIndexes": [{"IndexName": "by_at", "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}]"#,
            r#""LocalSecondaryIndexes": [{"IndexName": "by.at", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]}}]"#,
            r#""LocalSecondaryIndexes": [{"IndexName": "by_at", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}}]"#,
            r#""GlobalSecondaryIndexes": {}"#,
        ]),
        some(&[
            r#""StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}"#,
            r#""StreamSpecification": {"StreamEnabled": true, "StreamViewType": "SOME"}"#,
            r#""SSESpecification": {"Enabled": true, "KMSMasterKeyId": "arn:aws:kms:us-west-2:111111111111:key/0123"}"#,
            r#""TableClass": "STANDARD_INFREQUENT_ACCESS", "Tags": [{"Key": "a b", "Value": "c"}]"#,
            r#""TableClass": "LOW", "Keys": []"#,
        ]),
    );
    parts.prop_map(|(a, b, c, d, e, f)| format!("{{{}}}", [a, b, c, d, e, f].join(", ")))
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
    fn what_stores_data_is_verified(
        vpc in sections(vec!["envtype:sandbox", "envtype:ci", "env:live"], OF_VPC),
        databases in stores(vec!["ci-orders", "live-orders", "live-odd one", "nowhere-x", "DEFAULT"], DATABASE, OF_DATABASES),
        parameters in sections(vec!["ci", "live", "DEFAULT"], &[("max_connections", &["500", "007", ""]), ("rds.force_ssl", &["1"]), ("odd key", &["x, y"])]),
        caches in stores(vec!["ci:sessions", "live:sessions", "live:odd one", "sessions", "a:b:c"], CACHE, OF_CACHES),
        searches in stores(vec!["defaults", "defaults", "ci:logs", "live:logs", "live:odd one", "logs"], SEARCH, OF_SEARCHES),
    ) {
        let aws = "[disco_aws]\nproject_name = shop\ndefault_domain_name = a.net\ndefault_domain_name@ci = b.net\ndefault_meta_network = intranet\n";
        let vpc = format!("{SOUND}credential_buckets = live\n{vpc}");
        let parts = [aws, &vpc, "", "", &databases, &parameters, &caches, &searches];
        let imported = is_translated(&tree(&parts.join("\n====\n")));
        is_verified(&imported);
    }

    #[test]
    fn tables_are_verified(users in table_of_dynamodb()) {
        let parts = ["", SOUND, "", "", "", "", "", "", &users];
        let imported = is_translated(&tree(&parts.join("\n====\n")));
        is_verified(&imported);
    }

    #[test]
    fn accounts_are_verified(
        iam in select(vec!["role_prefix = disco\n", "role_prefix =\n", "naked_roles = p\nrole_prefix = x\n", "policy_blacklist@dev = p other\n", "prune_empty_groups = yes\n"]),
        user in policy_of_iam("", true),
        trust in policy_of_iam(", \"Principal\": {\"AWS\": \"arn:aws:iam::123456789012:root\"}", false),
        instance in policy_of_iam("", true),
        members in select(vec!["p", "p other\np", ""]),
        rules in select(vec!["", "{\"Rules\": [{\"Status\": \"Enabled\", \"Prefix\": \"a\", \"Expiration\": {\"Days\": 30}, \"Transition\": {\"Days\": 3, \"StorageClass\": \"GLACIER\"}}]}", "{\"Rules\": [{\"Status\": \"Disabled\", \"Colour\": 1}]}", "[]", "{"]),
        bucket in policy_of_iam(", \"Principal\": \"*\"", true),
        content in select(vec!["{\"schemaVersion\": \"1.2\", \"description\": \"x\"}", "{", "[1]", ""]),
    ) {
        let aws = format!("[disco_aws]\nproject_name = shop\n[iam]\n{iam}");
        let parts = [&aws, SOUND, "", "", "", "", "", "", "", &user, &trust, &instance, members, rules, &bucket, content];
        let imported = is_translated(&tree(&parts.join("\n====\n")));
        is_verified(&imported);
    }

    #[test]
    fn any_text_becomes_a_program(text in r"(\[|\]|=|:|@|,|\n|[a-c]|mhca|envtype:a|intranet_cidr|auto|\PC){0,60}") {
        is_translated(&tree(&[text.as_str(); 16].join("\n====\n")));
    }
}

//! What instances read at boot that the program has no word for: names of buckets, and keys that asiaq itself sets.

pub(crate) use asiaq_ir::credential_bucket as bucket_name;

/// Whether asiaq itself sets a key, in every environment or in a classic one.
pub(crate) fn is_own_key(key: &str, is_classic: bool) -> bool {
    KEYS.contains(&key) || is_classic && CLASSIC_KEYS.contains(&key)
}

/// The keys that asiaq sets where the program says what they tell.
const KEYS: &[&str] = &[
    "credential_buckets",
    "eip",
    "floating_ip",
    "floating_ips",
    "http_proxy_ip",
    "logforwarder_ip",
    "logger_ip",
    "smoketest_termination",
];

/// The further keys of classic instances.
const CLASSIC_KEYS: &[&str] =
    &["domain_name", "environment_name", "hostclass", "is_spotinst", "owner", "project_name", "zookeepers"];

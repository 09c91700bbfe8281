//! What load balancers, their target groups and their hosts are called in AWS.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Longest name of a newer load balancer and of a target group.
const LONGEST: usize = 32;
/// So much of a longer name stays, and so much of its hash follows.
const KEPT: (usize, usize) = (27, 5);

/// The name by which people know a classic load balancer: `ci-mhcbanana`.
pub(crate) fn human(env: &str, host: &str) -> String {
    let name = format!("{env}-{host}");
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// The name of a classic load balancer in AWS: 32 hexadecimal digits, by the one people know.
pub(crate) fn hashed(human: &str) -> String {
    hash(human, LONGEST)
}

/// The name of a newer load balancer: `ci-mhcbanana`, cut short where it is too long.
pub(crate) fn short(env: &str, host: &str) -> String {
    cut(&format!("{env}-{host}"))
}

/// The name of a target group: `ci-mhcbanana-8080-http`.
pub(crate) fn of_group(env: &str, host: &str, port: u16, protocol: &str) -> String {
    cut(&format!("{env}-{host}-{port}-{protocol}"))
}

/// The first label of the DNS name of a load balancer: `mhcbanana-ci`.
pub(crate) fn label(env: &str, host: &str) -> String {
    format!("{host}-{env}").to_ascii_lowercase()
}

fn cut(name: &str) -> String {
    let name = name.replace('_', "-");
    if name.chars().count() <= LONGEST {
        return name;
    }
    let (kept, hashed) = KEPT;
    name.chars().take(kept).chain(hash(&name, hashed).chars()).collect()
}

/// The first `length` hexadecimal digits of the SHA-256 of `text`.
fn hash(text: &str, length: usize) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits.chars().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classic_load_balancers_have_the_hash_of_their_name() {
        assert_eq!(human("ci", "mhcfoo"), "ci-mhcfoo");
        assert_eq!(human("ci", "mhc_foo"), "ci-mhcfoo");
        assert_eq!(hashed(&human("ci", "mhcfoo")), "526a730faf81faea45b9a55520e83da0");
        assert_eq!(hashed("ci-mhcfoo-test"), "d438b8a4b641177c9ae09f97e23f6001");
    }

    #[test]
    fn a_name_that_is_too_long_ends_in_its_hash() {
        assert_eq!(short("ci", "mhc_foo"), "ci-mhc-foo");
        assert_eq!(short("staging", "mhcaverylonghostclassname-x"), "staging-mhcaverylonghostcla0263a");
        assert_eq!(of_group("ci", "mhcfoo", 8080, "http"), "ci-mhcfoo-8080-http");
    }

    #[test]
    fn a_host_is_called_by_hostclass_and_environment() {
        assert_eq!(label("ci", "mhcBanana"), "mhcbanana-ci");
    }
}

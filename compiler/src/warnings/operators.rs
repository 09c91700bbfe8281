//! Operators that no machine gets, or that are accounts of the system, and their weak keys.

use std::collections::BTreeMap;

use asiaq_ir::Address;
use asiaq_lang::{Diagnostic, Span};

use super::Project;
use crate::errors;
use crate::model::{Operator, Weakness};

/// Accounts that systems on AWS come with: Debian's and Fedora's base systems, their services, and those of Amazon's AMIs.
const RESERVED: &[&str] = &[
    "_apt",
    "adm",
    "admin",
    "apache",
    "backup",
    "bin",
    "chrony",
    "daemon",
    "dbus",
    "debian",
    "ec2-user",
    "ftp",
    "games",
    "gnats",
    "halt",
    "irc",
    "list",
    "lp",
    "mail",
    "man",
    "messagebus",
    "news",
    "nobody",
    "ntp",
    "operator",
    "postfix",
    "proxy",
    "root",
    "rpc",
    "rpcuser",
    "shutdown",
    "sshd",
    "sync",
    "sys",
    "syslog",
    "systemd-network",
    "systemd-resolve",
    "systemd-timesync",
    "tcpdump",
    "ubuntu",
    "uucp",
    "uuidd",
    "www-data",
];

/// Bits of an RSA key without which OpenSSH 9 and others refuse it.
const LEAST_BITS: usize = 2048;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    // By place, whether an environment has the operator.
    let mut operators: BTreeMap<Span, (&Operator, bool)> = BTreeMap::new();
    for env in &project.model.environments {
        for operator in env.operators.iter().filter(|operator| project.is_own(operator.span.file)) {
            let address = Address::new(&env.name, &format!("operator/{}", operator.name));
            let is_written = project.ir.resources.contains_key(&address);
            let is_known = operators.contains_key(&operator.span);
            operators.entry(operator.span).or_insert((operator, false)).1 |= is_written;
            if !is_known && RESERVED.contains(&operator.name.as_str()) {
                found.push(errors::reserved_operator_name(operator.span, &operator.name));
            }
            weak_keys(operator, found);
        }
    }
    let unused = operators.into_values().filter(|(_, is_written)| !is_written);
    found.extend(unused.map(|(operator, _)| errors::unused_operator(operator.span, &operator.name)));
}

fn weak_keys(operator: &Operator, found: &mut Vec<Diagnostic>) {
    for key in &operator.ssh_keys.value {
        let (what, advice) = match key.value.weakness {
            None => continue,
            Some(Weakness::Dsa) => ("DSA is broken".to_owned(), "servers refuse it"),
            Some(Weakness::Rsa(bits)) if bits < LEAST_BITS => {
                (format!("RSA with {bits} bits"), "servers may refuse it")
            }
            Some(Weakness::Rsa(bits)) => (format!("RSA with {bits} bits"), "3072 bits are advised today"),
        };
        found.push(errors::weak_ssh_key(key.span, &operator.name, &what, advice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_in_order() {
        assert!(RESERVED.is_sorted());
    }
}

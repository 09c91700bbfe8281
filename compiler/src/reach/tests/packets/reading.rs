//! What addresses, references and rules of the IR say.

use std::collections::BTreeSet;

use asiaq_ir::{Address, GroupRule, Protocol, Ref};

pub(super) fn network_of(address: &Address) -> &str {
    address.as_str().split('/').nth(1).unwrap()
}

pub(super) fn to(reference: &Ref) -> Option<&Address> {
    match reference {
        Ref::To(address) => Some(address),
        _ => None,
    }
}

pub(super) fn addresses(references: &BTreeSet<Ref>) -> Vec<Address> {
    references.iter().filter_map(to).cloned().collect()
}

pub(super) fn hostclass(address: &Address, kind: &str) -> Option<String> {
    let parts: Vec<&str> = address.as_str().split('/').collect();
    (parts[1] == kind).then(|| parts[2].to_owned())
}

pub(super) fn fits(rule: &GroupRule, protocol: Protocol, port: u16) -> bool {
    let ports = || rule.from.is_none_or(|from| from <= port) && rule.to.is_none_or(|to| port <= to);
    match rule.protocol {
        Protocol::Any => true,
        Protocol::Icmp => protocol == Protocol::Icmp && rule.from.is_none_or(|kind| kind == port),
        Protocol::Tcp | Protocol::Udp => rule.protocol == protocol && ports(),
        Protocol::Number(_) => rule.protocol == protocol,
    }
}

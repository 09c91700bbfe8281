//! Conversion of security group rules between the IR and AWS. An [`IpPermission`] has many sources for one port range,
//! and several notations for "all".

use std::collections::BTreeSet;

use asiaq_ir::{GroupRule, Protocol, Ref, Source};
use aws_sdk_ec2::types::builders::IpPermissionBuilder;
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroup, UserIdGroupPair};

use super::prelude::*;

/// The highest port: `0` to this is every port of TCP and UDP.
const LAST_PORT: u16 = u16::MAX;
/// Every ICMP type, or every code of a type; also where a protocol has neither.
const ANY: i32 = -1;
/// ICMP for IPv6: it has types and codes as well, and AWS calls it `icmpv6`.
const ICMP_V6: u8 = 58;
/// Every address of IPv6.
const EVERYWHERE_V6: &str = "::/0";

/// The ingress rules of a group, one for each source.
pub(super) fn ingress(group: &SecurityGroup) -> BTreeSet<GroupRule> {
    read(group.ip_permissions(), group.owner_id()).collect()
}

/// The egress rules of a group, one for each destination. Descriptions are omitted, because asiaq sets none. The rule
/// for all IPv6 traffic, which AWS adds in a VPC with IPv6, is omitted too.
pub(super) fn egress(group: &SecurityGroup) -> BTreeSet<GroupRule> {
    let rules = read(group.ip_permissions_egress(), group.owner_id());
    let rules = rules.map(|rule| GroupRule { description: String::new(), ..rule });
    let is_told_twice = |rule: &GroupRule| {
        rule.protocol == Protocol::Any
            && matches!(&rule.source, Source::Other(block) if block == EVERYWHERE_V6)
    };
    rules.filter(|rule| !is_told_twice(rule)).collect()
}

fn read(permissions: &[IpPermission], owner: Option<&str>) -> impl Iterator<Item = GroupRule> {
    permissions.iter().flat_map(move |permission| read_permission(permission, owner))
}

fn read_permission(permission: &IpPermission, owner: Option<&str>) -> Vec<GroupRule> {
    let protocol = read_protocol(permission.ip_protocol().unwrap_or("-1"));
    let (from, to) = read_ports(protocol, permission.from_port(), permission.to_port());
    let blocks = permission.ip_ranges().iter().filter_map(|range| {
        let block = range.cidr_ip()?;
        let source = cidr_block(block).map_or_else(|| Source::Other(block.to_owned()), Source::Cidr);
        Some((source, range.description()))
    });
    let groups = permission
        .user_id_group_pairs()
        .iter()
        .filter_map(|pair| Some((read_group(pair, owner)?, pair.description())));
    let blocks_v6 = permission
        .ipv6_ranges()
        .iter()
        .filter_map(|range| Some((Source::Other(range.cidr_ipv6()?.to_owned()), range.description())));
    let lists = permission
        .prefix_list_ids()
        .iter()
        .filter_map(|list| Some((Source::Other(list.prefix_list_id()?.to_owned()), list.description())));
    let rule = |(source, description): (Source, Option<&str>)| GroupRule {
        protocol,
        from,
        to,
        source,
        description: description.unwrap_or_default().to_owned(),
    };
    blocks.chain(groups).chain(blocks_v6).chain(lists).map(rule).collect()
}

/// A group of this account by its id; one of another account as `ACCOUNT/ID`.
fn read_group(pair: &UserIdGroupPair, owner: Option<&str>) -> Option<Source> {
    let id = pair.group_id()?;
    Some(match (pair.user_id(), owner) {
        (Some(account), Some(owner)) if account != owner => Source::Other(format!("{account}/{id}")),
        _ => Source::Group(Ref::Id(id.to_owned())),
    })
}

fn read_protocol(text: &str) -> Protocol {
    match text {
        "tcp" | "6" => Protocol::Tcp,
        "udp" | "17" => Protocol::Udp,
        "icmp" | "1" => Protocol::Icmp,
        "icmpv6" => Protocol::Number(ICMP_V6),
        number => number.parse().map_or(Protocol::Any, Protocol::Number),
    }
}

fn read_ports(protocol: Protocol, from: Option<i32>, to: Option<i32>) -> (Option<u16>, Option<u16>) {
    let number = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
    match (protocol, number(from), number(to)) {
        (Protocol::Tcp | Protocol::Udp, Some(0), Some(LAST_PORT)) => (None, None),
        (Protocol::Tcp | Protocol::Udp | Protocol::Icmp | Protocol::Number(ICMP_V6), from, to) => (from, to),
        // AWS ignores ports for these protocols.
        (Protocol::Any | Protocol::Number(_), _, _) => (None, None),
    }
}

/// Rules as AWS takes them, one permission each.
pub(super) fn write(rules: &[GroupRule]) -> Vec<IpPermission> {
    rules.iter().map(write_rule).collect()
}

fn write_rule(rule: &GroupRule) -> IpPermission {
    let (from, to) = write_ports(rule);
    let permission = IpPermission::builder()
        .ip_protocol(write_protocol(rule.protocol))
        .set_from_port(from)
        .set_to_port(to);
    let description = Some(rule.description.clone()).filter(|text| !text.is_empty());
    match &rule.source {
        Source::Cidr(block) => {
            let range = IpRange::builder().cidr_ip(block.to_string()).set_description(description);
            permission.ip_ranges(range.build())
        }
        Source::Group(group) => {
            let id = group.id().map(ToOwned::to_owned);
            let pair = UserIdGroupPair::builder().set_group_id(id).set_description(description);
            permission.user_id_group_pairs(pair.build())
        }
        Source::Other(text) => write_other(permission, text, description),
    }
    .build()
}

/// A source that asiaq only revokes, from the text it was read as.
fn write_other(
    permission: IpPermissionBuilder,
    text: &str,
    description: Option<String>,
) -> IpPermissionBuilder {
    if text.starts_with("pl-") {
        let list = PrefixListId::builder().prefix_list_id(text).set_description(description);
        permission.prefix_list_ids(list.build())
    } else if let Some((account, group)) = text.split_once('/').filter(|(_, rest)| rest.starts_with("sg-")) {
        let pair = UserIdGroupPair::builder().user_id(account).group_id(group).set_description(description);
        permission.user_id_group_pairs(pair.build())
    } else {
        let range = Ipv6Range::builder().cidr_ipv6(text).set_description(description);
        permission.ipv6_ranges(range.build())
    }
}

fn write_protocol(protocol: Protocol) -> String {
    match protocol {
        Protocol::Any => "-1".to_owned(),
        Protocol::Tcp => "tcp".to_owned(),
        Protocol::Udp => "udp".to_owned(),
        Protocol::Icmp => "icmp".to_owned(),
        Protocol::Number(ICMP_V6) => "icmpv6".to_owned(),
        Protocol::Number(number) => number.to_string(),
    }
}

fn write_ports(rule: &GroupRule) -> (Option<i32>, Option<i32>) {
    let or = |port: Option<u16>, all: i32| Some(port.map_or(all, i32::from));
    match rule.protocol {
        Protocol::Tcp | Protocol::Udp => (or(rule.from, 0), or(rule.to, i32::from(LAST_PORT))),
        Protocol::Icmp | Protocol::Number(_) => (or(rule.from, ANY), or(rule.to, ANY)),
        Protocol::Any => (None, None),
    }
}

//! The resources that keep AWS from deleting another one.

use asiaq_ir::Kind;
use aws_sdk_ec2::types::NetworkInterface;

use super::prelude::*;
use super::{network_interface, security_group, subnet};

/// The most dependents that an error names.
const NAMED: usize = 5;

/// AWS's refusal to delete a resource of `kind`, with its dependents as far as they can be listed.
pub(super) async fn name_dependents(
    region: &Region<'_>,
    kind: Kind,
    id: &str,
    refused: CloudError,
) -> CloudError {
    let users = dependents(region, kind, id).await.unwrap_or_default();
    let (named, others) = users.split_at(users.len().min(NAMED));
    if named.is_empty() {
        return refused;
    }
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    let message = format!("{}; still there: {}{more}", refused.message, named.join(", "));
    CloudError { message, ..refused }
}

/// The resources in a subnet, a VPC or a security group.
async fn dependents(region: &Region<'_>, kind: Kind, id: &str) -> Result<Vec<String>> {
    let key = match kind {
        Kind::Subnet => "subnet-id",
        Kind::SecurityGroup => "group-id",
        Kind::Vpc => "vpc-id",
        _ => return Ok(Vec::new()),
    };
    let request = region.ec2().describe_network_interfaces().filters(filter(key, id));
    let pages = request.into_paginator().items().send();
    let interfaces: Vec<NetworkInterface> = network_interface::DESCRIBE_NETWORK_INTERFACES.all(pages).await?;
    let mut users: Vec<String> = interfaces.iter().map(shown).collect();
    if kind == Kind::Vpc {
        let request = region.ec2().describe_subnets().filters(filter(key, id));
        let subnets = subnet::DESCRIBE_SUBNETS.call(request.send()).await?;
        users
            .extend(subnets.subnets().iter().filter_map(|subnet| Some(format!("`{}`", subnet.subnet_id()?))));
        let request = region.ec2().describe_security_groups().filters(filter(key, id));
        let groups = security_group::DESCRIBE_SECURITY_GROUPS.call(request.send()).await?;
        let others = groups.security_groups().iter().filter(|group| group.group_name() != Some("default"));
        users.extend(others.filter_map(|group| Some(format!("`{}`", group.group_id()?))));
    }
    Ok(users)
}

/// An interface, with whose it is as far as AWS says so.
fn shown(interface: &NetworkInterface) -> String {
    let id = interface.network_interface_id().unwrap_or_default();
    let machine = interface.attachment().and_then(|attachment| attachment.instance_id());
    let whose = machine.or(interface.description()).filter(|whose| !whose.is_empty());
    whose.map_or_else(|| format!("`{id}`"), |whose| format!("`{id}` ({whose})"))
}

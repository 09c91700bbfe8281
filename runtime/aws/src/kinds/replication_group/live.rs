//! Replication groups with their members, which say what the group does not: version, groups and window.

use std::collections::BTreeMap;
use std::time::SystemTime;

use asiaq_ir::{Ref, ReplicationGroup};
use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, Endpoint, MultiAzStatus, ReplicationGroup as Sdk,
    TransitEncryptionMode,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::{CHANGES, DESCRIBE_REPLICATION_GROUPS};
use crate::error;
use crate::kinds::prelude::*;
use crate::service::elasticache;

ops! { elasticache:
    DESCRIBE_CACHE_CLUSTERS = "DescribeCacheClusters", Read;
}

/// Statuses from which a cache does not come back by itself.
const FAILED: [&str; 2] = ["create-failed", "restore-failed"];
/// Statuses of one that is going. A final snapshot is taken before the deletion.
const GOING: [&str; 2] = ["deleting", "snapshotting"];

/// A replication group and its members. It has no `Debug`: AWS's types show secrets.
pub(crate) struct Group {
    pub(crate) group: Sdk,
    pub(crate) members: Vec<CacheCluster>,
}

impl Group {
    fn status(&self) -> &str {
        self.group.status().unwrap_or_default()
    }

    /// Whether it is being deleted.
    pub(super) fn is_going(&self) -> bool {
        self.status() == "deleting"
    }

    /// Whether the group and every member of it takes changes.
    fn is_settled(&self) -> bool {
        let is_between = matches!(
            self.group.automatic_failover(),
            Some(AutomaticFailoverStatus::Enabling | AutomaticFailoverStatus::Disabling)
        );
        let is_ready = |member: &CacheCluster| member.cache_cluster_status() == Some("available");
        self.status() == "available"
            && !is_between
            && endpoint(&self.group).is_some()
            && self.members.len() == self.group.member_clusters().len()
            && !self.members.is_empty()
            && self.members.iter().all(is_ready)
    }

    pub(super) fn state(&self) -> State {
        match self.status() {
            status if FAILED.contains(&status) => State::Failed(failure(status)),
            _ if self.is_settled() => State::Ready,
            _ => State::Pending,
        }
    }

    /// The replicas of each shard; of shards with different numbers the fewest.
    pub(super) fn replicas(&self) -> u32 {
        let members = self.group.node_groups().iter().map(|shard| shard.node_group_members().len());
        u32::try_from(members.min().unwrap_or_default().saturating_sub(1)).unwrap_or_default()
    }

    pub(crate) fn shards(&self) -> u32 {
        u32::try_from(self.group.node_groups().len()).unwrap_or_default()
    }

    /// In the IR's form; none of a group that does not show yet what it will be. What AWS has accepted and not put in
    /// force yet counts.
    pub(super) fn read(&self) -> Option<ReplicationGroup> {
        let pending = self.members.first()?.pending_modified_values();
        let in_force = self.in_force()?;
        let version = pending.and_then(|pending| pending.engine_version());
        let node_type = pending.and_then(|pending| pending.cache_node_type());
        Some(ReplicationGroup {
            version: version.map_or_else(|| in_force.version.clone(), |of| short(in_force.engine(), of)),
            node_type: node_type.map_or_else(|| in_force.node_type.clone(), ToOwned::to_owned),
            ..in_force
        })
    }

    /// The same without what waits.
    pub(super) fn in_force(&self) -> Option<ReplicationGroup> {
        let (group, first) = (&self.group, self.members.first()?);
        let endpoint = endpoint(group)?;
        let engine = group.engine().or(first.engine())?;
        let groups = first.security_groups().iter().filter_map(|group| group.security_group_id.clone());
        let is_preferred = group.transit_encryption_mode() == Some(&TransitEncryptionMode::Preferred);
        Some(ReplicationGroup {
            name: declared(group.replication_group_id()?),
            description: group.description().unwrap_or_default().to_owned(),
            valkey: engine == "valkey",
            version: short(engine, first.engine_version()?),
            node_type: first.cache_node_type().or(group.cache_node_type())?.to_owned(),
            cluster: group.cluster_enabled().unwrap_or_default(),
            shards: self.shards(),
            replicas: self.replicas(),
            failover: matches!(
                group.automatic_failover(),
                Some(AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
            ),
            multi_az: group.multi_az() == Some(&MultiAzStatus::Enabled),
            port: u16::try_from(endpoint.port?).ok()?,
            subnets: Ref::Id(first.cache_subnet_group_name()?.to_owned()),
            groups: groups.map(Ref::Id).collect(),
            parameters: Ref::Id(
                first.cache_parameter_group()?.cache_parameter_group_name().unwrap_or_default().to_owned(),
            ),
            window: first.preferred_maintenance_window().unwrap_or_default().to_owned(),
            snapshots: group.snapshot_retention_limit().map(unsigned).unwrap_or_default(),
            snapshot_window: group.snapshot_window().unwrap_or_default().to_owned(),
            encrypted: group.at_rest_encryption_enabled().unwrap_or_default(),
            kms_key: group.kms_key_id().map(ToOwned::to_owned),
            tls: group.transit_encryption_enabled().unwrap_or_default() && !is_preferred,
            token: group.auth_token_enabled().unwrap_or_default().then(String::new),
            newest_token: true,
            user_group: group.user_group_ids().first().cloned(),
            minor_upgrades: group.auto_minor_version_upgrade().unwrap_or_default(),
            apply_now: false,
        })
    }
}

/// Where clients connect: the configuration endpoint in cluster mode, or else that of the primary node.
pub(crate) fn endpoint(group: &Sdk) -> Option<&Endpoint> {
    let primary = || group.node_groups().first()?.primary_endpoint();
    group.configuration_endpoint().or_else(primary)
}

/// All replication groups of the region.
pub(crate) async fn all(region: &Region<'_>) -> Result<Vec<Group>> {
    let pages = region.elasticache().describe_replication_groups().into_paginator().items().send();
    let groups = DESCRIBE_REPLICATION_GROUPS.all(pages).await?;
    if groups.is_empty() { Ok(Vec::new()) } else { with_members(region, groups).await }
}

/// The replication group with a name; none where there is none.
pub(super) async fn one(region: &Region<'_>, name: &str) -> Result<Option<Group>> {
    let call = region.elasticache().describe_replication_groups().replication_group_id(name);
    let answer = elasticache.found(DESCRIBE_REPLICATION_GROUPS.call(call.send()).await)?;
    let groups = answer.and_then(|answer| answer.replication_groups).unwrap_or_default();
    if groups.is_empty() {
        return Ok(None);
    }
    Ok(with_members(region, groups).await?.into_iter().next())
}

/// One call shows the members of all groups.
async fn with_members(region: &Region<'_>, groups: Vec<Sdk>) -> Result<Vec<Group>> {
    let pages = region.elasticache().describe_cache_clusters().into_paginator().items().send();
    let mut members: BTreeMap<String, Vec<CacheCluster>> = BTreeMap::new();
    for member in DESCRIBE_CACHE_CLUSTERS.all(pages).await? {
        let Some(group) = member.replication_group_id.clone() else { continue };
        members.entry(group).or_default().push(member);
    }
    let with = |group: Sdk| {
        let members = group.replication_group_id().and_then(|id| members.remove(id)).unwrap_or_default();
        Group { group, members }
    };
    Ok(groups.into_iter().map(with).collect())
}

/// The replication group as soon as it takes changes; none where it is gone.
pub(crate) async fn settled(region: &Region<'_>, id: &str) -> Result<Option<Group>> {
    settled_as(region, id, |_| true).await
}

/// The same as soon as it is also as `is_wanted` says.
pub(super) async fn settled_as(
    region: &Region<'_>,
    id: &str,
    is_wanted: impl Fn(&Group) -> bool,
) -> Result<Option<Group>> {
    let look = || async {
        let Some(live) = one(region, id).await? else { return Ok(Some(None)) };
        match live.state() {
            State::Failed(error) => Err(error),
            _ if live.is_going() => Err(going()),
            State::Ready if is_wanted(&live) => Ok(Some(Some(live))),
            State::Ready | State::Pending | State::Gone => Ok(None),
        }
    };
    let what = "the cache and all its nodes are not available";
    region.poll(DESCRIBE_REPLICATION_GROUPS.name, what, CHANGES, look).await
}

/// The replication group as soon as it can be deleted, or is going already; none where it is gone.
pub(super) async fn deletable(region: &Region<'_>, id: &str) -> Result<Option<Group>> {
    let look = || async {
        let Some(live) = one(region, id).await? else { return Ok(Some(None)) };
        let can_go = GOING.contains(&live.status()) || FAILED.contains(&live.status()) || live.is_settled();
        Ok(can_go.then_some(Some(live)))
    };
    let what = "the cache cannot be deleted, because it is changing";
    region.poll(DESCRIBE_REPLICATION_GROUPS.name, what, CHANGES, look).await
}

fn failure(status: &str) -> CloudError {
    let message = format!("the cache is in the state `{status}`: delete it, and run again");
    error::refused(DESCRIBE_REPLICATION_GROUPS.name, message)
}

fn going() -> CloudError {
    error::refused(DESCRIBE_REPLICATION_GROUPS.name, "the cache is being deleted: run again when it is gone")
}

/// A name that asiaq composes begins with a capital letter, which AWS does not keep.
pub(in crate::kinds) fn declared(id: &str) -> String {
    let is_hexadecimal = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let Some(composed) = id.strip_prefix('a') else { return id.to_owned() };
    // One whose name was taken has further digits.
    let (digits, more) = composed.split_once('-').unwrap_or((composed, ""));
    if digits.len() == 15 && is_hexadecimal(digits) && is_hexadecimal(more) {
        return format!("A{composed}");
    }
    id.to_owned()
}

/// A version as far as AWS takes one: two parts from Redis 6 on, whatever it shows.
pub(crate) fn short(engine: &str, version: &str) -> String {
    let first = version.split('.').next().and_then(|first| first.parse::<u32>().ok()).unwrap_or_default();
    if engine == "redis" && first < 6 {
        return version.to_owned();
    }
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The name of a snapshot that is taken now, of what people call `human`: `ci-sessions-2026-11-30-051500`.
pub fn snapshot_name(human: &str) -> String {
    let now = DateTime::from_secs(DateTime::from(SystemTime::now()).secs());
    let now = now.fmt(Format::DateTime).unwrap_or_default().replace('T', "-").replace([':', 'Z'], "");
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let words: String = human.chars().map(plain).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    format!("{}-{now}", words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_as_long_as_aws_takes_them() {
        for (engine, live, expected) in [
            ("redis", "7.1.0", "7.1"),
            ("redis", "5.0.6", "5.0.6"),
            ("valkey", "8.0.1", "8.0"),
            ("redis", "6.2.6", "6.2"),
        ] {
            assert_eq!(short(engine, live), expected);
        }
    }

    #[test]
    fn a_composed_name_has_its_capital() {
        assert_eq!(declared("a982d4467b4eb931"), "A982d4467b4eb931");
        assert_eq!(declared("a982d4467b4eb93x"), "a982d4467b4eb93x");
        assert_eq!(declared("a982d4467b4eb931-0e9a1"), "A982d4467b4eb931-0e9a1");
        assert_eq!(declared("apple"), "apple");
    }

    #[test]
    fn a_snapshot_is_named_by_date_and_environment() {
        let name = snapshot_name("ci-Sessions  of--x");
        assert!(name.starts_with("ci-sessions-of-x-20"), "{name}");
        assert!(
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !name.contains("--"),
            "{name}"
        );
    }
}

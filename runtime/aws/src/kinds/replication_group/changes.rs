//! The changes of a replication group, one step at a time, in the order in which AWS takes them: replicas before failover
//! before zones, and the other way round when there are to be fewer.

use asiaq_ir::ReplicationGroup;
use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder as Modify;
use aws_sdk_elasticache::types::TransitEncryptionMode;

use super::access::{self, MODIFY_REPLICATION_GROUP};
use super::live::{Group, settled, settled_as};
use crate::error::Failure;
use crate::kinds::prelude::*;
use crate::service::elasticache;

ops! { elasticache:
    MODIFY_REPLICATION_GROUP_SHARD_CONFIGURATION = "ModifyReplicationGroupShardConfiguration", Write;
    INCREASE_REPLICA_COUNT = "IncreaseReplicaCount", Write;
    DECREASE_REPLICA_COUNT = "DecreaseReplicaCount", Write;
}

/// Makes the wanted group of the live one.
pub(super) async fn make(
    region: &Region<'_>,
    id: &str,
    live: &ReplicationGroup,
    wanted: &ReplicationGroup,
) -> Result<()> {
    let steps = Steps { region, id };
    // What a run that was interrupted has begun is finished first.
    settled(region, id).await?;
    steps.undisturbed(live, wanted).await?;
    if live.multi_az && !wanted.multi_az {
        steps.modify(When::Now, |call| call.multi_az_enabled(false), |now| !now.multi_az).await?;
    }
    if live.failover && !wanted.failover {
        steps.modify(When::Now, |call| call.automatic_failover_enabled(false), |now| !now.failover).await?;
    }
    steps.engine(live, wanted).await?;
    if live.node_type != wanted.node_type {
        let change = |call: Modify| call.cache_node_type(&wanted.node_type);
        steps.modify(when(wanted.apply_now), change, |now| now.node_type == wanted.node_type).await?;
    }
    steps.shards(live, wanted).await?;
    steps.replicas(live, wanted).await?;
    if !live.failover && wanted.failover {
        steps.modify(When::Now, |call| call.automatic_failover_enabled(true), |now| now.failover).await?;
    }
    if !live.multi_az && wanted.multi_az {
        steps.modify(When::Now, |call| call.multi_az_enabled(true), |now| now.multi_az).await?;
    }
    // A group that asks for more than TLS has TLS.
    if live.tls && !wanted.tls && access::differs(live, wanted) {
        access::change(region, id, live, wanted).await?;
    }
    if live.tls != wanted.tls {
        steps.tls(wanted.tls).await?;
    }
    if wanted.tls && access::differs(live, wanted) {
        access::change(region, id, live, wanted).await?;
    }
    Ok(())
}

/// When AWS makes a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// At once, with everything that waits.
    Now,
    /// In the maintenance window, if clients would notice.
    Quietly,
}

fn when(is_now: bool) -> When {
    if is_now { When::Now } else { When::Quietly }
}

/// The steps of a change.
struct Steps<'r> {
    region: &'r Region<'r>,
    id: &'r str,
}

impl Steps<'_> {
    /// One change. Waits until the group and all its members have it, or AWS has accepted it.
    async fn modify(
        &self,
        when: When,
        change: impl FnOnce(Modify) -> Modify,
        is_made: impl Fn(&ReplicationGroup) -> bool,
    ) -> Result<()> {
        let call = self.region.elasticache().modify_replication_group().replication_group_id(self.id);
        let call = change(call).apply_immediately(when == When::Now);
        self.step(MODIFY_REPLICATION_GROUP, when, || call.clone().send(), is_made).await
    }

    /// One call, which is sent once more if the group was changing and does not have the change afterwards: somebody else
    /// changed it, or the answer to an earlier attempt was lost.
    async fn step<T, E, F, Fut>(
        &self,
        operation: Operation,
        when: When,
        mut call: F,
        is_made: impl Fn(&ReplicationGroup) -> bool,
    ) -> Result<()>
    where
        E: Failure,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let is_made = |group: &Group| {
            let seen = if when == When::Now { group.in_force() } else { group.read() };
            seen.is_some_and(|now| is_made(&now))
        };
        match self.region.retry_until_consistent(operation, &mut call).await {
            Ok(_) => {}
            Err(error) if elasticache.is_busy(&error) => {
                let Some(live) = settled(self.region, self.id).await? else { return Ok(()) };
                if !is_made(&live) {
                    operation.call(call()).await?;
                }
            }
            Err(error) => return Err(error),
        }
        settled_as(self.region, self.id, is_made).await.map(drop)
    }

    /// What no client notices, in one call that says only what differs. What waits for the maintenance window goes on waiting.
    async fn undisturbed(&self, live: &ReplicationGroup, wanted: &ReplicationGroup) -> Result<()> {
        let same = ReplicationGroup {
            description: wanted.description.clone(),
            window: wanted.window.clone(),
            snapshots: wanted.snapshots,
            snapshot_window: wanted.snapshot_window.clone(),
            minor_upgrades: wanted.minor_upgrades,
            groups: wanted.groups.clone(),
            ..live.clone()
        };
        if same == *live {
            return Ok(());
        }
        let (windows, snapshot_windows) =
            (new(&live.window, &wanted.window), new(&live.snapshot_window, &wanted.snapshot_window));
        let change = |call: Modify| {
            call.set_replication_group_description(new(&live.description, &wanted.description))
                .set_preferred_maintenance_window(windows)
                .set_snapshot_retention_limit(new(&live.snapshots, &wanted.snapshots).map(signed))
                .set_snapshot_window(snapshot_windows)
                .set_auto_minor_version_upgrade(new(&live.minor_upgrades, &wanted.minor_upgrades))
                .set_security_group_ids((live.groups != wanted.groups).then(|| ids(&wanted.groups)))
        };
        let is_made = |now: &ReplicationGroup| {
            now.description == wanted.description
                && now.window == wanted.window
                && now.snapshots == wanted.snapshots
                && now.snapshot_window == wanted.snapshot_window
                && now.minor_upgrades == wanted.minor_upgrades
                && now.groups == wanted.groups
        };
        self.modify(When::Quietly, change, is_made).await
    }

    /// The engine and its version go with the parameter group. One of another family takes effect at once, so that the old
    /// group is free; another version of the same family waits for the maintenance window.
    async fn engine(&self, live: &ReplicationGroup, wanted: &ReplicationGroup) -> Result<()> {
        let has_engine = live.valkey != wanted.valkey;
        let has_version = has_engine || live.version != wanted.version;
        let has_parameters = live.parameters != wanted.parameters;
        if !has_version && !has_parameters {
            return Ok(());
        }
        let is_now = wanted.apply_now || has_parameters;
        let parameters = id_of(&wanted.parameters).filter(|_| has_parameters);
        let change = |call: Modify| {
            call.set_engine(has_engine.then(|| wanted.engine().to_owned()))
                .set_engine_version(has_version.then(|| wanted.version.clone()))
                .set_cache_parameter_group_name(parameters)
        };
        let is_made = |now: &ReplicationGroup| {
            now.valkey == wanted.valkey
                && (!has_version || now.version == wanted.version)
                && now.parameters == wanted.parameters
        };
        self.modify(when(is_now), change, is_made).await
    }

    /// AWS wants to know which shards go: the last ones.
    async fn shards(&self, live: &ReplicationGroup, wanted: &ReplicationGroup) -> Result<()> {
        if live.shards == wanted.shards {
            return Ok(());
        }
        let Some(group) = settled(self.region, self.id).await? else { return Ok(()) };
        let mut names: Vec<&str> =
            group.group.node_groups().iter().filter_map(|shard| shard.node_group_id()).collect();
        names.sort_unstable();
        let kept = usize::try_from(wanted.shards).unwrap_or(usize::MAX);
        let gone: Vec<String> = names.into_iter().skip(kept).map(ToOwned::to_owned).collect();
        let call = self
            .region
            .elasticache()
            .modify_replication_group_shard_configuration()
            .replication_group_id(self.id)
            .node_group_count(signed(wanted.shards))
            .set_node_groups_to_remove(Some(gone).filter(|gone| !gone.is_empty()))
            .apply_immediately(true);
        let operation = MODIFY_REPLICATION_GROUP_SHARD_CONFIGURATION;
        self.step(operation, When::Now, || call.clone().send(), |now| now.shards == wanted.shards).await
    }

    async fn replicas(&self, live: &ReplicationGroup, wanted: &ReplicationGroup) -> Result<()> {
        let count = signed(wanted.replicas);
        let is_made = |now: &ReplicationGroup| now.replicas == wanted.replicas;
        if live.replicas < wanted.replicas {
            let call = self.region.elasticache().increase_replica_count().replication_group_id(self.id);
            let call = call.new_replica_count(count).apply_immediately(true);
            self.step(INCREASE_REPLICA_COUNT, When::Now, || call.clone().send(), is_made).await?;
        }
        if live.replicas > wanted.replicas {
            let call = self.region.elasticache().decrease_replica_count().replication_group_id(self.id);
            let call = call.new_replica_count(count).apply_immediately(true);
            self.step(DECREASE_REPLICA_COUNT, When::Now, || call.clone().send(), is_made).await?;
        }
        Ok(())
    }

    /// Clients with and without TLS connect in between.
    async fn tls(&self, is_required: bool) -> Result<()> {
        let preferred = |call: Modify| {
            let call = call.transit_encryption_mode(TransitEncryptionMode::Preferred);
            if is_required { call.transit_encryption_enabled(true) } else { call }
        };
        self.modify(When::Now, preferred, |now| !now.tls).await?;
        let last = |call: Modify| {
            if is_required {
                call.transit_encryption_mode(TransitEncryptionMode::Required)
            } else {
                call.transit_encryption_enabled(false)
            }
        };
        self.modify(When::Now, last, |now| now.tls == is_required).await
    }
}

/// A value that differs.
fn new<T: PartialEq + Clone>(live: &T, wanted: &T) -> Option<T> {
    (live != wanted).then(|| wanted.clone())
}

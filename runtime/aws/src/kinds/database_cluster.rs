mod changes;

use std::time::Duration;

use asiaq_ir::{Assigned, DatabaseCluster, Kind, Password, Ref, Until, Waiting};
use asiaq_runtime::{CloudError, DatabaseData};
use aws_sdk_rds::types::{DbCluster as Live, ServerlessV2ScalingConfiguration};
use serde_json::json;

pub(crate) use self::changes::{all_members, reboot, refusal as refusal_of_change};
use super::database::group_tags::{self, ClusterTags};
use super::database::{
    self, CREDENTIAL_TAG, DESCRIBE_DB_INSTANCES, NO_SNAPSHOT_TAG, Of, RESTORED_TAG, Wanted, final_name,
};
use super::prelude::*;
use crate::credentials;
use crate::service::rds;

ops! { rds:
    DESCRIBE_DB_CLUSTERS = "DescribeDBClusters", Read;
    CREATE_DB_CLUSTER = "CreateDBCluster", Write;
    RESTORE_DB_CLUSTER_FROM_SNAPSHOT = "RestoreDBClusterFromSnapshot", Write;
    MODIFY_DB_CLUSTER = "ModifyDBCluster", Write;
    DELETE_DB_CLUSTER = "DeleteDBCluster", Delete;
}

/// Another cluster has the identifier.
const TAKEN: &str = "DBClusterAlreadyExistsFault";
/// How its storage is paid for unless it is said.
const STANDARD: &str = "aurora";
/// What a cluster does while it can be used and changed.
const SERVING: &[&str] = &["available", "storage-optimization"];
/// What a cluster does while it is used, and must not be changed.
const BUSY: &[&str] = &["backing-up", "upgrading", "modifying", "configuring-log-exports"];

impl Api for DatabaseCluster {
    type Live = Live;
    type Tags = ClusterTags;

    const OPERATIONS: IamActions = &[
        OPS,
        &[DESCRIBE_DB_INSTANCES],
        group_tags::OPS,
        changes::OPS,
        database::RESTORE_OPS,
        credentials::OPS,
    ];
    const DESCRIBE: Operation = DESCRIBE_DB_CLUSTERS;
    const READY: Option<Limit> = Some(Limit(Duration::from_hours(2), "the cluster is not available"));
    const GONE: Option<Limit> = Some(Limit(Duration::from_hours(2), "the cluster is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_DB_CLUSTER, TAKEN, |cluster| &cluster.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let call = region.rds().describe_db_clusters();
        let call = match which {
            Which::OfProject(_) => call,
            Which::Id(name) => call.db_cluster_identifier(name),
            Which::InPlaceOf(wanted) => call.db_cluster_identifier(&wanted.name),
        };
        DESCRIBE_DB_CLUSTERS.all(call.into_paginator().items().send()).await
    }

    fn id(cluster: &Live) -> Option<&str> {
        cluster.db_cluster_identifier()
    }

    fn tags(cluster: &Live) -> Option<Tags> {
        Some(tags_of(cluster))
    }

    fn exists(cluster: &Live) -> bool {
        cluster.status() != Some("deleting")
    }

    fn state(cluster: &Live) -> State {
        let status = cluster.status().unwrap_or_default();
        if failed(status) {
            return State::Failed(DESCRIBE_DB_CLUSTERS.refused(format!("the cluster is `{status}`")));
        }
        let is_there = SERVING.contains(&status) || BUSY.contains(&status);
        if is_there && cluster.endpoint().is_some() { State::Ready } else { State::Pending }
    }

    fn form(cluster: &Live) -> Option<Self> {
        form(cluster)
    }

    fn assigned(cluster: &Live) -> Vec<(Assigned, &str)> {
        cluster.endpoint().map(|name| (Assigned::DnsName, name)).into_iter().collect()
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let live = Self::describe(region, Which::OfProject(project)).await?;
        let mut facts = adapter::assigned::<Self>(&live);
        for cluster in &live {
            let waiting = waiting(cluster);
            if let Some(id) = cluster.db_cluster_identifier().filter(|_| !waiting.is_empty()) {
                facts.waiting.insert(Waiting::key(Kind::DatabaseCluster, id), waiting);
            }
        }
        let found = adapter::found::<Self>(region, project, live).await?;
        Ok(Listed { found, facts, ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        if let Some(snapshot) = &self.restore {
            return self.restored(region, request, snapshot).await;
        }
        let call = region
            .rds()
            .create_db_cluster()
            .db_cluster_identifier(&self.name)
            .engine(&self.engine)
            .engine_version(&self.version)
            .set_storage_type(special_storage(self))
            .set_db_subnet_group_name(id_of(&self.subnet_group))
            .set_vpc_security_group_ids(Some(ids(&self.groups)))
            .set_db_cluster_parameter_group_name(id_of(&self.parameter_group))
            .port(i32::from(self.port))
            .set_serverless_v2_scaling_configuration(capacity(self))
            .backup_retention_period(signed(self.backups))
            .set_preferred_backup_window(self.backup_window.clone())
            .set_preferred_maintenance_window(self.maintenance_window.clone())
            .master_username(&self.user)
            .storage_encrypted(self.encrypted)
            .set_kms_key_id(self.kms_key.clone())
            .deletion_protection(self.deletion_protection)
            .set_enable_cloudwatch_logs_exports(logs(self))
            .copy_tags_to_snapshot(true)
            .set_tags(group_tags::list(&wanted_tags(self, request.tags, true)));
        let call = match &self.password {
            Password::Managed | Password::OfSource => call.manage_master_user_password(true),
            Password::Credential(place) => call.master_user_password(credentials::read(region, place).await?),
        };
        // The SDK keeps the password out of what it writes.
        region.retry_until_consistent(CREATE_DB_CLUSTER, || call.clone().send()).await?;
        Ok(Created { id: self.name.clone(), initial: self.clone(), ready: false })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        changes::update(self, region, id, wanted).await
    }

    /// Its instances go first. What was allowed to be deleted loses AWS's protection.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let Some(live) = adapter::look::<Self>(region, id).await? else { return Ok(()) };
        // The answer to an earlier call was lost: a second one would want a second snapshot.
        if live.status() == Some("deleting") {
            return Ok(());
        }
        settled(region, id).await?;
        if live.deletion_protection == Some(true) {
            let call = region.rds().modify_db_cluster().db_cluster_identifier(id).deletion_protection(false);
            region.retry_until_consistent(MODIFY_DB_CLUSTER, || call.clone().send()).await?;
            settled(region, id).await?;
        }
        let is_snapped = self.final_snapshot;
        let call =
            region.rds().delete_db_cluster().db_cluster_identifier(id).skip_final_snapshot(!is_snapped);
        let call = call.set_final_db_snapshot_identifier(is_snapped.then(|| final_name(id)));
        // A repeated call would ask for a snapshot of a name that the first one has taken.
        rds.found(DELETE_DB_CLUSTER.call(call.send()).await).map(drop)
    }
}

/// The creation of a cluster from a snapshot.
trait Restore: Sized {
    async fn restored(
        &self,
        region: &Region<'_>,
        request: &Create<'_>,
        snapshot: &str,
    ) -> Result<Created<Self>>;
}

impl Restore for DatabaseCluster {
    /// AWS restores the data, and few of the settings: the update that follows has the rest.
    async fn restored(
        &self,
        region: &Region<'_>,
        request: &Create<'_>,
        snapshot: &str,
    ) -> Result<Created<Self>> {
        if let Password::Credential(place) = &self.password {
            // It is set when the data are there: a missing one would leave them with the old password.
            credentials::read(region, place).await?;
        }
        let tags = async |source: String| settled(region, &source).await.map(|live| tags_of(&live));
        let id = database::prepared(region, &to_restore(self), snapshot, tags).await?;
        let mut tags = wanted_tags(self, request.tags, false);
        tags.insert(RESTORED_TAG.to_owned(), id.clone());
        let call = region
            .rds()
            .restore_db_cluster_from_snapshot()
            .db_cluster_identifier(&self.name)
            .snapshot_identifier(id)
            .engine(&self.engine)
            .set_storage_type(special_storage(self))
            .set_db_subnet_group_name(id_of(&self.subnet_group))
            .set_vpc_security_group_ids(Some(ids(&self.groups)))
            .set_db_cluster_parameter_group_name(id_of(&self.parameter_group))
            .port(i32::from(self.port))
            .set_serverless_v2_scaling_configuration(capacity(self))
            .deletion_protection(self.deletion_protection)
            .set_enable_cloudwatch_logs_exports(logs(self))
            .copy_tags_to_snapshot(true)
            .set_tags(group_tags::list(&tags));
        region.retry_until_consistent(RESTORE_DB_CLUSTER_FROM_SNAPSHOT, || call.clone().send()).await?;
        // What is really there is read before it is changed.
        let initial = Self { in_force: false, ..self.clone() };
        Ok(Created { id: self.name.clone(), initial, ready: false })
    }
}

/// Why a cluster cannot be made, as for other databases.
pub(crate) async fn refusal_of_creation(
    wanted: &DatabaseCluster,
    region: &Region<'_>,
) -> Result<Option<CloudError>> {
    database::refusal_of(&to_restore(wanted), region).await
}

fn to_restore(cluster: &DatabaseCluster) -> Wanted<'_> {
    let (name, restore) = (cluster.name.as_str(), cluster.restore.as_deref());
    Wanted { of: Of::Cluster, name, restore, data: DatabaseData::of_cluster(cluster) }
}

/// The tags of a new cluster. What a restore leaves out is told only when it is done.
fn wanted_tags(wanted: &DatabaseCluster, tags: &Tags, is_whole: bool) -> Tags {
    let mut tags = tags.clone();
    if !wanted.final_snapshot {
        tags.insert(NO_SNAPSHOT_TAG.to_owned(), "true".to_owned());
    }
    if let Password::Credential(place) = &wanted.password
        && is_whole
    {
        tags.insert(CREDENTIAL_TAG.to_owned(), place.clone());
    }
    tags
}

/// How the storage of a live cluster is paid for: AWS does not say the standard.
pub(crate) fn storage_type(cluster: &Live) -> &str {
    cluster.storage_type().filter(|kind| kind.starts_with(STANDARD)).unwrap_or(STANDARD)
}

/// The type of its storage where it is not the standard one.
fn special_storage(cluster: &DatabaseCluster) -> Option<String> {
    Some(cluster.storage_type.clone()).filter(|kind| kind != STANDARD)
}

fn capacity(cluster: &DatabaseCluster) -> Option<ServerlessV2ScalingConfiguration> {
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    let (least, most) = (number(&cluster.min_capacity)?, number(&cluster.max_capacity)?);
    Some(ServerlessV2ScalingConfiguration::builder().min_capacity(least).max_capacity(most).build())
}

fn logs(cluster: &DatabaseCluster) -> Option<Vec<String>> {
    Some(cluster.logs.iter().cloned().collect()).filter(|logs: &Vec<String>| !logs.is_empty())
}

/// Whether a status is one that does not end by itself.
fn failed(status: &str) -> bool {
    status.starts_with("inaccessible-encryption-credentials")
        || status.starts_with("incompatible-")
        || ["cloning-failed", "migration-failed"].contains(&status)
}

/// A cluster in the IR's form, with values that AWS has accepted in the place of those in force.
fn form(cluster: &Live) -> Option<DatabaseCluster> {
    let tags = tags_of(cluster);
    let pending = cluster.pending_modified_values();
    let text = |value: Option<&str>| value.map(ToOwned::to_owned);
    let storage_type = pending.and_then(|wait| wait.storage_type()).unwrap_or(storage_type(cluster));
    let groups = cluster.vpc_security_groups().iter();
    let capacity = cluster.serverless_v2_scaling_configuration();
    Some(DatabaseCluster {
        name: cluster.db_cluster_identifier.clone()?,
        engine: cluster.engine.clone()?,
        version: text(pending.and_then(|wait| wait.engine_version()).or(cluster.engine_version()))?,
        storage_type: storage_type.to_owned(),
        subnet_group: Ref::Id(text(cluster.db_subnet_group()).unwrap_or_default()),
        groups: groups.filter_map(|group| group.vpc_security_group_id.clone()).map(Ref::Id).collect(),
        parameter_group: Ref::Id(text(cluster.db_cluster_parameter_group()).unwrap_or_default()),
        port: cluster.port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
        min_capacity: capacity.and_then(|set| set.min_capacity).map(|least| least.to_string()),
        max_capacity: capacity.and_then(|set| set.max_capacity).map(|most| most.to_string()),
        backups: unsigned(
            pending
                .and_then(|wait| wait.backup_retention_period)
                .or(cluster.backup_retention_period)
                .unwrap_or_default(),
        ),
        backup_window: text(cluster.preferred_backup_window()),
        maintenance_window: text(cluster.preferred_maintenance_window())
            .map(|window| window.to_ascii_lowercase()),
        user: cluster.master_username.clone().unwrap_or_default(),
        password: match cluster.master_user_secret() {
            Some(_) => Password::Managed,
            None => Password::Credential(tags.get(CREDENTIAL_TAG).cloned().unwrap_or_default()),
        },
        encrypted: cluster.storage_encrypted.unwrap_or_default(),
        kms_key: text(cluster.kms_key_id()),
        deletion_protection: cluster.deletion_protection.unwrap_or_default(),
        final_snapshot: !tags.contains_key(NO_SNAPSHOT_TAG),
        logs: cluster.enabled_cloudwatch_logs_exports().iter().cloned().collect(),
        restore: None,
        apply_now: false,
        in_force: true,
    })
}

/// What AWS has accepted of a cluster and not put in force.
pub(crate) fn waiting(cluster: &Live) -> Vec<Waiting> {
    let pending = cluster.pending_modified_values();
    let in_window = [
        (
            DatabaseCluster::VERSION.as_str(),
            cluster.engine_version(),
            pending.and_then(|wait| wait.engine_version()),
        ),
        (
            DatabaseCluster::STORAGE_TYPE.as_str(),
            Some(storage_type(cluster)),
            pending.and_then(|wait| wait.storage_type()),
        ),
    ];
    let waits = in_window.into_iter().filter_map(|(field, in_force, accepted)| {
        Some(Waiting {
            field: field.to_owned(),
            in_force: json!(in_force),
            accepted: json!(accepted?),
            until: Until::MaintenanceWindow,
        })
    });
    let has_waiting = !changes::waiting_members(cluster).is_empty();
    let reboot = has_waiting.then(|| Waiting {
        field: DatabaseCluster::IN_FORCE.as_str().to_owned(),
        in_force: json!(false),
        accepted: json!(true),
        until: Until::Reboot,
    });
    waits.chain(reboot).collect()
}

/// The tags of a cluster.
pub(crate) fn tags_of(cluster: &Live) -> Tags {
    group_tags::map(cluster.tag_list())
}

/// Waits until a cluster can be changed: the cluster as it is then.
pub(crate) async fn settled(region: &Region<'_>, id: &str) -> Result<Live> {
    let mut wait = region.wait(region.timeouts().slow);
    loop {
        let Some(live) = adapter::look::<DatabaseCluster>(region, id).await? else {
            return Err(DESCRIBE_DB_CLUSTERS.refused(format!("the cluster `{id}` is gone")));
        };
        let status = live.status().unwrap_or_default().to_owned();
        if SERVING.contains(&status.as_str()) {
            return Ok(live);
        }
        if failed(&status) {
            return Err(DESCRIBE_DB_CLUSTERS.refused(format!("the cluster `{id}` is `{status}`")));
        }
        if !wait.pause(&format!("the cluster `{id}` is `{status}`")).await {
            let message = format!("the cluster `{id}` is still `{status}`: somebody else may be changing it");
            return Err(crate::error::timed_out(DESCRIBE_DB_CLUSTERS.name, message));
        }
    }
}

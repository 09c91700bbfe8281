//! Changes of a cluster in place.

use std::collections::BTreeSet;

use asiaq_ir::{Change as Changes, Database, DatabaseCluster, Kind, Password, Resource};
use asiaq_runtime::{CloudError, Fault};
use aws_sdk_rds::types::{DbCluster as Live, SourceType};

use super::super::database::{
    CREDENTIAL_TAG, DESCRIBE_DB_ENGINE_VERSIONS, DESCRIBE_EVENTS, NO_SNAPSHOT_TAG, REBOOT_DB_INSTANCE,
    exported_logs, group_tags, settled as settled_instance, target_of,
};
use super::super::prelude::*;
use super::{MODIFY_DB_CLUSTER, capacity, form, settled, tags_of};
use crate::credentials;

pub(super) const OPS: &[Operation] = &[REBOOT_DB_INSTANCE, DESCRIBE_DB_ENGINE_VERSIONS, DESCRIBE_EVENTS];

/// Looks at a cluster that is to have another version, after which it is taken for refused.
const LOOKS: usize = 20;
/// Minutes of events that say why an upgrade was not made.
const EVENTS: i32 = 60;

/// Changes a cluster to what is wanted. What is there is read anew: values may wait, and a restore leaves out many.
pub(super) async fn update(
    planned: &DatabaseCluster,
    region: &Region<'_>,
    id: &str,
    wanted: &DatabaseCluster,
) -> Result<()> {
    let mut live = settled(region, id).await?;
    let Some(accepted) = form(&live) else { return Ok(()) };
    let change = Change::between(&live, &accepted, wanted);
    if !change.fields.is_empty() {
        change.make(region, id, &live, wanted).await?;
        live = settled(region, id).await?;
    }
    retag(region, &live, &accepted, wanted).await?;
    // Only `--now` asks for it: otherwise the plan has the parameters in force, or waiting.
    if !planned.in_force && wanted.apply_now {
        reboot(region, id, waiting_members(&live)).await?;
    }
    Ok(())
}

/// The instances whose parameters wait for a reboot, the one that writes last.
pub(crate) fn waiting_members(cluster: &Live) -> Vec<String> {
    let waits = cluster
        .db_cluster_members()
        .iter()
        .filter(|one| one.db_cluster_parameter_group_status() == Some("pending-reboot"));
    in_order(waits)
}

/// All instances, the one that writes last.
pub(crate) fn all_members(cluster: &Live) -> Vec<String> {
    in_order(cluster.db_cluster_members().iter())
}

fn in_order<'l>(members: impl Iterator<Item = &'l aws_sdk_rds::types::DbClusterMember>) -> Vec<String> {
    let mut members: Vec<_> = members.collect();
    members.sort_by_key(|one| (one.is_cluster_writer.unwrap_or_default(), one.db_instance_identifier()));
    members.into_iter().filter_map(|one| one.db_instance_identifier.clone()).collect()
}

/// Reboots instances of a cluster, one after the other.
pub(crate) async fn reboot(region: &Region<'_>, id: &str, members: Vec<String>) -> Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    for member in members {
        settled_instance(region, &member).await?;
        let call = region.rds().reboot_db_instance().db_instance_identifier(&member);
        region.retry_until_consistent(REBOOT_DB_INSTANCE, || call.clone().send()).await?;
        settled_instance(region, &member).await?;
    }
    settled(region, id).await.map(drop)
}

/// The fields in which a cluster is to become another one.
struct Change {
    fields: BTreeSet<&'static str>,
    /// Whether to make it at once, with everything that waits.
    is_now: bool,
}

impl Change {
    /// The changes that take `live` to what is wanted. Without haste, what waits already is as good as done.
    fn between(live: &Live, accepted: &DatabaseCluster, wanted: &DatabaseCluster) -> Self {
        let mut fields = differing(accepted, wanted);
        let windowed = Kind::DatabaseCluster.schema().windowed;
        let waiting = super::waiting(live);
        if wanted.apply_now {
            for waiting in &waiting {
                fields.extend(windowed.iter().copied().filter(|field| *field == waiting.field));
            }
        }
        let is_windowed = fields.iter().any(|field| windowed.contains(field));
        let has_waiting = waiting.iter().any(|one| windowed.contains(&one.field.as_str()));
        // A password never waits, and takes nothing along that does.
        let is_password = fields.contains(DatabaseCluster::PASSWORD.as_str());
        let is_now = wanted.apply_now && is_windowed || is_password && !is_windowed && !has_waiting;
        Self { fields, is_now }
    }

    fn has<T>(&self, field: asiaq_ir::Field<DatabaseCluster, T>) -> bool {
        self.fields.contains(field.as_str())
    }

    /// One call with what differs, and nothing else.
    async fn make(&self, region: &Region<'_>, id: &str, live: &Live, wanted: &DatabaseCluster) -> Result<()> {
        let mut call =
            region.rds().modify_db_cluster().db_cluster_identifier(id).apply_immediately(self.is_now);
        let mut target = None;
        if self.has(DatabaseCluster::VERSION) {
            let there = live.engine_version().unwrap_or_default();
            // One that is in force again takes back what waits.
            let is_back = asiaq_ir::version::covers(&wanted.version, there);
            let to = if is_back {
                there.to_owned()
            } else {
                target_of(region, &wanted.engine, there, &wanted.version).await?
            };
            let is_major = Database::is_major_upgrade(&wanted.engine, there, &to);
            call = call.engine_version(&to).set_allow_major_version_upgrade(is_major.then_some(true));
            target = Some(to);
        }
        if self.has(DatabaseCluster::STORAGE_TYPE) {
            call = call.storage_type(&wanted.storage_type);
        }
        if self.has(DatabaseCluster::GROUPS) {
            call = call.set_vpc_security_group_ids(Some(ids(&wanted.groups)));
        }
        if self.has(DatabaseCluster::PARAMETER_GROUP) {
            call = call.set_db_cluster_parameter_group_name(id_of(&wanted.parameter_group));
        }
        if self.has(DatabaseCluster::PORT) {
            call = call.port(i32::from(wanted.port));
        }
        if self.has(DatabaseCluster::MIN_CAPACITY) || self.has(DatabaseCluster::MAX_CAPACITY) {
            call = call.set_serverless_v2_scaling_configuration(capacity(wanted));
        }
        if self.has(DatabaseCluster::BACKUPS) {
            call = call.backup_retention_period(signed(wanted.backups));
        }
        if self.has(DatabaseCluster::BACKUP_WINDOW) {
            call = call.set_preferred_backup_window(wanted.backup_window.clone());
        }
        if self.has(DatabaseCluster::MAINTENANCE_WINDOW) {
            call = call.set_preferred_maintenance_window(wanted.maintenance_window.clone());
        }
        if self.has(DatabaseCluster::DELETION_PROTECTION) {
            call = call.deletion_protection(wanted.deletion_protection);
        }
        if self.has(DatabaseCluster::LOGS) {
            let logs = exported_logs(live.enabled_cloudwatch_logs_exports(), &wanted.logs);
            call = call.cloudwatch_logs_export_configuration(logs);
        }
        if self.has(DatabaseCluster::PASSWORD) {
            call = match &wanted.password {
                Password::Managed | Password::OfSource => call.manage_master_user_password(true),
                Password::Credential(place) => {
                    let is_managed = live.master_user_secret().is_some();
                    call.set_manage_master_user_password(is_managed.then_some(false))
                        .master_user_password(credentials::read(region, place).await?)
                }
            };
        }
        region.retry_until_consistent(MODIFY_DB_CLUSTER, || call.clone().send()).await?;
        match target.filter(|_| self.is_now) {
            Some(target) => upgraded(region, id, &target).await,
            None => Ok(()),
        }
    }
}

/// Fields that a call changes, of those that differ. What the program leaves to AWS is no difference.
fn differing(live: &DatabaseCluster, wanted: &DatabaseCluster) -> BTreeSet<&'static str> {
    let (there, here) = (Resource::from(live.clone()), Resource::from(wanted.clone()));
    let schema = Kind::DatabaseCluster.schema();
    let kept = [DatabaseCluster::IN_FORCE.as_str(), DatabaseCluster::FINAL_SNAPSHOT.as_str()];
    let fields = Kind::DatabaseCluster.fields().iter().copied();
    fields
        .filter(|field| !kept.contains(field))
        .filter(|field| match schema.change(field) {
            Changes::CreateOnly { .. } | Changes::Replace(_) => false,
            Changes::IfSet(_) if here.field(field).is_null() => false,
            _ => there.field(field) != here.field(field),
        })
        .filter(|field| *field != DatabaseCluster::VERSION.as_str() || !is_kept(live, wanted))
        .collect()
}

fn is_kept(live: &DatabaseCluster, wanted: &DatabaseCluster) -> bool {
    Database::is_kept_version(&wanted.engine, &live.version, &wanted.version)
}

/// Why a cluster cannot be changed: AWS offers no upgrade to its version.
pub(crate) async fn refusal(
    live: &DatabaseCluster,
    wanted: &DatabaseCluster,
    region: &Region<'_>,
) -> Result<Option<CloudError>> {
    if is_kept(live, wanted) {
        return Ok(None);
    }
    match target_of(region, &wanted.engine, &live.version, &wanted.version).await {
        Ok(_) => Ok(None),
        Err(error) if error.fault == Fault::Refused => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// Waits until a cluster has a version. AWS may accept an upgrade and give it up: its events then say why.
async fn upgraded(region: &Region<'_>, id: &str, target: &str) -> Result<()> {
    for _ in 0..LOOKS {
        let live = settled(region, id).await?;
        if live.engine_version() == Some(target) {
            return Ok(());
        }
        let mut wait = region.wait(region.timeouts().consistency);
        if !wait.pause("the upgrade has not begun").await {
            break;
        }
    }
    let call = region.rds().describe_events().source_identifier(id);
    let call = call.source_type(SourceType::DbCluster).duration(EVENTS);
    let events = DESCRIBE_EVENTS.call(call.send()).await?.events.unwrap_or_default();
    let said: Vec<String> = events.into_iter().rev().filter_map(|event| event.message).take(3).collect();
    let why = if said.is_empty() { "its events do not say why".to_owned() } else { said.join("; ") };
    Err(MODIFY_DB_CLUSTER.refused(format!("AWS did not upgrade the cluster `{id}` to {target}: {why}")))
}

/// Writes what only tags tell: where the password is, and that no snapshot is wanted.
async fn retag(
    region: &Region<'_>,
    live: &Live,
    before: &DatabaseCluster,
    wanted: &DatabaseCluster,
) -> Result<()> {
    let Some(arn) = live.db_cluster_arn() else { return Ok(()) };
    let there = tags_of(live);
    let mut set = Tags::new();
    if let Password::Credential(place) = &wanted.password {
        set.insert(CREDENTIAL_TAG.to_owned(), place.clone());
    }
    if !wanted.final_snapshot {
        set.insert(NO_SNAPSHOT_TAG.to_owned(), "true".to_owned());
    }
    set.retain(|key, value| there.get(key) != Some(value));
    if !set.is_empty() {
        group_tags::set(region, arn, &set).await?;
    }
    if wanted.final_snapshot && !before.final_snapshot {
        group_tags::remove(region, arn, vec![NO_SNAPSHOT_TAG.to_owned()]).await?;
    }
    Ok(())
}

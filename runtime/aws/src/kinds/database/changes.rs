//! Changes of a database in place.

use std::collections::BTreeSet;

use asiaq_ir::{Database, Password, version};
use asiaq_runtime::{CloudError, Fault};
use aws_sdk_rds::types::{CloudwatchLogsExportConfiguration, DbInstance as Live};

use super::super::prelude::*;
use super::{CREDENTIAL_TAG, NO_SNAPSHOT_TAG, STORAGE_TAG, form, group_tags, settled};
use crate::credentials;

ops! { rds:
    MODIFY_DB_INSTANCE = "ModifyDBInstance", Write;
    PROMOTE_READ_REPLICA = "PromoteReadReplica", Write;
    REBOOT_DB_INSTANCE = "RebootDBInstance", Write;
    DESCRIBE_DB_ENGINE_VERSIONS = "DescribeDBEngineVersions", Own;
    DESCRIBE_EVENTS = "DescribeEvents", Own;
}

/// Looks at a database that is to have another version, after which it is taken for refused.
const LOOKS: usize = 20;
/// Minutes of events that say why an upgrade was not made.
const EVENTS: i32 = 60;

/// Changes a database to what is wanted. What is there is read anew: values may wait, and a restore leaves out many.
pub(super) async fn update(
    planned: &Database,
    region: &Region<'_>,
    id: &str,
    wanted: &Database,
) -> Result<()> {
    let mut live = settled(region, id).await?;
    if live.read_replica_source_db_instance_identifier().is_some() && wanted.source.is_none() {
        let call = region.rds().promote_read_replica().db_instance_identifier(id);
        let call = call.backup_retention_period(signed(wanted.backups));
        region.retry_until_consistent(PROMOTE_READ_REPLICA, || call.clone().send()).await?;
        live = settled(region, id).await?;
    }
    let Some(accepted) = form(&live) else { return Ok(()) };
    let change = Change::between(&live, &accepted, wanted);
    if !change.is_empty() {
        change.make(region, id, &live, wanted).await?;
        live = settled(region, id).await?;
    }
    retag(region, &live, &accepted, wanted).await?;
    // Only `--now` asks for it: otherwise the plan has the parameters in force, or waiting.
    if !planned.in_force && wanted.apply_now && has_waiting_parameters(&live) {
        let call = region.rds().reboot_db_instance().db_instance_identifier(id);
        region.retry_until_consistent(REBOOT_DB_INSTANCE, || call.clone().send()).await?;
        settled(region, id).await?;
    }
    Ok(())
}

fn has_waiting_parameters(live: &Live) -> bool {
    let mut groups = live.db_parameter_groups().iter();
    groups.any(|group| group.parameter_apply_status() == Some("pending-reboot"))
}

/// The fields in which a database is to become another one.
struct Change {
    fields: BTreeSet<&'static str>,
    /// Whether to make it at once, with everything that waits.
    is_now: bool,
}

impl Change {
    /// The changes that take `live` to what is wanted. Without haste, what waits already is as good as done.
    fn between(live: &Live, accepted: &Database, wanted: &Database) -> Self {
        let mut fields = differing(accepted, wanted);
        let windowed = asiaq_ir::Kind::Database.schema().windowed;
        if wanted.apply_now {
            for waiting in super::waiting::of(live) {
                fields.extend(windowed.iter().copied().filter(|field| *field == waiting.field));
            }
        }
        let waits = |field: &&str| windowed.contains(field) || *field == Database::BACKUPS.as_str();
        let is_moved = fields.contains(Database::SUBNET_GROUP.as_str());
        let is_now = is_moved || wanted.apply_now && fields.iter().any(waits);
        Self { fields, is_now }
    }

    fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn has<T>(&self, field: asiaq_ir::Field<Database, T>) -> bool {
        self.fields.contains(field.as_str())
    }

    /// One call with what differs, and nothing else.
    async fn make(&self, region: &Region<'_>, id: &str, live: &Live, wanted: &Database) -> Result<()> {
        let mut call =
            region.rds().modify_db_instance().db_instance_identifier(id).apply_immediately(self.is_now);
        let mut target = None;
        if self.has(Database::VERSION) {
            let there = live.engine_version().unwrap_or_default();
            let to = target_of(region, &wanted.engine, there, &wanted.version).await?;
            let is_major = Database::is_major_upgrade(&wanted.engine, there, &to);
            call = call.engine_version(&to).set_allow_major_version_upgrade(is_major.then_some(true));
            target = Some(to);
        }
        if self.has(Database::CLASS) {
            call = call.db_instance_class(&wanted.class);
        }
        let allocated = unsigned(live.allocated_storage.unwrap_or_default());
        let volumes =
            self.has(Database::STORAGE_TYPE) || self.has(Database::IOPS) || self.has(Database::THROUGHPUT);
        if volumes || self.has(Database::STORAGE) && wanted.storage > allocated {
            call = call.allocated_storage(signed(wanted.storage.max(allocated)));
            call =
                call.set_iops(wanted.iops.map(signed)).set_storage_throughput(wanted.throughput.map(signed));
        }
        if self.has(Database::STORAGE_TYPE) {
            call = call.storage_type(&wanted.storage_type);
        }
        if self.has(Database::MAX_STORAGE) {
            // A ceiling at the size switches growth off: AWS takes no zero.
            call = call
                .max_allocated_storage(signed(wanted.max_storage.unwrap_or(allocated.max(wanted.storage))));
        }
        if self.has(Database::SUBNET_GROUP) {
            call = call.set_db_subnet_group_name(id_of(&wanted.subnet_group));
        }
        if self.has(Database::GROUPS) {
            call = call.set_vpc_security_group_ids(Some(ids(&wanted.groups)));
        }
        if self.has(Database::PARAMETER_GROUP) {
            call = call.set_db_parameter_group_name(id_of(&wanted.parameter_group));
        }
        if self.has(Database::PORT) {
            call = call.db_port_number(i32::from(wanted.port));
        }
        if self.has(Database::MULTI_AZ) {
            call = call.multi_az(wanted.multi_az);
        }
        if self.has(Database::BACKUPS) {
            call = call.backup_retention_period(signed(wanted.backups));
        }
        if self.has(Database::BACKUP_WINDOW) {
            call = call.set_preferred_backup_window(wanted.backup_window.clone());
        }
        if self.has(Database::MAINTENANCE_WINDOW) {
            call = call.set_preferred_maintenance_window(wanted.maintenance_window.clone());
        }
        if self.has(Database::LICENSE) {
            call = call.set_license_model(wanted.license.clone());
        }
        if self.has(Database::PUBLIC) {
            call = call.publicly_accessible(wanted.public);
        }
        if self.has(Database::MINOR_UPGRADES) {
            call = call.auto_minor_version_upgrade(wanted.minor_upgrades);
        }
        if self.has(Database::DELETION_PROTECTION) {
            call = call.deletion_protection(wanted.deletion_protection);
        }
        if self.has(Database::CA) {
            call = call.set_ca_certificate_identifier(wanted.ca.clone());
        }
        if self.has(Database::INSIGHTS) {
            call = call.enable_performance_insights(wanted.insights);
        }
        if self.has(Database::MONITORING) || self.has(Database::MONITORING_ROLE) {
            call = call.monitoring_interval(signed(wanted.monitoring));
            call = call.set_monitoring_role_arn(wanted.monitoring_role.clone());
        }
        if self.has(Database::OPTION_GROUP) {
            call = call.set_option_group_name(wanted.option_group.clone());
        }
        if self.has(Database::LOGS) {
            let logs = live.enabled_cloudwatch_logs_exports();
            call = call.cloudwatch_logs_export_configuration(exported_logs(logs, &wanted.logs));
        }
        if self.has(Database::PASSWORD) {
            call = match &wanted.password {
                Password::Managed => call.manage_master_user_password(true),
                Password::Credential(place) => {
                    let is_managed = live.master_user_secret().is_some();
                    call.set_manage_master_user_password(is_managed.then_some(false))
                        .master_user_password(credentials::read(region, place).await?)
                }
                Password::OfSource => call,
            };
        }
        region.retry_until_consistent(MODIFY_DB_INSTANCE, || call.clone().send()).await?;
        match target.filter(|_| self.is_now) {
            Some(target) => upgraded(region, id, &target).await,
            None => Ok(()),
        }
    }
}

/// The logs that are switched on and off.
pub(crate) fn exported_logs(live: &[String], wanted: &BTreeSet<String>) -> CloudwatchLogsExportConfiguration {
    let live: BTreeSet<String> = live.iter().cloned().collect();
    let added = wanted.difference(&live).cloned().collect();
    let removed = live.difference(wanted).cloned().collect();
    let logs = CloudwatchLogsExportConfiguration::builder();
    logs.set_enable_log_types(Some(added)).set_disable_log_types(Some(removed)).build()
}

/// Fields that a call changes, of those that differ. What the program leaves to AWS is no difference.
fn differing(live: &Database, wanted: &Database) -> BTreeSet<&'static str> {
    let (there, here) = (asiaq_ir::Resource::from(live.clone()), asiaq_ir::Resource::from(wanted.clone()));
    let schema = asiaq_ir::Kind::Database.schema();
    let fields = asiaq_ir::Kind::Database.fields().iter().copied();
    let kept = [Database::IN_FORCE.as_str(), Database::FINAL_SNAPSHOT.as_str(), Database::SOURCE.as_str()];
    fields
        .filter(|field| !kept.contains(field))
        .filter(|field| match schema.change(field) {
            asiaq_ir::Change::CreateOnly { .. } | asiaq_ir::Change::Replace(_) => false,
            asiaq_ir::Change::IfSet(_) if here.field(field).is_null() => false,
            _ => there.field(field) != here.field(field),
        })
        .filter(|field| *field != Database::VERSION.as_str() || !is_kept(live, wanted))
        .collect()
}

fn is_kept(live: &Database, wanted: &Database) -> bool {
    Database::is_kept_version(&wanted.engine, &live.version, &wanted.version)
}

/// Why a database cannot be changed: AWS offers no upgrade to its version.
pub(crate) async fn refusal(
    live: &Database,
    wanted: &Database,
    region: &Region<'_>,
) -> Result<Option<CloudError>> {
    if wanted.version.is_empty() || is_kept(live, wanted) {
        return Ok(None);
    }
    match target_of(region, &wanted.engine, &live.version, &wanted.version).await {
        Ok(_) => Ok(None),
        Err(error) if error.fault == Fault::Refused => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// The version that an upgrade leads to: the newest that AWS offers from the one that is there, of those that are meant.
pub(crate) async fn target_of(
    region: &Region<'_>,
    engine: &str,
    there: &str,
    wanted: &str,
) -> Result<String> {
    let call = region.rds().describe_db_engine_versions().engine(engine).engine_version(there);
    let call = call.include_all(true);
    let known = DESCRIBE_DB_ENGINE_VERSIONS.all(call.into_paginator().items().send()).await?;
    let targets: Vec<String> = known
        .into_iter()
        .flat_map(|known| known.valid_upgrade_target.unwrap_or_default())
        .filter_map(|target| target.engine_version)
        .collect();
    let meant = targets.iter().filter(|target| version::covers(wanted, target));
    if let Some(newest) = meant.max_by(|a, b| version::order(a, b)) {
        return Ok(newest.clone());
    }
    let message = format!("AWS upgrades `{engine}` {there} to {} and not to {wanted}", listed(&targets));
    Err(DESCRIBE_DB_ENGINE_VERSIONS.refused(message))
}

fn listed(targets: &[String]) -> String {
    if targets.is_empty() { "nothing".to_owned() } else { targets.join(", ") }
}

/// Waits until a database has a version. AWS may accept an upgrade and give it up: its events then say why.
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
    let call = call.source_type(aws_sdk_rds::types::SourceType::DbInstance).duration(EVENTS);
    let events = DESCRIBE_EVENTS.call(call.send()).await?.events.unwrap_or_default();
    let said: Vec<String> = events.into_iter().rev().filter_map(|event| event.message).take(3).collect();
    let why = if said.is_empty() { "its events do not say why".to_owned() } else { said.join("; ") };
    Err(MODIFY_DB_INSTANCE.refused(format!("AWS did not upgrade the database `{id}` to {target}: {why}")))
}

/// Writes what only tags tell: the storage that was asked for, where the password is, and that no snapshot is wanted.
async fn retag(region: &Region<'_>, live: &Live, before: &Database, wanted: &Database) -> Result<()> {
    let Some(arn) = live.db_instance_arn() else { return Ok(()) };
    let there = group_tags::map(live.tag_list());
    let mut set = Tags::new();
    if wanted.storage > 0 {
        set.insert(STORAGE_TAG.to_owned(), wanted.storage.to_string());
    }
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

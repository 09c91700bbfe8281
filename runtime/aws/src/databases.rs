//! The databases of a project and their snapshots, for the commands about them.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Database, Until, Waiting};
use asiaq_runtime::{DatabaseDetails, DatabaseSnapshot, ProjectDatabase, Result, Taken};
use aws_sdk_rds::types::DbInstance;

use crate::config::Aws;
use crate::kinds::database::{self, DESCRIBE_DB_SNAPSHOTS, REBOOT_DB_INSTANCE};
use crate::kinds::database_parameter_group::{self, DESCRIBE_DB_PARAMETERS};
use crate::operation::{Access, Operation, ops};
use crate::service::rds;
use crate::tags::address_in;

ops! { rds:
    DELETE_DB_SNAPSHOT = "DeleteDBSnapshot", Write;
}

/// The operations of kinds that the commands call too.
pub(crate) const MORE: &[Operation] = &[
    database::DESCRIBE_DB_INSTANCES,
    DESCRIBE_DB_SNAPSHOTS.used_for(Access::Read),
    DESCRIBE_DB_PARAMETERS.used_for(Access::Read),
    REBOOT_DB_INSTANCE,
];

impl Aws {
    /// The databases of a project in a region.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn databases(&self, region: &str, project: &str) -> Result<Vec<ProjectDatabase>> {
        let region = self.region(region);
        let pages = region.rds().describe_db_instances().into_paginator().items().send();
        let all = database::DESCRIBE_DB_INSTANCES.all(pages).await?;
        Ok(all.iter().filter_map(|one| of_project(one, project)).collect())
    }

    /// All that AWS tells of a database of a project; none if there is no such one.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn database_details(
        &self,
        region: &str,
        project: &str,
        id: &str,
    ) -> Result<Option<DatabaseDetails>> {
        let region = self.region(region);
        let call = region.rds().describe_db_instances().db_instance_identifier(id);
        let found = rds.found(database::DESCRIBE_DB_INSTANCES.call(call.send()).await)?;
        let live = found.and_then(|found| found.db_instances).unwrap_or_default().into_iter().next();
        let Some(live) = live else { return Ok(None) };
        let Some(database) = of_project(&live, project) else { return Ok(None) };
        let mut details = details(&live, database);
        if let Some(group) = &details.parameter_group {
            let own = database_parameter_group::own(&region, group).await?;
            details.parameters =
                own.unwrap_or_default().into_iter().map(|one| (one.name, one.value)).collect();
        }
        Ok(Some(details))
    }

    /// The snapshots of the databases of a project in a region.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn database_snapshots(&self, region: &str, project: &str) -> Result<Vec<DatabaseSnapshot>> {
        let region = self.region(region);
        let pages = region.rds().describe_db_snapshots().into_paginator().items().send();
        let all = DESCRIBE_DB_SNAPSHOTS.all(pages).await?;
        let of_project = all.into_iter().filter_map(|one| {
            let tags = database::tags_of_snapshot(&one);
            let address = address_in(&tags, project)?;
            let data = database::data_of(&one);
            let (id, database) =
                (one.db_snapshot_identifier?, one.db_instance_identifier.unwrap_or_default());
            let is_final = id.strip_prefix(&database).is_some_and(|rest| rest.starts_with("-final-"));
            let taken = match one.snapshot_type.as_deref() {
                Some("automated" | "awsbackup") => Taken::Automated,
                _ if is_final => Taken::Final,
                _ => Taken::Manual,
            };
            Some(DatabaseSnapshot {
                environment: address.scope().environment().unwrap_or_default().to_owned(),
                id,
                database,
                taken,
                storage: one.allocated_storage.unwrap_or_default(),
                status: one.status.unwrap_or_default(),
                created: one.snapshot_create_time.map(|moment| moment.secs()),
                data,
            })
        });
        Ok(of_project.collect())
    }

    /// Deletes a snapshot. That it is gone already is no error.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn delete_database_snapshot(&self, region: &str, id: &str) -> Result<()> {
        let region = self.region(region);
        let call = region.rds().delete_db_snapshot().db_snapshot_identifier(id);
        rds.found(DELETE_DB_SNAPSHOT.call(call.send()).await).map(drop)
    }

    /// Reboots a database and waits until it serves again; with `failover` its standby takes over.
    ///
    /// # Errors
    /// If AWS refuses, or it does not serve in time.
    pub async fn reboot_database(&self, region: &str, id: &str, failover: bool) -> Result<()> {
        let region = self.region(region);
        database::settled(&region, id).await?;
        let call = region.rds().reboot_db_instance().db_instance_identifier(id).force_failover(failover);
        REBOOT_DB_INSTANCE.call(call.send()).await?;
        database::settled(&region, id).await.map(drop)
    }
}

fn of_project(database: &DbInstance, project: &str) -> Option<ProjectDatabase> {
    let tags = database::tags_of_database(database);
    let address: Address = address_in(&tags, project)?;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let endpoint = database.endpoint();
    Some(ProjectDatabase {
        environment: address.scope().environment().unwrap_or_default().to_owned(),
        address: address.as_str().to_owned(),
        id: database.db_instance_identifier.clone()?,
        engine: text(database.engine()),
        version: text(database.engine_version()),
        class: text(database.db_instance_class()),
        storage: database.allocated_storage.unwrap_or_default(),
        status: text(database.db_instance_status()),
        endpoint: endpoint.and_then(|endpoint| endpoint.address.clone()),
        port: endpoint.and_then(|endpoint| endpoint.port),
        waiting: database::waiting(database).iter().map(in_words).collect(),
        restored_from: tags.get(database::RESTORED_TAG).cloned(),
    })
}

fn details(live: &DbInstance, database: ProjectDatabase) -> DatabaseDetails {
    let is = |value: Option<bool>| value.unwrap_or_default();
    let parameters = live.db_parameter_groups().first();
    let groups = live.vpc_security_groups().iter();
    let storage = live.allocated_storage.unwrap_or_default();
    DatabaseDetails {
        database,
        arn: live.db_instance_arn.clone().unwrap_or_default(),
        zone: live.availability_zone.clone(),
        standby_zone: live.secondary_availability_zone.clone(),
        multi_az: is(live.multi_az),
        storage_type: live.storage_type.clone().unwrap_or_default(),
        iops: live.iops.filter(|iops| *iops > 0),
        throughput: live.storage_throughput.filter(|throughput| *throughput > 0),
        max_storage: live.max_allocated_storage.filter(|most| *most > storage),
        encrypted: is(live.storage_encrypted),
        kms_key: live.kms_key_id.clone(),
        user: live.master_username.clone().unwrap_or_default(),
        secret: live.master_user_secret().and_then(|secret| secret.secret_arn.clone()),
        parameter_group: parameters.and_then(|group| group.db_parameter_group_name.clone()),
        parameters_status: parameters.and_then(|group| group.parameter_apply_status.clone()),
        parameters: BTreeMap::new(),
        subnet_group: live.db_subnet_group().and_then(|group| group.db_subnet_group_name.clone()),
        security_groups: groups.filter_map(|group| group.vpc_security_group_id.clone()).collect(),
        public: is(live.publicly_accessible),
        backups: live.backup_retention_period.unwrap_or_default(),
        backup_window: live.preferred_backup_window.clone(),
        maintenance_window: live.preferred_maintenance_window.clone(),
        restorable: live.latest_restorable_time.map(|moment| moment.secs()),
        replica_of: live.read_replica_source_db_instance_identifier.clone(),
        replicas: live.read_replica_db_instance_identifiers().to_vec(),
        ca: live.ca_certificate_identifier.clone(),
        minor_upgrades: is(live.auto_minor_version_upgrade),
        deletion_protection: is(live.deletion_protection),
        insights: is(live.performance_insights_enabled),
        logs: live.enabled_cloudwatch_logs_exports().to_vec(),
    }
}

/// What waits, and for what.
fn in_words(waiting: &Waiting) -> String {
    let what = match waiting.until {
        Until::Reboot if waiting.field == Database::IN_FORCE.as_str() => "a static parameter".to_owned(),
        Until::Reboot | Until::MaintenanceWindow | Until::NextChange => {
            let value = waiting.accepted.as_str().map_or_else(|| waiting.accepted.to_string(), str::to_owned);
            format!("{} {value}", waiting.field.replace('_', " "))
        }
    };
    format!("{what} {}", waiting.until.words())
}

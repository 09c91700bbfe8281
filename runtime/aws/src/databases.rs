//! The databases of a project and their snapshots, for the commands about them.

use asiaq_ir::{Address, Database, Until, Waiting};
use asiaq_runtime::{DatabaseSnapshot, ProjectDatabase, Result, Taken};
use aws_sdk_rds::types::DbInstance;

use crate::config::Aws;
use crate::kinds::database::{self, DESCRIBE_DB_SNAPSHOTS, REBOOT_DB_INSTANCE};
use crate::operation::{Access, Operation, ops};
use crate::service::rds;
use crate::tags::address_in;

ops! { rds:
    DELETE_DB_SNAPSHOT = "DeleteDBSnapshot", Write;
}

/// The operations of kinds that the commands call too.
pub(crate) const MORE: &[Operation] =
    &[database::DESCRIBE_DB_INSTANCES, DESCRIBE_DB_SNAPSHOTS.used_for(Access::Read), REBOOT_DB_INSTANCE];

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
    let address: Address = address_in(&database::tags_of_database(database), project)?;
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
    })
}

/// What waits, and for what.
fn in_words(waiting: &Waiting) -> String {
    let what = match waiting.until {
        Until::Reboot if waiting.field == Database::IN_FORCE.as_str() => "a static parameter".to_owned(),
        Until::Reboot | Until::MaintenanceWindow => {
            let value = waiting.accepted.as_str().map_or_else(|| waiting.accepted.to_string(), str::to_owned);
            format!("{} {value}", waiting.field.replace('_', " "))
        }
    };
    format!("{what} {}", waiting.until.words())
}

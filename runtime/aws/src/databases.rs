//! The databases of a project and their snapshots, for the commands about them.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Database, Until, Waiting};
use asiaq_runtime::{ClusterInstance, DatabaseDetails, DatabaseSnapshot, ProjectDatabase, Result, Taken};
use aws_sdk_rds::types::{DbCluster, DbInstance};
use futures::future;

use crate::config::Aws;
use crate::kinds::database::{
    self, DESCRIBE_DB_CLUSTER_SNAPSHOTS, DESCRIBE_DB_INSTANCES, DESCRIBE_DB_SNAPSHOTS, Of,
    REBOOT_DB_INSTANCE, Snapshot,
};
use crate::kinds::database_cluster::{self, DESCRIBE_DB_CLUSTERS};
use crate::kinds::database_cluster_instance;
use crate::kinds::database_cluster_parameter_group::{self, DESCRIBE_DB_CLUSTER_PARAMETERS};
use crate::kinds::database_parameter_group::{self, DESCRIBE_DB_PARAMETERS};
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::service::rds;
use crate::tags::address_in;

ops! { rds:
    DELETE_DB_SNAPSHOT = "DeleteDBSnapshot", Write;
    DELETE_DB_CLUSTER_SNAPSHOT = "DeleteDBClusterSnapshot", Write;
    FAILOVER_DB_CLUSTER = "FailoverDBCluster", Write;
}

/// The operations of kinds that the commands call too.
pub(crate) const MORE: &[Operation] = &[
    DESCRIBE_DB_INSTANCES,
    DESCRIBE_DB_CLUSTERS,
    DESCRIBE_DB_SNAPSHOTS.used_for(Access::Read),
    DESCRIBE_DB_CLUSTER_SNAPSHOTS.used_for(Access::Read),
    DESCRIBE_DB_PARAMETERS.used_for(Access::Read),
    DESCRIBE_DB_CLUSTER_PARAMETERS.used_for(Access::Read),
    REBOOT_DB_INSTANCE,
];

/// Looks at a cluster after a failover before it is taken for not made.
const LOOKS: usize = 60;

impl Aws {
    /// The databases of a project in a region. The instances of a cluster are part of it.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn databases(&self, region: &str, project: &str) -> Result<Vec<ProjectDatabase>> {
        let region = self.region(region);
        let (instances, clusters) = future::try_join(instances(&region), clusters(&region)).await?;
        let alone = instances.iter().filter(|one| one.db_cluster_identifier().is_none());
        let alone = alone.filter_map(|one| of_project(one, project));
        let clusters = clusters.iter().filter_map(|one| cluster_of_project(one, &instances, project));
        Ok(alone.chain(clusters).collect())
    }

    /// All that AWS tells of a database of a project; none if there is no such one.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn database_details(
        &self,
        region: &str,
        project: &str,
        database: &ProjectDatabase,
    ) -> Result<Option<DatabaseDetails>> {
        let region = self.region(region);
        if database.is_cluster() {
            return self.cluster_details(&region, project, &database.id).await;
        }
        let call = region.rds().describe_db_instances().db_instance_identifier(&database.id);
        let found = rds.found(DESCRIBE_DB_INSTANCES.call(call.send()).await)?;
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

    async fn cluster_details(
        &self,
        region: &Region<'_>,
        project: &str,
        id: &str,
    ) -> Result<Option<DatabaseDetails>> {
        let call = region.rds().describe_db_clusters().db_cluster_identifier(id);
        let found = rds.found(DESCRIBE_DB_CLUSTERS.call(call.send()).await)?;
        let live = found.and_then(|found| found.db_clusters).unwrap_or_default().into_iter().next();
        let Some(live) = live else { return Ok(None) };
        let instances = instances(region).await?;
        let Some(database) = cluster_of_project(&live, &instances, project) else { return Ok(None) };
        let is_writer = |one: &&DbInstance| {
            let writer = database.instances.iter().flatten().find(|one| one.is_writer);
            writer.is_some_and(|writer| one.db_instance_identifier() == Some(writer.id.as_str()))
        };
        let writer = instances.iter().find(is_writer);
        let mut details = of_cluster(&live, writer, database);
        if let Some(group) = &details.parameter_group {
            let own = database_cluster_parameter_group::own(region, group).await?;
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
        let look = |of| Snapshot::all(&region, of);
        let (of_instances, of_clusters) = future::try_join(look(Of::Instance), look(Of::Cluster)).await?;
        let of_instances = of_instances.into_iter().map(|one| (one, false));
        let of_clusters = of_clusters.into_iter().map(|one| (one, true));
        let of_project = of_instances.chain(of_clusters).filter_map(|(one, is_cluster)| {
            let address = address_in(&one.tags, project)?;
            let Snapshot { id, database, data, status, storage, created, .. } = one;
            let is_final = id.strip_prefix(&database).is_some_and(|rest| rest.starts_with("-final-"));
            let taken = match one.taken.as_str() {
                "automated" | "awsbackup" => Taken::Automated,
                _ if is_final => Taken::Final,
                _ => Taken::Manual,
            };
            let environment = address.scope().environment().unwrap_or_default().to_owned();
            Some(DatabaseSnapshot {
                environment,
                id,
                database,
                is_cluster,
                taken,
                storage,
                status,
                created,
                data,
            })
        });
        Ok(of_project.collect())
    }

    /// Deletes a snapshot of a database, or of a cluster. That it is gone already is no error.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn delete_database_snapshot(&self, region: &str, id: &str, is_cluster: bool) -> Result<()> {
        let region = self.region(region);
        if is_cluster {
            let call = region.rds().delete_db_cluster_snapshot().db_cluster_snapshot_identifier(id);
            return rds.found(DELETE_DB_CLUSTER_SNAPSHOT.call(call.send()).await).map(drop);
        }
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

    /// Reboots the instances of a cluster one after the other, the one that writes last, and waits until it serves again.
    ///
    /// # Errors
    /// If AWS refuses, or it does not serve in time.
    pub async fn reboot_cluster(&self, region: &str, id: &str) -> Result<()> {
        let region = self.region(region);
        let live = database_cluster::settled(&region, id).await?;
        database_cluster::reboot(&region, id, database_cluster::all_members(&live)).await
    }

    /// Lets a reader of a cluster take over, and waits until it writes.
    ///
    /// # Errors
    /// If the cluster has no reader, AWS refuses, or no other instance writes in time.
    pub async fn fail_cluster_over(&self, region: &str, id: &str) -> Result<()> {
        let region = self.region(region);
        let before = database_cluster::settled(&region, id).await?;
        let writer = writer(&before).map(str::to_owned);
        if before.db_cluster_members().len() < 2 {
            let message = format!("the cluster `{id}` has no reader that could take over");
            return Err(FAILOVER_DB_CLUSTER.refused(message));
        }
        let call = region.rds().failover_db_cluster().db_cluster_identifier(id);
        FAILOVER_DB_CLUSTER.call(call.send()).await?;
        for _ in 0..LOOKS {
            let live = database_cluster::settled(&region, id).await?;
            if self::writer(&live).is_some_and(|now| Some(now) != writer.as_deref()) {
                return Ok(());
            }
            let mut wait = region.wait(region.timeouts().consistency);
            if !wait.pause("no other instance writes yet").await {
                break;
            }
        }
        let message = format!("the same instance of the cluster `{id}` still writes");
        Err(crate::error::timed_out(FAILOVER_DB_CLUSTER.name, message))
    }
}

async fn instances(region: &Region<'_>) -> Result<Vec<DbInstance>> {
    let pages = region.rds().describe_db_instances().into_paginator().items().send();
    DESCRIBE_DB_INSTANCES.all(pages).await
}

async fn clusters(region: &Region<'_>) -> Result<Vec<DbCluster>> {
    let pages = region.rds().describe_db_clusters().into_paginator().items().send();
    DESCRIBE_DB_CLUSTERS.all(pages).await
}

/// The instance that writes.
fn writer(cluster: &DbCluster) -> Option<&str> {
    let mut members = cluster.db_cluster_members().iter();
    members.find(|one| one.is_cluster_writer == Some(true)).and_then(|one| one.db_instance_identifier())
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
        reader_endpoint: None,
        instances: None,
    })
}

/// A cluster with those of the instances that are its own. It has the class of the one that writes.
fn cluster_of_project(
    cluster: &DbCluster,
    instances: &[DbInstance],
    project: &str,
) -> Option<ProjectDatabase> {
    let tags = database_cluster::tags_of(cluster);
    let address: Address = address_in(&tags, project)?;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let writer = writer(cluster);
    let own = instances.iter().filter(|one| one.db_cluster_identifier() == cluster.db_cluster_identifier());
    let mut own: Vec<ClusterInstance> = own
        .map(|one| ClusterInstance {
            id: text(one.db_instance_identifier()),
            is_writer: one.db_instance_identifier().is_some() && one.db_instance_identifier() == writer,
            class: text(one.db_instance_class()),
            status: text(one.db_instance_status()),
            zone: one.availability_zone.clone(),
            waiting: database_cluster_instance::waiting(one).iter().map(in_words).collect(),
        })
        .collect();
    own.sort_by(|one, other| (!one.is_writer, &one.id).cmp(&(!other.is_writer, &other.id)));
    let of_instances = own.iter().flat_map(|one| {
        let of = |what: &String| format!("{what} ({})", one.id);
        one.waiting.iter().map(of).collect::<Vec<_>>()
    });
    let waiting = database_cluster::waiting(cluster).iter().map(in_words).chain(of_instances).collect();
    Some(ProjectDatabase {
        environment: address.scope().environment().unwrap_or_default().to_owned(),
        address: address.as_str().to_owned(),
        id: cluster.db_cluster_identifier.clone()?,
        engine: text(cluster.engine()),
        version: text(cluster.engine_version()),
        class: own.first().map(|one| one.class.clone()).unwrap_or_default(),
        storage: 0,
        status: text(cluster.status()),
        endpoint: cluster.endpoint.clone(),
        port: cluster.port,
        waiting,
        restored_from: tags.get(database::RESTORED_TAG).cloned(),
        reader_endpoint: cluster.reader_endpoint.clone(),
        instances: Some(own),
    })
}

/// All that AWS tells of a cluster, and of the instance that writes what it tells of no cluster.
fn of_cluster(live: &DbCluster, writer: Option<&DbInstance>, database: ProjectDatabase) -> DatabaseDetails {
    let is = |value: Option<bool>| value.unwrap_or_default();
    let groups = live.vpc_security_groups().iter();
    let statuses = live.db_cluster_members().iter();
    let waits = |status: &&str| *status != "in-sync";
    let statuses = statuses.filter_map(|one| one.db_cluster_parameter_group_status()).collect::<Vec<_>>();
    let status = statuses.iter().copied().find(waits).or(statuses.first().copied());
    DatabaseDetails {
        database,
        arn: live.db_cluster_arn.clone().unwrap_or_default(),
        zone: writer.and_then(|one| one.availability_zone.clone()),
        standby_zone: None,
        multi_az: is(live.multi_az),
        storage_type: database_cluster::storage_type(live).to_owned(),
        iops: None,
        throughput: None,
        max_storage: None,
        encrypted: is(live.storage_encrypted),
        kms_key: live.kms_key_id.clone(),
        user: live.master_username.clone().unwrap_or_default(),
        secret: live.master_user_secret().and_then(|secret| secret.secret_arn.clone()),
        parameter_group: live.db_cluster_parameter_group.clone(),
        parameters_status: status.map(str::to_owned),
        parameters: BTreeMap::new(),
        subnet_group: live.db_subnet_group.clone(),
        security_groups: groups.filter_map(|group| group.vpc_security_group_id.clone()).collect(),
        public: writer.is_some_and(|one| is(one.publicly_accessible)),
        backups: live.backup_retention_period.unwrap_or_default(),
        backup_window: live.preferred_backup_window.clone(),
        maintenance_window: live.preferred_maintenance_window.clone(),
        restorable: live.latest_restorable_time.map(|moment| moment.secs()),
        replica_of: live.replication_source_identifier.clone(),
        replicas: live.read_replica_identifiers().to_vec(),
        ca: writer.and_then(|one| one.ca_certificate_identifier.clone()),
        minor_upgrades: writer.is_some_and(|one| is(one.auto_minor_version_upgrade)),
        deletion_protection: is(live.deletion_protection),
        insights: writer.is_some_and(|one| is(one.performance_insights_enabled)),
        logs: live.enabled_cloudwatch_logs_exports().to_vec(),
    }
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

//! Snapshots of instances and of clusters, which RDS keeps apart.

use asiaq_runtime::{CloudError, DatabaseData};
use aws_sdk_rds::types::{DbClusterSnapshot, DbSnapshot};

use super::super::group_tags;
use super::{
    CREATE_DB_CLUSTER_SNAPSHOT, CREATE_DB_SNAPSHOT, DESCRIBE_DB_CLUSTER_SNAPSHOTS, DESCRIBE_DB_SNAPSHOTS,
};
use crate::kinds::prelude::*;
use crate::service::rds;

/// Codes with which AWS refuses the name of another snapshot.
const TAKEN: [&str; 2] = ["DBSnapshotAlreadyExists", "DBClusterSnapshotAlreadyExistsFault"];

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Instance,
    Cluster,
}

/// A snapshot of a database.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) id: String,
    /// The identifier of its database.
    pub(crate) database: String,
    pub(crate) status: String,
    pub(crate) percent: i32,
    /// When it was taken, in seconds since 1970.
    pub(crate) created: Option<i64>,
    /// GiB.
    pub(crate) storage: i32,
    /// `manual`, `automated`, `awsbackup`.
    pub(crate) taken: String,
    pub(crate) data: DatabaseData,
    /// Those of its database, and its own.
    pub(crate) tags: Tags,
}

impl From<DbSnapshot> for Snapshot {
    fn from(one: DbSnapshot) -> Self {
        Self {
            tags: group_tags::map(one.tag_list()),
            created: one.snapshot_create_time().map(aws_smithy_types::DateTime::secs),
            id: one.db_snapshot_identifier.unwrap_or_default(),
            database: one.db_instance_identifier.unwrap_or_default(),
            status: one.status.unwrap_or_default(),
            percent: one.percent_progress.unwrap_or_default(),
            storage: one.allocated_storage.unwrap_or_default(),
            taken: one.snapshot_type.unwrap_or_default(),
            data: DatabaseData {
                engine: one.engine.unwrap_or_default(),
                version: one.engine_version.unwrap_or_default(),
                user: one.master_username.unwrap_or_default(),
                encrypted: one.encrypted.unwrap_or_default(),
                kms_key: one.kms_key_id,
            },
        }
    }
}

impl From<DbClusterSnapshot> for Snapshot {
    fn from(one: DbClusterSnapshot) -> Self {
        Self {
            tags: group_tags::map(one.tag_list()),
            created: one.snapshot_create_time().map(aws_smithy_types::DateTime::secs),
            id: one.db_cluster_snapshot_identifier.unwrap_or_default(),
            database: one.db_cluster_identifier.unwrap_or_default(),
            status: one.status.unwrap_or_default(),
            percent: one.percent_progress.unwrap_or_default(),
            storage: one.allocated_storage.unwrap_or_default(),
            taken: one.snapshot_type.unwrap_or_default(),
            data: DatabaseData {
                engine: one.engine.unwrap_or_default(),
                version: one.engine_version.unwrap_or_default(),
                user: one.master_username.unwrap_or_default(),
                encrypted: one.storage_encrypted.unwrap_or_default(),
                kms_key: one.kms_key_id,
            },
        }
    }
}

impl Snapshot {
    /// All snapshots of a region: those of anybody.
    pub(crate) async fn all(region: &Region<'_>, of: Of) -> Result<Vec<Self>> {
        select(region, of, None).await
    }
}

/// The snapshots of a database of a name, automated ones too.
pub(super) async fn of_database(region: &Region<'_>, of: Of, name: &str) -> Result<Vec<Snapshot>> {
    select(region, of, Some(name)).await
}

async fn select(region: &Region<'_>, of: Of, name: Option<&str>) -> Result<Vec<Snapshot>> {
    let name = name.map(ToOwned::to_owned);
    match of {
        Of::Instance => {
            let call = region.rds().describe_db_snapshots().set_db_instance_identifier(name);
            let all = DESCRIBE_DB_SNAPSHOTS.all(call.into_paginator().items().send()).await?;
            Ok(all.into_iter().map(Snapshot::from).collect())
        }
        Of::Cluster => {
            let call = region.rds().describe_db_cluster_snapshots().set_db_cluster_identifier(name);
            let all = DESCRIBE_DB_CLUSTER_SNAPSHOTS.all(call.into_paginator().items().send()).await?;
            Ok(all.into_iter().map(Snapshot::from).collect())
        }
    }
}

/// The snapshot of a name.
pub(super) async fn look(region: &Region<'_>, of: Of, id: &str) -> Result<Option<Snapshot>> {
    match of {
        Of::Instance => {
            let call = region.rds().describe_db_snapshots().db_snapshot_identifier(id);
            let found = rds.found(DESCRIBE_DB_SNAPSHOTS.call(call.send()).await)?;
            let found = found.and_then(|found| found.db_snapshots).unwrap_or_default();
            Ok(found.into_iter().next().map(Snapshot::from))
        }
        Of::Cluster => {
            let call = region.rds().describe_db_cluster_snapshots().db_cluster_snapshot_identifier(id);
            let found = rds.found(DESCRIBE_DB_CLUSTER_SNAPSHOTS.call(call.send()).await)?;
            let found = found.and_then(|found| found.db_cluster_snapshots).unwrap_or_default();
            Ok(found.into_iter().next().map(Snapshot::from))
        }
    }
}

/// Takes a snapshot of `source`, called `id`.
pub(super) async fn take(
    region: &Region<'_>,
    of: Of,
    (source, id): (&str, &str),
    tags: &Tags,
) -> Result<Option<Snapshot>> {
    let tags = group_tags::list(tags);
    match of {
        Of::Instance => {
            let call = region.rds().create_db_snapshot().db_instance_identifier(source);
            let call = call.db_snapshot_identifier(id).set_tags(tags);
            let taken = region.retry_until_consistent(CREATE_DB_SNAPSHOT, || call.clone().send()).await?;
            Ok(taken.db_snapshot.map(Snapshot::from))
        }
        Of::Cluster => {
            let call = region.rds().create_db_cluster_snapshot().db_cluster_identifier(source);
            let call = call.db_cluster_snapshot_identifier(id).set_tags(tags);
            let taken =
                region.retry_until_consistent(CREATE_DB_CLUSTER_SNAPSHOT, || call.clone().send()).await?;
            Ok(taken.db_cluster_snapshot.map(Snapshot::from))
        }
    }
}

/// Whether AWS refused a snapshot because there is one of the name.
pub(super) fn is_taken(error: &CloudError) -> bool {
    TAKEN.contains(&error.code.as_str())
}

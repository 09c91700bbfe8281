//! Databases that are made from snapshots. AWS restores the data, and few of the settings: the update that follows has the rest.

use asiaq_ir::Database;
use aws_sdk_rds::types::DbSnapshot;

use super::super::prelude::*;
use super::{group_tags, logs, tags_of, unfinished};

ops! { rds:
    DESCRIBE_DB_SNAPSHOTS = "DescribeDBSnapshots", Own;
    RESTORE_DB_INSTANCE_FROM_DB_SNAPSHOT = "RestoreDBInstanceFromDBSnapshot", Write;
}

/// The program's word for the newest snapshot.
const LATEST: &str = "latest";

/// Creates a database from a snapshot.
pub(super) async fn create(
    wanted: &Database,
    region: &Region<'_>,
    request: &Create<'_>,
    snapshot: &str,
) -> Result<Created<Database>> {
    let snapshot = match snapshot {
        LATEST => newest(region, &wanted.name).await?,
        named => named.to_owned(),
    };
    let call = region
        .rds()
        .restore_db_instance_from_db_snapshot()
        .db_instance_identifier(&wanted.name)
        .db_snapshot_identifier(snapshot)
        .db_instance_class(&wanted.class)
        .storage_type(&wanted.storage_type)
        .set_iops(wanted.iops.map(signed))
        .set_storage_throughput(wanted.throughput.map(signed))
        .set_db_subnet_group_name(id_of(&wanted.subnet_group))
        .set_vpc_security_group_ids(Some(ids(&wanted.groups)))
        .set_db_parameter_group_name(id_of(&wanted.parameter_group))
        .port(i32::from(wanted.port))
        .multi_az(wanted.multi_az)
        .set_license_model(wanted.license.clone())
        .publicly_accessible(wanted.public)
        .auto_minor_version_upgrade(wanted.minor_upgrades)
        .deletion_protection(wanted.deletion_protection)
        .set_enable_cloudwatch_logs_exports(logs(wanted))
        .copy_tags_to_snapshot(true)
        .set_tags(group_tags::list(&tags_of(wanted, request.tags, false)));
    region.retry_until_consistent(RESTORE_DB_INSTANCE_FROM_DB_SNAPSHOT, || call.clone().send()).await?;
    Ok(Created { id: wanted.name.clone(), initial: unfinished(wanted), ready: false })
}

/// The newest snapshot of a database of a name, automated ones too.
async fn newest(region: &Region<'_>, name: &str) -> Result<String> {
    let call = region.rds().describe_db_snapshots().db_instance_identifier(name);
    let snapshots = DESCRIBE_DB_SNAPSHOTS.all(call.into_paginator().items().send()).await?;
    let done = snapshots.into_iter().filter(|one| one.status() == Some("available"));
    let newest = done.max_by_key(|one| one.snapshot_create_time().map(aws_smithy_types::DateTime::secs));
    let none =
        || DESCRIBE_DB_SNAPSHOTS.refused(format!("no snapshot of a database `{name}` is there to restore"));
    newest.and_then(|one: DbSnapshot| one.db_snapshot_identifier).ok_or_else(none)
}

//! Databases that are made from snapshots. AWS restores the data, and few of the settings: the update that follows has the rest.

use asiaq_ir::{Database, Password};
use asiaq_runtime::{CloudError, DatabaseData, Fault, clone_snapshot};
use aws_sdk_rds::types::DbSnapshot;

use super::super::prelude::*;
use super::{RESTORED_TAG, group_tags, logs, settled, tags_of, tags_of_database, unfinished};
use crate::credentials;
use crate::service::rds;

ops! { rds:
    DESCRIBE_DB_SNAPSHOTS = "DescribeDBSnapshots", Own;
    CREATE_DB_SNAPSHOT = "CreateDBSnapshot", Write;
    RESTORE_DB_INSTANCE_FROM_DB_SNAPSHOT = "RestoreDBInstanceFromDBSnapshot", Write;
}

/// The program's word for the newest snapshot.
const LATEST: &str = "latest";
/// What stands before the identifier of a database of which a snapshot is taken.
const FRESH: &str = "fresh:";
/// The identifier of the database that a snapshot was taken for.
const CLONE_TAG: &str = "asiaq:clone-for";

/// Another snapshot has the name.
const TAKEN: &str = "DBSnapshotAlreadyExists";

/// Creates a database from a snapshot.
pub(super) async fn create(
    wanted: &Database,
    region: &Region<'_>,
    request: &Create<'_>,
    snapshot: &str,
) -> Result<Created<Database>> {
    if let Password::Credential(place) = &wanted.password {
        // It is set when the data are there: a missing one would leave them with the old password.
        credentials::read(region, place).await?;
    }
    let snapshot = match snapshot.strip_prefix(FRESH) {
        Some(source) => fresh(region, wanted, source).await?,
        None => there(region, wanted, snapshot).await?,
    };
    if let Some(unfit) = unfit(&snapshot, wanted) {
        return Err(unfit);
    }
    let id = snapshot.db_snapshot_identifier.unwrap_or_default();
    whole(region, &id).await?;
    let mut tags = tags_of(wanted, request.tags, false);
    tags.insert(RESTORED_TAG.to_owned(), id.clone());
    let call = region
        .rds()
        .restore_db_instance_from_db_snapshot()
        .db_instance_identifier(&wanted.name)
        .db_snapshot_identifier(id)
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
        .set_tags(group_tags::list(&tags));
    region.retry_until_consistent(RESTORE_DB_INSTANCE_FROM_DB_SNAPSHOT, || call.clone().send()).await?;
    Ok(Created { id: wanted.name.clone(), initial: unfinished(wanted), ready: false })
}

/// Why a database cannot be made: its snapshot is missing or of another database, or the copy of another one was begun and
/// would be empty.
pub(crate) async fn refusal(wanted: &Database, region: &Region<'_>) -> Result<Option<CloudError>> {
    let name = &wanted.name;
    match &wanted.restore {
        Some(fresh) if fresh.starts_with(FRESH) => Ok(None),
        Some(snapshot) => match there(region, wanted, snapshot).await {
            Ok(snapshot) => Ok(unfit(&snapshot, wanted)),
            Err(error) if error.fault == Fault::Refused => Ok(Some(error)),
            Err(error) => Err(error),
        },
        None if wanted.source.is_some() => Ok(None),
        None => {
            let id = clone_snapshot(name);
            let begun = look(region, &id).await?.filter(|begun| is_for(begun, name));
            Ok(begun.map(|begun| {
                let source = begun.db_instance_identifier().unwrap_or_default();
                DESCRIBE_DB_SNAPSHOTS.refused(format!(
                    "it was to become a copy of `{source}`, and would be empty: run `asiaq database clone` again, or \
                     delete the snapshot `{id}`"
                ))
            }))
        }
    }
}

/// The snapshot that a program names.
async fn there(region: &Region<'_>, wanted: &Database, snapshot: &str) -> Result<DbSnapshot> {
    if snapshot == LATEST {
        return newest(region, &wanted.name).await;
    }
    let none = || DESCRIBE_DB_SNAPSHOTS.refused(format!("there is no snapshot `{snapshot}`"));
    look(region, snapshot).await?.ok_or_else(none)
}

/// Why a database cannot be made from a snapshot.
fn unfit(snapshot: &DbSnapshot, wanted: &Database) -> Option<CloudError> {
    let why = data_of(snapshot).unfit_for(wanted)?;
    let id = snapshot.db_snapshot_identifier().unwrap_or_default();
    Some(RESTORE_DB_INSTANCE_FROM_DB_SNAPSHOT.refused(format!("the snapshot `{id}` does not fit: {why}")))
}

/// What is in a snapshot.
pub(crate) fn data_of(snapshot: &DbSnapshot) -> DatabaseData {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    DatabaseData {
        engine: text(snapshot.engine()),
        version: text(snapshot.engine_version()),
        user: text(snapshot.master_username()),
        encrypted: snapshot.encrypted.unwrap_or_default(),
        kms_key: snapshot.kms_key_id.clone(),
    }
}

/// A snapshot of `source` that was taken for the wanted database. A run that was interrupted has left it.
async fn fresh(region: &Region<'_>, wanted: &Database, source: &str) -> Result<DbSnapshot> {
    let id = clone_snapshot(&wanted.name);
    if let Some(begun) = look(region, &id).await? {
        if is_for(&begun, &wanted.name) && begun.db_instance_identifier() == Some(source) {
            return Ok(begun);
        }
        let of = begun.db_instance_identifier().unwrap_or_default();
        let message = format!("there is a snapshot `{id}` already, of `{of}`: delete it first");
        return Err(CREATE_DB_SNAPSHOT.refused(message));
    }
    let live = settled(region, source).await?;
    let mut tags = tags_of_database(&live);
    tags.retain(|key, _| !key.starts_with("aws:"));
    tags.insert(CLONE_TAG.to_owned(), wanted.name.clone());
    let call = region.rds().create_db_snapshot().db_instance_identifier(source).db_snapshot_identifier(&id);
    let call = call.set_tags(group_tags::list(&tags));
    let taken = match region.retry_until_consistent(CREATE_DB_SNAPSHOT, || call.clone().send()).await {
        // The answer to an earlier attempt was lost.
        Err(error) if error.code == TAKEN => look(region, &id).await?,
        taken => taken?.db_snapshot,
    };
    let none = || CREATE_DB_SNAPSHOT.refused(format!("AWS took no snapshot of `{source}`"));
    taken.filter(|snapshot| snapshot.db_instance_identifier() == Some(source)).ok_or_else(none)
}

/// Whether a snapshot was taken for a copy of this name.
fn is_for(snapshot: &DbSnapshot, name: &str) -> bool {
    super::tags_of_snapshot(snapshot).get(CLONE_TAG).is_some_and(|of| of == name)
}

/// Waits until a snapshot is whole.
async fn whole(region: &Region<'_>, id: &str) -> Result<()> {
    let mut wait = region.wait(region.timeouts().slow);
    loop {
        let snapshot = look(region, id).await?;
        let status = snapshot.as_ref().and_then(DbSnapshot::status).unwrap_or("gone");
        if status == "available" {
            return Ok(());
        }
        if status != "creating" && status != "copying" {
            return Err(DESCRIBE_DB_SNAPSHOTS.refused(format!("the snapshot `{id}` is `{status}`")));
        }
        let percent = snapshot.as_ref().and_then(|one| one.percent_progress).unwrap_or_default();
        if !wait.pause(&format!("the snapshot `{id}` is `{status}`, {percent} %")).await {
            let message = format!("the snapshot `{id}` is still `{status}`");
            return Err(crate::error::timed_out(DESCRIBE_DB_SNAPSHOTS.name, message));
        }
    }
}

/// The snapshot of a name.
async fn look(region: &Region<'_>, id: &str) -> Result<Option<DbSnapshot>> {
    let call = region.rds().describe_db_snapshots().db_snapshot_identifier(id);
    let found = rds.found(DESCRIBE_DB_SNAPSHOTS.call(call.send()).await)?;
    Ok(found.and_then(|found| found.db_snapshots).unwrap_or_default().into_iter().next())
}

/// The newest snapshot of a database of a name, automated ones too.
async fn newest(region: &Region<'_>, name: &str) -> Result<DbSnapshot> {
    let call = region.rds().describe_db_snapshots().db_instance_identifier(name);
    let snapshots = DESCRIBE_DB_SNAPSHOTS.all(call.into_paginator().items().send()).await?;
    let done = snapshots.into_iter().filter(|one| one.status() == Some("available"));
    let newest = done.max_by_key(|one| one.snapshot_create_time().map(aws_smithy_types::DateTime::secs));
    let none =
        || DESCRIBE_DB_SNAPSHOTS.refused(format!("no snapshot of a database `{name}` is there to restore"));
    newest.ok_or_else(none)
}

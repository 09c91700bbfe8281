//! Databases that are made from snapshots. AWS restores the data, and few of the settings: the update that follows has the rest.

mod snapshot;

use asiaq_ir::{Database, Password};
use asiaq_runtime::{CloudError, DatabaseData, Fault, clone_snapshot};

use super::super::prelude::*;
use super::{RESTORED_TAG, group_tags, logs, settled, tags_of, tags_of_database, unfinished};
use crate::credentials;
pub(crate) use snapshot::{Of, Snapshot};
use snapshot::{look, of_database};

ops! { rds:
    DESCRIBE_DB_SNAPSHOTS = "DescribeDBSnapshots", Own;
    DESCRIBE_DB_CLUSTER_SNAPSHOTS = "DescribeDBClusterSnapshots", Own;
    CREATE_DB_SNAPSHOT = "CreateDBSnapshot", Write;
    CREATE_DB_CLUSTER_SNAPSHOT = "CreateDBClusterSnapshot", Write;
    RESTORE_DB_INSTANCE_FROM_DB_SNAPSHOT = "RestoreDBInstanceFromDBSnapshot", Write;
}

/// The operations about snapshots of clusters, and those that are the label of an error.
pub(super) const SHARED: &[Operation] = &[DESCRIBE_DB_CLUSTER_SNAPSHOTS, CREATE_DB_CLUSTER_SNAPSHOT];

/// The program's word for the newest snapshot.
const LATEST: &str = "latest";
/// What stands before the identifier of a database of which a snapshot is taken.
const FRESH: &str = "fresh:";
/// The identifier of the database that a snapshot was taken for.
const CLONE_TAG: &str = "asiaq:clone-for";

/// What a database that is made from a snapshot is to be.
#[derive(Debug)]
pub(crate) struct Wanted<'w> {
    pub(crate) of: Of,
    pub(crate) name: &'w str,
    pub(crate) restore: Option<&'w str>,
    pub(crate) data: DatabaseData,
}

impl<'w> Wanted<'w> {
    fn new(database: &'w Database) -> Self {
        let (name, restore) = (database.name.as_str(), database.restore.as_deref());
        Self { of: Of::Instance, name, restore, data: DatabaseData::of(database) }
    }
}

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
    let tags = async |source: String| settled(region, &source).await.map(|live| tags_of_database(&live));
    let id = prepared(region, &Wanted::new(wanted), snapshot, tags).await?;
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
        .set_option_group_name(wanted.option_group.clone())
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
    if wanted.source.is_some() && wanted.restore.is_none() {
        return Ok(None);
    }
    refusal_of(&Wanted::new(wanted), region).await
}

/// The id of the snapshot that a database is made from, when it is whole. `tags` are those of a database of which one can be
/// taken.
pub(crate) async fn prepared<F, Fut>(
    region: &Region<'_>,
    wanted: &Wanted<'_>,
    snapshot: &str,
    tags: F,
) -> Result<String>
where
    F: FnOnce(String) -> Fut + Send,
    Fut: Future<Output = Result<Tags>> + Send,
{
    let snapshot = match snapshot.strip_prefix(FRESH) {
        Some(source) => fresh(region, wanted, source, tags).await?,
        None => there(region, wanted, snapshot).await?,
    };
    if let Some(unfit) = unfit(&snapshot, wanted) {
        return Err(unfit);
    }
    whole(region, wanted.of, &snapshot.id).await?;
    Ok(snapshot.id)
}

/// See [`refusal`].
pub(crate) async fn refusal_of(wanted: &Wanted<'_>, region: &Region<'_>) -> Result<Option<CloudError>> {
    let name = wanted.name;
    match wanted.restore {
        Some(fresh) if fresh.starts_with(FRESH) => Ok(None),
        Some(snapshot) => match there(region, wanted, snapshot).await {
            Ok(snapshot) => Ok(unfit(&snapshot, wanted)),
            Err(error) if error.fault == Fault::Refused => Ok(Some(error)),
            Err(error) => Err(error),
        },
        None => {
            let id = clone_snapshot(name);
            let begun = look(region, wanted.of, &id).await?.filter(|begun| is_for(begun, name));
            Ok(begun.map(|begun| {
                let source = begun.database;
                DESCRIBE_DB_SNAPSHOTS.refused(format!(
                    "it was to become a copy of `{source}`, and would be empty: run `asiaq database clone` again, or \
                     delete the snapshot `{id}`"
                ))
            }))
        }
    }
}

/// The snapshot that a program names.
async fn there(region: &Region<'_>, wanted: &Wanted<'_>, snapshot: &str) -> Result<Snapshot> {
    if snapshot == LATEST {
        return newest(region, wanted).await;
    }
    let none = || DESCRIBE_DB_SNAPSHOTS.refused(format!("there is no snapshot `{snapshot}`"));
    look(region, wanted.of, snapshot).await?.ok_or_else(none)
}

/// Why a database cannot be made from a snapshot.
fn unfit(snapshot: &Snapshot, wanted: &Wanted<'_>) -> Option<CloudError> {
    let why = snapshot.data.unfit_for(&wanted.data)?;
    let id = &snapshot.id;
    Some(RESTORE_DB_INSTANCE_FROM_DB_SNAPSHOT.refused(format!("the snapshot `{id}` does not fit: {why}")))
}

/// A snapshot of `source` that was taken for the wanted database. A run that was interrupted has left it.
async fn fresh<F, Fut>(region: &Region<'_>, wanted: &Wanted<'_>, source: &str, tags: F) -> Result<Snapshot>
where
    F: FnOnce(String) -> Fut + Send,
    Fut: Future<Output = Result<Tags>> + Send,
{
    let id = clone_snapshot(wanted.name);
    if let Some(begun) = look(region, wanted.of, &id).await? {
        if is_for(&begun, wanted.name) && begun.database == source {
            return Ok(begun);
        }
        let of = begun.database;
        let message = format!("there is a snapshot `{id}` already, of `{of}`: delete it first");
        return Err(CREATE_DB_SNAPSHOT.refused(message));
    }
    let mut tags = tags(source.to_owned()).await?;
    tags.retain(|key, _| !key.starts_with("aws:"));
    tags.insert(CLONE_TAG.to_owned(), wanted.name.to_owned());
    let taken = match snapshot::take(region, wanted.of, (source, &id), &tags).await {
        // The answer to an earlier attempt was lost.
        Err(error) if snapshot::is_taken(&error) => look(region, wanted.of, &id).await?,
        taken => taken?,
    };
    let none = || CREATE_DB_SNAPSHOT.refused(format!("AWS took no snapshot of `{source}`"));
    taken.filter(|snapshot| snapshot.database == source).ok_or_else(none)
}

/// Whether a snapshot was taken for a copy of this name.
fn is_for(snapshot: &Snapshot, name: &str) -> bool {
    snapshot.tags.get(CLONE_TAG).is_some_and(|of| of == name)
}

/// Waits until a snapshot is whole.
async fn whole(region: &Region<'_>, of: Of, id: &str) -> Result<()> {
    let mut wait = region.wait(region.timeouts().slow);
    loop {
        let snapshot = look(region, of, id).await?;
        let status = snapshot.as_ref().map_or("gone", |snapshot| snapshot.status.as_str());
        if status == "available" {
            return Ok(());
        }
        if status != "creating" && status != "copying" {
            return Err(DESCRIBE_DB_SNAPSHOTS.refused(format!("the snapshot `{id}` is `{status}`")));
        }
        let percent = snapshot.as_ref().map(|one| one.percent).unwrap_or_default();
        if !wait.pause(&format!("the snapshot `{id}` is `{status}`, {percent} %")).await {
            let message = format!("the snapshot `{id}` is still `{status}`");
            return Err(crate::error::timed_out(DESCRIBE_DB_SNAPSHOTS.name, message));
        }
    }
}

/// The newest snapshot of a database of a name, automated ones too.
async fn newest(region: &Region<'_>, wanted: &Wanted<'_>) -> Result<Snapshot> {
    let name = wanted.name;
    let snapshots = of_database(region, wanted.of, name).await?;
    let done = snapshots.into_iter().filter(|one| one.status == "available");
    let newest = done.max_by_key(|one| one.created);
    let none =
        || DESCRIBE_DB_SNAPSHOTS.refused(format!("no snapshot of a database `{name}` is there to restore"));
    newest.ok_or_else(none)
}

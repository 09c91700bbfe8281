//! The tables of a project, their backups and exports, for the commands about them.

use std::collections::BTreeMap;
use std::time::SystemTime;

use asiaq_ir::PROJECT_TAG;
use asiaq_runtime::{
    ExportTarget, LiveTable, Recovery, RestoreSource, Restored, Result, TableBackup, TableExport, TableShape,
    Taken,
};
use aws_sdk_dynamodb::types::{
    BackupDetails, BackupSummary, BackupType, BackupTypeFilter, ExportDescription, ExportStatus, ExportType,
    KeySchemaElement, TableDescription, TableStatus,
};
use aws_smithy_types::DateTime;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::config::Aws;
use crate::error;
use crate::kinds::table::backup::{self, CREATE_BACKUP, DESCRIBE_BACKUP, LIST_BACKUPS};
use crate::kinds::table::read::{
    self, DESCRIBE_CONTINUOUS_BACKUPS, DESCRIBE_TIME_TO_LIVE, Parts, is_provisioned, region_of,
};
use crate::kinds::table::tags::{self, LIST_TAGS_OF_RESOURCE, TAG_RESOURCE};
use crate::kinds::table::{self, DESCRIBE_TABLE, LIST_TABLES, described};
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::service::dynamodb;
use crate::tags::{Tags, address_in};

ops! {
    dynamodb {
        LIST_EXPORTS = "ListExports", Read;
        DESCRIBE_EXPORT = "DescribeExport", Read;
        RESTORE_TABLE_FROM_BACKUP = "RestoreTableFromBackup", Write;
        RESTORE_TABLE_TO_POINT_IN_TIME = "RestoreTableToPointInTime", Write;
        EXPORT_TABLE_TO_POINT_IN_TIME = "ExportTableToPointInTime", Write;
        // AWS writes a restored table in the name of the caller ("RestoreTableFromBackup" of the API reference).
        WRITE_ITEMS = "RestoreTableFromBackup" as "BatchWriteItem", Write;
        DELETE_ITEM = "RestoreTableFromBackup" as "DeleteItem", Write;
        GET_ITEM = "RestoreTableFromBackup" as "GetItem", Write;
        PUT_ITEM = "RestoreTableFromBackup" as "PutItem", Write;
        QUERY = "RestoreTableFromBackup" as "Query", Write;
        SCAN = "RestoreTableFromBackup" as "Scan", Write;
        UPDATE_ITEM = "RestoreTableFromBackup" as "UpdateItem", Write;
    }
    s3 {
        // So it does with an export ("Requesting a table export in DynamoDB" of the developer guide).
        PUT_OBJECT = "ExportTableToPointInTime" as "PutObject", Write;
        PUT_OBJECT_ACL = "ExportTableToPointInTime" as "PutObjectAcl", Write;
        ABORT_MULTIPART_UPLOAD = "ExportTableToPointInTime" as "AbortMultipartUpload", Write;
    }
}

/// The operations of kinds that the commands call too.
pub(crate) const MORE: &[Operation] = &[
    LIST_TABLES,
    DESCRIBE_TABLE,
    DESCRIBE_TIME_TO_LIVE,
    DESCRIBE_CONTINUOUS_BACKUPS,
    LIST_TAGS_OF_RESOURCE,
    TAG_RESOURCE,
    CREATE_BACKUP.used_for(Access::Write),
    DESCRIBE_BACKUP.used_for(Access::Read),
    LIST_BACKUPS.used_for(Access::Read),
];

/// Tables that are read at the same time.
const AT_ONCE: usize = 8;
/// A restore and an export of a large table take hours.
const LONG: u32 = 8;

/// Tells how far something is.
pub type Tell<'a> = &'a (dyn Fn(&str) + Send + Sync);

impl Aws {
    /// The tables of a project in a region.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn tables(&self, region: &str, project: &str) -> Result<Vec<LiveTable>> {
        let region = &self.region(region);
        let owned = table::of_project(region, project).await?;
        let reads = owned.into_iter().map(|(name, tags)| async move {
            let parts = read::parts(region, &name).await?;
            Ok(parts.map(|parts| live(&parts, Some(&tags), project)))
        });
        let reads: Vec<_> = reads.collect();
        let all: Vec<Option<LiveTable>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        Ok(all.into_iter().flatten().collect())
    }

    /// The table with a name, whoever it belongs to; none where there is none.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn table(&self, region: &str, name: &str, project: &str) -> Result<Option<LiveTable>> {
        let region = self.region(region);
        let Some(parts) = read::parts(&region, name).await? else { return Ok(None) };
        let tags = tags::of(&region, &tags::arn(&region, name).await?).await?;
        Ok(Some(live(&parts, tags.as_ref(), project)))
    }

    /// The backups of the table with a name, the newest first. The table may be gone.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn table_backups(&self, region: &str, table: &str) -> Result<Vec<TableBackup>> {
        let region = self.region(region);
        let all = backup::listed(&region, table, BackupTypeFilter::All, None).await?;
        let mut all: Vec<TableBackup> = all.into_iter().filter_map(backup_of).collect();
        all.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
        Ok(all)
    }

    /// What of a backup cannot change in a table that is made from it; none where there is no such backup.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn backup_shape(&self, region: &str, arn: &str) -> Result<Option<TableShape>> {
        let seen = backup::described(&self.region(region), arn).await?;
        Ok(seen.and_then(|seen| {
            let local = seen.source_table_feature_details.and_then(|of| of.local_secondary_indexes);
            let local = local.unwrap_or_default().into_iter().filter_map(|index| index.index_name);
            Some(shape(&seen.source_table_details?.key_schema, local))
        }))
    }

    /// Takes a backup of a table and waits for it.
    ///
    /// # Errors
    /// If AWS refuses, or if it is not there in time.
    pub async fn back_up_table(&self, region: &str, table: &str, name: Option<&str>) -> Result<TableBackup> {
        let region = self.region(region);
        let name = name.map_or_else(|| backup::name(table, "manual", SystemTime::now()), str::to_owned);
        let arn = backup::take(&region, table, &name).await?;
        let BackupDetails { backup_size_bytes, backup_creation_date_time, .. } =
            backup::finished(&region, &arn).await?;
        Ok(TableBackup {
            id: arn,
            table: table.to_owned(),
            taken: Taken::Manual,
            status: "available".to_owned(),
            bytes: backup_size_bytes.unwrap_or_default(),
            created: Some(backup_creation_date_time.secs()),
            name,
        })
    }

    /// Restores a table under the name `target`, with these tags, and waits until it is whole. One that AWS is restoring
    /// from the same source is waited for. The tags are there as early as AWS takes them.
    ///
    /// # Errors
    /// If AWS refuses, if another table has the name, or if it is not whole in time.
    pub async fn restore_table(
        &self,
        region: &str,
        source: &RestoreSource,
        target: &str,
        tags: &BTreeMap<String, String>,
        tell: Tell<'_>,
    ) -> Result<()> {
        let region = self.region(region);
        let is_begun = described(&region, target).await?.is_some();
        if !is_begun {
            match begin(&region, source, target).await {
                // The answer to an earlier attempt may have been lost.
                Err(error) if is_taken(&error.code) => {
                    let there = described(&region, target).await?;
                    let restored = there.as_deref().and_then(restored);
                    if !restored.is_some_and(|restored| source.is_of(&restored)) {
                        return Err(error);
                    }
                }
                begun => begun?,
            }
        }
        let arn = tags::arn(&region, target).await?;
        let mut is_tagged = tags.is_empty();
        let mut wait = region.wait(region.timeouts().slow.saturating_mul(LONG));
        loop {
            if !is_tagged {
                let call = region.dynamodb().tag_resource().resource_arn(&arn);
                let call = call.set_tags(Some(tags::sdk_tags(tags)));
                is_tagged = match TAG_RESOURCE.call(call.send()).await {
                    // AWS takes tags of a table that it is making late.
                    Err(error) if dynamodb.is_busy(&error) || dynamodb.is_not_found(&error) => false,
                    answer => answer.map(|_| true)?,
                };
            }
            let table = described(&region, target).await?;
            let is_whole = table.as_ref().is_some_and(|table| {
                let is_active = table.table_status == Some(TableStatus::Active);
                is_active && !restored(table).is_some_and(|restored| restored.is_in_progress)
            });
            if is_whole && is_tagged {
                return Ok(());
            }
            tell(&format!("AWS is restoring `{target}`"));
            if !wait.pause("the table is not restored yet").await {
                return Err(error::timed_out(DESCRIBE_TABLE.name, "the table is not restored; AWS goes on"));
            }
        }
    }

    /// The exports of a table, the newest first.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn table_exports(&self, region: &str, table: &str) -> Result<Vec<TableExport>> {
        let region = &self.region(region);
        let arn = tags::arn(region, table).await?;
        let pages = region.dynamodb().list_exports().table_arn(arn).into_paginator().send();
        let pages = LIST_EXPORTS.all(pages).await?;
        let arns = pages.into_iter().flat_map(|page| page.export_summaries.unwrap_or_default());
        let arns: Vec<String> = arns
            .filter(|one| one.export_type.as_ref().is_none_or(|of| *of == ExportType::FullExport))
            .filter_map(|one| one.export_arn)
            .collect();
        let reads: Vec<_> = arns.into_iter().map(|arn| async move { export(region, &arn).await }).collect();
        let all: Vec<Option<TableExport>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let mut all: Vec<TableExport> = all.into_iter().flatten().collect();
        all.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        Ok(all)
    }

    /// Exports a table to a bucket.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn export_table(&self, region: &str, table: &str, to: &ExportTarget) -> Result<TableExport> {
        let region = self.region(region);
        let call = region
            .dynamodb()
            .export_table_to_point_in_time()
            .table_arn(tags::arn(&region, table).await?)
            .s3_bucket(&to.bucket)
            .set_s3_bucket_owner(to.owner.clone())
            .s3_prefix(&to.prefix)
            .set_export_time(to.at.map(DateTime::from_secs));
        let begun = EXPORT_TABLE_TO_POINT_IN_TIME.call(call.send()).await?;
        EXPORT_TABLE_TO_POINT_IN_TIME.part("export", begun.export_description.and_then(export_of))
    }

    /// An export, once it has ended.
    ///
    /// # Errors
    /// If AWS refuses, or if it does not end in time.
    pub async fn exported(&self, region: &str, arn: &str, tell: Tell<'_>) -> Result<TableExport> {
        let region = self.region(region);
        let mut wait = region.wait(region.timeouts().slow.saturating_mul(LONG));
        loop {
            let Some(seen) = export(&region, arn).await? else {
                return Err(DESCRIBE_EXPORT.refused("AWS does not know the export any more"));
            };
            if seen.status != "in progress" {
                return Ok(seen);
            }
            tell("AWS is exporting the table");
            if !wait.pause("the export is not done yet").await {
                return Err(error::timed_out(DESCRIBE_EXPORT.name, "the export is not done; AWS goes on"));
            }
        }
    }
}

async fn begin(region: &Region<'_>, source: &RestoreSource, target: &str) -> Result<()> {
    match source {
        RestoreSource::Backup(arn) => {
            let call =
                region.dynamodb().restore_table_from_backup().target_table_name(target).backup_arn(arn);
            region.retry_until_consistent(RESTORE_TABLE_FROM_BACKUP, || call.clone().send()).await.map(drop)
        }
        RestoreSource::Table(name, at) => {
            let call = region
                .dynamodb()
                .restore_table_to_point_in_time()
                .source_table_name(name)
                .target_table_name(target)
                .set_restore_date_time(at.map(DateTime::from_secs))
                .set_use_latest_restorable_time(at.is_none().then_some(true));
            RESTORE_TABLE_TO_POINT_IN_TIME.call(call.send()).await.map(drop)
        }
    }
}

/// Whether AWS refuses a restored table because there is one.
fn is_taken(code: &str) -> bool {
    matches!(code, "TableAlreadyExistsException" | "TableInUseException" | "ResourceInUseException")
}

fn restored(table: &TableDescription) -> Option<Restored> {
    let of = table.restore_summary()?;
    Some(Restored {
        backup: of.source_backup_arn.clone(),
        table: of.source_table_arn.clone(),
        at: of.restore_date_time.secs(),
        is_in_progress: of.restore_in_progress,
    })
}

/// A word of AWS as people write it: `IN_PROGRESS` as `in progress`.
fn in_words(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

fn shape(key: &[KeySchemaElement], local_indexes: impl Iterator<Item = String>) -> TableShape {
    let mut local_indexes: Vec<String> = local_indexes.collect();
    local_indexes.sort();
    TableShape { key: key.iter().map(|element| element.attribute_name.clone()).collect(), local_indexes }
}

fn live(parts: &Parts, tags: Option<&Tags>, project: &str) -> LiveTable {
    let table = &parts.table;
    let global = table.global_secondary_indexes().iter().filter_map(|index| index.index_name.clone());
    let local = table.local_secondary_indexes().iter().filter_map(|index| index.index_name.clone());
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled);
    let replicas = table.replicas().iter().filter_map(|replica| replica.region_name.clone());
    let address = tags.and_then(|tags| address_in(tags, project));
    LiveTable {
        name: table.table_name.clone().unwrap_or_default(),
        address: address.map(|address| address.as_str().to_owned()),
        is_owned: tags.is_some_and(|tags| tags.contains_key(PROJECT_TAG)),
        status: table.table_status.as_ref().map(|status| in_words(status.as_str())).unwrap_or_default(),
        items: table.item_count.unwrap_or_default(),
        bytes: table.table_size_bytes.unwrap_or_default(),
        billing: if is_provisioned(table) { "provisioned" } else { "on demand" }.to_owned(),
        indexes: global.chain(local.clone()).collect(),
        shape: shape(table.key_schema(), local),
        ttl: parts.ttl.clone(),
        stream: stream.and_then(|of| of.stream_view_type.as_ref()).map(|view| in_words(view.as_str())),
        recovery: parts.recovery.as_ref().zip(parts.recovery_days()).map(|(of, days)| Recovery {
            days,
            earliest: of.earliest_restorable_date_time.map(|at| at.secs()),
            latest: of.latest_restorable_date_time.map(|at| at.secs()),
        }),
        deletion_protection: table.deletion_protection_enabled.unwrap_or_default(),
        replicas: replicas.filter(|region| region != region_of(table)).collect(),
        restored: restored(table),
    }
}

fn backup_of(backup: BackupSummary) -> Option<TableBackup> {
    let (name, table) = (backup.backup_name?, backup.table_name?);
    let taken = match backup.backup_type {
        Some(BackupType::System | BackupType::AwsBackup) => Taken::Automated,
        _ if backup::is_final(&table, &name) => Taken::Final,
        _ => Taken::Manual,
    };
    Some(TableBackup {
        id: backup.backup_arn?,
        name,
        table,
        taken,
        status: backup.backup_status.map(|status| in_words(status.as_str())).unwrap_or_default(),
        bytes: backup.backup_size_bytes.unwrap_or_default(),
        created: backup.backup_creation_date_time.map(|at| at.secs()),
    })
}

/// An export; none where AWS has forgotten it.
async fn export(region: &Region<'_>, arn: &str) -> Result<Option<TableExport>> {
    let call = region.dynamodb().describe_export().export_arn(arn);
    let seen = dynamodb.found(DESCRIBE_EXPORT.call(call.send()).await)?;
    Ok(seen.and_then(|seen| seen.export_description).and_then(export_of))
}

fn export_of(export: ExportDescription) -> Option<TableExport> {
    let failure = [export.failure_code, export.failure_message].into_iter().flatten();
    let failure: Vec<String> = failure.filter(|text| !text.is_empty()).collect();
    Some(TableExport {
        id: export.export_arn?,
        status: export.export_status.as_ref().map_or("in progress".to_owned(), |of| in_words(of.as_str())),
        bucket: export.s3_bucket.unwrap_or_default(),
        prefix: export.s3_prefix.unwrap_or_default(),
        at: export.export_time.map(|at| at.secs()),
        items: export.item_count.filter(|_| export.export_status == Some(ExportStatus::Completed)),
        manifest: export.export_manifest,
        failure: Some(failure.join(": ")).filter(|text| !text.is_empty()),
    })
}

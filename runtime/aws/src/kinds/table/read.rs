//! A table as AWS describes it, in the IR's form.

use asiaq_ir::{
    GlobalIndex, IndexCapacity, KeyAttribute, LocalIndex, Replica, Table, TableCapacity, Until, Waiting,
};
use aws_sdk_dynamodb::types::{
    BillingMode, IndexStatus, KeySchemaElement, KeyType, PointInTimeRecoveryDescription,
    PointInTimeRecoveryStatus, Projection, ProvisionedThroughputDescription, ReplicaStatus, SseStatus,
    TableDescription, TimeToLiveDescription, TimeToLiveStatus,
};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::scaling::{self, Scaling};
use super::{described, is_going};
use crate::kinds::prelude::*;
use crate::service::dynamodb;

ops! { dynamodb:
    DESCRIBE_TIME_TO_LIVE = "DescribeTimeToLive", Own;
    DESCRIBE_CONTINUOUS_BACKUPS = "DescribeContinuousBackups", Own;
}

/// Tables that are read at the same time.
const AT_ONCE: usize = 8;

/// Days that AWS keeps what point-in-time recovery needs, if it says nothing else.
const RECOVERY_DAYS: u32 = 35;

/// What several calls say of one table.
pub(crate) struct Parts {
    pub(crate) table: Box<TableDescription>,
    pub(crate) ttl: Option<String>,
    /// Whether a change of that is not over: AWS takes no other one.
    changes_ttl: bool,
    /// Where point-in-time recovery is on.
    pub(crate) recovery: Option<PointInTimeRecoveryDescription>,
}

impl Parts {
    /// Days for which the table can be restored as it was.
    pub(crate) fn recovery_days(&self) -> Option<u32> {
        self.recovery.as_ref().map(|of| of.recovery_period_in_days.map_or(RECOVERY_DAYS, unsigned))
    }
}

/// A table, and what of it is not in force.
pub(super) struct Read {
    pub(super) table: Table,
    pub(super) waiting: Option<Waiting>,
}

/// The tables with these names, in their order; none for one that is gone or going.
pub(super) async fn tables(region: &Region<'_>, names: Vec<String>) -> Result<Vec<Option<Read>>> {
    let reads: Vec<_> = names.into_iter().map(|name| async move { parts(region, &name).await }).collect();
    let all: Vec<Option<Parts>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    let scales = all.iter().flatten().any(|parts| is_provisioned(&parts.table));
    let scaling = if scales { scaling::of_region(region).await? } else { Scaling::default() };
    let read = |parts: Parts| {
        let waiting = waiting(&parts);
        Some(Read { table: form(parts, &scaling)?, waiting })
    };
    Ok(all.into_iter().map(|parts| read(parts?)).collect())
}

/// A table; none where it is gone or going.
pub(crate) async fn parts(region: &Region<'_>, name: &str) -> Result<Option<Parts>> {
    let Some(table) = described(region, name).await? else { return Ok(None) };
    if is_going(&table) {
        return Ok(None);
    }
    let backups = region.dynamodb().describe_continuous_backups().table_name(name);
    let (ttl, backups) = futures::try_join!(time_to_live(region, name), async {
        dynamodb.found(DESCRIBE_CONTINUOUS_BACKUPS.call(backups.send()).await)
    })?;
    let backups = backups.and_then(|answer| answer.continuous_backups_description);
    let recovery = backups
        .and_then(|backups| backups.point_in_time_recovery_description)
        .filter(|of| of.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled));
    let status = ttl.as_ref().and_then(|ttl| ttl.time_to_live_status.clone());
    let changes_ttl = matches!(status, Some(TimeToLiveStatus::Enabling | TimeToLiveStatus::Disabling));
    Ok(Some(Parts { table, ttl: attribute(ttl), changes_ttl, recovery }))
}

/// The change of the attribute by which items are deleted, as long as it is not over.
fn waiting(parts: &Parts) -> Option<Waiting> {
    parts.changes_ttl.then(|| Waiting {
        field: Table::TTL.as_str().to_owned(),
        in_force: serde_json::Value::Null,
        accepted: parts.ttl.clone().into(),
        until: Until::NextChange,
    })
}

/// The attribute with the time at which items of a table are deleted.
pub(super) async fn ttl(region: &Region<'_>, name: &str) -> Result<Option<String>> {
    time_to_live(region, name).await.map(attribute)
}

async fn time_to_live(region: &Region<'_>, name: &str) -> Result<Option<TimeToLiveDescription>> {
    let call = region.dynamodb().describe_time_to_live().table_name(name);
    let answer = dynamodb.found(DESCRIBE_TIME_TO_LIVE.call(call.send()).await)?;
    Ok(answer.and_then(|answer| answer.time_to_live_description))
}

fn attribute(ttl: Option<TimeToLiveDescription>) -> Option<String> {
    let ttl = ttl?;
    let is_on =
        matches!(ttl.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling));
    ttl.attribute_name.filter(|_| is_on)
}

pub(crate) fn is_provisioned(table: &TableDescription) -> bool {
    // AWS says nothing of a table that always was provisioned.
    let mode = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    !matches!(mode, Some(BillingMode::PayPerRequest))
}

fn form(parts: Parts, scaling: &Scaling) -> Option<Table> {
    let recovery = parts.recovery_days();
    let Parts { table, ttl, .. } = parts;
    let of = |schema: &[KeySchemaElement], key: &KeyType| {
        let name = &schema.iter().find(|element| element.key_type == *key)?.attribute_name;
        let definition = table.attribute_definitions().iter().find(|one| one.attribute_name == *name)?;
        Some(KeyAttribute { name: name.clone(), of: definition.attribute_type.as_str().to_owned() })
    };
    let name = table.table_name()?;
    let capacity = |index: Option<&str>, units: Option<&ProvisionedThroughputDescription>| {
        let least = TableCapacity {
            read: units.and_then(|units| units.read_capacity_units).unwrap_or_default(),
            write: units.and_then(|units| units.write_capacity_units).unwrap_or_default(),
            read_scaling: None,
            write_scaling: None,
        };
        scaling.over(name, index, &least)
    };
    let globals = table.global_secondary_indexes().iter();
    let globals: Vec<_> = globals.filter(|index| index.index_status != Some(IndexStatus::Deleting)).collect();
    let is_provisioned = is_provisioned(&table);
    let index_capacity = globals.iter().filter(|_| is_provisioned).filter_map(|index| {
        let index_name = index.index_name()?;
        let capacity = capacity(Some(index_name), index.provisioned_throughput());
        Some(IndexCapacity { index: index_name.to_owned(), capacity })
    });
    let indexes = globals.iter().filter_map(|index| {
        let (projection, include) = projected(index.projection());
        Some(GlobalIndex {
            name: index.index_name.clone()?,
            key: of(index.key_schema(), &KeyType::Hash)?,
            sort: of(index.key_schema(), &KeyType::Range),
            projection,
            include,
        })
    });
    let local = table.local_secondary_indexes().iter().filter_map(|index| {
        let (projection, include) = projected(index.projection());
        let sort = of(index.key_schema(), &KeyType::Range)?;
        Some(LocalIndex { name: index.index_name.clone()?, sort, projection, include })
    });
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled);
    let kms = table.sse_description().filter(|sse| {
        matches!(sse.status, Some(SseStatus::Enabled | SseStatus::Enabling | SseStatus::Updating))
    });
    let class = table.table_class_summary().and_then(|summary| summary.table_class.as_ref());
    let is_there = |status: Option<&ReplicaStatus>| {
        !matches!(status, Some(ReplicaStatus::Deleting | ReplicaStatus::CreationFailed))
    };
    let replicas = table.replicas().iter().filter(|one| is_there(one.replica_status.as_ref()));
    Some(Table {
        name: name.to_owned(),
        key: of(table.key_schema(), &KeyType::Hash)?,
        sort: of(table.key_schema(), &KeyType::Range),
        local_indexes: local.collect(),
        indexes: indexes.collect(),
        capacity: is_provisioned.then(|| capacity(None, table.provisioned_throughput())),
        index_capacity: index_capacity.collect(),
        ttl,
        stream: stream.and_then(|of| of.stream_view_type.as_ref()).map(|view| view.as_str().to_owned()),
        recovery,
        deletion_protection: table.deletion_protection_enabled.unwrap_or_default(),
        is_in_kms: kms.is_some(),
        kms_key: kms.and_then(|sse| sse.kms_master_key_arn.clone()),
        class: class.map_or("STANDARD", |class| class.as_str()).to_owned(),
        replicas: replicas
            .filter_map(|one| Some(Replica { region: one.region_name.clone()? }))
            .filter(|one| one.region != region_of(&table))
            .collect(),
    })
}

/// The region of a table, which its ARN names. AWS lists the table itself among its replicas.
pub(crate) fn region_of(table: &TableDescription) -> &str {
    table.table_arn().and_then(|arn| arn.split(':').nth(3)).unwrap_or_default()
}

/// What an index has beside keys.
fn projected(projection: Option<&Projection>) -> (String, std::collections::BTreeSet<String>) {
    let of = projection.and_then(|projection| projection.projection_type.as_ref());
    let include = projection.map(|projection| projection.non_key_attributes().iter().cloned().collect());
    (of.map_or("ALL", |of| of.as_str()).to_owned(), include.unwrap_or_default())
}

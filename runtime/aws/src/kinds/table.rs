pub(crate) mod backup;
mod changing;
mod expiry;
pub(crate) mod read;
mod scaling;
pub(crate) mod tags;

use std::time::Duration;

use asiaq_ir::{FINAL_BACKUP_TAG, Kind, PROTECT_TAG, RegionFacts, Table, TableCapacity, Waiting};
use asiaq_runtime::Fault;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexStatus, KeySchemaElement, KeyType,
    LocalSecondaryIndex, Projection, ProjectionType, ProvisionedThroughput, ReplicaStatus,
    ScalarAttributeType, SseSpecification, SseType, StreamSpecification, StreamViewType, TableClass,
    TableDescription, TableStatus,
};

use self::tags::TableTags;
use super::prelude::*;
use crate::error;
use crate::leases::LEASES;
use crate::service::dynamodb;

ops! { dynamodb {
    LIST_TABLES = "ListTables", Read;
    DESCRIBE_TABLE = "DescribeTable", Own;
    CREATE_TABLE = "CreateTable", Write;
    UPDATE_TABLE = "UpdateTable", Write;
    // What a replica takes in its own region.
    CREATE_REPLICA = "UpdateTable" as "CreateTableReplica", Write;
    DELETE_TABLE = "DeleteTable", Delete;
    // A table may be protected, and have replicas, when it is to go.
    UPDATE_BEFORE_DELETION = "UpdateTable", Delete;
    DELETE_REPLICA = "UpdateTable" as "DeleteTableReplica", Delete;
} iam {
    // At the first use of scaling, and of replicas.
    CREATE_SERVICE_LINKED_ROLE = "CreateServiceLinkedRole", Write;
} }

/// How much longer than for other resources a changed table, and a new index, is waited for.
const CHANGED: u32 = 4;
const BACKFILLED: u32 = 48;

/// The error of a name that is taken, and of a table that is between two states.
const IN_USE: &str = "ResourceInUseException";

/// A table in a listing: its name, and the rest where it was asked for.
pub(super) struct Live {
    name: String,
    arn: String,
    table: Option<Box<TableDescription>>,
}

/// The names of all tables of the region.
pub(crate) async fn of_region(region: &Region<'_>) -> Result<Vec<String>> {
    LIST_TABLES.all(region.dynamodb().list_tables().into_paginator().items().send()).await
}

/// The names of the tables of a project in a region, with their tags.
pub(crate) async fn of_project(region: &Region<'_>, project: &str) -> Result<Vec<(String, Tags)>> {
    let all = Table::describe(region, Which::OfProject(project)).await?;
    let own = adapter::owned::<Table>(region, project, all).await?;
    Ok(own.into_iter().map(|table| (table.id, table.tags)).collect())
}

impl Api for Table {
    type Live = Live;
    type Tags = TableTags;

    const OPERATIONS: IamActions = &[OPS, backup::OPS, expiry::OPS, read::OPS, scaling::OPS, tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_TABLE;
    const READY: Option<Limit> = Some(Limit(Duration::from_mins(15), "the table is not active"));
    const GONE: Option<Limit> = Some(Limit(Duration::from_mins(15), "the table is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> = Some(UniqueName(CREATE_TABLE, IN_USE, |table| &table.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let name = match which {
            Which::OfProject(_) => {
                let names = of_region(region).await?;
                let mut all = Vec::with_capacity(names.len());
                // The table of the leases is no resource of a program.
                for name in names.into_iter().filter(|name| name != LEASES) {
                    all.push(Live { arn: tags::arn(region, &name).await?, name, table: None });
                }
                return Ok(all);
            }
            Which::Id(name) => name,
            Which::InPlaceOf(wanted) => wanted.name.as_str(),
        };
        let table = described(region, name).await?;
        let arn = tags::arn(region, name).await?;
        Ok(table.map(|table| Live { name: name.to_owned(), arn, table: Some(table) }).into_iter().collect())
    }

    fn id(live: &Live) -> Option<&str> {
        Some(&live.name)
    }

    fn tag_key(live: &Live) -> Option<&str> {
        Some(&live.arn)
    }

    fn exists(live: &Live) -> bool {
        live.table.as_ref().is_none_or(|table| !is_going(table))
    }

    fn state(live: &Live) -> State {
        match live.table.as_ref().and_then(|table| table.table_status.as_ref()) {
            Some(TableStatus::Active) => State::Ready,
            Some(TableStatus::InaccessibleEncryptionCredentials) => State::Failed(DESCRIBE_TABLE.refused(
                "DynamoDB may not use the key that encrypts the table: let it, and run `asiaq apply` again",
            )),
            Some(_) | None => State::Pending,
        }
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let all = Self::describe(region, Which::OfProject(project)).await?;
        let own = adapter::owned::<Self>(region, project, all).await?;
        let names: Vec<String> = own.iter().map(|table| table.id.clone()).collect();
        let (mut found, mut facts) = (Vec::new(), RegionFacts::default());
        for (own, read) in own.into_iter().zip(read::tables(region, names).await?) {
            let Some(read::Read { table, waiting }) = read else { continue };
            let waiting = waiting.map(|waiting| (Waiting::key(Kind::Table, &own.id), vec![waiting]));
            facts.waiting.extend(waiting);
            found.extend(own.found(region, project, Some(table)));
        }
        Ok(Listed { found, facts, ..Listed::default() })
    }

    async fn read(region: &Region<'_>, live: &Live) -> Result<Option<Self>> {
        let read = read::tables(region, vec![live.name.clone()]).await?;
        Ok(read.into_iter().next().flatten().map(|read| read.table))
    }

    /// All that one call can make; what takes others is the rest of the creation.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let built = |index: &str| CREATE_TABLE.refused(format!("the index `{index}` is incomplete"));
        let mut local = Vec::new();
        for index in &self.local_indexes {
            let one = LocalSecondaryIndex::builder()
                .index_name(&index.name)
                .set_key_schema(Some(key_schema(&self.key.name, Some(&index.sort.name))))
                .projection(projection(&index.projection, &index.include))
                .build();
            local.push(one.map_err(|_| built(&index.name))?);
        }
        let mut global = Vec::new();
        for index in &self.indexes {
            let one = GlobalSecondaryIndex::builder()
                .index_name(&index.name)
                .set_key_schema(Some(key_schema(
                    &index.key.name,
                    index.sort.as_ref().map(|sort| sort.name.as_str()),
                )))
                .projection(projection(&index.projection, &index.include))
                .set_provisioned_throughput(self.capacity_of(&index.name).map(least_of))
                .build();
            global.push(one.map_err(|_| built(&index.name))?);
        }
        let some = |list: Vec<_>| Some(list).filter(|list: &Vec<_>| !list.is_empty());
        let call = region
            .dynamodb()
            .create_table()
            .table_name(&self.name)
            .set_attribute_definitions(Some(definitions(self)))
            .set_key_schema(Some(key_schema(
                &self.key.name,
                self.sort.as_ref().map(|sort| sort.name.as_str()),
            )))
            .set_local_secondary_indexes(Some(local).filter(|local| !local.is_empty()))
            .set_global_secondary_indexes(some(global))
            .billing_mode(billing_mode(self))
            .set_provisioned_throughput(self.capacity.as_ref().map(least_of))
            .set_stream_specification(stream(self.stream.as_deref()).filter(|stream| stream.stream_enabled))
            .set_sse_specification(self.is_in_kms.then(|| encryption(self)))
            .table_class(TableClass::from(self.class.as_str()))
            .deletion_protection_enabled(self.deletion_protection)
            .set_tags(Some(tags::sdk_tags(request.tags)).filter(|tags| !tags.is_empty()));
        region.retry_until_consistent(CREATE_TABLE, || call.clone().send()).await?;
        let initial = Self {
            capacity: self.capacity.as_ref().map(unscaled),
            index_capacity: self
                .index_capacity
                .iter()
                .map(|one| asiaq_ir::IndexCapacity { capacity: unscaled(&one.capacity), ..one.clone() })
                .collect(),
            ttl: None,
            recovery: None,
            replicas: [].into(),
            ..self.clone()
        };
        Ok(Created { id: self.name.clone(), initial, ready: false })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        changing::change(region, id, self, wanted).await
    }

    /// Its replicas and the registrations of what scales it go first, and its last state is kept in a backup.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        if described(region, id).await?.is_none_or(|table| is_going(&table)) {
            return Ok(());
        }
        settled(region, id, CHANGED).await?;
        let alone = Self { replicas: [].into(), ..self.clone() };
        changing::replicas(region, id, self, &alone).await?;
        scaling::release(region, self, &Self { capacity: None, index_capacity: [].into(), ..alone }).await?;
        let arn = tags::arn(region, id).await?;
        let tags = tags::of(region, &arn).await?.unwrap_or_default();
        if tags.get(FINAL_BACKUP_TAG).is_none_or(|said| said != "false") {
            backup::last(region, id).await?;
        }
        if self.deletion_protection {
            changing::protect(region, id, false).await?;
        }
        let call = region.dynamodb().delete_table().table_name(id);
        region.retry_while_in_use(DELETE_TABLE, || call.clone().send()).await
    }
}

/// Why a table cannot be deleted: somebody else protects it.
pub(super) fn refusal(table: &Table, tags: &Tags) -> Option<CloudError> {
    let is_kept = table.deletion_protection && !tags.contains_key(PROTECT_TAG);
    is_kept.then(|| {
        DELETE_TABLE.refused(format!(
            "somebody switched on the deletion protection of the table `{}` in AWS, which keeps it from being deleted: \
             switch it off there and go on, or keep the table",
            table.name
        ))
    })
}

/// A table as AWS describes it; none where it is gone.
pub(crate) async fn described(region: &Region<'_>, name: &str) -> Result<Option<Box<TableDescription>>> {
    let call = region.dynamodb().describe_table().table_name(name);
    let answer = dynamodb.found(Box::pin(DESCRIBE_TABLE.call(call.send())).await)?;
    Ok(answer.and_then(|answer| answer.table).map(Box::new))
}

fn is_going(table: &TableDescription) -> bool {
    matches!(table.table_status, Some(TableStatus::Deleting | TableStatus::Archiving | TableStatus::Archived))
}

/// Waits until AWS takes another change of a table: it is active, with all its indexes and replicas.
async fn settled(region: &Region<'_>, name: &str, times: u32) -> Result<Box<TableDescription>> {
    let mut wait = region.wait(region.timeouts().ready * times);
    loop {
        let Some(table) = described(region, name).await? else {
            return Err(DESCRIBE_TABLE.refused(format!("the table `{name}` is gone")));
        };
        let Some(unready) = unready(&table) else { return Ok(table) };
        if !wait.pause(&format!("{unready} yet")).await {
            let limit = (region.timeouts().ready * times).as_secs();
            return Err(error::timed_out(DESCRIBE_TABLE.name, format!("{unready} after {limit} s")));
        }
    }
}

/// What of a table is between two states.
fn unready(table: &TableDescription) -> Option<String> {
    if table.table_status != Some(TableStatus::Active) {
        return Some("the table is not active".to_owned());
    }
    let mut indexes = table.global_secondary_indexes().iter();
    if let Some(index) = indexes.find(|index| index.index_status != Some(IndexStatus::Active)) {
        return Some(match index.index_status {
            Some(IndexStatus::Deleting) => {
                format!("the index `{}` is not gone", index.index_name().unwrap_or("?"))
            }
            _ => format!("the index `{}` is not active", index.index_name().unwrap_or("?")),
        });
    }
    let mut replicas = table.replicas().iter();
    let is_still = |status: Option<&ReplicaStatus>| {
        matches!(status, None | Some(ReplicaStatus::Active | ReplicaStatus::CreationFailed))
    };
    let busy = replicas.find(|replica| !is_still(replica.replica_status.as_ref()))?;
    Some(format!("the replica in {} is not active", busy.region_name().unwrap_or("another region")))
}

/// A change of a table, once AWS takes it, and the table after it. AWS refuses a change that is made already: the answer to an
/// earlier attempt may have been lost.
async fn update(
    region: &Region<'_>,
    call: UpdateTableFluentBuilder,
    times: u32,
    is_made: impl Fn(&TableDescription) -> bool,
) -> Result<Box<TableDescription>> {
    let name = call.get_table_name().clone().unwrap_or_default();
    let mut wait = region.wait(region.timeouts().consistency);
    loop {
        let Err(error) = UPDATE_TABLE.call(Box::pin(call.clone().send())).await else {
            return settled(region, &name, times).await;
        };
        let is_busy = dynamodb.is_busy(&error);
        if !(is_busy || is_invalid(&error) || dynamodb.is_not_found(&error)) {
            return Err(error);
        }
        let table = settled(region, &name, times).await?;
        if is_made(&table) {
            return Ok(table);
        }
        if !(is_busy && wait.pause("AWS is busy with another change of the table").await) {
            return Err(error);
        }
    }
}

fn key_schema(key: &str, sort: Option<&str>) -> Vec<KeySchemaElement> {
    let element =
        |name: &str, of: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(of).build();
    let sort = sort.and_then(|sort| element(sort, KeyType::Range).ok());
    element(key, KeyType::Hash).ok().into_iter().chain(sort).collect()
}

fn projection<'n>(of: &str, include: impl IntoIterator<Item = &'n String>) -> Projection {
    let include: Vec<String> = include.into_iter().cloned().collect();
    Projection::builder()
        .projection_type(ProjectionType::from(of))
        .set_non_key_attributes(Some(include).filter(|include| !include.is_empty()))
        .build()
}

/// The attributes of all keys of a table and its indexes.
fn definitions(table: &Table) -> Vec<AttributeDefinition> {
    let definition = |attribute: &asiaq_ir::KeyAttribute| {
        let of = ScalarAttributeType::from(attribute.of.as_str());
        AttributeDefinition::builder().attribute_name(&attribute.name).attribute_type(of).build().ok()
    };
    table.key_attributes().into_iter().filter_map(definition).collect()
}

fn billing_mode(table: &Table) -> BillingMode {
    if table.capacity.is_some() { BillingMode::Provisioned } else { BillingMode::PayPerRequest }
}

/// The units that a table or index begins with.
fn least_of(capacity: &TableCapacity) -> ProvisionedThroughput {
    throughput(capacity.read, capacity.write)
}

fn throughput(read: i64, write: i64) -> ProvisionedThroughput {
    let units =
        ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write).build();
    // The builder refuses only what has no numbers.
    units.unwrap_or_else(|_| unreachable!())
}

fn unscaled(capacity: &TableCapacity) -> TableCapacity {
    TableCapacity { read_scaling: None, write_scaling: None, ..capacity.clone() }
}

fn stream(of: Option<&str>) -> Option<StreamSpecification> {
    let view = of.map(StreamViewType::from);
    StreamSpecification::builder().stream_enabled(of.is_some()).set_stream_view_type(view).build().ok()
}

fn encryption(table: &Table) -> SseSpecification {
    let kms = SseSpecification::builder().enabled(table.is_in_kms);
    if !table.is_in_kms {
        return kms.build();
    }
    kms.sse_type(SseType::Kms).set_kms_master_key_id(table.kms_key.clone()).build()
}

/// Whether an error says that AWS takes no such value, or not now.
fn is_invalid(error: &CloudError) -> bool {
    error.fault == Fault::Refused && error.code == "ValidationException"
}

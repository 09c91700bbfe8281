//! Changes of a table, one at a time, in the order in which AWS takes them. Each step looks at the difference between the live
//! table and the wanted one, so that a run that was killed is continued by the next one.

use std::collections::BTreeMap;

use asiaq_ir::{GlobalIndex, Table, TableCapacity};
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, CreateReplicationGroupMemberAction, DeleteGlobalSecondaryIndexAction,
    DeleteReplicationGroupMemberAction, GlobalSecondaryIndexUpdate, ProvisionedThroughputDescription,
    ReplicationGroupUpdate, TableClass, TableDescription, UpdateGlobalSecondaryIndexAction,
};

use super::read::is_provisioned;
use super::{
    BACKFILLED, CHANGED, UPDATE_TABLE, billing_mode, definitions, encryption, expiry, key_schema, least_of,
    projection, scaling, settled, stream, throughput, update,
};
use crate::kinds::prelude::*;

pub(super) async fn change(region: &Region<'_>, name: &str, live: &Table, wanted: &Table) -> Result<()> {
    if live == wanted {
        return Ok(());
    }
    scaling::release(region, live, wanted).await?;
    let mut table = settled(region, name, CHANGED).await?;
    let mut remaining = live.clone();
    for index in live.indexes.difference(&wanted.indexes) {
        remaining.indexes.remove(index);
        table = remove_index(region, name, index, &remaining).await?;
    }
    let gone =
        Table { replicas: live.replicas.intersection(&wanted.replicas).cloned().collect(), ..live.clone() };
    replicas(region, name, live, &gone).await?;
    set_capacity(region, name, &table, wanted).await?;
    set_rest(region, name, live, wanted).await?;
    for index in wanted.indexes.difference(&live.indexes) {
        remaining.indexes.insert(index.clone());
        add_index(region, name, index, &remaining, wanted.capacity_of(&index.name)).await?;
    }
    replicas(region, name, &gone, wanted).await?;
    if live.recovery != wanted.recovery {
        expiry::set_recovery(region, name, wanted.recovery).await?;
    }
    scaling::acquire(region, live, wanted).await?;
    if live.ttl != wanted.ttl {
        expiry::set(region, name, live.ttl.as_deref(), wanted.ttl.as_deref()).await?;
    }
    Ok(())
}

fn call(region: &Region<'_>, name: &str) -> UpdateTableFluentBuilder {
    region.dynamodb().update_table().table_name(name)
}

async fn remove_index(
    region: &Region<'_>,
    name: &str,
    index: &GlobalIndex,
    remaining: &Table,
) -> Result<Box<TableDescription>> {
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(&index.name).build();
    let delete = GlobalSecondaryIndexUpdate::builder().delete(UPDATE_TABLE.built(delete)?).build();
    let call = call(region, name)
        .set_attribute_definitions(Some(definitions(remaining)))
        .global_secondary_index_updates(delete);
    update(region, call, CHANGED, |table| !has_index(table, &index.name)).await
}

async fn add_index(
    region: &Region<'_>,
    name: &str,
    index: &GlobalIndex,
    with: &Table,
    capacity: Option<&TableCapacity>,
) -> Result<()> {
    let sort = index.sort.as_ref().map(|sort| sort.name.as_str());
    let create = CreateGlobalSecondaryIndexAction::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.key.name, sort)))
        .projection(projection(&index.projection, &index.include))
        .set_provisioned_throughput(capacity.map(least_of))
        .build();
    let create = GlobalSecondaryIndexUpdate::builder().create(UPDATE_TABLE.built(create)?).build();
    let call = call(region, name)
        .set_attribute_definitions(Some(definitions(with)))
        .global_secondary_index_updates(create);
    update(region, call, BACKFILLED, |table| has_index(table, &index.name)).await.map(drop)
}

fn has_index(table: &TableDescription, name: &str) -> bool {
    table.global_secondary_indexes().iter().any(|index| index.index_name() == Some(name))
}

fn has_replica(table: &TableDescription, region: &str) -> bool {
    table.replicas().iter().any(|replica| replica.region_name() == Some(region))
}

/// Adds and removes replicas, one at a time.
pub(super) async fn replicas(region: &Region<'_>, name: &str, live: &Table, wanted: &Table) -> Result<()> {
    for replica in live.replicas.difference(&wanted.replicas) {
        let delete = DeleteReplicationGroupMemberAction::builder().region_name(&replica.region).build();
        let delete = ReplicationGroupUpdate::builder().delete(UPDATE_TABLE.built(delete)?).build();
        let is_gone = |table: &TableDescription| !has_replica(table, &replica.region);
        update(region, call(region, name).replica_updates(delete), CHANGED, is_gone).await?;
    }
    for replica in wanted.replicas.difference(&live.replicas) {
        let create = CreateReplicationGroupMemberAction::builder().region_name(&replica.region).build();
        let create = ReplicationGroupUpdate::builder().create(UPDATE_TABLE.built(create)?).build();
        let is_there = |table: &TableDescription| has_replica(table, &replica.region);
        update(region, call(region, name).replica_updates(create), BACKFILLED, is_there).await?;
    }
    Ok(())
}

/// Switches the deletion protection of AWS.
pub(super) async fn protect(region: &Region<'_>, name: &str, is_on: bool) -> Result<()> {
    let is_made = |table: &TableDescription| table.deletion_protection_enabled == Some(is_on);
    update(region, call(region, name).deletion_protection_enabled(is_on), CHANGED, is_made).await.map(drop)
}

/// Changes billing and units. A switch to provisioned billing says the units of the table and of every index at once; units
/// that scale stay where AWS has moved them, within the bounds. AWS refuses a call that changes nothing.
async fn set_capacity(
    region: &Region<'_>,
    name: &str,
    table: &TableDescription,
    wanted: &Table,
) -> Result<()> {
    let was_provisioned = is_provisioned(table);
    let Some(capacity) = &wanted.capacity else {
        if was_provisioned {
            switch_to_on_demand(region, name, table).await?;
        }
        return Ok(());
    };
    let own = units(table.provisioned_throughput().filter(|_| was_provisioned), capacity);
    let mut changed = call(region, name);
    let mut is_changed = !was_provisioned;
    if !was_provisioned {
        changed = changed.billing_mode(billing_mode(wanted));
    }
    if let Some((read, write)) = own {
        changed = changed.provisioned_throughput(throughput(read, write));
        is_changed = true;
    }
    let live: BTreeMap<&str, Option<&ProvisionedThroughputDescription>> = table
        .global_secondary_indexes()
        .iter()
        .filter_map(|index| Some((index.index_name()?, index.provisioned_throughput())))
        .collect();
    for one in &wanted.index_capacity {
        let Some(there) = live.get(one.index.as_str()) else { continue };
        if let Some((read, write)) = units(there.filter(|_| was_provisioned), &one.capacity) {
            let action = UpdateGlobalSecondaryIndexAction::builder()
                .index_name(&one.index)
                .provisioned_throughput(throughput(read, write))
                .build();
            let action = GlobalSecondaryIndexUpdate::builder().update(UPDATE_TABLE.built(action)?).build();
            changed = changed.global_secondary_index_updates(action);
            is_changed = true;
        }
    }
    if is_changed {
        let is_made = |table: &TableDescription| {
            is_provisioned(table)
                && units(table.provisioned_throughput(), capacity).is_none()
                && wanted.index_capacity.iter().all(|one| {
                    let mut indexes = table.global_secondary_indexes().iter();
                    let index = indexes.find(|index| index.index_name() == Some(&one.index));
                    index.is_none_or(|index| units(index.provisioned_throughput(), &one.capacity).is_none())
                })
        };
        update(region, changed, CHANGED, is_made).await?;
    }
    Ok(())
}

/// The units to set; none where they are right.
fn units(live: Option<&ProvisionedThroughputDescription>, wanted: &TableCapacity) -> Option<(i64, i64)> {
    let read = live.and_then(|live| live.read_capacity_units);
    let write = live.and_then(|live| live.write_capacity_units);
    let of = |live: Option<i64>, least: i64, most: Option<i64>| {
        live.map_or(least, |live| live.clamp(least, most.unwrap_or(least).max(least)))
    };
    let read_to = of(read, wanted.read, wanted.read_scaling.as_ref().map(|scaling| scaling.max));
    let write_to = of(write, wanted.write, wanted.write_scaling.as_ref().map(|scaling| scaling.max));
    ((read, write) != (Some(read_to), Some(write_to))).then_some((read_to, write_to))
}

/// AWS switches a table to on-demand billing four times in 24 hours.
async fn switch_to_on_demand(region: &Region<'_>, name: &str, table: &TableDescription) -> Result<()> {
    let last =
        table.billing_mode_summary().and_then(|billing| billing.last_update_to_pay_per_request_date_time);
    let call = call(region, name).billing_mode(aws_sdk_dynamodb::types::BillingMode::PayPerRequest);
    let switched = update(region, call, CHANGED, |table| !is_provisioned(table)).await;
    switched.map(drop).map_err(|error| match last {
        Some(last) if super::is_invalid(&error) || error.code == "LimitExceededException" => {
            let message = format!(
                "AWS switches a table to on-demand billing four times in 24 hours, and last did so with `{name}` at {last}: \
                 run `asiaq apply` again later ({})",
                error.message
            );
            CloudError { message, ..error }
        }
        Some(_) | None => error,
    })
}

/// Changes the settings that AWS takes in calls of their own.
async fn set_rest(region: &Region<'_>, name: &str, live: &Table, wanted: &Table) -> Result<()> {
    if live.deletion_protection != wanted.deletion_protection {
        protect(region, name, wanted.deletion_protection).await?;
    }
    if live.class != wanted.class {
        let class = TableClass::from(wanted.class.as_str());
        let is_made = |table: &TableDescription| {
            table.table_class_summary().and_then(|summary| summary.table_class.as_ref()) == Some(&class)
        };
        update(region, call(region, name).table_class(class.clone()), CHANGED, is_made).await?;
    }
    let other_key = wanted.kms_key.is_some() && live.kms_key != wanted.kms_key;
    if live.is_in_kms != wanted.is_in_kms || other_key {
        let is_made = |table: &TableDescription| {
            let key = table.sse_description().and_then(|sse| sse.kms_master_key_arn.clone());
            if wanted.is_in_kms { wanted.kms_key.is_none() || key == wanted.kms_key } else { key.is_none() }
        };
        update(region, call(region, name).sse_specification(encryption(wanted)), CHANGED, is_made).await?;
    }
    if live.stream != wanted.stream {
        // Another kind of stream is another stream.
        if live.stream.is_some() {
            let is_off = |table: &TableDescription| view_of(table).is_none();
            update(region, call(region, name).set_stream_specification(stream(None)), CHANGED, is_off)
                .await?;
        }
        if wanted.stream.is_some() {
            let is_on = |table: &TableDescription| view_of(table) == wanted.stream.as_deref();
            let spec = stream(wanted.stream.as_deref());
            update(region, call(region, name).set_stream_specification(spec), CHANGED, is_on).await?;
        }
    }
    Ok(())
}

/// What the stream of a table says; none where it has none.
fn view_of(table: &TableDescription) -> Option<&str> {
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled)?;
    Some(stream.stream_view_type()?.as_str())
}

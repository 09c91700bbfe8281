//! What DynamoDB refuses, or AWS's services that scale and copy tables ("Quotas in Amazon DynamoDB", `CreateTable` and
//! `UpdateTable` of its API reference).

use std::collections::BTreeMap;

use asiaq_ir::Partition;
use asiaq_lang::{Diagnostic, Span};

use super::{Capacity, Index, Table};
use crate::errors;
use crate::evaluate::Resolved;
use crate::model::Environment;
use crate::model::storage::key_problem;

/// Global and local indexes of a table.
const INDEXES: (usize, usize) = (20, 5);
/// Attributes in the lists of all indexes of a table.
const INCLUDED: usize = 100;

/// Reports what is wrong with the tables of an environment.
pub(in crate::model) fn check_all(env: &Environment, diagnostics: &mut Vec<Diagnostic>) {
    // What could not be read has been reported, and may be what others miss.
    for table in env.tables.iter().filter(|table| table.is_whole) {
        check_keys(table, diagnostics);
        check_types(table, diagnostics);
        check_capacity(table, diagnostics);
        check_settings(table, diagnostics);
        if !env.region_unknown {
            check_key_of_kms(table, &env.region.value, diagnostics);
        }
        check_replicas(table, &env.region.value, diagnostics);
    }
}

fn check_keys(table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let (local, global): (Vec<&Index>, Vec<&Index>) =
        table.indexes.iter().partition(|index| index.local.value);
    for (indexes, most, kind) in [(&global, INDEXES.0, "global"), (&local, INDEXES.1, "local")] {
        if let Some(index) = indexes.get(most) {
            diagnostics.push(errors::too_many_indexes(index.span, kind, indexes.len(), most));
        }
    }
    check_pair(&table.name, Some(&table.key), table.sort.as_ref(), diagnostics);
    for index in &table.indexes {
        if index.local.value {
            check_local(table, index, diagnostics);
        } else if index.key.is_none() {
            diagnostics.push(errors::setting_needs(index.span, "index", "key"));
        }
        check_pair(&index.name, index.key.as_ref(), index.sort.as_ref(), diagnostics);
        let include = &index.include;
        if index.projection.is_some() && !include.value.is_empty() {
            diagnostics.push(errors::setting_beside(include.span(), "include", "projection"));
        }
        let mut seen = BTreeMap::new();
        let of_key: Vec<&str> =
            [Some(&table.key), table.sort.as_ref(), index.key.as_ref(), index.sort.as_ref()]
                .into_iter()
                .flatten()
                .map(|attribute| attribute.value.as_str())
                .collect();
        for one in &include.value {
            if of_key.contains(&one.value.as_str()) || seen.insert(one.value.as_str(), one.span).is_some() {
                diagnostics.push(errors::included_already(one.span, &one.value, &index.name));
            }
        }
    }
    let included: Vec<_> = table.indexes.iter().flat_map(|index| &index.include.value).collect();
    if let Some(one) = included.get(INCLUDED) {
        diagnostics.push(errors::too_many_included(one.span, &table.name, included.len(), INCLUDED));
    }
}

/// A local index has the partition key of its table and a sort key of its own, which its table has to have too.
fn check_local(table: &Table, index: &Index, diagnostics: &mut Vec<Diagnostic>) {
    if table.sort.is_none() {
        diagnostics.push(errors::setting_needs(index.local.span(), "local", "sort"));
        return;
    }
    match &index.sort {
        None => diagnostics.push(errors::setting_needs(index.local.span(), "local", "sort")),
        Some(sort) if table.sort.as_ref().is_some_and(|own| own.value == sort.value) => {
            diagnostics.push(errors::same_sort_key(sort.span(), &index.name, &sort.value));
        }
        Some(_) => {}
    }
    if let Some(key) = index.key.as_ref().filter(|key| key.value != table.key.value) {
        diagnostics.push(errors::key_of_local_index(key.span(), &index.name, &table.key.value));
    }
    if let Some(capacity) = &index.capacity {
        diagnostics.push(errors::setting_beside(capacity.span, "capacity", "local"));
    }
}

fn check_pair(
    name: &str,
    key: Option<&Resolved<String>>,
    sort: Option<&Resolved<String>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(sort) = sort.filter(|sort| key.is_some_and(|key| key.value == sort.value)) {
        diagnostics.push(errors::key_twice(sort.span(), name, &sort.value));
    }
}

/// The lists of types name attributes of keys, each once.
fn check_types(table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let lists = [("numbers", &table.numbers), ("binaries", &table.binaries)];
    let mut typed: BTreeMap<&str, (Span, &str)> = BTreeMap::new();
    for (list, attributes) in lists {
        for one in &attributes.value {
            if !table.key_attributes().any(|key| key.value == one.value) {
                let known: Vec<&str> = table.key_attributes().map(|key| key.value.as_str()).collect();
                diagnostics.push(errors::type_of_no_key(one.span, list, &one.value, &known));
            } else if let Some((first, before)) = typed.insert(&one.value, (one.span, list)) {
                diagnostics.push(errors::typed_twice(one.span, &one.value, first, before == list));
            }
        }
    }
}

fn check_capacity(table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let of_indexes = table.indexes.iter().filter_map(|index| index.capacity.as_ref());
    let all: Vec<&Capacity> = table.capacity.iter().chain(of_indexes).collect();
    if !table.is_provisioned() {
        for capacity in &all {
            diagnostics.push(errors::setting_needs(capacity.span, "capacity", "billing = provisioned"));
        }
    } else if let Some(billing) = table.billing.as_ref().filter(|_| table.capacity.is_none()) {
        let needed = "capacity { read = 5, write = 5 }";
        diagnostics.push(errors::setting_needs(billing.span(), "billing = provisioned", needed));
    }
    for capacity in all {
        let pairs = [
            ("read", &capacity.read, "max_read", &capacity.max_read),
            ("write", &capacity.write, "max_write", &capacity.max_write),
        ];
        for (least, from, most, to) in pairs {
            if let Some(to) = to.as_ref().filter(|to| to.value < from.value) {
                diagnostics.push(errors::capacity_order(to.span(), (least, from.value), (most, to.value)));
            }
        }
        if let Some(target) = capacity.target.as_ref().filter(|_| !capacity.scales()) {
            diagnostics.push(errors::setting_needs(target.span(), "target", "max_read"));
        }
    }
}

fn check_settings(table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(ttl) = &table.ttl
        && let Some(key) = table.key_attributes().find(|key| key.value == ttl.value)
        && table.type_of(&ttl.value) != "N"
    {
        diagnostics.push(errors::ttl_of_key(ttl.span(), &ttl.value, key.span()));
    }
    if let Some(period) = table.recovery_period.as_ref() {
        if !table.recovery.value {
            diagnostics.push(errors::setting_needs(period.span(), "recovery_period", "recovery = true"));
        } else if !period.value.is_multiple_of(86_400) {
            diagnostics.push(errors::partial_days(period.span(), period.value));
        }
    }
    if let Some(key) = table.kms_key.as_ref().filter(|_| table.encryption.value != "kms") {
        diagnostics.push(errors::setting_needs(key.span(), "kms_key", "encryption = kms"));
    }
}

/// A key that is not said by its ARN would be another one in every listing of AWS.
fn check_key_of_kms(table: &Table, region: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(key) = table.kms_key.as_ref().filter(|_| table.encryption.value == "kms") else { return };
    diagnostics.extend(key_problem(&key.value, key.span(), region));
}

/// Replicas copy changes through the stream, and every one has to keep up with writes.
fn check_replicas(table: &Table, region: &str, diagnostics: &mut Vec<Diagnostic>) {
    let replicas = &table.replicas;
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for replica in &replicas.value {
        if replica.value == region {
            diagnostics.push(errors::replica_at_home(replica.span, &table.name, region));
        } else if Partition::of(&replica.value) != Partition::of(region) {
            diagnostics.push(errors::replica_in_partition(replica.span, &replica.value, region));
        } else if let Some(first) = seen.insert(&replica.value, replica.span) {
            diagnostics.push(errors::replica_twice(replica.span, &replica.value, first));
        }
    }
    if replicas.value.is_empty() {
        return;
    }
    if let Some(stream) = table.stream.as_ref().filter(|stream| stream.value != "new_and_old") {
        let found = errors::setting_needs(replicas.span(), "replicas", "stream = new_and_old");
        diagnostics.push(found.related(stream.span(), "another stream"));
    }
    if let Some(key) = table.kms_key.as_ref().filter(|_| table.encryption.value == "kms") {
        diagnostics.push(errors::key_of_replicas(replicas.span(), &table.name, key.span()));
    }
    let global = table.indexes.iter().filter(|index| !index.local.value);
    let capacities = table.capacity.iter().chain(global.filter_map(|index| index.capacity.as_ref()));
    let mut fixed = capacities.filter(|capacity| !capacity.scales_writes());
    if let Some(fixed) = fixed.next().filter(|_| table.is_provisioned()) {
        let found = errors::setting_needs(replicas.span(), "replicas", "max_write");
        diagnostics.push(found.related(fixed.span, "capacity for writes that does not change by itself"));
    }
}

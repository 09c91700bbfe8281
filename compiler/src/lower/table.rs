//! Tables.

use std::collections::BTreeSet;

use asiaq_ir::{
    CapacityScaling, FINAL_BACKUP_TAG, GlobalIndex, IndexCapacity, KeyAttribute, LEASE_TABLE, LocalIndex,
    Replica, Table as IrTable, TableCapacity as IrCapacity,
};
use asiaq_lang::Span;

use super::Lowering;
use super::names::{NameSpace, Owner};
use super::node::chain;
use crate::errors;
use crate::model::{Environment, Table, TableCapacity, TableIndex};

/// Days that AWS keeps what point-in-time recovery needs, if nothing else is said.
const RECOVERY_DAYS: u32 = 35;
/// Percentage of the capacity that is to be in use where it scales, if nothing else is said.
const TARGET: i64 = 70;

impl<'a> Lowering<'a> {
    pub(super) fn tables(&mut self, env: &Environment) {
        for table in &env.tables {
            self.table(env, table);
        }
    }

    fn table<'m>(&mut self, env: &'m Environment, table: &'m Table)
    where
        'a: 'm,
    {
        let Some(name) = self.table_name(env, table) else { return };
        let path = format!("table.{}", table.name);
        let mut node = self
            .node(env, &format!("table/{}", table.name), table.span)
            .declared_by(path.clone())
            .tagged(&name, &[])
            .optional_tags(table.tags.as_ref());
        if !table.final_backup.value {
            node.optional_tag(FINAL_BACKUP_TAG, "false");
        }
        if table.called.is_none() {
            node.part(IrTable::NAME, &table.name, table.span);
            node.part(IrTable::NAME, &env.name, env.span);
        }
        let attribute =
            |name: &str| KeyAttribute { name: name.to_owned(), of: table.type_of(name).to_owned() };
        let (local, global): (Vec<&TableIndex>, Vec<&TableIndex>) =
            table.indexes.iter().partition(|index| index.local.value);
        // An index that lacks a key has been reported.
        let local_indexes = local.iter().filter_map(|index| {
            let (projection, include) = projection(index);
            let sort = attribute(&index.sort.as_ref()?.value);
            Some(LocalIndex { name: index.name.clone(), sort, projection, include })
        });
        let indexes = global.iter().filter_map(|index| {
            let (projection, include) = projection(index);
            let key = attribute(&index.key.as_ref()?.value);
            let sort = index.sort.as_ref().map(|sort| attribute(&sort.value));
            Some(GlobalIndex { name: index.name.clone(), key, sort, projection, include })
        });
        let own = table.capacity.as_ref().filter(|_| table.is_provisioned());
        let index_capacity = global.iter().filter_map(|index| {
            let capacity = capacity(index.capacity.as_ref().or(own).filter(|_| own.is_some())?);
            Some(IndexCapacity { index: index.name.clone(), capacity })
        });
        let stream = table.stream.as_ref().map(|stream| match stream.value.as_str() {
            "new" => "NEW_IMAGE",
            "old" => "OLD_IMAGE",
            "keys" => "KEYS_ONLY",
            _ => "NEW_AND_OLD_IMAGES",
        });
        // Replicas copy what the stream says.
        let of_replicas = (!table.replicas.value.is_empty()).then_some("NEW_AND_OLD_IMAGES");
        let stream_places = table.stream.as_ref().map_or_else(
            || if of_replicas.is_some() { table.replicas.chain.clone() } else { Vec::new() },
            |stream| stream.chain.clone(),
        );
        let days = table.recovery_period.as_ref().map(|period| period.value / 86_400);
        let days = days.map_or(RECOVERY_DAYS, |days| u32::try_from(days).unwrap_or(RECOVERY_DAYS));
        let recovery_places: Vec<Span> =
            chain(table.recovery_period.as_ref()).iter().chain(&table.recovery.chain).copied().collect();
        let protected = env.protects(&path);
        let is_in_kms = table.encryption.value == "kms";
        let class = match table.class.value.as_str() {
            "infrequent_access" => "STANDARD_INFREQUENT_ACCESS",
            _ => "STANDARD",
        };
        let replicas =
            table.replicas.value.iter().map(|region| Replica { region: region.value.clone() }).collect();
        for index in &global {
            node.element(IrTable::INDEXES, &index.name, &[index.span]);
            let capacity = index.capacity.as_ref().or(own).filter(|_| own.is_some());
            if let Some(capacity) = capacity {
                node.element(IrTable::INDEX_CAPACITY, &index.name, &[capacity.span]);
            }
        }
        for region in &table.replicas.value {
            node.element(IrTable::REPLICAS, &region.value, &[region.span]);
        }
        let local_places: Vec<Span> = local.iter().map(|index| index.span).collect();
        let sort = table.sort.as_ref();
        let name_places =
            table.called.as_ref().map_or_else(|| vec![table.span], |called| called.chain.clone());
        let capacity_places: Vec<Span> = own.iter().map(|capacity| capacity.span).collect();
        let resource = IrTable {
            name: node.set(IrTable::NAME, &name_places, name),
            key: node.set(IrTable::KEY, &table.key.chain, attribute(&table.key.value)),
            sort: node.set(IrTable::SORT, chain(sort), sort.map(|sort| attribute(&sort.value))),
            local_indexes: node.set(IrTable::LOCAL_INDEXES, &local_places, local_indexes.collect()),
            indexes: indexes.collect(),
            capacity: node.set(IrTable::CAPACITY, &capacity_places, own.map(capacity)),
            index_capacity: index_capacity.collect(),
            ttl: node.optional(IrTable::TTL, table.ttl.as_ref()),
            stream: node.set(IrTable::STREAM, &stream_places, stream.or(of_replicas).map(ToOwned::to_owned)),
            recovery: node.set(IrTable::RECOVERY, &recovery_places, table.recovery.value.then_some(days)),
            deletion_protection: node.set(
                IrTable::DELETION_PROTECTION,
                protected.as_slice(),
                protected.is_some(),
            ),
            is_in_kms: node.set(IrTable::IS_IN_KMS, &table.encryption.chain, is_in_kms),
            kms_key: node.optional(IrTable::KMS_KEY, table.kms_key.as_ref().filter(|_| is_in_kms)),
            class: node.set(IrTable::CLASS, &table.class.chain, class.to_owned()),
            replicas,
        };
        self.add(node, resource);
    }

    /// The name of a table in AWS; none where it is reported.
    fn table_name(&mut self, env: &Environment, table: &Table) -> Option<String> {
        let (name, place) = match &table.called {
            Some(called) => (called.value.clone(), called.span()),
            None => (format!("{}_{}", table.name, env.name), table.span),
        };
        if name == LEASE_TABLE {
            let why = "asiaq keeps its leases in a table of this name";
            self.diagnostics.push(errors::bad_table_name(place, &name, why));
            return None;
        }
        let owner = Owner { address: format!("{}/table/{}", env.name, table.name), span: place };
        if let Some(first) = self.names.register(NameSpace::Table, env, &name, owner) {
            self.diagnostics.push(errors::table_named_twice(place, &name, (&first.address, first.span)));
            return None;
        }
        Some(name)
    }
}

/// What an index has beside keys.
fn projection(index: &TableIndex) -> (String, BTreeSet<String>) {
    let include: BTreeSet<String> = index.include.value.iter().map(|one| one.value.clone()).collect();
    let word = match &index.projection {
        Some(projection) if projection.value == "keys" => "KEYS_ONLY",
        None if !include.is_empty() => "INCLUDE",
        Some(_) | None => "ALL",
    };
    (word.to_owned(), if word == "INCLUDE" { include } else { BTreeSet::new() })
}

fn capacity(of: &TableCapacity) -> IrCapacity {
    let scaling = |least: i64, most: Option<i64>| {
        most.filter(|most| *most > least).map(|max| CapacityScaling {
            max,
            target: of.target.as_ref().map_or(TARGET, |target| target.value),
        })
    };
    IrCapacity {
        read: of.read.value,
        write: of.write.value,
        read_scaling: scaling(of.read.value, of.max_read.as_ref().map(|most| most.value)),
        write_scaling: scaling(of.write.value, of.max_write.as_ref().map(|most| most.value)),
    }
}

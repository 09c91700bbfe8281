//! The tables of an environment (DynamoDB).

mod checks;

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::Provenance;
use crate::block::Block;
use crate::evaluate::{Evaluator, Resolved};
use crate::library::fields::{CapacityFields, IndexFields, TableFields};
use crate::library::kinds;
use crate::value::Spanned;

pub(super) use checks::check_all;

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Its name in AWS, if it is not composed from the other names.
    pub(crate) called: Option<Resolved<String>>,
    /// Partition key.
    pub(crate) key: Resolved<String>,
    /// Sort key.
    pub(crate) sort: Option<Resolved<String>>,
    /// Attributes of keys that are numbers.
    pub(crate) numbers: Resolved<Vec<Spanned<String>>>,
    /// Attributes of keys that are binary.
    pub(crate) binaries: Resolved<Vec<Spanned<String>>>,
    /// `on_demand` or `provisioned`, where it is said.
    pub(crate) billing: Option<Resolved<String>>,
    pub(crate) capacity: Option<Capacity>,
    pub(crate) indexes: Vec<Index>,
    /// Attribute with the time at which an item is deleted.
    pub(crate) ttl: Option<Resolved<String>>,
    pub(crate) stream: Option<Resolved<String>>,
    pub(crate) recovery: Resolved<bool>,
    /// Seconds.
    pub(crate) recovery_period: Option<Resolved<u64>>,
    pub(crate) encryption: Resolved<String>,
    pub(crate) kms_key: Option<Resolved<String>>,
    pub(crate) class: Resolved<String>,
    pub(crate) replicas: Resolved<Vec<Spanned<String>>>,
    pub(crate) final_backup: Resolved<bool>,
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Whether every field of it and of its indexes could be read.
    pub(crate) is_whole: bool,
}

/// An index of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Index {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    pub(crate) key: Option<Resolved<String>>,
    pub(crate) sort: Option<Resolved<String>>,
    pub(crate) projection: Option<Resolved<String>>,
    pub(crate) include: Resolved<Vec<Spanned<String>>>,
    pub(crate) local: Resolved<bool>,
    pub(crate) capacity: Option<Capacity>,
}

/// The capacity of a [`Table`] or an [`Index`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Capacity {
    /// Where it is declared.
    pub(crate) span: Span,
    pub(crate) read: Resolved<i64>,
    pub(crate) write: Resolved<i64>,
    pub(crate) max_read: Option<Resolved<i64>>,
    pub(crate) max_write: Option<Resolved<i64>>,
    /// Percent.
    pub(crate) target: Option<Resolved<i64>>,
}

impl Table {
    /// The attributes that its key, and those of its indexes, consist of.
    pub(crate) fn key_attributes(&self) -> impl Iterator<Item = &Resolved<String>> {
        let of_indexes = self.indexes.iter().flat_map(|index| index.key.iter().chain(&index.sort));
        std::iter::once(&self.key).chain(&self.sort).chain(of_indexes)
    }

    /// The type of an attribute of keys, as AWS writes it.
    pub(crate) fn type_of(&self, attribute: &str) -> &'static str {
        let is_in =
            |list: &Resolved<Vec<Spanned<String>>>| list.value.iter().any(|one| one.value == attribute);
        match (is_in(&self.numbers), is_in(&self.binaries)) {
            (true, _) => "N",
            (false, true) => "B",
            (false, false) => "S",
        }
    }

    /// Whether capacity is reserved.
    pub(crate) fn is_provisioned(&self) -> bool {
        self.billing.as_ref().map_or(self.capacity.is_some(), |billing| billing.value == "provisioned")
    }
}

impl Capacity {
    /// Whether AWS changes the write capacity by itself.
    pub(crate) fn scales_writes(&self) -> bool {
        self.max_write.as_ref().is_some_and(|most| most.value > self.write.value)
    }

    /// Whether AWS changes the capacity by itself.
    pub(crate) fn scales(&self) -> bool {
        self.max_read.is_some() || self.max_write.is_some()
    }
}

/// The tables of one environment, in order of first appearance.
pub(super) fn of_environment(
    env: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Table> {
    let mut reader = Reader { evaluator, provenance, diagnostics, is_whole: true };
    env.nested(kinds::TABLE).into_iter().filter_map(|name| reader.table(env, name)).collect()
}

/// Reads the tables of one environment.
struct Reader<'r, 'a, 'b> {
    evaluator: &'r Evaluator<'a, 'b>,
    provenance: &'r mut Provenance,
    diagnostics: &'r mut Vec<Diagnostic>,
    /// Whether every field of the table could be read.
    is_whole: bool,
}

impl<'a> Reader<'_, 'a, '_> {
    fn table(&mut self, env: &Block<'a>, name: &str) -> Option<Table> {
        let block = env.child(kinds::TABLE, Some(name), &[])?;
        let span = env.last_span(kinds::TABLE, Some(name));
        let fields = Arc::new(self.evaluator.fields(kinds::TABLE, &block, span, self.diagnostics));
        self.is_whole = !fields.has_broken();
        let path = format!("table.{name}");
        self.provenance.add(path.clone(), Arc::clone(&fields));
        let capacity = self.capacity(&block, &path);
        let indexes: Vec<Option<Index>> =
            block.nested(kinds::INDEX).into_iter().map(|index| self.index(&block, index, &path)).collect();
        let of = TableFields::of(&fields, span);
        Some(Table {
            name: name.to_owned(),
            span,
            called: of.name,
            key: of.key?,
            sort: of.sort,
            numbers: of.numbers,
            binaries: of.binaries,
            billing: of.billing,
            capacity,
            indexes: indexes.into_iter().flatten().collect(),
            ttl: of.ttl,
            stream: of.stream,
            recovery: of.recovery,
            recovery_period: of.recovery_period,
            encryption: of.encryption,
            kms_key: of.kms_key,
            class: of.class,
            replicas: of.replicas,
            final_backup: of.final_backup,
            tags: of.tags,
            is_whole: self.is_whole,
        })
    }

    fn index(&mut self, table: &Block<'a>, name: &str, path: &str) -> Option<Index> {
        let block = table.child(kinds::INDEX, Some(name), &[])?;
        let span = table.last_span(kinds::INDEX, Some(name));
        let fields = Arc::new(self.evaluator.fields(kinds::INDEX, &block, span, self.diagnostics));
        self.is_whole &= !fields.has_broken();
        let path = format!("{path}.index.{name}");
        self.provenance.add(path.clone(), Arc::clone(&fields));
        let capacity = self.capacity(&block, &path);
        let of = IndexFields::of(&fields, span);
        Some(Index {
            name: name.to_owned(),
            span,
            key: of.key,
            sort: of.sort,
            projection: of.projection,
            include: of.include,
            local: of.local,
            capacity,
        })
    }

    fn capacity(&mut self, outer: &Block<'a>, path: &str) -> Option<Capacity> {
        let block = outer.child(kinds::CAPACITY, None, &[])?;
        let span = outer.last_span(kinds::CAPACITY, None);
        let fields = Arc::new(self.evaluator.fields(kinds::CAPACITY, &block, span, self.diagnostics));
        self.provenance.add(format!("{path}.capacity"), Arc::clone(&fields));
        let of = CapacityFields::of(&fields, span);
        // A missing or broken number has been reported.
        let one = || Resolved { value: 1, chain: vec![span] };
        Some(Capacity {
            span,
            read: of.read.filter(|read| read.value > 0).unwrap_or_else(one),
            write: of.write.filter(|write| write.value > 0).unwrap_or_else(one),
            max_read: of.max_read,
            max_write: of.max_write,
            target: of.target,
        })
    }
}

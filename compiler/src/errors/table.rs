//! Mistakes in tables.

use asiaq_lang::{Diagnostic, Span};

use super::codes;
use super::listed;

pub(crate) fn bad_table_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::TABLE_NAME, span, format!("asiaq makes no table called `{name}` in AWS"))
        .label("not a name of a table")
        .help(format!("{why}: set another `name`"))
}

pub(crate) fn table_named_twice(span: Span, name: &str, (address, first): (&str, Span)) -> Diagnostic {
    Diagnostic::new(codes::TABLE_NAME, span, format!("two tables are called `{name}` in AWS"))
        .label("same name again")
        .related(first, format!("`{address}` has the same name"))
        .help("set another `name`, such as one with `${env.name}`")
}

pub(crate) fn too_many_indexes(span: Span, kind: &str, count: usize, most: usize) -> Diagnostic {
    let message = format!("the table has {count} {kind} indexes, and AWS allows {most}");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label(format!("{count} {kind} indexes"))
        .help(format!("remove {} of them", count.saturating_sub(most)))
}

pub(crate) fn key_twice(span: Span, name: &str, attribute: &str) -> Diagnostic {
    let message = format!("`{attribute}` is both keys of `{name}`");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("the partition key too")
        .help("name another attribute, or remove `sort`")
}

pub(crate) fn same_sort_key(span: Span, index: &str, attribute: &str) -> Diagnostic {
    let message = format!("the local index `{index}` has the sort key of its table, `{attribute}`");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("sorts as the table does")
        .help("name another attribute, or remove the index")
}

pub(crate) fn key_of_local_index(span: Span, index: &str, key: &str) -> Diagnostic {
    let message =
        format!("the local index `{index}` has the partition key of its table, `{key}`, and no other");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("another key")
        .help("remove `key`, or remove `local` so that the index is a global one")
}

pub(crate) fn included_already(span: Span, attribute: &str, index: &str) -> Diagnostic {
    let message = format!("the index `{index}` has the attribute `{attribute}` already");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("in the list again, or part of a key")
        .help(format!("remove `{attribute}`: keys of the table and of the index are in every index"))
}

pub(crate) fn too_many_included(span: Span, table: &str, count: usize, most: usize) -> Diagnostic {
    let message =
        format!("the indexes of `{table}` include {count} attributes, and AWS allows {most} in all");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label(format!("{count} attributes"))
        .help("use `projection = all` for an index with many, or remove some")
}

pub(crate) fn type_of_no_key(span: Span, list: &str, attribute: &str, known: &[&str]) -> Diagnostic {
    let message = format!("`{attribute}` is in `{list}`, and is no attribute of a key");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("of no key")
        .help(format!("only attributes of keys have a type, here {}: remove it", listed(known)))
}

pub(crate) fn typed_twice(span: Span, attribute: &str, first: Span, is_same: bool) -> Diagnostic {
    let types = if is_same { "the same type twice" } else { "two types" };
    Diagnostic::new(codes::TABLE_SETTING, span, format!("`{attribute}` has {types}"))
        .label("has a type already")
        .related(first, "its first type")
        .help("name it once, in `numbers` or in `binaries`")
}

pub(crate) fn ttl_of_key(span: Span, attribute: &str, key: Span) -> Diagnostic {
    Diagnostic::new(codes::TABLE_SETTING, span, format!("`{attribute}` is a key, and no number"))
        .label("no time in seconds")
        .related(key, "the key")
        .help("name an attribute of its own, with seconds since 1970")
}

pub(crate) fn capacity_order(span: Span, least: (&str, i64), most: (&str, i64)) -> Diagnostic {
    let message = format!("`{}` is {}, less than the {} of `{}`", most.0, most.1, least.1, least.0);
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("too small")
        .help(format!("the capacity is at least `{}` and at most `{}`", least.0, most.0))
}

pub(crate) fn replica_in_partition(span: Span, replica: &str, region: &str) -> Diagnostic {
    let message = format!("AWS copies no table from {region} to {replica}");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("another partition of AWS")
        .help("name regions of the same partition: those of China and of GovCloud are by themselves")
}

pub(crate) fn replica_twice(span: Span, replica: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::TABLE_SETTING, span, format!("`{replica}` has two replicas of the table"))
        .label("named again")
        .related(first, "its first replica")
        .help("name it once")
}

pub(crate) fn key_of_replicas(span: Span, table: &str, key: Span) -> Diagnostic {
    let message = format!("the replicas of `{table}` cannot have a key of their own");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("each needs a key in its region")
        .related(key, "the key of the table")
        .help("remove `kms_key`, so that the key of AWS encrypts the table in each region, or remove `replicas`")
}

pub(crate) fn replica_at_home(span: Span, table: &str, region: &str) -> Diagnostic {
    let message = format!("the table `{table}` is in {region} itself");
    Diagnostic::new(codes::TABLE_SETTING, span, message)
        .label("the region of the environment")
        .help("name other regions only")
}

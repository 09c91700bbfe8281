//! The library that comes with the compiler, embedded from `stdlib/`.

pub(crate) mod fields;
mod instances;
pub(crate) mod kinds;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use asiaq_lang::FileId;

pub(crate) use instances::{instance_types, successor};

include!(concat!(env!("OUT_DIR"), "/library.rs"));

const REGIONS: &str = include_str!("../../stdlib/regions.txt");

/// The schema files: path and text.
pub(crate) fn schemas() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().copied()
}

/// Whether a file is a schema. A workspace reads the schemas first, so these have the lowest numbers.
pub(crate) fn is_schema(file: FileId) -> bool {
    (file.0 as usize) < KINDS.len()
}

/// Whether a file belongs to the library, as a schema or a template.
pub(crate) fn is_library(path: &str) -> bool {
    path.starts_with("std/")
}

/// The text of a template, by the path after `use`.
pub(crate) fn template(path: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

/// The paths of all templates.
pub(crate) fn templates() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|(name, _)| *name)
}

/// Every AWS region with the availability zones a new account sees in it, in order of name.
///
/// A live account's own zones win over these.
pub(crate) fn regions() -> &'static BTreeMap<&'static str, Vec<String>> {
    static KNOWN: OnceLock<BTreeMap<&'static str, Vec<String>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines = REGIONS.lines().filter_map(|line| line.split_once(' '));
        let zones =
            |region: &str, letters: &str| letters.chars().map(|zone| format!("{region}{zone}")).collect();
        lines.map(|(region, letters)| (region, zones(region, letters))).collect()
    })
}

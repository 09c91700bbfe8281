//! The library that comes with the compiler, embedded from `stdlib/`.

mod instances;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use asiaq_lang::FileId;

pub(crate) use instances::{instance_types, successor};

macro_rules! library {
    ($($name:literal),+ $(,)?) => {
        /// Schema files, one kind each, by name.
        const KINDS: &[(&str, &str)] =
            &[$((concat!("std/", $name), include_str!(concat!("../../stdlib/", $name, ".asq")))),+];
    };
}

library!(
    "account",
    "alarm",
    "ami",
    "customer",
    "deploy",
    "dhcp",
    "disk",
    "elb",
    "endpoint",
    "env",
    "envtype",
    "hostclass",
    "lb",
    "log_metric",
    "metanetwork",
    "peering",
    "pipeline",
    "project",
    "record",
    "run",
    "scaling",
    "smoke_test",
    "spot",
    "stage",
    "step",
    "test",
    "zone",
    "topic",
);

/// Templates a project may `use`.
const TEMPLATES: &[(&str, &str)] = &[
    ("std/alarms/balancers", include_str!("../../stdlib/alarms/balancers.asq")),
    ("std/alarms/databases", include_str!("../../stdlib/alarms/databases.asq")),
    ("std/alarms/hosts", include_str!("../../stdlib/alarms/hosts.asq")),
    ("std/classic", include_str!("../../stdlib/classic.asq")),
];

const REGIONS: &str = include_str!("../../stdlib/regions.txt");

/// The schema files: path and text.
pub(crate) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().copied()
}

/// Whether a file is a schema: a workspace reads them first.
pub(crate) fn is_schema(file: FileId) -> bool {
    (file.0 as usize) < KINDS.len()
}

/// Whether a file of a workspace is the library's, a schema or a template.
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

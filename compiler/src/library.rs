//! The library that comes with the compiler, embedded from `stdlib/`.

pub(crate) mod engines;
pub(crate) mod fields;
mod images;
mod instances;
pub(crate) mod kinds;
mod metrics;
mod regions;
mod table;

use asiaq_lang::FileId;

pub(crate) use images::{OWNER_ALIASES, USUAL_USER, is_ami_id, known_owner, login_user};
pub use instances::vcpus;
pub(crate) use instances::{
    guessed_architecture, instance_type, instance_types, is_instance_type, is_never_spot, is_offered,
    is_previous, is_type_name, misspelt_type, stand_in, successor,
};
pub(crate) use metrics::{
    Metric as KnownMetric, Namespace, Part as DimensionPart, Values as MetricValues, misspelt_namespace,
    namespace,
};
pub(crate) use regions::{is_region_code, misspelt_region, regions, zones};

include!(concat!(env!("OUT_DIR"), "/library.rs"));

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

//! Where every field of an environment was set; told only to those who ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::Span;

use crate::evaluate::{Fields, Resolved};
use crate::value::Value;

/// The places of every field, by path within the environment, as in `intranet.ingress`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Provenance {
    /// The things that have fields, by what their paths begin with; of two the later counts.
    parts: Vec<(Arc<str>, Arc<Fields>)>,
}

impl Provenance {
    /// Adds the fields of what is called `prefix`; the environment's own where that is empty.
    pub(super) fn add(&mut self, prefix: impl Into<Arc<str>>, fields: Arc<Fields>) {
        self.parts.push((prefix.into(), fields));
    }

    /// The places that set the field at `path`, the winner first.
    pub(crate) fn get(&self, path: &str) -> Option<&[Span]> {
        let (prefix, field) = path.rsplit_once('.').unwrap_or(("", path));
        let of_prefix = self.parts.iter().rev().filter(|(known, _)| **known == *prefix);
        of_prefix.into_iter().find_map(|(_, fields)| fields.chain(field))
    }

    /// Whether the switch `field` of what is called `prefix` is on, where it has such a field.
    pub(crate) fn flag(&self, prefix: &str, field: &str) -> Option<Resolved<bool>> {
        let of_prefix = self.parts.iter().rev().filter(|(known, _)| **known == *prefix);
        of_prefix.into_iter().find_map(|(_, fields)| fields.one(field, Value::boolean))
    }

    /// Every path with its places, in order.
    pub(crate) fn paths(&self) -> BTreeMap<String, &[Span]> {
        let mut paths = BTreeMap::new();
        for (prefix, fields) in &self.parts {
            for (name, chain) in fields.chains() {
                let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
                paths.insert(path, chain);
            }
        }
        paths
    }
}

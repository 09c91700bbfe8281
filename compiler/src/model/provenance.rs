//! The places in the files that set each field of an environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::Span;

use crate::evaluate::{Fields, Resolved};
use crate::value::Value;

/// The places of every field, by path within the environment, as in `intranet.ingress`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Provenance {
    /// The fields of each part, by the prefix of their paths. A later entry hides an earlier one of the same prefix.
    parts: BTreeMap<Arc<str>, Vec<Arc<Fields>>>,
}

impl Provenance {
    /// Adds the fields of the part with path `prefix`; empty for the environment itself.
    pub(super) fn add(&mut self, prefix: impl Into<Arc<str>>, fields: Arc<Fields>) {
        self.parts.entry(prefix.into()).or_default().push(fields);
    }

    /// Whether there is a part with path `prefix`, sound or not.
    pub(crate) fn has(&self, prefix: &str) -> bool {
        self.parts.contains_key(prefix)
    }

    /// The fields of each part, a later entry in place of an earlier one for the same part.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Arc<Fields>> {
        self.parts.values().flatten()
    }

    /// The places that set the field at `path`, the winner first.
    pub(crate) fn get(&self, path: &str) -> Option<&[Span]> {
        let (prefix, field) = path.rsplit_once('.').unwrap_or(("", path));
        self.parts.get(prefix)?.iter().rev().find_map(|fields| fields.chain(field))
    }

    /// The switch `field` of the part with path `prefix`, if it has such a field.
    pub(crate) fn flag(&self, prefix: &str, field: &str) -> Option<Resolved<bool>> {
        self.parts.get(prefix)?.iter().rev().find_map(|fields| fields.one(field, Value::boolean))
    }

    /// The place that protects the part with path `prefix`, if it is protected.
    pub(crate) fn protects(&self, prefix: &str) -> Option<Span> {
        self.flag(prefix, "protect").filter(|set| set.value).map(|set| set.span())
    }

    /// The text `field` of the part with path `prefix`, if it has such a field.
    pub(crate) fn text(&self, prefix: &str, field: &str) -> Option<Resolved<String>> {
        self.parts.get(prefix)?.iter().rev().find_map(|fields| fields.one(field, Value::text))
    }

    /// Every path with its places, in order.
    pub(crate) fn paths(&self) -> BTreeMap<String, &[Span]> {
        let mut paths = BTreeMap::new();
        let parts =
            self.parts.iter().flat_map(|(prefix, all)| all.iter().map(move |fields| (prefix, fields)));
        for (prefix, fields) in parts {
            for (name, chain) in fields.chains() {
                let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
                paths.insert(path, chain);
            }
        }
        paths
    }
}

//! The places in the files that set each field of an environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::Span;

use crate::evaluate::{Fields, Resolved};
use crate::value::Value;

/// The fields of a hostclass or a pipeline and of what is in it, by the prefix of their paths. Environments share them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct SharedParts(Vec<(Arc<str>, Arc<Fields>)>);

impl FromIterator<(Arc<str>, Arc<Fields>)> for SharedParts {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Arc<Fields>)>>(parts: I) -> Self {
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(parts)
    }
}

impl SharedParts {
    /// The fields of the part with path `prefix`, in the order that they were added.
    fn get(&self, prefix: &str) -> impl DoubleEndedIterator<Item = &Arc<Fields>> {
        let from = self.0.partition_point(|(path, _)| **path < *prefix);
        let rest = self.0.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|(path, _)| **path == *prefix).count();
        rest.get(..count).into_iter().flatten().map(|(_, fields)| fields)
    }

    /// All fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Arc<Fields>> {
        self.0.iter().map(|(_, fields)| fields)
    }
}

/// The fields of parts, by the prefix of their paths.
type Parts = BTreeMap<Arc<str>, Vec<Arc<Fields>>>;

/// The places of every field, by path within the environment, as in `intranet.ingress`. A later entry hides an earlier one
/// of the same path: the parts that were added before the hostclasses, the hostclasses, the pipeline, the other parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Provenance {
    first: Parts,
    /// In order of name.
    hostclasses: Vec<(Arc<str>, Arc<SharedParts>)>,
    pipeline: Option<Arc<SharedParts>>,
    parts: Parts,
}

impl Provenance {
    /// Adds the fields of the part with path `prefix`; empty for the environment itself.
    pub(super) fn add(&mut self, prefix: impl Into<Arc<str>>, fields: Arc<Fields>) {
        self.parts.entry(prefix.into()).or_default().push(fields);
    }

    /// Adds the parts of hostclasses, which are in order of name.
    pub(super) fn add_hostclasses(&mut self, hostclasses: Vec<(Arc<str>, Arc<SharedParts>)>) {
        self.first = std::mem::take(&mut self.parts);
        self.hostclasses = hostclasses;
    }

    /// Adds the parts of a pipeline.
    pub(super) fn add_pipeline(&mut self, parts: Arc<SharedParts>) {
        self.pipeline = Some(parts);
    }

    /// Whether there is a part with path `prefix`, sound or not.
    pub(crate) fn has(&self, prefix: &str) -> bool {
        self.of(prefix).next().is_some()
    }

    /// The fields of the part with path `prefix`, the last one that was added first.
    fn of(&self, prefix: &str) -> impl Iterator<Item = &Arc<Fields>> {
        let (hostclass, part) = prefix.split_once('.').unwrap_or((prefix, ""));
        let at = self.hostclasses.binary_search_by(|(name, _)| (**name).cmp(hostclass)).ok();
        let hostclass = at.and_then(|at| self.hostclasses.get(at)).map(|(_, parts)| parts);
        // A run and what is in it: `web.run.spot`.
        let pipeline = self.pipeline.iter().filter(|_| !part.is_empty());
        let shared = pipeline.chain(hostclass).flat_map(|parts| parts.get(prefix).rev());
        let [first, last] = [&self.first, &self.parts].map(|parts| parts.get(prefix).into_iter().flatten());
        last.rev().chain(shared).chain(first.rev())
    }

    /// The fields of each part, a later entry after an earlier one for the same part.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Arc<Fields>> {
        let shared = self.hostclasses.iter().map(|(_, parts)| parts).chain(&self.pipeline);
        let shared = shared.flat_map(|parts| parts.fields());
        self.first.values().flatten().chain(shared).chain(self.parts.values().flatten())
    }

    /// The places that set the field at `path`, the winner first.
    pub(crate) fn get(&self, path: &str) -> Option<&[Span]> {
        let (prefix, field) = path.rsplit_once('.').unwrap_or(("", path));
        self.of(prefix).find_map(|fields| fields.chain(field))
    }

    /// The switch `field` of the part with path `prefix`, if it has such a field.
    pub(crate) fn flag(&self, prefix: &str, field: &str) -> Option<Resolved<bool>> {
        self.of(prefix).find_map(|fields| fields.one(field, Value::boolean))
    }

    /// The place that protects the part with path `prefix`, if it is protected.
    pub(crate) fn protects(&self, prefix: &str) -> Option<Span> {
        self.flag(prefix, "protect").filter(|set| set.value).map(|set| set.span())
    }

    /// The text `field` of the part with path `prefix`, if it has such a field.
    pub(crate) fn text(&self, prefix: &str, field: &str) -> Option<Resolved<String>> {
        self.of(prefix).find_map(|fields| fields.one(field, Value::text))
    }

    /// Every path with its places, in order.
    pub(crate) fn paths(&self) -> BTreeMap<String, &[Span]> {
        let mut paths = BTreeMap::new();
        let shared = self.hostclasses.iter().map(|(_, parts)| parts).chain(&self.pipeline);
        let shared = shared.flat_map(|parts| parts.0.iter().map(|(prefix, fields)| (prefix, fields)));
        let [first, last] = [&self.first, &self.parts].map(|parts| {
            parts.iter().flat_map(|(prefix, all)| all.iter().map(move |fields| (prefix, fields)))
        });
        let parts = first.chain(shared).chain(last);
        for (prefix, fields) in parts {
            for (name, chain) in fields.chains() {
                let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
                paths.insert(path, chain);
            }
        }
        paths
    }
}

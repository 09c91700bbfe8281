//! Differences as a person reads them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, CREATED_TAG, Kind, Node, Origin, Ref, Resource, Risk, TAGS_TAG, resolve_in};
use serde_json::Value;

use super::diff::Difference;
use super::live::Live;
use super::matching::{Decision, Decisions};
use super::step::{Cause, Reason};
use crate::Found;

/// The addresses of what is kept, by AWS id.
pub(super) struct Names<'a>(BTreeMap<&'a str, &'a Address>);

impl<'a> Names<'a> {
    pub(super) fn new(decisions: &Decisions<'a>, live: &Live<'a>) -> Self {
        let mut names = BTreeMap::new();
        let mut parts = Vec::new();
        for (address, decision) in decisions {
            let Decision::Keep { found, .. } = decision else { continue };
            let Some(item) = live.item(*found) else { continue };
            if item.is_part {
                parts.push((item.found.id.as_str(), *address));
            } else {
                names.insert(item.found.id.as_str(), *address);
            }
        }
        // A part carries the id of what it is in, which speaks first.
        for (id, address) in parts {
            names.entry(id).or_insert(address);
        }
        Self(names)
    }

    /// The reasons for changing a node's resource, each with the place that decided it.
    pub(super) fn reasons(&self, node: &Node, differences: &[Difference]) -> Vec<Reason> {
        let kind = node.resource.kind();
        let cite = |field: &str, key: Option<&str>| Some(node.cite(field, key).clone());
        differences.iter().map(|difference| self.reason(kind, difference, &cite)).collect()
    }

    /// The reasons for changing something that is no longer declared.
    pub(super) fn anonymous(&self, kind: Kind, differences: &[Difference]) -> Vec<Reason> {
        differences.iter().map(|difference| self.reason(kind, difference, &|_, _| None)).collect()
    }

    fn reason(
        &self,
        kind: Kind,
        difference: &Difference,
        cite: &dyn Fn(&str, Option<&str>) -> Option<Origin>,
    ) -> Reason {
        let before = self.named(difference.before.clone());
        let after = self.named(difference.after.clone());
        let element = difference.is_element.then(|| {
            let element = if after.is_null() { &before } else { &after };
            Resource::element_key(kind, &difference.field, element)
        });
        let decided = element.as_deref().filter(|_| !after.is_null());
        Reason {
            origin: cite(&difference.field, decided),
            field: difference.field.clone(),
            element,
            before,
            after,
            risk: difference.risk,
            why: difference.why.map(str::to_owned),
            cause: Cause::Unknown,
        }
    }

    fn named(&self, value: Value) -> Value {
        resolve_in(value, &mut |reference| {
            let address = reference.id().and_then(|id| self.0.get(id));
            address.map_or_else(|| reference.clone(), |address| Ref::To((*address).clone()))
        })
    }
}

/// Tags to set and keys to take off, so that `live` tags say what the `wanted` ones do.
///
/// Only keys that a live `asiaq:tags` lists are taken off, and that tag itself: what others set stays.
pub(super) fn tags(
    node: &Node,
    live: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let wanted = &node.tags;
    if wanted.is_empty() || node.resource.kind().schema().hides_tags {
        return (BTreeMap::new(), BTreeSet::new());
    }
    let set = wanted
        .iter()
        .filter(|(key, value)| key.as_str() != CREATED_TAG && live.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let listed = live.get(TAGS_TAG).into_iter().flat_map(|keys| keys.split_whitespace());
    let remove = listed
        .chain([TAGS_TAG])
        .filter(|key| *key != CREATED_TAG && live.contains_key(*key) && !wanted.contains_key(*key))
        .map(str::to_owned)
        .collect();
    (set, remove)
}

/// A reason for each tag that is set or taken off.
pub(super) fn of_tags(
    node: &Node,
    live: &Found,
    set: &BTreeMap<String, String>,
    remove: &BTreeSet<String>,
) -> Vec<Reason> {
    let before = |key: &str| live.tags.get(key).cloned().map_or(Value::Null, Value::String);
    let reason = |key: &String, after: Value| Reason {
        field: "tags".to_owned(),
        element: Some(key.clone()),
        before: before(key),
        origin: Some(node.cite("tags", Some(key).filter(|_| !after.is_null()).map(String::as_str)).clone()),
        after,
        risk: Risk::Safe,
        why: None,
        cause: Cause::Unknown,
    };
    let set = set.iter().map(|(key, value)| reason(key, value.clone().into()));
    set.chain(remove.iter().map(|key| reason(key, Value::Null))).collect()
}

/// Why a resource goes although its address is wanted: another one stands for it.
pub(super) fn spare(found: &Found, decision: &Decision, live: &Live<'_>) -> Reason {
    let kept = match decision {
        Decision::Keep { found, .. } => live.item(*found),
        Decision::Create { old, .. } => old.and_then(|old| live.item(old)),
    };
    Reason {
        field: "id".to_owned(),
        element: None,
        before: found.id.clone().into(),
        after: kept.map_or(Value::Null, |item| item.found.id.clone().into()),
        risk: found.resource.kind().schema().deletion,
        why: Some(format!("`{}` exists more than once", found.address)),
        origin: None,
        cause: Cause::Unknown,
    }
}

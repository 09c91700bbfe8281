//! Reasons: differences in the form shown to the user, with addresses and places in the source.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, CREATED_TAG, ENV_TAG, Kind, NAME_TAG, Node, Origin, Ref, Resource, Risk, ScopeKind,
    TAGS_TAG, listed_tag_keys, resolve_in,
};
use serde_json::Value;

use super::diff::Difference;
use super::live::Live;
use super::matching::{Decision, Decisions};
use super::step::{Cause, Reason};
use crate::Found;

/// The addresses of the kept resources, by AWS id.
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
        // A part has the AWS id of its parent. The id names the parent if that is kept too.
        for (id, address) in parts {
            names.entry(id).or_insert(address);
        }
        Self(names)
    }

    /// The reasons for a change of a declared resource, each with the place in the source that set the value.
    pub(super) fn reasons(&self, node: &Node, differences: &[Difference]) -> Vec<Reason> {
        let kind = node.resource.kind();
        let cite = |field: &str, key: Option<&str>| Some(node.cite(field, key).clone());
        differences.iter().map(|difference| self.reason(kind, difference, &cite)).collect()
    }

    /// The reasons for a change of a resource that is no longer declared; they have no place in the source.
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
        let key = element.as_deref().filter(|_| !after.is_null());
        let is_of_account = kind.schema().scope == ScopeKind::Account;
        let gone = || if is_of_account { deleted_principal(&before, &after) } else { None };
        let why = difference.why.map(str::to_owned).or_else(gone);
        Reason {
            origin: cite(&difference.field, key),
            field: difference.field.clone(),
            element,
            before,
            after,
            risk: difference.risk,
            why,
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

/// That a policy names a role or a user which AWS shows by its id, because it was deleted.
fn deleted_principal(before: &Value, after: &Value) -> Option<String> {
    let (before, after) = (before.to_string(), after.to_string());
    let words = before.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| word.len() >= 16 && !after.contains(word)).find_map(|id| {
        let what =
            [("AROA", "role"), ("AIDA", "user")].into_iter().find(|(start, _)| id.starts_with(start))?.1;
        Some(format!("`{id}` in it is a {what} that was deleted"))
    })
}

/// The tags to set, and the keys of tags to remove, so that the `live` tags agree with those of `node`.
///
/// Only keys listed in the live `asiaq:tags`, and that tag itself, are removed: tags set by other tools stay.
pub(super) fn tags(node: &Node, found: &Found) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let (wanted, live) = (&node.tags, &found.tags);
    // A resource keeps the name that it has, in AWS and in its tag.
    let is_own_name = |key: &str| {
        let tag = live.get(key).filter(|_| key == "Name");
        let field = node.resource.kind().schema().chosen_name;
        tag.zip(field).is_some_and(|(tag, field)| found.resource.field(field).as_str() == Some(tag))
    };
    if wanted.is_empty() {
        return (BTreeMap::new(), BTreeSet::new());
    }
    if found.hides_tags() {
        // What a listing shows is where it belongs; that differs if its declaration was renamed.
        let moved = [ENV_TAG, ADDRESS_TAG].into_iter().filter_map(|key| {
            let wanted = wanted.get(key).filter(|wanted| live.get(key).is_some_and(|live| live != *wanted));
            Some((key.to_owned(), wanted?.clone()))
        });
        return (moved.collect(), BTreeSet::new());
    }
    let set = wanted
        .iter()
        .filter(|(key, value)| {
            key.as_str() != CREATED_TAG && live.get(*key) != Some(*value) && !is_own_name(key)
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let listed = live.get(TAGS_TAG).into_iter().flat_map(|keys| listed_tag_keys(keys));
    let remove = listed
        .chain(classic_tags(node, live))
        .chain([TAGS_TAG.to_owned()])
        .filter(|key| key != CREATED_TAG && live.contains_key(key) && !wanted.contains_key(key))
        .collect();
    (set, remove)
}

/// The tags that Auto Scaling groups always had in earlier versions, and have now where the program says so: those of a
/// group that has all of them.
fn classic_tags(node: &Node, live: &BTreeMap<String, String>) -> impl Iterator<Item = String> {
    const CLASSIC: [&str; 4] = ["chaos", "environment_class", "is_testing", "owner"];
    let mut listed = live.get(TAGS_TAG).into_iter().flat_map(|keys| listed_tag_keys(keys));
    let had_them = node.resource.kind() == Kind::AutoScalingGroup
        && CLASSIC.iter().all(|key| live.contains_key(*key))
        && !listed.any(|key| key == "chaos" || key == "is_testing");
    CLASSIC.into_iter().filter(move |_| had_them).map(str::to_owned)
}

/// A reason for each tag that is set or removed.
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

/// The reason for the mark of a resource that an earlier version of asiaq created, or that was taken over.
pub(super) fn of_mark(node: &Node, mark: &str) -> Reason {
    Reason {
        field: "tags".to_owned(),
        element: Some(NAME_TAG.to_owned()),
        before: Value::Null,
        after: mark.into(),
        risk: Risk::Safe,
        why: Some("so that a copy that has its tags is not taken for it".to_owned()),
        origin: Some(node.origin.clone()),
        cause: Cause::Unknown,
    }
}

/// The reason for the deletion of a duplicate: another live resource at the same address is kept or replaced.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deleted_principal_is_told() {
        let trust = |name: &str| json!(format!(r#"{{"Principal":{{"AWS":["{name}","111122223333"]}}}}"#));
        let declared = trust("arn:aws:iam::111122223333:role/web");
        for (id, what) in [("AROAEXAMPLEID1234567", "role"), ("AIDAEXAMPLEID1234567", "user")] {
            let told = deleted_principal(&trust(id), &declared);
            assert_eq!(told, Some(format!("`{id}` in it is a {what} that was deleted")));
            assert_eq!(deleted_principal(&trust(id), &trust(id)), None);
        }
        assert_eq!(deleted_principal(&declared, &trust("AROAEXAMPLEID1234567")), None);
    }
}

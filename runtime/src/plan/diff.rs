//! Field by field, what one live resource lacks to be the wanted one.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Change, Kind, Resource, Risk};
use serde_json::Value;

/// One field, or one element of a field, that differs.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) field: String,
    pub(super) is_element: bool,
    /// As found: references are AWS ids. Null where there is nothing.
    pub(super) before: Value,
    /// As the program says it: references are addresses. Null where nothing is wanted.
    pub(super) after: Value,
    pub(super) risk: Risk,
    /// Why it takes a replacement; nothing where it is changed in place.
    pub(super) why: Option<&'static str>,
}

/// What is wanted: as the program says it, and how to put the ids of what lives in place of addresses.
pub(super) struct Target<'a> {
    pub(super) said: &'a Value,
    pub(super) resolve: &'a dyn Fn(&Value) -> Value,
}

/// What it takes to get from `live` to `target`, both JSON of a resource of `kind`; empty if nothing.
pub(super) fn differences(kind: Kind, target: &Target<'_>, live: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    for field in fields(target.said, live) {
        let (said, live) = (get(target.said, field), get(live, field));
        // Most fields point at nothing and are right: they need no resolving.
        if said == live {
            continue;
        }
        let resolved = (target.resolve)(said);
        if resolved == *live {
            continue;
        }
        let whole = |risk, why| Difference {
            field: field.to_owned(),
            is_element: false,
            before: live.clone(),
            after: said.clone(),
            risk,
            why,
        };
        match kind.schema().change(field) {
            Change::Replace(why) => found.push(whole(Risk::Replace, Some(why))),
            Change::IfSet(_) if said.is_null() => {}
            Change::InPlace(risk) | Change::IfSet(risk) => found.push(whole(risk, None)),
            Change::DecreaseRisk(risk) if is_less(said, live) => found.push(whole(risk, None)),
            Change::DecreaseRisk(_) => found.push(whole(Risk::Safe, None)),
            Change::CreateOnly => {}
            Change::Elements { changed, removed, .. } => {
                let pairs = pair(kind, field, said, &resolved, live);
                found.extend(pairs.into_iter().map(|(before, after)| Difference {
                    field: field.to_owned(),
                    is_element: true,
                    risk: match (before.is_null(), after.is_null()) {
                        (true, _) => Risk::Safe,
                        (false, true) => removed,
                        (false, false) => changed,
                    },
                    before,
                    after,
                    why: None,
                }));
            }
        }
    }
    found
}

/// Whether a number is smaller than another; none is more than any.
fn is_less(said: &Value, live: &Value) -> bool {
    let number = |value: &Value| value.as_u64().unwrap_or(u64::MAX);
    number(said) < number(live)
}

/// The fields that either has, in order.
fn fields<'a>(a: &'a Value, b: &'a Value) -> BTreeSet<&'a str> {
    let keys = |value: &'a Value| value.as_object().into_iter().flat_map(|fields| fields.keys());
    keys(a).chain(keys(b)).map(String::as_str).filter(|field| *field != "kind").collect()
}

fn get<'a>(value: &'a Value, field: &str) -> &'a Value {
    value.get(field).unwrap_or(&Value::Null)
}

/// Elements that differ: before and after, null for one that is not there, in order of key.
fn pair(kind: Kind, field: &str, said: &Value, resolved: &Value, live: &Value) -> Vec<(Value, Value)> {
    let key = |element: &Value| Resource::element_key(kind, field, element);
    let mut before: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for element in elements(live) {
        before.entry(key(element)).or_default().push(element);
    }
    let mut after: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for (said, resolved) in elements(said).iter().zip(elements(resolved)) {
        let key = key(resolved);
        let same = before.get_mut(&key).and_then(|elements| {
            let position = elements.iter().position(|element| *element == resolved)?;
            Some(elements.swap_remove(position))
        });
        if same.is_none() {
            after.entry(key).or_default().push(said);
        }
    }
    let keys: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let mut pairs = Vec::new();
    for key in keys {
        let mut old = before.remove(&key).unwrap_or_default().into_iter();
        let mut new = after.remove(&key).unwrap_or_default().into_iter();
        loop {
            let (old, new) = (old.next(), new.next());
            if old.is_none() && new.is_none() {
                break;
            }
            pairs.push((old.cloned().unwrap_or_default(), new.cloned().unwrap_or_default()));
        }
    }
    pairs
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

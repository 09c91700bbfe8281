//! The differences between a live resource and a wanted one, field by field.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Change, Kind, Resource, Risk};
use serde_json::Value;

/// One field, or one element of a field, that differs.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) field: String,
    pub(super) is_element: bool,
    /// The live value; references are AWS ids. Null if there is none.
    pub(super) before: Value,
    /// The wanted value; references are addresses. Null if there is none.
    pub(super) after: Value,
    pub(super) risk: Risk,
    /// Why the difference needs a replacement; absent if it is changed in place.
    pub(super) why: Option<&'static str>,
}

pub(super) struct Target<'a> {
    /// The wanted resource as JSON; references are addresses.
    pub(super) wanted: &'a Value,
    /// Replaces the addresses of live resources in a value by AWS ids.
    pub(super) resolve: &'a dyn Fn(&Value) -> Value,
}

/// The differences between `live` and `target`, both JSON of a resource of `kind`; empty if there are none.
pub(super) fn differences(kind: Kind, target: &Target<'_>, live: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    for field in fields(target.wanted, live) {
        let (wanted, live) = (get(target.wanted, field), get(live, field));
        // Most fields have no references and are equal: they need no resolving.
        if wanted == live {
            continue;
        }
        let resolved = (target.resolve)(wanted);
        if resolved == *live {
            continue;
        }
        let whole = |risk, why| Difference {
            field: field.to_owned(),
            is_element: false,
            before: live.clone(),
            after: wanted.clone(),
            risk,
            why,
        };
        match kind.schema().change(field) {
            Change::IfSet(_) | Change::SetOnce(_) if wanted.is_null() => {}
            Change::SetOnce(_) if live.is_null() || *live == Value::Bool(false) => {
                found.push(whole(Risk::Safe, None));
            }
            Change::InPlace(risk) => found.push(whole(risk, None)),
            Change::IfSet(risk) | Change::DecreaseRisk(risk) => {
                found.push(whole(if is_less(wanted, live) { risk } else { Risk::Safe }, None));
            }
            Change::Replace(why) | Change::SetOnce(why) => found.push(whole(Risk::Replace, Some(why))),
            // A note tells it.
            Change::CreateOnly { .. } => {}
            Change::Elements { .. } if let Some(why) = fixed_emptiness(kind, field, wanted, live) => {
                found.push(whole(Risk::Replace, Some(why)));
            }
            Change::Elements { changed, removed, .. } => {
                let pairs = pair(kind, field, wanted, &resolved, live);
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

/// Why a set that is empty, or not empty, as long as its resource exists cannot become `wanted`.
fn fixed_emptiness(kind: Kind, field: &str, wanted: &Value, live: &Value) -> Option<&'static str> {
    let (of, why) = kind.schema().empty_for_good?;
    (of == field && elements(wanted).is_empty() != elements(live).is_empty()).then_some(why)
}

/// Whether the number `wanted` is smaller than `live`; null counts as infinite, and true as more than false.
fn is_less(wanted: &Value, live: &Value) -> bool {
    let number = |value: &Value| value.as_bool().map(u64::from).or(value.as_u64()).unwrap_or(u64::MAX);
    number(wanted) < number(live)
}

/// The names of the fields of both objects, in order, without `kind`.
fn fields<'a>(a: &'a Value, b: &'a Value) -> BTreeSet<&'a str> {
    let keys = |value: &'a Value| value.as_object().into_iter().flat_map(|fields| fields.keys());
    keys(a).chain(keys(b)).map(String::as_str).filter(|field| *field != "kind").collect()
}

fn get<'a>(value: &'a Value, field: &str) -> &'a Value {
    value.get(field).unwrap_or(&Value::Null)
}

/// The elements that differ, as pairs of before and after, in order of key. Null stands for an absent element.
fn pair(kind: Kind, field: &str, wanted: &Value, resolved: &Value, live: &Value) -> Vec<(Value, Value)> {
    let key = |element: &Value| Resource::element_key(kind, field, element);
    let mut before: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for element in elements(live) {
        before.entry(key(element)).or_default().push(element);
    }
    let mut after: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for (wanted, resolved) in elements(wanted).iter().zip(elements(resolved)) {
        let key = key(resolved);
        let same = before.get_mut(&key).and_then(|elements| {
            let position = elements.iter().position(|element| *element == resolved)?;
            Some(elements.swap_remove(position))
        });
        if same.is_none() {
            after.entry(key).or_default().push(wanted);
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

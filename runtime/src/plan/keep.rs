//! Which live resource stands for each wanted one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use asiaq_ir::{Address, Ref, Replacement, Risk, refs_in, resolve_in};
use serde_json::Value;

use super::diff::{Difference, Target, differences};
use super::live::{Item, Live};
use super::select::{Selection, Wanted};

/// What becomes of a wanted resource.
pub(super) enum Fate {
    /// A live one stands for it and stays, after changes in place if there are differences.
    Kept { found: usize, differences: Vec<Difference> },
    /// It is made; where an `old` one is live, because of the differences.
    Made { old: Option<usize>, differences: Vec<Difference> },
}

/// By address.
pub(super) type Fates<'a> = BTreeMap<&'a Address, Fate>;

/// Decides for every wanted resource, what it points at first: when that is made anew, so that its id
/// changes, the reference differs.
pub(super) fn decide<'a>(selection: &Selection<'a>, live: &Live<'a>) -> Fates<'a> {
    let mut fates = Fates::new();
    for address in &selection.order {
        if let Some(wanted) = selection.wanted.get(*address) {
            fates.insert(*address, fate(address, wanted, &fates, live));
        }
    }
    fates
}

/// `value` with AWS ids in place of the addresses of what is kept.
pub(super) fn resolved(value: &Value, fates: &Fates<'_>, live: &Live<'_>) -> Value {
    resolve_in(value.clone(), &mut |reference| {
        if let Ref::To(address) = reference
            && let Some(Fate::Kept { found, .. }) = fates.get(address)
            && let Some(item) = live.item(*found)
        {
            return Ref::Id(item.found.id.clone());
        }
        reference.clone()
    })
}

fn fate<'a>(address: &'a Address, wanted: &Wanted<'a>, fates: &Fates<'a>, live: &Live<'a>) -> Fate {
    let target = Target { said: &wanted.value, resolve: &|value| resolved(value, fates, live) };
    let candidates = live.at(address, wanted.node.resource.kind()).map(|(index, item)| {
        let mut differences = compare(wanted, &target, item);
        differences.extend(bereft(item, fates, live));
        let effort = match differences.as_slice() {
            [] => Effort::None,
            some if some.iter().any(|difference| difference.why.is_some()) => Effort::Replacement,
            _ => Effort::InPlace,
        };
        // The live one with the least to do; then the one most others lean on; then any, but always the same.
        ((effort, Reverse(live.users(&item.found.id)), &item.found.id), index, differences)
    });
    match candidates.min_by(|(a, ..), (b, ..)| a.cmp(b)) {
        None => Fate::Made { old: None, differences: Vec::new() },
        Some((_, found, _)) if !wanted.inside => Fate::Kept { found, differences: Vec::new() },
        Some(((Effort::Replacement, ..), old, differences)) => Fate::Made { old: Some(old), differences },
        Some((_, found, differences)) => Fate::Kept { found, differences },
    }
}

/// The sets that would be empty for a while, though AWS does not let them be: all they hold is deleted
/// before its successor is made.
fn bereft(item: &Item<'_>, fates: &Fates<'_>, live: &Live<'_>) -> Vec<Difference> {
    let kind = item.found.resource.kind();
    let goes_first = |id: &str| {
        live.by_id(id).any(|(index, other)| {
            let schema = other.found.resource.kind().schema();
            schema.replacement == Replacement::DeleteFirst
                && matches!(fates.get(&other.found.address), Some(Fate::Made { old: Some(old), .. }) if *old == index)
        })
    };
    let schema = kind.schema();
    let sets = item
        .sets()
        .filter(|(field, _)| schema.never_empty.contains(field) && !schema.releases.contains(field));
    let bereft = sets.filter(|(_, elements)| {
        let mut held = elements.iter().flat_map(refs_in).peekable();
        held.peek().is_some() && held.all(|reference| reference.id().is_some_and(goes_first))
    });
    bereft
        .map(|(field, elements)| Difference {
            field: field.to_owned(),
            is_element: false,
            before: Value::Array(elements.to_vec()),
            after: Value::Null,
            risk: Risk::Replace,
            why: Some("AWS does not let it be empty while what it holds is made anew"),
        })
        .collect()
}

/// What it takes to make a wanted resource of a live one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Effort {
    None,
    InPlace,
    Replacement,
}

fn compare(wanted: &Wanted<'_>, target: &Target<'_>, item: &Item<'_>) -> Vec<Difference> {
    let mut found = differences(wanted.node.resource.kind(), target, &item.value);
    if wanted.node.region != item.found.region {
        found.push(Difference {
            field: "region".to_owned(),
            is_element: false,
            before: item.found.region.clone().into(),
            after: wanted.node.region.clone().into(),
            risk: Risk::Replace,
            why: Some("nothing moves to another region"),
        });
    }
    found
}

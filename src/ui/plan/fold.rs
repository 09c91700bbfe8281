//! Steps that say the same as one row.

use std::collections::BTreeMap;

use asiaq_ir::{Kind, Risk};

use super::mark::{Detail, Mark};
use super::row::{Item, Row};

/// What steps of one environment have in common if they are one row.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Same {
    risk: Risk,
    mark: Mark,
    drift: &'static str,
    summary: String,
    details: Vec<(Mark, String)>,
    /// Absent for a change: the same change of several kinds is one row, wherever it is declared.
    declared: Option<(Option<Kind>, String)>,
}

impl Same {
    fn of(row: &Row) -> Self {
        let is_change = row.mark == Mark::Changed && !row.details.is_empty();
        Self {
            risk: row.risk,
            mark: row.mark,
            drift: row.drift,
            summary: row.summary.clone(),
            details: row.details.iter().map(|detail| (detail.mark, detail.text.clone())).collect(),
            declared: (!is_change).then(|| (row.kind, row.place.clone())),
        }
    }
}

/// Rows with equal ones as one. The order stays, except that kinds are together.
pub(super) fn folded(items: Vec<Item>) -> Vec<Item> {
    let mut places: BTreeMap<Same, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Item>> = Vec::new();
    for item in items {
        let place = *places.entry(Same::of(&item.row)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    let mut items: Vec<Item> = groups.into_iter().filter_map(one).collect();
    items.sort_by_key(|item| (item.row.risk, item.row.kind));
    items
}

/// A group of rows as one row.
fn one(group: Vec<Item>) -> Option<Item> {
    let rows: Vec<Row> = group.iter().map(|item| item.row.clone()).collect();
    let mut items = group.into_iter();
    let first = items.next()?;
    if items.next().is_none() {
        return Some(first);
    }
    let mut row = first.row;
    if rows.iter().any(|other| other.kind != row.kind) {
        row.kind = None;
    }
    settle_places(&mut row, &rows);
    row.names = rows.into_iter().flat_map(|row| row.names).collect();
    if let ([Detail { mark, text, place }], true) = (row.details.as_slice(), row.summary.is_empty()) {
        let sign = if *mark == Mark::Changed { String::new() } else { format!("{} ", mark.sign()) };
        row.summary = sign + text;
        row.place.clone_from(place);
        row.details.clear();
    }
    Some(Item { row, id: String::new() })
}

/// Keeps the places that all rows have.
pub(super) fn settle_places(row: &mut Row, rows: &[Row]) {
    row.place = place(rows.iter().map(|row| row.place.as_str()));
    for (at, detail) in row.details.iter_mut().enumerate() {
        detail.place = place(rows.iter().filter_map(|row| Some(row.details.get(at)?.place.as_str())));
    }
}

/// The source line that all have. Of drift the word stays.
fn place<'t>(mut places: impl Iterator<Item = &'t str> + Clone) -> String {
    let all = places.clone();
    let Some(first) = places.next() else { return String::new() };
    if places.all(|place| place == first) {
        return first.to_owned();
    }
    let is_drift = all.into_iter().all(|place| place.starts_with("drift"));
    if is_drift { "drift".to_owned() } else { String::new() }
}

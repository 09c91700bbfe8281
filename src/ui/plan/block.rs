//! The rows of a plan by environment; what is the same in several environments is said once.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Kind, ScopeRef};
use asiaq_runtime::{Action, Interruptions, Plan, Step};

use super::Depth;
use super::fold::{folded, settle_places};
use super::follow::Followers;
use super::interruptions;
use super::mark::Mark;
use super::row::{Item, Row};

/// The lines that must be saved before environments that are created or deleted as a whole share a block.
const WORTH: usize = 12;

/// The environments, or accounts, that have the same rows.
pub(super) struct Block<'a> {
    pub(super) scopes: Vec<ScopeRef<'a>>,
    pub(super) items: Vec<Item>,
}

/// The rows of a plan, those of most environments first.
pub(super) fn blocks<'p>(plan: &'p Plan, depth: Depth, stops: &Interruptions<'_>) -> Vec<Block<'p>> {
    let followers = match depth {
        Depth::Folded => Followers::of(plan),
        Depth::Full => Followers::default(),
    };
    let mut consequences = followers.details(plan, stops);
    let mut by_scope: BTreeMap<ScopeRef<'_>, Vec<Item>> = BTreeMap::new();
    for (at, step) in plan.steps.iter().enumerate().filter(|(at, _)| !followers.contains(*at)) {
        let mut item = Item::of(plan, step, depth, &followers);
        item.row.details.extend(interruptions::details(stops.by(step), None));
        item.row.details.extend(consequences.remove(&at).into_iter().flatten());
        by_scope.entry(step.address.scope()).or_default().push(item);
    }
    for items in by_scope.values_mut() {
        items.sort_by_key(|item| (item.row.risk, item.row.kind));
    }
    match depth {
        Depth::Full => {
            by_scope.into_iter().map(|(scope, items)| Block { scopes: vec![scope], items }).collect()
        }
        Depth::Folded => {
            let folded = by_scope.into_iter().map(|(scope, items)| (scope, folded(items))).collect();
            shared(folded, &whole(plan))
        }
    }
}

/// The scopes that are created or deleted as a whole.
fn whole(plan: &Plan) -> BTreeSet<ScopeRef<'_>> {
    let makes_or_ends = |step: &&Step| {
        step.kind == Kind::Vpc && matches!(step.action, Action::Create { .. } | Action::Delete { .. })
    };
    plan.steps.iter().filter(makes_or_ends).map(|step| step.address.scope()).collect()
}

/// A row without what does not matter for it being the same in several environments: the place of a change.
fn alike(row: &Row) -> Row {
    let mut row = row.clone();
    if row.mark == Mark::Changed {
        row.place.clear();
        row.details.iter_mut().for_each(|detail| detail.place.clear());
    }
    row
}

/// Rows that several scopes have are one. A `whole` scope shares only what makes the plan clearly shorter.
fn shared<'a>(by_scope: BTreeMap<ScopeRef<'a>, Vec<Item>>, whole: &BTreeSet<ScopeRef<'_>>) -> Vec<Block<'a>> {
    let mut same: BTreeMap<Row, (Vec<ScopeRef<'_>>, Vec<Row>)> = BTreeMap::new();
    for (scope, items) in &by_scope {
        for item in items {
            let (scopes, rows) = same.entry(alike(&item.row)).or_default();
            rows.push(item.row.clone());
            if scopes.last() != Some(scope) {
                scopes.push(*scope);
            }
        }
    }
    let mut savings: BTreeMap<&[ScopeRef<'_>], usize> = BTreeMap::new();
    for (row, (scopes, _)) in &same {
        *savings.entry(scopes.as_slice()).or_default() += (1 + row.details.len()) * (scopes.len() - 1);
    }
    let pays = |scopes: &[ScopeRef<'_>]| {
        savings.get(scopes).is_some_and(|lines| *lines >= WORTH)
            || !scopes.iter().any(|scope| whole.contains(scope))
    };
    let mut blocks: BTreeMap<Vec<ScopeRef<'a>>, Vec<Item>> = BTreeMap::new();
    for (scope, items) in by_scope {
        for mut item in items {
            match same.get(&alike(&item.row)) {
                Some((scopes, rows)) if scopes.len() > 1 && pays(scopes) => {
                    if scopes.first() == Some(&scope) {
                        item.id.clear();
                        settle_places(&mut item.row, rows);
                        blocks.entry(scopes.clone()).or_default().push(item);
                    }
                }
                _ => blocks.entry(vec![scope]).or_default().push(item),
            }
        }
    }
    let mut blocks: Vec<Block<'_>> =
        blocks.into_iter().map(|(scopes, items)| Block { scopes, items }).collect();
    blocks.sort_by(|a, b| b.scopes.len().cmp(&a.scopes.len()).then_with(|| a.scopes.cmp(&b.scopes)));
    blocks
}

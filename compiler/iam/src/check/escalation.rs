//! Permissions with which their holder can get others, as the literature has them.

mod ways;

use std::collections::BTreeMap;

use crate::arn::{Arns, arns};
use crate::document::{Choice, Document, Effect, Statement, Text, Version};
use crate::pattern::{covers, matches_ignoring_case, overlap};
use crate::problem::{Code, Problem};
use crate::table::{self, Action};
use ways::{WAYS, Way};

/// A statement of one of several policies.
struct Place<'d, P> {
    number: usize,
    version: Version,
    statement: &'d Statement<P>,
}

/// The action of a statement that grants one, and the number of its place.
type Grant<'d, P> = ((usize, usize), &'d Text<P>);

/// The ways that an action as written opens, and the actions that the first of them needs.
type Opened<'d, P> = (Vec<&'static Way>, Vec<&'d Text<P>>);

/// Ways in which the holder of some policies can get permissions that they do not give. Only grants count that are
/// without conditions, for all resources of a kind, and not denied.
pub fn escalations<P: Clone>(documents: &[&Document<P>]) -> Vec<Problem<P>> {
    let with_version = |document: &&'_ Document<P>| document.version;
    let places: Vec<Place<P>> = documents
        .iter()
        .flat_map(|document| document.statements.iter().map(move |one| (with_version(document), one)))
        .enumerate()
        .map(|(number, (version, statement))| Place { number, version, statement })
        .filter(|place| place.statement.conditions.is_empty())
        .collect();
    // Whoever may do everything needs no way, and is told so already.
    if places.iter().any(|place| is_everything(place.statement)) {
        return Vec::new();
    }
    let mut granted: BTreeMap<&str, Option<Grant<P>>> = BTreeMap::new();
    for action in WAYS.iter().flat_map(|way| way.actions) {
        granted.entry(action).or_insert_with(|| grant(&places, action));
    }
    // One problem for each action as written: `iam:*` opens many ways.
    let mut found: BTreeMap<(usize, usize), Opened<P>> = BTreeMap::new();
    for way in WAYS {
        let of: Option<Vec<Grant<P>>> =
            way.actions.iter().map(|action| granted.get(action).copied().flatten()).collect();
        let Some(of) = of else { continue };
        if let Some((first, _)) = of.first() {
            let (ways, _) =
                found.entry(*first).or_insert_with(|| (vec![], of.iter().map(|one| one.1).collect()));
            ways.push(way);
        }
    }
    found.into_values().filter_map(|(ways, texts)| problem(&ways, &texts)).collect()
}

fn is_everything<P>(statement: &Statement<P>) -> bool {
    let has_all = |list: &Choice<P>| {
        !list.excludes && list.values.iter().any(|text| matches!(text.value.as_str(), "*" | "*:*"))
    };
    statement.effect == Effect::Allow
        && has_all(&statement.actions)
        && statement.resources.as_ref().is_some_and(has_all)
}

/// The first action of a statement that grants `action`, unless it is denied.
fn grant<'d, P>(places: &[Place<'d, P>], action: &str) -> Option<Grant<'d, P>> {
    let types = table::action(action).into_iter().flat_map(Action::types);
    let types: Vec<&Arns> = types.map(|(of, _)| of.pattern()).collect();
    let mine = |place: &Place<'d, P>| {
        let list = &place.statement.actions;
        let is_listed = |text: &Text<P>| matches_ignoring_case(&text.value, action);
        let at = if list.excludes {
            (!list.values.iter().any(is_listed)).then_some(0)
        } else {
            list.values.iter().position(is_listed)
        };
        let text = at.and_then(|at| list.values.get(at))?;
        is_broad(place, &types).then_some(((place.number, at?), text))
    };
    let of = |effect: Effect| places.iter().filter(move |place| place.statement.effect == effect);
    if of(Effect::Deny).any(|place| mine(place).is_some()) {
        return None;
    }
    // A statement that allows all actions but some is told that already.
    of(Effect::Allow).filter(|place| !place.statement.actions.excludes).find_map(mine)
}

/// Whether a statement is about all resources of a type, in its account at least.
fn is_broad<P>(place: &Place<P>, types: &[&Arns]) -> bool {
    let Some(resources) = &place.statement.resources else { return false };
    if resources.excludes {
        return true;
    }
    resources.values.iter().any(|text| match arns(&text.value, place.version) {
        Arns::All => true,
        Arns::Parts(parts) => types.iter().any(|of| match of {
            Arns::Parts(of) => {
                let same = |at: usize| parts.get(at).zip(of.get(at));
                same(2).is_some_and(|(mine, of)| overlap(mine, of))
                    && same(5).is_some_and(|(mine, of)| covers(mine, of))
            }
            _ => false,
        }),
        Arns::Malformed => false,
    })
}

fn problem<P: Clone>(ways: &[&Way], texts: &[&Text<P>]) -> Option<Problem<P>> {
    let (way, (text, others)) = (ways.first()?, texts.split_first()?);
    let rest = match way.actions.split_first()? {
        (_, []) => String::new(),
        (_, others) => format!(" with `{}`", others.join("` and `")),
    };
    let message = format!("`{}`{rest} gives its holder other permissions too", text.value);
    let more = match ways.len() {
        1 => String::new(),
        2 => "; and there is another way".to_owned(),
        count => format!("; and there are {} other ways", count - 1),
    };
    let help = format!("{} ({}){more}. Name the resources, or add a condition", way.how, way.source);
    let mut problem = Problem::new(Code::Escalation, text.place.clone(), message).help(help);
    for other in others.iter().filter(|other| !std::ptr::eq(**other, *text)) {
        problem = problem.related(other.place.clone(), "with this action");
    }
    Some(problem)
}

//! Allows that a deny of the same policy takes back.

use crate::arn::{Arns, arns};
use crate::document::{Choice, Document, Effect, Principal, Statement, Text};
use crate::pattern::{Token, covers, overlap, tokens};
use crate::problem::{Code, Problem};

/// Denies without a condition that are looked at: a policy of the greatest length has fewer.
const MOST_DENIES: usize = 200;

struct Deny<'d, P> {
    statement: &'d Statement<P>,
    actions: Patterns,
    resources: Option<(bool, Vec<Arns>)>,
}

/// Patterns in lower case, and whether all but them are meant.
struct Patterns {
    excludes: bool,
    patterns: Vec<Vec<Token>>,
}

pub(super) fn check<P: Clone>(document: &Document<P>, problems: &mut Vec<Problem<P>>) {
    let resources = |list: &Choice<P>| {
        let found = list.values.iter().map(|text| arns(&text.value, document.version)).collect();
        (list.excludes, found)
    };
    let is_for_all = |one: &&Statement<P>| {
        one.effect == Effect::Deny
            && one.conditions.is_empty()
            && one
                .principals
                .as_ref()
                .is_none_or(|of| !of.excludes && of.values.iter().any(Principal::is_everyone))
    };
    let deny = |statement| Deny {
        statement,
        actions: patterns(&statement.actions),
        resources: statement.resources.as_ref().map(resources),
    };
    let denies: Vec<Deny<P>> =
        document.statements.iter().filter(is_for_all).take(MOST_DENIES).map(deny).collect();
    for allow in document.statements.iter().filter(|one| one.effect == Effect::Allow && !one.actions.excludes)
    {
        if denies.is_empty() {
            return;
        }
        let mine = allow.resources.as_ref().map(resources);
        for action in &allow.actions.values {
            let pattern = tokens(&action.value.to_ascii_lowercase());
            let taken_back = denies.iter().find(|deny| {
                deny.actions.cover(&pattern) && is_within(mine.as_ref(), deny.resources.as_ref())
            });
            problems.extend(taken_back.map(|deny| pointless(action, deny.statement)));
        }
    }
}

fn patterns<P>(list: &Choice<P>) -> Patterns {
    let patterns = list.values.iter().map(|text| tokens(&text.value.to_ascii_lowercase())).collect();
    Patterns { excludes: list.excludes, patterns }
}

impl Patterns {
    fn cover(&self, action: &[Token]) -> bool {
        if self.excludes {
            return !self.patterns.iter().any(|pattern| overlap(pattern, action));
        }
        self.patterns.iter().any(|pattern| covers(pattern, action))
    }
}

/// Whether all resources of an allow are those of a deny.
fn is_within(mine: Option<&(bool, Vec<Arns>)>, denied: Option<&(bool, Vec<Arns>)>) -> bool {
    let Some((denied_excludes, denied)) = denied else { return true };
    let Some((false, mine)) = mine else {
        // All but some: only a deny of all has them.
        return !denied_excludes && denied.contains(&Arns::All);
    };
    !mine.is_empty()
        && mine.iter().all(|pattern| {
            if *denied_excludes {
                !denied.iter().any(|other| other.overlaps(pattern))
            } else {
                denied.iter().any(|other| other.covers(pattern))
            }
        })
}

fn pointless<P: Clone>(action: &Text<P>, deny: &Statement<P>) -> Problem<P> {
    let message = format!("`{}` is allowed here and always denied by another statement", action.value);
    Problem::new(Code::Pointless, action.place.clone(), message)
        .help("a deny wins over every allow: take one of them out, or give the deny a condition")
        .related(deny.place.clone(), "this statement denies it")
}

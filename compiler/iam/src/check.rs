//! Whether a policy can mean what it says: against the [table](crate::table), IAM's rules, and what goes wrong in practice.

mod actions;
mod applies;
mod arn_text;
mod breadth;
mod condition_values;
mod conditions;
mod escalation;
mod meant;
mod pointless;
mod principals;
mod trust;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::document::limits::{Holder, size};
use crate::document::{Document, Effect, Statement, Version};
use crate::problem::{Code, Problem};
use meant::Meant;

pub use applies::may_apply;
pub use escalation::escalations;

/// What a policy is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// For a user, group or role, a boundary or a session.
    Identity,
    /// To say who may assume a role.
    Trust,
    /// For a resource, such as a bucket.
    Resource,
}

/// A statement and what its actions are.
struct Checked<'d, P> {
    statement: &'d Statement<P>,
    version: Version,
    of: Use,
    /// For each action as written, those of the table.
    meant: Vec<Meant>,
}

/// What is wrong with a policy, statement by statement.
pub fn check<P: Clone>(document: &Document<P>, of: Use) -> Vec<Problem<P>> {
    let mut problems = Vec::new();
    if document.statements.is_empty() {
        let missing =
            Problem::new(Code::MissingElement, document.place.clone(), "a policy without statements");
        problems.push(missing.help("add a statement"));
    }
    for statement in &document.statements {
        let meant = statement.actions.values.iter().map(|action| Meant::of(&action.value)).collect();
        let checked = Checked { statement, version: document.version, of, meant };
        actions::check(&checked, &mut problems);
        arn_text::check(&checked, &mut problems);
        applies::check(&checked, &mut problems);
        conditions::check(&checked, &mut problems);
        principals::check(&checked, &mut problems);
        breadth::check(&checked, &mut problems);
        if let Use::Identity | Use::Trust = of {
            refuse_name(statement, &mut problems);
        }
    }
    refuse_same_names(document, &mut problems);
    if of == Use::Trust {
        trust::check(document, &mut problems);
    }
    pointless::check(document, &mut problems);
    problems
}

/// IAM's own policies have letters and digits only in the names of statements.
fn refuse_name<P: Clone>(statement: &Statement<P>, problems: &mut Vec<Problem<P>>) {
    let Some(sid) = &statement.sid else { return };
    if !sid.value.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        let message = format!("`{}` is not a name for a statement", sid.value);
        problems.push(
            Problem::new(Code::BadName, sid.place.clone(), message)
                .help("names of statements in IAM have letters and digits only"),
        );
    }
}

/// IAM refuses two statements of one name; an empty name is none.
fn refuse_same_names<P: Clone>(document: &Document<P>, problems: &mut Vec<Problem<P>>) {
    let mut first: BTreeMap<&str, &P> = BTreeMap::new();
    let names = document.statements.iter().filter_map(|statement| statement.sid.as_ref());
    for name in names.filter(|name| !name.value.is_empty()) {
        match first.entry(&name.value) {
            Entry::Vacant(entry) => {
                entry.insert(&name.place);
            }
            Entry::Occupied(entry) => {
                let message = format!("two statements have the name `{}`", name.value);
                problems.push(
                    Problem::new(Code::Repeated, name.place.clone(), message)
                        .help("give each statement a name of its own, or none")
                        .related((*entry.get()).clone(), "the other one"),
                );
            }
        }
    }
}

/// Whether the policies of a holder fit together, where it has a limit for all of them, or each by itself.
pub fn check_size<P: Clone>(documents: &[&Document<P>], holder: Holder) -> Vec<Problem<P>> {
    let most = holder.most();
    if !holder.is_sum() {
        let too_long = documents.iter().filter(|document| size(document) > most);
        return too_long.map(|document| too_large(document, size(document), most, "")).collect();
    }
    let mut sum = 0;
    for document in documents {
        sum += size(document);
        if sum > most {
            let all: usize = documents.iter().map(|document| size(document)).sum();
            return vec![too_large(document, all, most, " together")];
        }
    }
    Vec::new()
}

fn too_large<P: Clone>(document: &Document<P>, found: usize, most: usize, together: &str) -> Problem<P> {
    let message = format!("{found} characters{together}, and {most} are the most");
    Problem::new(Code::TooLarge, document.place.clone(), message).help(format!(
        "{} characters too many without white space: use wildcards, or a managed policy besides",
        found - most
    ))
}

impl<P> Checked<'_, P> {
    fn is_allow(&self) -> bool {
        self.statement.effect == Effect::Allow
    }
}

#[cfg(test)]
mod tests;

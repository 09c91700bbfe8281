//! What a policy means, whatever its spelling: two policies are equal here if AWS treats them alike.

use std::collections::BTreeSet;

use super::operator::Family;
use super::{
    Choice, Condition, Document, Effect, Operator, PrincipalKind, Principals, Statement, Test, Version,
};
use crate::arn::is_account_id;
use crate::value;

/// What a policy means. Order, repetition, lists of one, the spelling of numbers and the case of actions and keys do not
/// count, nor does the version where no text could be a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Normal {
    version: Option<Version>,
    id: Option<String>,
    /// What each statement means.
    pub statements: BTreeSet<NormalStatement>,
}

/// What a statement means. Its name counts, since people see it; an empty one is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NormalStatement {
    sid: Option<String>,
    effect: Effect,
    principals: Option<Chosen<(PrincipalKind, String)>>,
    actions: Chosen<String>,
    resources: Option<Chosen<String>>,
    conditions: BTreeSet<(Operator, String, BTreeSet<String>)>,
}

/// What is listed, and whether all others are meant.
type Chosen<T> = (bool, BTreeSet<T>);

/// What a policy means.
pub fn normal<P>(document: &Document<P>) -> Normal {
    Normal {
        version: has_variables(document).then_some(document.version),
        id: document.id.as_ref().map(|id| id.value.clone()).filter(|id| !id.is_empty()),
        statements: document.statements.iter().map(normal_statement).collect(),
    }
}

/// Whether any text could be a variable.
pub(super) fn has_variables<P>(document: &Document<P>) -> bool {
    document.statements.iter().any(|statement| {
        // Beside everything nothing else counts.
        let is_all = |of: &&Choice<P>| of.values.iter().any(|text| text.value == "*");
        let resources = statement.resources.iter().filter(|of| !is_all(of)).flat_map(|of| &of.values);
        let values = statement.conditions.iter().flat_map(|of| &of.values);
        resources.chain(values).any(|text| text.value.contains("${"))
    })
}

/// What a statement means.
pub fn normal_statement<P>(statement: &Statement<P>) -> NormalStatement {
    NormalStatement {
        sid: statement.sid.as_ref().map(|sid| sid.value.clone()).filter(|sid| !sid.is_empty()),
        effect: statement.effect,
        principals: statement.principals.as_ref().map(principals),
        actions: choice(&statement.actions, |action| match action {
            "*:*" => "*".to_owned(),
            other => other.to_ascii_lowercase(),
        }),
        resources: statement.resources.as_ref().map(|of| choice(of, str::to_owned)),
        conditions: statement.conditions.iter().map(condition).collect(),
    }
}

fn choice<P>(choice: &Choice<P>, normal: impl Fn(&str) -> String) -> Chosen<String> {
    (choice.excludes, all_or_some(choice.values.iter().map(|text| normal(&text.value)).collect()))
}

/// Everything beside something is everything.
fn all_or_some(values: BTreeSet<String>) -> BTreeSet<String> {
    if values.contains("*") { BTreeSet::from(["*".to_owned()]) } else { values }
}

fn principals<P>(principals: &Principals<P>) -> Chosen<(PrincipalKind, String)> {
    let name = |kind: PrincipalKind, name: &str| match kind {
        PrincipalKind::Aws => account(name).unwrap_or(name).to_owned(),
        _ => name.to_owned(),
    };
    let values = principals.values.iter().map(|one| (one.kind, name(one.kind, &one.name.value)));
    (principals.excludes, values.collect())
}

/// The account that a name of a principal stands for, which has an ARN and a number.
pub(crate) fn account(name: &str) -> Option<&str> {
    if is_account_id(name) {
        return Some(name);
    }
    let (_, rest) = name.strip_prefix("arn:")?.split_once(":iam::")?;
    rest.strip_suffix(":root").filter(|number| is_account_id(number))
}

fn condition<P>(condition: &Condition<P>) -> (Operator, String, BTreeSet<String>) {
    let operator = operator(condition.operator);
    let value = |text: &str| {
        let known = match operator.test.family() {
            Family::Date => {
                value::instant(text).map(|(seconds, fraction)| format!("{seconds}.{fraction:09}"))
            }
            _ => spelled(operator, text),
        };
        known.unwrap_or_else(|| text.to_owned())
    };
    let values = condition.values.iter().map(|text| value(&text.value)).collect();
    (operator, condition.key.value.to_ascii_lowercase(), values)
}

/// The operator that stands for those that behave identically, as the manual says.
pub(super) fn operator(mut operator: Operator) -> Operator {
    operator.test = match operator.test {
        Test::ArnEquals => Test::ArnLike,
        Test::ArnNotEquals => Test::ArnNotLike,
        other => other,
    };
    operator
}

/// The one spelling of a value, for values with several.
pub(super) fn spelled(operator: Operator, text: &str) -> Option<String> {
    match operator.test.family() {
        Family::Bool | Family::Null => Some(text.to_ascii_lowercase()),
        Family::Numeric => value::decimal(text).map(|number| number.to_string()),
        Family::Ip => value::block(text).map(|block| block.to_string()),
        Family::String if operator.test.is_caseless() => Some(text.to_lowercase()),
        Family::Arn | Family::Binary | Family::Date | Family::String => None,
    }
}

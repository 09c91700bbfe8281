//! The lines below a step: its reasons, field by field, and its rules.

use asiaq_ir::{GroupRule, IngressRules, Kind, Origin, Resource, TAGS_TAG};
use asiaq_runtime::{Action, Cause, Plan, Reason, Step};
use serde_json::Value;

use super::group_rules::group_rules;
use crate::ui::table::{self, Cell};
use crate::ui::text::{self, BAD, CHANGED, DIM, GOOD, paint};

/// The field with the rules of a security group.
const RULES: &str = IngressRules::RULES.as_str();

/// What a step does with a rule, and the source line of the rule.
type Mark = (Sign, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Plus,
    Minus,
    Changed,
}

impl Sign {
    fn text(self) -> String {
        match self {
            Self::Plus => paint(GOOD, "+"),
            Self::Minus => paint(BAD, "-"),
            Self::Changed => paint(CHANGED, "~"),
        }
    }
}

pub(super) fn lines(plan: &Plan, step: &Step) -> Vec<String> {
    let mut rules: Vec<(GroupRule, Mark)> = Vec::new();
    let mut rows: Vec<(Sign, Vec<Cell>)> = Vec::new();
    if let Action::Create { node } = &step.action
        && let Resource::IngressRules(made) = &node.resource
    {
        rules.extend(made.rules.iter().map(|rule| {
            let value = serde_json::to_value(rule).unwrap_or_default();
            let key = Resource::element_key(Kind::IngressRules, RULES, &value);
            (rule.clone(), (Sign::Plus, cited(step, Some(node.cite(RULES, Some(&key))))))
        }));
    }
    for reason in step.reasons.iter().filter(|reason| !is_bookkeeping(reason)) {
        match as_rule(reason) {
            Some((sign, rule)) => rules.push((rule, (sign, place(step, reason)))),
            None => rows.push(row(step, reason)),
        }
    }
    let rules = group_rules(&rules, &plan.ir, step.address.scope().as_str());
    rows.extend(
        rules
            .into_iter()
            .map(|(text, (sign, origin))| (sign, vec![Cell::plain(text), Cell::new(DIM, origin)])),
    );
    let (signs, rows): (Vec<Sign>, Vec<Vec<Cell>>) = rows.into_iter().unzip();
    signs.into_iter().zip(table::lines(&rows)).map(|(sign, line)| format!("{} {line}", sign.text())).collect()
}

/// Whether a reason is about the tag that lists the other tags.
fn is_bookkeeping(reason: &Reason) -> bool {
    reason.field == "tags" && reason.element.as_deref() == Some(TAGS_TAG)
}

/// The rule that a reason adds or removes.
fn as_rule(reason: &Reason) -> Option<(Sign, GroupRule)> {
    let rule = |value: &Value| serde_json::from_value(value.clone()).ok();
    match (reason.field.as_str(), &reason.before, &reason.after) {
        (RULES, Value::Null, after) => Some((Sign::Plus, rule(after)?)),
        (RULES, before, Value::Null) => Some((Sign::Minus, rule(before)?)),
        _ => None,
    }
}

fn row(step: &Step, reason: &Reason) -> (Sign, Vec<Cell>) {
    let shown = |value: &Value| text::element(&reason.field, value, step.address.scope().as_str());
    let key = reason.element.as_deref().filter(|_| reason.field == "tags");
    let (sign, line) = match (key, reason.element.is_some(), &reason.before, &reason.after) {
        (Some(key), _, Value::Null, after) => (Sign::Plus, format!("tag {key} = {after}")),
        (Some(key), _, before, Value::Null) => (Sign::Minus, format!("tag {key} = {before}")),
        (Some(key), _, before, after) => (Sign::Changed, format!("tag {key}  {before} → {after}")),
        (None, true, Value::Null, after) => (Sign::Plus, shown(after)),
        (None, true, before, Value::Null) => (Sign::Minus, shown(before)),
        (None, _, before, after) => {
            (Sign::Changed, format!("{}  {} → {}", reason.field, shown(before), shown(after)))
        }
    };
    let why = reason.why.as_ref().map(|why| format!("  ({why})")).unwrap_or_default();
    (sign, vec![Cell::plain(line + &why), Cell::new(DIM, place(step, reason))])
}

/// The source line of a difference; drift is always marked.
fn place(step: &Step, reason: &Reason) -> String {
    match (reason.cause, &reason.origin) {
        (Cause::Unknown | Cause::Program, origin) => cited(step, origin.as_ref()),
        (Cause::Drift, Some(origin)) if !reason.after.is_null() => format!("drift: declared in {origin}"),
        (Cause::Drift, _) => "drift: not declared".to_owned(),
    }
}

/// The source line, unless the line of the step has it already.
fn cited(step: &Step, origin: Option<&Origin>) -> String {
    let place = origin.map(Origin::to_string).unwrap_or_default();
    if step.origin.as_ref().is_some_and(|origin| origin.to_string() == place) { String::new() } else { place }
}

//! The lines below a step: its reasons, field by field, and its rules.

use asiaq_ir::{
    ADDRESS_TAG, ENV_TAG, GroupRule, IngressRules, Kind, LaunchTemplate, MOVED_TAG, Origin, Resource,
};
use asiaq_runtime::{Action, Cause, Plan, Reason, Step};
use serde_json::Value;

use super::Depth;
use super::follow::{Followers, lets_go};
use super::group_rules::group_rules;
use super::mark::{Detail, Mark};
use super::sizes;
use crate::ui::secrets::{changed_user_data, without_secrets};
use crate::ui::text;

/// The field with the rules of a security group.
const RULES: &str = IngressRules::RULES.as_str();

/// The field with the user data of instances, which often has secrets.
const USER_DATA: &str = LaunchTemplate::USER_DATA.as_str();

/// The most characters of a value in short, of each of its ends.
const LONG: usize = 60;

/// The characters that are shown before and after a difference in a long value.
const CONTEXT: usize = 12;

pub(super) fn of(plan: &Plan, step: &Step, depth: Depth, followers: &Followers<'_>) -> Vec<Detail> {
    // Rules are grouped if they have the same mark and source line.
    let mut rules: Vec<(GroupRule, (Mark, String))> = Vec::new();
    let mut details: Vec<Detail> = Vec::new();
    if let Action::Create { node } = &step.action
        && let Resource::IngressRules(made) = &node.resource
    {
        rules.extend(made.rules.iter().map(|rule| {
            let value = serde_json::to_value(rule).unwrap_or_default();
            let key = Resource::element_key(Kind::IngressRules, RULES, &value);
            (rule.clone(), (Mark::Plus, node.cite(RULES, Some(&key)).to_string()))
        }));
    }
    if let Action::Create { node } | Action::Replace { node, .. } = &step.action {
        details.extend(sizes::of(node));
    }
    if let Some(from) = &step.moved_from {
        details.push(Detail {
            mark: Mark::Changed,
            text: format!("moved from {from}"),
            place: String::new(),
        });
    }
    for reason in followers.own_reasons(step) {
        if step.moved_from.is_some() && is_ownership(reason) {
            continue;
        }
        match as_rule(reason) {
            Some((mark, rule)) => rules.push((rule, (mark, place(reason)))),
            None => details.push(detail(step, reason, depth)),
        }
    }
    let rules = group_rules(&rules, &plan.ir, step.address.scope());
    details.extend(rules.into_iter().map(|(text, (mark, place))| Detail { mark, text, place }));
    details
}

/// Whether a reason is about a tag that says where a resource belongs, or belonged.
fn is_ownership(reason: &Reason) -> bool {
    let tag = reason.element.as_deref().filter(|_| reason.field == "tags");
    tag.is_some_and(|tag| [ADDRESS_TAG, ENV_TAG, MOVED_TAG].contains(&tag))
}

/// The rule that a reason adds or removes.
fn as_rule(reason: &Reason) -> Option<(Mark, GroupRule)> {
    let rule = |value: &Value| serde_json::from_value(value.clone()).ok();
    match (reason.field.as_str(), &reason.before, &reason.after) {
        (RULES, Value::Null, after) => Some((Mark::Plus, rule(after)?)),
        (RULES, before, Value::Null) => Some((Mark::Minus, rule(before)?)),
        _ => None,
    }
}

fn detail(step: &Step, reason: &Reason, depth: Depth) -> Detail {
    let shown = |value: &Value| {
        let text = text::within(&reason.field, value, step.address.scope().as_str());
        without_secrets(&text).into_owned()
    };
    let field = &reason.field;
    let key = reason.element.as_deref().filter(|_| field == "tags");
    let (mark, line) = match (key, reason.element.is_some(), &reason.before, &reason.after) {
        (Some(key), _, Value::Null, after) => (Mark::Plus, format!("tag {key} = {after}")),
        (Some(key), _, before, Value::Null) => (Mark::Minus, format!("tag {key} = {before}")),
        (Some(key), _, before, after) => (Mark::Changed, format!("tag {key}  {before} → {after}")),
        (None, true, Value::Null, after) => (Mark::Plus, shown(after)),
        (None, true, before, Value::Null) => (Mark::Minus, shown(before)),
        (None, _, before, _) if lets_go(reason) => {
            let why = reason.why.as_deref().unwrap_or_default();
            (Mark::Changed, format!("{field} {}  lets go of all, since {why}", shown(before)))
        }
        // No name is taken away: this one stands for the resource as a whole.
        (None, false, _, Value::Null) if step.kind.schema().chosen_name == Some(field.as_str()) => {
            let why = reason.why.clone().unwrap_or_default();
            return Detail { mark: Mark::Changed, text: why, place: place(reason) };
        }
        (None, false, Value::String(before), Value::String(after)) if field == USER_DATA => {
            (Mark::Changed, format!("{field}  {}", changed_user_data(before, after)))
        }
        (None, _, before, after) => {
            let (before, after) = match depth {
                Depth::Folded => contrast(&shown(before), &shown(after)),
                Depth::Full => (shown(before), shown(after)),
            };
            (Mark::Changed, format!("{field}  {before} → {after}"))
        }
    };
    let why = reason.why.as_ref().filter(|_| !lets_go(reason));
    let why = why.map(|why| format!("  ({why})")).unwrap_or_default();
    let waits = step.waits(reason).map(|until| format!("  ({})", until.words())).unwrap_or_default();
    Detail { mark, text: line + &why + &waits, place: place(reason) }
}

/// Two long values without what they have in common at both ends.
fn contrast(before: &str, after: &str) -> (String, String) {
    let [before, after] = [before, after].map(|text| text.chars().collect::<Vec<char>>());
    let shortest = before.len().min(after.len());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let tail = tail.min(shortest - head);
    let shown = |text: &[char]| {
        if text.len() <= LONG {
            return text.iter().collect::<String>();
        }
        // A little of what is before and after shows where the difference is. Words are whole unless they are long.
        let word = |letters: &mut dyn Iterator<Item = &char>| {
            let length = letters.take(LONG).take_while(|letter| !letter.is_whitespace()).count();
            if length < LONG { length.max(CONTEXT) } else { CONTEXT }
        };
        let from = head.saturating_sub(word(&mut text.iter().take(head).rev()));
        let end = text.len() - tail;
        let to = (end + word(&mut text.iter().skip(end))).min(text.len());
        let (before, after) = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
        let part: Vec<char> = text.iter().skip(from).take(to - from).copied().collect();
        format!("{before}{}{after}", elided(&part))
    };
    (shown(&before), shown(&after))
}

/// A text without its middle if it is long.
fn elided(text: &[char]) -> String {
    if text.len() <= 2 * LONG {
        return text.iter().collect();
    }
    let end = text.len() - LONG;
    text.iter().take(LONG).copied().chain(['…']).chain(text.iter().skip(end).copied()).collect()
}

/// The source line of a difference; drift is always marked.
fn place(reason: &Reason) -> String {
    match (reason.cause, &reason.origin) {
        (Cause::Unknown | Cause::Program, origin) => {
            origin.as_ref().map(Origin::to_string).unwrap_or_default()
        }
        (Cause::Waiting, Some(origin)) => format!("waits: declared in {origin}"),
        (Cause::Waiting, None) => "waits".to_owned(),
        (Cause::Drift, Some(origin)) if !reason.after.is_null() => format!("drift: declared in {origin}"),
        (Cause::Drift, _) => "drift: not declared".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_show_where_they_differ() {
        let script = |port: u16| {
            let lines = |letter: &str| format!("{letter}=1;").repeat(40);
            format!("{}port={port} {}", lines("a"), lines("b"))
        };
        let (before, after) = contrast(&script(80), &script(8080));
        assert_eq!(before, "…;a=1;port=80 b=1;b=1;b=1…");
        assert_eq!(after, "…;a=1;port=8080 b=1;b=1;b=1…");
        assert_eq!(contrast("m7i.large", "m7i.xlarge"), ("m7i.large".to_owned(), "m7i.xlarge".to_owned()));
        let (before, after) = contrast(&"x".repeat(300), &"y".repeat(300));
        assert_eq!((before.chars().count(), after.chars().count()), (121, 121));
        assert_eq!(contrast(&"x".repeat(100), &"x".repeat(100)).0.chars().count(), 13);
    }
}

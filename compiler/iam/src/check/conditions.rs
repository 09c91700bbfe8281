//! Conditions: keys that requests have, operators that fit them, and conditions that always or never hold.

use std::collections::BTreeMap;

use super::condition_values;
use super::{Checked, Use};
use crate::document::{Condition, Family, Operator, Quantifier, Test};
use crate::near;
use crate::problem::{Code, Problem};
use crate::table::{self, Key, KeyType};

pub(super) fn check<P: Clone>(checked: &Checked<P>, problems: &mut Vec<Problem<P>>) {
    let mut seen: BTreeMap<(Operator, String), &Condition<P>> = BTreeMap::new();
    for condition in &checked.statement.conditions {
        let name = condition.key.value.to_ascii_lowercase();
        if let Some(first) = seen.insert((condition.operator, name), condition) {
            let message = format!("`{}` has `{}` already", condition.operator.word(), condition.key.value);
            problems.push(
                Problem::new(Code::Repeated, condition.key.place.clone(), message)
                    .help("IAM does not look at the case of keys: keep one, with the values of both")
                    .related(first.key.place.clone(), "it is here"),
            );
            continue;
        }
        if is_malformed(&condition.key.value) {
            let message = format!("`{}` is not a condition key", condition.key.value);
            problems.push(
                Problem::new(Code::BadKey, condition.key.place.clone(), message)
                    .help("a key has a prefix, as in `aws:SourceIp` and `s3:prefix`"),
            );
            continue;
        }
        match table::key(&condition.key.value) {
            None => problems.push(unknown(condition)),
            Some(key) => {
                problems.extend(not_of_actions(checked, condition));
                problems.extend(wrong_operator(condition, key));
                problems.extend(wrong_quantifier(checked, condition, key));
            }
        }
        condition_values::check(checked, condition, problems);
    }
}

fn is_malformed(key: &str) -> bool {
    let is_whole = |(prefix, name): (&str, &str)| !prefix.is_empty() && !name.is_empty();
    !key.split_once(':').is_some_and(is_whole)
}

fn unknown<P: Clone>(condition: &Condition<P>) -> Problem<P> {
    let key = &condition.key.value;
    let (prefix, name) = key.split_once(':').unwrap_or_default();
    let named = |name: String| Some(format!("{prefix}:{name}"));
    let meant = match table::service(prefix) {
        None => table::service_named_like(prefix).map(|prefix| format!("{prefix}:{name}")),
        Some(service) => {
            let known: Vec<String> = service.keys().map(|(full, _)| full).collect();
            let own = known.iter().filter_map(|full| full.split_once(':')).map(|(_, name)| name);
            near::slip(name, own).map(str::to_owned).and_then(named)
        }
    };
    let message = format!("no condition key `{key}` is known");
    Problem::new(Code::UnknownKey, condition.key.place.clone(), message)
        .help("check the spelling: no request has a key that does not exist")
        .instead(meant)
}

/// Keys that belong to a service, and not to the actions of the statement.
fn not_of_actions<P: Clone>(checked: &Checked<P>, condition: &Condition<P>) -> Option<Problem<P>> {
    let key = condition.key.value.as_str();
    let is_global = table::service("aws").is_some_and(|all| all.key(key).is_some());
    if is_global || checked.statement.actions.excludes || checked.of == Use::Trust {
        return None;
    }
    let mut lacking = Vec::new();
    let mut is_taken = false;
    for (text, meant) in checked.statement.actions.values.iter().zip(&checked.meant) {
        let actions = meant.known()?;
        if actions.iter().any(|action| action.key(key).is_some()) {
            is_taken = true;
        } else {
            lacking.push(text);
        }
    }
    let first = lacking.first()?;
    let passes = does_it_hold_without_key(condition.operator);
    if !is_taken {
        let message = format!("no action of this statement has the key `{key}`");
        let problem = Problem::new(Code::KeyNotOfAction, condition.key.place.clone(), message);
        return Some(problem.help(if passes {
            "the condition holds for every request"
        } else {
            "the condition never holds, so that the statement does nothing"
        }));
    }
    // A condition that passes requests without the key is meant for the others.
    if passes {
        return None;
    }
    let message = format!("requests for `{}` have no key `{key}`", first.value);
    Some(
        Problem::new(Code::KeyNotOfAction, condition.key.place.clone(), message)
            .help(format!(
                "the condition never holds for it: move `{}` to a statement of its own, or write `{}`",
                first.value,
                Operator { if_exists: true, ..condition.operator }.word()
            ))
            .related(first.place.clone(), "this action"),
    )
}

/// Whether a condition holds for a request that does not have its key.
fn does_it_hold_without_key(operator: Operator) -> bool {
    operator.test == Test::Null || operator.passes_without_key()
}

/// Operators that compare something else than the key's values.
fn wrong_operator<P: Clone>(condition: &Condition<P>, key: Key) -> Option<Problem<P>> {
    let family = condition.operator.test.family();
    let fits = match key.kind {
        KeyType::Arn | KeyType::ArrayOfArn => matches!(family, Family::Arn | Family::String),
        KeyType::ArrayOfBool | KeyType::Bool => family == Family::Bool,
        KeyType::ArrayOfString | KeyType::String => {
            matches!(family, Family::String | Family::Binary | Family::Arn)
        }
        KeyType::Date => matches!(family, Family::Date | Family::Numeric),
        KeyType::IpAddress => family == Family::Ip,
        KeyType::Numeric => family == Family::Numeric,
    };
    if fits || family == Family::Null {
        return None;
    }
    let (what, wanted) = match key.kind {
        KeyType::Arn | KeyType::ArrayOfArn => ("ARNs", "ArnLike"),
        KeyType::ArrayOfBool | KeyType::Bool => ("`true` or `false`", "Bool"),
        KeyType::ArrayOfString | KeyType::String => ("texts", "StringEquals"),
        KeyType::Date => ("dates", "DateLessThan"),
        KeyType::IpAddress => ("addresses", "IpAddress"),
        KeyType::Numeric => ("numbers", "NumericEquals"),
    };
    let word = condition.operator.word();
    let message = format!("`{word}` does not fit `{}`, whose values are {what}", condition.key.value);
    Some(
        Problem::new(Code::OperatorType, condition.operator_place.clone(), message)
            .help(format!("use an operator such as `{wanted}`")),
    )
}

fn wrong_quantifier<P: Clone>(
    checked: &Checked<P>,
    condition: &Condition<P>,
    key: Key,
) -> Option<Problem<P>> {
    let operator = condition.operator;
    let at = |code: Code, message: String| Problem::new(code, condition.operator_place.clone(), message);
    let name = &condition.key.value;
    match operator.quantifier {
        None if key.kind.is_list() && operator.test != Test::Null => {
            let word = operator.word();
            Some(at(Code::Quantifier, format!("requests may have several values of `{name}`")).help(format!(
                "say which of them have to compare: `ForAnyValue:{word}` for one at least, `ForAllValues:{word}` for all"
            )))
        }
        Some(_) if !key.kind.is_list() => {
            let plain = Operator { quantifier: None, ..operator }.word();
            let help = format!("write `{plain}`: with `ForAllValues:` a request without the key passes");
            Some(at(Code::Quantifier, format!("a request has one value of `{name}` at most")).help(help))
        }
        // A request without tags sets none that are not listed.
        Some(Quantifier::ForAllValues)
            if checked.is_allow()
                && !operator.if_exists
                && !name.eq_ignore_ascii_case("aws:TagKeys")
                && !is_held(checked, name) =>
        {
            let message = format!("requests without `{name}` pass this condition");
            Some(at(Code::Quantifier, message).help(format!(
                "if that is not meant, add the condition `Null` with `{name}` and the value `false`"
            )))
        }
        _ => None,
    }
}

/// Whether another condition of the statement holds only for requests that have a key.
fn is_held<P>(checked: &Checked<P>, key: &str) -> bool {
    let mut others =
        checked.statement.conditions.iter().filter(|one| one.key.value.eq_ignore_ascii_case(key));
    others.any(|one| {
        let is_false = one.values.iter().all(|value| value.value.eq_ignore_ascii_case("false"));
        !does_it_hold_without_key(one.operator) || one.operator.test == Test::Null && is_false
    })
}

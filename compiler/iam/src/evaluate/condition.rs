//! Whether a condition holds.

use super::matched;
use super::request::{Request, Value};
use super::truth::Truth;
use crate::arn::{Arns, of_tokens};
use crate::document::{Condition, Family, Quantifier, Test, Version};
use crate::pattern::{Token, literal, plain};
use crate::value;
use crate::variables::{Wildcards, parts};

/// Whether a condition holds for a request.
pub(super) fn holds<P>(condition: &Condition<P>, version: Version, request: &Request) -> Truth {
    let operator = condition.operator;
    let found = request.value(&condition.key.value);
    if operator.test == Test::Null {
        let wanted = match &found {
            Value::Unknown => return Truth::Unknown,
            Value::Absent => "true",
            Value::Known(_) => "false",
        };
        return condition.values.iter().any(|text| text.value.eq_ignore_ascii_case(wanted)).into();
    }
    let values = match found {
        Value::Unknown => return Truth::Unknown,
        Value::Absent => return operator.passes_without_key().into(),
        Value::Known(values) => values,
    };
    let mut each = values.iter().map(|value| compares(condition, version, request, value));
    match (operator.quantifier, values.len()) {
        (Some(Quantifier::ForAllValues), _) => Truth::all(each),
        (Some(Quantifier::ForAnyValue), _) => Truth::any(each),
        (None, 1) => each.next().unwrap_or(Truth::Unknown),
        // The manual has no answer for several values without a quantifier.
        (None, _) => Truth::Unknown,
    }
}

/// Whether one value of a request compares.
fn compares<P>(condition: &Condition<P>, version: Version, request: &Request, value: &str) -> Truth {
    let test = condition.operator.test;
    let each = condition.values.iter().map(|text| is_equal(test, &text.value, version, request, value));
    if !test.is_negated() {
        return Truth::any(each.map(|found| found.unwrap_or(Truth::False)));
    }
    // A variable that no value is for is equal to nothing; the manual does not say that it differs from everything.
    !Truth::any(each.map(|found| found.unwrap_or(Truth::Unknown)))
}

/// Whether a value of a policy and one of a request are what the test, or its opposite, asks for; nothing if the value of
/// the policy has a variable without a value.
fn is_equal(test: Test, wanted: &str, version: Version, request: &Request, found: &str) -> Option<Truth> {
    let is_so = match test.family() {
        Family::String | Family::Arn => return text_is_equal(test, wanted, version, request, found),
        Family::Bool => {
            let tokens = filled(wanted, version, Wildcards::None, request)?;
            // What is not known is left as a variable.
            let Some(wanted) = plain(&tokens) else { return Some(Truth::Unknown) };
            wanted.eq_ignore_ascii_case(found)
        }
        Family::Binary => wanted == found,
        Family::Ip => value::block(wanted)
            .zip(value::block(found))
            .is_some_and(|(block, address)| block.contains(&address)),
        Family::Numeric => is_ordered(test, value::decimal(found).zip(value::decimal(wanted))),
        Family::Date => is_ordered(test, value::instant(found).zip(value::instant(wanted))),
        // Answered before.
        Family::Null => false,
    };
    Some(is_so.into())
}

fn is_ordered<T: Ord>(test: Test, pair: Option<(T, T)>) -> bool {
    let Some((found, wanted)) = pair else { return false };
    match test {
        Test::DateLessThan | Test::NumericLessThan => found < wanted,
        Test::DateLessThanEquals | Test::NumericLessThanEquals => found <= wanted,
        Test::DateGreaterThan | Test::NumericGreaterThan => found > wanted,
        Test::DateGreaterThanEquals | Test::NumericGreaterThanEquals => found >= wanted,
        _ => found == wanted,
    }
}

fn text_is_equal(
    test: Test,
    wanted: &str,
    version: Version,
    request: &Request,
    found: &str,
) -> Option<Truth> {
    let wildcards = if test.is_exact() { Wildcards::None } else { Wildcards::Any };
    let tokens = filled(wanted, version, wildcards, request)?;
    if test.family() == Family::Arn {
        return Some(resembles(tokens, &of_tokens(literal(found))));
    }
    let (tokens, found) = if test.is_caseless() {
        let lower = |token: &Token| match token {
            Token::Char(letter) => letter.to_lowercase().map(Token::Char).collect(),
            other => vec![other.clone()],
        };
        (tokens.iter().flat_map(lower).collect(), literal(&found.to_lowercase()))
    } else {
        (tokens, literal(found))
    };
    Some(matched(&tokens, &found))
}

/// Whether all of the wanted resources are of a pattern, of which variables are filled in.
pub(super) fn resembles(pattern: Vec<Token>, wanted: &Arns) -> Truth {
    if let Some(before) = pattern.iter().position(Token::is_variable) {
        // A value could have colons, so that the parts behind it are others.
        let colons = pattern.iter().take(before).filter(|token| **token == Token::Char(':')).count();
        if colons < 5 {
            return Truth::Unknown;
        }
    }
    let pattern = of_tokens(pattern);
    if pattern.covers(wanted) {
        Truth::True
    } else if pattern.overlaps(wanted) {
        Truth::Unknown
    } else {
        Truth::False
    }
}

/// A text with the values of its variables; nothing if a variable has none. A variable whose value is not known is left.
pub(super) fn filled(
    text: &str,
    version: Version,
    wildcards: Wildcards,
    request: &Request,
) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for token in parts(text, version, wildcards).0 {
        let Token::Variable(variable) = token else {
            tokens.push(token);
            continue;
        };
        match request.value(&variable.key) {
            Value::Known(values) if values.len() == 1 => {
                tokens.extend(values.iter().flat_map(|value| literal(value)));
            }
            Value::Absent => tokens.extend(literal(variable.default.as_ref()?)),
            Value::Known(_) | Value::Unknown => tokens.push(Token::Variable(variable)),
        }
    }
    Some(tokens)
}

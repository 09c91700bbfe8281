//! One text for all policies that mean the same, so that texts can be compared.
//!
//! It is what is sent to AWS, and what AWS says of a policy is brought to it too. Two texts of one meaning differ here
//! only in the case of condition keys and of actions that the tables do not know, and in the spelling of dates: none of
//! these does AWS change.

use std::collections::BTreeMap;

use super::normal::{self, normal_statement};
use super::print::print;
use super::read::read;
use super::{Choice, Condition, Document, Operator, Principal, PrincipalKind, Statement, Text, Version};
use crate::table;

/// The canonical text of a policy in JSON. A text that is none stays as it is.
pub fn canonical(text: &str) -> String {
    match read(text).document {
        Some(document) => print(&of(document)),
        None => text.to_owned(),
    }
}

/// The policy whose [printed](print) form is the canonical text.
pub fn of<P>(document: Document<P>) -> Document<P> {
    let has_variables = normal::has_variables(&document);
    let version = if has_variables { document.version } else { Version::V2012 };
    let mut statements = BTreeMap::new();
    for statement in document.statements.into_iter().map(statement) {
        statements.entry(normal_statement(&statement)).or_insert(statement);
    }
    Document { version, statements: statements.into_values().collect(), ..document }
}

fn statement<P>(statement: Statement<P>) -> Statement<P> {
    let principals = statement.principals.map(|mut of| {
        of.values = of.values.into_iter().map(principal).collect();
        of
    });
    // Two tests of one key that become one operator would be one list of values, of which any will do: they stay apart.
    let test_of = |one: &Condition<P>| (normal::operator(one.operator), one.key.value.to_ascii_lowercase());
    let tests: Vec<_> = statement.conditions.iter().map(test_of).collect();
    let is_alone = |one: &Condition<P>| tests.iter().filter(|test| **test == test_of(one)).count() == 1;
    let conditions = statement.conditions.into_iter().map(|one| {
        let operator = if is_alone(&one) { normal::operator(one.operator) } else { one.operator };
        condition(one, operator)
    });
    Statement {
        principals,
        actions: all_or_some(statement.actions, &action),
        resources: statement.resources.map(|of| all_or_some(of, &str::to_owned)),
        conditions: conditions.collect(),
        ..statement
    }
}

/// The values in their canonical form. Everything beside something is everything.
fn all_or_some<P>(mut choice: Choice<P>, form: &impl Fn(&str) -> String) -> Choice<P> {
    for text in &mut choice.values {
        text.value = form(&text.value);
    }
    if let Some(all) = choice.values.iter().position(|text| text.value == "*") {
        choice.values = vec![choice.values.swap_remove(all)];
    }
    choice
}

fn principal<P>(mut principal: Principal<P>) -> Principal<P> {
    if principal.kind == PrincipalKind::Aws
        && let Some(account) = normal::account(&principal.name.value)
    {
        principal.name.value = account.to_owned();
    }
    principal
}

fn condition<P>(condition: Condition<P>, operator: Operator) -> Condition<P> {
    let value = |text: Text<P>| {
        let value = normal::spelled(operator, &text.value).unwrap_or(text.value);
        Text { place: text.place, value }
    };
    Condition { operator, values: condition.values.into_iter().map(value).collect(), ..condition }
}

/// An action with the capitals of AWS, as far as these are known.
fn action(text: &str) -> String {
    let Some((prefix, name)) = text.split_once(':') else { return text.to_owned() };
    if prefix == "*" && name == "*" {
        return "*".to_owned();
    }
    let prefix = prefix.to_ascii_lowercase();
    let known = table::service(&prefix).and_then(|service| service.matching(name).next());
    let full = known.map(table::Action::full_name);
    let spelled = full.as_deref().and_then(|full| full.split_once(':')).map(|(_, known)| like(name, known));
    format!("{prefix}:{}", spelled.unwrap_or_else(|| name.to_owned()))
}

/// The pattern `name` with the capitals of `known`, which it matches: before its first wildcard and behind its last.
fn like(name: &str, known: &str) -> String {
    let is_wild = |character: char| matches!(character, '*' | '?');
    let (Some(first), Some(last)) = (name.find(is_wild), name.rfind(is_wild)) else {
        return known.to_owned();
    };
    let tail = name.len() - last - 1;
    let parts =
        (known.get(..first), name.get(first..=last), known.get(known.len() - tail.min(known.len())..));
    match parts {
        (Some(head), Some(middle), Some(tail)) => [head, middle, tail].concat(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::normal::normal;
    use super::*;
    use crate::fixture;

    #[test]
    fn what_aws_makes_of_a_policy_has_the_same_text() {
        let written = r#"{ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": ["222222222222", "arn:aws:iam::111111111111:role/r"] },
              "Action": ["sts:assumerole"], "Condition": { "Bool": { "aws:MultiFactorAuthPresent": true } } },
            { "Sid": "", "Effect": "Deny", "Principal": "*", "Action": ["STS:*", "sts:AssumeRole"],
              "Condition": { "IpAddress": { "aws:SourceIp": ["10.0.0.0/8"] }, "NumericLessThan": { "aws:MultiFactorAuthAge": "60.0" } } }
        ] }"#;
        let listed = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole","sts:*"],
             "Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":60},"IpAddress":{"aws:SourceIp":"10.1.0.0/8"}}},
            {"Sid":"","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:role/r","arn:aws:iam::222222222222:root"]},
             "Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}
        ]}"#;
        let text = canonical(written);
        assert_eq!(canonical(listed), text);
        assert!(text.contains("sts:AssumeRole") && !text.contains("assumerole"), "{text}");
    }

    #[test]
    fn two_tests_of_one_key_both_have_to_hold() {
        let written = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":
            {"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-west-2:1:t"},"ArnLike":{"aws:sourcearn":"arn:aws:sns:*:1:u*"}}}]}"#;
        let text = canonical(written);
        assert!(text.contains("ArnEquals") && text.contains("ArnLike"), "{text}");
        assert_eq!(canonical(&text), text);
    }

    #[test]
    fn actions_get_the_capitals_of_aws() {
        for (written, spelled) in [
            ("s3:getobject", "s3:GetObject"),
            ("S3:get*", "s3:Get*"),
            ("s3:*object", "s3:*Object"),
            ("s3:g?tobject", "s3:G?tObject"),
            ("s3:nosuch", "s3:nosuch"),
            ("*:*", "*"),
            ("*", "*"),
        ] {
            assert_eq!(action(written), spelled);
        }
    }

    #[test]
    fn what_is_no_policy_stays() {
        for text in ["", "no policy", "[1, 2]"] {
            assert_eq!(canonical(text), text);
        }
    }

    proptest! {
        #[test]
        fn a_canonical_text_means_the_same_and_is_its_own(document in fixture::document()) {
            let text = print(&of(document.clone()));
            let back = read(&text).document.unwrap();
            prop_assert_eq!(normal(&back), normal(&document));
            prop_assert_eq!(canonical(&text), text);
        }

        #[test]
        fn order_and_repetition_do_not_change_the_text(document in fixture::document()) {
            let mut other = document.clone();
            other.statements.reverse();
            other.statements.extend(document.statements.clone());
            prop_assert_eq!(print(&of(other)), print(&of(document)));
        }
    }
}

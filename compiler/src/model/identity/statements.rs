//! Statements of the language as statements of IAM.

use asiaq_iam::check::may_apply;
use asiaq_iam::document::{
    Choice, Condition, Effect, Operator, Principal as IamPrincipal, Principals, Quantifier, Statement, Test,
    Text,
};
use asiaq_iam::table::{self, KeyType};
use asiaq_lang::ast::{self, Expr, ExprKind, Name};
use asiaq_lang::{Diagnostic, Span};

use super::Arns;
use super::principals::named;
use crate::errors;
use crate::library::kinds;
use crate::types::Ty;
use crate::typing::Typer;
use crate::value::{Principal, Value};

/// Turns statements of one body into those of IAM.
pub(in crate::model) struct Statements<'s, 'a, 'b> {
    pub(in crate::model) typer: Typer<'a, 'b>,
    pub(in crate::model) arns: &'s Arns,
    /// The ARNs of what has the policy, if that is a resource: of a bucket that of the bucket and that of its objects.
    pub(in crate::model) subject: &'s [String],
}

/// The objects of the bucket that has the policy.
pub(crate) const OBJECTS: &str = "objects";

/// Reports of the names that [`Statements`] does not find go to its typer, as those of values do.
impl Statements<'_, '_, '_> {
    /// The statement; nothing if a part is broken, which has been reported.
    pub(in crate::model) fn statement(&mut self, statement: &ast::Statement) -> Option<Statement<Span>> {
        // Each part is read, so that the mistakes of all are reported.
        let actions = self.actions(&statement.actions);
        let resources = statement.resources.as_ref().map(|choice| self.resources(choice, actions.as_ref()));
        let principals = statement.principals.as_ref().map(|choice| self.principals(choice));
        let conditions: Vec<_> = statement.tests.iter().map(|test| self.condition(test)).collect();
        let sid = match &statement.text {
            Some(text) => self.typer.text_of(text).map(|name| Text::new(text.span, sid(&name))),
            None => None,
        };
        let (actions, principals) = (actions?, principals.map_or(Some(None), |read| read.map(Some))?);
        let conditions: Vec<Condition<Span>> = all(conditions)?;
        let resources = match resources {
            Some(read) => Some(read?),
            None if self.subject.is_empty() => None,
            // What has the policy.
            None => Some(self.subject_of(statement.span, &actions)),
        };
        if statement.is_broken {
            return None;
        }
        let effect = match statement.effect {
            ast::Effect::Allow => Effect::Allow,
            ast::Effect::Deny => Effect::Deny,
        };
        Some(Statement { place: statement.span, sid, effect, principals, actions, resources, conditions })
    }

    fn report<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.typer.diagnostics.push(diagnostic);
        None
    }

    /// The values that are listed, those behind `let`s included, each with its place. What is broken is an error in the
    /// list.
    fn listed(&self, expr: &Expr, into: &mut Vec<Expr>) {
        let behind = self.typer.behind_lets(expr).map(|behind| &behind.kind);
        if let Some(ExprKind::List(items)) = behind {
            for item in items {
                self.listed(item, into);
            }
        } else {
            into.push(Expr { kind: behind.cloned().unwrap_or(ExprKind::Error), span: expr.span });
        }
    }

    fn values(&self, choice: &ast::Choice) -> Vec<Expr> {
        let mut values = Vec::new();
        for value in choice.values() {
            self.listed(value, &mut values);
        }
        values
    }

    fn actions(&mut self, choice: &ast::Choice) -> Option<Choice<Span>> {
        let actions = self.values(choice).iter().map(|value| self.action(value)).collect();
        Some(Choice { place: choice.value.span, excludes: choice.not.is_some(), values: all(actions)? })
    }

    fn action(&mut self, value: &Expr) -> Option<Text<Span>> {
        match &value.kind {
            ExprKind::Name(name) => Some(Text::new(value.span, name.clone())),
            ExprKind::String(_) => Some(Text::new(value.span, self.typer.text_of(value)?)),
            ExprKind::Error => None,
            _ => self.report(errors::not_in_statement(
                value.span,
                "an action such as `s3:GetObject`",
                "write the service, a colon and the name of the action; `s3:*` means all actions of a service",
            )),
        }
    }

    /// The resources of a statement, those that its actions can be about where the actions are known.
    fn resources(&mut self, choice: &ast::Choice, actions: Option<&Choice<Span>>) -> Option<Choice<Span>> {
        let found = self.values(choice).into_iter().map(|value| {
            let arns = self.resource(&value)?;
            let arns = match actions {
                Some(actions) => meant(arns, actions),
                None => arns,
            };
            Some(arns.into_iter().map(move |arn| Text::new(value.span, arn)))
        });
        let values = all(found.collect())?.into_iter().flatten().collect();
        Some(Choice { place: choice.value.span, excludes: choice.not.is_some(), values })
    }

    fn resource(&mut self, value: &Expr) -> Option<Vec<String>> {
        match &value.kind {
            ExprKind::Name(name) if name == "all" && !self.subject.is_empty() => Some(self.subject.to_vec()),
            ExprKind::Name(name) if name == "all" => Some(vec!["*".to_owned()]),
            ExprKind::Name(name) if name == OBJECTS && self.subject.len() > 1 => {
                Some(self.subject.last().cloned().into_iter().collect())
            }
            ExprKind::Name(name) => self.declared(name, value.span),
            ExprKind::Phrase(kind, name) => self.declared_as(kind, name),
            ExprKind::String(_) => Some(vec![self.typer.text_of(value)?]),
            ExprKind::Error => None,
            _ => {
                let what =
                    "a resource: `all`, the name of something that the account declares, or an ARN in quotes";
                let help = "put an ARN in quotes, as in `\"arn:aws:s3:::reports/*\"`; where a request comes from is a \
                            condition, as in `when aws:SourceIp is 203.0.113.0/24`";
                self.report(errors::not_in_statement(value.span, what, help))
            }
        }
    }

    /// What has the policy, as far as the actions can be about it.
    fn subject_of(&self, place: Span, actions: &Choice<Span>) -> Choice<Span> {
        let arns = meant(self.subject.to_vec(), actions);
        let values = arns.into_iter().map(|arn| Text::new(place, arn)).collect();
        Choice { place, excludes: false, values }
    }

    /// The ARNs of what the account declares under a name alone.
    fn declared(&mut self, name: &str, span: Span) -> Option<Vec<String>> {
        match self.arns.kinds_of(name).as_slice() {
            [kind] => self.arns.of(kind, name).map(<[String]>::to_vec),
            [] => {
                let known: Vec<&str> =
                    kinds::OF_ACCOUNTS.iter().flat_map(|kind| self.arns.names_of(kind)).collect();
                let found = errors::unknown_resource(span, name, &known);
                self.report(found)
            }
            several => {
                let found = errors::ambiguous_resource(span, name, several);
                self.report(found)
            }
        }
    }

    /// The ARNs of `role deployer`.
    fn declared_as(&mut self, kind: &Name, name: &Expr) -> Option<Vec<String>> {
        let text = match &name.kind {
            ExprKind::Name(text) => text.clone(),
            ExprKind::Path(account, name) => format!("{}/{}", account.text, name.text),
            _ => self.typer.text_of(name)?,
        };
        if !kinds::OF_ACCOUNTS.contains(&kind.text.as_str()) {
            let help = format!("write one of {}", kinds::OF_ACCOUNTS.join(", "));
            let what = "a kind that accounts have, such as `role` or `bucket`";
            return self.report(errors::not_in_statement(kind.span, what, &help));
        }
        if let Some(arns) = self.arns.of(&kind.text, &text) {
            return Some(arns.to_vec());
        }
        // An account without an id has its own message.
        if let ExprKind::Path(account, _) = &name.kind
            && self.typer.names.account(&account.text).is_some()
            && !self.arns.accounts.contains_key(&account.text)
        {
            return None;
        }
        let known = self.arns.names_beside(&kind.text, &text);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let found = errors::unknown_reference(name.span, &kind.text, &text, &known);
        self.report(found)
    }

    fn principals(&mut self, choice: &ast::Choice) -> Option<Principals<Span>> {
        let principals = self.values(choice).iter().map(|value| self.principal(value)).collect();
        Some(Principals {
            place: choice.value.span,
            excludes: choice.not.is_some(),
            values: all(principals)?,
        })
    }

    fn principal(&mut self, value: &Expr) -> Option<IamPrincipal<Span>> {
        let Value::Principal(principal) = self.typer.principal(value, value.span) else { return None };
        if let Principal::Declared(kind, name) = &principal
            && self.arns.of(kind.kind(), name).is_none()
        {
            let known = self.arns.names_of(kind.kind());
            let found = errors::unknown_reference(value.span, kind.kind(), name, &known);
            return self.report(found);
        }
        let (kind, name) = named(&principal, self.arns);
        Some(IamPrincipal { kind, name: Text::new(value.span, name) })
    }

    fn condition(&mut self, test: &ast::Test) -> Option<Condition<Span>> {
        let key = match &test.key.kind {
            ExprKind::Name(key) => key.clone(),
            _ => self.typer.text_of(&test.key)?,
        };
        let mut values = Vec::new();
        if let Some(value) = &test.value {
            self.listed(value, &mut values);
        }
        let (operator, values) = self.compared(test, &key, &values)?;
        let quantifier = test.quantifier.as_ref().map(|quantifier| match quantifier.text.as_str() {
            "any" => Quantifier::ForAnyValue,
            _ => Quantifier::ForAllValues,
        });
        let operator = Operator {
            quantifier: quantifier.or(operator.quantifier),
            test: operator.test,
            if_exists: operator.if_exists || test.if_present.is_some(),
        };
        Some(Condition {
            place: test.span,
            operator,
            operator_place: test.operator.span,
            key: Text::new(test.key.span, key),
            values,
        })
    }

    /// The operator that a test means, and the values as IAM has them.
    fn compared(
        &mut self,
        test: &ast::Test,
        key: &str,
        values: &[Expr],
    ) -> Option<(Operator, Vec<Text<Span>>)> {
        let place = test.operator.span;
        let kind = table::key(key).map(|key| key.kind);
        let word = test.operator.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_equality = matches!(word.as_str(), "is" | "is not");
        let is_bool = is_equality && matches!(kind, Some(KeyType::Bool | KeyType::ArrayOfBool));
        let one = |value: &Expr| {
            let written = if is_bool { self.truth(value)? } else { self.value_text(value)? };
            Some(Text::new(value.span, written))
        };
        let texts: Vec<Text<Span>> = all(values.iter().map(one).collect())?;
        let operator = match word.as_str() {
            "exists" => return Some((Operator::new(Test::Null), vec![Text::new(place, "false")])),
            "is absent" => return Some((Operator::new(Test::Null), vec![Text::new(place, "true")])),
            "is" | "is not" => {
                let is_negated = word == "is not";
                let equal = equal(values, kind);
                if equal == Test::Bool && is_negated {
                    let flipped = texts.into_iter().map(|text| {
                        let value = if text.value == "true" { "false" } else { "true" };
                        Text::new(text.place, value)
                    });
                    return Some((Operator::new(Test::Bool), flipped.collect()));
                }
                if is_negated { negated(equal) } else { equal }
            }
            "like" if is_arn(kind) => Test::ArnLike,
            "not like" if is_arn(kind) => Test::ArnNotLike,
            "like" => Test::StringLike,
            "not like" => Test::StringNotLike,
            "<" | "<=" | ">" | ">=" => ordered(&word, kind == Some(KeyType::Date)),
            word => {
                let Some(operator) = Operator::read(word) else {
                    return self.report(errors::unknown_operator(place, word));
                };
                return Some((operator, texts));
            }
        };
        Some((Operator::new(operator), texts))
    }

    /// `true` or `false`, as IAM has it.
    fn truth(&mut self, value: &Expr) -> Option<String> {
        match self.typer.value(value, &Ty::Bool) {
            Value::Bool(is) => Some(is.to_string()),
            _ => None,
        }
    }

    /// A value as IAM has it.
    fn value_text(&mut self, value: &Expr) -> Option<String> {
        match &value.kind {
            ExprKind::Name(text)
            | ExprKind::Int(text)
            | ExprKind::Number(text)
            | ExprKind::Ip(text)
            | ExprKind::Cidr(text) => Some(text.clone()),
            ExprKind::Phrase(kind, name) => self.declared_as(kind, name)?.into_iter().next(),
            ExprKind::String(_) => self.typer.text_of(value),
            ExprKind::Error => None,
            _ => self.report(errors::not_in_statement(
                value.span,
                "a value: a string in quotes, a number, `true`, `false`, or a CIDR block",
                "put anything else in quotes",
            )),
        }
    }
}

/// All that was read; nothing if one is missing.
fn all<T>(read: Vec<Option<T>>) -> Option<Vec<T>> {
    read.into_iter().collect()
}

/// The operator of equality for values: by how they are written, and else by the type of the key.
fn equal(values: &[Expr], kind: Option<KeyType>) -> Test {
    let are = |is: fn(&ExprKind) -> bool| !values.is_empty() && values.iter().all(|value| is(&value.kind));
    if are(|kind| matches!(kind, ExprKind::Cidr(_) | ExprKind::Ip(_))) {
        return Test::IpAddress;
    }
    if are(|kind| matches!(kind, ExprKind::Name(word) if matches!(word.as_str(), "true" | "false"))) {
        return Test::Bool;
    }
    match kind {
        Some(KeyType::Arn | KeyType::ArrayOfArn) => Test::ArnEquals,
        Some(KeyType::Bool | KeyType::ArrayOfBool) => Test::Bool,
        Some(KeyType::Date) => Test::DateEquals,
        Some(KeyType::IpAddress) => Test::IpAddress,
        Some(KeyType::Numeric) => Test::NumericEquals,
        None if are(|kind| matches!(kind, ExprKind::Int(_) | ExprKind::Number(_))) => Test::NumericEquals,
        Some(KeyType::String | KeyType::ArrayOfString) | None => Test::StringEquals,
    }
}

fn negated(equal: Test) -> Test {
    match equal {
        Test::ArnEquals => Test::ArnNotEquals,
        Test::DateEquals => Test::DateNotEquals,
        Test::IpAddress => Test::NotIpAddress,
        Test::NumericEquals => Test::NumericNotEquals,
        _ => Test::StringNotEquals,
    }
}

fn ordered(word: &str, is_date: bool) -> Test {
    match (word, is_date) {
        ("<", false) => Test::NumericLessThan,
        ("<=", false) => Test::NumericLessThanEquals,
        (">", false) => Test::NumericGreaterThan,
        (_, false) => Test::NumericGreaterThanEquals,
        ("<", true) => Test::DateLessThan,
        ("<=", true) => Test::DateLessThanEquals,
        (">", true) => Test::DateGreaterThan,
        (_, true) => Test::DateGreaterThanEquals,
    }
}

fn is_arn(kind: Option<KeyType>) -> bool {
    matches!(kind, Some(KeyType::Arn | KeyType::ArrayOfArn))
}

/// Of the ARNs of one declaration, those that an action can be about; all if there is none.
fn meant(arns: Vec<String>, actions: &Choice<Span>) -> Vec<String> {
    if arns.len() < 2 || actions.excludes {
        return arns;
    }
    let applies = |arn: &String| may_apply(actions.values.iter().map(|action| action.value.as_str()), arn);
    let meant: Vec<String> = arns.iter().filter(|arn| applies(arn)).cloned().collect();
    if meant.is_empty() { arns } else { meant }
}

/// A text as the name of a statement, which has letters and digits only: `Read what configures us` is
/// `ReadWhatConfiguresUs`.
fn sid(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    words.map(capital).collect()
}

//! Statements of policies.

use std::iter::Peekable;

use super::{Builder, Node, Rule, error_values::error_value, inner};
use crate::{
    Span,
    ast::{Choice, Docs, Effect, Expr, ExprKind, Name, Statement, Test},
    errors,
};

/// The parts of a statement in their order.
const PARTS: [&str; 3] = ["on", "from", "when"];

impl<'t> Builder<'t> {
    pub(super) fn statement(&mut self, node: Node<'t>, lines: &mut Vec<Node<'t>>) -> Option<Statement> {
        let docs = self.docs(lines);
        let before = self.diagnostics.len();
        let mut parts = inner(node).peekable();
        let word = parts.next()?;
        let effect = self.effect(&word);
        let mut statement = self.statement_after(docs, effect, &word, parts);
        statement.is_broken |= self.diagnostics.len() > before;
        Some(statement)
    }

    /// The statement that goes on with `parts` behind the word that says what it does.
    pub(super) fn statement_after(
        &mut self,
        docs: Docs,
        effect: Effect,
        word: &Node<'t>,
        mut parts: Peekable<impl Iterator<Item = Node<'t>>>,
    ) -> Statement {
        let before = self.diagnostics.len();
        let effect_span = self.span(word);
        let actions = match parts.next_if(|part| part.as_rule() == Rule::choice_of_actions) {
            Some(part) => self.actions(part),
            None => self.missing_actions(effect_span, word.as_str(), parts.peek()),
        };
        let mut choices = [None, None];
        let mut tests = Vec::new();
        let mut text: Option<Expr> = None;
        let mut seen: [Option<Span>; PARTS.len()] = [None; PARTS.len()];
        let mut last = actions.value.span;
        let mut end = effect_span.to(last);
        for part in parts {
            let place = self.span(&part);
            let index = match part.as_rule() {
                Rule::string => {
                    if text.is_some() && self.diagnostics.len() == before {
                        self.report(errors::unexpected(place, part.as_str()));
                    }
                    text = Some(self.operand(part));
                    end = end.to(place);
                    continue;
                }
                Rule::junk => {
                    let is_told = self.diagnostics.len() > before;
                    if !self.joined_text(last, place) && !is_told {
                        self.report(errors::unexpected_in_statement(place, part.as_str().trim_end()));
                    }
                    end = end.to(place);
                    continue;
                }
                Rule::on_part => 0,
                Rule::from_part => 1,
                _ => 2,
            };
            let word = PARTS.get(index).copied().unwrap_or_default();
            let keyword = Span { end: place.start + u32::try_from(word.len()).unwrap_or(0), ..place };
            self.check_order(&seen, index, keyword, text.as_ref());
            if let Some(seen) = seen.get_mut(index) {
                seen.get_or_insert(keyword);
            }
            if let Some(choice) = choices.get_mut(index) {
                let found = self.choice(part, keyword, word);
                last = found.value.span;
                choice.get_or_insert(found);
            } else {
                let mut found = self.tests(part, keyword);
                last = found.last().and_then(|test| test.value.as_ref()).map_or(last, |value| value.span);
                tests.append(&mut found);
            }
            end = end.to(last).to(tests.last().map_or(last, |test: &Test| test.span));
        }
        let [resources, principals] = choices;
        let span = effect_span.to(end);
        let is_broken = self.diagnostics.len() > before;
        Statement { docs, effect, effect_span, actions, resources, principals, tests, text, is_broken, span }
    }

    fn effect(&mut self, node: &Node<'t>) -> Effect {
        let word = node.as_str();
        if word.starts_with(|c: char| c.is_ascii_uppercase()) {
            self.report(errors::capital_effect(self.span(node), word));
        }
        if word.eq_ignore_ascii_case("deny") { Effect::Deny } else { Effect::Allow }
    }

    /// Reports a part that was there before, or that stands behind one that it belongs before.
    fn check_order(&mut self, seen: &[Option<Span>; 3], index: usize, keyword: Span, text: Option<&Expr>) {
        let word = |index: usize| PARTS.get(index).copied().unwrap_or_default();
        let later = (index + 1..PARTS.len()).find(|later| seen.get(*later).is_some_and(Option::is_some));
        if let Some(first) = seen.get(index).copied().flatten() {
            self.report(errors::part_twice(keyword, word(index), first));
        } else if let Some(later) = later {
            self.report(errors::part_too_late(keyword, word(index), word(later)));
        } else if let Some(text) = text {
            self.report(errors::text_not_last(text.span));
        }
    }

    /// Reports that there are no actions behind a word.
    fn missing_actions(&mut self, place: Span, word: &str, next: Option<&Node<'t>>) -> Choice {
        let found = match next.filter(|next| next.as_rule() == Rule::junk) {
            Some(junk) => errors::not_an_action(self.span(junk), junk.as_str().trim_end()),
            None => errors::no_actions(place, word),
        };
        self.report(found);
        Choice { not: None, value: error_value(place) }
    }

    /// Reports text that goes on behind a word or number without a blank, which has to be in quotes.
    fn joined_text(&mut self, before: Span, junk: Span) -> bool {
        if before.end != junk.start || before.start == before.end {
            return false;
        }
        let text = |span: Span| self.original.get(span.range()).unwrap_or("");
        let start = text(Span { start: 0, ..before });
        let start = start.len() - start.trim_end_matches(|c: char| !is_edge(c)).len();
        let length = text(junk).find(is_edge).unwrap_or(text(junk).len());
        let place = Span {
            start: before.end - u32::try_from(start).unwrap_or(0),
            end: junk.start + u32::try_from(length).unwrap_or(0),
            ..before
        };
        let whole = text(place).to_owned();
        let is_one = length > 0 && start > 0 && !whole.contains(['"', '\\', '$']);
        if is_one {
            self.report(if whole.starts_with("arn:") {
                errors::unquoted_arn(place, &whole)
            } else {
                errors::unquoted_value(place, &whole)
            });
        }
        is_one
    }

    /// `not [iam:Get*, iam:List*]`
    fn actions(&mut self, node: Node<'t>) -> Choice {
        let mut not = None;
        let mut value = None;
        for part in inner(node) {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::not_word => not = Some(span),
                Rule::action_list => {
                    let items = self.policy_list(part, Self::action, errors::not_an_action);
                    value = Some(Expr { kind: ExprKind::List(items), span });
                }
                _ => value = Some(self.action(part)),
            }
        }
        let value = value.unwrap_or_else(|| {
            let place = not.unwrap_or_default();
            self.report(errors::no_actions(place, "not"));
            error_value(place)
        });
        Choice { not, value }
    }

    fn action(&mut self, node: Node<'t>) -> Expr {
        match node.as_rule() {
            Rule::action => Expr { kind: ExprKind::Name(node.as_str().to_owned()), span: self.span(&node) },
            _ => self.operand(node),
        }
    }

    /// The items of a list, of which each is made by `item`; `wrong` reports what is none.
    fn policy_list(
        &mut self,
        node: Node<'t>,
        item: impl Fn(&mut Self, Node<'t>) -> Expr,
        wrong: impl Fn(Span, &str) -> crate::Diagnostic,
    ) -> Vec<Expr> {
        let whole = self.span(&node);
        let mut items: Vec<Expr> = Vec::new();
        let mut end = None;
        let mut told = self.diagnostics.len();
        for part in inner(node) {
            let (place, stretch) = (self.span(&part), part.as_span());
            let follows = end.is_some_and(|end| !self.apart(end, stretch.start()));
            end = Some(stretch.end());
            match part.as_rule() {
                Rule::doc => {}
                Rule::junk => {
                    let before = items.last().map_or(place, |last| last.span);
                    if follows && told == self.diagnostics.len() && !self.joined_text(before, place) {
                        self.report(errors::unexpected(place, part.as_str()));
                    } else if !follows {
                        self.report(wrong(place, part.as_str()));
                        items.push(Expr { kind: ExprKind::Error, span: place });
                    }
                    if let Some(last) = items.last_mut() {
                        last.kind = ExprKind::Error;
                    }
                }
                _ => {
                    told = self.diagnostics.len();
                    if follows {
                        let start = self.between(stretch.start(), stretch.start());
                        self.report(errors::missing_separator(start, part.as_str()));
                    }
                    let found = item(self, part);
                    items.push(found);
                }
            }
        }
        if items.is_empty() {
            self.report(wrong(whole, "[]"));
        }
        items
    }

    /// `on not [config, "arn:aws:s3:::logs"]`
    fn choice(&mut self, node: Node<'t>, keyword: Span, word: &str) -> Choice {
        let mut not = None;
        for part in inner(node) {
            match part.as_rule() {
                Rule::not_word => not = Some(self.span(&part)),
                Rule::thing | Rule::thing_list => return Choice { not, value: self.things(part, true) },
                _ => {}
            }
        }
        let (place, word) = not.map_or((keyword, word), |not| (not, "not"));
        self.report(errors::missing_value(place, word));
        Choice { not, value: error_value(place) }
    }

    /// One value, or a list. `*` is reported where `all` is meant.
    fn things(&mut self, node: Node<'t>, has_all: bool) -> Expr {
        let span = self.span(&node);
        if node.as_rule() == Rule::thing {
            return self.thing(node, has_all);
        }
        let items = self.policy_list(node, |builder, item| builder.thing(item, has_all), errors::not_a_value);
        Expr { kind: ExprKind::List(items), span }
    }

    fn thing(&mut self, node: Node<'t>, has_all: bool) -> Expr {
        let span = self.span(&node);
        let mut parts = inner(node);
        let Some(first) = parts.next() else { return error_value(span) };
        if first.as_rule() == Rule::star {
            self.report(if has_all { errors::star_for_all(span) } else { errors::unquoted_value(span, "*") });
            return Expr { kind: ExprKind::Error, span };
        }
        let word = self.operand(first);
        let Some(argument) = parts.next() else { return word };
        let argument = self.operand(argument);
        let kind = match (word.kind, &argument.kind) {
            (_, ExprKind::Error) | (ExprKind::Error, _) => ExprKind::Error,
            (ExprKind::Name(text), _) => ExprKind::Phrase(Name { text, span: word.span }, Box::new(argument)),
            _ => {
                self.report(errors::unexpected(
                    argument.span,
                    self.original.get(argument.span.range()).unwrap_or(""),
                ));
                ExprKind::Error
            }
        };
        Expr { kind, span }
    }

    /// `when TEST and TEST`
    fn tests(&mut self, node: Node<'t>, keyword: Span) -> Vec<Test> {
        let mut tests = Vec::new();
        let mut after = (keyword, "when");
        for part in inner(node) {
            match part.as_rule() {
                Rule::test => tests.push(self.test(part)),
                Rule::joined => {
                    if tests.is_empty() {
                        tests.push(self.missing_test(after));
                    }
                    for part in inner(part) {
                        if part.as_rule() == Rule::test {
                            tests.push(self.test(part));
                        } else {
                            self.joint(&part);
                            after = (self.span(&part), part.as_str());
                        }
                    }
                }
                _ => {}
            }
        }
        let last = tests.last().map(|test| test.span);
        if last.is_none_or(|last| last.start < after.0.start) {
            tests.push(self.missing_test(after));
        }
        tests
    }

    /// `and`; others are reported.
    fn joint(&mut self, node: &Node<'t>) {
        match node.as_str() {
            "and" => {}
            "&&" => self.report(errors::foreign_joint(self.span(node), "&&")),
            _ => self.report(errors::joined_by_or(self.span(node))),
        }
    }

    /// Reports that there is no test behind a word.
    fn missing_test(&mut self, (place, word): (Span, &str)) -> Test {
        self.report(errors::no_test(place, word));
        broken_test(error_value(place), None)
    }

    /// `all of dynamodb:Attributes is ["id", "at"]`
    fn test(&mut self, node: Node<'t>) -> Test {
        let (whole, before) = (self.span(&node), self.diagnostics.len());
        let mut quantifier = None;
        let mut key = None;
        let mut operator = None;
        let (mut value, mut if_present) = (None, None);
        for part in inner(node) {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::quantifier => {
                    let text = part.as_str().split([' ', '\t']).next().unwrap_or_default().to_owned();
                    quantifier = Some(Name { text, span });
                }
                Rule::string | Rule::key => key = Some(self.key(part)),
                Rule::presence | Rule::operator => operator = Some(self.operator(&part)),
                Rule::if_present => {
                    if part.as_str() == "if" {
                        self.report(errors::if_without_present(span));
                    }
                    if_present = Some(span);
                }
                _ => value = Some(self.things(part, false)),
            }
        }
        let key = key.unwrap_or_else(|| error_value(whole));
        let Some(operator) = operator else {
            if self.diagnostics.len() == before {
                self.report(errors::no_operator(key.span));
            }
            return broken_test(key, quantifier);
        };
        let needs_value = !matches!(operator.text.as_str(), "exists" | "is absent");
        if needs_value && value.is_none() && self.diagnostics.len() == before {
            self.report(errors::missing_value(operator.span, &operator.text));
        }
        let value = value.or_else(|| needs_value.then(|| error_value(operator.span)));
        let end = if_present.or(value.as_ref().map(|value| value.span)).unwrap_or(operator.span);
        let span = quantifier.as_ref().map_or(key.span, |quantifier| quantifier.span).to(end);
        Test { quantifier, key, operator, value, if_present, span }
    }

    fn key(&mut self, node: Node<'t>) -> Expr {
        if node.as_rule() != Rule::key {
            return self.operand(node);
        }
        let (span, text) = (self.span(&node), node.as_str());
        let kind = if text.contains(':') {
            ExprKind::Name(text.to_owned())
        } else {
            self.report(errors::not_a_key(span, text));
            ExprKind::Error
        };
        Expr { kind, span }
    }

    /// The operator with one blank between its words.
    fn operator(&mut self, node: &Node<'t>) -> Name {
        let span = self.span(node);
        let text = node.as_str().split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let right = match text.as_str() {
            "=" | "==" => "is",
            "!=" | "not" => "is not",
            _ => return Name { text, span },
        };
        self.report(errors::foreign_operator(span, &text, right));
        Name { text: right.to_owned(), span }
    }
}

/// A test of which the key is all that could be read.
fn broken_test(key: Expr, quantifier: Option<Name>) -> Test {
    let value = Some(error_value(key.span));
    let operator = Name { text: "is".to_owned(), span: error_value(key.span).span };
    let span = quantifier.as_ref().map_or(key.span, |quantifier| quantifier.span.to(key.span));
    Test { quantifier, key, operator, value, if_present: None, span }
}

/// Whether a character ends a text that is not in quotes.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}' | '"')
}

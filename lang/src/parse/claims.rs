//! Claims of `expect` blocks.

use super::{Builder, Node, Rule, inner, separation::Separation};
use crate::{
    Span,
    ast::{Docs, Effect, Expectation, Expr, ExprKind, Name, Permitted},
    errors,
    foreign_syntax::{self, Place},
};

/// Words before the name of someone who makes requests, in claims.
const IDENTITIES: &[&str] = &["group", "role", "user"];

impl<'t> Builder<'t> {
    pub(super) fn claims(
        &mut self,
        node: Node<'t>,
        expectations: &mut Vec<Expectation>,
        permissions: &mut Vec<Permitted>,
    ) {
        let mut separation = Separation::default();
        for part in inner(node) {
            match part.as_rule() {
                Rule::claim => {
                    self.separated(&mut separation, &part);
                    if inner(part).any(|part| part.as_rule() == Rule::may) {
                        permissions.extend(self.permitted(part));
                    } else {
                        expectations.extend(self.claim(part));
                    }
                }
                Rule::junk => {
                    self.report(errors::expected_claim(self.span(&part)));
                    self.ipv6_in_claim(&part);
                }
                _ => {}
            }
        }
    }

    fn claim(&mut self, node: Node<'t>) -> Option<Expectation> {
        let mut read = Span { end: self.span(&node).start, ..self.span(&node) };
        let (mut from, mut can, mut to, mut port) = (None, None, None, None);
        for part in inner(node) {
            let span = self.span(&part);
            read = read.to(span);
            match part.as_rule() {
                Rule::verb => can = Some(!part.as_str().starts_with("cannot")),
                Rule::on_port => port = Some(self.on_port(part)),
                Rule::junk => {
                    self.report(errors::expected_claim(span));
                    self.ipv6_in_claim(&node);
                    return None;
                }
                _ if can.is_none() => from = Some(self.end_of_claim(part)),
                _ => to = Some(self.end_of_claim(part)),
            }
        }
        let (Some(from), Some(can), Some(to)) = (from, can, to) else {
            self.report(errors::expected_claim(read));
            return None;
        };
        let span = from.span.to(port.as_ref().map_or(to.span, |port: &Expr| port.span));
        Some(Expectation { from, can, to, port, span })
    }

    /// `role deployer cannot iam:* on all`
    fn permitted(&mut self, node: Node<'t>) -> Option<Permitted> {
        let mut parts = inner(node).peekable();
        let who = self.end_of_claim(parts.next()?);
        let may = parts.next()?;
        let may_span = self.span(&may);
        if !is_identity(&who) {
            let is_about_actions = parts.peek().is_some_and(|part| part.as_str().contains([':', '*']))
                && matches!(who.kind, ExprKind::Name(_) | ExprKind::Phrase(..) | ExprKind::List(_));
            if is_about_actions && !foreign_syntax::is_ipv6_in(node.as_str()) {
                self.report(errors::not_an_identity(who.span));
            } else {
                self.report(errors::expected_claim(may_span));
                self.ipv6_in_claim(&node);
            }
            return None;
        }
        let effect = if may.as_str() == "can" { Effect::Allow } else { Effect::Deny };
        let what = self.statement_after(Docs::default(), effect, &may, parts);
        let span = who.span.to(what.span);
        Some(Permitted { who, what, span })
    }

    fn end_of_claim(&mut self, node: Node<'t>) -> Expr {
        if node.as_rule() != Rule::called_end {
            return self.operand(node);
        }
        let mut parts = inner(node);
        let (Some(word), Some(name)) = (parts.next(), parts.next()) else { return self.operand(node) };
        let word = Name { text: word.as_str().to_owned(), span: self.span(&word) };
        let name = self.operand(name);
        Expr { span: word.span.to(name.span), kind: ExprKind::Phrase(word, Box::new(name)) }
    }

    /// Reports an IPv6 address in a broken claim in place of the claim, which was the last to be reported.
    fn ipv6_in_claim(&mut self, node: &Node<'t>) {
        let span = node.as_span();
        if foreign_syntax::is_ipv6_in(node.as_str()) {
            let told = self.diagnostics.len().saturating_sub(1);
            self.foreign_syntax(span.start()..span.end(), Place::Item, told);
        }
    }

    fn on_port(&mut self, node: Node<'t>) -> Expr {
        let start = node.as_span().start();
        let place = self.between(start, start + 1);
        let mut parts = inner(node);
        let Some(first) = parts.next() else {
            self.report(errors::expected_port(place));
            return Expr { kind: ExprKind::Error, span: place };
        };
        let port = self.operand(first);
        match parts.next() {
            Some(upto) => self.range(port, upto),
            None => port,
        }
    }
}

/// Whether an end names somebody who makes requests, or several of them.
fn is_identity(end: &Expr) -> bool {
    match &end.kind {
        ExprKind::Phrase(word, _) => IDENTITIES.contains(&word.text.as_str()),
        ExprKind::List(ends) => !ends.is_empty() && ends.iter().all(is_identity),
        _ => false,
    }
}

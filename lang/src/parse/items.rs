//! The top of a file.

use super::{Builder, Node, Rule, allows::Waiting, error_values::error_value, inner, separation::Separation};
use crate::{
    ast::{Expect, ExprKind, Item, Let, Member, Name, Use},
    errors,
};

impl<'t> Builder<'t> {
    /// The items among `nodes`.
    pub(super) fn items(&mut self, nodes: impl Iterator<Item = Node<'t>>, items: &mut Vec<Item>) {
        let mut lines = Vec::new();
        let mut allows = Waiting::default();
        let mut separation = Separation::default();
        let mut nodes = nodes.peekable();
        while let Some(node) = nodes.next() {
            match node.as_rule() {
                Rule::doc => {
                    lines.push(node);
                    continue;
                }
                Rule::allow => {
                    self.separated(&mut separation, &node);
                    separation = Separation::default();
                    self.allow(node, &mut allows);
                    continue;
                }
                _ => {}
            }
            self.separated(&mut separation, &node);
            self.cover(&mut allows, &node);
            if self.sectioned(&node) || self.indented(&node, &mut nodes) || self.dashed(&node) {
                lines.clear();
                continue;
            }
            let before = self.diagnostics.len();
            let item = match node.as_rule() {
                Rule::use_item => self.use_item(node).map(Item::Use),
                Rule::let_item => {
                    let mut found = self.let_item(node, &mut lines);
                    if let Some(found) = &mut found
                        && self.listed(&node, &mut nodes, before, &found.name.text, &found.value)
                    {
                        found.value.kind = ExprKind::Error;
                    }
                    found.map(Item::Let)
                }
                Rule::expect_item => self.expect(node).map(Item::Expect),
                Rule::moved_item => self.moved(node).map(Item::Moved),
                Rule::kind_item => self.kind(node, &mut lines).map(Item::Kind),
                Rule::entry => {
                    let item = self.entry(node, &mut lines).and_then(|member| self.top(member));
                    if let Some(Item::Decl(decl)) = &item
                        && decl.value.is_none()
                        && decl.body.span.start == decl.body.span.end
                    {
                        self.bare(&node, &mut nodes);
                    }
                    item
                }
                Rule::r#override => {
                    self.report(errors::override_outside(self.span(&node)));
                    None
                }
                Rule::statement => {
                    let found = self.statement(node, &mut lines).map(Member::Statement);
                    found.and_then(|found| self.top(found))
                }
                Rule::junk => {
                    self.report(errors::expected_declaration(self.span(&node), node.as_str()));
                    None
                }
                _ => None,
            };
            items.extend(item);
            lines.clear();
        }
        self.nothing_covered(&allows);
    }

    /// A member where a file has only declarations.
    fn top(&mut self, member: Member) -> Option<Item> {
        match member {
            Member::Decl(decl) => Some(Item::Decl(decl)),
            Member::Field(field) => {
                if field.value.kind != ExprKind::Error {
                    self.report(errors::field_outside(field.name.span, &field.name.text));
                }
                None
            }
            Member::Override(found) => {
                self.report(errors::override_outside(found.span));
                None
            }
            Member::Statement(found) => {
                self.report(errors::statement_outside(found.span));
                None
            }
        }
    }

    fn use_item(&mut self, node: Node<'t>) -> Option<Use> {
        let mut span = self.span(&node);
        let mut path = None;
        for part in inner(node) {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::use_word => span = place,
                Rule::path => path = Some(Name { text: part.as_str().to_owned(), span: place }),
                Rule::string => {
                    let text = part.as_str().trim_matches('"').to_owned();
                    path = Some(Name { text, span: place });
                }
                Rule::junk => {
                    let found = if path.is_some() {
                        errors::unexpected(place, part.as_str())
                    } else {
                        errors::expected_path(place)
                    };
                    self.report(found);
                    return path.map(|path| Use { span: span.to(path.span), path });
                }
                _ => {}
            }
        }
        if path.is_none() {
            self.report(errors::expected_path(span));
        }
        path.map(|path| Use { span: span.to(path.span), path })
    }

    fn let_item(&mut self, node: Node<'t>, lines: &mut Vec<Node<'t>>) -> Option<Let> {
        let docs = self.docs(lines);
        let mut span = self.span(&node);
        let (mut name, mut ty, mut op, mut value, mut junk) = (None, None, None, None, None);
        for part in inner(node) {
            match part.as_rule() {
                Rule::let_word => span = self.span(&part),
                Rule::word => name = Some(self.name(&part)),
                Rule::of_type => ty = Some(part),
                Rule::op => op = Some(part),
                Rule::value => value = Some(part),
                Rule::junk => junk = Some(part),
                _ => {}
            }
        }
        let Some(name) = name else {
            let place = junk.map_or(span, |junk| self.span(&junk));
            self.report(errors::let_without_name(place));
            return None;
        };
        let before = self.diagnostics.len();
        let colon = ty.as_ref().map(|ty| ty.as_span().start());
        let colon = colon.map(|at| self.between(at, at + 1));
        let ty = ty.and_then(|ty| self.of_type(ty));
        if let (true, None, Some(colon)) = (before < self.diagnostics.len(), &op, colon) {
            // `let office: 54.201.1.1/32`
            self.diagnostics.truncate(before);
            self.report(errors::colon_for_equals(colon, &name));
            return Some(Let {
                docs,
                span: span.to(name.span),
                value: error_value(name.span),
                name,
                ty: None,
            });
        }
        let value = if let Some(op) = op {
            self.assigned(&op, value, junk.as_ref())
        } else {
            let place = junk.as_ref().map_or(name.span, |junk| self.span(junk));
            self.report(errors::let_without_value(place, &name.text));
            error_value(name.span)
        };
        Some(Let { docs, span: span.to(value.span), name, ty, value })
    }

    fn expect(&mut self, node: Node<'t>) -> Option<Expect> {
        let mut span = self.span(&node);
        let (mut context, mut claims, mut junk) = (None, None, None);
        for part in inner(node) {
            match part.as_rule() {
                Rule::expect_word => span = self.span(&part),
                Rule::word => context = Some(self.word(&part)),
                Rule::claims => claims = Some(part),
                Rule::junk => junk = Some(part),
                _ => {}
            }
        }
        match (&context, &claims, &junk) {
            (None, ..) => {
                self.report(errors::expect_without_context(span));
                return None;
            }
            (Some(_), Some(_), None) => {}
            (Some(context), None, None) => self.report(errors::expected_block(context.span, "expect")),
            (Some(_), _, Some(junk)) => self.report(errors::unexpected(self.span(junk), junk.as_str())),
        }
        let context = context?;
        span = span.to(context.span);
        let (mut expectations, mut permissions) = (Vec::new(), Vec::new());
        if let Some(claims) = claims {
            span = span.to(self.span(&claims));
            self.claims(claims, &mut expectations, &mut permissions);
        }
        Some(Expect { context, expectations, permissions, span })
    }
}

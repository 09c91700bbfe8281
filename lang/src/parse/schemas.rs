//! The schemas of kinds, and types.

use super::{Builder, Node, Rule, inner, separation::Separation};
use crate::{
    Span,
    ast::{Attribute, Expr, ExprKind, FieldDecl, KindDecl, Name, TypeExpr, TypeKind},
    errors,
};

impl<'t> Builder<'t> {
    pub(super) fn kind(&mut self, node: Node<'t>, lines: &mut Vec<Node<'t>>) -> Option<KindDecl> {
        let docs = self.docs(lines);
        let mut span = self.span(&node);
        let (mut name, mut parents, mut schema, mut junk) = (None, Vec::new(), None, None);
        let mut attributes = Vec::new();
        for part in inner(node) {
            match part.as_rule() {
                Rule::kind_word => span = self.span(&part),
                Rule::word => name = Some(self.name(&part)),
                Rule::home => parents = self.home(part),
                Rule::attributes => attributes = self.attributes(part),
                Rule::schema => schema = Some(part),
                Rule::junk => junk = Some(part),
                _ => {}
            }
        }
        let Some(name) = name else {
            let place = junk.map_or(span, |junk| self.span(&junk));
            self.report(errors::kind_without_name(place));
            return None;
        };
        match (&schema, &junk) {
            (_, Some(junk)) => self.report(errors::unexpected(self.span(junk), junk.as_str())),
            (None, None) => self.report(errors::expected_block(name.span, "kind")),
            (Some(_), None) => {}
        }
        let last_word = attributes.last().map(|last| last.arguments.last().unwrap_or(&last.name));
        span = span.to(last_word.or(parents.last()).unwrap_or(&name).span);
        let fields = schema.map_or_else(Vec::new, |schema| {
            span = span.to(self.span(&schema));
            self.properties(schema)
        });
        Some(KindDecl { docs, name, parents, attributes, fields, span })
    }

    fn home(&mut self, node: Node<'t>) -> Vec<Name> {
        let place = self.span(&node);
        let parents: Vec<Name> =
            inner(node).filter(|part| part.as_rule() == Rule::word).map(|part| self.word(&part)).collect();
        if parents.is_empty() {
            self.report(errors::expected_kinds(Span { end: place.start + 2, ..place }));
        }
        parents
    }

    fn attributes(&mut self, node: Node<'t>) -> Vec<Attribute> {
        let place = self.span(&node);
        let mut attributes = Vec::new();
        for part in inner(node).filter(|part| part.as_rule() == Rule::attribute) {
            let mut words = inner(part).map(|word| self.word(&word));
            let Some(name) = words.next() else { continue };
            attributes.push(Attribute { name, arguments: words.collect() });
        }
        if attributes.is_empty() {
            self.report(errors::expected_attributes(Span { end: place.start + 1, ..place }));
        }
        attributes
    }

    fn properties(&mut self, node: Node<'t>) -> Vec<FieldDecl> {
        let mut fields = Vec::new();
        let mut lines = Vec::new();
        let mut separation = Separation::default();
        for part in inner(node) {
            match part.as_rule() {
                Rule::doc => lines.push(part),
                Rule::property => {
                    self.separated(&mut separation, &part);
                    fields.extend(self.property(part, &mut lines));
                }
                Rule::junk => {
                    self.report(errors::expected_property(self.span(&part)));
                    lines.clear();
                }
                _ => {}
            }
        }
        fields
    }

    fn property(&mut self, node: Node<'t>, lines: &mut Vec<Node<'t>>) -> Option<FieldDecl> {
        let docs = self.docs(lines);
        let before = self.diagnostics.len();
        let (mut name, mut ty, mut op, mut value, mut bounds) = (None, None, None, None, None);
        let mut junk = None;
        for part in inner(node) {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                Rule::of_type => ty = Some(part),
                Rule::op => op = Some(part),
                Rule::value => value = Some(part),
                Rule::bounds => bounds = Some(part),
                Rule::junk => junk = Some(part),
                _ => {}
            }
        }
        let name = name?;
        let Some(ty) = ty else {
            self.report(errors::property_without_type(name.span, &name.text));
            return None;
        };
        let ty = self.of_type(ty);
        let default = op.map(|op| self.assigned(&op, value, junk.as_ref().filter(|_| bounds.is_none())));
        let bounds = bounds.map(|bounds| self.bounds(bounds));
        if let Some(junk) = junk.filter(|_| self.diagnostics.len() == before) {
            self.report(errors::unexpected(self.span(&junk), junk.as_str()));
        }
        let ty = ty?;
        let end = [default.as_ref(), bounds.as_ref()]
            .into_iter()
            .flatten()
            .last()
            .map_or(ty.span, |last| last.span);
        let span = name.span.to(end);
        Some(FieldDecl { docs, name, ty, default, bounds, span })
    }

    fn bounds(&mut self, node: Node<'t>) -> Expr {
        let mut place = self.span(&node);
        for part in inner(node) {
            match part.as_rule() {
                Rule::value => return self.value(part),
                _ => place = self.span(&part),
            }
        }
        self.report(errors::missing_value(place, "where"));
        Expr { kind: ExprKind::Error, span: place }
    }

    /// `: TYPE`
    pub(super) fn of_type(&mut self, node: Node<'t>) -> Option<TypeExpr> {
        let start = node.as_span().start();
        let colon = self.between(start, start + 1);
        let ty = inner(node).next();
        if ty.is_none() {
            self.report(errors::expected_type(colon));
        }
        self.type_expr(ty?)
    }

    fn type_expr(&mut self, node: Node<'t>) -> Option<TypeExpr> {
        let mut found: Option<TypeExpr> = None;
        for part in inner(node) {
            let span = self.span(&part);
            let kind = match part.as_rule() {
                Rule::word => TypeKind::Named(part.as_str().to_owned()),
                Rule::list_type => TypeKind::List(Box::new(self.list_type(part, span)?)),
                Rule::enum_type => TypeKind::Enum(self.variants(part, span)),
                _ => {
                    found = found.map(|inner| TypeExpr {
                        span: inner.span.to(span),
                        kind: TypeKind::Optional(Box::new(inner)),
                    });
                    continue;
                }
            };
            found = Some(TypeExpr { kind, span });
        }
        found
    }

    fn list_type(&mut self, node: Node<'t>, place: Span) -> Option<TypeExpr> {
        let mut found = None;
        for part in inner(node) {
            if part.as_rule() == Rule::r#type {
                found = Some(self.type_expr(part)?);
            } else {
                self.report(errors::unexpected(self.span(&part), part.as_str()));
                return found;
            }
        }
        if found.is_none() {
            self.report(errors::expected_type(place));
        }
        found
    }

    fn variants(&mut self, node: Node<'t>, place: Span) -> Vec<Name> {
        let mut variants = Vec::new();
        let before = self.diagnostics.len();
        for part in inner(node) {
            match part.as_rule() {
                Rule::word => variants.push(self.word(&part)),
                Rule::junk => self.report(errors::expected_name(self.span(&part), part.as_str())),
                _ => {}
            }
        }
        if variants.is_empty() && self.diagnostics.len() == before {
            self.report(errors::expected_name(place, "}"));
        }
        variants
    }
}

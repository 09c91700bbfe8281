//! What stands between braces: fields, declarations and overrides.

use super::{Builder, Node, Rule, allows::Waiting, inner, separation::Separation, values::nothing};
use crate::{
    Span,
    ast::{Body, Context, Decl, Docs, Expr, ExprKind, Member, Name, Op, Override, Setting},
    errors,
};

/// An entry taken apart: which of these are there decides what it is.
#[derive(Default)]
struct Parts<'t> {
    words: [Option<Name>; 3],
    context: Option<Context>,
    parent: Option<Node<'t>>,
    op: Option<Node<'t>>,
    value: Option<Node<'t>>,
    body: Option<Node<'t>>,
    junk: Option<Node<'t>>,
}

/// The words of a declaration by what they are.
struct Header {
    replace: Option<Span>,
    kind: Name,
    name: Option<Name>,
    /// A word too many.
    extra: Option<Name>,
}

impl<'t> Builder<'t> {
    pub(super) fn body(&mut self, node: Node<'t>) -> Body {
        let span = self.span(&node);
        let mut members = Vec::new();
        let mut lines = Vec::new();
        let mut allows = Waiting::default();
        let mut separation = Separation::default();
        for part in inner(node) {
            match part.as_rule() {
                Rule::doc => {
                    lines.push(part);
                    continue;
                }
                Rule::allow => {
                    self.separated(&mut separation, &part);
                    separation = Separation::default();
                    self.allow(part, &mut allows);
                    continue;
                }
                _ => {}
            }
            self.separated(&mut separation, &part);
            self.cover(&mut allows, &part);
            let member = match part.as_rule() {
                Rule::entry => self.entry(part, &mut lines),
                Rule::r#override => self.r#override(part).map(Member::Override),
                Rule::junk => {
                    self.report(errors::expected_member(self.span(&part), part.as_str()));
                    None
                }
                _ => None,
            };
            members.extend(member);
            lines.clear();
        }
        self.nothing_covered(&allows);
        Body { members, span }
    }

    /// A field or a declaration.
    pub(super) fn entry(&mut self, node: Node<'t>, lines: &mut Vec<Node<'t>>) -> Option<Member> {
        let docs = self.docs(lines);
        let mut parts = Parts::default();
        for part in inner(node) {
            match part.as_rule() {
                Rule::word => {
                    if let Some(free) = parts.words.iter_mut().find(|word| word.is_none()) {
                        *free = Some(self.word(&part));
                    }
                }
                Rule::context => parts.context = Some(self.context(part)),
                Rule::parent => parts.parent = Some(part),
                Rule::op => parts.op = Some(part),
                Rule::value => parts.value = Some(part),
                Rule::body => parts.body = Some(part),
                Rule::junk => parts.junk = Some(part),
                _ => {}
            }
        }
        let [first, second, third] = std::mem::take(&mut parts.words);
        let first = first?;
        let Some(second) = second else { return self.one_word(first, docs, parts) };
        if matches!(first.text.as_str(), "use" | "let" | "expect" | "kind") {
            self.report(errors::not_at_top(first.span, &first.text));
            return None;
        }
        let header = match first.text.as_str() {
            "replace" => Header { replace: Some(first.span), kind: second, name: third, extra: None },
            _ => Header { replace: None, kind: first, name: Some(second), extra: third },
        };
        Some(Member::Decl(self.declaration(docs, header, parts)))
    }

    /// An entry that begins with one word: a field, or a block without a name.
    fn one_word(&mut self, word: Name, docs: Docs, mut parts: Parts<'t>) -> Option<Member> {
        if parts.op.is_some() && parts.parent.is_none() {
            return self.setting(word, docs, parts).map(Member::Field);
        }
        if parts.body.is_some() {
            let header = Header { replace: None, kind: word, name: None, extra: None };
            return Some(Member::Decl(self.declaration(docs, header, parts)));
        }
        let junk = parts.junk.as_ref().map(|junk| (self.span(junk), junk.as_str()));
        let found = match (&parts.parent, junk) {
            (Some(parent), _) => {
                let start = parent.as_span().start();
                errors::colon_for_equals(self.between(start, start + 1), &word)
            }
            (None, Some((span, text))) if text.contains('{') => {
                let name = text.split([' ', '\t', '{']).next().unwrap_or("");
                let end = span.start + u32::try_from(name.len()).unwrap_or(u32::MAX);
                self.report(errors::expected_name(Span { end, ..span }, name));
                return None;
            }
            (None, Some((span, text))) => errors::missing_equals(span, text, &word),
            (None, None) => {
                self.report(errors::lone_word(word.span, &word.text));
                return None;
            }
        };
        self.report(found);
        let value = nothing(word.span);
        let span = word.span;
        Some(Member::Field(Setting {
            docs,
            name: word,
            context: parts.context.take(),
            op: Op::Set,
            value,
            span,
        }))
    }

    fn setting(&mut self, name: Name, docs: Docs, parts: Parts<'t>) -> Option<Setting> {
        self.check_name(&name);
        let op = parts.op?;
        let value = self.assigned(&op, parts.value, parts.junk.as_ref());
        let kind = if op.as_str() == "+=" { Op::Append } else { Op::Set };
        let span = name.span.to(value.span);
        Some(Setting { docs, name, context: parts.context, op: kind, value, span })
    }

    /// The value after `=`; `junk` is what follows it and should not.
    pub(super) fn assigned(
        &mut self,
        op: &Node<'t>,
        value: Option<Node<'t>>,
        junk: Option<&Node<'t>>,
    ) -> Expr {
        let op_span = self.span(op);
        if op.as_str() == "==" {
            self.report(errors::double_equals(op_span));
        }
        let junk = junk.map(|junk| (self.span(junk), junk.as_str()));
        let Some(value) = value else {
            let found = match junk {
                Some((span, text)) => errors::not_a_value(span, text),
                None => errors::missing_value(op_span, op.as_str()),
            };
            self.report(found);
            return nothing(op_span);
        };
        let mut value = self.value(value);
        if let Some((span, text)) = junk {
            if value.kind != ExprKind::Error {
                self.report(errors::unexpected(span, text));
            }
            value.kind = ExprKind::Error;
        }
        value
    }

    fn declaration(&mut self, docs: Docs, header: Header, parts: Parts<'t>) -> Decl {
        let Header { replace, kind, name, extra } = header;
        let mut broken = false;
        let mut complain = |builder: &mut Self, found| {
            if !std::mem::replace(&mut broken, true) {
                builder.report(found);
            }
        };
        if let Some(name) = &name {
            self.check_name(name);
        }
        let mut span = replace.unwrap_or(kind.span).to(name.as_ref().unwrap_or(&kind).span);
        let mut parent = None;
        if let Some(node) = parts.parent {
            let start = node.as_span().start();
            let colon = self.between(start, start + 1);
            parent = inner(node).next().map(|word| self.word(&word));
            if parent.is_none() && parts.junk.is_none() {
                complain(self, errors::missing_parent(colon));
            }
        }
        if let Some(extra) = extra {
            complain(self, errors::colon_before_parent(extra.span, &extra.text));
            parent = parent.or(Some(extra));
        }
        if let Some(context) = &parts.context {
            complain(self, errors::context_on_declaration(context.span));
        }
        if let Some(parent) = &parent {
            span = span.to(parent.span);
        }
        let mut value = None;
        let mut body = Body { members: Vec::new(), span: Span { start: span.end, ..span } };
        if let Some(op) = parts.op {
            if op.as_str() == "+=" {
                complain(self, errors::append_on_declaration(self.span(&op)));
            }
            let found = self.assigned(&op, parts.value, parts.junk.as_ref());
            span = span.to(found.span);
            value = Some(found);
        } else if let Some(junk) = parts.junk {
            let place = self.span(&junk);
            complain(self, errors::unexpected(place, junk.as_str()));
        }
        if let Some(node) = parts.body {
            body = self.body(node);
            span = span.to(body.span);
        }
        Decl { docs, replace, kind, name, parent, value, body, span }
    }

    fn r#override(&mut self, node: Node<'t>) -> Option<Override> {
        let before = self.diagnostics.len();
        let (mut context, mut body, mut junk) = (None, None, None);
        for part in inner(node) {
            match part.as_rule() {
                Rule::context => context = Some(self.context(part)),
                Rule::body => body = Some(part),
                Rule::junk => junk = Some(part),
                _ => {}
            }
        }
        let context = context?;
        let Some(body) = body else {
            if self.diagnostics.len() == before {
                self.report(errors::expected_block(context.span, "@…"));
            }
            return None;
        };
        if let Some(junk) = junk {
            self.report(errors::unexpected(self.span(&junk), junk.as_str()));
        }
        let body = self.body(body);
        let span = context.span.to(body.span);
        Some(Override { context, body, span })
    }

    /// `{ name = value, … }` as a value: fields only.
    pub(super) fn record(&mut self, node: Node<'t>) -> Vec<Setting> {
        let mut settings = Vec::new();
        for member in self.body(node).members {
            match member {
                Member::Field(setting) => settings.push(setting),
                Member::Decl(decl) => self.report(errors::not_in_record(decl.kind.span)),
                Member::Override(found) => self.report(errors::not_in_record(found.context.span)),
            }
        }
        settings
    }
}

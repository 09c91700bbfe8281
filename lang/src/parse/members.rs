//! The content of braces: fields, declarations, overrides and statements.

use std::iter::Peekable;

use super::{
    Braces, Builder, Node, Rule, allows::Waiting, error_values::error_value, inner, separation::Separation,
};
use crate::{
    Span,
    ast::{Body, Context, Decl, Docs, Expr, ExprKind, Member, Name, Op, Override, Setting},
    errors,
    foreign_syntax::Place,
};

/// The parts of an entry. Their presence decides which member it is.
#[derive(Default)]
pub(super) struct Parts<'t> {
    words: [Option<Word>; 4],
    pub(super) context: Option<Context>,
    parent: Option<Node<'t>>,
    pub(super) op: Option<Node<'t>>,
    pub(super) value: Option<Node<'t>>,
    body: Option<Node<'t>>,
    pub(super) junk: Option<Node<'t>>,
}

/// A word of an entry, and whether it is quoted.
struct Word {
    name: Name,
    is_quoted: bool,
}

/// The words of a declaration by their role.
struct Header {
    replace: Option<Span>,
    kind: Name,
    name: Option<Name>,
    /// A surplus word, and the word after it.
    extra: Option<Name>,
    last: Option<Name>,
}

impl<'t> Builder<'t> {
    pub(super) fn body(&mut self, node: Node<'t>) -> Body {
        let span = self.span(&node);
        let mut members = Vec::new();
        let mut lines = Vec::new();
        let mut allows = Waiting::default();
        let mut separation = Separation::default();
        let mut parts = inner(node).peekable();
        while let Some(part) = parts.next() {
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
            if self.indented(&part, &mut parts) || self.dashed(&part) {
                // The apparent offset in the field before was the first item of a list.
                if let Some(Member::Field(field)) = members.last_mut()
                    && matches!(field.value.kind, ExprKind::Offset(_))
                {
                    field.value.kind = ExprKind::Error;
                }
                lines.clear();
                continue;
            }
            let before = self.diagnostics.len();
            let member = match part.as_rule() {
                Rule::entry => {
                    let member = self.entry(part, &mut lines);
                    self.unbracketed(&part, &mut parts, before, member)
                }
                Rule::pair if self.braces == Braces::Record => self.pair(part, &mut lines),
                Rule::r#override => self.r#override(part).map(Member::Override),
                Rule::statement => self.statement(part, &mut lines).map(Member::Statement),
                Rule::pair | Rule::junk => self.quoted_member(&part),
                _ => None,
            };
            members.extend(member);
            lines.clear();
        }
        self.nothing_covered(&allows);
        Body { members, span }
    }

    /// A field with what follows it on its line and was meant to be part of its value.
    fn unbracketed(
        &mut self,
        node: &Node<'t>,
        rest: &mut Peekable<impl Iterator<Item = Node<'t>>>,
        before: usize,
        member: Option<Member>,
    ) -> Option<Member> {
        let Some(Member::Field(mut field)) = member else { return member };
        if self.listed(node, rest, before, &field.name.text, &field.value) {
            field.value.kind = ExprKind::Error;
        }
        Some(Member::Field(field))
    }

    /// A field or a declaration.
    pub(super) fn entry(&mut self, node: Node<'t>, lines: &mut Vec<Node<'t>>) -> Option<Member> {
        let docs = self.docs(lines);
        let mut parts = Parts::default();
        for part in inner(node) {
            match part.as_rule() {
                Rule::word | Rule::string => {
                    if let Some(free) = parts.words.iter_mut().find(|word| word.is_none()) {
                        let is_quoted = part.as_rule() == Rule::string;
                        *free = Some(Word { name: self.word(&part), is_quoted });
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
        let [first, second, third, last] = std::mem::take(&mut parts.words);
        let first = first?.name;
        if parts.op.is_none() && foreign_word(&first.text, parts.body.is_some()) {
            let of_aws = second
                .as_ref()
                .filter(|second| second.is_quoted)
                .map(|second| second.name.text.trim_matches('"'));
            self.report(errors::foreign_block(first.span, &first.text, of_aws));
            return None;
        }
        let Some(second) = second else { return self.one_word(first, docs, parts) };
        if second.is_quoted && parts.body.is_none() && parts.parent.is_none() && parts.op.is_none() {
            self.report(errors::missing_equals(second.name.span, &second.name.text, &first));
            return Some(Member::Field(broken_field(first, docs, parts.context)));
        }
        if matches!(first.text.as_str(), "use" | "let" | "expect" | "moved" | "kind") {
            self.report(errors::not_at_top(first.span, &first.text));
            return None;
        }
        if matches!(first.text.as_str(), "var" | "const" | "local" | "variable") && parts.op.is_some() {
            self.report(errors::let_by_another_name(first.span, &first.text));
            return None;
        }
        let second = self.unquoted(second)?;
        let third = match third {
            Some(third) => Some(self.unquoted(third)?),
            None => None,
        };
        let last = last.map(|last| last.name);
        let header = match first.text.as_str() {
            "replace" => {
                Header { replace: Some(first.span), kind: second, name: third, extra: last, last: None }
            }
            _ => Header { replace: None, kind: first, name: Some(second), extra: third, last },
        };
        Some(Member::Decl(self.declaration(docs, header, &parts)))
    }

    /// A name, whose quotes are reported; nothing where it is no name without them.
    fn unquoted(&mut self, word: Word) -> Option<Name> {
        if !word.is_quoted {
            return Some(word.name);
        }
        let Name { text, span } = word.name;
        self.report(errors::expected_name(span, &text));
        errors::as_word(text.trim_matches('"')).map(|text| Name { text: text.to_owned(), span })
    }

    /// An entry that begins with one word: a field, or a block without a name.
    fn one_word(&mut self, word: Name, docs: Docs, mut parts: Parts<'t>) -> Option<Member> {
        if parts.op.is_some() && parts.parent.is_none() {
            return self.setting(word, docs, parts).map(Member::Field);
        }
        // `tags: { owner = "ops" }`
        if parts.body.is_some()
            && let Some(parent) = &parts.parent
            && parent.as_str().starts_with(':')
            && inner(*parent).next().is_none()
        {
            let start = parent.as_span().start();
            self.report(errors::colon_before_braces(self.between(start, start + 1), &word.text));
            return None;
        }
        if parts.body.is_some() {
            let mut name = None;
            // `env: ci { … }`
            if let Some(parent) = parts.parent.take_if(|parent| self.touches(word.span, parent)) {
                let start = parent.as_span().start();
                self.report(errors::colon_after_kind(self.between(start, start + 1), &word.text));
                name = inner(parent).next().filter(|name| name.as_rule() == Rule::word);
            }
            let name = name.map(|name| self.word(&name));
            let header = Header { replace: None, kind: word, name, extra: None, last: None };
            return Some(Member::Decl(self.declaration(docs, header, &parts)));
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
        Some(Member::Field(broken_field(word, docs, parts.context.take())))
    }

    /// Whether a node follows a place without a blank.
    fn touches(&self, before: Span, node: &Node<'t>) -> bool {
        self.span(node).start == before.end
    }

    fn setting(&mut self, name: Name, docs: Docs, parts: Parts<'t>) -> Option<Setting> {
        match self.braces {
            Braces::Record if name.text.contains('.') => self.report(errors::unquoted_key(&name)),
            Braces::Record | Braces::Body => self.check_name(&name),
        }
        self.set(name, docs, parts)
    }

    pub(super) fn set(&mut self, name: Name, docs: Docs, parts: Parts<'t>) -> Option<Setting> {
        let op = parts.op?;
        if let Some(body) = &parts.body {
            self.report(errors::unexpected(self.span(body), body.as_str()));
        }
        let is_outside = std::mem::replace(&mut self.is_of_listeners, name.text == "listeners");
        let value = self.assigned(&op, parts.value, parts.junk.as_ref());
        self.is_of_listeners = is_outside;
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
        let before = self.diagnostics.len();
        if !matches!(op.as_str(), "=" | "+=") {
            self.report(errors::double_equals(op_span, op.as_str()));
        }
        let told = self.diagnostics.len();
        let start = value.as_ref().or(junk).map_or(op.as_span().end(), |node| node.as_span().start());
        let end = junk.or(value.as_ref()).map_or(start, |node| node.as_span().end());
        let junk = junk.map(|junk| (self.span(junk), junk.as_str()));
        if self.dashes_follow(op.as_span().end(), start) {
            self.diagnostics.truncate(before);
            self.report(errors::dashed_items(self.between(start, start + 1)));
            return error_value(op_span);
        }
        let Some(value) = value else {
            if !self.foreign_syntax(start..end, Place::Alone, told) {
                let found = match junk {
                    Some((span, text)) => errors::not_a_value(span, text),
                    None => errors::missing_value(op_span, op.as_str()),
                };
                self.report(found);
            }
            return error_value(op_span);
        };
        let mut value = self.value(value);
        if let Some((span, text)) = junk {
            if value.kind != ExprKind::Error {
                self.report(errors::unexpected(span, text));
            }
            value.kind = ExprKind::Error;
        }
        if told < self.diagnostics.len() && self.foreign_syntax(start..end, Place::Alone, told) {
            value.kind = ExprKind::Error;
        }
        value
    }

    fn declaration(&mut self, docs: Docs, header: Header, parts: &Parts<'t>) -> Decl {
        let Header { replace, kind, name, extra, last } = header;
        let mut broken = false;
        let mut complain = |builder: &mut Self, found| {
            if !std::mem::replace(&mut broken, true) {
                builder.report(found);
            }
        };
        // Names of services may have dots; the compiler says which it knows.
        if let Some(name) = name.as_ref().filter(|_| kind.text != "endpoint") {
            self.check_name(name);
        }
        let mut span = replace.unwrap_or(kind.span).to(name.as_ref().unwrap_or(&kind).span);
        let mut parent = None;
        if let Some(node) = parts.parent {
            let start = node.as_span().start();
            let marks = self.span(&node);
            let text = node.as_str();
            let called = inner(node).next();
            parent = called.as_ref().map(|word| self.word(word));
            if let Some(found) = parent.as_mut().filter(|found| found.text.starts_with('"')) {
                complain(self, errors::expected_name(found.span, &found.text));
                found.text = found.text.trim_matches('"').to_owned();
            }
            match &parent {
                Some(parent) if !text.starts_with(':') => {
                    complain(self, errors::marks_around_parent(marks, text, &parent.text));
                }
                None if parts.junk.is_none() => {
                    complain(self, errors::missing_parent(self.between(start, start + 1)));
                }
                Some(_) | None => {}
            }
        }
        match (extra, last) {
            (Some(extra), Some(last)) if parent.is_none() => {
                complain(self, errors::word_before_parent(extra.span, &extra.text, &last.text));
                parent = Some(last);
            }
            (Some(extra), _) => {
                complain(self, errors::colon_before_parent(extra.span, &extra.text));
                parent = parent.or(Some(extra));
            }
            (None, _) => {}
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
            let named = parts.value.as_ref().filter(|_| parts.body.is_some());
            let named = named.and_then(|value| Some((errors::as_word(value.as_str().trim())?, value)));
            if let Some((text, node)) = named {
                complain(self, errors::word_before_parent(self.span(&op), op.as_str(), text));
                let place = self.span(node);
                let end = place.start + u32::try_from(text.len()).unwrap_or(0);
                parent = parent.or(Some(Name { text: text.to_owned(), span: Span { end, ..place } }));
            } else {
                let found = self.assigned(&op, parts.value, parts.junk.as_ref());
                span = span.to(found.span);
                value = Some(found);
            }
        } else if let Some(junk) = parts.junk {
            let place = self.span(&junk);
            let touched = name.as_ref().filter(|name| name.span.end == place.start);
            complain(
                self,
                match touched.filter(|_| junk.as_str().starts_with(['-', '.'])) {
                    Some(name) => errors::unfinished_name(place, &name.text, junk.as_str()),
                    None => errors::unexpected(place, junk.as_str()),
                },
            );
        }
        if let Some(node) = parts.body {
            body = self.members(node);
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
        let body = self.members(body);
        let span = context.span.to(body.span);
        Some(Override { context, body, span })
    }
}

/// A field whose value is broken, and has been reported.
pub(super) fn broken_field(name: Name, docs: Docs, context: Option<Context>) -> Setting {
    let span = name.span;
    Setting { docs, name, context, op: Op::Set, value: error_value(span), span }
}

/// Whether a declaration that begins with a word comes from another language.
fn foreign_word(word: &str, has_body: bool) -> bool {
    match word {
        "resource" | "variable" | "provider" | "output" | "data" | "locals" | "terraform" | "module"
        | "for" | "foreach" | "while" | "if" | "switch" | "class" | "def" | "function" | "func" | "fn" => {
            has_body
        }
        "import" | "include" => true,
        _ => false,
    }
}

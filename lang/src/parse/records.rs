//! Records as values, whose fields may have names in quotes.

use super::{
    Braces, Builder, Node, Rule, inner,
    members::{Parts, broken_field},
};
use crate::{
    Span,
    ast::{Body, Docs, ExprKind, Member, Name, Setting, StringPart},
    errors,
};

impl<'t> Builder<'t> {
    /// The members of a declaration or an override, inside a record or not.
    pub(super) fn members(&mut self, node: Node<'t>) -> Body {
        let around = std::mem::replace(&mut self.braces, Braces::Body);
        let body = self.body(node);
        self.braces = around;
        body
    }

    /// `{ name = value, … }` as a value: fields only.
    pub(super) fn record(&mut self, node: Node<'t>) -> Vec<Setting> {
        let mut settings = Vec::new();
        let around = std::mem::replace(&mut self.braces, Braces::Record);
        let members = self.body(node).members;
        self.braces = around;
        for member in members {
            match member {
                Member::Field(setting) => settings.push(setting),
                Member::Decl(decl) => self.report(errors::not_in_record(decl.kind.span)),
                Member::Override(found) => self.report(errors::not_in_record(found.context.span)),
                Member::Statement(found) => self.report(errors::not_in_record(found.effect_span)),
            }
        }
        settings
    }

    /// `"kubernetes.io/role/elb" = "1"`: the name in quotes is text without interpolation.
    pub(super) fn pair(&mut self, node: Node<'t>, lines: &mut Vec<Node<'t>>) -> Option<Member> {
        let docs = self.docs(lines);
        let mut parts = Parts::default();
        let mut key = None;
        for part in inner(node) {
            match part.as_rule() {
                Rule::string => key = Some(part),
                Rule::context => parts.context = Some(self.context(part)),
                Rule::op => parts.op = Some(part),
                Rule::value => parts.value = Some(part),
                Rule::junk => parts.junk = Some(part),
                _ => {}
            }
        }
        let key = key?;
        let span = self.span(&key);
        let told = self.diagnostics.len();
        let mut text = String::new();
        let mut interpolation = None;
        if let ExprKind::String(found) = self.string(&key) {
            for part in found {
                match part {
                    StringPart::Text(piece) => text.push_str(&piece),
                    StringPart::Interpolation(path) => interpolation = Some(path.span),
                }
            }
        }
        if let Some(place) = interpolation {
            self.report(errors::interpolated_key(place));
        }
        let is_broken = told < self.diagnostics.len();
        let mut setting = self.set(Name { text, span }, docs, parts)?;
        if is_broken {
            setting.value.kind = ExprKind::Error;
        }
        Some(Member::Field(setting))
    }

    /// A member that begins with a quote, where none may, or with nothing that begins a member.
    pub(super) fn quoted_member(&mut self, node: &Node<'t>) -> Option<Member> {
        let place = self.span(node);
        let text = node.as_str();
        if self.braces == Braces::Record
            && let Some(colon) = errors::colon_of_key(text)
        {
            let at = node.as_span().start() + colon;
            self.report(errors::colon_after_key(self.between(at, at + 1)));
            return None;
        }
        self.report(errors::expected_member(place, text));
        // An entry that starts with a quoted name counts as a broken field of that name.
        let (name, _) = errors::quoted_key(text)?;
        let end = place.start + u32::try_from(name.len() + 2).unwrap_or(0);
        let name = Name { text: name.to_owned(), span: Span { end, ..place } };
        Some(Member::Field(broken_field(name, Docs::new(), None)))
    }
}

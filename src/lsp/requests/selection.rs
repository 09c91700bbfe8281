//! Selection ranges: the value, the list around it, its field, the block, the declaration, the file.

use asiaq_lang::ast::{Body, Decl, Expr, ExprKind, Item, Member, Setting};
use asiaq_lang::{FileId, Span, parse};
use gen_lsp_types::{SelectionRange, SelectionRangeParams};

use crate::lsp::client::Client;
use crate::lsp::documents::Document;
use crate::lsp::text::number;

pub(super) fn ranges(
    client: &Client,
    document: &Document,
    params: &SelectionRangeParams,
) -> Vec<SelectionRange> {
    let items = parse(FileId(0), &document.text).tree.items;
    let range = |span: Span| document.lines.range(&document.text, span.range(), client.encoding);
    let grown = params.positions.iter().map(|position| {
        let at = document.lines.offset(&document.text, *position, client.encoding);
        let mut around = Around { at: number(at), spans: Vec::new() };
        for item in &items {
            around.item(item);
        }
        let file =
            SelectionRange { range: range(Span::new(FileId(0), 0, document.text.len())), parent: None };
        around
            .spans
            .into_iter()
            .fold(file, |parent, span| SelectionRange { range: range(span), parent: Some(Box::new(parent)) })
    });
    grown.collect()
}

/// Collects the syntax around a byte offset, from the outside in.
struct Around {
    at: u32,
    spans: Vec<Span>,
}

impl Around {
    /// Whether `span` contains the offset; if so it is added.
    fn enter(&mut self, span: Span) -> bool {
        let is_around = span.start <= self.at && self.at <= span.end;
        let is_inside = |outer: &Span| outer.start <= span.start && span.end <= outer.end && *outer != span;
        if is_around && self.spans.last().is_none_or(is_inside) {
            self.spans.push(span);
        }
        is_around
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Decl(decl) => self.decl(decl),
            Item::Let(found) => {
                if self.enter(found.span) {
                    self.enter(found.name.span);
                    self.value(&found.value);
                }
            }
            Item::Use(found) => {
                if self.enter(found.span) {
                    self.enter(found.path.span);
                }
            }
            Item::Moved(found) => {
                self.enter(found.span);
            }
            Item::Expect(found) => {
                if self.enter(found.span) {
                    for claim in &found.expectations {
                        if self.enter(claim.span) {
                            self.value(&claim.from);
                            self.value(&claim.to);
                        }
                    }
                    for claim in &found.permissions {
                        if self.enter(claim.span) {
                            self.value(&claim.who);
                            claim.what.parts().for_each(|part| self.value(part));
                        }
                    }
                }
            }
            Item::Kind(found) => {
                if self.enter(found.span) {
                    for field in &found.fields {
                        self.enter(field.span);
                    }
                }
            }
        }
    }

    fn decl(&mut self, decl: &Decl) {
        if !self.enter(decl.span) {
            return;
        }
        for name in [Some(&decl.kind), decl.name.as_ref(), decl.parent.as_ref()].into_iter().flatten() {
            self.enter(name.span);
        }
        if let Some(value) = &decl.value {
            self.value(value);
        }
        self.body(&decl.body);
    }

    fn body(&mut self, body: &Body) {
        if !self.enter(body.span) {
            return;
        }
        for member in &body.members {
            match member {
                Member::Field(field) => self.field(field),
                Member::Decl(decl) => self.decl(decl),
                Member::Override(block) => {
                    if self.enter(block.span) {
                        self.enter(block.context.span);
                        self.body(&block.body);
                    }
                }
                Member::Statement(statement) => {
                    if self.enter(statement.span) {
                        statement.parts().for_each(|part| self.value(part));
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &Setting) {
        if self.enter(field.span) {
            self.enter(field.name.span);
            self.value(&field.value);
        }
    }

    fn value(&mut self, value: &Expr) {
        if !self.enter(value.span) {
            return;
        }
        if let ExprKind::Record(fields) = &value.kind {
            for field in fields {
                self.field(field);
            }
        } else {
            for part in value.parts() {
                self.value(part);
            }
        }
    }
}

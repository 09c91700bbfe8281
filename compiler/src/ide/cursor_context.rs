//! The declarations, the setting and the values around a place.

use asiaq_lang::Span;
use asiaq_lang::ast::{Body, Context, Decl, Expr, File, Item, Member, Setting, Statement, StringPart};

/// The nodes of the tree around a place; each list is ordered from the outside to the inside.
#[derive(Debug, Default)]
pub(super) struct CursorContext<'a> {
    pub(super) item: Option<&'a Item>,
    pub(super) decls: Vec<&'a Decl>,
    pub(super) context: Option<&'a Context>,
    pub(super) setting: Option<&'a Setting>,
    pub(super) statement: Option<&'a Statement>,
    pub(super) values: Vec<&'a Expr>,
}

impl<'a> CursorContext<'a> {
    /// The context of byte `at` of a file.
    pub(super) fn find(file: &'a File, at: u32) -> Self {
        let mut context = Self::default();
        let item = file.items.iter().find(|item| is_in(item_span(item), at));
        context.item = item;
        match item {
            Some(Item::Let(found)) => context.value(&found.value, at),
            Some(Item::Decl(decl)) => context.decl(decl, at),
            Some(Item::Expect(expect)) => {
                for claim in &expect.expectations {
                    for part in [&claim.from, &claim.to].into_iter().chain(&claim.port) {
                        context.value(part, at);
                    }
                }
                for claim in expect.permissions.iter().filter(|claim| is_in(claim.span, at)) {
                    context.value(&claim.who, at);
                    context.statement(&claim.what, at);
                }
            }
            Some(Item::Kind(kind)) => {
                for value in kind.fields.iter().flat_map(|field| field.default.iter().chain(&field.bounds)) {
                    context.value(value, at);
                }
            }
            Some(Item::Use(_) | Item::Moved(_)) | None => {}
        }
        context
    }

    fn decl(&mut self, decl: &'a Decl, at: u32) {
        self.decls.push(decl);
        if let Some(value) = &decl.value {
            self.value(value, at);
        }
        self.body(&decl.body, at);
    }

    fn body(&mut self, body: &'a Body, at: u32) {
        for member in &body.members {
            match member {
                Member::Field(setting) if is_in(setting.span, at) => {
                    self.setting = Some(setting);
                    self.context = setting.context.as_ref().or(self.context);
                    self.value(&setting.value, at);
                }
                Member::Decl(decl) if is_in(decl.span, at) => self.decl(decl, at),
                Member::Override(inner) if is_in(inner.span, at) => {
                    self.context = Some(&inner.context);
                    self.body(&inner.body, at);
                }
                Member::Statement(statement) => self.statement(statement, at),
                Member::Field(_) | Member::Decl(_) | Member::Override(_) => {}
            }
        }
    }

    fn statement(&mut self, statement: &'a Statement, at: u32) {
        if is_in(statement.span, at) {
            self.statement = Some(statement);
            statement.parts().for_each(|part| self.value(part, at));
        }
    }

    fn value(&mut self, expr: &'a Expr, at: u32) {
        if !is_in(expr.span, at) {
            return;
        }
        self.values.push(expr);
        for part in expr.parts() {
            self.value(part, at);
        }
    }

    /// The environment or envtype it is in.
    pub(super) fn owner(&self) -> Option<&'a Decl> {
        self.decls.first().copied().filter(|decl| crate::names::is_environment(&decl.kind.text))
    }
}

/// The setting whose span is `span`, as the chains of provenance cite it.
pub(super) fn setting_at(file: &File, span: Span) -> Option<&Setting> {
    // Items are in order of place.
    let behind = file.items.partition_point(|item| item_span(item).start <= span.start);
    match file.items.get(behind.checked_sub(1)?)? {
        Item::Decl(decl) => setting_in(&decl.body, span),
        Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
    }
}

fn setting_in(body: &Body, span: Span) -> Option<&Setting> {
    body.members.iter().find_map(|member| match member {
        Member::Field(setting) => (setting.span == span).then_some(setting),
        Member::Decl(decl) => decl.span.contains(span).then(|| setting_in(&decl.body, span))?,
        Member::Override(inner) => inner.span.contains(span).then(|| setting_in(&inner.body, span))?,
        Member::Statement(_) => None,
    })
}

/// The whole of an item.
pub(super) fn item_span(item: &Item) -> Span {
    match item {
        Item::Use(found) => found.span,
        Item::Let(found) => found.span,
        Item::Decl(found) => found.span,
        Item::Expect(found) => found.span,
        Item::Moved(found) => found.span,
        Item::Kind(found) => found.span,
    }
}

/// Whether a place is in a span or at its end.
pub(super) fn is_in(span: Span, at: u32) -> bool {
    span.start <= at && at <= span.end
}

/// Whether a text contains variables.
pub(super) fn has_variables(parts: &[StringPart]) -> bool {
    parts.iter().any(|part| matches!(part, StringPart::Interpolation(_)))
}

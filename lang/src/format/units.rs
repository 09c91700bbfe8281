//! The units of a tree: the places where something begins that gets a line of its own, or is between commas.

use crate::{
    Span,
    ast::{
        Body, Context, Decl, Expect, Expectation, Expr, ExprKind, FieldDecl, File, Item, KindDecl, Let,
        Member, Name, Override, Permitted, Setting, Statement, TypeExpr, TypeKind,
    },
};

/// The kind of a unit, as far as it matters for its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Whatever is not one of the others.
    Plain,
    /// `zones = 3`
    Field,
    /// `let office = 54.201.1.1/32`
    Let,
    /// `peering ops_ci = staging/tunnel <-> ci/intranet`
    Value,
    /// `env ci : sandbox { zones = 2 }`, `@ci { zones = 2 }`
    Block,
    /// A name between brackets, which needs no separator behind it.
    Name,
    /// `allow(unused-nat)`, which is never followed by a comma.
    Allow,
    /// `dmz can reach intranet:443`
    Claim {
        /// Where the first operand ends.
        verb: usize,
        /// Where the second one starts.
        to: usize,
    },
    /// `deny not iam:* on all`
    Statement {
        /// Where its actions start.
        actions: usize,
    },
}

/// An entry of a file, a body or a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) shape: Shape,
}

/// The units of the tree, each list in source order.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The entries of everything in brackets and of the file, without those that have a mistake.
    pub(super) all: Vec<Unit>,
    /// Signs of offsets that stand alone, as in `+5`.
    pub(super) alone: Vec<usize>,
    /// Names that follow a comma outside these brackets.
    pub(super) listed: Vec<usize>,
    /// Brackets that stay on one line wherever they can.
    pub(super) tight: Vec<usize>,
    /// Words that are several tokens, as in `s3:Get*`: the first place and the one behind each.
    pub(super) whole: Vec<(usize, usize)>,
}

impl Units {
    /// The units of a file.
    pub(super) fn of(file: &File) -> Self {
        let mut found = Self::default();
        for item in &file.items {
            match item {
                Item::Use(item) => found.unit(item.span, Shape::Plain),
                Item::Let(item) => found.let_item(item),
                Item::Decl(decl) => found.decl(decl),
                Item::Expect(expect) => found.expect(expect),
                Item::Moved(moved) => found.unit(moved.span, Shape::Plain),
                Item::Kind(kind) => found.kind(kind),
            }
        }
        for allow in &file.allows {
            found.unit(allow.span, Shape::Allow);
            found.listed.extend(allow.codes.iter().skip(1).map(|name| name.span.range().start));
        }
        found.all.sort_by_key(|unit| unit.start);
        found.alone.sort_unstable();
        found.listed.sort_unstable();
        found.tight.sort_unstable();
        found.whole.sort_unstable();
        found
    }

    fn unit(&mut self, span: Span, shape: Shape) {
        let range = span.range();
        self.all.push(Unit { start: range.start, end: range.end, shape });
    }

    fn let_item(&mut self, item: &Let) {
        if item.value.kind != ExprKind::Error {
            self.unit(item.span, Shape::Let);
            item.ty.iter().for_each(|ty| self.ty(ty));
            self.inside(&item.value);
        }
    }

    fn expect(&mut self, expect: &Expect) {
        self.unit(expect.span, Shape::Block);
        expect.expectations.iter().for_each(|claim| self.claim(claim));
        expect.permissions.iter().for_each(|claim| self.permitted(claim));
    }

    fn permitted(&mut self, claim: &Permitted) {
        let verb = claim.who.span.range().end;
        self.unit(claim.span, Shape::Claim { verb, to: claim.what.actions.start() });
        self.inside(&claim.who);
        self.in_statement(&claim.what);
    }

    fn claim(&mut self, claim: &Expectation) {
        let shape = Shape::Claim { verb: claim.from.span.range().end, to: claim.to.span.range().start };
        self.unit(claim.span, shape);
        self.inside(&claim.from);
        self.inside(&claim.to);
        claim.port.iter().for_each(|port| self.inside(port));
    }

    fn kind(&mut self, kind: &KindDecl) {
        self.unit(kind.span, Shape::Block);
        self.listed.extend(kind.parents.iter().skip(1).map(|name| name.span.range().start));
        self.listed.extend(kind.attributes.iter().skip(1).map(|of| of.name.span.range().start));
        kind.fields.iter().for_each(|field| self.property(field));
    }

    fn property(&mut self, field: &FieldDecl) {
        self.unit(field.span, Shape::Plain);
        self.ty(&field.ty);
        field.default.iter().chain(&field.bounds).for_each(|value| self.inside(value));
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeKind::Named(_) => {}
            TypeKind::Optional(inner) => self.ty(inner),
            TypeKind::List(inner) => {
                self.tight.push(ty.span.range().start);
                self.unit(inner.span, Shape::Plain);
                self.ty(inner);
            }
            TypeKind::Enum(names) => self.names(names),
        }
    }

    fn names(&mut self, names: &[Name]) {
        for name in names {
            self.unit(name.span, Shape::Name);
        }
    }

    fn decl(&mut self, decl: &Decl) {
        let shape = if decl.value.is_some() { Shape::Value } else { Shape::Block };
        self.unit(decl.span, shape);
        decl.value.iter().for_each(|value| self.inside(value));
        self.body(&decl.body);
    }

    fn body(&mut self, body: &Body) {
        for member in &body.members {
            match member {
                Member::Field(field) => self.setting(field),
                Member::Decl(decl) => self.decl(decl),
                Member::Override(found) => self.overriding(found),
                Member::Statement(statement) => self.statement(statement),
            }
        }
    }

    fn statement(&mut self, statement: &Statement) {
        self.unit(statement.span, Shape::Statement { actions: statement.actions.start() });
        self.in_statement(statement);
    }

    fn in_statement(&mut self, statement: &Statement) {
        statement.parts().for_each(|part| self.inside(part));
        let keys = statement.tests.iter().map(|test| &test.key);
        for word in statement.actions.values().iter().chain(keys) {
            self.whole(word.span);
        }
        for test in statement.tests.iter().filter(|test| test.operator.text.contains(':')) {
            self.whole(test.operator.span);
        }
    }

    fn whole(&mut self, span: Span) {
        let range = span.range();
        self.whole.push((range.start, range.end));
    }

    fn setting(&mut self, field: &Setting) {
        if field.value.kind != ExprKind::Error {
            self.unit(field.span, Shape::Field);
            field.context.iter().for_each(|context| self.context(context));
            self.inside(&field.value);
        }
    }

    fn overriding(&mut self, found: &Override) {
        self.unit(found.span, Shape::Block);
        self.context(&found.context);
        self.body(&found.body);
    }

    fn context(&mut self, context: &Context) {
        let bracket = context.span.range().start + 1;
        if context.names.iter().any(|name| name.span.range().start > bracket) {
            self.tight.push(bracket);
            self.names(&context.names);
        }
    }

    /// Adds the units in the brackets of a value.
    fn inside(&mut self, value: &Expr) {
        match &value.kind {
            ExprKind::Error
            | ExprKind::Int(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(..)
            | ExprKind::String(_)
            | ExprKind::Name(_)
            | ExprKind::Path(..)
            | ExprKind::Ip(_)
            | ExprKind::Cidr(_)
            | ExprKind::Sum(..) => {}
            ExprKind::Window(text) => {
                let start = value.span.range().start;
                for (at, _) in text.match_indices(':') {
                    let hours = text
                        .as_bytes()
                        .iter()
                        .take(at)
                        .rev()
                        .take_while(|byte| byte.is_ascii_digit())
                        .count();
                    self.whole.push((start + at - hours, start + at + 3));
                }
            }
            ExprKind::Offset(_) => self.alone.push(value.span.range().start),
            ExprKind::Auto { pool, .. } => pool.iter().for_each(|pool| self.inside(pool)),
            ExprKind::Range(first, second)
            | ExprKind::Link(first, second)
            | ExprKind::Arrow(first, second)
            | ExprKind::Redirect(first, second)
            | ExprKind::Timed(first, second) => {
                self.inside(first);
                self.inside(second);
            }
            ExprKind::Phrase(_, argument) => self.inside(argument),
            ExprKind::Condition(condition) => {
                condition.parts().for_each(|part| self.inside(part));
                let statistics = condition.bounds.iter().map(|bound| &bound.statistic);
                statistics.filter(|one| one.text.contains(':')).for_each(|one| self.whole(one.span));
            }
            ExprKind::List(items) => {
                for item in items.iter().filter(|item| item.kind != ExprKind::Error) {
                    self.unit(item.span, Shape::Plain);
                    self.inside(item);
                }
            }
            ExprKind::Record(fields) => fields.iter().for_each(|field| self.setting(field)),
            ExprKind::Rule(rule) => {
                let parts = rule.number.iter().chain(&rule.ports).chain([&rule.sources]).chain(&rule.why);
                parts.for_each(|part| self.inside(part));
            }
            ExprKind::Route(route) => self.inside(&route.destination),
        }
    }
}

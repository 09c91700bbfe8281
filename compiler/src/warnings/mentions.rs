//! The names that a file mentions.

use std::collections::BTreeSet;

use asiaq_lang::ast::{Body, Context, Decl, Expr, ExprKind, File, Item, Member, Name};

/// Every word of a file that may refer to a declaration: words in values, parents, contexts of overrides.
pub(super) fn of_file(file: &File) -> BTreeSet<&str> {
    let mut mentions = Mentions::default();
    for item in &file.items {
        match item {
            Item::Let(found) => mentions.value(&found.value),
            Item::Decl(decl) => mentions.decl(decl),
            Item::Expect(expect) => {
                mentions.name(&expect.context);
                for claim in &expect.expectations {
                    mentions.value(&claim.from);
                    mentions.value(&claim.to);
                    claim.port.iter().for_each(|port| mentions.value(port));
                }
                for claim in &expect.permissions {
                    mentions.value(&claim.who);
                    claim.what.parts().for_each(|part| mentions.value(part));
                }
            }
            Item::Use(_) | Item::Moved(_) | Item::Kind(_) => {}
        }
    }
    mentions.0
}

#[derive(Default)]
struct Mentions<'f>(BTreeSet<&'f str>);

impl<'f> Mentions<'f> {
    fn name(&mut self, name: &'f Name) {
        self.0.insert(&name.text);
    }

    fn decl(&mut self, decl: &'f Decl) {
        decl.parent.iter().for_each(|parent| self.name(parent));
        decl.value.iter().for_each(|value| self.value(value));
        self.body(&decl.body);
    }

    fn body(&mut self, body: &'f Body) {
        for member in &body.members {
            match member {
                Member::Field(setting) => {
                    setting.context.iter().for_each(|context| self.context(context));
                    self.value(&setting.value);
                }
                Member::Decl(decl) => self.decl(decl),
                Member::Override(found) => {
                    self.context(&found.context);
                    self.body(&found.body);
                }
                Member::Statement(statement) => statement.parts().for_each(|part| self.value(part)),
            }
        }
    }

    fn context(&mut self, context: &'f Context) {
        context.names.iter().for_each(|name| self.name(name));
    }

    fn value(&mut self, expr: &'f Expr) {
        match &expr.kind {
            ExprKind::Name(text) => {
                self.0.insert(text);
            }
            ExprKind::Path(env, network) => {
                self.name(env);
                self.name(network);
            }
            ExprKind::Sum(network, _) => self.name(network),
            ExprKind::Auto { pool, .. } => pool.iter().for_each(|pool| self.value(pool)),
            ExprKind::Range(first, second)
            | ExprKind::Link(first, second)
            | ExprKind::Arrow(first, second)
            | ExprKind::Redirect(first, second)
            | ExprKind::Timed(first, second) => {
                self.value(first);
                self.value(second);
            }
            ExprKind::Phrase(_, argument) => self.value(argument),
            ExprKind::Condition(condition) => condition.parts().for_each(|part| self.value(part)),
            ExprKind::List(items) => items.iter().for_each(|item| self.value(item)),
            ExprKind::Record(settings) => settings.iter().for_each(|setting| self.value(&setting.value)),
            ExprKind::Rule(rule) => {
                let parts = [&rule.number, &rule.ports, &rule.why].into_iter().flatten();
                parts.chain([&rule.sources]).for_each(|part| self.value(part));
            }
            ExprKind::Route(route) => {
                self.value(&route.destination);
                route.network.iter().for_each(|network| self.name(network));
            }
            ExprKind::Error
            | ExprKind::Int(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(..)
            | ExprKind::String(_)
            | ExprKind::Ip(_)
            | ExprKind::Cidr(_)
            | ExprKind::Window(_)
            | ExprKind::Offset(_) => {}
        }
    }
}

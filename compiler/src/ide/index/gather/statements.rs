//! Names in statements of policies.

use asiaq_lang::ast::{Expr, ExprKind, Statement};

use super::Gatherer;
use crate::ide::index::nested::Scope;
use crate::ide::index::{Role, Symbol};
use crate::types::Ty;

impl<'a> Gatherer<'a> {
    /// The names in a statement: `let`s, and `KIND NAME`.
    pub(super) fn statement(&mut self, statement: &'a Statement) {
        statement.parts().for_each(|part| self.in_statement(part));
    }

    fn in_statement(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::List(items) => items.iter().for_each(|item| self.in_statement(item)),
            ExprKind::Phrase(kind, argument) => {
                let schemas = self.schemas;
                match schemas.kind(&kind.text) {
                    Some(schema) => {
                        self.refer(kind, Symbol::Kind(&schema.name));
                        self.value(argument, &Ty::Ref(schema.name.clone()), Scope::Everywhere);
                    }
                    None => self.note(kind.span, Symbol::Word(&kind.text), Role::Reference),
                }
            }
            _ => self.value(expr, &Ty::Error, Scope::Everywhere),
        }
    }
}

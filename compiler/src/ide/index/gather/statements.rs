//! Names in statements of policies, and of principals.

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Name, Statement};

use super::Gatherer;
use crate::ide::index::nested::Scope;
use crate::ide::index::{Role, Symbol};
use crate::library::kinds::{self, OF_ACCOUNTS};
use crate::types::Ty;

impl<'a> Gatherer<'a> {
    /// The names in a statement: `let`s, `KIND NAME`, and names of resources alone.
    pub(super) fn statement(&mut self, statement: &'a Statement, scope: Scope<'a>) {
        let resources = statement.resources.as_ref().map(|choice| &choice.value);
        for part in statement.parts() {
            let is_resource = resources.is_some_and(|resources| std::ptr::eq(resources, part));
            self.in_statement(part, is_resource, scope);
        }
    }

    fn in_statement(&mut self, expr: &'a Expr, is_resource: bool, scope: Scope<'a>) {
        match &expr.kind {
            ExprKind::List(items) => {
                for item in items {
                    self.in_statement(item, is_resource, scope);
                }
            }
            ExprKind::Phrase(kind, argument) => self.phrase_of_kind(kind, argument, scope),
            ExprKind::Name(name) if is_resource && self.names.get_let(name).is_none() => {
                self.in_account(name, expr.span, scope);
            }
            _ => self.value(expr, &Ty::Error, scope),
        }
    }

    /// `role deployer`; the word alone where it is no kind.
    pub(super) fn phrase_of_kind(&mut self, kind: &'a Name, argument: &'a Expr, scope: Scope<'a>) {
        let schemas = self.schemas;
        match schemas.kind(&kind.text) {
            Some(schema) => {
                self.refer(kind, Symbol::Kind(&schema.name));
                self.value(argument, &Ty::Ref(schema.name.clone()), scope);
            }
            None => self.note(kind.span, Symbol::Word(&kind.text), Role::Reference),
        }
    }

    /// A name alone of what an account declares. One that several kinds have means none of them.
    pub(super) fn in_account(&mut self, name: &'a str, span: Span, scope: Scope<'a>) {
        let mut kinds = OF_ACCOUNTS.iter().filter(|kind| !self.nested.roots(kind, name, scope).is_empty());
        if let (Some(kind), None) = (kinds.next(), kinds.next()) {
            self.nested(kind, name, span, scope, Role::Reference);
        }
    }
}

/// Whether a word before a name says that the name is of an account, or of what accounts have.
pub(super) fn is_of_accounts(word: &str) -> bool {
    word == kinds::ACCOUNT || OF_ACCOUNTS.contains(&word)
}

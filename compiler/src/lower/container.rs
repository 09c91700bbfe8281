//! What a resource belongs to: an environment, or an account.

use std::collections::BTreeMap;

use asiaq_ir::Scope;
use asiaq_lang::Span;

use crate::evaluate::Resolved;
use crate::model::{Account, Environment};
use crate::value::Spanned;

/// What a resource belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Container<'m> {
    /// An environment.
    Environment(&'m Environment),
    /// An account.
    Account(&'m Account),
}

impl<'m> Container<'m> {
    /// What addresses of its resources begin with.
    pub(super) fn scope(self) -> Scope {
        match self {
            Self::Environment(env) => Scope::environment(&env.name),
            Self::Account(account) => Scope::account(&account.name),
        }
    }

    pub(super) fn name(self) -> &'m str {
        match self {
            Self::Environment(env) => &env.name,
            Self::Account(account) => &account.name,
        }
    }

    /// Its name in its declaration.
    pub(super) fn span(self) -> Span {
        match self {
            Self::Environment(env) => env.span,
            Self::Account(account) => account.span,
        }
    }

    /// The project in its declaration, or the place of the account.
    pub(super) fn project_span(self) -> Span {
        match self {
            Self::Environment(env) => env.common.span,
            Self::Account(account) => account.span,
        }
    }

    pub(super) fn region(self) -> &'m str {
        match self {
            Self::Environment(env) => &env.region.value,
            Self::Account(account) => &account.region,
        }
    }

    /// The tags of all its resources.
    pub(super) fn tags(self) -> Option<&'m Resolved<BTreeMap<String, Spanned<String>>>> {
        match self {
            Self::Environment(env) => env.tags.as_ref(),
            Self::Account(account) => account.tags.as_ref(),
        }
    }

    /// The place that protects the declaration whose fields are at `path`, if it is protected. The empty path is the
    /// owner itself.
    pub(super) fn protects(self, path: &str) -> Option<Span> {
        match self {
            Self::Environment(env) => env.protects(path),
            Self::Account(account) => account.provenance.protects(path),
        }
    }
}

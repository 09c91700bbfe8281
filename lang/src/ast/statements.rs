//! Statements of policies, and claims about what they allow.

use super::{Docs, Expr, ExprKind, Name};
use crate::Span;

/// `allow|deny ACTIONS [on RESOURCES] [from PRINCIPALS] [when TEST and …] ["text"]`: a statement of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Documentation above it.
    pub docs: Docs,
    /// What it does.
    pub effect: Effect,
    /// The word `allow` or `deny`.
    pub effect_span: Span,
    /// Which actions it is about: [`ExprKind::Name`] with a colon or `*`, strings, and names of `let`s.
    pub actions: Choice,
    /// `on …`: which resources.
    pub resources: Option<Choice>,
    /// `from …`: which principals.
    pub principals: Option<Choice>,
    /// `when …`: all of these have to hold.
    pub tests: Vec<Test>,
    /// What it is called.
    pub text: Option<Expr>,
    /// Whether something in it is broken, and has been reported.
    pub is_broken: bool,
    /// The whole statement.
    pub span: Span,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `allow`
    Allow,
    /// `deny`
    Deny,
}

/// `VALUE`, `[VALUE, …]`, or one of them after `not`: everything but these.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The word `not`.
    pub not: Option<Span>,
    /// One value, or a list.
    pub value: Expr,
}

impl Choice {
    /// Where it starts in the text.
    pub fn start(&self) -> usize {
        self.not.unwrap_or(self.value.span).range().start
    }

    /// The values that are listed.
    pub fn values(&self) -> &[Expr] {
        match &self.value.kind {
            ExprKind::List(values) => values,
            _ => std::slice::from_ref(&self.value),
        }
    }
}

/// `[all of|any of] KEY OPERATOR [VALUE] [if present]`: a test of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// `all of` or `any of`: `all` or `any`, with the place of both words.
    pub quantifier: Option<Name>,
    /// A name with a colon, or a string.
    pub key: Expr,
    /// `is`, `is not`, `like`, `not like`, `<`, `<=`, `>`, `>=`, `exists`, `is absent`, or another word.
    pub operator: Name,
    /// What it is compared with; nothing after `exists` and `is absent`.
    pub value: Option<Expr>,
    /// The words `if present`.
    pub if_present: Option<Span>,
    /// The whole test.
    pub span: Span,
}

impl Statement {
    /// The values in it, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Expr> {
        let choices = [Some(&self.actions), self.resources.as_ref(), self.principals.as_ref()];
        let tests = self.tests.iter().flat_map(|test| [Some(&test.key), test.value.as_ref()]);
        choices.into_iter().flatten().map(|choice| &choice.value).chain(tests.flatten()).chain(&self.text)
    }
}

/// `WHO can ACTIONS [on RESOURCES] [when TEST and …]` or `WHO cannot …`
#[derive(Clone, Debug, PartialEq)]
pub struct Permitted {
    /// Who makes requests: [`ExprKind::Phrase`], or a list of these.
    pub who: Expr,
    /// What they can do, as the statement that would allow it; or deny it, where they cannot. It names no principals.
    pub what: Statement,
    /// The whole claim.
    pub span: Span,
}

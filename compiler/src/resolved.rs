//! A value with the places that set it.

use asiaq_lang::Span;

use crate::library;

/// A value with the places that set it: the effective one first, then the overridden ones.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resolved<T> {
    /// The effective value.
    pub(crate) value: T,
    /// The places; the library's declaration for a default. Never empty.
    pub(crate) chain: Vec<Span>,
}

impl<T> Resolved<T> {
    /// The place that won.
    pub(crate) fn span(&self) -> Span {
        self.chain.first().copied().unwrap_or_default()
    }

    /// Whether the value is in the project, and not a default of the library.
    pub(crate) fn is_said(&self) -> bool {
        !library::is_schema(self.span().file)
    }

    /// The place that won, or `site` where that is the library's default: a mistake is shown in the
    /// user's own text.
    pub(crate) fn place(&self, site: Span) -> Span {
        if self.is_said() { self.span() } else { site }
    }

    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Resolved<U> {
        Resolved { value: f(self.value), chain: self.chain }
    }
}

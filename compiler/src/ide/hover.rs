//! What is told about the thing under the pointer.

use asiaq_lang::Span;

use super::{Analysis, Offset};

/// What is told about a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The thing.
    pub span: Span,
    /// What there is to say, in Markdown.
    pub markdown: String,
}

impl Analysis {
    /// What is told about the thing at a place.
    pub fn hover(&self, _at: Offset) -> Option<Hover> {
        None
    }
}

//! What may be typed at a place.

use asiaq_lang::Span;

use super::{Analysis, Offset};

/// Something that may be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is offered.
    pub label: String,
    /// What sort of thing it is.
    pub kind: CompletionKind,
    /// A few words beside it: a type, a value.
    pub detail: Option<String>,
    /// More about it, in Markdown.
    pub documentation: Option<String>,
    /// What is put into the text.
    pub insert: Insert,
    /// What it takes the place of; empty at the place itself where nothing was typed yet.
    pub replace: Span,
    /// Offers are shown in order of this.
    pub sort: String,
}

/// What a completion puts into the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insert {
    /// The text as it is.
    Plain(String),
    /// Text with `$1`, `${2:words}` and `$0` where the cursor goes; `\`, `$` and `}` in it are escaped by `\`.
    Snippet(String),
}

/// What sort of thing is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A word of the language.
    Keyword,
    /// A kind, with its body.
    Kind,
    /// A field.
    Field,
    /// A word that is a value: `true`, `igw`, one of an enum.
    Word,
    /// A unit after a number.
    Unit,
    /// An AWS region.
    Region,
    /// A `let`.
    Let,
    /// An environment.
    Environment,
    /// An envtype.
    Envtype,
    /// A metanetwork.
    Network,
    /// Any other declared thing.
    Declaration,
    /// A file after `use`.
    File,
    /// A variable in a text.
    Variable,
    /// A type.
    Type,
    /// A diagnostic code.
    Code,
}

impl Analysis {
    /// What may be typed at a place.
    pub fn completions(&self, _at: Offset) -> Vec<Completion> {
        Vec::new()
    }
}

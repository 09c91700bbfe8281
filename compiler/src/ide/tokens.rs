//! What each word of a file is, for colours.

use asiaq_lang::{FileId, Span};

use super::Analysis;

/// A word, a number, a text or a sign. Tokens do not overlap; none has a line break in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
    /// More about it.
    pub modifiers: Modifiers,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word of the language: `let`, `use`, `from`, `via`.
    Keyword,
    /// The kind of a declaration: `env`, `metanetwork`.
    Kind,
    /// The name of an environment or a project.
    Environment,
    /// The name of an envtype.
    Envtype,
    /// The name of a metanetwork.
    Network,
    /// The name of a hostclass.
    Hostclass,
    /// The name of a `let`.
    Let,
    /// The name of any other declared thing.
    Declaration,
    /// A field.
    Field,
    /// A type.
    Type,
    /// A number, with its unit.
    Number,
    /// An address, a block, or an offset in one.
    Address,
    /// A text.
    String,
    /// What is put into a text, with `${` and `}`.
    Interpolation,
    /// A comment.
    Comment,
    /// Documentation.
    Documentation,
    /// A sign.
    Operator,
    /// The protocol of a rule.
    Protocol,
    /// A word that is a value: `true`, `auto`, `igw`, one of an enum, a region.
    Word,
}

/// More about a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// It is declared here.
    pub declaration: bool,
    /// It is the library's.
    pub library: bool,
    /// It says what would be so anyway.
    pub defaulted: bool,
}

impl Analysis {
    /// What each word of a file is, in order.
    pub fn tokens(&self, _file: FileId) -> Vec<Token> {
        Vec::new()
    }
}

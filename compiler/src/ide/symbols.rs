//! What a file declares, as an outline; and what a project declares, by a few letters of its name.

use asiaq_lang::{FileId, Span};

use super::Analysis;

/// A declared thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name; its kind where it has none.
    pub name: String,
    /// Its kind, and what it inherits from; the value of a field.
    pub detail: Option<String>,
    /// What sort of thing it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// Its name.
    pub selection: Span,
    /// What it declares in turn.
    pub children: Vec<Symbol>,
}

/// What sort of thing is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A project.
    Project,
    /// An environment.
    Environment,
    /// An envtype.
    Envtype,
    /// A metanetwork.
    Network,
    /// A hostclass.
    Hostclass,
    /// Any other named declaration.
    Declaration,
    /// A block without a name, such as `dhcp`.
    Block,
    /// A block of overrides.
    Override,
    /// A field.
    Field,
    /// A `let`.
    Let,
    /// A test of the network.
    Expect,
    /// A kind, in the library.
    Kind,
}

impl Analysis {
    /// What a file declares, in order.
    pub fn symbols(&self, _file: FileId) -> Vec<Symbol> {
        Vec::new()
    }

    /// What the project declares whose name has the letters of `query` in their order, the closest first;
    /// without what they declare in turn.
    pub fn find_symbols(&self, _query: &str) -> Vec<Symbol> {
        Vec::new()
    }
}

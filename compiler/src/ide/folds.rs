//! Stretches of a file that can be folded away.

use asiaq_lang::{FileId, Span};

use super::Analysis;

/// A stretch that can be folded away; it has at least one line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The stretch, from its first character (an opening bracket) to its last.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// What is folded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// A body or a list.
    Block,
    /// Comments or documentation.
    Comment,
    /// `use`s that stand together.
    Uses,
}

impl Analysis {
    /// What can be folded away in a file, in order.
    pub fn folds(&self, _file: FileId) -> Vec<Fold> {
        Vec::new()
    }
}

//! What an editor shows above declarations: who uses them, where they are overridden.

use asiaq_lang::{FileId, Span};

use super::Analysis;

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name it is about.
    pub span: Span,
    /// What it says.
    pub title: String,
    /// The places it speaks of; it leads there.
    pub targets: Vec<Span>,
}

impl Analysis {
    /// The lenses of a file, in order.
    pub fn lenses(&self, _file: FileId) -> Vec<Lens> {
        Vec::new()
    }
}

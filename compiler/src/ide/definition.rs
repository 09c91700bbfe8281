//! Where a name is declared, and everywhere it is used.

use asiaq_lang::Span;

use super::{Analysis, Offset};

impl Analysis {
    /// Where the thing at a place is declared; in the library for kinds, fields and templates.
    pub fn definition(&self, _at: Offset) -> Vec<Span> {
        Vec::new()
    }

    /// Every place that names the thing at a place, its declarations first.
    pub fn references(&self, _at: Offset) -> Vec<Span> {
        Vec::new()
    }
}

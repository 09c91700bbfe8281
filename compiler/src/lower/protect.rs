//! Protection of declarations.

#[cfg(test)]
mod tests;

use asiaq_lang::Span;

use crate::model::Environment;

impl Environment {
    /// The place that protects the declaration whose fields are at `path`, if it is protected. The empty path is the
    /// environment itself.
    pub(crate) fn protects(&self, path: &str) -> Option<Span> {
        self.provenance.protects(path)
    }
}

//! What an editor shows between the words: what `auto` comes to, how many addresses there are.

use asiaq_lang::Span;

use super::Analysis;

/// Words shown in the text that are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Bytes before it.
    pub at: u32,
    /// The words.
    pub label: String,
    /// More about them, in Markdown.
    pub tooltip: Option<String>,
}

impl Analysis {
    /// The hints in a stretch of a file, in order.
    pub fn hints(&self, _span: Span) -> Vec<Hint> {
        Vec::new()
    }
}

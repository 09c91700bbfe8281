//! Separators between neighbours: a comma or a line break.

use super::{Builder, Node};
use crate::errors;

/// What is known of the neighbour before, to see whether something separates the two.
#[derive(Default)]
pub(super) struct Separation {
    end: Option<usize>,
    reported: usize,
}

impl Separation {
    /// Forgets the neighbour, which was more than one node.
    pub(super) fn skip(&mut self) {
        self.end = None;
    }
}

impl<'t> Builder<'t> {
    /// Reports `node` where neither a comma nor a line break stands between it and its neighbour, unless the
    /// neighbour was broken.
    pub(super) fn separated(&mut self, before: &mut Separation, node: &Node<'t>) {
        let span = node.as_span();
        let touches = before.end.is_some_and(|end| !self.apart(end, span.start()));
        if touches && before.reported == self.diagnostics.len() {
            let place = self.between(span.start(), span.start());
            self.report(errors::missing_separator(place, node.as_str()));
        }
        *before = Separation { end: Some(span.end()), reported: self.diagnostics.len() };
    }

    /// Whether a comma or a line break stands in `start..end` of the chunk.
    pub(super) fn apart(&self, start: usize, end: usize) -> bool {
        let between = self.repaired.text.get(start..end).unwrap_or("");
        between.bytes().any(|byte| matches!(byte, b',' | b'\n' | b'\r'))
    }
}

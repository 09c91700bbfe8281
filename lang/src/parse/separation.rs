//! Separators between neighbours: a comma or a line break.

use super::{Builder, Node};
use crate::errors;

/// The end of the previous neighbour, used to check for a separator after it.
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
    /// Reports `node` if there is no comma or line break between it and its neighbour, unless the neighbour is
    /// broken.
    pub(super) fn separated(&mut self, before: &mut Separation, node: &Node<'t>) {
        let span = node.as_span();
        let touches = before.end.is_some_and(|end| !self.apart(end, span.start()));
        if touches && before.reported == self.diagnostics.len() {
            let place = self.between(span.start(), span.start());
            self.report(errors::missing_separator(place, node.as_str()));
        }
        *before = Separation { end: Some(span.end()), reported: self.diagnostics.len() };
    }

    /// Whether `start..end` of the chunk contains a comma or a line break.
    pub(super) fn apart(&self, start: usize, end: usize) -> bool {
        let between = self.repaired.text.get(start..end).unwrap_or("");
        between.bytes().any(|byte| matches!(byte, b',' | b'\n' | b'\r'))
    }
}

//! `allow(CODE, …)` before the item or member it applies to.

use super::{Builder, Node, Rule, inner};
use crate::{
    Span,
    ast::{Allow, Name},
    errors,
};

/// The `allow`s that have been read and apply to the next neighbour.
#[derive(Default)]
pub(super) struct Waiting(Vec<Read>);

/// An `allow` that has been read, but not checked yet.
struct Read {
    codes: Vec<Name>,
    span: Span,
    /// Whether something in it was reported.
    is_broken: bool,
}

impl<'t> Builder<'t> {
    /// Takes in an `allow`; a broken one costs one message and allows nothing.
    pub(super) fn allow(&mut self, node: Node<'t>, waiting: &mut Waiting) {
        let (mut span, mut codes) = (self.span(&node), Vec::new());
        let before = self.diagnostics.len();
        let mut is_closed = false;
        for part in inner(node) {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::codes => {
                    span = span.to(self.codes(part, &mut codes).unwrap_or(place));
                }
                Rule::close => {
                    span = span.to(place);
                    is_closed = true;
                }
                Rule::bare => {
                    let code = self.word(&part);
                    self.report(errors::allow_without_parentheses(&code));
                    return;
                }
                _ => span = place,
            }
        }
        if self.diagnostics.len() == before {
            if !is_closed {
                self.report(errors::unclosed_allow(span));
            } else if codes.is_empty() {
                self.report(errors::empty_allow(span));
            }
        }
        let is_broken = self.diagnostics.len() > before;
        waiting.0.push(Read { codes, span, is_broken });
    }

    /// The codes between the parentheses, and the place of the last one.
    fn codes(&mut self, node: Node<'t>, codes: &mut Vec<Name>) -> Option<Span> {
        let before = self.diagnostics.len();
        let mut last = None;
        for part in inner(node) {
            last = Some(self.span(&part));
            match part.as_rule() {
                Rule::word => codes.push(self.word(&part)),
                Rule::odd if self.diagnostics.len() == before => {
                    self.report(errors::expected_code(self.span(&part), part.as_str()));
                }
                _ => {}
            }
        }
        last
    }

    /// Whatever waits covers `node`.
    pub(super) fn cover(&mut self, waiting: &mut Waiting, node: &Node<'t>) {
        if waiting.0.is_empty() {
            return;
        }
        let start = node.as_span().start();
        let covers = self.between(start, start + node.as_str().trim_end().len());
        let allow = |Read { codes, span, .. }| Allow { codes, span, covers };
        self.allows.extend(waiting.0.drain(..).map(allow));
    }

    /// Reports what still waits where nothing follows.
    pub(super) fn nothing_covered(&mut self, waiting: &Waiting) {
        if let Some(last) = waiting.0.iter().rfind(|read| !read.is_broken) {
            self.report(errors::allow_before_nothing(last.span));
        }
    }
}

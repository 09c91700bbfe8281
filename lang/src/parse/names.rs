//! Names, contexts and documentation.

use super::{Builder, Node, Rule, inner};
use crate::{
    Span,
    ast::{Context, Docs, Name},
    errors,
};

impl<'t> Builder<'t> {
    /// A word with its place.
    pub(super) fn word(&self, node: &Node<'_>) -> Name {
        Name { text: node.as_str().to_owned(), span: self.span(node) }
    }

    /// The name of something that is declared here: it has no dots.
    pub(super) fn name(&mut self, node: &Node<'_>) -> Name {
        let name = self.word(node);
        self.check_name(&name);
        name
    }

    /// Reports a name that only a bare word in a value may be.
    pub(super) fn check_name(&mut self, name: &Name) {
        if name.text.contains('.') {
            self.report(errors::dotted_name(name.span, &name.text));
        }
    }

    /// `@ci`, `@[ci, staging]`
    pub(super) fn context(&mut self, node: Node<'_>) -> Context {
        let start = self.span(&node);
        let is_bracketed = node.as_str().ends_with(']');
        let mut context = Context { names: Vec::new(), span: Span { end: start.start + 1, ..start } };
        let mut broken = false;
        if is_bracketed {
            context.span = start;
        }
        for part in inner(node) {
            match part.as_rule() {
                Rule::word => context.names.push(self.word(&part)),
                Rule::junk => {
                    broken = true;
                    self.report(errors::expected_name(self.span(&part), part.as_str()));
                }
                _ => {}
            }
        }
        if let Some(last) = context.names.last() {
            context.span = context.span.to(last.span);
            if context.names.len() > 1 && !is_bracketed {
                let names: Vec<&str> = context.names.iter().map(|name| name.text.as_str()).collect();
                self.report(errors::context_without_brackets(context.span, &names.join(", ")));
            }
        } else if !broken {
            self.report(errors::expected_context(context.span));
        }
        context
    }

    /// The documentation that `lines` are, which belongs to what follows them.
    pub(super) fn docs(&mut self, lines: &mut Vec<Node<'t>>) -> Docs {
        let mut docs = Docs::with_capacity(lines.len());
        for line in lines.drain(..) {
            self.documentation.push(self.repaired.place(line.as_span().start()));
            let text = line.as_str().trim_start_matches('/');
            docs.push(text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned());
        }
        docs
    }
}

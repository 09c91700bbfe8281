//! Names that declarations had before.

use super::{Builder, Node, Rule, inner};
use crate::{
    Span,
    ast::{ExprKind, Moved, MovedName, Name},
    errors,
};

impl<'t> Builder<'t> {
    /// `moved hostclass app -> api`
    pub(super) fn moved(&mut self, node: Node<'t>) -> Option<Moved> {
        let mut span = self.span(&node);
        let (mut kind, mut arrow, mut junk) = (None, None, None);
        let mut names = Vec::new();
        for part in inner(node) {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::moved_word => span = place,
                Rule::word => kind = Some(self.word(&part)),
                Rule::path => names.push(self.moved_name(&part)),
                Rule::moves_to => arrow = Some(place),
                Rule::junk => junk = Some((place, part.as_str().trim_end().to_owned())),
                _ => {}
            }
        }
        let mut names = names.into_iter();
        let old = names.next();
        let missing = match (&kind, &old, arrow) {
            (None, ..) => Some((span, "a kind")),
            (Some(kind), None, _) => Some((kind.span, "the old name")),
            (Some(_), Some(old), None) => Some((old.as_ref().map_or(span, MovedName::span), "`->`")),
            (Some(_), Some(_), Some(arrow)) => Some((arrow, "the new name")).filter(|_| names.len() == 0),
        };
        if let Some((after, what)) = missing {
            self.report(errors::expected_move(junk.map_or(after, |(junk, _)| junk), what));
            return None;
        }
        if let Some((junk, text)) = junk {
            self.report(errors::unexpected(junk, &text));
        }
        let (kind, old, new) = (kind?, old??, names.next()??);
        span = span.to(new.name.span);
        Some(Moved { kind, old, new, span })
    }

    /// `app`, `ci/web`; a name that no declaration can have is reported.
    fn moved_name(&mut self, node: &Node<'t>) -> Option<MovedName> {
        let span = self.span(node);
        let found = match self.path(node, span) {
            ExprKind::Name(text) => MovedName { place: None, name: Name { text, span } },
            ExprKind::Path(place, name) => MovedName { place: Some(place), name },
            _ => return None,
        };
        self.check_name(&found.name);
        Some(found)
    }
}

impl MovedName {
    /// The whole name.
    pub fn span(&self) -> Span {
        self.place.as_ref().map_or(self.name.span, |place| place.span.to(self.name.span))
    }
}

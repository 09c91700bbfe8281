//! Where the entries of one family are aligned.

use crate::scan::Bracket;

use super::{
    tokens::{Kind, Token},
    units::Shape,
};

/// The points by which entries may be aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Their `=`.
    Fields,
    /// The sign after a name: `:` or `{`.
    Blocks,
    /// `can reach` and what follows it.
    Claims,
    /// What follows `allow` and `deny`.
    Statements,
}

/// Finds the pieces of an entry that are aligned.
pub(super) struct AlignmentPoints {
    shape: Shape,
    pub(super) found: [Option<usize>; 2],
}

impl AlignmentPoints {
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, found: [None; 2] }
    }

    /// Takes the token `index` of an entry, outside its brackets, which becomes the piece `at`. An empty body is
    /// not aligned.
    pub(super) fn see(&mut self, token: Token, index: usize, at: usize) {
        let [first, second] = &mut self.found;
        match (self.shape, token.kind) {
            (Shape::Field | Shape::Let | Shape::Value, Kind::Assign) => {
                first.get_or_insert(at);
            }
            (Shape::Block, Kind::Colon) => *first = Some(at),
            (Shape::Block, Kind::Open(Bracket::Brace)) if token.partner == index + 1 => {}
            (Shape::Block, Kind::Open(Bracket::Brace)) if first.is_none() => *first = Some(at),
            (Shape::Block, Kind::Open(Bracket::Brace)) => *second = Some(at),
            (Shape::Claim { verb, .. }, _) if first.is_none() && token.start >= verb => *first = Some(at),
            (Shape::Claim { to, .. }, _) if token.start == to => *second = Some(at),
            (Shape::Statement { actions }, _) if token.start == actions => *first = Some(at),
            (
                Shape::Plain
                | Shape::Field
                | Shape::Let
                | Shape::Value
                | Shape::Block
                | Shape::Name
                | Shape::Allow
                | Shape::Claim { .. }
                | Shape::Statement { .. },
                _,
            ) => {}
        }
    }

    /// The family of an entry that begins with `word`.
    pub(super) fn family<'t>(&self, word: &'t str) -> Option<(Family, &'t str)> {
        match self.shape {
            Shape::Plain | Shape::Name | Shape::Allow => None,
            Shape::Field => Some((Family::Fields, "")),
            Shape::Let | Shape::Value => Some((Family::Fields, word)),
            Shape::Block => Some((Family::Blocks, word)),
            Shape::Claim { .. } => Some((Family::Claims, "")),
            Shape::Statement { .. } => Some((Family::Statements, "")),
        }
    }
}

//! Stretches of a file that can be folded away.

use asiaq_lang::{FileId, Span};

use super::Analysis;
use super::lex::{Lexeme, Piece, Pieces};

/// A stretch that can be folded away; it has at least one line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The stretch, from its first character (an opening bracket) to its last.
    pub span: Span,
    /// Kind of the folded text.
    pub kind: FoldKind,
}

/// Kind of a fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// A body or a list.
    Block,
    /// Comments or documentation.
    Comment,
    /// Consecutive `use`s.
    Uses,
}

impl Analysis {
    /// The folds of a file, in order.
    pub fn folds(&self, file: FileId) -> Vec<Fold> {
        let text = self.sources().text(file);
        let mut folds = Vec::new();
        let mut push = |kind, start, end, has_break: bool| {
            if has_break {
                folds.push(Fold { span: Span::new(file, start, end), kind });
            }
        };
        let has_break = |start: usize, end: usize| {
            text.get(start..end).is_some_and(|folded| folded.contains(['\n', '\r']))
        };
        // Brackets with the line breaks before them: what they enclose is not read again, since they may be nested.
        let mut open: Vec<(Piece, usize)> = Vec::new();
        let mut breaks = 0;
        // The comment lines above, of one sort, with nothing else on them.
        let mut comments: Option<(Lexeme, usize, usize)> = None;
        let mut uses: Option<(usize, usize)> = None;
        let mut line: Vec<Piece> = Vec::new();
        let last = Piece { kind: Lexeme::Break, start: text.len(), end: text.len() };
        for piece in Pieces::new(text, 0..text.len()).chain([last]) {
            match piece.kind {
                Lexeme::Open => open.push((piece, breaks)),
                Lexeme::Close => {
                    let closed = open.iter().rposition(|(opened, _)| is_pair(text, *opened, piece));
                    if let Some(at) = closed
                        && let Some((opened, before)) = open.drain(at..).next()
                    {
                        push(FoldKind::Block, opened.start, piece.end, breaks > before);
                    }
                }
                Lexeme::Word
                | Lexeme::Number
                | Lexeme::String
                | Lexeme::Comment
                | Lexeme::Documentation
                | Lexeme::Comma
                | Lexeme::Break
                | Lexeme::Sign => {}
            }
            if piece.kind != Lexeme::Break {
                line.push(piece);
                continue;
            }
            breaks += 1;
            let (first, end) = (line.first().copied(), line.last().map_or(piece.start, |last| last.end));
            line.clear();
            match (first, comments) {
                (Some(first), Some((kind, start, _))) if first.kind == kind => {
                    comments = Some((kind, start, end));
                }
                (first, before) => {
                    if let Some((_, start, end)) = before {
                        push(FoldKind::Comment, start, end, has_break(start, end));
                    }
                    comments = first
                        .filter(|first| matches!(first.kind, Lexeme::Comment | Lexeme::Documentation))
                        .map(|first| (first.kind, first.start, end));
                }
            }
            let is_use = first.is_some_and(|first| text.get(first.start..first.end) == Some("use"));
            match (is_use, first, uses) {
                (true, Some(first), None) => uses = Some((first.start, end)),
                (true, _, Some((start, _))) => uses = Some((start, end)),
                (_, Some(_), Some((start, end))) => {
                    push(FoldKind::Uses, start, end, has_break(start, end));
                    uses = None;
                }
                (_, _, _) => {}
            }
        }
        if let Some((_, start, end)) = comments {
            push(FoldKind::Comment, start, end, has_break(start, end));
        }
        if let Some((start, end)) = uses {
            push(FoldKind::Uses, start, end, has_break(start, end));
        }
        folds.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
        folds
    }
}

/// Whether one bracket closes another.
fn is_pair(text: &str, opened: Piece, closed: Piece) -> bool {
    let of = |piece: Piece| text.get(piece.start..piece.end).unwrap_or("");
    matches!((of(opened), of(closed)), ("{", "}") | ("[", "]"))
}

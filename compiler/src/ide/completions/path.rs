//! The path of a file that a value names: `file "boot.sh"`.

use asiaq_lang::Span;

use crate::ide::lex::{Lexeme, Piece, Pieces};
use crate::ide::{Analysis, Offset};

/// A path that is being typed. The files that there are must be looked up by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedPath {
    /// The folder, as typed: relative to the folder of the program's file. Empty, or with `/` at its end.
    pub folder: String,
    /// Span of the name in that folder, all of it; a completion replaces it.
    pub name: Span,
}

impl Analysis {
    /// The path after `file` that is being typed at a place, if one is.
    pub fn typed_path(&self, at: Offset) -> Option<TypedPath> {
        let text = self.sources().text(at.file);
        let place = at.at as usize;
        let line = text.get(..place)?.rfind('\n').map_or(0, |end| end + 1);
        let pieces: Vec<Piece> = Pieces::new(text, line..text.len())
            .take_while(|piece| piece.kind != Lexeme::Break && piece.start < place)
            .collect();
        let [.., word, path] = pieces.as_slice() else { return None };
        let slice = |piece: &Piece| text.get(piece.start..piece.end).unwrap_or("");
        let is_open = place < path.end || !slice(path).get(1..).is_some_and(|rest| rest.ends_with('"'));
        if path.kind != Lexeme::String || slice(word) != "file" || place > path.end || !is_open {
            return None;
        }
        let typed = text.get(path.start + 1..place)?;
        if typed.contains("${") {
            return None;
        }
        let folder = typed.rfind('/').map_or("", |slash| typed.get(..=slash).unwrap_or(""));
        let rest = text.get(place..path.end).unwrap_or("");
        let rest = rest.strip_suffix('"').unwrap_or(rest);
        let end = place + rest.find('/').unwrap_or(rest.len());
        let name = Span::new(at.file, path.start + 1 + folder.len(), end);
        Some(TypedPath { folder: folder.to_owned(), name })
    }
}

//! Positions of the protocol: lines from 0, characters in the negotiated encoding.

use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// The unit of a position's character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// A byte.
    Utf8,
    /// A code unit of UTF-16, which every client supports.
    Utf16,
}

impl Encoding {
    /// The encoding to use with a client that offers `kinds`: UTF-8 if it is among them.
    pub(super) fn negotiate<'k>(mut kinds: impl Iterator<Item = &'k str>) -> Self {
        if kinds.any(|kind| kind == "utf-8") { Self::Utf8 } else { Self::Utf16 }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// How many characters `text` has.
    pub(super) fn length(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
        }
    }

    /// The byte offset in `line` after `characters`: the end of the line if it is shorter, and the start of a
    /// character if the position is inside it.
    fn byte(self, line: &str, characters: usize) -> usize {
        match self {
            Self::Utf8 => line.floor_char_boundary(characters),
            Self::Utf16 => {
                let mut left = characters;
                for (at, character) in line.char_indices() {
                    match left.checked_sub(character.len_utf16()) {
                        Some(rest) if left > 0 => left = rest,
                        _ => return at,
                    }
                }
                line.len()
            }
        }
    }
}

/// The offsets at which the lines of a text start: after each `\n`, `\r\n` and lone `\r`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Self { starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The byte offset in `text` of `position`, clamped to the text.
    pub(super) fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.starts.get(line) else { return text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or("").trim_end_matches(['\r', '\n']);
        start + encoding.byte(content, position.character as usize)
    }

    /// The position of byte offset `at` of `text`.
    pub(super) fn position(&self, text: &str, at: usize, encoding: Encoding) -> Position {
        let at = text.floor_char_boundary(at);
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = text.get(start..at).unwrap_or("");
        Position { line: number(line), character: number(encoding.length(before)) }
    }

    pub(super) fn range(&self, text: &str, bytes: std::ops::Range<usize>, encoding: Encoding) -> Range {
        Range {
            start: self.position(text, bytes.start, encoding),
            end: self.position(text, bytes.end, encoding),
        }
    }

    /// The byte offset of the start of the line that `at` is in.
    pub(super) fn start_of_line(&self, at: usize) -> usize {
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        self.starts.get(line).copied().unwrap_or(0)
    }
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The byte at `line` and `character`, and the position that this byte has.
    fn there_and_back(text: &str, line: u32, character: u32, encoding: Encoding) -> (usize, (u32, u32)) {
        let lines = Lines::of(text);
        let at = lines.offset(text, Position { line, character }, encoding);
        let back = lines.position(text, at, encoding);
        (at, (back.line, back.character))
    }

    #[test]
    fn characters_are_counted_as_agreed() {
        // `é` has two bytes and one unit, `𝄞` four bytes and two units.
        let text = "é𝄞x\ny";
        assert_eq!(there_and_back(text, 0, 3, Encoding::Utf16), (6, (0, 3)));
        assert_eq!(there_and_back(text, 0, 6, Encoding::Utf8), (6, (0, 6)));
        assert_eq!(there_and_back(text, 1, 1, Encoding::Utf16), (9, (1, 1)));
    }

    #[test]
    fn a_place_inside_a_character_is_its_start() {
        let text = "𝄞x";
        assert_eq!(there_and_back(text, 0, 1, Encoding::Utf16), (0, (0, 0)));
        assert_eq!(there_and_back(text, 0, 3, Encoding::Utf8), (0, (0, 0)));
    }

    #[test]
    fn a_place_outside_is_the_nearest_inside() {
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            assert_eq!(there_and_back("ab\r\ncd", 0, 99, encoding), (2, (0, 2)));
            assert_eq!(there_and_back("ab\r\ncd", 7, 0, encoding), (6, (1, 2)));
            assert_eq!(there_and_back("", 3, 3, encoding), (0, (0, 0)));
        }
    }

    #[test]
    fn lines_end_in_all_three_ways() {
        let text = "a\r\nb\rc\nd";
        for (line, at) in [(0, 0), (1, 3), (2, 5), (3, 7)] {
            assert_eq!(there_and_back(text, line, 0, Encoding::Utf16), (at, (line, 0)));
        }
    }

    #[test]
    fn bytes_are_preferred_where_the_client_can() {
        assert_eq!(Encoding::negotiate(["utf-16", "utf-8"].into_iter()), Encoding::Utf8);
        assert_eq!(Encoding::negotiate(["utf-32", "utf-16"].into_iter()), Encoding::Utf16);
        assert_eq!(Encoding::negotiate(std::iter::empty()), Encoding::Utf16);
    }
}

//! Words and signs of a text. They exist in incomplete programs too, where there is no tree.

use std::ops::Range;

/// The kind of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lexeme {
    /// A bare word, with its dashes and dots.
    Word,
    /// Whatever begins with a digit.
    Number,
    /// A text in quotes, if only in one.
    String,
    /// `//`, and the starts of comments of other formats.
    Comment,
    /// `///`
    Documentation,
    /// `{` or `[`
    Open,
    /// `}` or `]`
    Close,
    /// `,`
    Comma,
    /// A line break.
    Break,
    /// Anything else: `=`, `+=`, `..`, `<->`, `->`, `>=`, `@`, `:`.
    Sign,
}

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kind: Lexeme,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The pieces of a text, blanks left out.
pub(super) struct Pieces<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl<'t> Pieces<'t> {
    /// Those of a stretch of `text` that begins at the start of a line.
    pub(super) fn new(text: &'t str, range: Range<usize>) -> Self {
        Self { text, at: range.start, end: range.end.min(text.len()) }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        if at < self.end { self.text.as_bytes().get(at).copied() } else { None }
    }

    fn starts_with(&self, at: usize, what: &str) -> bool {
        let bytes = self.text.as_bytes().get(at..self.end).unwrap_or_default();
        bytes.starts_with(what.as_bytes())
    }

    fn line_end(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    fn word(&self, mut at: usize) -> usize {
        loop {
            while self.byte(at).is_some_and(is_word) {
                at += 1;
            }
            let mut next = at;
            match self.byte(next) {
                Some(b'.') => next += 1,
                Some(b'-') => {
                    while self.byte(next) == Some(b'-') {
                        next += 1;
                    }
                }
                _ => return at,
            }
            if !self.byte(next).is_some_and(is_word) {
                // A dash or a dot at the end is a word that is being typed.
                let is_unfinished = matches!(self.byte(next), None | Some(b' ' | b'\t' | b'\n' | b'\r'));
                return if is_unfinished { next } else { at };
            }
            at = next;
        }
    }

    fn number(&self, mut at: usize) -> usize {
        loop {
            while self.byte(at).is_some_and(|byte| is_word(byte) || byte == b'%') {
                at += 1;
            }
            if self.byte(at) != Some(b'.') || !self.byte(at + 1).is_some_and(is_word) {
                break;
            }
            at += 1;
        }
        if self.byte(at) == Some(b'/') && self.byte(at + 1).is_some_and(|byte| byte.is_ascii_digit()) {
            at += 1;
            while self.byte(at).is_some_and(|byte| byte.is_ascii_digit()) {
                at += 1;
            }
        }
        at
    }

    fn string(&self, start: usize) -> usize {
        let mut at = start + 1;
        loop {
            match self.byte(at) {
                Some(b'"') => return at + 1,
                Some(b'\\') if !matches!(self.byte(at + 1), None | Some(b'\n' | b'\r')) => {
                    // A character may be several bytes; none of the later ones looks like a quote.
                    at += 2;
                }
                None | Some(b'\n' | b'\r') => return at,
                Some(_) => at += 1,
            }
        }
    }

    fn sign(&self, start: usize) -> usize {
        let known = ["<->", "->", ">=", "<=", "+=", "==", ".."];
        let width = known.iter().find(|sign| self.starts_with(start, sign)).map(|sign| sign.len());
        width.map_or_else(
            || {
                let rest = self.text.get(start..self.end).unwrap_or("");
                start + rest.chars().next().map_or(1, char::len_utf8)
            },
            |width| start + width,
        )
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        while matches!(self.byte(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let start = self.at;
        let (kind, end) = match self.byte(start)? {
            b'\r' if self.byte(start + 1) == Some(b'\n') => (Lexeme::Break, start + 2),
            b'\n' | b'\r' => (Lexeme::Break, start + 1),
            b'{' | b'[' => (Lexeme::Open, start + 1),
            b'}' | b']' => (Lexeme::Close, start + 1),
            b',' => (Lexeme::Comma, start + 1),
            b'"' => (Lexeme::String, self.string(start)),
            b'#' | b';' => (Lexeme::Comment, self.line_end(start)),
            b'/' if self.starts_with(start, "///") && !self.starts_with(start, "////") => {
                (Lexeme::Documentation, self.line_end(start))
            }
            b'/' if self.starts_with(start, "//") => (Lexeme::Comment, self.line_end(start)),
            byte if byte.is_ascii_digit() => (Lexeme::Number, self.number(start)),
            byte if is_word(byte) => (Lexeme::Word, self.word(start)),
            _ => (Lexeme::Sign, self.sign(start)),
        };
        self.at = end;
        Some(Piece { kind, start, end })
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

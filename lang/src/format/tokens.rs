//! A text as tokens: words, operators, brackets and comments, without the commas between neighbours.

use std::ops::Range;

use crate::{
    recover,
    scan::{Bracket, Kind as MarkKind, Mark, Marks, is_doc},
};

/// The kind of a token, as far as it matters for the blanks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, a number, a string, or any other text.
    Word,
    /// `=` or `+=`
    Assign,
    /// `:`
    Colon,
    /// `@`
    At,
    /// `?`
    Question,
    /// `..`
    Dots,
    /// `+` or `-`
    Sign,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `{` or `[`
    Open(Bracket),
    /// `}` or `]`
    Close(Bracket),
    /// `// …`
    Comment,
    /// `# …` or `; …`
    ForeignComment,
    /// `/// …`
    Doc,
    /// A string whose second quote is missing.
    Torn,
    /// Text that stays as it is.
    Verbatim,
}

impl Kind {
    /// Whether it is a comment, which goes to the end of its line.
    pub(super) fn is_comment(self) -> bool {
        match self {
            Self::Comment | Self::ForeignComment | Self::Doc => true,
            Self::Word
            | Self::Assign
            | Self::Colon
            | Self::At
            | Self::Question
            | Self::Dots
            | Self::Sign
            | Self::OpenParen
            | Self::CloseParen
            | Self::Open(_)
            | Self::Close(_)
            | Self::Torn
            | Self::Verbatim => false,
        }
    }
}

/// A token and the separators before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Line breaks between the token before and this one.
    pub(super) breaks: usize,
    /// Whether there is a comma between the previous token and this one.
    pub(super) comma: bool,
    /// Of an opening bracket, the index of the closing one.
    pub(super) partner: usize,
}

/// The tokens of a text. Brackets in it match: where they do not, the whole stretch is one token.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lexer = Lexer::new(text, text.len() / 4);
    if lexer.stretch(start..text.len()).is_ok() {
        return lexer.tokens;
    }
    let mut lexer = Lexer::new(text, text.len() / 4);
    for piece in recover::pieces(text, start..text.len()) {
        let (count, breaks, comma) = (lexer.tokens.len(), lexer.breaks, lexer.comma);
        if lexer.stretch(piece.clone()).is_err() {
            lexer.tokens.truncate(count);
            lexer.open.clear();
            (lexer.breaks, lexer.comma) = (breaks, comma);
            lexer.verbatim(piece);
        }
    }
    lexer.tokens
}

/// A bracket lacks its partner.
struct Unbalanced;

struct Lexer<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// Indices of the brackets that are open.
    open: Vec<(Bracket, usize)>,
    breaks: usize,
    comma: bool,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str, capacity: usize) -> Self {
        let tokens = Vec::with_capacity(capacity);
        Self { text, tokens, open: Vec::new(), breaks: 0, comma: false }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let breaks = std::mem::take(&mut self.breaks);
        let comma = std::mem::take(&mut self.comma);
        self.tokens.push(Token { kind, start, end, breaks, comma, partner: 0 });
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn stretch(&mut self, range: Range<usize>) -> Result<(), Unbalanced> {
        for mark in Marks::new(self.text, range) {
            match mark.kind {
                MarkKind::Break => self.line_break(mark.start),
                MarkKind::Open(bracket) => {
                    self.open.push((bracket, self.tokens.len()));
                    self.push(Kind::Open(bracket), mark.start, mark.end);
                }
                MarkKind::Close(bracket) => {
                    let (opened, at) = self.open.pop().ok_or(Unbalanced)?;
                    let closed = self.tokens.len();
                    let open = self.tokens.get_mut(at).filter(|_| opened == bracket).ok_or(Unbalanced)?;
                    open.partner = closed;
                    self.push(Kind::Close(bracket), mark.start, mark.end);
                }
                MarkKind::String => self.push(Kind::Word, mark.start, mark.end),
                MarkKind::OpenString => self.push(Kind::Torn, mark.start, mark.end),
                MarkKind::Comment => self.comment(&mark),
                MarkKind::ForeignComment => {
                    let end = self.trimmed(&mark);
                    self.push(Kind::ForeignComment, mark.start, end);
                }
                MarkKind::Text => self.text(&mark),
            }
        }
        if self.open.is_empty() { Ok(()) } else { Err(Unbalanced) }
    }

    /// A stretch whose brackets do not match.
    fn verbatim(&mut self, piece: Range<usize>) {
        let marks = || Marks::new(self.text, piece.clone());
        let is_solid = |mark: &Mark| mark.kind != MarkKind::Break;
        let first = marks().find(is_solid).map(|mark| mark.start);
        let last = marks().filter(is_solid).last().map(|mark| mark.end);
        let (before, after): (Vec<Mark>, Vec<Mark>) =
            marks().filter(|mark| !is_solid(mark)).partition(|mark| first.is_none_or(|at| mark.start < at));
        for mark in before {
            self.line_break(mark.start);
        }
        if let (Some(first), Some(last)) = (first, last) {
            self.push(Kind::Verbatim, first, last);
            for mark in after.into_iter().filter(|mark| mark.start >= last) {
                self.line_break(mark.start);
            }
        }
    }

    /// `\r\n` is one.
    fn line_break(&mut self, at: usize) {
        if self.byte(at) != b'\n' || at == 0 || self.byte(at - 1) != b'\r' {
            self.breaks += 1;
        }
    }

    fn comment(&mut self, mark: &Mark) {
        let end = self.trimmed(mark);
        let text = self.text.get(mark.start..end).unwrap_or("");
        self.push(if is_doc(text) { Kind::Doc } else { Kind::Comment }, mark.start, end);
    }

    /// Where a comment ends, the blanks at its end left out.
    fn trimmed(&self, mark: &Mark) -> usize {
        let text = self.text.get(mark.start..mark.end).unwrap_or("");
        mark.start + text.trim_end_matches([' ', '\t']).len()
    }

    /// The words and operators of a stretch without brackets, strings and comments.
    fn text(&mut self, mark: &Mark) {
        if self.byte(mark.start) == b'\'' && self.byte(mark.end - 1) == b'\'' && mark.end > mark.start + 1 {
            self.push(Kind::Word, mark.start, mark.end);
            return;
        }
        let mut at = mark.start;
        while at < mark.end {
            match self.byte(at) {
                b' ' | b'\t' => at += 1,
                b',' => {
                    self.comma = true;
                    at += 1;
                }
                _ => {
                    let (kind, length) = self.one(at, mark.end);
                    let end = (at + length).min(mark.end);
                    self.push(kind, at, end);
                    at = end;
                }
            }
        }
    }

    /// The token at a place, which is no blank, and its length.
    fn one(&self, at: usize, end: usize) -> (Kind, usize) {
        let next = if at + 1 < end { self.byte(at + 1) } else { 0 };
        match (self.byte(at), next) {
            (b'=' | b'+', b'=') => (Kind::Assign, 2),
            (b'=' | b'-', b'>') | (b'<' | b'>', b'=') => (Kind::Word, 2),
            (b'=', _) => (Kind::Assign, 1),
            (b':', _) => (Kind::Colon, 1),
            (b'@', _) => (Kind::At, 1),
            (b'?', _) => (Kind::Question, 1),
            (b'(', _) => (Kind::OpenParen, 1),
            (b')', _) => (Kind::CloseParen, 1),
            (b'.', b'.') => (Kind::Dots, 2),
            (b'+' | b'-', _) => (Kind::Sign, 1),
            (b'<', b'-') if self.byte(at + 2) == b'>' => (Kind::Word, 3),
            (b'<' | b'>', _) => (Kind::Word, 1),
            (b'/', b'0'..=b'9') => (Kind::Word, 1 + self.count(at + 1, end, |byte| byte.is_ascii_digit())),
            (b'0'..=b'9', _) => (Kind::Word, self.number(at, end)),
            (b'a'..=b'z' | b'A'..=b'Z' | b'_', _) => (Kind::Word, self.path(at, end)),
            _ => (Kind::Word, self.count(at, end, |byte| !matches!(byte, b' ' | b'\t' | b','))),
        }
    }

    fn count(&self, at: usize, end: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(at..end).unwrap_or_default();
        rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
    }

    /// `intranet`, `us-west-2`, `m3.large`, `staging/tunnel`
    fn path(&self, start: usize, end: usize) -> usize {
        let mut at = start;
        loop {
            at += self.count(at, end, is_letter_or_digit);
            let next = match self.byte(at) {
                b'.' => at + 1,
                b'-' => at + self.count(at, end, |byte| byte == b'-'),
                b'/' if !self.byte(at + 1).is_ascii_digit() => at + 1,
                _ => return at - start,
            };
            if next >= end || !is_letter_or_digit(self.byte(next)) {
                return at - start;
            }
            at = next;
        }
    }

    /// `5`, `0.5`, `300s`, `33.3%`, `10.0.0.0/16`
    fn number(&self, start: usize, end: usize) -> usize {
        let mut at = start;
        loop {
            at += self.count(at, end, |byte| is_letter_or_digit(byte) || byte == b'%');
            let goes_on = at + 1 < end && is_letter_or_digit(self.byte(at + 1));
            match self.byte(at) {
                b'.' if goes_on => at += 1,
                b'/' if at + 1 < end && self.byte(at + 1).is_ascii_digit() => {
                    return at + 1 + self.count(at + 1, end, |byte| byte.is_ascii_digit()) - start;
                }
                _ => return at - start,
            }
        }
    }
}

fn is_letter_or_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

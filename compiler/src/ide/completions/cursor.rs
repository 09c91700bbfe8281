//! Where the cursor is, by the words and brackets before it: this holds in half-typed text, where there is no
//! tree yet.

use std::ops::Range;

use crate::ide::lex::{Lexeme, Piece, Pieces};

/// The text before the cursor, as far as completion needs it.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    /// The word being typed, all of it; empty where there is none.
    pub(super) replace: Range<usize>,
    /// The brackets it is in, from the outside to the inside.
    pub(super) frames: Vec<Frame<'t>>,
    /// The words before it since the last comma, line break or bracket.
    pub(super) statement: Vec<&'t str>,
    /// Where the first of these starts.
    pub(super) statement_start: Option<usize>,
    /// The text it is in.
    pub(super) within: Within,
    /// Whether it is between the parentheses of an `allow`.
    pub(super) is_in_allow: bool,
    /// Names that the statements after the cursor set, as far as its bracket goes.
    pub(super) later: Vec<&'t str>,
    /// The nested declarations of the declaration at the cursor, by kind and name.
    pub(super) nested: Vec<(&'t str, &'t str)>,
}

/// The sort of text that the cursor is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// The program.
    Program,
    /// A text, where a variable may be meant.
    Variable,
}

/// A bracket around the cursor.
#[derive(Clone, Debug)]
pub(super) struct Frame<'t> {
    pub(super) bracket: &'t str,
    /// The words before it in the statement.
    pub(super) heading: Vec<&'t str>,
    heading_start: Option<usize>,
    /// Names that statements in it set, or blocks that they declare.
    pub(super) set: Vec<&'t str>,
    /// Blanks at the start of its line.
    indent: usize,
}

/// Placeholder in a statement for a closed pair of brackets and its content.
const CLOSED: &str = "[]";

impl<'t> Cursor<'t> {
    /// The cursor at byte `at`; nothing within a comment or a text.
    pub(super) fn find(text: &'t str, at: usize) -> Option<Self> {
        if !text.is_char_boundary(at) {
            return None;
        }
        let item = item_around(text, at);
        let pieces: Vec<Piece> = Pieces::new(text, item).collect();
        let mut cursor = Self {
            text,
            replace: at..at,
            frames: Vec::new(),
            statement: Vec::new(),
            statement_start: None,
            within: Within::Program,
            is_in_allow: false,
            later: Vec::new(),
            nested: Vec::new(),
        };
        let before = pieces.partition_point(|piece| piece.start < at);
        let touched = before.checked_sub(1).and_then(|last| pieces.get(last)).filter(|last| at <= last.end);
        let mut count = before;
        if let Some(piece) = touched {
            match piece.kind {
                Lexeme::Comment | Lexeme::Documentation => return None,
                Lexeme::Word | Lexeme::Number => {
                    cursor.replace = piece.start..piece.end;
                    count -= 1;
                }
                Lexeme::String => {
                    let is_closed = text.get(piece.start + 1..piece.end).is_some_and(|t| t.ends_with('"'));
                    if at < piece.end || !is_closed {
                        cursor.replace = variable(text, *piece, at)?;
                        cursor.within = Within::Variable;
                        count -= 1;
                    }
                }
                Lexeme::Open | Lexeme::Close | Lexeme::Comma | Lexeme::Break | Lexeme::Sign => {}
            }
        }
        cursor.walk(&pieces, count);
        cursor.look_ahead(pieces.get(before..).unwrap_or_default());
        Some(cursor)
    }

    /// The word being typed, as far as it goes.
    pub(super) fn typed(&self) -> &'t str {
        self.text.get(self.replace.clone()).unwrap_or("")
    }

    /// Whether `what` follows the word being typed.
    pub(super) fn is_followed_by(&self, what: &str) -> bool {
        self.text
            .get(self.replace.end..)
            .is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(what))
    }

    fn slice(&self, piece: Piece) -> &'t str {
        self.text.get(piece.start..piece.end).unwrap_or("")
    }

    /// Takes in the first `count` pieces.
    fn walk(&mut self, pieces: &[Piece], count: usize) {
        let depth = |wanted| pieces.iter().filter(|piece| piece.kind == wanted).count();
        let is_torn = depth(Lexeme::Open) > depth(Lexeme::Close);
        let mut leads = true;
        let mut indent = 0;
        for (at, piece) in pieces.iter().take(count).enumerate() {
            if piece.kind == Lexeme::Break {
                if !self.goes_on() {
                    self.end_statement();
                }
                leads = true;
                continue;
            }
            if std::mem::replace(&mut leads, false) {
                indent = self.indent(piece.start);
                let next = pieces.get(at + 1).map_or("", |next| self.slice(*next));
                let after = pieces.get(at + 2).map_or("", |after| self.slice(*after));
                let begins = matches!(next, "=" | "+=" | "@" | "{") || after == "{";
                if piece.kind == Lexeme::Word && begins && !self.statement.is_empty() {
                    // The setting before lacks its value, and this is not a value.
                    self.end_statement();
                }
                self.leave(*piece, next, indent, is_torn);
            }
            self.take(*piece, indent);
        }
        // The line with the cursor may itself show that a bracket is missing.
        if leads && !self.replace.is_empty() {
            let next = pieces.get(count + 1).map_or("", |next| self.slice(*next));
            let piece = Piece { kind: Lexeme::Word, start: self.replace.start, end: self.replace.end };
            self.leave(piece, next, self.indent(self.replace.start), is_torn);
        }
    }

    /// Leaves the brackets that a line with `first` at its start cannot be in.
    fn leave(&mut self, first: Piece, next: &str, indent: usize, is_torn: bool) {
        if first.kind == Lexeme::Word && matches!(next, "=" | "+=" | "@" | "{") {
            while self.frames.last().is_some_and(|frame| frame.bracket == "[") {
                self.leave_one();
            }
        }
        if is_torn && first.kind != Lexeme::Close {
            while self.frames.last().is_some_and(|frame| frame.indent >= indent) {
                self.leave_one();
            }
        }
    }

    fn leave_one(&mut self) {
        self.frames.pop();
        self.statement.clear();
        self.statement_start = None;
    }

    fn take(&mut self, piece: Piece, indent: usize) {
        let text = self.slice(piece);
        match piece.kind {
            Lexeme::Comment | Lexeme::Documentation | Lexeme::Break => {}
            Lexeme::Sign if text == "(" && self.statement == ["allow"] => {
                self.statement.clear();
                self.is_in_allow = true;
            }
            // The declaration or field after `allow(…)` starts a new statement.
            Lexeme::Sign if text == ")" && self.is_in_allow => {
                self.statement.clear();
                self.statement_start = None;
                self.is_in_allow = false;
            }
            Lexeme::Comma => self.end_statement(),
            Lexeme::Open => {
                if let [kind, name] | ["replace", kind, name] = self.statement.as_slice()
                    && !self.frames.is_empty()
                {
                    self.nested.push((kind, name));
                }
                self.note_set();
                self.frames.push(Frame {
                    bracket: text,
                    heading: std::mem::take(&mut self.statement),
                    heading_start: self.statement_start.take(),
                    set: Vec::new(),
                    indent,
                });
            }
            Lexeme::Close => {
                if let Some(frame) = self.frames.pop() {
                    self.statement = frame.heading;
                    self.statement.push(CLOSED);
                    self.statement_start = frame.heading_start;
                }
            }
            Lexeme::Word | Lexeme::Number | Lexeme::String | Lexeme::Sign => {
                self.statement_start = self.statement_start.or(Some(piece.start));
                self.statement.push(text);
            }
        }
    }

    /// Whether the statement goes on over a line break.
    fn goes_on(&self) -> bool {
        if self.is_in_allow {
            return true;
        }
        if self.is_in_condition() && matches!(self.statement.last(), Some(&("or" | "for" | "x"))) {
            return true;
        }
        let ends = [
            "=", "+=", ":", "..", "<->", "->", ">", ">=", "<", "<=", "+", "-", "from", "via", "in", "at", "@",
        ];
        self.statement.len() > 1 && self.statement.last().is_some_and(|last| ends.contains(last))
    }

    /// Whether something is compared in the statement.
    fn is_in_condition(&self) -> bool {
        self.statement.iter().any(|word| matches!(*word, ">" | ">=" | "<" | "<="))
    }

    fn end_statement(&mut self) {
        self.note_set();
        self.statement.clear();
        self.statement_start = None;
    }

    /// Notes the field that the statement sets, or the block that it declares.
    fn note_set(&mut self) {
        if let Some(name) = sets(&self.statement)
            && let Some(frame) = self.frames.last_mut()
        {
            frame.set.push(name);
        }
    }

    /// Notes what the rest of the innermost bracket sets, and what the rest of the declaration declares.
    fn look_ahead(&mut self, pieces: &[Piece]) {
        let mut depth = 0_usize;
        let mut is_inside = true;
        let mut statement: Vec<&str> = Vec::new();
        for piece in pieces {
            match piece.kind {
                Lexeme::Comment | Lexeme::Documentation => {}
                Lexeme::Open | Lexeme::Comma | Lexeme::Break => {
                    if let [kind, name] | ["replace", kind, name] = statement.as_slice()
                        && piece.kind == Lexeme::Open
                    {
                        self.nested.push((kind, name));
                    }
                    if depth == 0 && is_inside {
                        self.later.extend(sets(&statement));
                    }
                    statement.clear();
                    depth += usize::from(piece.kind == Lexeme::Open);
                }
                Lexeme::Close => {
                    if depth == 0 && is_inside {
                        self.later.extend(sets(&statement));
                        is_inside = false;
                    }
                    depth = depth.saturating_sub(1);
                    statement.clear();
                }
                Lexeme::Word | Lexeme::Number | Lexeme::String | Lexeme::Sign => {
                    statement.push(self.slice(*piece));
                }
            }
        }
    }

    /// Blanks before the first character of a line.
    fn indent(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or("");
        at - before.rfind(['\n', '\r']).map_or(0, |line| line + 1)
    }
}

/// The field that a statement sets everywhere, or the block without a name that it declares.
fn sets<'t>(statement: &[&'t str]) -> Option<&'t str> {
    match statement {
        [name, "=" | "+=", ..] => Some(name),
        [block] if !matches!(*block, CLOSED | "allow") => Some(block),
        _ => None,
    }
}

/// The stretch of the declaration that `at` is in, as far as unindented lines show.
fn item_around(text: &str, at: usize) -> Range<usize> {
    let (mut start, mut line) = (0, 0);
    for piece in text.split_inclusive('\n') {
        if begins_item(piece) {
            if line > at {
                return start..line;
            }
            start = line;
        }
        line += piece.len();
    }
    start..text.len()
}

/// Whether an unindented line begins a declaration: a word, then a name, a path or a bracket.
fn begins_item(line: &str) -> bool {
    let mut pieces = Pieces::new(line, 0..line.len());
    let first = pieces.next().filter(|piece| piece.kind == Lexeme::Word && piece.start == 0);
    let Some(first) = first else { return false };
    match pieces.next() {
        Some(next) => match next.kind {
            Lexeme::Word | Lexeme::String => next.start > first.end,
            Lexeme::Open => line.get(next.start..next.end) == Some("{"),
            Lexeme::Number
            | Lexeme::Comment
            | Lexeme::Documentation
            | Lexeme::Close
            | Lexeme::Comma
            | Lexeme::Break
            | Lexeme::Sign => false,
        },
        None => false,
    }
}

/// The variable in a text that the cursor is in: from behind `${`, or the `$` itself.
fn variable(text: &str, string: Piece, at: usize) -> Option<Range<usize>> {
    let before = text.get(string.start..at)?;
    let rest = text.get(at..string.end)?;
    if let Some(open) = before.rfind("${") {
        let path = before.get(open + 2..)?;
        if !path.contains('}') {
            let more = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')));
            return Some(string.start + open + 2..at + more.unwrap_or(rest.len()));
        }
    }
    before.ends_with('$').then(|| at - 1..at)
}

//! The pre-scan: one linear pass that knows only strings, comments, brackets and line breaks. It cuts a file
//! into chunks that are parsed one by one, and finds what the grammar must never see: brackets and quotes
//! that do not match, and nesting deeper than a stack should follow.

use std::ops::Range;

/// Nesting that is followed; deeper text is skipped.
pub(crate) const MAX_DEPTH: usize = 64;

/// The kind of text at a place, as far as it matters for matching brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `{` or `[`
    Open(Bracket),
    /// `}` or `]`
    Close(Bracket),
    /// A string with both its quotes.
    String,
    /// A string whose second quote is missing, as far as it can reach.
    OpenString,
    /// `// …` or `/// …`
    Comment,
    /// `# …` or `; …`: a comment elsewhere, but not here.
    ForeignComment,
    /// The end of a line.
    Break,
    /// Anything else, blanks around it not included.
    Text,
}

/// The two pairs of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bracket {
    Brace,
    Square,
}

impl Bracket {
    pub(crate) fn close(self) -> char {
        match self {
            Self::Brace => '}',
            Self::Square => ']',
        }
    }
}

/// A kind and its byte range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The marks of a stretch of text, in order.
pub(crate) struct Marks<'t> {
    bytes: &'t [u8],
    at: usize,
    /// Brackets opened on this line and not closed yet.
    open_here: usize,
    /// A string of this line that ends in the middle of a word, with no bracket since: the quote that is
    /// missing belongs before its end.
    doubtful: Option<usize>,
}

impl<'t> Marks<'t> {
    /// The marks of `range` of `text`, which starts at the start of a line.
    pub(crate) fn new(text: &'t str, range: Range<usize>) -> Self {
        let bytes = text.as_bytes().get(..range.end).unwrap_or_default();
        Self { bytes, at: range.start, open_here: 0, doubtful: None }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The first place from `at` whose byte is wanted, or the end.
    fn seek(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| wanted(*byte)).unwrap_or(rest.len())
    }

    fn line_end(&self, at: usize) -> usize {
        self.seek(at, is_break)
    }

    /// A string that starts at `start`; a backslash keeps what follows it.
    fn string(&mut self, start: usize) -> Mark {
        let mut at = start + 1;
        loop {
            at = self.seek(at, |byte| matches!(byte, b'"' | b'\\') || is_break(byte));
            match self.byte(at) {
                Some(b'"') => {
                    let end = at + 1;
                    let doubtful = self.byte(end).is_some_and(|byte| byte.is_ascii_alphanumeric());
                    if doubtful && self.doubtful.is_none() {
                        self.doubtful = Some(start);
                    }
                    return Mark { kind: Kind::String, start, end };
                }
                Some(b'\\') if !self.byte(at + 1).is_none_or(is_break) => at += 2,
                Some(b'\\') => at += 1,
                _ => {
                    let start = self.doubtful.unwrap_or(start);
                    return Mark { kind: Kind::OpenString, start, end: self.reach(start, at) };
                }
            }
        }
    }

    /// Where an unclosed string in `start..line_end` ends: before the closing brackets at the end of the
    /// line that belong to brackets opened on it.
    fn reach(&self, start: usize, line_end: usize) -> usize {
        let mut end = line_end;
        let mut kept = line_end;
        for _ in 0..self.open_here {
            while end > start + 1 && self.byte(end - 1).is_some_and(is_blank) {
                end -= 1;
            }
            if end <= start + 1 || !self.byte(end - 1).is_some_and(|byte| matches!(byte, b'}' | b']')) {
                break;
            }
            end -= 1;
            kept = end;
        }
        while kept > start + 1 && self.byte(kept - 1).is_some_and(is_blank) {
            kept -= 1;
        }
        kept
    }

    /// A run of anything that is none of the other kinds.
    fn text(&self, start: usize) -> Mark {
        let mut at = start + 1;
        loop {
            at = self.seek(at, is_special);
            match self.byte(at) {
                Some(b'/') if self.byte(at + 1) != Some(b'/') => at += 1,
                Some(b'\'') if self.quoted(at).is_none() => at += 1,
                _ => break,
            }
        }
        while at > start + 1 && self.byte(at - 1).is_some_and(is_blank) {
            at -= 1;
        }
        Mark { kind: Kind::Text, start, end: at }
    }

    /// The end of `'…'` at `start`, where it has one on this line.
    fn quoted(&self, start: usize) -> Option<usize> {
        let end = self.seek(start + 1, |byte| byte == b'\'' || is_break(byte));
        (self.byte(end) == Some(b'\'')).then_some(end + 1)
    }
}

impl Iterator for Marks<'_> {
    type Item = Mark;

    fn next(&mut self) -> Option<Mark> {
        let start = self.seek(self.at, |byte| !is_blank(byte));
        let one = |kind| Mark { kind, start, end: start + 1 };
        let bracket = match self.byte(start)? {
            b'{' => one(Kind::Open(Bracket::Brace)),
            b'[' => one(Kind::Open(Bracket::Square)),
            b'}' => one(Kind::Close(Bracket::Brace)),
            b']' => one(Kind::Close(Bracket::Square)),
            b'\n' | b'\r' => one(Kind::Break),
            b'"' => self.string(start),
            b'/' if self.byte(start + 1) == Some(b'/') => {
                Mark { kind: Kind::Comment, start, end: self.line_end(start) }
            }
            b'#' | b';' => Mark { kind: Kind::ForeignComment, start, end: self.line_end(start) },
            b'\'' => match self.quoted(start) {
                Some(end) => Mark { kind: Kind::Text, start, end },
                None => self.text(start),
            },
            _ => self.text(start),
        };
        match bracket.kind {
            Kind::Open(_) => (self.open_here, self.doubtful) = (self.open_here + 1, None),
            Kind::Close(_) => (self.open_here, self.doubtful) = (self.open_here.saturating_sub(1), None),
            Kind::Break => (self.open_here, self.doubtful) = (0, None),
            Kind::String | Kind::OpenString | Kind::Comment | Kind::ForeignComment | Kind::Text => {}
        }
        self.at = bracket.end;
        Some(bracket)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b'"' | b'\'' | b'/' | b'#' | b';')
}

/// The result of the pre-scan.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The stretches to parse one by one: each holds whole declarations.
    pub(crate) chunks: Vec<Chunk>,
    /// Every comment and line of documentation.
    pub(crate) comments: Vec<Range<usize>>,
    /// Every `# …` and `; …`.
    pub(crate) foreign: Vec<Range<usize>>,
    /// Whether every bracket has its partner.
    pub(crate) balanced: bool,
}

/// A stretch of text with whole declarations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) range: Range<usize>,
    /// The first bracket that is nested too deeply.
    pub(crate) too_deep: Option<usize>,
    /// Whether a bracket or a quote in it lacks its partner.
    pub(crate) torn: bool,
}

/// Scans `range` of `text`.
pub(crate) fn scan(text: &str, range: Range<usize>) -> Scan {
    let mut found = Scan { balanced: true, ..Scan::default() };
    let mut chunk = Chunk { range: range.start..range.start, ..Chunk::default() };
    let mut open: Vec<Bracket> = Vec::new();
    let mut line_start = range.start;
    // The last mark that is neither a comment (documentation aside) nor a line break, since the chunk began.
    let mut last: Option<Mark> = None;
    for mark in Marks::new(text, range.clone()) {
        if mark.kind == Kind::Break {
            line_start = mark.end;
            continue;
        }
        // A bracket joins the chunks around a comment: `env a`, a line of comment, `{ … }`.
        if mark.start == line_start
            && last.is_none()
            && matches!(mark.kind, Kind::Open(_))
            && let Some(before) = found.chunks.pop()
        {
            chunk.range.start = before.range.start;
        }
        if mark.start == line_start && open.is_empty() && begins_chunk(text, mark, last) {
            chunk.range.end = mark.start;
            let next = Chunk { range: mark.start..mark.start, ..Chunk::default() };
            found.chunks.push(std::mem::replace(&mut chunk, next));
            last = None;
        }
        match mark.kind {
            Kind::Open(bracket) => {
                open.push(bracket);
                if open.len() > MAX_DEPTH && chunk.too_deep.is_none() {
                    chunk.too_deep = Some(mark.start);
                }
            }
            Kind::Close(bracket) => {
                if open.pop() != Some(bracket) {
                    found.balanced = false;
                }
            }
            Kind::Comment => {
                found.comments.push(mark.start..mark.end);
                // Documentation that is not at the start of its line keeps the chunk that it is in going.
                if last.is_some() && text.get(mark.start..mark.end).is_some_and(is_doc) {
                    last = Some(mark);
                }
            }
            Kind::ForeignComment => found.foreign.push(mark.start..mark.end),
            Kind::OpenString => chunk.torn = true,
            Kind::String | Kind::Text | Kind::Break => {}
        }
        if !matches!(mark.kind, Kind::Comment | Kind::ForeignComment) {
            last = Some(mark);
        }
    }
    chunk.range.end = range.end;
    found.chunks.push(chunk);
    found.balanced &= open.is_empty();
    found
}

/// Whether a new chunk begins with `mark`, which starts a line outside all brackets, after `last`.
fn begins_chunk(text: &str, mark: Mark, last: Option<Mark>) -> bool {
    let Some(last) = last else { return false };
    if matches!(mark.kind, Kind::Open(_) | Kind::Close(_)) {
        return false;
    }
    let before = text.get(last.start..last.end).unwrap_or("");
    let starts = text.get(mark.start..mark.end).unwrap_or("");
    if mark.kind == Kind::ForeignComment || mark.kind == Kind::Comment && !is_doc(starts) {
        return false;
    }
    last.kind != Kind::Comment && (last.kind != Kind::Text || !goes_on(before) && !starts.starts_with(')'))
}

/// Whether a comment is documentation.
pub(crate) fn is_doc(comment: &str) -> bool {
    comment.strip_prefix("///").is_some_and(|rest| !rest.starts_with('/'))
}

/// Whether a line begins with an `allow`, which belongs to what follows it.
pub(crate) fn is_allow(line: &str) -> bool {
    line.strip_prefix("allow").is_some_and(|rest| rest.starts_with(['(', ' ', '\t']))
}

/// Whether a line that ends so may go on over the line break. Where it does not, nothing is lost.
fn goes_on(line: &str) -> bool {
    let word = |ending: &str| {
        line.strip_suffix(ending).is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
    };
    line.ends_with(['=', '+', '-', '.', '>', '<', ',', ':', '(', ')'])
        || is_allow(line)
        || ["from", "via", "in", "at", "or", "for", "x", "where"].iter().any(|w| word(w))
}

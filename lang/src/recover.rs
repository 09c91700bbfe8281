//! Repairs text with unbalanced brackets or quotes, so that the rest of it can be parsed.

use std::{borrow::Cow, ops::Range};

use crate::{
    Diagnostic, FileId, Span, errors,
    scan::{Bracket, Kind, MAX_DEPTH, Mark, Marks, is_allow},
};

/// A chunk as the grammar gets it: its brackets and quotes match.
#[derive(Debug)]
pub(crate) struct Repaired<'t> {
    pub(crate) text: Cow<'t, str>,
    /// Where it starts in the file.
    pub(crate) base: usize,
    /// Where it ends in the file.
    pub(crate) end: usize,
    /// Bytes of `text` that are not in the file, in order.
    pub(crate) inserted: Vec<usize>,
    /// Stretches of the file that lack a quote, and brackets that lack a partner, in order: they mean nothing.
    broken: Vec<Range<usize>>,
}

impl<'t> Repaired<'t> {
    /// A chunk in which there is nothing to mend.
    pub(crate) fn whole(text: &'t str, range: Range<usize>) -> Self {
        Self {
            text: Cow::Borrowed(text.get(range.clone()).unwrap_or("")),
            base: range.start,
            end: range.end,
            inserted: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Where in the file byte `at` of the text is.
    pub(crate) fn place(&self, at: usize) -> usize {
        let extra = self.inserted.partition_point(|inserted| *inserted < at);
        (self.base + at - extra).min(self.end)
    }

    /// Whether something in a place, or right behind an empty one, lacks its partner.
    pub(crate) fn is_broken(&self, place: Span) -> bool {
        let range = place.range();
        let next = self.broken.partition_point(|broken| broken.end <= range.start);
        self.broken.get(next).is_some_and(|broken| broken.start < range.end.max(range.start + 1))
    }
}

/// Cuts a file whose brackets do not match at the lines that begin a declaration, so that a missing bracket
/// damages nothing else.
pub(crate) fn pieces(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = range.start;
    let mut at = range.start;
    let mut documented = false;
    for line in text.get(range.clone()).unwrap_or("").split_inclusive(['\n', '\r']) {
        let is_doc = line.starts_with("///");
        let is_allow = is_allow(line);
        if (is_doc || is_allow || begins_declaration(line)) && !documented && at > start {
            found.push(start..at);
            start = at;
        }
        documented = is_doc
            || is_allow && line.trim_end().ends_with(')')
            || documented && (line.trim().is_empty() || line.starts_with("//"));
        at += line.len();
    }
    found.push(start..range.end);
    found
}

/// Whether an unindented line begins a declaration: a word, then a name or a `{`.
fn begins_declaration(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let word = rest.len() < line.len() && line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let after = rest.trim_start_matches([' ', '\t']);
    word && (after.starts_with('{')
        || after.len() < rest.len()
            && after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '"'))
}

/// An opened bracket.
#[derive(Clone, Copy)]
struct Opened {
    bracket: Bracket,
    at: usize,
    /// Blanks at the start of its line.
    indent: usize,
}

/// A repair of the text at a place.
enum Change {
    Insert(char),
    Blank(usize),
    Replace(char),
    CloseString(usize),
}

struct Repairer<'t> {
    file: FileId,
    text: &'t str,
    range: Range<usize>,
    /// Brackets closed but never opened (or opened but never closed), by the count of both.
    surplus: usize,
    missing: usize,
    open: Vec<Opened>,
    /// Where the first line ends, comments aside, until a line without indentation has a `{`.
    bare_header: Option<usize>,
    changes: Vec<(usize, Change)>,
    broken: Vec<Range<usize>>,
    brackets: Vec<Diagnostic>,
    strings: Vec<Diagnostic>,
}

/// Reads `range` of `text`, whose brackets or quotes do not match, as well as it can be; nothing where it is
/// nested too deeply.
pub(crate) fn repair<'t>(
    file: FileId,
    text: &'t str,
    range: Range<usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Repaired<'t>> {
    let count =
        |wanted: fn(Kind) -> bool| Marks::new(text, range.clone()).filter(|mark| wanted(mark.kind)).count();
    let opened = count(|kind| matches!(kind, Kind::Open(_)));
    let closed = count(|kind| matches!(kind, Kind::Close(_)));
    let mut repairer = Repairer {
        file,
        text,
        range: range.clone(),
        surplus: closed.saturating_sub(opened),
        missing: opened.saturating_sub(closed),
        open: Vec::new(),
        bare_header: Some(range.start),
        changes: Vec::new(),
        broken: Vec::new(),
        brackets: Vec::new(),
        strings: Vec::new(),
    };
    if let Some(too_deep) = repairer.walk() {
        diagnostics.push(errors::nested_too_deeply(too_deep));
        return None;
    }
    // An open string may hide a bracket or set one free, so it alone is to blame.
    let blamed = if repairer.strings.is_empty() { &mut repairer.brackets } else { &mut repairer.strings };
    diagnostics.append(blamed);
    Some(repairer.apply())
}

impl<'t> Repairer<'t> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// Finds every change; gives the place that is nested too deeply, if there is one.
    fn walk(&mut self) -> Option<Span> {
        let mut line = self.range.start;
        let mut first_of_line = true;
        // The end of the text before the mark, without comments and line breaks.
        let mut before = self.range.start;
        let mut indent = 0;
        for mark in Marks::new(self.text, self.range.clone()) {
            match mark.kind {
                Kind::Break => {
                    (line, first_of_line) = (mark.end, true);
                    continue;
                }
                Kind::Comment | Kind::ForeignComment => continue,
                Kind::Open(_) | Kind::Close(_) | Kind::String | Kind::OpenString | Kind::Text => {}
            }
            let leads = std::mem::replace(&mut first_of_line, false);
            if leads {
                indent = mark.start - line;
                if self.bare_header == Some(self.range.start) {
                    self.bare_header = Some(before);
                }
                self.close_by_indent(mark, indent, before);
            }
            match mark.kind {
                Kind::Open(bracket) => {
                    if indent == 0 && bracket == Bracket::Brace {
                        self.bare_header = None;
                    }
                    self.open.push(Opened { bracket, at: mark.start, indent });
                    if self.open.len() > MAX_DEPTH {
                        return Some(self.span(mark.start, mark.end));
                    }
                }
                Kind::Close(bracket) => self.close(mark, bracket, leads.then_some(indent), before),
                Kind::OpenString => {
                    self.strings.push(errors::unclosed_string(self.span(mark.start, mark.end)));
                    self.changes.push((mark.start, Change::CloseString(mark.end)));
                    self.broken.push(mark.start..mark.end);
                }
                Kind::String | Kind::Comment | Kind::ForeignComment | Kind::Break | Kind::Text => {}
            }
            before = before.max(mark.end);
        }
        let rest = self.open.len();
        self.unclosed(rest, before, None);
        None
    }

    /// Where closing brackets are missing: a line that is indented no deeper than the line of an opened
    /// bracket shows that it should have been closed.
    fn close_by_indent(&mut self, mark: Mark, indent: usize, before: usize) {
        let closes = matches!(mark.kind, Kind::Close(_));
        let ended = |opened: &&Opened| opened.indent > indent || opened.indent == indent && !closes;
        let count = self.open.iter().rev().take_while(ended).count().min(self.missing);
        if count > 0 {
            let next = self.span(mark.start, mark.end);
            self.missing -= count;
            self.unclosed(count, before, Some(next));
        }
    }

    /// The innermost `count` open brackets end at `before`, since `next` does not belong to them.
    fn unclosed(&mut self, count: usize, before: usize, next: Option<Span>) {
        let at = self.open.len().saturating_sub(count);
        let ended = self.open.split_off(at);
        let next = next.or_else(|| {
            let rest = self.text.get(self.range.end..).unwrap_or("");
            let line = rest.lines().next().unwrap_or("").trim_end();
            (!line.is_empty()).then(|| self.span(self.range.end, self.range.end + line.len()))
        });
        if let Some(opened) = ended.first() {
            let place = self.span(opened.at, opened.at + 1);
            self.brackets.push(errors::unclosed(place, opened.bracket, next));
            self.broken.push(place.range());
        }
        for opened in ended.iter().rev() {
            self.changes.push((before, Change::Insert(opened.bracket.close())));
        }
    }

    /// A closing bracket; `indent` where it leads its line.
    fn close(&mut self, mark: Mark, bracket: Bracket, indent: Option<usize>, before: usize) {
        let place = self.span(mark.start, mark.end);
        let Some(top) = self.open.last().copied() else {
            self.surplus = self.surplus.saturating_sub(1);
            return self.unopened(place, bracket);
        };
        if self.surplus > 0 && indent.is_some_and(|indent| indent > top.indent) {
            self.surplus -= 1;
            return self.stray(place, bracket);
        }
        if top.bracket == bracket {
            self.open.pop();
            return;
        }
        let above = self.open.iter().rev().take_while(|opened| opened.bracket != bracket).count();
        if self.missing > 0 && above < self.open.len() {
            self.missing = self.missing.saturating_sub(above);
            self.unclosed(above, before, Some(place));
            self.open.pop();
        } else if self.surplus > 0 {
            self.surplus -= 1;
            self.stray(place, bracket);
        } else {
            let opened = self.span(top.at, top.at + 1);
            self.brackets.push(errors::wrong_close(place, opened, top.bracket));
            self.changes.push((mark.start, Change::Replace(top.bracket.close())));
            self.broken.push(mark.start..mark.end);
            self.open.pop();
        }
    }

    /// A bracket that closes nothing: where the first line of the declaration lacks its `{`, that is meant.
    fn unopened(&mut self, place: Span, bracket: Bracket) {
        match self.bare_header.take() {
            Some(header) if bracket == Bracket::Brace && header > self.range.start => {
                self.brackets.push(errors::unopened(self.span(header, header), place));
                self.changes.push((header, Change::Insert('{')));
                self.broken.push(place.range());
            }
            _ => self.stray(place, bracket),
        }
    }

    fn stray(&mut self, place: Span, bracket: Bracket) {
        self.brackets.push(errors::stray_close(place, bracket));
        self.changes.push((place.range().start, Change::Blank(place.range().end)));
        self.broken.push(place.range());
    }

    /// The text with every change made.
    fn apply(mut self) -> Repaired<'t> {
        self.changes.sort_by_key(|(at, _)| *at);
        self.broken.sort_by_key(|broken| broken.start);
        let mut text = String::with_capacity(self.range.len() + self.changes.len());
        let mut inserted = Vec::new();
        let mut done = self.range.start;
        for (at, change) in &self.changes {
            text.push_str(self.text.get(done..*at).unwrap_or(""));
            done = done.max(*at);
            match change {
                Change::Insert(bracket) => {
                    inserted.push(text.len());
                    text.push(*bracket);
                }
                Change::Blank(end) => {
                    text.extend(std::iter::repeat_n(' ', end - at));
                    done = *end;
                }
                Change::Replace(bracket) => {
                    text.push(*bracket);
                    done += bracket.len_utf8();
                }
                Change::CloseString(end) => {
                    text.push('"');
                    text.extend(std::iter::repeat_n(' ', end - at - 1));
                    inserted.push(text.len());
                    text.push('"');
                    done = *end;
                }
            }
        }
        text.push_str(self.text.get(done..self.range.end).unwrap_or(""));
        Repaired {
            text: Cow::Owned(text),
            base: self.range.start,
            end: self.range.end,
            inserted,
            broken: self.broken,
        }
    }
}

//! Characters of other languages: block comments, `--`, `;` between fields, typographic quotes, unusual spaces and
//! wide letters. Each is reported once, and replaced before the text is parsed.
//!
//! A replacement has the same length in bytes, so the spans of other diagnostics stay correct.

use std::{borrow::Cow, cell::Cell, ops::Range};

use crate::{Diagnostic, FileId, Span, codes, errors};

/// Bytes that are looked at around a `;`: a line may have many.
const NEAR: usize = 1000;

/// The text for the parser. Everything before `start` is left unchanged.
pub(crate) fn translate<'t>(
    file: FileId,
    text: &'t str,
    start: usize,
    into: &mut Vec<Diagnostic>,
) -> Cow<'t, str> {
    let is_odd = |byte: u8| byte >= 0x80 || byte == b';' || is_control(byte);
    if !text.bytes().any(is_odd) && !text.contains("/*") && !text.contains("--") {
        return Cow::Borrowed(text);
    }
    let mut translator = Translator {
        file,
        text,
        at: start,
        done: 0,
        line_start: start,
        line_end: Cell::new(start),
        output: String::new(),
        found: Vec::new(),
    };
    translator.walk();
    if translator.found.is_empty() {
        return Cow::Borrowed(text);
    }
    translator.copy(text.len());
    into.append(&mut translator.found);
    Cow::Owned(translator.output)
}

/// A control character that is neither a blank nor a line break.
fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r') || byte == 0x7f
}

struct Translator<'t> {
    file: FileId,
    text: &'t str,
    /// Where it reads, and up to where it has written.
    at: usize,
    done: usize,
    line_start: usize,
    /// The end of the line that was last asked for. A line may be long, and have much to be replaced.
    line_end: Cell<usize>,
    output: String,
    found: Vec<Diagnostic>,
}

impl<'t> Translator<'t> {
    fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or("")
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    /// The rest of the line.
    fn line(&self) -> &'t str {
        self.slice(self.at..self.end_of_line(self.at))
    }

    /// The end of the line that `at` is in.
    fn end_of_line(&self, at: usize) -> usize {
        if at < self.line_start || at >= self.line_end.get() {
            let rest = self.text.as_bytes().get(at..).unwrap_or_default();
            let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            self.line_end.set(at + length.unwrap_or(rest.len()));
        }
        self.line_end.get()
    }

    /// Writes the text as it is up to `end`.
    fn copy(&mut self, end: usize) {
        let text = self.slice(self.done..end);
        self.output.push_str(text);
        self.done = self.done.max(end);
    }

    /// Writes `meant` in place of `range`, filled up with blanks.
    fn replace(&mut self, range: Range<usize>, meant: &str) {
        self.copy(range.start);
        let room = range.len().saturating_sub(meant.len());
        let joins = self.text.as_bytes().get(range.end).is_some_and(u8::is_ascii_alphanumeric);
        if !joins {
            self.output.push_str(meant);
        }
        self.output.extend(std::iter::repeat_n(' ', room));
        if joins {
            self.output.push_str(meant);
        }
        self.done = range.end;
    }

    fn walk(&mut self) {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'\n' | b'\r' => {
                    self.at += 1;
                    self.line_start = self.at;
                }
                b'"' => self.string(),
                b'\'' => self.at += quoted(self.line()),
                b'#' => self.at += self.line().len(),
                b';' => self.semicolon(),
                b'/' if self.line().starts_with("//") => self.at += self.line().len(),
                b'/' if self.line().starts_with("/*") => self.block_comment(),
                b'-' if self.line().starts_with("--") && self.is_apart() => self.dashes(),
                _ if byte >= 0x80 || is_control(byte) => self.odd(),
                _ => self.at += 1,
            }
        }
    }

    /// Whether the current place is at the start of a line or after a blank.
    fn is_apart(&self) -> bool {
        self.slice(self.line_start..self.at).chars().next_back().is_none_or(char::is_whitespace)
    }

    /// A string in straight quotes, whose last may be a typographic one.
    fn string(&mut self) {
        let line = self.line();
        if let Some(length) = string_length(line) {
            self.at += length;
            return;
        }
        let close = line.char_indices().find(|(_, c)| is_double_quote(*c));
        if let Some((at, close)) = close {
            let range = self.at + at..self.at + at + close.len_utf8();
            self.found.push(errors::curly_quotes(self.span(range.clone()), None));
            self.replace(range.clone(), "\"");
            self.at = range.end;
        } else {
            self.at += line.len();
        }
    }

    fn semicolon(&mut self) {
        let line = self.line();
        let lead = self.slice(self.line_start..self.at).trim().is_empty();
        let near = (0..=NEAR.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        let rest = line.get(1..near).unwrap_or("").trim();
        let is_code = is_code(rest) || self.is_in_allow();
        if lead || !(rest.is_empty() || rest.starts_with("//") || is_code) {
            // A comment in the syntax of other formats; it is reported with the comments.
            self.at += line.len();
            return;
        }
        let place = self.at..self.at + 1;
        let next = if rest.is_empty() || rest.starts_with(['}', ']', '/']) { "" } else { "," };
        let span = self.span(place.clone());
        match self.found.last_mut() {
            Some(last) if last.code == codes::SEMICOLON && last.primary.range().start >= self.line_start => {
                errors::again(last, span, next);
            }
            _ => self.found.push(errors::semicolon(span, next)),
        }
        self.replace(place, next);
        self.at += 1;
    }

    /// Whether an `allow(` on this line is still open: its codes stand here.
    fn is_in_allow(&self) -> bool {
        let near = self.line_start.max(self.at.saturating_sub(NEAR));
        let near = (near..=self.at).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.at);
        let before = self.slice(near..self.at);
        before.rsplit_once("allow(").is_some_and(|(_, codes)| !codes.contains(')'))
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let inside = start + "/*".len();
        let length = self.slice(inside..self.text.len()).find("*/");
        let end = match length {
            Some(length) => inside + length + "*/".len(),
            None => start + self.line().len(),
        };
        let comment = self.slice(start..end);
        let after = self.slice(end..self.end_of_line(end)).trim();
        let is_last = after.is_empty() || after.starts_with("//");
        let lead = self.slice(self.line_start..start).trim().is_empty();
        let whole = self.span(start..end);
        self.found.push(if length.is_some() {
            errors::block_comment(whole, comment, is_last && (lead || !comment.contains('\n')))
        } else {
            errors::unclosed_comment(self.span(start..inside), whole, comment)
        });
        self.copy(start);
        self.output.extend(comment.bytes().map(|byte| match byte {
            b'\n' => '\n',
            b'\r' => '\r',
            _ => ' ',
        }));
        self.done = end;
        self.at = end;
        if let Some(last) = comment.rfind(['\n', '\r']) {
            self.line_start = start + last + 1;
        }
    }

    /// A comment as SQL and Lua have it.
    fn dashes(&mut self) {
        let line = self.line();
        let range = self.at..self.at + line.trim_end().len();
        self.found.push(errors::dashed_comment(self.span(range), line.trim_end()));
        self.replace(self.at..self.at + 2, "//");
        self.at += line.len();
    }

    fn odd(&mut self) {
        let line = self.line();
        let Some(first) = line.chars().next() else { return };
        if is_double_quote(first) || is_single_quote(first) {
            return self.curly(first);
        }
        let before = self.slice(self.line_start..self.at);
        let length = line.find(|c| meant_by(c).is_none()).unwrap_or(line.len());
        let (run, after) = line.split_at_checked(length).unwrap_or((line, ""));
        if run.is_empty() {
            self.at += first.len_utf8();
            return;
        }
        // A dash between two numbers is a range.
        let is_digit = |c: char| c.is_ascii_digit();
        let is_range = before.ends_with(is_digit) && after.starts_with(is_digit);
        let meant: String = match run {
            "–" | "—" | "−" if is_range => "..".to_owned(),
            _ => run.chars().filter_map(meant_by).collect(),
        };
        let range = self.at..self.at + run.len();
        let span = self.span(range.clone());
        match self.found.last_mut() {
            Some(last)
                if last.code == codes::FOREIGN_CHARACTER && last.primary.range().start >= self.line_start =>
            {
                errors::again(last, span, &meant);
            }
            _ => self.found.push(errors::foreign_character(span, first, &meant)),
        }
        self.replace(range.clone(), &meant);
        self.at = range.end;
    }

    /// A string in typographic quotes.
    fn curly(&mut self, first: char) {
        let line = self.line();
        let open = self.at..self.at + first.len_utf8();
        let inside = line.get(first.len_utf8()..).unwrap_or("");
        let is_double = is_double_quote(first);
        let closes = |c: char| {
            if is_double { is_double_quote(c) || c == '"' } else { is_single_quote(c) || c == '\'' }
        };
        if let Some((length, close)) = inside.char_indices().find(|(_, c)| closes(*c)) {
            let close = open.end + length..open.end + length + close.len_utf8();
            self.found.push(errors::curly_quotes(self.span(open.clone()), Some(self.span(close.clone()))));
            // Blanks before the quote, not after it, where they would be part of the text.
            self.copy(open.start);
            self.output.extend(std::iter::repeat_n(' ', open.len() - 1));
            self.output.push('"');
            self.done = open.end;
            self.copy(close.start);
            self.output.push('"');
            self.output.extend(std::iter::repeat_n(' ', close.len() - 1));
            self.done = close.end;
            self.at = close.end;
        } else {
            let end = inside.find([',', ' ', '\t', '}', ']']).unwrap_or(inside.len());
            let word = inside.get(..end).unwrap_or("").to_owned();
            self.found.push(errors::curly_quotes(self.span(open.clone()), None));
            let range = open.start..open.end + end;
            self.replace(range.clone(), &format!("\"{word}\""));
            self.at = range.end;
        }
    }
}

/// The length of the string that `line` begins with, where it has its second quote.
fn string_length(line: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in line.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of the text in single quotes that `line` begins with; of the quote alone where it has one.
fn quoted(line: &str) -> usize {
    line.bytes().skip(1).position(|byte| byte == b'\'').map_or(1, |at| at + 2)
}

/// Whether what follows a `;` is more of the program, not the comment of an ini file.
fn is_code(rest: &str) -> bool {
    let opens = |open, close| rest.matches(open).count() < rest.matches(close).count();
    if rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '}' | ']' | '"' | '@'))
        || opens('[', ']')
        || opens('{', '}')
    {
        return true;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
    let after = rest.trim_start_matches(is_name);
    after.len() < rest.len()
        && (after.trim_start().starts_with(['=', '{']) || after.trim_start().starts_with("+="))
        || rest.contains('{') && rest.contains('}')
}

fn is_double_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '＂')
}

fn is_single_quote(c: char) -> bool {
    matches!(c, '‘' | '’' | '‚' | '‛' | '′' | '＇')
}

/// The replacement for a character that is not part of the language; absent if it is unclear. Letters and digits
/// are not included, because a name is never replaced.
fn meant_by(c: char) -> Option<&'static str> {
    match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{85}' => {
            Some(" ")
        }
        '\u{2028}' | '\u{2029}' => Some("\n"),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => Some(""),
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' => Some(" "),
        '–' | '—' | '−' | '‐' | '‑' => Some("-"),
        '→' => Some("->"),
        '↔' | '⇔' => Some("<->"),
        '…' | '‥' => Some(".."),
        '、' | '，' | '；' => Some(","),
        '：' => Some(":"),
        '＝' => Some("="),
        '＋' => Some("+"),
        '＠' => Some("@"),
        '｛' => Some("{"),
        '｝' => Some("}"),
        '［' => Some("["),
        '］' => Some("]"),
        '％' => Some("%"),
        '＜' => Some("<"),
        '＞' => Some(">"),
        _ => None,
    }
}

//! Text that is broken into lines.

use anstyle::Style;

use super::{Cell, KEPT};
use crate::ui::text::paint;

/// Lines that are filled from cells, word by word.
pub(super) struct Flow {
    width: usize,
    hang: usize,
    lines: Vec<Vec<(Style, String)>>,
    line: Vec<(Style, String)>,
    used: usize,
}

impl Flow {
    pub(super) fn new(width: usize, hang: usize) -> Self {
        Self { width, hang, lines: Vec::new(), line: Vec::new(), used: 0 }
    }

    /// Adds a cell after a gap of so many spaces. A gap at the end of a line is dropped.
    pub(super) fn cell(&mut self, cell: &Cell, gap: usize) {
        let mut gap = gap;
        let length = cell.width();
        // A cell that fits on a line of its own is not broken.
        if self.used > self.hang && self.used + gap + length > self.width && self.hang + length <= self.width
        {
            self.end_line();
            gap = 0;
        }
        for word in cell.text.split(' ') {
            if !word.is_empty() {
                self.word(cell.style, word, gap);
                gap = 0;
            }
            gap += 1;
        }
        if cell.text.is_empty() {
            self.used += gap.saturating_sub(1);
            self.append(cell.style, &" ".repeat(gap.saturating_sub(1)));
        }
    }

    pub(super) fn lines(mut self) -> Vec<String> {
        self.lines.push(self.line);
        let drawn = |line: Vec<(Style, String)>| {
            let text: String = line.iter().map(|(style, text)| paint(*style, text)).collect();
            text.trim_end().replace(KEPT, " ")
        };
        self.lines.into_iter().map(drawn).collect()
    }

    fn word(&mut self, style: Style, word: &str, gap: usize) {
        let length = word.chars().count();
        if self.used + gap + length <= self.width {
            self.put(style, word, gap);
            return;
        }
        if self.used > self.hang || (self.lines.is_empty() && self.used > 0) {
            self.end_line();
        }
        let mut rest = word;
        while rest.chars().count() > self.width.saturating_sub(self.used) {
            let (first, after) = broken(rest, self.width.saturating_sub(self.used).max(1));
            self.put(style, first, 0);
            self.end_line();
            rest = after;
        }
        self.put(style, rest, 0);
    }

    fn put(&mut self, style: Style, text: &str, gap: usize) {
        self.append(style, &" ".repeat(gap));
        self.append(style, text);
        self.used += gap + text.chars().count();
    }

    fn append(&mut self, style: Style, text: &str) {
        match self.line.last_mut() {
            Some((last, said)) if *last == style => said.push_str(text),
            _ if text.trim().is_empty() => self.line.push((Style::new(), text.to_owned())),
            _ => self.line.push((style, text.to_owned())),
        }
    }

    fn end_line(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
        self.line.push((Style::new(), " ".repeat(self.hang)));
        self.used = self.hang;
    }
}

/// A word broken so that its first part has at most `room` characters: after a separator if there is one.
fn broken(word: &str, room: usize) -> (&str, &str) {
    let end = word.char_indices().nth(room).map_or(word.len(), |(at, _)| at);
    let is_separator = |sign: char| matches!(sign, '/' | ',' | '.' | ':' | '-' | '_' | '&' | '=' | '\u{a0}');
    let head = word.get(..end).unwrap_or(word);
    let cut = head.rfind(is_separator).map_or(end, |at| at + 1);
    word.split_at_checked(cut).unwrap_or((word, ""))
}

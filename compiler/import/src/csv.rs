//! Comma-separated values as Python's `csv` reads them: rows of any length, quotes anywhere.

use asiaq_lang::{FileId, Span};

/// A cell with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    QuoteInQuoted,
}

/// The rows of a text, the empty ones too.
pub(crate) fn read(file: FileId, text: &str) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let mut row: Vec<Cell> = Vec::new();
    let (mut cell, mut start, mut state) = (String::new(), 0, State::Start);
    let mut is_fresh = true;
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let is_end = matches!(sign, '\n' | '\r');
        if state == State::Quoted {
            match sign {
                '"' => state = State::QuoteInQuoted,
                _ => cell.push(sign),
            }
            continue;
        }
        if is_end {
            if !(is_fresh && row.is_empty()) {
                row.push(Cell { text: std::mem::take(&mut cell), span: Span::new(file, start, at) });
            }
            rows.push(std::mem::take(&mut row));
            let end = if sign == '\r' && signs.next_if(|(_, next)| *next == '\n').is_some() {
                at + 2
            } else {
                at + 1
            };
            (start, state, is_fresh) = (end, State::Start, true);
            continue;
        }
        is_fresh = false;
        match (sign, state) {
            (',', _) => {
                row.push(Cell { text: std::mem::take(&mut cell), span: Span::new(file, start, at) });
                (start, state) = (at + 1, State::Start);
            }
            ('"', State::Start) => state = State::Quoted,
            ('"', State::QuoteInQuoted) => {
                cell.push('"');
                state = State::Quoted;
            }
            _ => {
                cell.push(sign);
                state = State::Plain;
            }
        }
    }
    if !(is_fresh && row.is_empty()) {
        row.push(Cell { text: cell, span: Span::new(file, start, text.len()) });
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests;

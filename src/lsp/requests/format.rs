//! Formatting, as edits of the fewest lines.

use std::time::{Duration, Instant};

use asiaq_lang::format;
use gen_lsp_types::{DocumentFormattingParams, DocumentRangeFormattingParams, TextEdit};
use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

use crate::lsp::client::Client;
use crate::lsp::documents::Document;

/// How long to search for a smaller edit.
const TIMEOUT: Duration = Duration::from_millis(100);

pub(super) fn document(client: &Client, document: &Document, _: &DocumentFormattingParams) -> Vec<TextEdit> {
    edits(client, document)
}

/// Formats only what touches a range.
pub(super) fn range(
    client: &Client,
    document: &Document,
    params: &DocumentRangeFormattingParams,
) -> Vec<TextEdit> {
    let mut edits = edits(client, document);
    edits.retain(|edit| edit.range.start <= params.range.end && params.range.start <= edit.range.end);
    edits
}

fn edits(client: &Client, document: &Document) -> Vec<TextEdit> {
    let formatted = format(&document.text);
    let changes = changes(&document.text, &formatted);
    let edit = |(bytes, new_text)| TextEdit {
        range: document.lines.range(&document.text, bytes, client.encoding),
        new_text,
    };
    changes.into_iter().map(edit).collect()
}

/// The replacements of whole lines that turn `old` into `new`.
fn changes(old: &str, new: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let (old, new) = (lines(old), lines(new));
    let deadline = Instant::now().checked_add(TIMEOUT);
    let operations = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(old.iter().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        }))
        .collect();
    let byte = |line: usize| starts.get(line).copied().unwrap_or_default();
    let changed = operations.iter().filter(|operation| operation.tag() != DiffTag::Equal);
    changed
        .map(|operation| {
            let (goes, comes) = (operation.old_range(), operation.new_range());
            (byte(goes.start)..byte(goes.end), new.get(comes).unwrap_or_default().concat())
        })
        .collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn only_lines_that_differ_change() {
        assert_eq!(changes("a\nb\nc\n", "a\nB\nc\n"), [(2..4, "B\n".to_owned())]);
        assert_eq!(changes("a\nb", "a\nb\n"), [(2..3, "b\n".to_owned())]);
        assert_eq!(changes("a\n\n\nb\n", "a\nb\nc\n"), [(2..4, String::new()), (6..6, "c\n".to_owned())]);
        assert_eq!(changes("", "a\n"), [(0..0, "a\n".to_owned())]);
        assert!(changes("a\n", "a\n").is_empty());
    }
}

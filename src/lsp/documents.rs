//! The client's buffers, edit by edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use gen_lsp_types::TextDocumentContentChangeEvent as Change;

use super::place::Place;
use super::text::{Encoding, Lines};

/// A buffer. An edit replaces it, so that the worker can keep using the old one.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// URI in the client's spelling.
    pub(super) uri: String,
    /// The client's version number.
    pub(super) version: i32,
    /// The server's revision number, unique over all documents.
    pub(super) revision: u64,
    pub(super) text: String,
    pub(super) lines: Lines,
}

/// All open buffers.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<Place, Arc<Document>>,
    last: u64,
}

impl Documents {
    pub(super) fn open(&mut self, place: Place, uri: String, version: i32, text: String) {
        self.last += 1;
        let lines = Lines::of(&text);
        let document = Document { uri, version, revision: self.last, text, lines };
        self.open.insert(place, Arc::new(document));
    }

    /// Applies `changes` in order. Does nothing if the document is not open.
    pub(super) fn edit(&mut self, place: &Place, version: i32, changes: Vec<Change>, encoding: Encoding) {
        let Some(shared) = self.open.get_mut(place) else { return };
        self.last += 1;
        let document = Arc::make_mut(shared);
        document.version = version;
        document.revision = self.last;
        for change in changes {
            match change {
                Change::TextDocumentContentChangePartial(change) => {
                    let at = |position| document.lines.offset(&document.text, position, encoding);
                    let (start, end) = (at(change.range.start), at(change.range.end));
                    document.text.replace_range(start.min(end)..end.max(start), &change.text);
                }
                Change::TextDocumentContentChangeWholeDocument(change) => document.text = change.text,
            }
            document.lines = Lines::of(&document.text);
        }
    }

    pub(super) fn close(&mut self, place: &Place) {
        self.open.remove(place);
    }

    pub(super) fn get(&self, place: &Place) -> Option<&Arc<Document>> {
        self.open.get(place)
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.open.keys()
    }

    /// The buffers as they are now, for the worker.
    pub(super) fn snapshot(&self) -> BTreeMap<Place, Arc<Document>> {
        self.open.clone()
    }
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{
        Position, Range, TextDocumentContentChangePartial, TextDocumentContentChangeWholeDocument,
    };

    use super::*;

    #[expect(deprecated, reason = "the length is deprecated, and has to be given")]
    fn change(from: (u32, u32), to: (u32, u32), text: &str) -> Change {
        let at = |(line, character)| Position { line, character };
        let range = Range { start: at(from), end: at(to) };
        let text = text.to_owned();
        TextDocumentContentChangePartial { range, range_length: None, text }.into()
    }

    fn after(text: &str, changes: Vec<Change>) -> String {
        let mut documents = Documents::default();
        let place = Place::of("untitled:a");
        documents.open(place.clone(), "untitled:a".to_owned(), 1, text.to_owned());
        documents.edit(&place, 2, changes, Encoding::Utf16);
        documents.get(&place).unwrap().text.clone()
    }

    #[test]
    fn edits_are_applied_in_order() {
        let changes = vec![change((0, 1), (0, 2), "BB"), change((0, 3), (1, 0), " ")];
        assert_eq!(after("abc\nd", changes), "aBB d");
    }

    #[test]
    fn units_are_those_of_utf_16() {
        assert_eq!(after("𝄞a\r\n𝄞b", vec![change((1, 2), (1, 3), "c")]), "𝄞a\r\n𝄞c");
    }

    #[test]
    fn a_range_that_is_backwards_or_outside_does_no_harm() {
        assert_eq!(after("abc", vec![change((0, 2), (0, 1), "-")]), "a-c");
        assert_eq!(after("abc", vec![change((9, 0), (9, 9), "!")]), "abc!");
    }

    #[test]
    fn the_whole_text_may_be_sent_too() {
        let whole = TextDocumentContentChangeWholeDocument { text: "new".to_owned() };
        assert_eq!(after("old", vec![whole.into(), change((0, 0), (0, 0), "a ")]), "a new");
    }
}

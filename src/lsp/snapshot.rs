//! A checked project with its locations as URIs and ranges.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use asiaq_compiler::Workspace;
use asiaq_compiler::ide::{Analysis, Offset};
use asiaq_lang::{Edit, FileId, Span};
use gen_lsp_types::{Location, Position, Range, TextEdit};

use super::documents::Document;
use super::library::Library;
use super::place::Place;
use super::root::{Root, Texts};
use super::text::{Encoding, Lines, number};

#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) root: Root,
    /// Number of the job; later jobs have higher numbers.
    pub(super) job: u64,
    pub(super) analysis: Analysis,
    /// The buffers that were checked.
    buffers: BTreeMap<Place, Arc<Document>>,
    files: Vec<File>,
    library: Library,
    encoding: Encoding,
}

/// What the client knows about a file.
#[derive(Debug)]
struct File {
    /// `None` for a file of the library, which is written to disk when something points to it.
    place: Option<Place>,
    lines: OnceLock<Lines>,
}

impl Snapshot {
    /// Checks the project in `texts`, reusing the syntax trees of `previous` for unchanged files.
    pub(super) fn take(
        texts: Texts,
        job: u64,
        previous: Option<&Self>,
        library: &Library,
        encoding: Encoding,
    ) -> Self {
        let empty = Workspace::default();
        let previous = previous.map_or(&empty, |previous| previous.analysis.workspace());
        let workspace = texts.load(previous);
        let analysis = Analysis::new(workspace);
        let file = |id| File { place: texts.place(analysis.sources().path(id)), lines: OnceLock::new() };
        let files = analysis.sources().ids().map(file).collect();
        let Texts { root, buffers } = texts;
        Self { root, job, analysis, buffers, files, library: library.clone(), encoding }
    }

    /// The file at `place`, if the project has one there.
    pub(super) fn file(&self, place: &Place) -> Option<FileId> {
        if let Some(name) = self.library.name(place) {
            return self.analysis.file(&name);
        }
        let at = self.files.iter().position(|file| file.place.as_ref() == Some(place))?;
        self.analysis.sources().ids().nth(at)
    }

    /// The revision of the document at `place` that was checked, if it is part of the project and was open.
    pub(super) fn revision(&self, place: &Place) -> Option<u64> {
        self.file(place)?;
        self.buffers.get(place).map(|document| document.revision)
    }

    /// The open documents of the project.
    pub(super) fn open_places(&self) -> impl Iterator<Item = &Place> {
        self.buffers.keys().filter(|place| self.file(place).is_some())
    }

    /// The location of a file.
    pub(super) fn place(&self, file: FileId) -> Option<Place> {
        let known = self.files.get(file.0 as usize)?;
        known.place.clone().or_else(|| {
            let sources = self.analysis.sources();
            let name = sources.path(file);
            name.starts_with("std/").then(|| self.library.place(name, sources.text(file)))?
        })
    }

    /// The buffer of a file, if it is open.
    pub(super) fn document(&self, file: FileId) -> Option<&Document> {
        self.buffers.get(&self.place(file)?).map(Arc::as_ref)
    }

    /// The URI of a file, in the client's spelling if it is open.
    pub(super) fn uri(&self, file: FileId) -> Option<String> {
        let place = self.place(file)?;
        Some(self.buffers.get(&place).map_or_else(|| place.uri(), |document| document.uri.clone()))
    }

    pub(super) fn text(&self, file: FileId) -> &str {
        self.analysis.sources().text(file)
    }

    pub(super) fn offset(&self, file: FileId, position: Position) -> Offset {
        let at = self.lines(file, |lines, text| lines.offset(text, position, self.encoding));
        Offset { file, at: number(at) }
    }

    pub(super) fn span(&self, file: FileId, range: Range) -> Span {
        let (start, end) = (self.offset(file, range.start).at, self.offset(file, range.end).at);
        Span { file, start: start.min(end), end: end.max(start) }
    }

    pub(super) fn position(&self, file: FileId, at: u32) -> Position {
        self.lines(file, |lines, text| lines.position(text, at as usize, self.encoding))
    }

    pub(super) fn range(&self, span: Span) -> Range {
        self.lines(span.file, |lines, text| lines.range(text, span.range(), self.encoding))
    }

    /// The byte at which the line of byte `at` starts.
    pub(super) fn start_of_line(&self, file: FileId, at: u32) -> u32 {
        self.lines(file, |lines, _| number(lines.start_of_line(at as usize)))
    }

    pub(super) fn location(&self, span: Span) -> Option<Location> {
        Some(Location { uri: self.uri(span.file)?.into(), range: self.range(span) })
    }

    pub(super) fn text_edit(&self, edit: &Edit) -> TextEdit {
        TextEdit { range: self.range(edit.span), new_text: edit.text.clone() }
    }

    /// The page of a diagnostic code.
    pub(super) fn page(&self, code: &str) -> Option<Place> {
        self.library.page(code)
    }

    /// The number of characters of a span without line breaks.
    pub(super) fn length(&self, span: Span) -> u32 {
        number(self.encoding.length(self.analysis.sources().slice(span)))
    }

    fn lines<T>(&self, file: FileId, look: impl FnOnce(&Lines, &str) -> T) -> T {
        let text = self.text(file);
        match self.files.get(file.0 as usize) {
            Some(known) => look(known.lines.get_or_init(|| Lines::of(text)), text),
            None => look(&Lines::of(text), text),
        }
    }
}

//! Sources by id, and places in them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A stretch of a file, in bytes, the end not included. Both ends are character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    /// The stretch `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let cap = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file, start: cap(start), end: cap(end) }
    }

    /// From the start of `self` to the end of `other`, which is in the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `inner` lies inside it.
    pub fn contains(self, inner: Self) -> bool {
        self.file == inner.file && self.start <= inner.start && inner.end <= self.end
    }

    /// The bytes it covers.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// The files of a project, in the order they were read.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<Arc<Source>>,
}

#[derive(Debug)]
struct Source {
    path: String,
    text: String,
    /// Byte at which each line starts.
    lines: Vec<usize>,
}

impl SourceMap {
    /// Adds a file under the name that messages call it by.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let lines = line_starts(&text);
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Arc::new(Source { path: path.into(), text, lines }));
        id
    }

    /// Adds a file of `other` as it is, without copying its text; nothing where `other` has no such file.
    pub fn share(&mut self, other: &Self, file: FileId) -> Option<FileId> {
        let shared = Arc::clone(other.files.get(file.0 as usize)?);
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(shared);
        Some(id)
    }

    /// The file that is called `path`.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.ids().find(|file| self.path(*file) == path)
    }

    /// Every file id, in order.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// The name of a file; empty for one that is not here.
    pub fn path(&self, file: FileId) -> &str {
        self.file(file).map_or("", |source| &source.path)
    }

    /// The text of a file; empty for one that is not here.
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |source| &source.text)
    }

    /// The text a span covers; empty where it does not fit.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Where a span starts, as people count.
    pub fn start(&self, span: Span) -> Position {
        self.position(span.file, span.start as usize)
    }

    /// Where a span ends, as people count: the place after its last character.
    pub fn end(&self, span: Span) -> Position {
        self.position(span.file, span.end as usize)
    }

    /// The place of byte `at`.
    pub fn position(&self, file: FileId, at: usize) -> Position {
        let Some(source) = self.file(file) else { return Position { line: 1, column: 1 } };
        let line = source.lines.partition_point(|start| *start <= at).saturating_sub(1);
        let start = source.lines.get(line).copied().unwrap_or(0);
        let before = source.text.get(start..at.min(source.text.len())).unwrap_or("");
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        Position { line: count(line), column: count(before.chars().count()) }
    }

    fn file(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize).map(Arc::as_ref)
    }
}

/// Where the lines of a text start: after each `\n`, `\r\n` and lone `\r`, which is where editors end a line, too.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends_at = |at: &usize| match bytes.get(*at) {
        Some(b'\n') => true,
        Some(b'\r') => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..bytes.len()).filter(ends_at).map(|at| at + 1)).collect()
}

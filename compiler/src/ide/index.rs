//! Every name in a project with its symbol: the base of definition, references, rename and highlighting.

pub(super) mod gather;
mod nested;

use asiaq_lang::{FileId, Span};

/// The meaning of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Symbol<S> {
    /// A kind of the language.
    Kind(S),
    /// A field of a kind.
    Field(S, S),
    /// A `let`.
    Let(S),
    /// A declaration at the top of a file, by kind and name; envtypes are of kind `env`.
    Declared(S, S),
    /// A declaration inside an environment, by kind and name, and the farthest environment or envtype in the
    /// chain of inheritance that declares it: its heirs mean the same symbol by this name.
    Nested(S, S, S),
    /// A variable of texts.
    Variable(S),
    /// A file that is used.
    File(FileId),
    /// A type.
    Type(S),
    /// The protocol of a rule.
    Protocol(S),
    /// An AWS region.
    Region(S),
    /// The code of a warning.
    Code(S),
    /// A word with a meaning in its place: `all`, `igw`, one of an enum.
    Word(S),
}

/// Whether a name is declared or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Declaration,
    Reference,
}

/// A name at a place of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurrence {
    pub(super) span: Span,
    pub(super) role: Role,
    /// Index into [`Index::symbols`].
    symbol: u32,
    /// The environment or envtype whose names are visible here.
    owner: Option<u32>,
}

/// Every name in a project.
#[derive(Debug, Default)]
pub(super) struct Index {
    symbols: Vec<Symbol<String>>,
    /// In order of place.
    occurrences: Vec<Occurrence>,
    /// For each symbol its occurrences, declarations first, each in order of place.
    by_symbol: Vec<Vec<u32>>,
}

impl Index {
    /// The name at a place: the one around it, else the one that ends there.
    pub(super) fn at(&self, file: FileId, at: u32) -> Option<&Occurrence> {
        let after = self
            .occurrences
            .partition_point(|occurrence| (occurrence.span.file, occurrence.span.start) <= (file, at));
        let before = self.occurrences.get(after.checked_sub(1)?)?;
        (before.span.file == file && at <= before.span.end).then_some(before)
    }

    /// The names in a file, in order.
    pub(super) fn in_file(&self, file: FileId) -> &[Occurrence] {
        let start = self.occurrences.partition_point(|occurrence| occurrence.span.file < file);
        let end = self.occurrences.partition_point(|occurrence| occurrence.span.file <= file);
        self.occurrences.get(start..end).unwrap_or_default()
    }

    /// The symbol of a name.
    pub(super) fn symbol(&self, occurrence: &Occurrence) -> Option<&Symbol<String>> {
        self.symbols.get(occurrence.symbol as usize)
    }

    /// The environment or envtype whose names are visible at a name.
    pub(super) fn owner(&self, occurrence: &Occurrence) -> Option<&str> {
        match self.symbols.get(occurrence.owner? as usize)? {
            Symbol::Declared(_, name) => Some(name),
            _ => None,
        }
    }

    /// Every occurrence of the same symbol, declarations first.
    pub(super) fn alike(&self, occurrence: &Occurrence) -> impl Iterator<Item = &Occurrence> {
        self.occurrences_of(occurrence.symbol)
    }

    /// Every occurrence of a symbol, declarations first.
    pub(super) fn occurrences_of_symbol(&self, symbol: &Symbol<String>) -> impl Iterator<Item = &Occurrence> {
        let id = self.symbols.iter().position(|known| known == symbol);
        id.and_then(|id| u32::try_from(id).ok()).into_iter().flat_map(|id| self.occurrences_of(id))
    }

    fn occurrences_of(&self, symbol: u32) -> impl Iterator<Item = &Occurrence> {
        let occurrences = self.by_symbol.get(symbol as usize);
        occurrences.into_iter().flatten().filter_map(|at| self.occurrences.get(*at as usize))
    }
}

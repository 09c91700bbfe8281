//! Editor features: pure functions of a project and a place in its text, one feature in each file.
//!
//! Every feature also answers for incomplete programs. For a place that does not exist the answer is empty.

mod completions;
mod cursor_context;
mod definition;
mod folds;
mod hints;
mod hover;
mod index;
mod lenses;
mod lex;
mod markdown;
mod rename;
mod symbols;
#[cfg(test)]
mod tests;
mod tokens;
mod values;

use std::sync::OnceLock;

use asiaq_lang::ast::File;
use asiaq_lang::{FileId, SourceMap};

pub use completions::{Completion, CompletionKind, Insert, TypedPath};
pub use folds::{Fold, FoldKind};
pub use hints::Hint;
pub use hover::Hover;
pub use lenses::Lens;
pub use symbols::{OutlineSymbol, SymbolKind};
pub use tokens::{Modifiers, Token, TokenKind};

use self::index::{Index, Occurrence, Symbol};
use crate::check::{CheckedWorkspace, analyse};
use crate::layout::Layout;
use crate::names::{NameTable, Names};
use crate::schema::Schemas;
use crate::{Checked, Workspace};

/// A project as an editor sees it: its texts, its trees, and their meaning.
#[derive(Debug)]
pub struct Analysis {
    workspace: Workspace,
    checked: Checked,
    schemas: Schemas,
    names: NameTable,
    index: OnceLock<Index>,
}

/// A place between two characters of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// The file.
    pub file: FileId,
    /// Bytes before it.
    pub at: u32,
}

impl Analysis {
    /// Checks a project and keeps what the features need.
    pub fn new(workspace: Workspace) -> Self {
        let CheckedWorkspace { checked, schemas, names } = analyse(workspace.clone());
        Self { workspace, checked, schemas, names, index: OnceLock::new() }
    }

    /// Its files, for [`Workspace::reload`] after the next keystroke.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Its texts, the library's included.
    pub fn sources(&self) -> &SourceMap {
        &self.checked.sources
    }

    /// The checked project with its diagnostics.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// The file that is called `path`.
    pub fn file(&self, path: &str) -> Option<FileId> {
        self.sources().find(path)
    }

    /// The declarations that its names mean.
    fn names(&self) -> Names<'_> {
        self.names.names(&self.workspace.files)
    }

    /// The CIDR blocks of its environments in an account that holds nothing yet.
    fn layout(&self) -> &Layout {
        &self.checked.resources.layout
    }

    /// Every name with its symbol.
    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            Index::gather(self.sources(), &self.workspace.files, &self.schemas, &self.names())
        })
    }

    /// The name at a place, and its symbol.
    fn name_at(&self, at: Offset) -> Option<(&Occurrence, &Symbol<String>)> {
        let occurrence = self.index().at(at.file, at.at)?;
        Some((occurrence, self.index().symbol(occurrence)?))
    }

    /// The tree of a file.
    fn tree(&self, file: FileId) -> Option<&File> {
        self.workspace.files.get(file.0 as usize).map(AsRef::as_ref)
    }
}

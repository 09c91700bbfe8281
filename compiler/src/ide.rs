//! What an editor asks of a project: pure functions of a place in a text, one feature a file.
//!
//! Everything answers from half-typed text too, and whatever a place is that does not exist, the answer is
//! that there is nothing.

mod completions;
mod definition;
mod folds;
mod hints;
mod hover;
mod index;
mod lenses;
mod lex;
mod markdown;
mod rename;
mod spot;
mod symbols;
#[cfg(test)]
mod tests;
mod tokens;
mod values;

use std::sync::OnceLock;

use asiaq_ir::Ir;
use asiaq_lang::ast::File;
use asiaq_lang::{FileId, SourceMap};

pub use completions::{Completion, CompletionKind, Insert};
pub use folds::{Fold, FoldKind};
pub use hints::Hint;
pub use hover::Hover;
pub use lenses::Lens;
pub use symbols::{Symbol, SymbolKind};
pub use tokens::{Modifiers, Token, TokenKind};

use self::index::{Index, Site, Thing};
use crate::checked::{CheckedWorkspace, analyse};
use crate::layout::Layout;
use crate::names::Names;
use crate::schema::Schemas;
use crate::{Checked, Workspace};

/// A project as an editor sees it: its texts, its trees, and what they mean.
#[derive(Debug)]
pub struct Analysis {
    workspace: Workspace,
    checked: Checked,
    schemas: Schemas,
    index: OnceLock<Index>,
    /// Who gets which block, as far as nothing is live.
    layout: Layout,
    /// The resources it asks for, as far as nothing is live.
    ir: Ir,
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
    /// Checks a project, and keeps what is needed to answer for it.
    pub fn new(workspace: Workspace) -> Self {
        let CheckedWorkspace { checked, layout, ir } = analyse(workspace.clone());
        let schemas = Schemas::read(&workspace.files);
        Self { workspace, checked, schemas, index: OnceLock::new(), layout, ir }
    }

    /// Its files, for [`Workspace::reload`] after the next keystroke.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Its texts, the library's included.
    pub fn sources(&self) -> &SourceMap {
        &self.checked.sources
    }

    /// What was found out about it, its diagnostics among that.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// The file that is called `path`.
    pub fn file(&self, path: &str) -> Option<FileId> {
        self.sources().find(path)
    }

    /// What its names mean. Mistakes in them are among the diagnostics already.
    fn names(&self) -> Names<'_> {
        Names::collect(&self.workspace.files, &mut Vec::new())
    }

    /// Every name with what it stands for.
    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            Index::gather(self.sources(), &self.workspace.files, &self.schemas, &self.names())
        })
    }

    /// The name at a place, and what it stands for.
    fn name_at(&self, at: Offset) -> Option<(&Site, &Thing<String>)> {
        let site = self.index().at(at.file, at.at)?;
        Some((site, self.index().thing(site)?))
    }

    /// The tree of a file.
    fn tree(&self, file: FileId) -> Option<&File> {
        self.workspace.files.get(file.0 as usize).map(AsRef::as_ref)
    }
}

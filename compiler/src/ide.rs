//! What an editor asks of a project: pure functions of a place in a text, one feature a file.
//!
//! Everything answers from half-typed text too, and whatever a place is that does not exist, the answer is
//! that there is nothing.

mod completions;
mod definition;
mod folds;
mod hints;
mod hover;
mod lenses;
mod rename;
mod symbols;
mod tokens;

use asiaq_lang::{FileId, SourceMap};

pub use completions::{Completion, CompletionKind, Insert};
pub use folds::{Fold, FoldKind};
pub use hints::Hint;
pub use hover::Hover;
pub use lenses::Lens;
pub use symbols::{Symbol, SymbolKind};
pub use tokens::{Modifiers, Token, TokenKind};

use crate::{Checked, Workspace, check};

/// A project as an editor sees it: its texts, its trees, and what they mean.
#[derive(Debug)]
pub struct Analysis {
    workspace: Workspace,
    checked: Checked,
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
        let checked = check(workspace.clone());
        Self { workspace, checked }
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
}

//! Files of a tree that are no ini files: by what they are told, and what is known of them.

use asiaq_lang::{FileId, Span};

use crate::json::Json;

/// A file of `iam` or `ssm`.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) file: FileId,
    pub(crate) text: String,
}

impl TextFile {
    /// The name of the file, where it is in `folder` and ends in `end`.
    pub(crate) fn name_in(&self, folder: &str, end: &str) -> Option<&str> {
        let name = self.path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(end)?.strip_suffix('.')?;
        (!name.is_empty() && !name.contains('/')).then_some(name)
    }

    pub(crate) fn start(&self) -> Span {
        Span::new(self.file, 0, 0)
    }
}

/// Whether the file at `path` belongs to accounts.
pub(crate) fn is_of_accounts(path: &str) -> bool {
    let ends = ["iam", "tr", "grp", "lifecycle", "acp", "versioning", "web", "logging"];
    (path.starts_with("iam/")
        && ends.iter().any(|end| path.rsplit_once('.').is_some_and(|(_, of)| of == *end)))
        || path.strip_prefix("ssm/documents/").is_some_and(|name| ends_in(name, "ssm") && !name.contains('/'))
}

/// A file that defines a table.
#[derive(Debug)]
pub(crate) struct TableFile {
    pub(crate) path: String,
    pub(crate) json: Json,
}

/// Whether a text is meant to define a table, though it is not JSON.
pub(crate) fn is_meant_for_table(text: &str) -> bool {
    text.contains("\"TableName\"") || text.contains("\"KeySchema\"")
}

/// Whether a document defines a table.
pub(crate) fn is_table(json: &Json) -> bool {
    json.get("TableName").is_some() || json.get("KeySchema").is_some()
}

/// Whether the file at `path` is of a kind.
pub(crate) fn ends_in(path: &str, kind: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(kind))
}

/// The database whose parameters are in the file at `path`.
pub(crate) fn parameters_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("rds/engine_specific/")?.strip_suffix(".ini")?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

//! The client's capabilities. A capability in an unknown form counts as absent.

use std::path::PathBuf;

use serde_json::Value;

use super::place::Place;
use super::text::Encoding;

#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// The workspace folders.
    pub(super) folders: Vec<PathBuf>,
    pub(super) abilities: Abilities,
}

/// The capabilities that the server uses.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each capability is independent")]
pub(super) struct Abilities {
    /// Pulls diagnostics instead of having them pushed.
    pub(super) pulls: bool,
    /// Pulls diagnostics again on request.
    pub(super) pulls_again: bool,
    /// Watches files on request.
    pub(super) watches: bool,
    /// Accepts edits of a given version of a document.
    pub(super) versioned_edits: bool,
    /// Accepts snippets in completions.
    pub(super) snippets: bool,
    /// Shows document symbols as a tree.
    pub(super) symbol_trees: bool,
    /// The refresh requests that it supports, by method.
    pub(super) refreshes: Vec<&'static str>,
    /// Has the command `asiaq.showReferences`, which code lenses run.
    pub(super) shows_references: bool,
}

impl Client {
    /// Reads the parameters of `initialize`.
    pub(super) fn of(params: &Value) -> Self {
        let capabilities = params.get("capabilities").unwrap_or(&Value::Null);
        let is = |pointer: &str| capabilities.pointer(pointer) == Some(&Value::Bool(true));
        let asks_again = REFRESHES.iter().filter(|(pointer, _)| is(pointer));
        let encodings = capabilities.pointer("/general/positionEncodings").and_then(Value::as_array);
        let encodings = encodings.into_iter().flatten().filter_map(Value::as_str);
        Self {
            encoding: Encoding::negotiate(encodings),
            folders: folders(params),
            abilities: Abilities {
                pulls: capabilities.pointer("/textDocument/diagnostic").is_some_and(Value::is_object),
                pulls_again: is("/workspace/diagnostics/refreshSupport"),
                watches: is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
                versioned_edits: is("/workspace/workspaceEdit/documentChanges"),
                snippets: is("/textDocument/completion/completionItem/snippetSupport"),
                symbol_trees: is("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
                refreshes: asks_again.map(|(_, request)| *request).collect(),
                shows_references: params.pointer("/initializationOptions/showReferences")
                    == Some(&Value::Bool(true)),
            },
        }
    }
}

/// Refresh requests by capability: what one file shows may depend on another file.
const REFRESHES: &[(&str, &str)] = &[
    ("/workspace/codeLens/refreshSupport", "workspace/codeLens/refresh"),
    ("/workspace/inlayHint/refreshSupport", "workspace/inlayHint/refresh"),
    ("/workspace/semanticTokens/refreshSupport", "workspace/semanticTokens/refresh"),
];

/// The workspace folders: the list if there is one, otherwise the root.
fn folders(params: &Value) -> Vec<PathBuf> {
    match params.get("workspaceFolders").and_then(Value::as_array) {
        Some(list) => list.iter().filter_map(|folder| folder.get("uri")).filter_map(folder).collect(),
        None => params.get("rootUri").and_then(folder).into_iter().collect(),
    }
}

/// The folder that a URI names.
pub(super) fn folder(uri: &Value) -> Option<PathBuf> {
    match Place::of(uri.as_str()?) {
        Place::Disk(path) => Some(path),
        Place::Client(_) => None,
    }
}

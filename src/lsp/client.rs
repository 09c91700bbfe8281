//! What the client can do. It is read leniently: a capability in an unknown form is one that is not there.

use std::path::PathBuf;

use serde_json::Value;

use super::place::Place;
use super::text::Encoding;

#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// The folders it has open.
    pub(super) folders: Vec<PathBuf>,
    /// What it says of itself.
    pub(super) abilities: Abilities,
}

/// Each of these is offered or it is not.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a client has each ability or it has not")]
pub(super) struct Abilities {
    /// It asks for diagnostics instead of being told.
    pub(super) pulls: bool,
    /// It asks again when told to.
    pub(super) pulls_again: bool,
    /// It watches files if asked to.
    pub(super) watches: bool,
    /// It knows edits of documents in a certain version.
    pub(super) versioned_edits: bool,
    /// It knows snippets.
    pub(super) snippets: bool,
    /// It shows a tree of symbols.
    pub(super) symbol_trees: bool,
    /// What it asks for again when told to: requests of the server by name.
    pub(super) refreshes: Vec<&'static str>,
    /// It has the command `asiaq.showReferences`, which lenses run.
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

/// What the client may ask for again, by capability: what one file shows may depend on another.
const REFRESHES: &[(&str, &str)] = &[
    ("/workspace/codeLens/refreshSupport", "workspace/codeLens/refresh"),
    ("/workspace/inlayHint/refreshSupport", "workspace/inlayHint/refresh"),
    ("/workspace/semanticTokens/refreshSupport", "workspace/semanticTokens/refresh"),
];

/// The workspace's folders: the list where there is one, else the root.
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

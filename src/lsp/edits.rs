//! Workspace edits.

use std::collections::{BTreeMap, HashMap};

use asiaq_lang::{Edit, FileId};
use gen_lsp_types::{
    DocumentChange, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier,
    TextEdit, Uri, WorkspaceEdit,
};

use super::client::Client;
use super::root::Root;
use super::snapshot::Snapshot;

/// The edits as a workspace edit; `None` if one of them is in the standard library.
pub(super) fn workspace_edit(snapshot: &Snapshot, client: &Client, edits: &[Edit]) -> Option<WorkspaceEdit> {
    let mut by_file: BTreeMap<FileId, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        if !is_the_users(snapshot, edit.span.file) {
            return None;
        }
        by_file.entry(edit.span.file).or_default().push(snapshot.text_edit(edit));
    }
    let mut by_uri = Vec::new();
    for (file, edits) in by_file {
        let version = snapshot.document(file).map(|document| document.version);
        by_uri.push((Uri(snapshot.uri(file)?), version, edits));
    }
    Some(if client.abilities.versioned_edits { versioned(by_uri) } else { plain(by_uri) })
}

fn is_the_users(snapshot: &Snapshot, file: FileId) -> bool {
    let is_library = snapshot.analysis.sources().path(file).starts_with("std/");
    !is_library && !matches!(snapshot.root, Root::Library(_))
}

type Changed = (Uri, Option<i32>, Vec<TextEdit>);

fn versioned(changes: Vec<Changed>) -> WorkspaceEdit {
    let change = |(uri, version, edits): Changed| {
        let text_document_identifier = TextDocumentIdentifier { uri };
        let text_document = OptionalVersionedTextDocumentIdentifier { version, text_document_identifier };
        let edits = edits.into_iter().map(Into::into).collect();
        DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits })
    };
    let document_changes = Some(changes.into_iter().map(change).collect());
    WorkspaceEdit { document_changes, ..WorkspaceEdit::default() }
}

fn plain(changes: Vec<Changed>) -> WorkspaceEdit {
    let changes: HashMap<_, _> = changes.into_iter().map(|(uri, _, edits)| (uri, edits)).collect();
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

//! Renames a declaration and all references to it.

use gen_lsp_types::{
    PrepareRenameParams, PrepareRenamePlaceholder, PrepareRenameResult, RenameParams, WorkspaceEdit,
};
use lsp_server::{ErrorCode, ResponseError};

use super::{View, refusal};
use crate::lsp::edits::workspace_edit;

pub(super) fn prepare(view: View<'_>, params: &PrepareRenameParams) -> Option<PrepareRenameResult> {
    let at = view.snapshot.offset(view.file, params.text_document_position_params.position);
    let span = view.snapshot.analysis.renameable(at)?;
    Some(PrepareRenameResult::PrepareRenamePlaceholder(PrepareRenamePlaceholder {
        range: view.snapshot.range(span),
        placeholder: view.snapshot.analysis.sources().slice(span).to_owned(),
    }))
}

pub(super) fn rename(view: View<'_>, params: &RenameParams) -> Result<Option<WorkspaceEdit>, ResponseError> {
    let at = view.snapshot.offset(view.file, params.text_document_position_params.position);
    let edits = view.snapshot.analysis.rename(at, &params.new_name);
    let edits = edits.map_err(|why| refusal(ErrorCode::RequestFailed, why))?;
    match workspace_edit(view.snapshot, view.client, &edits) {
        Some(edit) => Ok(Some(edit)),
        None => Err(refusal(ErrorCode::RequestFailed, "this name is declared in the standard library")),
    }
}

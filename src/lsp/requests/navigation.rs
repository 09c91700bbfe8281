//! Definition, references and highlights of a name.

use asiaq_lang::Span;
use gen_lsp_types::{
    Definition, DefinitionParams, DefinitionResponse, DocumentHighlight, DocumentHighlightKind,
    DocumentHighlightParams, Location, ReferenceParams,
};

use super::View;

pub(super) fn definition(view: View<'_>, params: &DefinitionParams) -> DefinitionResponse {
    let at = view.snapshot.offset(view.file, params.text_document_position_params.position);
    let found = locations(view, &view.snapshot.analysis.definition(at));
    DefinitionResponse::Definition(Definition::LocationList(found))
}

pub(super) fn references(view: View<'_>, params: &ReferenceParams) -> Vec<Location> {
    let at = view.snapshot.offset(view.file, params.text_document_position_params.position);
    let mut found = view.snapshot.analysis.references(at);
    if !params.context.include_declaration {
        let declared = view.snapshot.analysis.definition(at);
        found.retain(|span| !declared.contains(span));
    }
    locations(view, &found)
}

pub(super) fn highlights(view: View<'_>, params: &DocumentHighlightParams) -> Vec<DocumentHighlight> {
    let at = view.snapshot.offset(view.file, params.text_document_position_params.position);
    let declared = view.snapshot.analysis.definition(at);
    let found = view.snapshot.analysis.references(at);
    let here = found.into_iter().filter(|span| span.file == view.file);
    let shown = here.map(|span| DocumentHighlight {
        range: view.snapshot.range(span),
        kind: Some(if declared.contains(&span) {
            DocumentHighlightKind::Write
        } else {
            DocumentHighlightKind::Read
        }),
    });
    shown.collect()
}

fn locations(view: View<'_>, spans: &[Span]) -> Vec<Location> {
    spans.iter().filter_map(|span| view.snapshot.location(*span)).collect()
}

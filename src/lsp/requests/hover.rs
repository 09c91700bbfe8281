//! Hover and inlay hints.

use gen_lsp_types::{
    Hover, HoverParams, InlayHint, InlayHintParams, Label, MarkupContent, MarkupKind, Tooltip,
};

use super::View;

pub(super) fn hover(view: View<'_>, params: &HoverParams) -> Option<Hover> {
    let at = params.text_document_position_params.position;
    let hover = view.snapshot.analysis.hover(view.snapshot.offset(view.file, at))?;
    let range = Some(view.snapshot.range(hover.span));
    Some(Hover { contents: markdown(hover.markdown).into(), range })
}

pub(super) fn hints(view: View<'_>, params: &InlayHintParams) -> Vec<InlayHint> {
    let snapshot = view.snapshot;
    let hints = snapshot.analysis.hints(snapshot.span(view.file, params.range));
    let shown = |hint: asiaq_compiler::ide::Hint| InlayHint {
        position: snapshot.position(view.file, hint.at),
        label: Label::String(hint.label),
        kind: None,
        text_edits: None,
        tooltip: hint.tooltip.map(|tooltip| Tooltip::MarkupContent(markdown(tooltip))),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    hints.into_iter().map(shown).collect()
}

pub(super) fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

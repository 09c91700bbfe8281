//! Code actions: apply a fix, apply all fixes, allow a warning.

use asiaq_lang::{Applicability, Diagnostic, Edit, Fix, Severity, Span, mend};
use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse};

use super::View;
use super::allow::allow;
use crate::lsp::diagnostics::shown;
use crate::lsp::edits::workspace_edit;

pub(super) fn actions(view: View<'_>, params: &CodeActionParams) -> Vec<CodeActionResponse> {
    let only = params.context.only.as_deref();
    let here = view.snapshot.span(view.file, params.range);
    let mut actions = Vec::new();
    if wants(only, &CodeActionKind::QuickFix) {
        for diagnostic in diagnostics(view).filter(|diagnostic| touches(diagnostic.primary, here)) {
            actions.extend(fix(view, diagnostic));
            actions.extend(keep(view, diagnostic));
        }
    }
    if wants(only, &CodeActionKind::SourceFixAll) {
        actions.extend(fix_all(view));
    }
    actions.into_iter().map(CodeActionResponse::CodeAction).collect()
}

/// Whether `only` includes `kind`: a kind includes its sub-kinds, as in `source` and `source.fixAll`.
fn wants(only: Option<&[CodeActionKind]>, kind: &CodeActionKind) -> bool {
    let kind = name(kind);
    only.is_none_or(|only| {
        only.iter().map(name).any(|wanted| {
            wanted.is_empty()
                || kind.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    })
}

fn name(kind: &CodeActionKind) -> String {
    kind.to_string()
}

fn diagnostics(view: View<'_>) -> impl Iterator<Item = &Diagnostic> {
    let all = view.snapshot.analysis.checked().diagnostics.iter();
    all.filter(move |diagnostic| diagnostic.primary.file == view.file)
}

fn touches(place: Span, here: Span) -> bool {
    place.start <= here.end && here.start <= place.end
}

fn fix(view: View<'_>, diagnostic: &Diagnostic) -> Option<CodeAction> {
    let fix = diagnostic.fix.as_ref()?;
    let is_preferred = Some(is_safe(fix));
    let action = action(view, capital(&fix.title), Some(diagnostic), &fix.edits)?;
    Some(CodeAction { is_preferred, ..action })
}

fn keep(view: View<'_>, diagnostic: &Diagnostic) -> Option<CodeAction> {
    match diagnostic.severity {
        Severity::Error => None,
        Severity::Warning => {
            let edit = allow(view.snapshot, diagnostic.primary, &diagnostic.code)?;
            action(view, format!("Allow `{}` here", diagnostic.code), Some(diagnostic), &[edit])
        }
    }
}

fn is_safe(fix: &Fix) -> bool {
    match fix.applicability {
        Applicability::Safe => true,
        Applicability::Suggested => false,
    }
}

/// All safe fixes of the file at once, except those that overlap an earlier one.
fn fix_all(view: View<'_>) -> Option<CodeAction> {
    let fixes = diagnostics(view).filter_map(|diagnostic| diagnostic.fix.as_ref());
    let result = mend(view.snapshot.analysis.sources(), fixes.filter(|fix| is_safe(fix)));
    let edits: Vec<Edit> = result.applied.into_iter().flat_map(|fix| fix.edits.iter().cloned()).collect();
    if edits.is_empty() {
        return None;
    }
    let kind = Some(CodeActionKind::SourceFixAll);
    Some(CodeAction { kind, ..action(view, "Apply all safe fixes".to_owned(), None, &edits)? })
}

fn action(
    view: View<'_>,
    title: String,
    diagnostic: Option<&Diagnostic>,
    edits: &[Edit],
) -> Option<CodeAction> {
    Some(CodeAction {
        title,
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: diagnostic.map(|diagnostic| vec![shown(view.snapshot, diagnostic)]),
        edit: Some(workspace_edit(view.snapshot, view.client, edits)?),
        ..CodeAction::default()
    })
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_includes_its_sub_kinds() {
        let custom = |name: &'static str| CodeActionKind::Custom(name.into());
        assert!(wants(None, &CodeActionKind::QuickFix));
        assert!(wants(Some(&[CodeActionKind::Source]), &CodeActionKind::SourceFixAll));
        assert!(wants(Some(&[CodeActionKind::Empty]), &CodeActionKind::QuickFix));
        assert!(!wants(Some(&[CodeActionKind::Source]), &CodeActionKind::QuickFix));
        assert!(!wants(Some(&[custom("source.fix")]), &CodeActionKind::SourceFixAll));
        assert!(!wants(Some(&[]), &CodeActionKind::QuickFix));
    }
}

//! `allow(CODE, …)`: suppresses warnings, and reports an `allow` without effect.

use std::collections::BTreeSet;

use asiaq_lang::ast::{Allow, File, Name};
use asiaq_lang::{Diagnostic, Severity, SourceMap, Tag};

use crate::errors::codes;
use crate::removal::{self, removal};
use crate::{errors, library};

/// The `allow`s of a project, the library's left out.
pub(crate) fn of_project<'f>(
    sources: &SourceMap,
    files: impl Iterator<Item = &'f File>,
) -> impl Iterator<Item = &'f Allow> {
    files.filter(|file| !library::is_library(sources.path(file.file))).flat_map(|file| &file.allows)
}

/// Whether the codes that `allows` name are warnings'.
pub(crate) fn check(allows: &[Allow]) -> Vec<Diagnostic> {
    let codes = allows.iter().flat_map(|allow| &allow.codes);
    codes
        .filter_map(|code| match codes::find(&code.text) {
            Some(declared) if declared.severity() == Severity::Warning => None,
            Some(_) => Some(errors::error_not_allowed(code)),
            None => Some(errors::unknown_code(code)),
        })
        .collect()
}

fn is_warning(code: &Name) -> bool {
    codes::find(&code.text).is_some_and(|code| code.severity() == Severity::Warning)
}

/// Removes the allowed warnings from `diagnostics`. Returns the codes that suppressed none.
pub(crate) fn silence<'a>(allows: &'a [Allow], diagnostics: &mut Vec<Diagnostic>) -> Vec<Idle<'a>> {
    let mut used: BTreeSet<(usize, &str)> = BTreeSet::new();
    diagnostics.retain(|found| {
        // Of several that cover a place, the innermost has something to do.
        let covering = allows
            .iter()
            .enumerate()
            .filter(|(_, allow)| !found.is_error() && allow.covers.contains(found.primary))
            .filter_map(|(at, allow)| {
                Some((at, allow.codes.iter().find(|code| code.text == found.code.as_str())?))
            })
            .max_by_key(|(at, _)| *at);
        used.extend(covering.map(|(at, code)| (at, code.text.as_str())));
        covering.is_none()
    });
    let each = allows
        .iter()
        .enumerate()
        .flat_map(|(at, allow)| allow.codes.iter().map(move |code| (at, allow, code)));
    each.filter(|(at, _, code)| is_warning(code) && !used.contains(&(*at, code.text.as_str())))
        .map(|(_, allow, code)| Idle { allow, code })
        .collect()
}

/// A code of an `allow` that silences nothing.
pub(crate) struct Idle<'a> {
    allow: &'a Allow,
    code: &'a Name,
}

/// The warnings about codes that silence nothing, those that are allowed themselves left out.
pub(crate) fn idle(sources: &SourceMap, allows: &[Allow], idle: &[Idle<'_>]) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = idle
        .iter()
        .filter(|idle| !needs_account(idle.code) && idle.code.text != codes::IDLE_ALLOW.as_str())
        .map(|idle| told(sources, idle))
        .collect();
    let rest = silence(allows, &mut found);
    found.extend(
        rest.iter()
            .filter(|idle| idle.code.text == codes::IDLE_ALLOW.as_str())
            .map(|idle| told(sources, idle)),
    );
    found
}

/// Whether a check without an account cannot know that a warning does not occur.
fn needs_account(code: &Name) -> bool {
    codes::find(&code.text).is_some_and(|code| code.has(Tag::AccountFacts))
}

fn told(sources: &SourceMap, Idle { allow, code }: &Idle<'_>) -> Diagnostic {
    let text = sources.text(allow.span.file);
    let place =
        if allow.codes.len() == 1 { removal::prefix(text, allow.span) } else { removal(text, code.span) };
    errors::idle_allow(allow, code, place)
}

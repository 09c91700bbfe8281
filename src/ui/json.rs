//! JSON output.

use asiaq_compiler::Capacity;
use asiaq_import::{Difference, Verified};
use asiaq_lang::{Applicability, Diagnostic, Edit, Fix, Position, Related, SourceMap, Span};
use serde::Serialize;

/// Prints `value` and a line break.
pub(crate) fn print(value: &impl Serialize) {
    // All keys are strings, so that this does not fail.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    super::out(&format!("{text}\n"));
}

/// The output of `check --format json`.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    diagnostics: Vec<Entry<'a>>,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<&'a Capacity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification<'a>>,
}

impl<'a> Report<'a> {
    /// Adds the address capacity, for `check --report`.
    pub(crate) fn with_capacity(self, capacity: Option<&'a Capacity>) -> Self {
        Self { capacity, ..self }
    }

    /// Adds what the program of an import has in other words, for `import --verify`.
    pub(crate) fn with_verification(self, sources: &'a SourceMap, verified: Option<&'a Verified>) -> Self {
        let difference = |one: &'a Difference| Differing {
            path: &one.path,
            old: &one.old,
            new: &one.new,
            place: one.place.map(|span| place(sources, span)),
            reason: one.reason.as_deref(),
        };
        let verification = verified.map(|verified| Verification {
            compared: verified.compared,
            differences: verified.differences.iter().map(difference).collect(),
        });
        Self { verification, ..self }
    }
}

#[derive(Serialize)]
struct Verification<'a> {
    compared: usize,
    differences: Vec<Differing<'a>>,
}

#[derive(Serialize)]
struct Differing<'a> {
    path: &'a str,
    old: &'a str,
    new: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    place: Option<Place<'a>>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    severity: asiaq_lang::Severity,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Note<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Mend<'a>>,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Note<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
struct Mend<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

/// Diagnostics with lines and columns from 1, columns in characters.
pub(crate) fn report<'a>(sources: &'a SourceMap, diagnostics: &'a [Diagnostic]) -> Report<'a> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    Report {
        diagnostics: diagnostics.iter().map(|diagnostic| entry(sources, diagnostic)).collect(),
        summary: Summary { errors, warnings: diagnostics.len() - errors },
        capacity: None,
        verification: None,
    }
}

fn entry<'a>(sources: &'a SourceMap, diagnostic: &'a Diagnostic) -> Entry<'a> {
    let note = |related: &'a Related| Note { message: &related.message, place: place(sources, related.span) };
    let change = |edit: &'a Edit| Change { place: place(sources, edit.span), text: &edit.text };
    let mend = |fix: &'a Fix| Mend {
        title: &fix.title,
        applicability: fix.applicability,
        edits: fix.edits.iter().map(change).collect(),
    };
    Entry {
        code: &diagnostic.code,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        place: place(sources, diagnostic.primary),
        label: diagnostic.label.as_deref(),
        related: diagnostic.related.iter().map(note).collect(),
        help: diagnostic.help.as_deref(),
        fix: diagnostic.fix.as_ref().map(mend),
    }
}

fn place(sources: &SourceMap, span: Span) -> Place<'_> {
    let range = Range { start: sources.start(span), end: sources.end(span) };
    Place { file: sources.path(span.file), range }
}

//! Diagnostics that only repeat an earlier mistake: they are removed, so that each mistake is reported once.

use std::sync::Arc;

use asiaq_lang::ast::{Body, Decl, File, Item, Member};
use asiaq_lang::{Diagnostic, SourceMap, Span, Tag, codes};

/// Removes the proofs that fail only because of one of the `reported` errors.
pub(super) fn remove_consequences(
    proofs: &mut Vec<Diagnostic>,
    reported: &[Diagnostic],
    sources: &SourceMap,
) {
    let causes: Vec<&Diagnostic> =
        reported.iter().filter(|found| found.is_error() && !leaves_values_intact(found)).collect();
    proofs.retain(|proof| {
        !causes
            .iter()
            .any(|cause| places(proof).any(|place| contains(place, cause) || precedes(place, cause, sources)))
    });
}

/// Removes the proofs about all fields of a declaration together where one of these fields is broken.
pub(super) fn remove_in_broken_blocks(
    proofs: &mut Vec<Diagnostic>,
    reported: &[Diagnostic],
    files: &[Arc<File>],
) {
    if !proofs.iter().any(|proof| proof.code.has(Tag::WholeBlock)) {
        return;
    }
    let broken: Vec<Span> = reported
        .iter()
        .filter(|found| found.is_error() && !leaves_values_intact(found))
        .filter_map(|found| innermost(files, found.primary))
        .collect();
    proofs.retain(|proof| {
        let block = innermost(files, proof.primary).filter(|_| proof.code.has(Tag::WholeBlock));
        block.is_none_or(|block| !broken.contains(&block))
    });
}

/// The innermost declaration that a place is in.
fn innermost(files: &[Arc<File>], place: Span) -> Option<Span> {
    fn within(decl: &Decl, place: Span) -> Option<Span> {
        decl.span.contains(place).then(|| in_body(&decl.body, place).unwrap_or(decl.span))
    }
    fn in_body(body: &Body, place: Span) -> Option<Span> {
        body.members.iter().find_map(|member| match member {
            Member::Decl(decl) => within(decl, place),
            Member::Override(found) => in_body(&found.body, place),
            Member::Field(_) => None,
        })
    }
    let file = files.iter().find(|file| file.file == place.file)?;
    file.items.iter().find_map(|item| match item {
        Item::Decl(decl) => within(decl, place),
        Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Kind(_) => None,
    })
}

/// Removes every diagnostic within one of the spans, except those about the delimiters themselves.
pub(super) fn remove_within(diagnostics: &mut Vec<Diagnostic>, unbalanced: &[Span]) {
    diagnostics.retain(|found| {
        is_delimiter(found) || !unbalanced.iter().any(|unbalanced| unbalanced.contains(found.primary))
    });
}

/// The spans whose meaning is unknown because a delimiter in them lacks its partner: for a closing one the text
/// from the start of the declaration before it, for an opening one the rest of its line.
pub(super) fn unbalanced(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<Span> {
    let affected = |found: &Diagnostic| {
        let place = found.primary;
        let text = sources.text(place.file);
        let (before, after) = text.split_at_checked(place.range().start)?;
        if found.code == codes::STRAY_CLOSE {
            return Some(Span::new(place.file, declaration_start(before), place.range().end));
        }
        let line = after.split(['\n', '\r']).next().unwrap_or("").len();
        Some(Span::new(place.file, place.range().start, place.range().start + line))
    };
    diagnostics.iter().filter(|found| is_delimiter(found)).filter_map(affected).collect()
}

/// The start of the last line of `text` that begins a declaration: one that begins with a letter.
fn declaration_start(text: &str) -> usize {
    let mut start = text.len();
    for line in text.split_inclusive('\n').rev() {
        start -= line.len();
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            break;
        }
    }
    start
}

/// Whether a diagnostic says that a delimiter lacks its partner.
fn is_delimiter(found: &Diagnostic) -> bool {
    found.code.has(Tag::Delimiter)
}

/// Whether an error leaves the values around it as they were meant: a missing comma between two items does.
fn leaves_values_intact(found: &Diagnostic) -> bool {
    found.code == codes::MISSING_SEPARATOR && found.primary.range().is_empty()
}

/// Every place that a diagnostic cites.
fn places(found: &Diagnostic) -> impl Iterator<Item = Span> {
    found.related.iter().map(|related| related.span).chain([found.primary])
}

/// Whether an error begins within a place. Its end does not count: a broken value may extend beyond the place
/// where the parser gave it up.
fn contains(place: Span, cause: &Diagnostic) -> bool {
    place.contains(Span { end: cause.primary.start, ..cause.primary })
}

/// Whether an error begins right behind a place: a declaration or field whose value is broken lacks nothing else.
fn precedes(name: Span, cause: &Diagnostic, sources: &SourceMap) -> bool {
    let broken = cause.primary;
    let between = Span { start: name.end, end: broken.start, ..name };
    name.file == broken.file
        && name.end <= broken.start
        && sources.slice(between).chars().all(|c| matches!(c, ' ' | '\t' | ':'))
}

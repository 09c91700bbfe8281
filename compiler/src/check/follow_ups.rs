//! Diagnostics that only repeat an earlier mistake: they are removed, so that each mistake is reported once.

use std::collections::BTreeSet;
use std::sync::Arc;

use asiaq_lang::ast::{Body, Decl, File, Item, Member};
use asiaq_lang::{Code, Diagnostic, SourceMap, Span, Tag, codes};

use crate::errors::{codes as of_compiler, nearest};
use crate::library::kinds;

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

/// Removes the proofs about all fields of declarations together where one of these fields is broken.
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
        let mut blocks = places(proof).filter_map(|place| innermost(files, place));
        !proof.code.has(Tag::WholeBlock) || !blocks.any(|block| broken.contains(&block))
    });
}

/// Removes the mistakes in the values of fields that do not exist: what belongs there, nobody knows.
pub(super) fn remove_in_unknown_fields(
    reported: &mut Vec<Diagnostic>,
    declared: &[Diagnostic],
    files: &[Arc<File>],
) {
    let is_unknown = |found: &&Diagnostic| found.code == of_compiler::UNKNOWN_FIELD;
    if reported.is_empty() || !declared.iter().any(|found| is_unknown(&found)) {
        return;
    }
    let names: BTreeSet<Span> = declared.iter().filter(is_unknown).map(|found| found.primary).collect();
    let mut values = Vec::new();
    for item in files.iter().flat_map(|file| &file.items) {
        if let Item::Decl(decl) = item {
            values_of(&decl.body, &names, &mut values);
        }
    }
    reported.retain(|found| !values.iter().any(|value| contains(*value, found)));
}

/// The places of the fields among `names`, with their values.
fn values_of(body: &Body, names: &BTreeSet<Span>, into: &mut Vec<Span>) {
    for member in &body.members {
        match member {
            Member::Field(field) if names.contains(&field.name.span) => {
                into.push(field.name.span.to(field.value.span));
            }
            Member::Decl(decl) => values_of(&decl.body, names, into),
            Member::Override(found) => values_of(&found.body, names, into),
            Member::Field(_) | Member::Statement(_) => {}
        }
    }
}

/// What lacks a declaration of a kind: the code, and the kind.
const LACKS: &[(Code, &str)] = &[
    (of_compiler::BALANCER_WITHOUT_DOMAIN, kinds::PROJECT),
    (of_compiler::NO_PROJECT, kinds::PROJECT),
    (of_compiler::NO_SIZE, kinds::STAGE),
    (of_compiler::RULE_WITHOUT_PEERING, kinds::PEERING),
    (of_compiler::RUN_WITHOUT_NETWORK, kinds::METANETWORK),
];

/// Removes what is missed only because a declaration is of an unknown kind: its name, or what it would have been.
pub(super) fn remove_missed(diagnostics: &mut Vec<Diagnostic>, files: &[Arc<File>], sources: &SourceMap) {
    const NAMES: &[Code] = &[
        of_compiler::UNKNOWN_ENVIRONMENT,
        of_compiler::UNKNOWN_NAME,
        of_compiler::UNKNOWN_NETWORK,
        of_compiler::UNKNOWN_PARENT,
        of_compiler::UNKNOWN_REFERENCE,
    ];
    let unknown: BTreeSet<Span> = diagnostics
        .iter()
        .filter(|found| found.code == of_compiler::UNKNOWN_KIND)
        .map(|found| found.primary)
        .collect();
    if unknown.is_empty() {
        return;
    }
    let mut lost = Vec::new();
    for item in files.iter().flat_map(|file| &file.items) {
        if let Item::Decl(decl) = item {
            lost_in(decl, &unknown, &mut lost);
        }
    }
    let named: BTreeSet<&str> =
        lost.iter().filter_map(|decl| Some(decl.name.as_ref()?.text.as_str())).collect();
    let lacks = |found: &Diagnostic| {
        let kind = LACKS.iter().find(|(code, _)| *code == found.code).map(|(_, kind)| *kind);
        kind.is_some_and(|kind| lost.iter().any(|decl| nearest(&decl.kind.text, &[kind]).is_some()))
    };
    diagnostics.retain(|found| {
        let is_name = NAMES.contains(&found.code) && named.contains(sources.slice(found.primary));
        !is_name && !lacks(found)
    });
}

/// The declarations of unknown kinds in one.
fn lost_in<'d>(decl: &'d Decl, unknown: &BTreeSet<Span>, into: &mut Vec<&'d Decl>) {
    if unknown.contains(&decl.kind.span) {
        into.push(decl);
        return;
    }
    for member in &decl.body.members {
        if let Member::Decl(inner) = member {
            lost_in(inner, unknown, into);
        }
    }
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
            Member::Field(_) | Member::Statement(_) => None,
        })
    }
    let file = files.iter().find(|file| file.file == place.file)?;
    file.items.iter().find_map(|item| match item {
        Item::Decl(decl) => within(decl, place),
        Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
    })
}

/// Removes the diagnostics at places where an error says more.
pub(super) fn remove_repeated(limits: &mut Vec<Diagnostic>, reported: &[Diagnostic]) {
    if limits.is_empty() {
        return;
    }
    let mut errors: Vec<Span> =
        reported.iter().filter(|found| found.is_error()).map(|found| found.primary).collect();
    errors.sort_unstable();
    // For each error, the farthest end of it and those before it in its file.
    let mut ends: Vec<u32> = Vec::with_capacity(errors.len());
    for (at, error) in errors.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| Some((errors.get(before)?, ends.get(before)?)));
        let before = before.filter(|(other, _)| other.file == error.file).map_or(0, |(_, end)| *end);
        ends.push(error.end.max(before));
    }
    limits.retain(|limit| {
        let place = limit.primary;
        let after = errors.partition_point(|error| (error.file, error.start) < (place.file, place.end));
        let last = after.checked_sub(1).and_then(|last| Some((errors.get(last)?, ends.get(last)?)));
        !last.is_some_and(|(error, end)| error.file == place.file && *end > place.start)
    });
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

//! Diagnostics for the client: pushed when they are found, or pulled.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Diagnostic, Severity};
use gen_lsp_types::{
    Code, CodeDescription, Diagnostic as Shown, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, Message, PublishDiagnosticsParams,
};

use super::place::Place;
use super::root::Root;
use super::snapshot::Snapshot;

/// The diagnostics of each file, by project, because a file may be part of several, and what the client has of them.
#[derive(Debug, Default)]
pub(super) struct PublishedDiagnostics {
    found: BTreeMap<Root, BTreeMap<Place, Vec<Shown>>>,
    published: BTreeMap<Place, Published>,
}

/// What was last published for a file.
#[derive(Clone, Debug, PartialEq)]
struct Published {
    version: Option<i32>,
    diagnostics: Vec<Shown>,
}

impl PublishedDiagnostics {
    /// Replaces the diagnostics of a project. Returns the files whose diagnostics may have changed.
    pub(super) fn put(&mut self, root: &Root, found: BTreeMap<Place, Vec<Shown>>) -> BTreeSet<Place> {
        let mut touched: BTreeSet<Place> = found.keys().cloned().collect();
        let before = self.found.insert(root.clone(), found).unwrap_or_default();
        touched.extend(before.into_keys());
        touched
    }

    /// Removes a project. Returns the files whose diagnostics may have changed.
    pub(super) fn remove(&mut self, root: &Root) -> BTreeSet<Place> {
        self.found.remove(root).unwrap_or_default().into_keys().collect()
    }

    /// The diagnostics of a file; one that several projects have is listed once.
    pub(super) fn of(&self, place: &Place) -> Vec<Shown> {
        let mut all: Vec<Shown> = Vec::new();
        for found in self.found.values().filter_map(|found| found.get(place)) {
            let news: Vec<Shown> = found.iter().filter(|shown| !all.contains(shown)).cloned().collect();
            all.extend(news);
        }
        all
    }

    /// The diagnostics of a file to publish, or `None` if the client has them already.
    pub(super) fn publish(
        &mut self,
        place: &Place,
        uri: String,
        version: Option<i32>,
    ) -> Option<PublishDiagnosticsParams> {
        let diagnostics = self.of(place);
        let new = Published { version, diagnostics: diagnostics.clone() };
        let before = if new.diagnostics.is_empty() && version.is_none() {
            self.published.remove(place)
        } else {
            self.published.insert(place.clone(), new.clone())
        };
        let is_new = match before {
            Some(before) => before != new,
            None => !new.diagnostics.is_empty() || version.is_some(),
        };
        is_new.then(|| PublishDiagnosticsParams { uri: uri.into(), version, diagnostics })
    }

    /// Forgets what was published for a file. Returns whether it had diagnostics.
    pub(super) fn clear(&mut self, place: &Place) -> bool {
        self.published.remove(place).is_some_and(|published| !published.diagnostics.is_empty())
    }
}

/// The diagnostics of a snapshot by file. Every open document of the project has an entry.
pub(super) fn found(snapshot: &Snapshot) -> BTreeMap<Place, Vec<Shown>> {
    let mut found: BTreeMap<Place, Vec<Shown>> =
        snapshot.open_places().map(|place| (place.clone(), Vec::new())).collect();
    if matches!(snapshot.root, Root::Library(_)) {
        return found;
    }
    for diagnostic in &snapshot.analysis.checked().diagnostics {
        if let Some(place) = snapshot.place(diagnostic.primary.file) {
            found.entry(place).or_default().push(shown(snapshot, diagnostic));
        }
    }
    found
}

/// A diagnostic as the client shows it.
pub(super) fn shown(snapshot: &Snapshot, diagnostic: &Diagnostic) -> Shown {
    let help = diagnostic.help.iter().map(|help| format!("\n{help}"));
    let message = std::iter::once(diagnostic.message.clone()).chain(help).collect();
    let related = diagnostic.related.iter().filter_map(|related| {
        let location = snapshot.location(related.span)?;
        Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
    });
    let related: Vec<_> = related.collect();
    Shown {
        range: snapshot.range(diagnostic.primary),
        severity: Some(match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
        }),
        code: Some(Code::String(diagnostic.code.clone())),
        code_description: snapshot
            .page(&diagnostic.code)
            .map(|page| CodeDescription { href: page.uri().into() }),
        source: Some("asiaq".to_owned()),
        message: Message::String(message),
        tags: is_unnecessary(&diagnostic.code).then(|| vec![DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

/// Whether a code is about something unnecessary, which clients fade out.
fn is_unnecessary(code: &str) -> bool {
    let starts = ["unused-", "idle-"];
    starts.iter().any(|start| code.starts_with(start)) || ["repeated-rule", "shadowed-rule"].contains(&code)
}

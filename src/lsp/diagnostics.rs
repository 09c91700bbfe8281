//! What is wrong, as the client wants to hear it: told as it is found, or when asked.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Diagnostic, Severity, Tag};
use gen_lsp_types::{
    Code, CodeDescription, Diagnostic as Shown, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, Message, PublishDiagnosticsParams,
};

use super::place::Place;
use super::root::Root;
use super::snapshot::Snapshot;

/// What is wrong in each file, by the project that found it: a file may be part of several.
#[derive(Debug, Default)]
pub(super) struct Board {
    found: BTreeMap<Root, BTreeMap<Place, Vec<Shown>>>,
    told: BTreeMap<Place, Told>,
}

/// What a client has been told about a file.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    version: Option<i32>,
    diagnostics: Vec<Shown>,
}

impl Board {
    /// Takes what a project found in place of what it found before. Returns the files that may have changed.
    pub(super) fn put(&mut self, root: &Root, found: BTreeMap<Place, Vec<Shown>>) -> BTreeSet<Place> {
        let mut touched: BTreeSet<Place> = found.keys().cloned().collect();
        let before = self.found.insert(root.clone(), found).unwrap_or_default();
        touched.extend(before.into_keys());
        touched
    }

    /// Forgets a project that nobody looks at any more. Returns the files that may have changed.
    pub(super) fn remove(&mut self, root: &Root) -> BTreeSet<Place> {
        self.found.remove(root).unwrap_or_default().into_keys().collect()
    }

    /// What is wrong in a file: a mistake that several projects find is one.
    pub(super) fn of(&self, place: &Place) -> Vec<Shown> {
        let mut all: Vec<Shown> = Vec::new();
        for found in self.found.values().filter_map(|found| found.get(place)) {
            let news: Vec<Shown> = found.iter().filter(|shown| !all.contains(shown)).cloned().collect();
            all.extend(news);
        }
        all
    }

    /// What to tell the client about a file; nothing where it knows.
    pub(super) fn tell(
        &mut self,
        place: &Place,
        uri: String,
        version: Option<i32>,
    ) -> Option<PublishDiagnosticsParams> {
        let diagnostics = self.of(place);
        let told = Told { version, diagnostics: diagnostics.clone() };
        let before = if told.diagnostics.is_empty() && version.is_none() {
            self.told.remove(place)
        } else {
            self.told.insert(place.clone(), told.clone())
        };
        let is_news = match before {
            Some(before) => before != told,
            None => !told.diagnostics.is_empty() || version.is_some(),
        };
        is_news.then(|| PublishDiagnosticsParams { uri: uri.into(), version, diagnostics })
    }

    /// Forgets what the client has been told about a file. Returns whether something was wrong in it.
    pub(super) fn untell(&mut self, place: &Place) -> bool {
        self.told.remove(place).is_some_and(|told| !told.diagnostics.is_empty())
    }
}

/// What a snapshot found, by file. Every open document of the project has an entry, if an empty one.
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
        code: Some(Code::String(diagnostic.code.to_string())),
        code_description: snapshot
            .page(&diagnostic.code)
            .map(|page| CodeDescription { href: page.uri().into() }),
        source: Some("asiaq".to_owned()),
        message: Message::String(message),
        tags: diagnostic.code.has(Tag::Unnecessary).then(|| vec![DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

//! Checks the draft, and makes comments of what the compiler does not accept.

use std::collections::BTreeMap;

use asiaq_compiler::{Files, Workspace, check};
use asiaq_lang::{Diagnostic, Span, format};

use crate::draft::{Draft, Path, Rendered};

/// Rounds: an environment that goes takes with it what was said for it, and so on.
const ROUNDS: usize = 24;

/// The texts of the files, laid out, and what the compiler says about the places of the old files.
pub(crate) fn settle(draft: &mut Draft) -> (BTreeMap<String, String>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    for _ in 0..ROUNDS {
        let rendered = draft.render();
        let (diagnostics, places) = checked(&rendered);
        let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|found| found.is_error()).collect();
        if errors.is_empty() {
            let idle: Vec<&Diagnostic> =
                diagnostics.iter().filter(|found| found.code == "idle-override").collect();
            if idle.is_empty() {
                findings
                    .extend(diagnostics.iter().filter_map(|found| carried(found, draft, &rendered, &places)));
                break;
            }
            // What sets the value that applies anyway is no part of the program.
            for found in idle {
                findings.extend(carried(found, draft, &rendered, &places));
                refuse(
                    draft,
                    place(found.primary, &rendered, &places),
                    "it sets the value that applies anyway",
                );
            }
            continue;
        }
        let mut is_changed = false;
        for error in errors {
            findings.extend(carried(error, draft, &rendered, &places));
            let why = format!("{} ({})", error.message, error.code);
            is_changed |= refuse(draft, place(error.primary, &rendered, &places), &why);
        }
        if !is_changed {
            break;
        }
    }
    let texts = draft.render().into_iter().map(|(name, rendered)| (name, format(&rendered.text))).collect();
    (texts, findings)
}

/// Makes a comment of a node; whether it was none.
fn refuse(draft: &mut Draft, place: Option<(String, Path)>, why: &str) -> bool {
    let node = place.and_then(|(file, path)| draft.node_mut(&file, &path));
    let Some(node) = node.filter(|node| node.refused.is_none()) else { return false };
    node.refused = Some(why.to_owned());
    true
}

/// What the compiler says, and the names of the files that it numbers.
fn checked(rendered: &BTreeMap<String, Rendered>) -> (Vec<Diagnostic>, BTreeMap<u32, String>) {
    struct Texts<'a>(&'a BTreeMap<String, Rendered>);
    impl Files for Texts<'_> {
        fn read(&self, path: &str) -> Result<String, String> {
            self.0.get(path).map(|file| file.text.clone()).ok_or_else(|| format!("there is no file `{path}`"))
        }
    }
    let entries: Vec<String> = rendered.keys().cloned().collect();
    let Ok(workspace) = Workspace::load(&entries, &Texts(rendered)) else { return Default::default() };
    let checked = check(workspace);
    let names = checked.sources.ids().map(|id| (id.0, checked.sources.path(id).to_owned())).collect();
    (checked.diagnostics, names)
}

fn place(
    span: Span,
    rendered: &BTreeMap<String, Rendered>,
    names: &BTreeMap<u32, String>,
) -> Option<(String, Path)> {
    let name = names.get(&span.file.0)?;
    let path = rendered.get(name)?.node_at(span.start as usize)?;
    Some((name.clone(), path.clone()))
}

/// A diagnostic at the place of the old files; nothing where it comes from none.
fn carried(
    found: &Diagnostic,
    draft: &Draft,
    rendered: &BTreeMap<String, Rendered>,
    names: &BTreeMap<u32, String>,
) -> Option<Diagnostic> {
    // The importer says these in words of the old files.
    if found.code == "unused-pipeline" || found.code == "unheard-alarm" {
        return None;
    }
    let origin = |span: Span| {
        let (file, path) = place(span, rendered, names)?;
        let known = (1..=path.len()).rev().filter_map(|end| draft.node(&file, path.get(..end)?)?.origin);
        known.into_iter().next()
    };
    let mut carried = Diagnostic::new(found.code, origin(found.primary)?, found.message.clone());
    carried.severity = found.severity;
    carried.label.clone_from(&found.label);
    carried.help.clone_from(&found.help);
    for related in &found.related {
        if let Some(span) = origin(related.span).filter(|span| *span != carried.primary) {
            carried = carried.related(span, related.message.clone());
        }
    }
    Some(carried)
}

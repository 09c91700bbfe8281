//! Checks the draft, and makes comments of what the compiler does not accept.

use std::collections::BTreeMap;

use asiaq_compiler::{Files, Workspace, check};
use asiaq_lang::{Diagnostic, Span, format};

use crate::draft::{Draft, Node, Path, Rendered};

/// Rounds: an environment that goes takes with it what was said for it, and so on.
const ROUNDS: usize = 24;

/// What is said of the other places that say what a finding is about.
pub(crate) const SAME: &str = "the same is said here";

/// What adds nothing to the program, with the reasons why it is no part of it.
const IDLE: [(&str, &str); 2] = [
    ("idle-override", "it sets the value that applies anyway"),
    ("unused-let", "nothing that is taken over has it"),
];

/// The texts of the files, laid out, and what the compiler says about the places of the old files.
pub(crate) fn settle(draft: &mut Draft) -> (BTreeMap<String, String>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    for _ in 0..ROUNDS {
        let rendered = draft.render();
        let (diagnostics, places) = checked(&rendered, &draft.beside);
        let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|found| found.is_error()).collect();
        if errors.is_empty() {
            let idle: Vec<&Diagnostic> =
                diagnostics.iter().filter(|found| IDLE.iter().any(|(code, _)| found.code == *code)).collect();
            if idle.is_empty() {
                findings
                    .extend(diagnostics.iter().filter_map(|found| carried(found, draft, &rendered, &places)));
                break;
            }
            for found in idle {
                let why = IDLE.iter().find(|(code, _)| found.code == *code).map_or("", |(_, why)| *why);
                if found.code == "idle-override" {
                    findings.extend(carried(found, draft, &rendered, &places));
                }
                refuse(draft, place(found.primary, &rendered, &places), why);
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
    let Some((file, path)) = place else { return false };
    let node = draft.node_mut(&file, &path);
    let Some(node) = node.filter(|node| node.refused.is_none()) else { return false };
    node.refused = Some(why.to_owned());
    if is_statement(node)
        && let Some((_, above)) = path.split_last()
        && let Some(holder) = draft.node_mut(&file, above)
    {
        // A policy without one of its statements might allow more.
        for other in holder.body.iter_mut().flatten().filter(|node| is_statement(node)) {
            other
                .refused
                .get_or_insert_with(|| "another statement of the policy is not taken over".to_owned());
        }
    }
    true
}

/// Whether a node is a statement of a policy.
fn is_statement(node: &Node) -> bool {
    node.body.is_none() && (node.text.starts_with("allow ") || node.text.starts_with("deny "))
}

/// What the compiler says, and the names of the files that it numbers.
fn checked(
    rendered: &BTreeMap<String, Rendered>,
    beside: &BTreeMap<String, String>,
) -> (Vec<Diagnostic>, BTreeMap<u32, String>) {
    struct Texts<'a>(&'a BTreeMap<String, Rendered>, &'a BTreeMap<String, String>);
    impl Files for Texts<'_> {
        fn read(&self, path: &str) -> Result<String, String> {
            let own = self.0.get(path).map(|file| file.text.clone());
            own.or_else(|| self.1.get(path).cloned()).ok_or_else(|| format!("there is no file `{path}`"))
        }
    }
    let entries: Vec<String> = rendered.keys().cloned().collect();
    let Ok(workspace) = Workspace::load(&entries, &Texts(rendered, beside)) else {
        return Default::default();
    };
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
    let Some(file) = rendered.get(name) else {
        // What is beside the program has the place of the field that names it.
        let field = format!("file {}", crate::words::quoted(name));
        let found = |(name, file): (&String, &Rendered)| {
            Some((name.clone(), file.node_at(file.text.find(&field)?)?.clone()))
        };
        return rendered.iter().find_map(found);
    };
    Some((name.clone(), file.node_at(span.start as usize)?.clone()))
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
    let node = |span: Span| {
        let (file, path) = place(span, rendered, names)?;
        let nodes = (1..=path.len()).rev().filter_map(|end| draft.node(&file, path.get(..end)?));
        nodes.into_iter().find(|node| node.origin.is_some())
    };
    let origin = |span: Span| node(span)?.origin;
    let at = node(found.primary)?;
    let mut carried = Diagnostic::new(found.code, at.origin?, found.message.clone());
    carried.severity = found.severity;
    carried.label.clone_from(&found.label);
    carried.help.clone_from(&found.help);
    for related in &found.related {
        if let Some(span) = origin(related.span).filter(|span| *span != carried.primary) {
            carried = carried.related(span, related.message.clone());
        }
    }
    for place in &at.also {
        carried = carried.related(*place, SAME);
    }
    Some(carried)
}

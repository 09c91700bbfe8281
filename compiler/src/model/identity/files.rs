//! Policies that are JSON documents, in files or in texts of the program.

use asiaq_iam::document::read::{Bytes, read as read_json};
use asiaq_iam::document::{Choice, Document, Text};
use asiaq_lang::{Diagnostic, Span};

use crate::errors::{self, Form};
use crate::evaluate::{Evaluator, Resolved};
use crate::typing::Variables;
use crate::value::TextFile;

/// The policy that a document is, with the places in it, and its form; nothing where AWS would refuse it, which is
/// reported.
pub(super) fn read(
    evaluator: &Evaluator<'_, '_>,
    written: &Resolved<TextFile>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Document<Span>, Form)> {
    let site = written.span();
    let source = evaluator.source_of(&written.value);
    let form = Form::of(source);
    let place = |bytes: Bytes| source.map_or(site, |file| Span::new(file, bytes.start, bytes.end));
    if let Some((_, path)) = written.value.file.as_ref().filter(|_| written.value.is_yaml()) {
        diagnostics.push(errors::yaml_policy(site, path));
        return None;
    }
    let text = &*written.value.text;
    let found = read_json(text);
    let is_sound = !found.problems.iter().any(asiaq_iam::Problem::is_error);
    for problem in found.problems {
        let there = text.get(problem.place.clone()).unwrap_or_default();
        diagnostics.push(errors::policy_problem(problem.map(&place), there, form));
    }
    let mut document = found.document.filter(|_| is_sound)?.map(&place);
    let texts = document.statements.iter_mut().flat_map(|statement| {
        let choices = statement.resources.iter_mut().chain([&mut statement.actions]);
        let choices = choices.flat_map(|Choice { values, .. }| values);
        let principals =
            statement.principals.iter_mut().flat_map(|of| &mut of.values).map(|one| &mut one.name);
        let values = statement.conditions.iter_mut().flat_map(|of| of.values.iter_mut().chain([&mut of.key]));
        choices.chain(principals).chain(values).chain(&mut statement.sid)
    });
    for Text { value, .. } in texts {
        if let Some(filled) = filled(value, &evaluator.variables) {
            *value = filled;
        }
    }
    Some((document, form))
}

/// A text with the values of the project's variables in place of `${project.name}`; nothing if it has none. Other
/// variables are IAM's.
fn filled(text: &str, variables: &Variables) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        filled.push_str(before);
        let known =
            behind.split_once('}').and_then(|(name, behind)| Some((variables.get(name.trim())?, behind)));
        if let Some((value, behind)) = known {
            filled.push_str(value);
            rest = behind;
        } else {
            filled.push_str("${");
            rest = behind;
        }
    }
    (rest.len() < text.len()).then(|| filled + rest)
}

//! The choice of an AMI: one way, with what belongs to it.

use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::evaluate::Resolved;
use crate::library::{OWNER_ALIASES, instance_type};
use crate::model::{Host, Image, ImageSource, Run};

/// Longest name of an AMI (EC2 API reference, `CreateImage`).
const NAME: usize = 128;
/// Longest name of a parameter (Systems Manager API reference, `PutParameter`).
const PARAMETER: usize = 1011;
/// Words in names of AMIs, with the architecture that they tell.
const ARCHITECTURES: &[(&str, &str)] =
    &[("arm64", "arm64"), ("aarch64", "arm64"), ("amd64", "x86_64"), ("x86_64", "x86_64")];

/// Checks what does not depend on a run.
pub(in crate::proof) fn of_hostclass(image: &Image, diagnostics: &mut Vec<Diagnostic>) {
    let Image { id, newest, owner, parameter, stages, product_line } = image;
    let ways: Vec<(&str, &Resolved<String>)> = [("id", id), ("newest", newest), ("parameter", parameter)]
        .into_iter()
        .filter_map(|(field, value)| Some((field, value.as_ref()?)))
        .collect();
    if let [(other, first), (field, second), ..] = ways.as_slice() {
        diagnostics.push(errors::image_chosen_twice(second.span(), field, other, first.span()));
        return;
    }
    if let Some(pattern) = newest {
        self::pattern(pattern, diagnostics);
        if owner.is_none() {
            diagnostics.push(errors::newest_without_owner(pattern.span(), &pattern.value));
        }
    }
    if let Some(owner) = owner {
        if newest.is_none() {
            diagnostics.push(errors::image_setting_without(owner.span(), "owner", "newest"));
        } else if !is_owner(&owner.value) {
            diagnostics.push(errors::not_an_owner(owner.span(), &owner.value));
        }
    }
    if let Some(parameter) = parameter
        && let Some(why) = parameter_problem(&parameter.value)
    {
        diagnostics.push(errors::parameter_name(parameter.span(), &parameter.value, &why));
    }
    // An id takes precedence over these, as it did before there were other ways.
    if let Some((chosen, by)) = ways.first().filter(|(field, _)| *field != "id") {
        let of = |field, span: Option<Span>| {
            span.map(|span| errors::image_setting_of_hostclass(span, field, chosen, by.span()))
        };
        diagnostics.extend(of("stages", stages.as_ref().map(Resolved::span)));
        diagnostics.extend(of("product_line", product_line.as_ref().map(Resolved::span)));
    }
}

/// Checks that the name of an AMI does not tell another architecture than that of the instances.
pub(super) fn of_run(host: &Host, run: &Run, diagnostics: &mut Vec<Diagnostic>) {
    let name = match host.machine.image.source(run) {
        ImageSource::Newest { pattern: name, .. } | ImageSource::Parameter(name) => name,
        ImageSource::Id(_) | ImageSource::Hostclass => return,
    };
    fits(name, &run.instance_type, run.span, diagnostics);
}

/// Checks that the pattern or parameter of an AMI does not tell another architecture than that of an instance type, which is
/// set at `site` where it is a default.
pub(in crate::proof) fn fits(
    name: &Resolved<String>,
    wanted: &Resolved<String>,
    site: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let told = ARCHITECTURES.iter().filter(|(word, _)| name.value.contains(word));
    let told: std::collections::BTreeSet<&str> = told.map(|(_, architecture)| *architecture).collect();
    let mut told = told.into_iter();
    let (Some(architecture), None) = (told.next(), told.next()) else { return };
    let Some(known) = instance_type(&wanted.value) else { return };
    if !known.runs(architecture) {
        diagnostics.push(errors::image_name_architecture(
            wanted.place(site),
            &wanted.value,
            known.architecture,
            (&name.value, name.span()),
        ));
    }
}

fn pattern(pattern: &Resolved<String>, diagnostics: &mut Vec<Diagnostic>) {
    let text = pattern.value.as_str();
    let is_accepted =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '\t') || "()[]./-'@_*?\\".contains(c);
    let count = text.chars().count();
    let why = if text.is_empty() {
        Some("it is empty".to_owned())
    } else if count > NAME {
        Some(format!("it has {count} characters, and AWS allows {NAME}"))
    } else {
        text.chars().find(|c| !is_accepted(*c)).map(|bad| format!("it contains `{bad}`"))
    };
    if let Some(why) = why {
        diagnostics.push(errors::image_pattern(pattern.span(), &why));
    } else if text.chars().all(|c| matches!(c, '*' | '?')) {
        diagnostics.push(errors::image_pattern_of_everything(pattern.span()));
    }
}

fn is_owner(owner: &str) -> bool {
    OWNER_ALIASES.contains(&owner) || asiaq_iam::is_account_id(owner)
}

/// Why there can be no parameter of a name, which may be an ARN and end with `:VERSION` or `:LABEL`.
fn parameter_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if name.len() > PARAMETER {
        return Some(format!("it has {} characters, and AWS allows {PARAMETER}", name.len()));
    }
    if name.starts_with("resolve:ssm:") {
        return Some("`resolve:ssm:` belongs to a launch template".to_owned());
    }
    let is_accepted = |c: char| c.is_ascii_alphanumeric() || "_.-/:".contains(c);
    name.chars().find(|c| !is_accepted(*c)).map(|bad| format!("it contains `{bad}`"))
}

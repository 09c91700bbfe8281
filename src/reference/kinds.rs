//! The pages of the library: one per kind, one per template, and the regions.

use std::fmt::Write as _;

use asiaq_compiler::{FieldPage, KindPage, Reference, TemplatePage};

use super::{Page, Section, first_sentence, words};

pub(super) fn pages(reference: &Reference) -> Vec<Page> {
    let mut pages: Vec<Page> = reference.kinds.iter().map(|kind| page(reference, kind)).collect();
    pages.extend(reference.templates.iter().map(template));
    pages.push(regions(reference));
    pages
}

fn page(reference: &Reference, kind: &KindPage) -> Page {
    let mut text = format!("# `{}`\n\n{}\n\n{}\n", kind.name, kind.docs, place(kind));
    if let Some(start) = &kind.start {
        let _ = write!(text, "\n```asq\n{start}```\n");
    }
    if !kind.fields.is_empty() {
        text.push_str("\n## Fields\n\n| Field | Type | Default |\n|---|---|---|\n");
        for field in &kind.fields {
            let ty = type_link(reference, &field.ty);
            let _ = writeln!(text, "| [`{0}`](#{0}) | {ty} | {1} |", field.name, fallback(field));
        }
    }
    for field in &kind.fields {
        text.push_str(&field_text(reference, field));
    }
    if let Some(example) = &kind.example {
        let heading = if kind.fields.is_empty() { "A larger example" } else { "An example with every field" };
        let _ = write!(text, "\n## {heading}\n\n```asq\n{example}```\n");
    }
    Page {
        path: format!("kinds/{}", kind.name),
        title: kind.name.clone(),
        summary: first_sentence(&kind.docs),
        section: Section::Kinds,
        words: words::of_kind(&kind.name),
        words_of_headings: &[],
        markdown: text,
    }
}

/// The parents and children of a kind.
fn place(kind: &KindPage) -> String {
    let links = |names: &[String]| {
        names.iter().map(|name| format!("[`{name}`]({name}.md)")).collect::<Vec<_>>().join(", ")
    };
    let parents_text = match kind.parents.as_slice() {
        [] => "Declared at the top level of a file.".to_owned(),
        parents => format!("Declared in: {}.", links(parents)),
    };
    match kind.children.as_slice() {
        [] => parents_text,
        children => format!("{parents_text} It may contain: {}.", links(children)),
    }
}

fn field_text(reference: &Reference, field: &FieldPage) -> String {
    let mut text = format!("\n### `{}`\n\n{}\n\n", field.name, field.docs);
    let _ = writeln!(text, "- Type: {}, {}", type_link(reference, &field.ty), escaped(&field.form));
    let _ = match (&field.default, field.required) {
        (Some(default), _) => writeln!(text, "- Default: `{default}`"),
        (None, true) => writeln!(text, "- Required"),
        (None, false) => writeln!(text, "- Optional"),
    };
    if let Some(bounds) = &field.bounds {
        let _ = writeln!(text, "- Bounds: `{bounds}`");
    }
    if let Some(example) = &field.example {
        let _ = write!(text, "\n```asq\n{example}\n```\n");
    }
    text
}

/// The default of a field, in a table.
fn fallback(field: &FieldPage) -> String {
    match (&field.default, field.required) {
        (Some(default), _) => format!("`{default}`"),
        (None, true) => "required".to_owned(),
        (None, false) => "–".to_owned(),
    }
}

/// A type as the library writes it, linked to its description.
fn type_link(reference: &Reference, ty: &str) -> String {
    let name = ty.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let target = if reference.kind(name).is_some() {
        format!("{name}.md")
    } else if ty.contains('{') {
        return format!("`{ty}`");
    } else {
        "../language.md#values".to_owned()
    };
    format!("[`{ty}`]({target})")
}

/// Escapes text for a table cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn template(template: &TemplatePage) -> Page {
    let path = &template.path;
    let markdown = format!("# `use {path}`\n\n{}\n\n```asq\n{}```\n", template.docs, template.text);
    Page {
        path: format!("library/{}", path.trim_start_matches("std/")),
        title: path.clone(),
        summary: first_sentence(&template.docs),
        section: Section::Library,
        words: &[],
        words_of_headings: &[],
        markdown,
    }
}

fn regions(reference: &Reference) -> Page {
    let summary = "The regions of AWS and the zones that a new account has in them.".to_owned();
    let mut markdown = format!(
        "# Regions\n\n{summary} `plan` and `apply` use the zones of the account.\n\n| Region | Zones |\n|---|---|\n"
    );
    for (region, letters) in &reference.regions {
        let zones: Vec<String> = letters.chars().map(|letter| format!("`{region}{letter}`")).collect();
        let _ = writeln!(markdown, "| `{region}` | {} |", zones.join(" "));
    }
    Page {
        path: "library/regions".to_owned(),
        title: "Regions".to_owned(),
        summary,
        section: Section::Library,
        words: &[],
        words_of_headings: &[],
        markdown,
    }
}

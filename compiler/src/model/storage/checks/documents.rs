//! Names and contents of documents of Systems Manager.

use asiaq_lang::Diagnostic;
use serde_json::Value;

use crate::errors;
use crate::model::storage::Document;

/// Names of documents that belong to AWS begin with these (Systems Manager API reference, `CreateDocument`).
const RESERVED: &[&str] = &["aws", "amazon", "amzn"];

/// The schema versions of each type of document ("Systems Manager document schemas and features" of the user guide).
const SCHEMAS: &[(&str, &[&str])] = &[
    ("command", &["1.2", "2.0", "2.2"]),
    ("automation", &["0.3"]),
    ("session", &["1.0"]),
    ("policy", &["2.0"]),
];

pub(super) fn check_name(document: &Document, diagnostics: &mut Vec<Diagnostic>) {
    let name = &document.title.aws;
    let lower = name.value.to_ascii_lowercase();
    if let Some(start) = RESERVED.iter().find(|start| lower.starts_with(**start)) {
        diagnostics.push(errors::document_of_aws(name.span(), &name.value, start));
    }
}

/// Whether a text is the content of a document of this type.
pub(in crate::model::storage) fn content(of: &str, text: &str) -> Result<(), String> {
    let content: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(content) = content else { return Err("it is no object in braces".to_owned()) };
    let Some((_, known)) = SCHEMAS.iter().find(|(known, _)| *known == of) else { return Ok(()) };
    let versions = known.iter().map(|version| format!("`\"{version}\"`")).collect::<Vec<_>>().join(", ");
    let version = match content.get("schemaVersion") {
        Some(Value::String(version)) => version.as_str(),
        Some(_) => return Err(format!("`schemaVersion` is a text: {versions}")),
        None => return Err(format!("it has no `schemaVersion`: {versions}")),
    };
    if !known.contains(&version) {
        return Err(format!("a document of the type `{of}` has the `schemaVersion` {versions}"));
    }
    let steps = match (of, version) {
        ("command" | "policy", "2.0" | "2.2") | ("automation", _) => "mainSteps",
        ("command", "1.2") => "runtimeConfig",
        _ => return Ok(()),
    };
    match content.get(steps) {
        Some(Value::Array(steps)) if !steps.is_empty() => Ok(()),
        Some(Value::Object(steps)) if !steps.is_empty() && version == "1.2" => Ok(()),
        _ => Err(format!("it has no steps: `{steps}` is what the document does")),
    }
}

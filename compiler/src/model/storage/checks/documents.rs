//! Names of documents of Systems Manager.

use asiaq_lang::Diagnostic;

use crate::errors;
use crate::model::storage::Document;

/// Names of documents that belong to AWS begin with these (Systems Manager API reference, `CreateDocument`).
const RESERVED: &[&str] = &["aws", "amazon", "amzn"];

pub(super) fn check_name(document: &Document, diagnostics: &mut Vec<Diagnostic>) {
    let name = &document.title.aws;
    let lower = name.value.to_ascii_lowercase();
    if let Some(start) = RESERVED.iter().find(|start| lower.starts_with(**start)) {
        diagnostics.push(errors::document_of_aws(name.span(), &name.value, start));
    }
}

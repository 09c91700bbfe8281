//! Mistakes in caches.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn cache_setting(span: Span, message: String, help: String) -> Diagnostic {
    Diagnostic::new(codes::CACHE_SETTING, span, message).label("AWS refuses this").help(help)
}

/// A beginning of a version, where AWS takes a whole one.
pub(crate) fn partial_version(span: Span, engine: &str, version: &str, newest: Option<&str>) -> Diagnostic {
    let message = format!("`{version}` is not a whole version of `{engine}`");
    let newest = newest.unwrap_or(version);
    cache_setting(span, message, format!("write all its parts, as in `\"{newest}\"`"))
}

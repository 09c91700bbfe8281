//! Mistakes in databases, and in the classes that run them.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn database_setting(span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(codes::DATABASE_SETTING, span, message).label("AWS refuses this").help(help)
}

pub(crate) fn database_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::DATABASE_NAME, span, format!("AWS accepts no database called `{name}`"))
        .label("not an identifier of a database")
        .help(format!("{why}: choose another name, as in `name = \"live-orders\"`"))
}

pub(crate) fn credential_without_bucket(span: Span, env: &str) -> Diagnostic {
    let message = format!("the environment `{env}` has no credential bucket");
    Diagnostic::new(codes::SETTING_NEEDS, span, message)
        .label("this key is in no bucket")
        .help("add `credential_buckets` to the environment: the first one has the credential")
}

pub(crate) fn class_without_engine(span: Span, class: &str, engine: &str) -> Diagnostic {
    Diagnostic::new(codes::CLASS_UNFIT, span, format!("AWS runs no `{engine}` on `{class}`"))
        .label("of another engine")
        .help("choose another class")
}

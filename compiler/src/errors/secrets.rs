//! Mistakes in secrets, and secrets that have no value.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn secret_key(span: Span, key: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::SECRET_KEY, span, format!("no secret can have the key `{}`", key.escape_default()))
        .label(why.to_owned())
        .help("write words of letters, digits, `-`, `_` and `.` with a slash between them, as in `app/password`")
}

pub(crate) fn secret_key_twice(span: Span, key: &str, other: &str) -> Diagnostic {
    Diagnostic::new(codes::SECRET_KEY, span, format!("the secret `{other}` has the key `{key}` too"))
        .label("the key of two secrets")
        .help("give each secret a key of its own, or remove one of them")
}

pub(crate) fn parameter_path(span: Span, path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::SECRET_KEY, span, format!("no parameter can be below `{}`", path.escape_default()))
        .label(why.to_owned())
        .help("write a path that begins with a slash, as in `parameters \"/shop/${env.name}/\"`")
}

pub(crate) fn secret_prefix(span: Span, prefix: &str, bad: char) -> Diagnostic {
    let prefix = prefix.escape_default();
    Diagnostic::new(
        codes::SECRET_KEY,
        span,
        format!("no secret of Secrets Manager can begin with `{prefix}`"),
    )
    .label(format!("contains `{}`", bad.escape_default()))
    .help("write letters, digits and `/_+=.@-`, as in `secrets_manager \"live/\"`")
}

pub(crate) fn secret_missing(span: Span, key: &str, env: &str, (what, way): (&str, &str)) -> Diagnostic {
    Diagnostic::new(codes::SECRET_MISSING, span, format!("the secret `{key}` of `{env}` {what}"))
        .label("has no value")
        .help(way.to_owned())
}

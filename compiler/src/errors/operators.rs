//! Mistakes in operators.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn operator_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::OPERATOR_NAME, span, format!("no account can be called `{name}`: {why}"))
        .label("not a name of an account")
        .help("a name has lower-case letters, digits, `_` and `-`, begins with a letter or `_`, and has at most 32 characters")
}

pub(crate) fn reserved_operator_name(span: Span, name: &str) -> Diagnostic {
    let message = format!("Linux systems have an account `{name}` of their own");
    Diagnostic::new(codes::RESERVED_OPERATOR_NAME, span, message)
        .label("an account of the system")
        .help("machines would change that account: give the operator another name")
}

/// A setting that makes no account, why, and the way out.
pub(crate) fn operator_setting(span: Span, field: &str, why: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::OPERATOR_SETTING, span, format!("`{field}` of the operator: {why}"))
        .label("machines cannot use it")
        .help(help)
}

pub(crate) fn private_ssh_key(span: Span, name: &str) -> Diagnostic {
    let message = format!("`ssh_keys` of `{name}` has a private key, which nobody else may have");
    Diagnostic::new(codes::OPERATOR_SETTING, span, message).label("has a private key").help(
        "write the public key, from the file that ends in `.pub`, and make a new pair: this one is known now",
    )
}

pub(crate) fn weak_ssh_key(span: Span, name: &str, what: &str, advice: &str) -> Diagnostic {
    Diagnostic::new(codes::WEAK_SSH_KEY, span, format!("a key of `{name}` is weak: {what}"))
        .label(advice)
        .help("make a new one with `ssh-keygen -t ed25519`")
}

pub(crate) fn unused_operator(span: Span, name: &str) -> Diagnostic {
    let message =
        format!("operator `{name}` is written nowhere: no environment has a credential bucket for it");
    Diagnostic::new(codes::UNUSED_OPERATOR, span, message)
        .label("on no machine")
        .help("add `credential_buckets` to an environment, or remove the operator")
}

pub(crate) fn shared_operators(
    span: Span,
    env: &str,
    bucket: &str,
    (other, first): (&str, Span),
) -> Diagnostic {
    let message = format!("`{other}` and `{env}` both write their operators to the bucket `{bucket}`");
    Diagnostic::new(codes::SHARED_OPERATORS, span, message)
        .label("the first bucket of two environments")
        .related(first, format!("that of `{other}`"))
        .help(format!(
            "write `operators = false` in one of them, or put a bucket of its own first for `{env}`"
        ))
}

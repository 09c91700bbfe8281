//! Values of databases, caches and search domains: classes, credentials, parameters of engines.

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Setting};

use super::{Typer, has_interpolation, plain};
use crate::errors;
use crate::model::{PARAMETERS, SECRETS_MANAGER};
use crate::types::Ty;
use crate::value::Value;

impl Typer<'_, '_> {
    /// The class of a database or the type of a node, in capitals or not. Whether there is such a class depends on what it
    /// runs.
    pub(super) fn class(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Name(name) if name.contains('.') => Value::Text(name.to_ascii_lowercase()),
            ExprKind::String(parts) if !has_interpolation(parts) => {
                Value::Text(plain(parts).to_ascii_lowercase())
            }
            ExprKind::String(_) => self.report(errors::no_interpolation(expr.span, &Ty::Class)),
            _ => self.mismatch(expr, &Ty::Class, site),
        }
    }

    /// `managed`, which is the empty text, or the key of a credential.
    pub(super) fn credential(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Name(word) if word == "managed" => Value::Text(String::new()),
            ExprKind::Phrase(word, key) if word.text == "credential" => {
                let Some(behind) = self.behind_lets(key).cloned() else { return Value::Error };
                match self.text_of(&behind) {
                    Some(text) if !text.trim().is_empty() => Value::Text(text),
                    Some(_) => self.mismatch(expr, &Ty::Credential, site),
                    None => Value::Error,
                }
            }
            // Never a password: it would be in the text of the diagnostic.
            ExprKind::String(_) => self.report(errors::secret_in_the_program(expr.span)),
            _ => self.mismatch(expr, &Ty::Credential, site),
        }
    }

    /// A store of secrets as a text: `buckets`, or the word of the store with a blank and its path or prefix.
    pub(super) fn secret_store(&mut self, expr: &Expr, site: Span) -> Value {
        let (word, argument) = match &expr.kind {
            ExprKind::Name(word) if word == "buckets" => return Value::Text(word.clone()),
            ExprKind::Name(word) if word == "secrets_manager" => {
                return Value::Text(SECRETS_MANAGER.to_owned());
            }
            ExprKind::Phrase(word, argument) => (word.text.as_str(), argument),
            _ => return self.mismatch(expr, &Ty::SecretStore, site),
        };
        if !matches!(word, "parameters" | "secrets_manager") {
            return self.mismatch(expr, &Ty::SecretStore, site);
        }
        let Some(behind) = self.behind_lets(argument).cloned() else { return Value::Error };
        let Some(text) = self.text_of(&behind) else { return Value::Error };
        if word == "secrets_manager" {
            let is_accepted = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
            return match text.chars().find(|c| !is_accepted(*c)) {
                Some(bad) => self.report(errors::secret_prefix(argument.span, &text, bad)),
                None => Value::Text(format!("{SECRETS_MANAGER}{text}")),
            };
        }
        match path_problem(&text) {
            Some(why) => self.report(errors::parameter_path(argument.span, &text, why)),
            None => Value::Text(format!("{PARAMETERS}{}/", text.trim_end_matches('/'))),
        }
    }

    /// Parameters of an engine by name, as texts.
    pub(super) fn parameters(&mut self, settings: &[Setting]) -> Value {
        self.named_texts(
            settings,
            |_| None,
            |typer, value| {
                let behind = typer.behind_lets(value)?.clone();
                match &behind.kind {
                    ExprKind::Int(text) | ExprKind::Number(text) | ExprKind::Offset(text) => {
                        Some(text.replace(' ', ""))
                    }
                    ExprKind::Name(word) if word == "true" || word == "false" => Some(word.clone()),
                    _ => typer.text_of(&behind),
                }
            },
        )
    }
}

/// Why no parameter of Systems Manager can be below a path ("`PutParameter`" of its reference).
fn path_problem(path: &str) -> Option<&'static str> {
    let Some(inner) = path.strip_prefix('/') else { return Some("does not begin with a slash") };
    let mut words = inner.trim_end_matches('/').split('/');
    let is_plain = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    };
    let first = words.clone().next().unwrap_or_default().to_ascii_lowercase();
    if first.starts_with("aws") || first.starts_with("ssm") {
        return Some("begins with a word of AWS");
    }
    if words.clone().count() > 10 {
        return Some("has more than ten words");
    }
    (!words.all(is_plain))
        .then_some("has a word that is empty or has another character than letters, digits, `.`, `-`, `_`")
}

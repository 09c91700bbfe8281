//! Values of databases, caches and search domains: classes, credentials, parameters of engines.

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Setting};

use super::{Typer, has_interpolation, plain};
use crate::errors;
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

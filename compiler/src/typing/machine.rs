//! Values of instances: instance types, AMIs, texts of their user data,
//! cookies that keep clients with one of them.

use std::collections::BTreeMap;

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Setting};

use super::{Typer, has_interpolation, plain};
use crate::types::Ty;
use crate::value::{Spanned, Sticky, Value};
use crate::{errors, library};

impl Typer<'_, '_> {
    pub(super) fn instance_type(&mut self, expr: &Expr, site: Span) -> Value {
        let text = match &expr.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::String(parts) if !has_interpolation(parts) => plain(parts),
            ExprKind::String(_) => {
                return self.report(errors::no_interpolation(expr.span, &Ty::InstanceType));
            }
            _ => return self.mismatch(expr, &Ty::InstanceType, site),
        };
        if !library::is_type_name(&text) {
            let meant = library::misspelt_type(&text);
            return self.report(errors::not_an_instance_type(site, expr, &text, meant));
        }
        // EC2 may have a type that the table does not have yet.
        if !library::is_instance_type(&text) {
            let meant = library::misspelt_type(&text);
            self.report(errors::unknown_instance_type(site, expr, &text, meant));
        }
        Value::Text(text)
    }

    pub(super) fn ami_id(&mut self, expr: &Expr, site: Span) -> Value {
        let text = match &expr.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::String(parts) if !has_interpolation(parts) => plain(parts),
            ExprKind::String(_) => return self.report(errors::no_interpolation(expr.span, &Ty::AmiId)),
            _ => return self.mismatch(expr, &Ty::AmiId, site),
        };
        if library::is_ami_id(&text) {
            return Value::Text(text);
        }
        self.report(errors::not_an_image(site, expr, &text))
    }

    pub(super) fn sticky(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Name(word) if word == "cookie" => Value::Sticky(Sticky::Balancer(None)),
            ExprKind::Name(word) => self.report(errors::not_a_cookie(site, expr, word)),
            ExprKind::Phrase(word, argument) if word.text == "cookie" => self.cookie(argument),
            ExprKind::Phrase(word, _) => self.report(errors::not_a_cookie(word.span, expr, &word.text)),
            ExprKind::String(parts) if is_cookie(&plain(parts)) && !has_interpolation(parts) => {
                self.report(errors::cookie_without_word(site, expr, &plain(parts)))
            }
            _ => self.mismatch(expr, &Ty::Sticky, site),
        }
    }

    /// The argument of `cookie`: a name or a duration.
    fn cookie(&mut self, argument: &Expr) -> Value {
        let Some(behind) = self.behind_lets(argument).cloned() else { return Value::Error };
        match &behind.kind {
            ExprKind::String(parts) => {
                let name = self.text(parts);
                let is_whole = self.variables.is_some() || !has_interpolation(parts);
                if is_whole && !is_cookie(&name) {
                    return self.report(errors::not_a_cookie_name(argument.span, &name));
                }
                Value::Sticky(Sticky::Application(name))
            }
            _ => match self.quantity(&behind, &Ty::Duration, argument.span) {
                Value::Duration(0) => self.report(errors::no_time_at_all(argument.span)),
                Value::Duration(seconds) => Value::Sticky(Sticky::Balancer(Some(seconds))),
                _ => Value::Error,
            },
        }
    }

    /// Texts by name, which a shell sources.
    pub(super) fn texts(&mut self, settings: &[Setting]) -> Value {
        let mut texts = BTreeMap::new();
        let mut is_sound = true;
        self.keys(settings);
        for setting in settings {
            let name = &setting.name;
            if !is_variable(&name.text) {
                is_sound = false;
                self.diagnostics.push(errors::not_a_variable(name));
            }
            let Value::Text(text) = self.value(&setting.value, &Ty::String) else {
                is_sound = false;
                continue;
            };
            if let Some(bad) = text.chars().find(|c| is_special(*c)) {
                is_sound = false;
                self.diagnostics.push(errors::special_character(setting.value.span, bad));
            }
            texts.entry(name.text.clone()).or_insert_with(|| Spanned::new(text, setting.span));
        }
        if is_sound { Value::Texts(texts) } else { Value::Error }
    }

    /// The dimensions of a metric, with the characters that CloudWatch takes (Amazon CloudWatch API reference,
    /// `Dimension`). Their lengths are limits of the resource.
    pub(super) fn dimensions(&mut self, settings: &[Setting]) -> Value {
        let mut texts = BTreeMap::new();
        let mut is_sound = true;
        self.keys(settings);
        for setting in settings {
            let name = &setting.name;
            let wrong = if name.text.starts_with(':') {
                Some("begins with a colon")
            } else {
                unprintable(&name.text)
            };
            if let Some(reason) = wrong {
                is_sound = false;
                self.diagnostics.push(errors::not_a_dimension(name.span, "name", reason));
            }
            let Value::Text(text) = self.value(&setting.value, &Ty::String) else {
                is_sound = false;
                continue;
            };
            if let Some(reason) = unprintable(&text) {
                is_sound = false;
                self.diagnostics.push(errors::not_a_dimension(setting.value.span, "value", reason));
            }
            texts.entry(name.text.clone()).or_insert_with(|| Spanned::new(text, setting.span));
        }
        if is_sound { Value::Texts(texts) } else { Value::Error }
    }
}

/// Why CloudWatch does not take a text as the name or the value of a dimension. An empty one is too short.
fn unprintable(text: &str) -> Option<&'static str> {
    if !text.is_ascii() {
        return Some("has a character that is not ASCII");
    }
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Some("has a control character");
    }
    (!text.is_empty() && text.bytes().all(|byte| byte == b' ')).then_some("is blank")
}

/// Whether a text is the name of a variable of a shell.
fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a text is the name of a cookie (RFC 6265).
fn is_cookie(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.len() <= 255 && text.chars().all(legal)
}

/// Whether a shell makes something else of a character between double quotes.
fn is_special(c: char) -> bool {
    matches!(c, '"' | '\\' | '$' | '`') || c.is_control()
}

//! Values of instances: instance types, AMIs, texts of their user data,
//! cookies that keep clients with one of them.

use std::collections::BTreeMap;

use asiaq_lang::ast::{Expr, ExprKind, Name, Setting};
use asiaq_lang::{Diagnostic, Span};

use super::{Typer, has_interpolation, plain};
use crate::reach::MachineKind;
use crate::types::Ty;
use crate::value::{Spanned, Sticky, StoreEnd, Value};
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
                let Some(name) = self.text(parts) else { return Value::Error };
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
        self.named_texts(settings, variable_mistake, Self::shell_text)
    }

    /// Values by name, which a shell sources: texts, and ends of databases, caches and search domains, of which each
    /// environment has others.
    pub(super) fn user_data(&mut self, settings: &[Setting]) -> Value {
        self.named_texts(settings, variable_mistake, |typer, value| match &value.kind {
            ExprKind::Phrase(word, named) if MachineKind::of(&word.text).is_some() => {
                let end = match &named.kind {
                    ExprKind::Name(name) => StoreEnd::of(&word.text, name),
                    _ => None,
                };
                if end.is_none() {
                    typer.report(errors::no_end_of_store(value.span, &word.text));
                }
                end.map(|end| end.to_string())
            }
            _ => typer.shell_text(value),
        })
    }

    /// A text without what means something to a shell.
    fn shell_text(&mut self, value: &Expr) -> Option<String> {
        let text = self.value(value, &Ty::String).text()?;
        match text.chars().find(|c| is_special(*c)) {
            Some(bad) => {
                self.report(errors::special_character(value.span, bad));
                None
            }
            None => Some(text),
        }
    }

    /// Texts by name, each once. `name_mistake` says what is wrong with a name; `text_of` reads a text, and reports what is
    /// wrong with it.
    pub(super) fn named_texts(
        &mut self,
        settings: &[Setting],
        name_mistake: impl Fn(&Name) -> Option<Diagnostic>,
        text_of: impl Fn(&mut Self, &Expr) -> Option<String>,
    ) -> Value {
        let mut texts = BTreeMap::new();
        let mut is_sound = true;
        self.keys(settings);
        for setting in settings {
            let mistake = name_mistake(&setting.name);
            is_sound &= mistake.is_none();
            self.diagnostics.extend(mistake);
            let Some(text) = text_of(self, &setting.value) else {
                is_sound = false;
                continue;
            };
            texts.entry(setting.name.text.clone()).or_insert_with(|| Spanned::new(text, setting.span));
        }
        if is_sound { Value::Texts(texts) } else { Value::Error }
    }
}

/// What is wrong with a name as that of a variable of a shell.
fn variable_mistake(name: &Name) -> Option<Diagnostic> {
    (!is_variable(&name.text)).then(|| errors::not_a_variable(name))
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

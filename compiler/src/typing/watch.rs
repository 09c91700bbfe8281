//! Subscribers of topics, and subjects of alarms.

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, StringPart};

use super::{Typer, has_interpolation, plain};
use crate::errors;
use crate::library::kinds;
use crate::types::Ty;
use crate::value::{Spanned, Subscriber, Value, Watched};

impl Typer<'_, '_> {
    pub(super) fn subscriber(&mut self, expr: &Expr, parts: &[StringPart]) -> Value {
        let text = self.text(parts);
        let is_whole = self.variables.is_some() || !has_interpolation(parts);
        match protocol_of(&text) {
            Some(protocol) => Value::Subscriber(Subscriber { protocol: protocol.to_owned(), endpoint: text }),
            // The protocol may be in an interpolated variable.
            None if !is_whole => Value::Subscriber(Subscriber { protocol: String::new(), endpoint: text }),
            None => self.report(errors::not_a_subscriber(expr.span, &text)),
        }
    }

    /// The subjects of an alarm, always as a list.
    pub(super) fn watched(&mut self, expr: &Expr, site: Span) -> Value {
        let mut watched = Vec::new();
        if self.watched_list(expr, site, &mut watched) { Value::List(watched) } else { Value::Error }
    }

    /// The value of a log event, as CloudWatch writes it.
    pub(super) fn log_value(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Int(text) | ExprKind::Number(text) | ExprKind::Offset(text) => {
                self.log_number(expr, text, site)
            }
            ExprKind::String(parts) if is_field(&plain(parts)) && !has_interpolation(parts) => {
                Value::Text(plain(parts))
            }
            ExprKind::String(parts) if !has_interpolation(parts) => {
                self.log_number(expr, &plain(parts), site)
            }
            ExprKind::Error => Value::Error,
            _ => self.report(errors::log_value(site, expr)),
        }
    }

    /// A number as the one text of all that mean the same.
    fn log_number(&mut self, expr: &Expr, text: &str, site: Span) -> Value {
        let text = text.replace(' ', "");
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
        match text.parse::<f64>() {
            // There is one zero.
            Ok(number) if is_decimal && number.is_finite() => Value::Text((number + 0.0).to_string()),
            _ => self.report(errors::log_value(site, expr)),
        }
    }

    /// Adds the subjects of a list or of one value; returns whether all of them are valid.
    fn watched_list(&mut self, expr: &Expr, site: Span, into: &mut Vec<Spanned<Value>>) -> bool {
        let Some(behind) = self.behind_lets(expr).cloned() else { return false };
        let watched = match &behind.kind {
            ExprKind::List(items) => return self.every(items, site, into, Self::watched_list),
            ExprKind::Name(word) if word == "all" => Watched::All,
            ExprKind::Name(name) => {
                let Value::Ref(name) = self.reference(&behind, kinds::HOSTCLASS, name) else { return false };
                Watched::Hostclass(name)
            }
            ExprKind::String(parts) => Watched::Named(self.text(parts)),
            ExprKind::Error => return false,
            _ => {
                self.mismatch(&behind, &Ty::Watched, site);
                return false;
            }
        };
        into.push(Spanned::new(Value::Watched(watched), site));
        true
    }
}

/// Whether a text names a field of a pattern: `$size`, `$.request.size`.
fn is_field(text: &str) -> bool {
    let name = text.strip_prefix('$').unwrap_or("");
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '$')
}

/// The protocol of a subscriber, by the form of its endpoint.
fn protocol_of(text: &str) -> Option<&'static str> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    for (start, protocol) in [("https://", "https"), ("http://", "http")] {
        if let Some(rest) = lower.strip_prefix(start) {
            let host = rest.split(['/', '?', '#']).next().unwrap_or("");
            return (!host.is_empty()).then_some(protocol);
        }
    }
    if text.starts_with("arn:") {
        // `arn:aws:sqs:us-west-2:123456789012:queue`, `arn:aws:lambda:us-west-2:123456789012:function:name`
        let parts: Vec<&str> = text.split(':').collect();
        return match parts.as_slice() {
            ["arn", partition, "sqs", region, account, name]
                if [partition, region, account, name].iter().all(|part| !part.is_empty()) =>
            {
                Some("sqs")
            }
            ["arn", partition, "lambda", region, account, "function", name, ..]
                if [partition, region, account, name].iter().all(|part| !part.is_empty()) =>
            {
                Some("lambda")
            }
            _ => None,
        };
    }
    let (name, domain) = text.rsplit_once('@')?;
    let is_domain = domain.contains('.') && super::literal::is_domain(domain);
    (!name.is_empty() && !name.contains('@') && is_domain).then_some("email")
}

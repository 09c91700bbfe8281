//! Where load balancers listen: `https 443 -> http 80`, the shorter forms of it, and redirects.

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Name};

use super::Typer;
use crate::errors;
use crate::types::Ty;
use crate::value::{AppProtocol, Listener, Side, Spanned, Value};

impl Typer<'_, '_> {
    pub(super) fn listener(&mut self, expr: &Expr, site: Span) -> Value {
        let (front, back) = match &expr.kind {
            ExprKind::Arrow(front, back) | ExprKind::Redirect(front, back) => {
                (front.as_ref(), Some(back.as_ref()))
            }
            _ => (expr, None),
        };
        let is_redirect = matches!(expr.kind, ExprKind::Redirect(..));
        let place = if back.is_none() { site } else { front.span };
        let front = self.side(front, place).map(|side| Spanned::new(side, place));
        let back = back.map(|back| self.side(back, back.span).map(|side| Spanned::new(side, back.span)));
        match (front, back) {
            (Some(front), None) => Value::Listener(Listener { front, back: None, is_redirect }),
            (Some(front), Some(Some(back))) => {
                Value::Listener(Listener { front, back: Some(back), is_redirect })
            }
            (None, _) | (Some(_), Some(None)) => Value::Error,
        }
    }

    /// One side, used at `site`.
    fn side(&mut self, expr: &Expr, site: Span) -> Option<Side> {
        let expr = self.behind_lets(expr)?.clone();
        match &expr.kind {
            ExprKind::Int(digits) => {
                self.listening_port(expr.span, digits).map(|port| Side { protocol: None, port: Some(port) })
            }
            ExprKind::Name(text) => {
                let protocol = self.app_protocol(&Name { text: text.clone(), span: expr.span })?;
                if protocol.usual_port().is_none() {
                    self.report(errors::protocol_without_port(expr.span, protocol.word()));
                    return None;
                }
                Some(Side { protocol: Some(protocol), port: None })
            }
            ExprKind::Phrase(word, argument) => {
                let protocol = self.app_protocol(word);
                let behind = self.behind_lets(argument)?.clone();
                let port = if let ExprKind::Int(digits) = &behind.kind {
                    self.listening_port(argument.span, digits)
                } else {
                    self.mismatch(&behind, &Ty::PortRange, argument.span);
                    None
                };
                Some(Side { protocol: Some(protocol?), port: Some(port?) })
            }
            _ => {
                self.mismatch(&expr, &Ty::Listener, site);
                None
            }
        }
    }

    fn app_protocol(&mut self, word: &Name) -> Option<AppProtocol> {
        let protocol = AppProtocol::of(&word.text);
        if protocol.is_none() {
            self.report(errors::unknown_app_protocol(word, AppProtocol::WORDS));
        }
        protocol
    }

    fn listening_port(&mut self, span: Span, digits: &str) -> Option<u16> {
        let port = digits.parse().ok().filter(|port| *port > 0);
        if port.is_none() {
            self.report(errors::not_a_listening_port(span, digits));
        }
        port
    }
}

//! Windows of time.

use asiaq_lang::Span;
use asiaq_lang::ast::Expr;

use super::Typer;
use crate::errors;
use crate::types::Ty;
use crate::value::Value;
use crate::window::Window;

impl Typer<'_, '_> {
    pub(super) fn window(&mut self, expr: &Expr, text: &str, ty: &Ty, site: Span) -> Value {
        match Window::read(text) {
            Ok(window) if window.is_weekly() == (*ty == Ty::Window) => Value::Window(window),
            Ok(_) => self.mismatch(expr, ty, site),
            Err(flaw) => self.report(errors::flawed_window(expr.span, text, &flaw, ty)),
        }
    }
}

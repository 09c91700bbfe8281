//! Numbers, and numbers with a unit.

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind};

use super::Typer;
use crate::errors;
use crate::types::Ty;
use crate::value::Value;

/// Units of time, in seconds.
const DURATIONS: &[(&str, u64)] = &[("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
/// Units of storage, in GiB.
const SIZES: &[(&str, u64)] = &[("GB", 1), ("TB", 1024)];
/// The unit of shares.
const PERCENT: &[(&str, u64)] = &[("%", 1)];

/// The units of a type, the smallest first.
pub(crate) fn units(ty: &Ty) -> impl Iterator<Item = &'static str> {
    table(ty).iter().map(|(unit, _)| *unit)
}

fn table(ty: &Ty) -> &'static [(&'static str, u64)] {
    match ty {
        Ty::Duration => DURATIONS,
        Ty::Size => SIZES,
        Ty::Percent => PERCENT,
        _ => &[],
    }
}

impl Typer<'_, '_> {
    pub(super) fn quantity(&mut self, expr: &Expr, ty: &Ty, site: Span) -> Value {
        let units = table(ty);
        match (&expr.kind, units.first()) {
            // A sign makes an offset of a number; here it is one all the same.
            (ExprKind::Int(text) | ExprKind::Number(text) | ExprKind::Offset(text), None) => {
                match text.replace(char::is_whitespace, "").parse() {
                    Ok(number) => Value::Number(number),
                    Err(_) => self.report(errors::number_too_large(expr.span)),
                }
            }
            (ExprKind::Int(text) | ExprKind::Number(text), Some((unit, _))) => {
                self.report(errors::missing_unit(expr.span, text, ty, unit))
            }
            (ExprKind::Quantity(text, unit), Some(_)) => {
                let Some((_, factor)) = units.iter().find(|(known, _)| known == unit) else {
                    let known: Vec<&str> = units.iter().map(|(unit, _)| *unit).collect();
                    return self.report(errors::unknown_unit(expr.span, text, unit, ty, &known));
                };
                match ty {
                    Ty::Percent => match text.parse() {
                        Ok(share) => Value::Number(share),
                        Err(_) => self.report(errors::number_too_large(expr.span)),
                    },
                    _ => self.whole(expr.span, text, *factor, ty),
                }
            }
            _ => self.mismatch(expr, ty, site),
        }
    }

    /// A whole number of a unit; durations and sizes cannot have decimals.
    fn whole(&mut self, span: Span, text: &str, factor: u64, ty: &Ty) -> Value {
        if text.contains('.') {
            return self.report(errors::not_whole(span, ty));
        }
        match text.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)) {
            Some(number) if *ty == Ty::Size => Value::Size(number),
            Some(number) => Value::Duration(number),
            None => self.report(errors::number_too_large(span)),
        }
    }
}

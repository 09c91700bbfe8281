//! Numbers of instances, and the times from which they apply.

use std::collections::BTreeMap;

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind};

use super::{Typer, has_interpolation, plain};
use crate::cron::Cron;
use crate::errors;
use crate::types::Ty;
use crate::value::{Capacity, Reserve, Spanned, Timed, Value};

impl Typer<'_, '_> {
    pub(super) fn capacity(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Int(digits) => match digits.parse() {
                Ok(count) => Value::Capacity(Capacity::Always(count)),
                Err(_) => self.report(errors::number_too_large(expr.span)),
            },
            ExprKind::Timed(..) | ExprKind::List(_) => {
                let mut sizes = Vec::new();
                if !self.timed_list(expr, site, &mut sizes) {
                    return Value::Error;
                }
                if sizes.is_empty() {
                    return self.report(errors::no_sizes(site));
                }
                if self.has_one_time_twice(&sizes) {
                    return Value::Error;
                }
                Value::Capacity(Capacity::Scheduled(sizes))
            }
            ExprKind::String(parts) => {
                let text = plain(parts);
                match old_cell(&text) {
                    Some(meant) => self.report(errors::sizes_in_a_cell(site, expr, &meant)),
                    None => self.mismatch(expr, &Ty::Capacity, site),
                }
            }
            _ => self.mismatch(expr, &Ty::Capacity, site),
        }
    }

    /// Adds the timed sizes of a list or of one; whether all of them were sound.
    fn timed_list(&mut self, expr: &Expr, site: Span, into: &mut Vec<Spanned<Timed>>) -> bool {
        let Some(behind) = self.behind_lets(expr).cloned() else { return false };
        match &behind.kind {
            ExprKind::List(items) => self.every(items, site, into, Self::timed_list),
            ExprKind::Timed(count, time) => {
                let (count, begins) = (self.size(count), self.cron(time));
                let (Some(count), Some(begins)) = (count, begins) else { return false };
                into.push(Spanned::new(Timed { size: count, time: begins }, site));
                true
            }
            ExprKind::Int(digits) => {
                self.report(errors::size_without_time(site, digits));
                false
            }
            _ => {
                self.mismatch(&behind, &Ty::Capacity, site);
                false
            }
        }
    }

    /// A number of instances.
    fn size(&mut self, expr: &Expr) -> Option<u32> {
        let behind = self.behind_lets(expr)?.clone();
        let ExprKind::Int(digits) = &behind.kind else {
            self.mismatch(&behind, &Ty::Int, expr.span);
            return None;
        };
        let size = digits.parse().ok();
        if size.is_none() {
            self.report(errors::number_too_large(expr.span));
        }
        size
    }

    /// A time in five fields.
    fn cron(&mut self, expr: &Expr) -> Option<Cron> {
        let behind = self.behind_lets(expr)?.clone();
        let ExprKind::String(parts) = &behind.kind else {
            if behind.kind != ExprKind::Error {
                self.report(errors::time_without_quotes(expr.span));
            }
            return None;
        };
        if has_interpolation(parts) {
            self.report(errors::interpolated_time(expr.span));
            return None;
        }
        match Cron::parse(&plain(parts)) {
            Ok(cron) => Some(cron),
            Err(mistake) => {
                self.report(errors::bad_time(expr.span, &mistake));
                None
            }
        }
    }

    /// Whether two sizes begin at one time; the second is reported.
    fn has_one_time_twice(&mut self, timed: &[Spanned<Timed>]) -> bool {
        let mut known: BTreeMap<Cron, Span> = BTreeMap::new();
        let told = self.diagnostics.len();
        for at in timed {
            let time = at.value.time;
            match known.get(&time) {
                Some(first) => {
                    self.report(errors::same_time(at.span, *first, &time));
                }
                None => {
                    known.insert(time, at.span);
                }
            }
        }
        told < self.diagnostics.len()
    }

    pub(super) fn reserve(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Int(digits) => match digits.parse() {
                Ok(count) => Value::Reserve(Reserve::Count(count)),
                Err(_) => self.report(errors::number_too_large(expr.span)),
            },
            ExprKind::Quantity(..) => match self.quantity(expr, &Ty::Percent, site) {
                Value::Number(share) if share.fract() != 0.0 => {
                    self.report(errors::share_with_decimals(expr.span, share))
                }
                Value::Number(share) => Value::Reserve(Reserve::Share(share)),
                _ => Value::Error,
            },
            _ => self.mismatch(expr, &Ty::Reserve, site),
        }
    }
}

/// The translation of a cell of the old format, such as `2@1 0 * * *:3@6 0 * * *`.
fn old_cell(text: &str) -> Option<String> {
    let times: Option<Vec<String>> = text
        .split(':')
        .map(|part| {
            let (size, time) = part.split_once('@')?;
            let size: u32 = size.trim().parse().ok()?;
            Cron::parse(time.trim()).is_ok().then(|| format!("{size} at \"{}\"", time.trim()))
        })
        .collect();
    match times?.as_slice() {
        [one] => Some(one.clone()),
        several => Some(format!("[{}]", several.join(", "))),
    }
}

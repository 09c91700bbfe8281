//! When an alarm goes off: statistics and bounds of them.

use asiaq_lang::ast::{self, Expr, ExprKind, Name};

use super::Typer;
use super::statistic::{self, STATISTICS};
use crate::errors;
use crate::types::Ty;
use crate::value::{Bound, Comparison, Condition, Spanned, Value};

/// Seconds that all periods of a condition may have (Amazon CloudWatch API reference, `PutMetricAlarm`).
const LONGEST: u64 = 86_400;
/// Seconds that they may have if each period has an hour or more.
const LONGEST_OF_HOURS: u64 = 604_800;
const HOUR: u32 = 3600;

impl Typer<'_, '_> {
    pub(super) fn condition(&mut self, condition: &ast::Condition) -> Value {
        let bounds: Vec<Option<Spanned<Bound>>> =
            condition.bounds.iter().map(|bound| self.bound(bound)).collect();
        let periods = self.periods(&condition.periods);
        let period = self.period(&condition.period);
        let (Some(periods), Some(period)) = (periods, period) else { return Value::Error };
        let longest = if period < HOUR { LONGEST } else { LONGEST_OF_HOURS };
        let whole = u64::from(periods).saturating_mul(u64::from(period));
        if whole > longest {
            let place = condition.periods.span.to(condition.period.span);
            return self.report(errors::looks_too_far_back(place, whole, period < HOUR));
        }
        let Some(mut bounds) = bounds.into_iter().collect::<Option<Vec<_>>>() else { return Value::Error };
        if let Some(found) = contradiction(&bounds) {
            return self.report(found);
        }
        // The order in which they are written means nothing.
        bounds.sort_by(|a, b| a.value.statistic.cmp(&b.value.statistic));
        Value::Condition(Condition { bounds, periods, period })
    }

    fn bound(&mut self, bound: &ast::Bound) -> Option<Spanned<Bound>> {
        let statistic = self.statistic(&bound.statistic);
        let threshold = self.threshold(&bound.threshold);
        let comparison = match bound.comparison {
            ast::Comparison::Above => Comparison::Above,
            ast::Comparison::AtLeast => Comparison::AtLeast,
            ast::Comparison::Below => Comparison::Below,
            ast::Comparison::AtMost => Comparison::AtMost,
        };
        Some(Spanned::new(Bound { statistic: statistic?, comparison, threshold: threshold? }, bound.span))
    }

    /// A statistic by AWS's name.
    fn statistic(&mut self, word: &Name) -> Option<String> {
        match statistic::parse(&word.text) {
            Ok(known) => Some(known),
            Err(mistake) => {
                self.report(errors::unknown_statistic(word, STATISTICS, mistake));
                None
            }
        }
    }

    fn threshold(&mut self, expr: &Expr) -> Option<f64> {
        let behind = self.behind_lets(expr)?.clone();
        match &behind.kind {
            ExprKind::Int(text) | ExprKind::Number(text) | ExprKind::Offset(text) => {
                let text = text.replace(char::is_whitespace, "");
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                if number.is_none() {
                    self.report(errors::number_too_large(expr.span));
                }
                // There is one zero.
                number.map(|number| number + 0.0)
            }
            ExprKind::Quantity(text, unit) => {
                self.report(errors::threshold_with_unit(expr.span, &behind, text, unit));
                None
            }
            _ => {
                self.mismatch(&behind, &Ty::Number, expr.span);
                None
            }
        }
    }

    fn periods(&mut self, expr: &Expr) -> Option<u32> {
        let behind = self.behind_lets(expr)?.clone();
        let ExprKind::Int(digits) = &behind.kind else {
            self.mismatch(&behind, &Ty::Int, expr.span);
            return None;
        };
        let periods = digits.parse().ok().filter(|periods| *periods > 0);
        if periods.is_none() {
            self.report(errors::no_periods(expr.span, digits));
        }
        periods
    }

    fn period(&mut self, expr: &Expr) -> Option<u32> {
        let behind = self.behind_lets(expr)?.clone();
        if let ExprKind::Int(digits) = &behind.kind {
            let seconds = digits.parse().ok().filter(|seconds| is_period(*seconds));
            self.report(errors::period_without_unit(expr.span, digits, seconds.is_some()));
            return None;
        }
        let Value::Duration(seconds) = self.quantity(&behind, &Ty::Duration, expr.span) else { return None };
        if !is_period(seconds) {
            self.report(errors::bad_period(expr.span, seconds));
            return None;
        }
        let period = u32::try_from(seconds).ok();
        if period.is_none() {
            self.report(errors::number_too_large(expr.span));
        }
        period
    }
}

/// Whether CloudWatch has periods of so many seconds.
fn is_period(seconds: u64) -> bool {
    matches!(seconds, 10 | 20 | 30) || seconds > 0 && seconds.is_multiple_of(60)
}

/// The contradiction between two bounds of one statistic: one of them always holds, or one is redundant.
fn contradiction(bounds: &[Spanned<Bound>]) -> Option<asiaq_lang::Diagnostic> {
    for (at, second) in bounds.iter().enumerate() {
        for first in bounds.iter().take(at).filter(|first| first.value.statistic == second.value.statistic) {
            let (left, right) = (&first.value, &second.value);
            match (left.is_upper(), right.is_upper()) {
                (true, true) | (false, false) => {
                    let weaker = if left.includes(right) { (second, first) } else { (first, second) };
                    return Some(errors::needless_bound(weaker.0.span, weaker.1.span));
                }
                (true, false) if left.meets(right) => {
                    return Some(errors::always_holds(first.span.to(second.span)));
                }
                (false, true) if right.meets(left) => {
                    return Some(errors::always_holds(first.span.to(second.span)));
                }
                (true, false) | (false, true) => {}
            }
        }
    }
    None
}

impl Bound {
    /// Whether it has a threshold.
    pub(crate) fn is_upper(&self) -> bool {
        match self.comparison {
            Comparison::Above | Comparison::AtLeast => true,
            Comparison::Below | Comparison::AtMost => false,
        }
    }

    /// Whether it holds wherever `other` does, which goes the same way.
    fn includes(&self, other: &Self) -> bool {
        let is_closed = matches!(self.comparison, Comparison::AtLeast | Comparison::AtMost);
        let is_same = is_closed || self.comparison == other.comparison;
        let further =
            if self.is_upper() { self.threshold < other.threshold } else { self.threshold > other.threshold };
        further || same(self.threshold, other.threshold) && is_same
    }

    /// Whether every number is above this one or below `lower`.
    fn meets(&self, lower: &Self) -> bool {
        let is_closed = self.comparison == Comparison::AtLeast || lower.comparison == Comparison::AtMost;
        self.threshold < lower.threshold || same(self.threshold, lower.threshold) && is_closed
    }
}

/// Whether two numbers are the same one, as they are written.
fn same(left: f64, right: f64) -> bool {
    left.total_cmp(&right).is_eq()
}

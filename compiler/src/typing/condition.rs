//! When an alarm goes off: statistics and bounds of them.

use asiaq_lang::ast::{self, Expr, ExprKind, Name};

use super::Typer;
use crate::errors;
use crate::types::Ty;
use crate::value::{Bound, Comparison, Condition, Spanned, Value};

/// Statistics by name, with AWS's own.
pub(crate) const STATISTICS: &[(&str, &str)] = &[
    ("average", "Average"),
    ("maximum", "Maximum"),
    ("minimum", "Minimum"),
    ("samples", "SampleCount"),
    ("sum", "Sum"),
];

/// Seconds that all periods of a condition may have.
const LONGEST: u64 = 86_400;

impl Typer<'_, '_> {
    pub(super) fn condition(&mut self, condition: &ast::Condition) -> Value {
        let bounds: Vec<Option<Spanned<Bound>>> =
            condition.bounds.iter().map(|bound| self.bound(bound)).collect();
        let periods = self.periods(&condition.periods);
        let period = self.period(&condition.period);
        let (Some(periods), Some(period)) = (periods, period) else { return Value::Error };
        if u64::from(periods) * u64::from(period) > LONGEST {
            let place = condition.periods.span.to(condition.period.span);
            return self.report(errors::longer_than_a_day(place, u64::from(periods) * u64::from(period)));
        }
        let Some(bounds) = bounds.into_iter().collect::<Option<Vec<_>>>() else { return Value::Error };
        if let Some(found) = contradiction(&bounds) {
            return self.report(found);
        }
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
        let known = STATISTICS.iter().find(|(name, _)| *name == word.text).map(|(_, aws)| (*aws).to_owned());
        let known = known.or_else(|| is_percentile(&word.text).then(|| word.text.clone()));
        if known.is_none() {
            self.report(errors::unknown_statistic(word, STATISTICS));
        }
        known
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
                number
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
        let Value::Duration(seconds) = self.quantity(&behind, &Ty::Duration, expr.span) else { return None };
        let is_legal = matches!(seconds, 10 | 20 | 30) || seconds > 0 && seconds.is_multiple_of(60);
        if !is_legal {
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

/// Whether a word is a percentile: `p50`, `p99.9`.
fn is_percentile(word: &str) -> bool {
    let Some(number) = word.strip_prefix('p') else { return false };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = whole == "0" || !whole.starts_with('0');
    digits(whole)
        && digits(decimals)
        && is_plain
        && decimals.len() <= 10
        && number.parse().is_ok_and(|number: f64| (0.0..=100.0).contains(&number))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numbers_up_to_a_hundred() {
        for word in ["p0", "p50", "p99", "p99.9", "p99.99", "p100"] {
            assert!(is_percentile(word), "{word}");
        }
        for word in ["p", "p101", "p099", "p99.", "p.9", "P99", "p9x", "p-1", "p1e1", "99"] {
            assert!(!is_percentile(word), "{word}");
        }
    }
}

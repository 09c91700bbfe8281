//! Conditions: statistics, thresholds and periods.

use super::{Builder, Node, Rule, inner, values::is_keyword};
use crate::{
    Span,
    ast::{Bound, Comparison, Condition, Expr, ExprKind, Name},
    errors,
};

impl<'t> Builder<'t> {
    /// `average > 99 or average < 1 for 5 x 5m`, of which the first statistic is read.
    pub(super) fn condition(
        &mut self,
        statistic: Expr,
        compared: Node<'t>,
        rest: impl Iterator<Item = Node<'t>>,
    ) -> Expr {
        let start = statistic.span;
        let mut end = self.span(&compared);
        let mut after = compared.as_span().end();
        let mut bounds = vec![self.bound(statistic, Some(compared))];
        let mut lasting = None;
        for part in rest {
            let place = self.span(&part);
            if lasting.is_some() {
                self.report(errors::past_the_period(place));
                return Expr { kind: ExprKind::Error, span: start.to(place) };
            }
            end = place;
            after = part.as_span().end();
            if part.as_rule() == Rule::lasting {
                lasting = Some(self.lasting(part));
            } else {
                bounds.push(self.next_bound(part));
            }
        }
        // Blanks at its end are no part of it.
        let last = bounds.iter().flatten().last().map_or(end, |bound| bound.span);
        let broken = |end: Span| Expr { kind: ExprKind::Error, span: start.to(end) };
        let Some(bounds) = bounds.into_iter().collect::<Option<Vec<Bound>>>() else { return broken(end) };
        match lasting {
            None => {
                let follows = self.slice(after..self.repaired.text.len());
                let word = follows.trim_start_matches([' ', '\t']);
                if word.split([' ', '\t']).next() == Some("and") {
                    let word = after + follows.len() - word.len();
                    self.report(errors::joined_by_and(self.between(word, word + "and".len())));
                } else {
                    self.report(errors::missing_period(start.to(last)));
                }
                broken(last)
            }
            Some(None) => broken(end),
            Some(Some((periods, period))) => {
                let span = start.to(period.span);
                Expr { kind: ExprKind::Condition(Box::new(Condition { bounds, periods, period })), span }
            }
        }
    }

    /// `or average < 1`
    fn next_bound(&mut self, node: Node<'t>) -> Option<Bound> {
        let start = node.as_span().start();
        let mut parts = inner(node).filter(|part| !is_keyword(part));
        let Some(statistic) = parts.next() else {
            let place = self.between(start, start + "or".len());
            self.report(errors::missing_value(place, "or"));
            return None;
        };
        let statistic = self.operand(statistic);
        self.bound(statistic, parts.next())
    }

    /// `average > 99`, of which the statistic is read.
    fn bound(&mut self, statistic: Expr, compared: Option<Node<'t>>) -> Option<Bound> {
        let Some(compared) = compared else {
            if statistic.kind != ExprKind::Error {
                self.report(errors::missing_comparison(statistic.span));
            }
            return None;
        };
        let mut parts = inner(compared);
        let mark = parts.next()?;
        let place = self.span(&mark);
        let comparison = match mark.as_str() {
            ">" => Comparison::Above,
            ">=" => Comparison::AtLeast,
            "<" => Comparison::Below,
            _ => Comparison::AtMost,
        };
        let Some(threshold) = parts.next() else {
            self.report(errors::missing_value(place, mark.as_str()));
            return None;
        };
        let threshold = self.threshold(threshold);
        let span = statistic.span.to(threshold.span);
        let ExprKind::Name(text) = statistic.kind else {
            if statistic.kind != ExprKind::Error {
                self.report(errors::missing_statistic(statistic.span));
            }
            return None;
        };
        if threshold.kind == ExprKind::Error {
            return None;
        }
        Some(Bound { statistic: Name { text, span: statistic.span }, comparison, threshold, span })
    }

    /// The threshold of a statistic; a number may have a sign here.
    fn threshold(&mut self, node: Node<'t>) -> Expr {
        if node.as_rule() != Rule::offset {
            return self.operand(node);
        }
        self.signed_number(node)
    }

    /// `for 5 x 5m`: how many periods, and how long each is.
    fn lasting(&mut self, node: Node<'t>) -> Option<(Expr, Expr)> {
        let start = node.as_span().start();
        let keyword = self.between(start, start + "for".len());
        let mut parts = inner(node).filter(|part| !is_keyword(part));
        let Some(first) = parts.next() else {
            self.report(errors::missing_value(keyword, "for"));
            return None;
        };
        let place = self.span(&first);
        let Some(times) = parts.next() else {
            let found = match first.as_str().split_once('x') {
                Some((periods, period)) if first.as_rule() == Rule::number => {
                    errors::periods_in_one_word(place, periods, period)
                }
                _ => errors::missing_count(place, first.as_str()),
            };
            self.report(found);
            return None;
        };
        let periods = self.operand(first);
        let start = times.as_span().start();
        let Some(period) = inner(times).find(|part| !is_keyword(part)) else {
            let place = self.between(start, start + "x".len());
            self.report(errors::missing_value(place, "x"));
            return None;
        };
        let period = self.operand(period);
        let is_sound = periods.kind != ExprKind::Error && period.kind != ExprKind::Error;
        is_sound.then_some((periods, period))
    }
}

//! Sizes of Auto Scaling groups: minimum ≤ desired ≤ maximum.

use asiaq_lang::{Diagnostic, Span};

use crate::cron::Cron;
use crate::errors;
use crate::evaluate::Resolved;
use crate::model::Run;
use crate::value::{Capacity, Spanned, Timed};

/// A number of instances, the time from which it applies, and its place.
struct Moment {
    size: u32,
    time: Option<Cron>,
    span: Span,
}

pub(super) fn prove(run: &Run, diagnostics: &mut Vec<Diagnostic>) {
    if run.sizes.is_broken {
        return;
    }
    let [min, desired, max] = run.sizes.each();
    if min.1.is_none() && desired.1.is_none() && max.1.is_none() {
        diagnostics.push(errors::no_size(run.span, &run.hostclass));
    }
    for (low, high) in [(min, desired), (desired, max), (min, max)] {
        if let Some(found) = out_of_order(low, high) {
            diagnostics.push(found);
            return;
        }
    }
}

type Said<'m> = (&'static str, Option<&'m Resolved<Capacity>>);

/// The first number of `low` that is above one of `high` at the same time.
fn out_of_order((low, of_low): Said<'_>, (high, of_high): Said<'_>) -> Option<Diagnostic> {
    for a in moments(of_low?) {
        for b in moments(of_high?) {
            // A number that is wanted at first gives way to bounds that come with time.
            let is_first = |name, moment: &Moment| name == "desired" && moment.time.is_none();
            let meet = match (a.time, b.time) {
                (Some(a), Some(b)) => a == b,
                (None, None) => true,
                _ => !is_first(low, &a) && !is_first(high, &b),
            };
            if meet && a.size > b.size {
                return Some(errors::size_order((a.span, low, a.size), (b.span, high, b.size)));
            }
        }
    }
    None
}

fn moments(said: &Resolved<Capacity>) -> Vec<Moment> {
    match &said.value {
        Capacity::Always(size) => vec![Moment { size: *size, time: None, span: said.span() }],
        Capacity::Scheduled(timed) => {
            let moment = |at: &Spanned<Timed>| Moment {
                size: at.value.size,
                time: Some(at.value.time),
                span: at.span,
            };
            timed.iter().map(moment).collect()
        }
    }
}

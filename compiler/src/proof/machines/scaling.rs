//! Scaling by load: each policy changes one thing, and its steps are adjacent.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::evaluate::Resolved;
use crate::model::{Run, Scaling, Step};
use crate::value::Reserve;

pub(super) fn prove(run: &Run, diagnostics: &mut Vec<Diagnostic>) {
    let mut tracked: BTreeMap<&str, Span> = BTreeMap::new();
    for scaling in &run.scaling {
        diagnostics.extend(mistake(scaling));
        let Some(track) = &scaling.track else { continue };
        let place = track.place(scaling.span);
        if let Some(first) = tracked.insert(&track.value, place) {
            diagnostics.push(errors::tracked_twice(place, &track.value, first));
        }
    }
    if let Some(spot) = &run.spot
        && let Reserve::Share(share) = spot.reserve.value
        && share > 100.0
    {
        diagnostics.push(errors::more_than_all(spot.reserve.place(spot.span)));
    }
}

fn wrong(span: Span, message: &str, help: &str) -> Diagnostic {
    errors::scaling_form(span, message, help)
}

fn unfit(span: Span, message: &str, help: &str) -> Box<Diagnostic> {
    Box::new(wrong(span, message, help))
}

/// The first missing or contradictory field of a scaling policy.
fn mistake(scaling: &Scaling) -> Option<Diagnostic> {
    let Scaling { span, track, target, add, remove, .. } = scaling;
    let ways =
        [track.is_some() || target.is_some(), add.is_some() || remove.is_some(), !scaling.steps.is_empty()];
    match ways.iter().filter(|is_said| **is_said).count() {
        0 => {
            return Some(wrong(
                *span,
                "this `scaling` changes nothing",
                "write `track` and `target`, `add`, `remove`, or some `step { … }`",
            ));
        }
        1 => {}
        _ => {
            return Some(wrong(
                *span,
                "this `scaling` changes the size in more than one way",
                "write `track` and `target`, or `add` or `remove`, or steps: use a separate `scaling` for each",
            ));
        }
    }
    match (track, target) {
        (Some(track), None) => {
            let help = "add `target`: the value to keep the metric near";
            return Some(wrong(track.place(*span), "`track` needs a `target`", help));
        }
        (None, Some(target)) => {
            let help = "add `track`: `cpu`, `network_in` or `network_out`";
            return Some(wrong(target.place(*span), "`target` needs a metric to `track`", help));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    if let Some(target) = target.as_ref().filter(|target| target.value <= 0.0) {
        return Some(wrong(target.place(*span), "`target` must be above 0", "write a number above 0"));
    }
    let shares = match scaling.steps.as_slice() {
        [] if add.is_none() && remove.is_none() => false,
        [] => match change(*span, add.as_ref(), remove.as_ref()) {
            Ok(share) => share,
            Err(found) => return Some(*found),
        },
        steps => match self::steps(steps) {
            Ok(shares) => shares,
            Err(found) => return Some(*found),
        },
    };
    settings(scaling, shares)
}

/// Settings of a change that does without them.
fn settings(scaling: &Scaling, shares: bool) -> Option<Diagnostic> {
    let span = scaling.span;
    if let Some(least) = scaling.at_least.as_ref().filter(|_| !shares) {
        let help = "remove it, or use a share such as `10%` in `add` or `remove`";
        return Some(wrong(least.place(span), "`at_least` needs a share in `add` or `remove`", help));
    }
    let is_simple = scaling.add.is_some() || scaling.remove.is_some();
    if let Some(cooldown) = scaling.cooldown.as_ref().filter(|_| !is_simple) {
        let help = "remove it; steps have `warmup`";
        return Some(wrong(cooldown.place(span), "`cooldown` needs `add` or `remove`", help));
    }
    let warmup = scaling.warmup.as_ref().filter(|_| scaling.steps.is_empty());
    warmup.map(|warmup| {
        wrong(warmup.place(span), "`warmup` needs steps", "remove it; `add` and `remove` have `cooldown`")
    })
}

/// Whether a change is of a share; either something is added or something is removed.
fn change(
    span: Span,
    add: Option<&Resolved<Reserve>>,
    remove: Option<&Resolved<Reserve>>,
) -> Result<bool, Box<Diagnostic>> {
    let amount = match (add, remove) {
        (Some(one), None) | (None, Some(one)) => one,
        (Some(add), Some(_)) => {
            let help = "remove one of them; use a separate `scaling` for the other";
            return Err(unfit(add.place(span), "this both adds and removes instances", help));
        }
        (None, None) => {
            return Err(unfit(span, "this step changes nothing", "write `add` or `remove`"));
        }
    };
    match amount.value {
        Reserve::Share(share) if share < 1.0 => {
            Err(unfit(amount.place(span), "this changes nothing", "write `1%` or more"))
        }
        Reserve::Share(share) if remove.is_some() && share > 100.0 => {
            let help = "write a share up to `100%`";
            Err(unfit(amount.place(span), "this removes more than all instances", help))
        }
        Reserve::Count(0) => Err(unfit(amount.place(span), "this changes nothing", "write `1` or more")),
        Reserve::Share(_) => Ok(true),
        Reserve::Count(_) => Ok(false),
    }
}

/// Whether steps change shares: all of them do or none, and each begins where the one before it ends.
fn steps(steps: &[Step]) -> Result<bool, Box<Diagnostic>> {
    let mut shares = Vec::new();
    for step in steps {
        shares.push(change(step.span, step.add.as_ref(), step.remove.as_ref())?);
    }
    let is_share = shares.first().copied().unwrap_or_default();
    if let Some((step, _)) = steps.iter().zip(&shares).find(|(_, share)| **share != is_share) {
        let help = "write shares in all steps, or numbers in all steps";
        return Err(unfit(step.span, "this step uses another unit than the steps before it", help));
    }
    if let Some(step) = steps.iter().find(|step| step.from.is_none() && step.to.is_none()) {
        let help =
            "write `from`, `to` or both; without steps, write `add` or `remove` in the `scaling` itself";
        return Err(unfit(step.span, "this step has no bound", help));
    }
    let bound = |said: &Option<Resolved<f64>>, otherwise| said.as_ref().map_or(otherwise, |said| said.value);
    let from = |step: &Step| bound(&step.from, f64::NEG_INFINITY);
    let to = |step: &Step| bound(&step.to, f64::INFINITY);
    let mut ordered: Vec<&Step> = steps.iter().collect();
    ordered.sort_by(|a, b| from(a).total_cmp(&from(b)));
    if let Some(step) = ordered.iter().find(|step| from(step) >= to(step)) {
        return Err(unfit(step.span, "this step ends before it begins", "write a `to` above `from`"));
    }
    for pair in ordered.windows(2) {
        let [before, after] = pair else { continue };
        if to(before).total_cmp(&from(after)).is_ne() {
            let help = "start it where the previous step ends: steps must not overlap or leave gaps";
            return Err(unfit(after.span, "this step does not start where the previous one ends", help));
        }
    }
    // AWS wants the outer steps to be open, wherever a bound is beyond the threshold.
    if let Some(last) = ordered.last().filter(|last| last.to.is_some() && to(last) > 0.0) {
        let help = "remove `to`, or add a step without `to`: the last step above the threshold has no end";
        return Err(unfit(
            last.to.as_ref().map_or(last.span, |to| to.place(last.span)),
            "no step applies above this",
            help,
        ));
    }
    if let Some(first) = ordered.first().filter(|first| first.from.is_some() && from(first) < 0.0) {
        let help =
            "remove `from`, or add a step without `from`: the first step below the threshold has no start";
        return Err(unfit(
            first.from.as_ref().map_or(first.span, |from| from.place(first.span)),
            "no step applies below this",
            help,
        ));
    }
    Ok(is_share)
}

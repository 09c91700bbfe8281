//! Steps that are there only because another step gives a resource a new id.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Ref, Risk, TAGS_TAG, refs_in, resolve_in};
use asiaq_runtime::{Action, Cause, Interruptions, Plan, Reason, Step};
use serde_json::Value;

use super::interruptions;
use super::mark::{Detail, Mark};
use super::names::Names;

/// The names of resources by risk, mark and kind.
type ByMark = BTreeMap<(Risk, Mark), BTreeMap<Kind, Vec<String>>>;

/// The steps that follow from others, by their index in the plan.
#[derive(Debug, Default)]
pub(super) struct Followers<'p> {
    /// The addresses of replaced resources, by their AWS ids.
    ids: BTreeMap<&'p str, &'p Address>,
    /// The cause of each follower, which follows from nothing itself.
    causes: BTreeMap<usize, usize>,
}

impl<'p> Followers<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let mut ids: BTreeMap<&str, &Address> = BTreeMap::new();
        let mut replaced: BTreeMap<&Address, usize> = BTreeMap::new();
        for (at, step) in plan.steps.iter().enumerate() {
            if let Action::Replace { live, .. } = &step.action {
                ids.entry(live.id.as_str()).or_insert(&step.address);
                replaced.insert(&step.address, at);
            }
        }
        let mut direct: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, step) in plan.steps.iter().enumerate() {
            let cause = cause(step, &ids, &replaced).filter(|cause| *cause != at);
            let is_worse = |cause: &usize| plan.steps.get(*cause).is_none_or(|cause| step.risk > cause.risk);
            direct.extend(cause.filter(|cause| !is_worse(cause)).map(|cause| (at, cause)));
        }
        let root = |mut at: usize| {
            let mut seen = BTreeSet::new();
            while let Some(cause) = direct.get(&at) {
                // Two that follow from each other follow from neither.
                if !seen.insert(at) {
                    return None;
                }
                at = *cause;
            }
            Some(at)
        };
        let causes = direct.keys().filter_map(|at| Some((*at, root(*at)?))).collect();
        Self { ids, causes }
    }

    /// Whether the step at this index is shown with its cause.
    pub(super) fn contains(&self, at: usize) -> bool {
        self.causes.contains_key(&at)
    }

    /// The reasons of a step for the user, without fields in which only ids differ if there are others.
    pub(super) fn own_reasons<'s>(&self, step: &'s Step) -> Vec<&'s Reason> {
        let reasons: Vec<&Reason> = step.reasons.iter().filter(|reason| !is_bookkeeping(reason)).collect();
        let fields = by_field(&reasons);
        let is_own = |reason: &&Reason| {
            fields.get(reason.field.as_str()).is_none_or(|all| same_but_for_ids(all, &self.ids).is_none())
        };
        let own: Vec<&Reason> = reasons.iter().copied().filter(is_own).collect();
        let explain =
            own.iter().map(|reason| reason.risk).max() >= reasons.iter().map(|reason| reason.risk).max();
        if explain && !own.is_empty() { own } else { reasons }
    }

    /// Lines below each cause, by its index: what follows from it, and what that interrupts.
    pub(super) fn details(&self, plan: &Plan, stops: &Interruptions<'_>) -> BTreeMap<usize, Vec<Detail>> {
        let mut stopped: BTreeMap<usize, Vec<Detail>> = BTreeMap::new();
        let mut by_cause: BTreeMap<usize, ByMark> = BTreeMap::new();
        for (at, root) in &self.causes {
            let (Some(step), Some(cause)) = (plan.steps.get(*at), plan.steps.get(*root)) else { continue };
            let is_near = step.address.scope() == cause.address.scope();
            let name = if is_near { step.address.path() } else { step.address.as_str() };
            let name_of_kind = format!("{} {name}", step.kind.name());
            let details = interruptions::details(stops.by(step), Some(&name_of_kind));
            stopped.entry(*root).or_default().extend(details);
            let marks = by_cause.entry(*root).or_default();
            let kinds = marks.entry((step.risk, Mark::of(&step.action))).or_default();
            kinds.entry(step.kind).or_default().push(name.to_owned());
        }
        let details = |(root, marks): (usize, ByMark)| {
            let lines = marks.into_iter().map(|((risk, mark), kinds)| detail(risk, mark, &kinds));
            (root, lines.chain(stopped.remove(&root).into_iter().flatten()).collect())
        };
        by_cause.into_iter().map(details).collect()
    }
}

fn detail(risk: Risk, mark: Mark, kinds: &BTreeMap<Kind, Vec<String>>) -> Detail {
    let named = kinds.iter().map(|(kind, all)| format!("{} {}", kind.name(), Names::at(risk, all).text));
    let named = named.collect::<Vec<_>>().join(", ");
    let risk = match risk {
        Risk::Safe => String::new(),
        Risk::Disruptive | Risk::Replace | Risk::DataLoss => format!("{}, ", risk.word()),
    };
    Detail { mark, text: format!("{risk}because of its new id: {named}"), place: String::new() }
}

/// The first replaced resource that a step follows from, if it has no other reason.
fn cause(step: &Step, ids: &BTreeMap<&str, &Address>, replaced: &BTreeMap<&Address, usize>) -> Option<usize> {
    if step.risk >= Risk::DataLoss || step.cause == Cause::Drift {
        return None;
    }
    match step.action {
        Action::Update { .. } | Action::Replace { .. } => {}
        Action::Create { .. } | Action::Delete { .. } => return None,
    }
    let reasons: Vec<&Reason> = step.reasons.iter().filter(|reason| !is_bookkeeping(reason)).collect();
    let mut causes = BTreeSet::new();
    for reasons in by_field(&reasons).values() {
        causes.extend(same_but_for_ids(reasons, ids)?);
    }
    causes.into_iter().filter_map(|address| replaced.get(address).copied()).min()
}

fn by_field<'r>(reasons: &[&'r Reason]) -> BTreeMap<&'r str, Vec<&'r Reason>> {
    let mut fields: BTreeMap<&str, Vec<&Reason>> = BTreeMap::new();
    for reason in reasons {
        fields.entry(reason.field.as_str()).or_default().push(reason);
    }
    fields
}

/// The replaced resources whose ids are all that differs in a field.
fn same_but_for_ids<'a>(
    reasons: &[&Reason],
    ids: &BTreeMap<&str, &'a Address>,
) -> Option<BTreeSet<&'a Address>> {
    let mut causes: BTreeSet<&Address> = BTreeSet::new();
    let mut named = |value: &Value| {
        resolve_in(value.clone(), &mut |reference| match reference.id().and_then(|id| ids.get(id)) {
            Some(address) => {
                causes.insert(address);
                Ref::To((*address).clone())
            }
            None => reference.clone(),
        })
    };
    let mut before: Vec<String> = Vec::new();
    let mut after: Vec<String> = Vec::new();
    for reason in reasons {
        let old = named(&reason.before);
        if lets_go(reason) {
            // The set loses everything because all that it names is replaced.
            let mut all = refs_in(&reason.before).into_iter();
            if !all.all(|reference| reference.id().is_some_and(|id| ids.contains_key(id))) {
                return None;
            }
            continue;
        }
        before.extend((!old.is_null()).then(|| old.to_string()));
        after.extend((!reason.after.is_null()).then(|| reason.after.to_string()));
    }
    before.sort_unstable();
    after.sort_unstable();
    (!causes.is_empty() && before == after).then_some(causes)
}

/// Whether a reason is about the tag that lists the other tags.
fn is_bookkeeping(reason: &Reason) -> bool {
    reason.field == "tags" && reason.element.as_deref() == Some(TAGS_TAG)
}

/// Whether a set loses all that it has, because AWS allows no other change.
pub(super) fn lets_go(reason: &Reason) -> bool {
    reason.before.is_array() && reason.after.is_null() && reason.element.is_none() && reason.why.is_some()
}

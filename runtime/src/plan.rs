//! What to do, decided purely: the same program, observation and time give the same plan.
//!
//! [`select`] says what is wanted within the scope, [`keep`] which live resource stands for each
//! wanted one and how it differs, [`adjacent_steps`] what has to follow just outside the scope; what is left
//! over goes. [`crate::graph`] settles the order of replacements.

mod adjacent_steps;
mod cause;
mod contents;
mod diff;
mod live;
mod matching;
mod note;
mod protection;
mod reasons;
mod scope;
mod select;
pub(crate) mod step;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, CREATED_TAG, ENV_TAG, ImageFact, Ir, Node, PROJECT_TAG, Ref, Resource, Risk,
    TAGS_TAG, refs, refs_in,
};
use serde_json::Value;

pub use contents::Plan;
pub use note::Note;
pub use protection::{Protection, Refusal, to_allow};
pub use scope::{Goal, Scope};
pub use step::{Action, Cause, Reason, Step};

use crate::{Found, Observed, graph};
use cause::History;
use live::{Item, Live};
use matching::{Decision, Decisions};
use select::Selection;
use step::MinimumViolations;

/// Compares what is wanted with what is there and decides every step.
///
/// `now` is the time written to what is created. Total: a program that points at nothing gives a plan with
/// a note, and a step that fails when it is applied.
pub fn plan(ir: &Ir, observed: &Observed, scope: &Scope, now: &str) -> Plan {
    let live = Live::new(&observed.found);
    let selection = Selection::new(ir, &live, scope);
    let mut minimum_violations = MinimumViolations::new();
    let (mut steps, staying, known) = loop {
        let decisions = matching::decide(&selection, &live, &minimum_violations);
        let (mut steps, staying) = steps(&selection, &live, &decisions, now, |step| stays(step, ir, scope));
        let known = known(&steps, &decisions, &live);
        // What cannot let go of what is made anew is made anew itself, which others follow.
        let more = graph::resolve_cycles(&mut steps, &known, &minimum_violations);
        if more.is_empty() {
            break (steps, staying, known);
        }
        minimum_violations.extend(more);
    };
    let images = images(&steps, observed);
    let past = History::new(ir, observed);
    for step in &mut steps {
        past.attribute(step);
    }

    let mut notes = selection.notes;
    notes.extend(
        staying.iter().filter_map(|step| {
            Some(Note::Stays { address: step.address.clone(), id: step.live()?.id.clone() })
        }),
    );
    notes.extend(note::unconfirmed(observed, scope));

    Plan {
        project: ir.project.clone(),
        now: now.to_owned(),
        scope: scope.clone(),
        ir: ir.clone(),
        steps,
        notes: notes.into_iter().collect(),
        known,
        images,
        protected: protection::environments(ir, observed),
    }
}

/// Every step that what becomes of the wanted resources asks for, in no settled order, and deletions of what stays.
fn steps(
    selection: &Selection<'_>,
    live: &Live<'_>,
    decisions: &Decisions<'_>,
    now: &str,
    stays: impl Fn(&Step) -> bool,
) -> (Vec<Step>, Vec<Step>) {
    let names = reasons::Names::new(decisions, live);

    let mut steps = Vec::new();
    for (address, wanted) in selection.wanted.iter().filter(|(_, wanted)| wanted.inside) {
        match decisions.get(*address) {
            Some(Decision::Keep { found, differences }) => {
                let Some(item) = live.item(*found) else { continue };
                let (set_tags, remove_tags) = reasons::tags(wanted.node, &item.found.tags);
                let mut reasons = names.reasons(wanted.node, differences);
                reasons.extend(reasons::of_tags(wanted.node, item.found, &set_tags, &remove_tags));
                if !reasons.is_empty() {
                    let action = Action::Update {
                        live: item.found.clone(),
                        wanted: wanted.resource(),
                        after: wanted.node.after.clone(),
                        detach: BTreeSet::new(),
                        set_tags,
                        remove_tags,
                    };
                    steps.push(Step::new(action, address, reasons, Some(&wanted.node.origin)));
                }
            }
            Some(Decision::Create { old, differences }) => {
                let reasons = names.reasons(wanted.node, differences);
                let node = creation(wanted.node, wanted.resource(), now);
                let action = match old.and_then(|old| live.item(old)) {
                    Some(item) => {
                        let order = node.resource.kind().schema().replacement;
                        Action::Replace { live: item.found.clone(), node, order }
                    }
                    None => Action::Create { node },
                };
                steps.push(Step::new(action, address, reasons, Some(&wanted.node.origin)));
            }
            None => {}
        }
    }
    let (leaving, staying): (Vec<Step>, Vec<Step>) =
        unwanted(selection, decisions, live).into_iter().partition(|step| !stays(step));
    steps.extend(leaving);
    steps.extend(adjacent_steps::steps(selection, decisions, live, &names));
    steps.sort_by(|a, b| a.rank().cmp(&b.rank()));
    (steps, staying)
}

/// The node as it is made: with the time of its creation, where it has tags at all.
fn creation(node: &Node, resource: Resource, now: &str) -> Node {
    let mut node = Node { resource, ..node.clone() };
    if !node.tags.is_empty() {
        node.tags.insert(CREATED_TAG.to_owned(), now.to_owned());
    }
    node
}

/// Deletions of what lives in scope and stands for nothing that is wanted.
fn unwanted(selection: &Selection<'_>, decisions: &Decisions<'_>, live: &Live<'_>) -> Vec<Step> {
    let used: BTreeSet<usize> = decisions
        .values()
        .filter_map(|decision| match decision {
            Decision::Keep { found, .. } => Some(*found),
            Decision::Create { old, .. } => *old,
        })
        .collect();
    let leaving: Vec<&Item<'_>> = live
        .items()
        .filter(|(index, item)| !used.contains(index) && !item.is_vacant() && selection.covers(item, live))
        .map(|(_, item)| item)
        .collect();
    if leaving.is_empty() {
        return Vec::new();
    }
    let replaced = decisions.values().filter_map(|decision| match decision {
        Decision::Create { old, .. } => old.and_then(|old| live.item(old)),
        Decision::Keep { .. } => None,
    });
    let deleted: BTreeSet<&str> =
        leaving.iter().filter(|item| !item.is_part).map(|item| item.found.id.as_str()).collect();
    let gone: BTreeSet<&str> =
        replaced.map(|item| item.found.id.as_str()).chain(deleted.iter().copied()).collect();
    let named = named(selection);
    leaving
        .into_iter()
        .filter(|item| !(deleted.contains(item.found.id.as_str()) && is_free(item, &gone)))
        .map(|item| {
            if named.contains(&item.found.id) {
                return disown(item.found);
            }
            let spare =
                decisions.get(&item.found.address).map(|decision| reasons::spare(item.found, decision, live));
            let action = Action::Delete { live: item.found.clone() };
            Step::new(action, &item.found.address, spare.into_iter().collect(), None)
        })
        .collect()
}

/// Whether a step would delete what outlives its environment, and that is what goes.
fn stays(step: &Step, ir: &Ir, scope: &Scope) -> bool {
    let goes = match scope.goal {
        Goal::Destroy => true,
        Goal::Apply => !ir.environments.contains_key(step.address.env()),
    };
    goes && step.kind.schema().retain_on_destroy && matches!(step.action, Action::Delete { .. })
}

/// What is known of the images that steps put machines on.
fn images(steps: &[Step], observed: &Observed) -> BTreeMap<String, ImageFact> {
    let mut images = BTreeMap::new();
    for step in steps {
        let Some(Resource::LaunchTemplate(template)) = step.wanted() else { continue };
        let known = observed.facts.regions.get(&step.region).into_iter().flat_map(|region| &region.images);
        let mut named = known.filter(|image| template.image.id() == Some(image.id.as_str()));
        images.extend(named.next().map(|image| (image.id.clone(), image.clone())));
    }
    images
}

/// AWS ids that the program names as somebody else's.
fn named(selection: &Selection<'_>) -> BTreeSet<String> {
    let wanted = selection.wanted.values().flat_map(|wanted| refs(&wanted.resource()));
    wanted.filter_map(|reference| reference.id().map(str::to_owned)).collect()
}

/// A resource that is not wanted as asiaq's own any more, but used under its id, such as an elastic IP address
/// that was allocated and is now named: it loses the tags of ownership and stays.
fn disown(found: &Found) -> Step {
    let own = [PROJECT_TAG, ENV_TAG, ADDRESS_TAG, TAGS_TAG];
    let reason = Reason {
        field: "tags".to_owned(),
        element: Some(ADDRESS_TAG.to_owned()),
        before: found.address.as_str().into(),
        after: Value::Null,
        risk: Risk::Safe,
        why: Some("the program names it: it is yours now, and stays".to_owned()),
        origin: None,
        cause: Cause::Unknown,
    };
    let action = Action::Update {
        live: found.clone(),
        wanted: found.resource.clone(),
        after: BTreeSet::new(),
        detach: BTreeSet::new(),
        set_tags: BTreeMap::new(),
        remove_tags: own.into_iter().filter(|tag| found.tags.contains_key(*tag)).map(str::to_owned).collect(),
    };
    Step::new(action, &found.address, vec![reason], None)
}

/// Whether a part keeps nothing that is `gone`, so that it can wait to go with what it is in.
fn is_free(item: &Item<'_>, gone: &BTreeSet<&str>) -> bool {
    let keeps = |reference: &Ref| reference.id().is_some_and(|id| id != item.found.id && gone.contains(id));
    item.is_part && !refs_in(&item.value).iter().any(keeps)
}

/// Ids of everything the steps point at by address and that lives already.
fn known(steps: &[Step], decisions: &Decisions<'_>, live: &Live<'_>) -> BTreeMap<Address, String> {
    let mut known = BTreeMap::new();
    for reference in steps.iter().filter_map(Step::wanted).flat_map(refs) {
        if let Ref::To(address) = reference
            && let Some(Decision::Keep { found, .. }) = decisions.get(&address)
            && let Some(item) = live.item(*found)
        {
            known.insert(address, item.found.id.clone());
        }
    }
    known
}

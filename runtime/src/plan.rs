//! What to do, decided purely: the same program, observation and time give the same plan.
//!
//! [`select`] says what is wanted within the scope, [`keep`] which live resource stands for each
//! wanted one and how it differs, [`adjacent_steps`] what has to follow just outside the scope; what is left
//! over goes. [`crate::graph`] settles the order of replacements.

mod adjacent_steps;
mod cause;
mod diff;
mod live;
mod matching;
mod note;
mod protection;
mod reasons;
mod select;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, CREATED_TAG, ENV_TAG, ImageFact, Ir, Node, PROJECT_TAG, Ref, Resource, Risk,
    TAGS_TAG, refs, refs_in,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use cause::Cause;
pub(crate) use matching::MinimumViolations;
pub use note::Note;
pub use protection::{Protection, Refusal, to_allow};
pub use step::{Action, Reason, Step};

use crate::apply::order::operation;
use crate::{Environments, Found, Observed, Planned, graph};
use cause::History;
use live::{Item, Live};
use matching::{Decision, Decisions};
use select::Selection;

/// What a command is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Environments by name; absent for all of them, those included that live but are no longer declared.
    pub only: Option<BTreeSet<String>>,
    /// What of these environments: resources whose path is one of these or begins with one and `/`; absent for
    /// everything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub under: Option<BTreeSet<String>>,
    /// What they should become.
    pub goal: Goal,
}

/// What the environments in scope should become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// What the program says.
    #[default]
    Apply,
    /// Nothing.
    Destroy,
}

/// What an apply will do, and what it was decided from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the project.
    pub project: String,
    /// Time of planning, UTC, ISO 8601 with microseconds: the creation time of what is made.
    pub now: String,
    /// What was asked for.
    pub scope: Scope,
    /// The program.
    pub ir: Ir,
    /// The steps, in order of address, kind and id.
    pub steps: Vec<Step>,
    /// What a person should know beside the steps.
    pub notes: Vec<Note>,
    /// AWS ids of the live resources that wanted ones point at.
    pub known: BTreeMap<Address, String>,
    /// The images that steps put machines on, by AWS id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub images: BTreeMap<String, ImageFact>,
    /// Environments that are protected: declared so, or no longer declared and protected when they were.
    pub protected: BTreeSet<String>,
}

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

impl Scope {
    /// Whether an environment is in it, as a whole or in part.
    pub fn covers(&self, env: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(env))
    }

    /// Whether what is at `address` is in it.
    pub fn includes(&self, address: &Address) -> bool {
        let is_under = |part: &String| {
            let rest = address.path().strip_prefix(part.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.covers(address.env()) && self.under.as_ref().is_none_or(|under| under.iter().any(is_under))
    }
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The environments that an apply of this plan changes, by the region in which they are declared; one that
    /// moves is in more than one.
    pub fn environments(&self) -> Environments {
        let mut touched = Environments::new();
        for step in &self.steps {
            let declared = |env: &str| self.ir.environments.get(env).map(|env| env.region.clone());
            let places = step.environments().into_iter().filter_map(|env| Some((declared(env)?, env)));
            let own = step.live().map(|live| &live.region).into_iter().chain([&step.region]);
            let own = own.map(|region| (region.clone(), step.address.env()));
            for (region, env) in places.chain(own) {
                touched.entry(region).or_default().insert(env.to_owned());
            }
        }
        touched
    }

    /// Calls that an apply of this plan makes, for progress.
    pub fn operations(&self) -> usize {
        graph::Graph::new(self).len()
    }

    /// The operations of an apply of this plan, by number, and what each has to come after.
    pub fn order(&self) -> Vec<Planned> {
        let graph = graph::Graph::new(self);
        let mut planned: Vec<Planned> = (0..graph.len())
            .filter_map(|number| {
                let op = graph.op(number)?;
                let step = self.steps.get(op.step)?;
                let region = match op.part {
                    graph::Part::Create => step.region.clone(),
                    graph::Part::Update | graph::Part::Detach | graph::Part::Delete => {
                        step.live().map_or_else(|| step.region.clone(), |live| live.region.clone())
                    }
                };
                Some(Planned { operation: operation(step, op.part), region, after: Vec::new() })
            })
            .collect();
        for number in 0..graph.len() {
            for next in graph.next(number) {
                if let Some(next) = planned.get_mut(*next) {
                    next.after.push(number);
                }
            }
        }
        planned
    }

    /// Addresses about which a fresh plan of the same program, scope and time says something else: the
    /// world has moved since this one was made. What its steps come from does not count.
    pub fn differs_from(&self, fresh: &Plan) -> BTreeSet<Address> {
        let mine: BTreeMap<_, _> = self.steps.iter().map(|step| (step.rank(), step)).collect();
        let theirs: BTreeMap<_, _> = fresh.steps.iter().map(|step| (step.rank(), step)).collect();
        let steps = mine
            .iter()
            .filter(|(rank, step)| theirs.get(*rank).is_none_or(|other| step.bare() != other.bare()))
            .chain(theirs.iter().filter(|(rank, _)| !mine.contains_key(*rank)))
            .map(|(_, step)| step.address.clone());
        let ids = self.known.iter().filter(|(address, id)| fresh.known.get(*address) != Some(*id));
        steps.chain(ids.map(|(address, _)| address.clone())).collect()
    }

    /// Whether a plan that was made at another time does the same.
    pub fn is_like(&self, later: &Plan) -> bool {
        let timeless = |plan: &Plan| {
            let mut steps: Vec<Step> = plan.steps.iter().map(Step::bare).collect();
            for step in &mut steps {
                match &mut step.action {
                    Action::Create { node } | Action::Replace { node, .. } => {
                        node.tags.remove(CREATED_TAG);
                    }
                    Action::Update { .. } | Action::Delete { .. } => {}
                }
            }
            steps
        };
        (timeless(self), &self.known, &self.scope) == (timeless(later), &later.known, &later.scope)
    }
}

//! Planning: a pure function of the program, the observation, the scope and the time.
//!
//! [`select`] picks the wanted resources of the scope. [`matching`] assigns a live resource to each and finds the
//! differences. Live resources in scope that match nothing are deleted. [`adjacent_steps`] adds updates just
//! outside the scope. [`crate::graph`] decides the order of the halves of replacements and which references are
//! detached.

mod adjacent_steps;
mod cause;
mod contents;
mod coverage;
mod data_loss;
mod diff;
mod emptied;
mod environments;
mod interruptions;
mod kept;
mod kept_names;
mod listener_rules;
mod live;
mod logs;
mod matching;
mod moves;
mod naming;
mod note;
mod old_templates;
mod peerings;
mod protection;
mod reasons;
mod renames;
mod select;
mod settled;
pub(crate) mod step;
mod stores;
mod successors;
mod unseen;
mod waiting;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, CREATED_TAG, Change, ENV_TAG, ImageFact, Ir, MOVED_TAG, NAME_TAG, Node,
    PROJECT_TAG, Ref, Resource, TAGS_TAG, refs, refs_in,
};
use serde_json::Value;

pub use contents::Plan;
pub use coverage::{Coverage, Goal};
pub use environments::{RenamedEnvironments, only_renames};
pub use interruptions::{Interruption, Interruptions};
pub use note::{Note, Outlook};
pub use protection::{Protection, Refusal, to_allow};
pub use step::{Action, Cause, Reason, Step};
pub use unseen::keep_unseen;

use crate::{Found, Observed, graph, ownership};
use cause::History;
use live::{Item, Live};
use matching::{Decision, Decisions};
pub(crate) use moves::Moves;
use select::{Selection, Wanted};
use step::MinimumViolations;

/// Compares the wanted resources with the live ones and decides every step.
///
/// `now` is the creation time written to the tags of new resources: UTC, ISO 8601 with microseconds. The function is
/// total: a reference that leads to no resource gives a [`Note::Unresolved`], and a step that fails when it is
/// applied.
pub fn plan(ir: &Ir, observed: &Observed, scope: &Coverage, now: &str) -> Plan {
    let observed = &*waiting::observed(observed, scope);
    let moves = Moves::new(ir, &observed.found);
    let program = ir;
    let settled = settled::settled(ir, &moves, observed);
    let settled = waiting::program(settled, scope);
    let ir = &*settled;
    let live = Live::new(&moves.found);
    let selection = Selection::new(ir, &live, scope);
    let doubtful = if scope.delete_doubles { BTreeSet::new() } else { ownership::doubtful(&observed.found) };
    let mut minimum_violations = MinimumViolations::new();
    let (mut steps, staying, known, kept) = loop {
        let decisions = matching::decide(&selection, &live, &moves, &minimum_violations);
        // A target group that serves a load balancer which is replaced cannot serve the new one too.
        let bound = matching::bound_to_replaced(&selection, &decisions, &live);
        if !bound.is_subset(&minimum_violations) {
            minimum_violations.extend(bound);
            continue;
        }
        let (mut steps, staying) =
            steps(&selection, &live, &moves, &decisions, now, &doubtful, |step| stays(step, ir, scope));
        let logs = logs::keep(&mut steps, ir, &moves, scope);
        let parameters = waiting::keep_parameters(&mut steps, observed, scope);
        let targets = listener_rules::keep_targets(&mut steps, &live);
        let known = known(&steps, &decisions, &live);
        // A set that cannot detach an element makes its resource a replacement, which changes other steps.
        let new_violations = graph::resolve_cycles(&mut steps, &known, &ir.barriers, &minimum_violations);
        if new_violations.is_empty() {
            let mut kept = kept::values(&selection, &decisions, &live, observed);
            kept.extend(logs);
            kept.extend(parameters);
            kept.extend(targets);
            break (steps, staying, known, kept);
        }
        minimum_violations.extend(new_violations);
    };
    let lost_rules = listener_rules::lost(&mut steps);
    data_loss::raise(&mut steps, &observed.found);
    let images = images(&steps, observed);
    let history = History::new(ir, observed);
    for step in &mut steps {
        history.attribute(step);
        waiting::attribute(step, observed, scope);
        step.moved_from = step.live().and_then(|live| moves.origin(live)).cloned();
    }
    successors::find(&mut steps, &moves);

    let mut notes = selection.notes;
    notes.extend(
        staying.iter().filter_map(|step| {
            Some(Note::Stays { address: step.address.clone(), id: step.live()?.id.clone() })
        }),
    );
    notes.extend(note::copies(&steps));
    notes.extend(note::deactivated(&steps));
    notes.extend(note::unconfirmed(observed, scope));
    notes.extend(note::foreign(observed, scope));
    notes.extend(waiting::notes(observed, &steps, scope));
    notes.extend(waiting::later(program, ir, scope));
    notes.extend(note::unread(observed));
    notes.extend(note::renamed(&steps, observed));
    notes.extend(note::private_requests(&steps));
    notes.extend(note::undelegated(ir, &steps));
    notes.extend(note::done(ir, &moves, scope));
    notes.extend(lost_rules);
    notes.extend(old_templates::notes(observed, scope, &steps));
    notes.extend(kept);
    notes.extend(kept::subnets(ir, scope));

    Plan {
        project: ir.project.clone(),
        now: now.to_owned(),
        scope: scope.clone(),
        protected: protection::scopes(ir, observed),
        ir: settled.into_owned(),
        steps,
        notes: notes.into_iter().collect(),
        known,
        images,
        unmanaged: BTreeMap::new(),
    }
}

/// What is observed, under the addresses that the program has for it.
pub fn as_moved<'o>(ir: &Ir, observed: &'o Observed) -> Cow<'o, Observed> {
    match Moves::new(ir, &observed.found).found {
        Cow::Borrowed(_) => Cow::Borrowed(observed),
        Cow::Owned(found) => Cow::Owned(Observed { found, ..observed.clone() }),
    }
}

/// Whether a live resource keeps its name: it has moved, or its name is not compared.
fn keeps_name(found: &Found, field: &str, node: &Node, moves: &Moves<'_>) -> bool {
    let schema = found.resource.kind().schema();
    let has_moved = moves.origin(found).is_some() || found.tags.contains_key(MOVED_TAG);
    schema.derived_name == Some(field)
        && (matches!(schema.change(field), Change::CreateOnly { .. })
            || (has_moved && !node.provenance.contains_key(field)))
}

/// `wanted` under the name of the live resource, where that keeps it.
fn named_as(wanted: Resource, found: &Found, node: &Node, moves: &Moves<'_>) -> Resource {
    let Some(field) = found.resource.kind().schema().derived_name else { return wanted };
    if !keeps_name(found, field, node, moves) || wanted.field(field) == found.resource.field(field) {
        return wanted;
    }
    wanted.with_field(field, found.resource.field(field))
}

/// The steps that follow from the decisions, sorted by rank, and the deletions that `stays` holds back. The resources
/// with the ids in `doubtful` are not deleted.
fn steps(
    selection: &Selection<'_>,
    live: &Live<'_>,
    moves: &Moves<'_>,
    decisions: &Decisions<'_>,
    now: &str,
    doubtful: &BTreeSet<&str>,
    stays: impl Fn(&Step) -> bool,
) -> (Vec<Step>, Vec<Step>) {
    let names = reasons::Names::new(decisions, live);
    let taken = naming::Names::new(live, moves);

    let mut steps = Vec::new();
    for (address, wanted) in selection.wanted.iter().filter(|(_, wanted)| wanted.inside) {
        match decisions.get(*address) {
            Some(Decision::Keep { found, differences }) => {
                let Some(item) = live.item(*found) else { continue };
                let (mut set_tags, remove_tags) = reasons::tags(wanted.node, item.found);
                // From then on its name is no difference.
                if let Some(from) = moves
                    .origin(item.found)
                    .filter(|_| item.found.resource.kind().schema().derived_name.is_some())
                    && !item.found.tags.contains_key(MOVED_TAG)
                {
                    set_tags.insert(MOVED_TAG.to_owned(), from.as_str().to_owned());
                }
                let mut reasons = names.reasons(wanted.node, differences);
                reasons.extend(reasons::of_tags(wanted.node, item.found, &set_tags, &remove_tags));
                if let Some(mark) = ownership::missing_mark(item.found) {
                    reasons.push(reasons::of_mark(wanted.node, &mark));
                    set_tags.insert(NAME_TAG.to_owned(), mark);
                }
                if !reasons.is_empty() {
                    let action = Action::Update {
                        live: item.found.clone(),
                        wanted: named_as(wanted.resource(), item.found, wanted.node, moves),
                        after: wanted.node.after.clone(),
                        detach: BTreeSet::new(),
                        release: BTreeSet::new(),
                        set_tags,
                        remove_tags,
                    };
                    steps.push(Step::new(action, address, reasons, Some(&wanted.node.origin)));
                }
            }
            Some(Decision::Create { old, differences }) => {
                let reasons = names.reasons(wanted.node, differences);
                let node = creation(address, wanted, &taken, now);
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
    let (deletions, staying): (Vec<Step>, Vec<Step>) =
        unwanted(selection, decisions, live, doubtful).into_iter().partition(|step| !stays(step));
    steps.extend(deletions);
    steps.extend(adjacent_steps::steps(selection, decisions, live, &names));
    steps.sort_by(|a, b| a.rank().cmp(&b.rank()));
    (steps, staying)
}

/// The node to create: under a name that is free, and with the tag of the creation time, if its kind has tags.
fn creation(address: &Address, wanted: &Wanted<'_>, taken: &naming::Names<'_>, now: &str) -> Node {
    let resource = wanted.resource();
    let name = taken.free(&wanted.node.region, &resource);
    let mut node = Node { resource, ..wanted.node.clone() };
    if !node.tags.is_empty() {
        node.tags.insert(CREATED_TAG.to_owned(), now.to_owned());
    }
    let Some((field, name)) = name else { return node };
    node.resource = node.resource.with_field(field, Value::String(name));
    if !matches!(node.resource.kind().schema().change(field), Change::CreateOnly { .. }) {
        // Its name is no difference later, as if it had moved.
        node.tags.insert(MOVED_TAG.to_owned(), address.as_str().to_owned());
    }
    node
}

/// Steps for the live resources in scope that no decision keeps or replaces: deletions, or updates that disown them.
fn unwanted(
    selection: &Selection<'_>,
    decisions: &Decisions<'_>,
    live: &Live<'_>,
    doubtful: &BTreeSet<&str>,
) -> Vec<Step> {
    let used: BTreeSet<usize> = decisions
        .values()
        .filter_map(|decision| match decision {
            Decision::Keep { found, .. } => Some(*found),
            Decision::Create { old, .. } => *old,
        })
        .collect();
    let unused: Vec<&Item<'_>> = live
        .items()
        .filter(|(index, item)| !used.contains(index) && !item.is_vacant() && selection.covers(item, live))
        .filter(|(_, item)| !doubtful.contains(item.found.id.as_str()))
        .map(|(_, item)| item)
        .collect();
    if unused.is_empty() {
        return Vec::new();
    }
    let replaced = decisions.values().filter_map(|decision| match decision {
        Decision::Create { old, .. } => old.and_then(|old| live.item(old)),
        Decision::Keep { .. } => None,
    });
    let deleted: BTreeSet<&str> =
        unused.iter().filter(|item| !item.is_part).map(|item| item.found.id.as_str()).collect();
    let gone: BTreeSet<&str> =
        replaced.map(|item| item.found.id.as_str()).chain(deleted.iter().copied()).collect();
    let named = named(selection);
    unused
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

/// Whether a step would delete a resource that is kept when its environment is destroyed or no longer declared.
fn stays(step: &Step, ir: &Ir, scope: &Coverage) -> bool {
    let is_environment_deleted = match scope.goal {
        Goal::Destroy => true,
        Goal::Apply => !ir.declares(step.address.scope()),
    };
    is_environment_deleted
        && !scope.with_retained
        && step.kind.schema().retain_on_destroy
        && matches!(step.action, Action::Delete { .. })
}

/// The AMIs of the launch templates that steps create or update, by AWS id.
fn images(steps: &[Step], observed: &Observed) -> BTreeMap<String, ImageFact> {
    let mut images = BTreeMap::new();
    for step in steps {
        let Some(Resource::LaunchTemplate(template)) = step.wanted() else { continue };
        let known = observed.facts.near(step.address.scope(), &step.region).zip(template.image.id());
        let known = known.and_then(|(region, id)| region.image(id));
        images.extend(known.map(|image| (image.id.clone(), image.clone())));
    }
    images
}

/// AWS ids that the program references as resources not managed by asiaq.
fn named(selection: &Selection<'_>) -> BTreeSet<String> {
    let stated = selection.wanted.values().map(|wanted| listener_rules::without(wanted.resource()));
    let wanted = stated.flat_map(|resource| refs(&resource));
    let mut named: BTreeSet<String> =
        wanted.filter_map(|reference| reference.id().map(str::to_owned)).collect();
    for wanted in selection.wanted.values() {
        // The parameters that a database has until its upgrade is made are not the program's: it names the new ones.
        let group = match &wanted.node.resource {
            Resource::Database(database) => database.parameter_group.id(),
            Resource::DatabaseCluster(cluster) => cluster.parameter_group.id(),
            _ => None,
        };
        if let Some(group) = group {
            named.remove(group);
        }
    }
    named
}

/// An update that takes the ownership tags off a resource which the program no longer declares but references by its
/// id, such as an elastic IP address that asiaq allocated. The resource stays.
fn disown(found: &Found) -> Step {
    let ownership_tags = [PROJECT_TAG, ENV_TAG, ADDRESS_TAG, NAME_TAG, TAGS_TAG];
    let remove = ownership_tags.into_iter().filter(|tag| found.tags.contains_key(*tag));
    Step::of_tags(
        found,
        (ADDRESS_TAG, found.address.as_str().into(), Value::Null),
        "the program names it: it is yours now, and stays",
        BTreeMap::new(),
        remove.map(str::to_owned).collect(),
    )
}

/// Whether a part references no other resource in `gone`. AWS then deletes it with its parent, and it needs no step.
fn is_free(item: &Item<'_>, gone: &BTreeSet<&str>) -> bool {
    let is_in_use =
        |reference: &Ref| reference.id().is_some_and(|id| id != item.found.id && gone.contains(id));
    item.is_part && !refs_in(&item.value).iter().any(is_in_use)
}

/// AWS ids of the kept resources that the steps reference, by address.
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

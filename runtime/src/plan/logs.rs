//! Log groups of renamed declarations: AWS cannot rename them, and they have the log events from before.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Ir, Kind, MOVED_TAG};
use serde_json::Value;

use super::coverage::{Coverage, Goal};
use super::moves::Moves;
use super::note::Note;
use super::step::{Action, Step};
use crate::Found;

/// Keeps the log groups that `steps` would delete only because their hostclass or environment has another name. A tag
/// tells them from then on. Returns a note for each.
pub(super) fn keep(steps: &mut Vec<Step>, ir: &Ir, moves: &Moves<'_>, scope: &Coverage) -> Vec<Note> {
    let mut notes = Vec::new();
    if scope.goal == Goal::Destroy {
        return notes;
    }
    let is_kept = |live: &Found| {
        let is_marked = live.tags.contains_key(MOVED_TAG);
        let stays = ir.declares(live.address.scope()) || is_alone(live, ir, moves);
        stays && (is_marked || has_moved(&live.address, moves))
    };
    steps.retain_mut(|step| {
        let Action::Delete { live } = &step.action else { return true };
        if step.kind != Kind::LogGroup || !is_kept(live) {
            return true;
        }
        notes.push(Note::LogStays { address: step.address.clone(), id: live.id.clone() });
        if live.tags.contains_key(MOVED_TAG) {
            return false;
        }
        *step = marked(live);
        true
    });
    notes
}

/// Whether the hostclass of a log group, or its environment, has another name now.
fn has_moved(address: &Address, moves: &Moves<'_>) -> bool {
    let hostclass = address.path().split('/').nth(1).unwrap_or_default();
    let hostclass = Address::of(&address.scope().to_scope(), &format!("hostclass/{hostclass}"));
    moves.successor(&hostclass).is_some()
}

/// Whether an environment that is not declared is gone but for such log groups: it has another name now.
fn is_alone(live: &Found, ir: &Ir, moves: &Moves<'_>) -> bool {
    let scope = live.address.scope();
    ir.moved.contains_key(scope.as_str())
        || moves
            .found
            .iter()
            .filter(|found| found.address.scope() == scope)
            .all(|found| found.resource.kind() == Kind::LogGroup && found.tags.contains_key(MOVED_TAG))
}

/// The step that marks a log group as one that stays.
fn marked(live: &Found) -> Step {
    let tag = live.address.as_str();
    Step::of_tags(
        live,
        (MOVED_TAG, Value::Null, tag.into()),
        "it has another name now, and the log events from before stay",
        BTreeMap::from([(MOVED_TAG.to_owned(), tag.to_owned())]),
        BTreeSet::new(),
    )
}

//! Instances that run with an older launch template than new ones get.

use std::collections::BTreeSet;

use asiaq_ir::{Kind, Ref, Resource, TemplateVersion};

use super::coverage::Coverage;
use super::note::Note;
use super::step::{Action, Step};
use crate::Observed;

/// A note for each group in scope that stays and has such instances after an apply of `steps`.
pub(super) fn notes<'a>(
    observed: &'a Observed,
    scope: &'a Coverage,
    steps: &'a [Step],
) -> impl Iterator<Item = Note> + 'a {
    let mut ended: BTreeSet<&str> = BTreeSet::new();
    let mut changed: BTreeSet<&str> = BTreeSet::new();
    for step in steps {
        match &step.action {
            Action::Delete { live } | Action::Replace { live, .. } => {
                ended.insert(&live.id);
            }
            Action::Update { live, .. } if changes_launches(step) => {
                changed.insert(&live.id);
            }
            Action::Update { .. } | Action::Create { .. } => {}
        }
    }
    observed.found.iter().filter_map(move |found| {
        let Resource::AutoScalingGroup(group) = &found.resource else { return None };
        if !scope.includes(&found.address) || ended.contains(found.id.as_str()) {
            return None;
        }
        let facts = observed.facts.near(found.address.scope(), &found.region)?;
        let launched = facts.launched_from.get(&found.id)?;
        let Ref::Id(template) = &group.launch_template else { return None };
        let planned = changed.contains(template.as_str())
            || changed.contains(found.id.as_str())
            || ended.contains(template.as_str());
        let is_old = |one: &&TemplateVersion| planned || facts.is_outdated(one, template);
        let old = launched.iter().filter(is_old).count();
        let instances = launched.len();
        (old > 0).then(|| Note::OldTemplate { address: found.address.clone(), old, instances, planned })
    })
}

/// Whether a step changes what instances are launched with.
fn changes_launches(step: &Step) -> bool {
    let changes = |field: &str| step.reasons.iter().any(|reason| reason.field == field);
    match step.kind {
        Kind::LaunchTemplate => step.reasons.iter().any(|reason| reason.field != "tags"),
        Kind::AutoScalingGroup => ["launch_template", "types", "spot"].into_iter().any(changes),
        _ => false,
    }
}

//! The plan that adopts, and the plan that comes after it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ADDRESS_TAG, ADOPTED_TAG, Resource, list_tag_keys};
use serde_json::Value;

use super::{Adoption, Removal, Tags, without};
use crate::{Action, Found, Observed, Plan, Step};

/// An adoption, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Adopted {
    /// What fits.
    pub adoption: Adoption,
    /// The plan of the program after the adoption.
    pub next: Plan,
    /// The world after the adoption.
    pub observed: Observed,
}

impl Adopted {
    /// The plan that adopts: tags and marks alone.
    pub fn plan(&self) -> Plan {
        self.adoption.plan(&self.next, &self.observed)
    }

    /// What the next apply would take away from what is adopted: rules, routes, listeners, statements.
    pub fn removals(&self) -> Vec<Removal> {
        self.adoption.removals(&self.next)
    }
}

/// Completes the tags of an adoption, and the plan after it, which `next` makes in a world.
pub fn as_adopted(
    adoption: &mut Adoption,
    observed: &mut Observed,
    plan: &mut Plan,
    next: impl Fn(&Observed) -> Plan,
) {
    adoption.complete(plan, observed);
    *plan = next(observed);
}

impl Adoption {
    /// Adds the tags that the next apply would add, as far as nobody's are overwritten, to what the adoption writes and
    /// to the imagined world.
    fn complete(&mut self, next: &Plan, imagined: &mut Observed) {
        for one in &mut self.matches {
            let is_it = |found: &&mut Found| {
                found.address == one.address && found.id == one.id && found.resource.kind() == one.kind
            };
            let Some(live) = imagined.found.iter_mut().find(is_it) else { continue };
            let updates =
                next.steps.iter().filter(|step| step.address == one.address && step.kind == one.kind);
            let added: Tags = updates
                .filter_map(|step| match &step.action {
                    Action::Update { set_tags, .. } => Some(set_tags),
                    Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => None,
                })
                .flatten()
                .filter(|(key, _)| !live.tags.contains_key(*key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let keys = added.keys().map(String::as_str).filter(|key| !key.starts_with("asiaq:"));
            one.tags.insert(ADOPTED_TAG.to_owned(), list_tag_keys([ADOPTED_TAG].into_iter().chain(keys)));
            one.tags.extend(added);
            live.tags.extend(one.tags.clone());
        }
    }

    /// The plan that adopts: tags and marks alone.
    fn plan(&self, next: &Plan, imagined: &Observed) -> Plan {
        let steps = self.matches.iter().filter_map(|one| {
            let is_it = |found: &&Found| {
                found.address == one.address && found.id == one.id && found.resource.kind() == one.kind
            };
            let live = imagined.found.iter().find(is_it)?;
            let live = Found { tags: without(&live.tags, &one.tags), ..live.clone() };
            let shown = (ADDRESS_TAG, Value::Null, one.address.as_str().into());
            let why = format!("it is known by its {}", one.by);
            Some(Step::of_tags(&live, shown, &why, one.tags.clone(), BTreeSet::new()))
        });
        Plan { steps: steps.collect(), notes: Vec::new(), known: BTreeMap::new(), ..next.clone() }
    }

    /// What the next apply would take away from what is adopted: rules, routes, listeners, statements.
    fn removals(&self, next: &Plan) -> Vec<Removal> {
        let ids: BTreeSet<&str> = self.matches.iter().map(|one| one.id.as_str()).collect();
        let mut removals = Vec::new();
        for step in &next.steps {
            let Some(live) = step.live().filter(|live| ids.contains(live.id.as_str())) else { continue };
            let mut add = |field: &str, element: String| {
                let (address, kind) = (step.address.clone(), step.kind);
                removals.push(Removal { address, kind, field: field.to_owned(), element });
            };
            for reason in &step.reasons {
                let is_gone = reason.after.is_null() && !reason.before.is_null();
                if let Some(element) = reason.element.as_ref().filter(|_| is_gone && reason.field != "tags") {
                    add(&reason.field, element.clone());
                }
            }
            if matches!(step.action, Action::Delete { .. }) {
                let whole = live.resource.to_value();
                for (field, value) in whole.as_object().into_iter().flatten() {
                    for element in value.as_array().into_iter().flatten() {
                        add(field, Resource::element_key(step.kind, field, element));
                    }
                }
            }
        }
        removals
    }
}

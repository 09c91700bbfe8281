//! Updates just outside a scope. For example, a route table at the other end of a peering connection gains or loses
//! the routes through this connection, and nothing else of it changes.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Ref, Resource, refs_in};
use serde_json::Value;

use super::diff::{Target, differences};
use super::live::{Item, Live};
use super::matching::{self, Decision, Decisions};
use super::reasons::Names;
use super::select::{Selection, Wanted};
use super::step::{Action, Step};

/// Updates of live resources outside the scope, restricted to set elements that reference resources inside.
pub(super) fn steps(
    selection: &Selection<'_>,
    decisions: &Decisions<'_>,
    live: &Live<'_>,
    names: &Names<'_>,
) -> Vec<Step> {
    let (inside, outside): (Vec<_>, Vec<_>) =
        live.items().partition(|(_, item)| selection.covers(item, live));
    let inside: BTreeSet<&str> = inside.into_iter().map(|(_, item)| item.found.id.as_str()).collect();
    let leads_inside = |element: &Value| {
        refs_in(element).into_iter().any(|reference| match reference {
            Ref::To(address) => selection.wanted.get(&address).is_some_and(|wanted| wanted.inside),
            Ref::Id(id) => inside.contains(id.as_str()),
            Ref::Find(_) => false,
        })
    };

    let mut steps = Vec::new();
    for (index, item) in outside {
        let wanted = selection.wanted.get(&item.found.address).filter(
            |_| matches!(decisions.get(&item.found.address), Some(Decision::Keep { found, .. }) if *found == index),
        );
        let resolve = |value: &Value| matching::resolved(value, decisions, live);
        let wanted_value = adjusted(item, wanted, &leads_inside, &resolve);
        let target = Target { wanted: &wanted_value, resolve: &resolve };
        let differences = differences(item.found.resource.kind(), &target, &item.value);
        if let (false, Ok(resource)) =
            (differences.is_empty(), serde_json::from_value::<Resource>(wanted_value.clone()))
        {
            let reasons = match wanted {
                Some(wanted) => names.reasons(wanted.node, &differences),
                None => names.anonymous(item.found.resource.kind(), &differences),
            };
            let action = Action::Update {
                live: item.found.clone(),
                wanted: resource,
                after: BTreeSet::new(),
                detach: BTreeSet::new(),
                release: BTreeSet::new(),
                set_tags: BTreeMap::new(),
                remove_tags: BTreeSet::new(),
            };
            let origin = wanted.map(|wanted| &wanted.node.origin);
            steps.push(Step::new(action, &item.found.address, reasons, origin));
        }
    }
    steps
}

/// The live resource, except that the elements which reference resources inside the scope are those of the program.
fn adjusted(
    item: &Item<'_>,
    wanted: Option<&Wanted<'_>>,
    leads_inside: &dyn Fn(&Value) -> bool,
    resolve: &dyn Fn(&Value) -> Value,
) -> Value {
    let mut value = item.value.clone();
    let kind = item.found.resource.kind();
    for (field, live) in item.sets() {
        let key = |element: &Value| Resource::element_key(kind, field, &resolve(element));
        let declared = wanted.and_then(|wanted| wanted.value.get(field)).and_then(Value::as_array);
        let inside: Vec<&Value> =
            declared.into_iter().flatten().filter(|element| leads_inside(element)).collect();
        let keys: BTreeSet<String> = inside.iter().map(|element| key(element)).collect();
        let outside = live.iter().filter(|element| !leads_inside(element) && !keys.contains(&key(element)));
        let elements: Vec<Value> = outside.chain(inside).cloned().collect();
        if let Some(set) = value.get_mut(field) {
            *set = Value::Array(elements);
        }
    }
    value
}

//! The assignment of live resources to wanted ones.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use asiaq_ir::{Address, Ref, Resource, Risk, Subnet, refs_in, resolve_in};
use serde_json::Value;

use super::diff::{Difference, Target, differences};
use super::keeps_name;
use super::live::{Item, Live};
use super::moves::Moves;
use super::select::{Selection, Wanted};
use super::step::MinimumViolations;

/// What the plan does with a wanted resource.
pub(super) enum Decision {
    /// A live resource matches and is kept; differences are changed in place. `found` is its index in [`Live`].
    Keep { found: usize, differences: Vec<Difference> },
    /// It is created. If a live resource matches, its index is `old`, and the differences require its replacement.
    Create { old: Option<usize>, differences: Vec<Difference> },
}

/// Decisions by address of the wanted resource.
pub(super) type Decisions<'a> = BTreeMap<&'a Address, Decision>;

/// Decides for every wanted resource, dependencies first: if a dependency is replaced, its id changes and the
/// reference to it is a difference.
pub(super) fn decide<'a>(
    selection: &Selection<'a>,
    live: &Live<'a>,
    renamed: &Moves<'_>,
    minimum_violations: &MinimumViolations,
) -> Decisions<'a> {
    let mut decisions = Decisions::new();
    for address in &selection.order {
        if let Some(wanted) = selection.wanted.get(*address) {
            let moves = moves(wanted, selection, &decisions);
            decisions.insert(
                *address,
                decision(address, wanted, &decisions, live, (renamed, minimum_violations), moves),
            );
        }
    }
    decisions
}

/// `value` with AWS ids in place of the addresses of kept resources.
pub(super) fn resolved(value: &Value, decisions: &Decisions<'_>, live: &Live<'_>) -> Value {
    resolve_in(value.clone(), &mut |reference| {
        if let Ref::To(address) = reference
            && let Some(Decision::Keep { found, .. }) = decisions.get(address)
            && let Some(item) = live.item(*found)
        {
            return Ref::Id(item.found.id.clone());
        }
        reference.clone()
    })
}

fn decision<'a>(
    address: &'a Address,
    wanted: &Wanted<'a>,
    decisions: &Decisions<'a>,
    live: &Live<'a>,
    (renamed, minimum_violations): (&Moves<'_>, &MinimumViolations),
    moves: bool,
) -> Decision {
    let target = Target { wanted: &wanted.value, resolve: &|value| resolved(value, decisions, live) };
    let candidates = live.at(address, wanted.node.resource.kind()).map(|(index, item)| {
        let mut differences = compare(wanted, &target, item);
        differences.retain(|difference| !keeps_name(item.found, &difference.field, wanted.node, renamed));
        for difference in &mut differences {
            replace_with(wanted, decisions, difference);
        }
        never_back(wanted, item, &mut differences);
        differences.extend(stuck(item, minimum_violations, moves));
        let effort = match differences.as_slice() {
            [] => Effort::None,
            some if some.iter().any(|difference| difference.why.is_some()) => Effort::Replacement,
            _ => Effort::InPlace,
        };
        // Least effort first, then most references to it, then the id, so that the choice is deterministic.
        ((effort, Reverse(live.users(&item.found.id)), &item.found.id), index, differences)
    });
    match candidates.min_by(|(a, ..), (b, ..)| a.cmp(b)) {
        None => Decision::Create { old: None, differences: Vec::new() },
        Some((_, found, _)) if !wanted.inside => Decision::Keep { found, differences: Vec::new() },
        Some(((Effort::Replacement, ..), old, differences)) => {
            Decision::Create { old: Some(old), differences }
        }
        Some((_, found, differences)) => Decision::Keep { found, differences },
    }
}

/// Makes differences require a replacement if AWS does not go back from what is live.
fn never_back(wanted: &Wanted<'_>, item: &Item<'_>, differences: &mut [Difference]) {
    if differences.is_empty() {
        return;
    }
    for (field, why) in wanted.node.resource.never_back(&item.found.resource) {
        for difference in differences.iter_mut().filter(|difference| difference.field == field) {
            difference.risk = difference.risk.max(Risk::Replace);
            difference.why = Some(why);
        }
    }
}

/// Makes a difference require a replacement if the field references something that is replaced or created, and the old
/// resource serves what it references until then.
fn replace_with(wanted: &Wanted<'_>, decisions: &Decisions<'_>, difference: &mut Difference) {
    let Some((_, why)) = (wanted.node.resource.kind().schema().replaced_with)
        .filter(|(field, _)| difference.field == *field && !difference.before.is_null())
    else {
        return;
    };
    let is_new = |to: &Ref| match to {
        Ref::To(address) => matches!(decisions.get(address), Some(Decision::Create { .. })),
        Ref::Id(_) | Ref::Find(_) => false,
    };
    if refs_in(&difference.after).iter().any(is_new) {
        difference.risk = difference.risk.max(Risk::Replace);
        difference.why = Some(why);
    }
}

/// Differences that require a replacement because a set cannot be changed in place: it would drop below AWS's
/// minimum, or it would move the resource to another VPC (`moves`).
fn stuck(item: &Item<'_>, minimum_violations: &MinimumViolations, moves: bool) -> Vec<Difference> {
    let vpc_bound_by = item.found.resource.kind().schema().vpc_bound_by;
    let why = |field: &'static str| {
        if minimum_violations.contains(&(item.found.id.clone(), field)) {
            Some("AWS requires more of them than stay while the others are replaced")
        } else {
            (moves && vpc_bound_by == Some(field)).then_some("it cannot move to another VPC")
        }
    };
    let stuck = item.sets().filter_map(|(field, elements)| {
        Some(Difference {
            field: field.to_owned(),
            is_element: false,
            before: Value::Array(elements.to_vec()),
            after: Value::Null,
            risk: Risk::Replace,
            why: Some(why(field)?),
        })
    });
    let bound = minimum_violations.contains(&(item.found.id.clone(), BOUND)).then(|| Difference {
        field: BOUND.to_owned(),
        is_element: false,
        before: item.value.get(BOUND).cloned().unwrap_or_default(),
        after: Value::Null,
        risk: Risk::Replace,
        why: Some("it cannot serve the old load balancer and the new one"),
    });
    stuck.chain(bound).collect()
}

/// The field that stands for a target group as a whole.
const BOUND: &str = "name";

/// The kept target groups of load balancers that are replaced or created anew: a target group belongs to one load
/// balancer at a time, so the new one gets target groups of its own.
pub(super) fn bound_to_replaced(
    selection: &Selection<'_>,
    decisions: &Decisions<'_>,
    live: &Live<'_>,
) -> MinimumViolations {
    let mut bound = MinimumViolations::new();
    for (address, decision) in decisions {
        let Some(wanted) = selection.wanted.get(*address) else { continue };
        let (Decision::Create { .. }, Resource::LoadBalancer(_)) = (decision, &wanted.node.resource) else {
            continue;
        };
        for target in refs_in(&wanted.value) {
            if let Ref::To(target) = target
                && let Some(Decision::Keep { found, .. }) = decisions.get(&target)
                && let Some(item) = live.item(*found)
                && matches!(item.found.resource, Resource::TargetGroup(_))
                && live.is_balanced(&item.found.id)
            {
                bound.insert((item.found.id.clone(), BOUND));
            }
        }
    }
    bound
}

/// Whether a wanted resource has a subnet in a VPC that does not exist yet.
fn moves(wanted: &Wanted<'_>, selection: &Selection<'_>, decisions: &Decisions<'_>) -> bool {
    let vpc_bound_by = wanted.node.resource.kind().schema().vpc_bound_by;
    let subnets = vpc_bound_by.and_then(|field| wanted.value.get(field)).map(refs_in).unwrap_or_default();
    subnets.iter().any(|subnet| {
        let Ref::To(subnet) = subnet else { return false };
        let subnet = selection.wanted.get(subnet).map(|wanted| &wanted.node.resource);
        let Some(Resource::Subnet(Subnet { vpc: Ref::To(vpc), .. })) = subnet else { return false };
        matches!(decisions.get(vpc), Some(Decision::Create { .. }))
    })
}

/// The effort of turning a live resource into the wanted one, least first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Effort {
    None,
    InPlace,
    Replacement,
}

fn compare(wanted: &Wanted<'_>, target: &Target<'_>, item: &Item<'_>) -> Vec<Difference> {
    let mut found = differences(wanted.node.resource.kind(), target, &item.value);
    if wanted.node.region != item.found.region {
        found.push(Difference {
            field: "region".to_owned(),
            is_element: false,
            before: item.found.region.clone().into(),
            after: wanted.node.region.clone().into(),
            risk: Risk::Replace,
            why: Some("nothing moves to another region"),
        });
    }
    found
}

//! Warnings about quotas that a plan reaches.

use std::collections::BTreeSet;

use asiaq_ir::quotas::STANDARD_VCPUS;
use asiaq_ir::{Address, Ir, Quota, Resource};
use asiaq_runtime::{Basis, Headroom, Note, Plan, current_ir, headroom, planned_ir};

use super::declared::declared;
use super::told::Told;
use crate::engine::live::Live;

/// AWS says that an account has 5 processors of Standard instances, and gives it more by itself as it uses instances.
const USUAL_VCPUS: usize = 64;

/// Warns of the quotas that `plan` passes or comes near to. AWS is asked only about those of which the program gets more
/// than three quarters of what every account has.
pub(in crate::engine) async fn warn_of_growth(plan: &mut Plan, live: &Live) {
    if plan.is_empty() {
        return;
    }
    let before = at_desired_size(current_ir(&live.observed));
    let after = at_desired_size(planned_ir(plan, &live.observed));
    let mut seen = BTreeSet::new();
    for member in live.aws.members() {
        if !seen.insert(&member.account) {
            continue;
        }
        let there = declared(&live.aws, member, &before);
        let mut grown = declared(&live.aws, member, &after);
        grown.retain(|key, count| {
            let already = there.get(key).map_or(0, |count| count.number);
            count.number > already && is_much(key.0, count.number)
        });
        if grown.is_empty() {
            continue;
        }
        let told = Box::pin(Told::of(member, &plan.project, &grown)).await;
        for one in headroom(&grown, &there, &told.used, &told.limits) {
            let Some(count) = grown.get(&(one.quota, one.area.clone())).filter(|_| one.is_near()) else {
                continue;
            };
            let key = (one.quota, one.area.clone());
            let known: BTreeSet<&Address> =
                there.get(&key).into_iter().flat_map(|count| &count.users).collect();
            let mut users: Vec<Address> = count
                .users
                .iter()
                .filter(|address| !known.contains(address))
                .chain(&count.at)
                .cloned()
                .collect();
            // What is there already gets larger.
            if users.is_empty() {
                users.clone_from(&count.users);
            }
            plan.notes.push(note(one, &member.account, users));
        }
    }
}

/// The groups with as many instances as they have after an apply: later growth is what `asiaq limits` counts.
fn at_desired_size(mut ir: Ir) -> Ir {
    for node in ir.resources.values_mut() {
        if let Resource::AutoScalingGroup(group) = &mut node.resource {
            let size = group.desired.unwrap_or(group.initial.desired);
            (group.max, group.desired, group.initial.max) = (Some(size), Some(size), size);
            group.schedules.clear();
        }
    }
    ir
}

/// Whether so much is more than three quarters of what every account may have.
fn is_much(quota: Quota, number: usize) -> bool {
    let usual = if quota == STANDARD_VCPUS { USUAL_VCPUS } else { quota.default };
    number.saturating_mul(4) > usual.saturating_mul(3)
}

fn note(one: Headroom, account: &str, users: Vec<Address>) -> Note {
    let others = one.others();
    Note::Quota {
        account: account.to_owned(),
        peak: one.peak(),
        others,
        limit: one.limit,
        is_default: one.basis == Basis::Default,
        code: one.quota.code.to_owned(),
        what: one.quota.name.to_owned(),
        place: one.area.zone.or(one.area.region),
        users,
    }
}

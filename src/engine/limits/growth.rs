//! Warnings about quotas that a plan reaches.

use std::collections::BTreeSet;

use asiaq_ir::quotas::STANDARD_VCPUS;
use asiaq_ir::{Address, Quota};
use asiaq_runtime::{Basis, Headroom, Note, Plan, Size, current_ir, headroom, planned_ir};

use super::declared::declared;
use super::told::Told;
use crate::engine::live::Live;

/// AWS says that an account has 5 processors of Standard instances, and gives it more by itself as it uses instances.
const USUAL_VCPUS: usize = 64;

/// Warns of the quotas that `plan` passes or comes near to, with groups as large as they are after an apply: later growth
/// is what `asiaq limits` counts. AWS is asked only about those of which the program gets more than three quarters of
/// what every account has.
pub(in crate::engine) async fn warn_of_growth(plan: &mut Plan, live: &Live) {
    if plan.is_empty() {
        return;
    }
    let (before, after) = (current_ir(&live.observed), planned_ir(plan, &live.observed));
    for (member, _) in live.aws.each() {
        let there = declared(&live.aws, member, &before, Size::Desired);
        let mut grown = declared(&live.aws, member, &after, Size::Desired);
        grown.retain(|key, count| {
            let already = there.get(key).map_or(0, |count| count.number);
            count.number > already && is_much(key.0, count.number)
        });
        if grown.is_empty() {
            continue;
        }
        let told = Box::pin(Told::of(member, &plan.project, &grown)).await;
        for one in headroom(&grown, &there, &told.used, &told.limits) {
            let key = (one.quota, one.area.clone());
            let Some(count) = grown.get(&key).filter(|_| one.is_near()) else { continue };
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

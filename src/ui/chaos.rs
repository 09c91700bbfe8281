//! What chaos does.

use asiaq_runtime::{ChaosPlan, ChaosShare};

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM};

/// A line for each group, and one for each healthy instance that is left out by itself.
pub(crate) fn groups(plan: &ChaosPlan) -> String {
    let headings = ["HOSTCLASS", "GROUP", "HEALTHY", "KEPT", "ELIGIBLE", "CHOSEN", "WHY NONE"];
    let row = |one: &ChaosShare| {
        let chosen = one.chosen.to_string();
        vec![
            Cell::new(BOLD, &one.hostclass),
            Cell::new(DIM, &one.group),
            Cell::plain(one.healthy.to_string()),
            Cell::plain(one.kept.to_string()),
            Cell::plain(one.eligible.to_string()),
            if one.chosen == 0 { Cell::plain(chosen) } else { Cell::new(BAD, chosen) },
            Cell::new(CHANGED, one.reason.as_deref().unwrap_or_default()),
        ]
    };
    let spared = plan.groups.iter().flat_map(|group| {
        let line = |(id, why): (&String, &String)| format!("{} {id} stays: {why}\n", group.hostclass);
        group.spared.iter().map(line)
    });
    let spared: String = spared.collect();
    table::listing(&headings, plan.groups.iter().map(row), 2) + &spared
}

/// A line for each instance that is terminated.
pub(crate) fn chosen(plan: &ChaosPlan) -> String {
    let line = |one: &asiaq_runtime::ChaosVictim| {
        format!("{} {} in {}, of the group `{}`\n", one.hostclass, one.id, one.environment, one.group)
    };
    plan.chosen.iter().map(line).collect()
}

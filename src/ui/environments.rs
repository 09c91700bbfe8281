//! The list of environments.

use asiaq_compiler::EnvironmentSummary;

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED, DIM};
use super::width::width;

/// One line per environment, below the headings.
pub(crate) fn table(environments: &[EnvironmentSummary]) -> String {
    let headings = ["NAME", "TYPE", "REGION", "ACCOUNT", "ADDRESSES", "ZONES", "METANETWORKS", ""];
    let mut rows = vec![headings.map(|heading| Cell::new(DIM, heading)).to_vec()];
    rows.extend(environments.iter().map(|env| {
        vec![
            Cell::new(BOLD, &env.name),
            Cell::plain(env.envtype.as_deref().unwrap_or("-")),
            Cell::plain(&env.region),
            Cell::plain(env.account.as_deref().unwrap_or("any")),
            Cell::plain(&env.cidr),
            Cell::plain(env.zones.to_string()),
            Cell::plain(env.networks.join(" ")),
            Cell::new(CHANGED, if env.protect { "protected" } else { "" }),
        ]
    }));
    let lines = table::fitted(&rows, 1, width(), 4).concat();
    lines.into_iter().map(|line| line + "\n").collect()
}

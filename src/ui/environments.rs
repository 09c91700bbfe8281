//! The list of environments.

use asiaq_compiler::EnvironmentSummary;

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED};

/// One line per environment, below the headings.
pub(crate) fn table(environments: &[EnvironmentSummary]) -> String {
    let headings = ["NAME", "TYPE", "REGION", "ACCOUNT", "ADDRESSES", "ZONES", "METANETWORKS", ""];
    let rows = environments.iter().map(|env| {
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
    });
    table::listing(&headings, rows, 1)
}

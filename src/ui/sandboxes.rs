//! Sandboxes, and what became of those that ended.

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD, age, now, span};
use crate::sandbox_list::{SandboxEntry, Swept};

/// A line for each sandbox.
pub(crate) fn list(all: &[SandboxEntry]) -> String {
    let now = now();
    let rows = all.iter().map(|one| {
        let ends = match (&one.ends, one.left) {
            (Some(_), Some(left)) if !one.ended => Cell::plain(format!("in {}", span(left))),
            (Some(ends), _) => {
                let ago = age(ends, &now).map(|ago| format!(" {ago} ago")).unwrap_or_default();
                Cell::new(BAD, format!("ended{ago}"))
            }
            (None, _) => Cell::new(CHANGED, "unknown"),
        };
        let old = one.created.as_deref().and_then(|created| age(created, &now));
        vec![
            Cell::new(BOLD, &one.name),
            Cell::plain(&one.envtype),
            Cell::plain(one.pipeline.as_deref().unwrap_or("-")),
            Cell::plain(&one.region),
            Cell::plain(&one.owner),
            ends,
            Cell::new(DIM, old.unwrap_or_else(|| "-".to_owned())),
            Cell::new(CHANGED, if one.declared { "declared now" } else { "" }),
        ]
    });
    let headings = ["NAME", "TYPE", "PIPELINE", "REGION", "OWNER", "ENDS", "AGE", ""];
    table::listing(&headings, rows.collect::<Vec<_>>(), 2)
}

/// A line for each sandbox that ended.
pub(crate) fn swept(all: &[Swept]) -> String {
    let rows = all.iter().map(|one| {
        let style = if one.error.is_some() { BAD } else { GOOD };
        let why = one.error.as_deref().unwrap_or_default();
        vec![Cell::new(BOLD, &one.name), Cell::new(style, one.result), Cell::plain(why)]
    });
    table::listing(&["SANDBOX", "RESULT", ""], rows.collect::<Vec<_>>(), 2)
}

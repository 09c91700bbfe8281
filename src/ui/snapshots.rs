//! EBS snapshots of hostclasses.

use asiaq_runtime::{HostclassSnapshot, TemporaryVolume};

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD, age, now};

/// A line for each snapshot.
pub(crate) fn list(found: &[HostclassSnapshot]) -> String {
    let headings = [
        "ENVIRONMENT",
        "HOSTCLASS",
        "SNAPSHOT",
        "STARTED",
        "AGE",
        "SIZE",
        "STATE",
        "ENCRYPTED",
        "NEXT",
        "USED BY",
        "ACCOUNT",
        "REGION",
    ];
    table::listing(&headings, found.iter().map(row), 2)
}

fn row(one: &HostclassSnapshot) -> Vec<Cell> {
    let style = match one.state.as_str() {
        "completed" => GOOD,
        "error" => BAD,
        _ => CHANGED,
    };
    vec![
        Cell::plain(&one.environment),
        Cell::new(BOLD, &one.hostclass),
        Cell::plain(&one.id),
        Cell::plain(&one.started),
        Cell::plain(age(&one.started, &now()).unwrap_or_else(|| "-".to_owned())),
        Cell::plain(format!("{} GiB", one.size)),
        Cell::new(style, &one.state),
        if one.encrypted { Cell::plain("yes") } else { Cell::new(CHANGED, "no") },
        Cell::plain(if one.is_next { "next" } else { "-" }),
        used_by(one),
        Cell::new(DIM, &one.account),
        Cell::new(DIM, &one.region),
    ]
}

/// The first use, and how many there are beside it.
fn used_by(one: &HostclassSnapshot) -> Cell {
    let more = match one.used_by.len() {
        0 | 1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    Cell::plain(one.used_by.first().map(|first| format!("{first}{more}")).unwrap_or_default())
}

/// A line for each volume that a run left.
pub(crate) fn volumes(left: &[TemporaryVolume]) -> String {
    let line = |one: &TemporaryVolume| {
        format!("{}: left of a run for `{}` in `{}`, by {}\n", one.id, one.hostclass, one.environment, one.by)
    };
    left.iter().map(line).collect()
}

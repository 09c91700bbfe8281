//! Databases and their snapshots.

use asiaq_runtime::{DatabaseSnapshot, ProjectDatabase, Taken};
use jiff::Timestamp;

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED, DIM, GOOD};

/// A line for each database.
pub(crate) fn list(found: &[ProjectDatabase]) -> String {
    let headings = ["ENVIRONMENT", "DATABASE", "ENGINE", "CLASS", "STORAGE", "STATUS", "ENDPOINT", "WAITING"];
    let row = |one: &ProjectDatabase| {
        let status = if one.status == "available" { GOOD } else { CHANGED };
        let port = one.port.map(|port| format!(":{port}")).unwrap_or_default();
        let endpoint = one.endpoint.as_ref().map(|host| format!("{host}{port}"));
        vec![
            Cell::plain(&one.environment),
            Cell::new(BOLD, &one.id),
            Cell::plain(format!("{} {}", one.engine, one.version)),
            Cell::plain(&one.class),
            Cell::plain(format!("{} GB", one.storage)),
            Cell::new(status, &one.status),
            Cell::plain(endpoint.unwrap_or_else(|| "-".to_owned())),
            Cell::plain(one.waiting.join("; ")),
        ]
    };
    table::listing(&headings, found.iter().map(row), 2)
}

/// A line for each snapshot.
pub(crate) fn snapshots(found: &[DatabaseSnapshot]) -> String {
    let headings = ["ENVIRONMENT", "DATABASE", "SNAPSHOT", "TAKEN", "STORAGE", "STATUS", "CREATED"];
    let row = |one: &DatabaseSnapshot| {
        let taken = match one.taken {
            Taken::Automated => Cell::new(DIM, "automated"),
            Taken::Final => Cell::new(CHANGED, "final"),
            Taken::Manual => Cell::plain("manual"),
        };
        let created = one.created.and_then(|second| Timestamp::from_second(second).ok());
        vec![
            Cell::plain(&one.environment),
            Cell::plain(&one.database),
            Cell::new(BOLD, &one.id),
            taken,
            Cell::plain(format!("{} GB", one.storage)),
            Cell::plain(&one.status),
            Cell::plain(created.map_or_else(|| "-".to_owned(), |moment| moment.to_string())),
        ]
    };
    table::listing(&headings, found.iter().map(row), 3)
}

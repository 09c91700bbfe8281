//! Caches.

use asiaq_runtime::ProjectCache;
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED, GOOD};

/// A line for each cache.
pub(crate) fn list(found: &[ProjectCache]) -> String {
    let headings = ["ENVIRONMENT", "CACHE", "ID", "ENGINE", "TYPE", "NODES", "STATUS", "ENDPOINT", "WAITING"];
    let row = |one: &ProjectCache| {
        let status = if one.status == "available" { GOOD } else { CHANGED };
        let port = one.port.map(|port| format!(":{port}")).unwrap_or_default();
        let endpoint = one.endpoint.as_ref().map(|host| format!("{host}{port}"));
        let nodes = match one.shards {
            Some(shards) => format!("{} in {shards} shards", one.nodes),
            None => one.nodes.to_string(),
        };
        vec![
            Cell::plain(&one.environment),
            Cell::new(BOLD, one.name()),
            Cell::plain(&one.id),
            Cell::plain(format!("{} {}", one.engine, one.version)),
            Cell::plain(&one.node_type),
            Cell::plain(nodes),
            Cell::new(status, &one.status),
            Cell::plain(endpoint.unwrap_or_else(|| "-".to_owned())),
            Cell::plain(one.waiting.join("; ")),
        ]
    };
    table::listing(&headings, found.iter().map(row), 2)
}

/// A snapshot that is to be taken, or was.
#[derive(Serialize)]
pub(crate) struct Snapshot<'a> {
    pub(crate) cache: &'a ProjectCache,
    pub(crate) snapshot: &'a str,
}

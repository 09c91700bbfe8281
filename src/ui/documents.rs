//! The documents of accounts.

use asiaq_runtime::{AccountDocument, DocumentOwner, DocumentText};
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED, DIM, GOOD};
use crate::in_region::InRegion;

/// Whose it is.
fn owner(document: &AccountDocument) -> Cell {
    match &document.owner {
        DocumentOwner::Own { address } => Cell::new(GOOD, format!("own: {address}")),
        DocumentOwner::Project { project } => Cell::plain(format!("project {project}")),
        DocumentOwner::Foreign => Cell::new(CHANGED, "foreign"),
        DocumentOwner::Account { account } => Cell::new(DIM, account),
    }
}

/// A line for each document.
pub(crate) fn list(found: &[InRegion<Vec<AccountDocument>>]) -> String {
    let headings = ["ACCOUNT", "REGION", "NAME", "TYPE", "FORMAT", "VERSION", "OWNER"];
    let row = |Data { account, region, of }: Data<'_, AccountDocument>| {
        vec![
            Cell::plain(account),
            Cell::plain(region),
            Cell::new(BOLD, &of.name),
            Cell::plain(&of.of),
            Cell::plain(&of.format),
            Cell::plain(&of.version),
            owner(of),
        ]
    };
    table::listing(&headings, data(found).into_iter().map(row), 2)
}

/// What a document is, on one line.
pub(crate) fn heading(one: &InRegion<DocumentText>) -> String {
    let InRegion { account, region, found: DocumentText { document, default_version, latest_version, .. } } =
        one;
    let AccountDocument { name, of, format, version, .. } = document;
    format!(
        "{name}: {of}, {format}, version {version} (version {default_version} runs, {latest_version} is the newest), in account {account}, {region}"
    )
}

/// The content, with a line break at its end.
pub(crate) fn content(one: &InRegion<DocumentText>) -> String {
    let text = &one.found.content;
    if text.ends_with('\n') { text.clone() } else { format!("{text}\n") }
}

#[derive(Serialize)]
pub(crate) struct Data<'a, T> {
    account: &'a str,
    region: &'a str,
    #[serde(flatten)]
    of: &'a T,
}

/// The same for programs.
pub(crate) fn data(found: &[InRegion<Vec<AccountDocument>>]) -> Vec<Data<'_, AccountDocument>> {
    let of = |place| {
        let InRegion { account, region, found }: &InRegion<Vec<AccountDocument>> = place;
        found.iter().map(move |of| Data { account, region, of })
    };
    found.iter().flat_map(of).collect()
}

/// The texts for programs.
pub(crate) fn texts(found: &[InRegion<DocumentText>]) -> Vec<Data<'_, DocumentText>> {
    let of = |place| {
        let InRegion { account, region, found }: &InRegion<DocumentText> = place;
        Data { account, region, of: found }
    };
    found.iter().map(of).collect()
}

//! What is in accounts that no program says.

use std::collections::BTreeSet;

use asiaq_ir::Kind;
use asiaq_runtime::{Keeper, Others, Sort, Unmanaged, unread_kinds};

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED, DIM, count, paint};

/// A table for each owner, what is nobody's first, and how much there is.
pub(crate) fn text(all: &Others) -> String {
    let accounts: BTreeSet<&str> = all.things.iter().map(|one| one.account.as_str()).collect();
    let tables = all
        .things
        .chunk_by(|a, b| a.owner == b.owner)
        .map(|things| format!("{}\n{}\n", heading(things), table_of(things, accounts.len() > 1)));
    let tables: String = tables.collect();
    tables + &summary(all)
}

fn heading(things: &[Unmanaged]) -> String {
    let owner = match things.first().map(|one| &one.owner) {
        Some(Keeper::Nobody) | None => paint(CHANGED, "nobody's"),
        Some(Keeper::Project(project)) => paint(BOLD, &format!("of project `{project}`")),
        Some(Keeper::Tool(tool)) => paint(BOLD, &format!("of {tool}")),
        Some(Keeper::Aws) => paint(BOLD, "of AWS"),
    };
    format!("{owner} {}", paint(DIM, &format!("({})", things.len())))
}

fn table_of(things: &[Unmanaged], with_account: bool) -> String {
    let mut headings = vec!["REGION", "KIND", "ID", "NAME", "IN", "NOTE"];
    if with_account {
        headings.insert(0, "ACCOUNT");
    }
    let rows = things.iter().map(|one| {
        // An ARN is long, and has the name in it.
        let has_name = |name: &String| one.id.starts_with("arn:") || one.id == *name;
        let is_record = one.kind == Sort::Kind(Kind::RecordSet);
        let is_named = is_record || one.name.as_ref().is_some_and(has_name);
        let name = one.name.as_deref().unwrap_or_default();
        let (id, name) = if is_named { (name, "") } else { (one.id.as_str(), name) };
        let mut row = vec![
            Cell::plain(one.region.as_deref().unwrap_or("global")),
            Cell::plain(one.kind.name()),
            Cell::new(BOLD, id),
            Cell::plain(name),
            Cell::new(DIM, one.within.as_deref().unwrap_or_default()),
            Cell::plain(one.note.as_deref().unwrap_or_default()),
        ];
        if with_account {
            row.insert(0, Cell::plain(&one.account));
        }
        row
    });
    table::listing(&headings, rows, if with_account { 3 } else { 2 })
}

fn summary(all: &Others) -> String {
    let nobodys = all.nobodys();
    let others = all.things.len().saturating_sub(nobodys);
    format!(
        "{} of nobody, {others} of others, and {} of project `{}`\n",
        count(nobodys, "thing"),
        all.own,
        all.project
    )
}

/// What could not be listed.
pub(crate) fn notes(all: &Others) -> Vec<String> {
    let notes = all.unread.iter().flat_map(|(account, unread)| {
        unread_kinds(unread).into_iter().map(move |((region, why), kinds)| {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            let kinds = super::listed(&kinds);
            format!("{kinds} of account {account} in {region} cannot be listed: there may be more ({why})")
        })
    });
    notes.collect()
}

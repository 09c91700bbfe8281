//! What an adoption takes, what it leaves, and what comes after it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use asiaq_compiler::reach::Difference;
use asiaq_runtime::{Adopted, Ambiguous, Match, Refused, Removal};
use serde_json::{Value, json};

use super::plan::{self, Depth};
use super::table::{self, Cell};
use super::text::{DIM, WARNING, count, listed};
use super::width::width;

/// The adoption, what it leaves alone, and the plan after it.
pub(crate) fn text(adopted: &Adopted, accounts: &str, depth: Depth) -> String {
    let adoption = &adopted.adoption;
    let mut text = String::new();
    if adoption.matches.is_empty() {
        let _ =
            writeln!(text, "nothing to adopt: nothing in {accounts} fits what is declared and not owned yet");
    } else {
        let scopes: BTreeSet<_> = adoption.matches.iter().map(|one| one.address.scope()).collect();
        let scopes = listed(&scopes.iter().collect::<Vec<_>>());
        let resources = count(adoption.matches.len(), "resource");
        let _ = writeln!(text, "{resources} of {accounts} would become those of {scopes}, by tags alone:\n");
        text += &rows(adoption.matches.iter().map(matched));
    }
    let mut part = |title: &str, rows: String| {
        if !rows.is_empty() {
            text.push('\n');
            text += &table::wrapped(WARNING, title, width(), 0).join("\n");
            text += "\n\n";
            text += &rows;
        }
    };
    part(
        "Not adopted, because it is not certain which is which:",
        rows(adoption.ambiguous.iter().map(unclear)),
    );
    let (others, tools): (Vec<_>, Vec<_>) = adoption.refused.iter().partition(|one| one.is_project);
    part(
        "Not adopted, because another project owns it: release it there first",
        rows(others.into_iter().map(refused)),
    );
    part(
        "Not adopted, because something else manages it; `--managed` adopts it all the same:",
        rows(tools.into_iter().map(refused)),
    );
    part(
        "Not adopted, because AWS cannot change it to what is declared, and it would be replaced:",
        rows(adoption.replaced.iter().map(matched)),
    );
    part(
        "The next apply would remove from it what is not declared:",
        rows(adopted.removals().iter().map(removed)),
    );
    if !adoption.matches.is_empty() {
        let next = &adopted.next;
        let after = if next.is_empty() {
            "After that, a plan has nothing to do.\n".to_owned()
        } else {
            let title = "After that, this is the plan. The adoption does nothing of it:\n\n";
            title.to_owned() + &plan::text(next, &Difference::default(), depth)
        };
        text.push('\n');
        text += &after;
    }
    text
}

/// The same for programs.
pub(crate) fn data(adopted: &Adopted, account: &str) -> Value {
    let adoption = &adopted.adoption;
    json!({
        "account": account,
        "matches": adoption.matches,
        "ambiguous": adoption.ambiguous,
        "refused": adoption.refused,
        "replaced": adoption.replaced,
        "removals": adopted.removals(),
        "next": adopted.next.steps.iter().map(|step| json!({
            "address": step.address,
            "kind": step.kind,
            "action": action(&step.action),
            "risk": step.risk,
        })).collect::<Vec<_>>(),
    })
}

fn action(action: &asiaq_runtime::Action) -> &'static str {
    use asiaq_runtime::Action::{Create, Delete, Replace, Update};
    match action {
        Create { .. } => "create",
        Update { .. } => "update",
        Replace { .. } => "replace",
        Delete { .. } => "delete",
    }
}

fn rows(rows: impl Iterator<Item = Vec<Cell>>) -> String {
    let rows: Vec<Vec<Cell>> = rows.collect();
    table::lines(&rows).into_iter().map(|line| ["  ", &line, "\n"].concat()).collect()
}

fn matched(one: &Match) -> Vec<Cell> {
    let name = one.name.as_ref().map_or_else(String::new, |name| format!("`{name}`"));
    vec![
        Cell::plain(one.address.as_str()),
        Cell::plain(short(&one.id)),
        Cell::plain(name),
        Cell::new(DIM, format!("by its {}", one.by)),
    ]
}

/// An id, of an ARN only the end.
fn short(id: &str) -> &str {
    if id.starts_with("arn:") { id.rsplit(':').next().unwrap_or(id) } else { id }
}

fn unclear(one: &Ambiguous) -> Vec<Cell> {
    let live = one.live.iter().map(|(id, name)| match name.as_str() {
        "" => id.clone(),
        name => format!("{id} `{name}`"),
    });
    let declared: Vec<&str> = one.addresses.iter().map(asiaq_ir::Address::as_str).collect();
    vec![
        Cell::plain(declared.join(", ")),
        Cell::plain(live.collect::<Vec<_>>().join(", ")),
        Cell::new(DIM, format!("the same {}", one.by)),
    ]
}

fn refused(one: &Refused) -> Vec<Cell> {
    vec![Cell::plain(one.address.as_str()), Cell::plain(short(&one.id)), Cell::plain(&one.manager)]
}

fn removed(one: &Removal) -> Vec<Cell> {
    vec![Cell::plain(one.address.as_str()), Cell::plain(&one.field), Cell::plain(&one.element)]
}

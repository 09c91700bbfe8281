//! The identities of accounts.

use asiaq_runtime::{HeldPolicy, Owner, Principal};
use serde::Serialize;

use super::table::{self, Cell, wrapped};
use super::text::{BOLD, CHANGED, DIM, GOOD, PLAIN, paint};
use super::width::width;

type Found = [(String, Vec<Principal>)];

/// Whose it is.
fn owner(one: &Principal) -> Cell {
    match &one.owner {
        Owner::Own { .. } => Cell::new(GOOD, "own"),
        Owner::Project { project } => Cell::plain(format!("project {project}")),
        Owner::Aws => Cell::new(DIM, "AWS"),
        Owner::Foreign => Cell::new(CHANGED, "foreign"),
    }
}

/// A line for each identity.
pub(crate) fn list(found: &Found) -> String {
    let headings = ["ACCOUNT", "KIND", "NAME", "OWNER", "IN, MEMBERS OR HOLDERS"];
    let row = |account: &String, one: &Principal| {
        let others: Vec<&str> = one.groups.iter().chain(&one.members).map(String::as_str).collect();
        vec![
            Cell::plain(account),
            Cell::plain(one.kind.word()),
            Cell::new(BOLD, &one.name),
            owner(one),
            Cell::plain(others.join(", ")),
        ]
    };
    let rows = found.iter().flat_map(|(account, all)| all.iter().map(move |one| row(account, one)));
    table::listing(&headings, rows, 2)
}

/// A block for each identity with its policies in force; `whole` shows their documents too.
pub(crate) fn show(found: &Found, whole: bool) -> String {
    let mut blocks = Vec::new();
    for (account, all) in found {
        blocks.extend(all.iter().map(|one| block(account, one, whole)));
    }
    blocks.join("\n")
}

fn block(account: &str, one: &Principal, whole: bool) -> String {
    let mut lines = vec![format!(
        "{} {} {}",
        paint(BOLD, &format!("{} {}", one.kind.word(), one.name)),
        paint(DIM, &format!("in account {account}")),
        whose(one)
    )];
    lines.extend(wrapped(DIM, &one.arn, width(), 4).into_iter().map(|line| format!("  {line}")));
    let mut named = |what: &str, names: &[String]| {
        if !names.is_empty() {
            lines.extend(wrapped(PLAIN, &format!("  {what} {}", names.join(", ")), width(), 4));
        }
    };
    named("in the groups", &one.groups);
    named(if one.kind.word() == "group" { "members:" } else { "held by" }, &one.members);
    named("permissions boundary", one.boundary.as_slice());
    for policy in &one.policies {
        lines.extend(wrapped(PLAIN, &format!("  {}", held(policy)), width(), 4));
        lines.extend(whole.then(|| json(policy.document.as_deref())).flatten());
    }
    if whole && one.document.is_some() {
        let what = if one.kind.word() == "role" { "trust policy" } else { "document" };
        lines.push(format!("  {what}"));
        lines.extend(json(one.document.as_deref()));
    }
    lines.join("\n") + "\n"
}

fn whose(one: &Principal) -> String {
    match &one.owner {
        Owner::Own { address } => paint(GOOD, &format!("own: {address}")),
        Owner::Project { project } => format!("of project {project}"),
        Owner::Aws => paint(DIM, "of AWS"),
        Owner::Foreign => paint(CHANGED, "foreign"),
    }
}

fn held(policy: &HeldPolicy) -> String {
    let kind = if policy.arn.is_some() { "managed policy" } else { "inline policy" };
    let through = policy.through.as_ref().map(|group| format!(" through group {group}")).unwrap_or_default();
    let own = if policy.own { "own" } else { "foreign" };
    format!("{kind} {}{through} ({own})", policy.name)
}

/// A policy, over several lines.
fn json(document: Option<&str>) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(document?).ok()?;
    let text = serde_json::to_string_pretty(&value).ok()?;
    Some(text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n"))
}

#[derive(Serialize)]
pub(crate) struct Data<'a> {
    account: &'a str,
    identities: &'a [Principal],
}

/// The same for programs.
pub(crate) fn data(found: &Found) -> Vec<Data<'_>> {
    found.iter().map(|(account, identities)| Data { account, identities }).collect()
}

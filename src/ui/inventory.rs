//! What is in AWS of a project, as a table and as data.

mod variables;

use std::collections::BTreeMap;
use std::net::IpAddr;

use asiaq_ir::{Assigned, Scope, instance_console};
use asiaq_runtime::{Entry, Escaped, Host, Note, Standing, unread_kinds};
use serde::Serialize;
use serde_json::Value;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, PLAIN, count, name};
use super::width::width;
use crate::inventory::Inventory;
pub(crate) use variables::{shell, terraform};

/// Names in a message before it only counts.
const NAMED: usize = 5;

/// A single resource with all that is known of it, or one line per resource, below the headings.
pub(crate) fn text(found: &Inventory) -> String {
    let blocks = if found.is_single { details(found) } else { overview(found) };
    blocks.into_iter().map(|line| line + "\n").collect()
}

fn overview(found: &Inventory) -> Vec<String> {
    let headings = ["ADDRESS", "ID", "VALUES"];
    let mut rows = vec![headings.map(|heading| Cell::new(DIM, heading)).to_vec()];
    // What is to be said of a part is said of its resource.
    let shown = found.entries.iter().filter(|entry| !(entry.is_part() && entry.state == Standing::Live));
    for entry in shown {
        let mut row = vec![Cell::new(BOLD, escaped(entry.address.as_str())), id(entry)];
        let mut said = summary(entry);
        let hosts = found.hosts_of(entry).count();
        if hosts > 0 {
            said.push(count(hosts, "instance"));
        }
        row.push(Cell::plain(said.join("  ")));
        rows.push(row);
        rows.extend(found.hosts_of(entry).map(|host| {
            let [id, state, rest @ ..] = instance(host);
            let rest: Vec<&str> = rest.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            vec![Cell::plain(format!("  {id}")), Cell::plain(state), Cell::plain(rest.join("  "))]
        }));
    }
    if rows.len() == 1 {
        return Vec::new();
    }
    table::fitted(&rows, 1, width(), 4).concat()
}

/// The id, or why there is none. An ARN is shown by the name in it.
fn id(entry: &Entry) -> Cell {
    let id = entry.id.as_deref().map(|id| escaped(name(id)));
    match entry.state {
        Standing::Live => Cell::plain(id.unwrap_or_default()),
        Standing::Absent => Cell::new(BAD, "not in AWS"),
        Standing::Undeclared => Cell::new(CHANGED, id.unwrap_or_default()),
    }
}

/// What a line says beside the id.
fn summary(entry: &Entry) -> Vec<String> {
    let id = entry.id.as_deref().map(name).unwrap_or_default();
    let shown: Vec<&str> = id.split('/').chain([id]).collect();
    let mut said = Vec::new();
    if entry.state == Standing::Undeclared {
        said.push("no longer declared".to_owned());
    }
    if let Some(from) = &entry.moved_from {
        said.push(format!("is {} until the next apply", escaped(from.as_str())));
    }
    for (what, value) in &entry.values {
        // What only another tool wants, and what the id says already.
        let is_for_tools = *what == Assigned::DnsZone.name();
        if !is_for_tools && value.as_str().is_none_or(|value| !shown.contains(&value)) {
            said.push(written(value));
        }
    }
    said
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => escaped(text),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join("  "),
        other => other.to_string(),
    }
}

fn escaped(text: &str) -> String {
    Escaped(text).to_string()
}

/// Id, state, private and public address, zone and AMI of an instance; empty where it has none.
fn instance(host: &Host) -> [String; 6] {
    let of = |text: &Option<String>| text.as_deref().map(escaped).unwrap_or_default();
    let address = |address: Option<IpAddr>| address.map(|address| address.to_string()).unwrap_or_default();
    [
        escaped(&host.id),
        escaped(&host.state),
        address(host.preferred_private()),
        address(host.public),
        of(&host.zone),
        of(&host.image),
    ]
}

fn details(found: &Inventory) -> Vec<String> {
    found.entries.iter().flat_map(|entry| detail(found, entry)).collect()
}

fn detail(found: &Inventory, entry: &Entry) -> Vec<String> {
    let state = match entry.state {
        Standing::Live => Cell::plain(""),
        Standing::Absent => Cell::new(BAD, "not in AWS"),
        Standing::Undeclared => Cell::new(CHANGED, "no longer declared"),
    };
    let place = entry.declared_at.as_ref().map(ToString::to_string).unwrap_or_default();
    let head = vec![
        Cell::new(BOLD, escaped(entry.address.as_str())),
        Cell::plain(format!("{} in {}", entry.kind.name(), entry.region)),
        state,
        Cell::new(DIM, place),
    ];
    let mut rows = Vec::new();
    let mut row = |field: &str, value: &str| {
        rows.push(vec![Cell::new(DIM, field), Cell::plain(escaped(value))]);
    };
    if let Some(from) = &entry.moved_from {
        row("until the next apply", from.as_str());
    }
    if let Some(id) = &entry.id {
        row("id", id);
    }
    if let Some(arn) = entry.arn.as_ref().filter(|arn| entry.id.as_ref() != Some(*arn)) {
        row("arn", arn);
    }
    for (field, value) in &entry.values {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    row(if at == 0 { field } else { "" }, item.as_str().unwrap_or_default());
                }
            }
            value => row(field, &written(value)),
        }
    }
    for (at, host) in found.hosts_of(entry).enumerate() {
        let said = instance(host);
        let said: Vec<&str> = said.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        row(if at == 0 { "instances" } else { "" }, &said.join("  "));
    }
    if let Some(console) = &entry.console {
        row("console", console);
    }
    let head = table::fitted(&[head], 0, width(), 2).concat();
    // An ARN or a link is copied: it stays in one piece, however long.
    let body = table::lines(&rows);
    head.into_iter().chain(body.into_iter().map(|line| format!("  {line}"))).collect()
}

/// What is worth knowing beside the data. `as_variables` where only what is live has been printed.
pub(crate) fn notes(found: &Inventory, as_variables: bool) -> String {
    let mut notes: Vec<String> = found
        .foreign
        .iter()
        .map(|foreign| {
            let (address, id, why) = (foreign.address.clone(), foreign.id.clone(), foreign.why.clone());
            Note::Foreign { address, id, why }.to_string()
        })
        .collect();
    notes.extend(unread_kinds(&found.unread).into_iter().map(|((region, why), kinds)| {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let kinds = super::listed(&kinds);
        format!("{kinds} in {region} cannot be read: what is no longer declared of it is not shown ({why})")
    }));
    if as_variables {
        let absent: Vec<&str> = found.absent().map(|entry| entry.address.as_str()).collect();
        if !absent.is_empty() {
            notes.push(format!("not in AWS, and left out: {}", some(&absent)));
        }
        let doubled = variables::doubled(found);
        if !doubled.is_empty() {
            notes.push(format!("several in AWS, and left out: {}", some(&doubled)));
        }
    }
    if !found.hosts.is_empty() && !as_variables {
        notes.push("`asiaq hosts` says more of the instances".to_owned());
    }
    notes.iter().flat_map(|note| table::wrapped(PLAIN, note, width(), 2)).map(|line| line + "\n").collect()
}

/// The first names, and how many more there are.
fn some(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match names.len().saturating_sub(NAMED) {
        0 => super::listed(&shown),
        more => format!(
            "{} and {more} more",
            shown.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// The output of `show --format json`.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    project: &'a str,
    account: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    accounts: &'a BTreeMap<Scope, String>,
    resources: Vec<ResourceData<'a>>,
}

#[derive(Serialize)]
struct ResourceData<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<InstanceData<'a>>,
}

#[derive(Serialize)]
struct InstanceData<'a> {
    #[serde(flatten)]
    host: &'a Host,
    #[serde(skip_serializing_if = "Option::is_none")]
    console: Option<String>,
}

/// Everything, for programs.
pub(crate) fn data(found: &Inventory) -> Data<'_> {
    let instance = |host| InstanceData { host, console: instance_console(&host.region, &host.id) };
    let resource = |entry| ResourceData { entry, instances: found.hosts_of(entry).map(instance).collect() };
    Data {
        project: &found.project,
        account: &found.account,
        accounts: &found.accounts,
        resources: found.entries.iter().map(resource).collect(),
    }
}

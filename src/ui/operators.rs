//! Operators in the buckets of environments.

use asiaq_ir::Operator;
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD};
use crate::env_operator::{EnvOperator, Standing};

/// A line for each operator.
pub(crate) fn list(found: &[EnvOperator]) -> String {
    let headings = ["ENVIRONMENT", "OPERATOR", "UID", "ACTIVE", "KEYS", "PASSWORD", "STATE"];
    let row = |one: &EnvOperator| {
        let live = one.live.as_ref().map(|live| &live.operator);
        let of = |text: fn(&Operator) -> String| Cell::plain(live.map_or_else(|| "-".to_owned(), text));
        let password = one.live.as_ref().map_or("-", |live| yes(live.has_password));
        vec![
            Cell::plain(&one.env),
            Cell::new(BOLD, &one.account),
            of(|live| live.uid.map_or_else(|| "-".to_owned(), |uid| uid.to_string())),
            of(|live| live.active.map_or("-", yes).to_owned()),
            of(|live| live.ssh_keys.len().to_string()),
            Cell::plain(password),
            state(&one.standing()),
        ]
    };
    table::listing(&headings, found.iter().map(row), 2)
}

fn state(standing: &Standing) -> Cell {
    let words = words(standing);
    match standing {
        Standing::Declared => Cell::new(GOOD, words),
        Standing::Untaken(fields) if !fields.is_empty() => Cell::new(BAD, words),
        Standing::Missing | Standing::Differs(_) | Standing::Untaken(_) | Standing::NoLonger => {
            Cell::new(CHANGED, words)
        }
        Standing::Undeclared => Cell::new(DIM, words),
    }
}

fn words(standing: &Standing) -> String {
    match standing {
        Standing::Declared => "as declared".to_owned(),
        Standing::Missing => "not created".to_owned(),
        Standing::Untaken(fields) if fields.is_empty() => "to be taken over".to_owned(),
        Standing::Differs(fields) => format!("differs: {}", fields.join(", ")),
        Standing::Untaken(fields) => format!("not asiaq's, and differs: {}", fields.join(", ")),
        Standing::NoLonger => "no longer declared".to_owned(),
        Standing::Undeclared => "not declared".to_owned(),
    }
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

/// The files of an operator, one environment after the other.
pub(crate) fn show(found: &[EnvOperator]) -> String {
    found.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(one: &EnvOperator) -> String {
    let mut rows = vec![
        ("operator", one.account.clone()),
        ("environment", one.env.clone()),
        ("bucket", one.bucket.clone()),
        ("state", words(&one.standing())),
    ];
    if let Some(operator) = one.operator() {
        let text = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        let groups: Vec<&str> = operator.groups.iter().map(String::as_str).collect();
        rows.push(("uid", operator.uid.map_or_else(|| "-".to_owned(), |uid| uid.to_string())));
        rows.push(("groups", text(&groups.join(", "))));
        rows.push(("shell", text(&operator.shell)));
        rows.push(("home", text(operator.home.as_deref().unwrap_or_default())));
        rows.push(("active", operator.active.map_or("-", yes).to_owned()));
        rows.push(("password", one.live.as_ref().map_or("-", |live| yes(live.has_password)).to_owned()));
        rows.extend(operator.ssh_keys.iter().map(|key| ("ssh key", key.clone())));
    }
    let rows: Vec<Vec<Cell>> =
        rows.into_iter().map(|(name, value)| vec![Cell::new(DIM, name), Cell::plain(value)]).collect();
    table::lines(&rows).into_iter().map(|line| line + "\n").collect()
}

/// An operator for programs.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    environment: &'a str,
    operator: &'a str,
    bucket: &'a str,
    declared: bool,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Live<'a>>,
}

#[derive(Serialize)]
struct Live<'a> {
    uid: Option<u32>,
    groups: Vec<&'a str>,
    shell: &'a str,
    home: Option<&'a str>,
    active: Option<bool>,
    has_password: bool,
    ssh_keys: Vec<&'a str>,
}

/// The same for programs.
pub(crate) fn data(found: &[EnvOperator]) -> Vec<Data<'_>> {
    found
        .iter()
        .map(|one| Data {
            environment: &one.env,
            operator: &one.account,
            bucket: &one.bucket,
            declared: one.declared.is_some(),
            state: words(&one.standing()),
            live: one.live.as_ref().map(|live| Live {
                uid: live.operator.uid,
                groups: live.operator.groups.iter().map(String::as_str).collect(),
                shell: &live.operator.shell,
                home: live.operator.home.as_deref(),
                active: live.operator.active,
                has_password: live.has_password,
                ssh_keys: live.operator.ssh_keys.iter().map(String::as_str).collect(),
            }),
        })
        .collect()
}

/// A password that is written, or would be.
#[derive(Serialize)]
pub(crate) struct Done<'a> {
    operator: &'a str,
    environments: Vec<&'a str>,
    written: bool,
}

impl<'a> Done<'a> {
    pub(crate) fn new(operator: &'a str, found: &'a [EnvOperator], written: bool) -> Self {
        Self { operator, environments: found.iter().map(|one| one.env.as_str()).collect(), written }
    }
}

pub(crate) fn done(Done { operator, environments, written }: &Done<'_>) -> String {
    let envs = environments.join(", ");
    if *written {
        format!("{operator} has a new password in {envs}; machines take it when they start next\n")
    } else {
        format!("{operator} would get a new password in {envs}\n")
    }
}

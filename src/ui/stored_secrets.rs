//! Secrets in the stores of environments, never their values.

use asiaq_runtime::SecretVersion;
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, GOOD};

/// A secret that is declared, or in a store.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) environment: String,
    pub(crate) key: String,
    /// Its name in the program, where it is declared.
    pub(crate) name: Option<String>,
    /// Whether a database or a cache is to have it.
    pub(crate) is_used: bool,
    /// Whether the program says that it is generated.
    pub(crate) is_generated: bool,
    #[serde(flatten)]
    pub(crate) state: State,
    /// When it was last written: UTC, ISO 8601.
    pub(crate) changed: Option<String>,
    /// Bytes.
    pub(crate) size: Option<u64>,
    /// Its name in the store.
    pub(crate) place: String,
}

/// Whether a secret has a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum State {
    Present,
    Missing,
    /// It can be had back until this moment.
    Deleted {
        until: String,
    },
}

/// A line for each secret.
pub(crate) fn list(found: &[Entry]) -> String {
    let headings = ["ENVIRONMENT", "KEY", "SECRET", "STATE", "CHANGED", "PLACE"];
    let row = |one: &Entry| {
        let state = match &one.state {
            State::Present => Cell::new(GOOD, "present"),
            State::Missing => Cell::new(BAD, "missing"),
            State::Deleted { until } => Cell::new(CHANGED, format!("deleted, until {until}")),
        };
        let name = match &one.name {
            Some(name) => name.clone(),
            None if one.is_used => "(used, not declared)".to_owned(),
            None => "(not declared)".to_owned(),
        };
        vec![
            Cell::plain(&one.environment),
            Cell::new(BOLD, &one.key),
            Cell::plain(name),
            state,
            Cell::plain(one.changed.as_deref().unwrap_or("-")),
            Cell::plain(&one.place),
        ]
    };
    table::listing(&headings, found.iter().map(row), 2)
}

/// A line for each value that a secret has or had.
pub(crate) fn versions(found: &[SecretVersion]) -> String {
    let row = |one: &SecretVersion| {
        let state = match (one.is_current, one.is_deletion) {
            (true, false) => Cell::new(GOOD, "current"),
            (_, true) => Cell::new(CHANGED, "deletion"),
            (false, false) => Cell::plain("earlier"),
        };
        vec![
            Cell::new(BOLD, &one.version),
            Cell::plain(one.written.as_deref().unwrap_or("-")),
            state,
            Cell::plain(one.by.as_deref().unwrap_or("-")),
        ]
    };
    table::listing(&["VERSION", "WRITTEN", "STATE", "BY"], found.iter().map(row), 2)
}

/// What a command does, or would do, with secrets.
#[derive(Debug, Serialize)]
pub(crate) struct Deeds<'d> {
    pub(crate) environment: &'d str,
    pub(crate) secrets: Vec<Deed>,
}

/// What a command does with one of them.
#[derive(Debug, Serialize)]
pub(crate) struct Deed {
    pub(crate) key: String,
    pub(crate) action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    Create,
    Replace,
    Restore,
    Delete,
    /// It has the value already.
    Keep,
}

/// A line for each.
pub(crate) fn deeds(of: &Deeds<'_>) -> String {
    let row = |one: &Deed| {
        let (style, word) = match one.action {
            Action::Create => (GOOD, "create"),
            Action::Replace => (CHANGED, "replace"),
            Action::Restore => (CHANGED, "bring back and replace"),
            Action::Delete => (BAD, "delete"),
            Action::Keep => (super::text::DIM, "unchanged"),
        };
        vec![Cell::new(style, word), Cell::plain(of.environment), Cell::new(BOLD, &one.key)]
    };
    table::listing(&["", "ENVIRONMENT", "KEY"], of.secrets.iter().map(row), 3)
}

//! What a program can grow to, beside AWS's quotas.

use asiaq_runtime::{Basis, Headroom};
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, PLAIN};
use crate::limits::AccountLimits;

/// A table of all accounts. What counts against a quota of each resource is that of the resource with the most.
pub(crate) fn text(all: &[AccountLimits]) -> String {
    if all.iter().all(|account| account.quotas.is_empty()) {
        return "The program declares nothing that a quota limits.\n".to_owned();
    }
    let headings = ["ACCOUNT", "REGION", "WHAT", "IN USE", "PROGRAM", "PEAK", "QUOTA", ""];
    let rows = all.iter().flat_map(|account| account.quotas.iter().map(|one| row(account, one)));
    table::listing(&headings, rows, 2)
}

fn row(account: &AccountLimits, one: &Headroom) -> Vec<Cell> {
    let place = one.area.zone.as_deref().or(one.area.region.as_deref()).unwrap_or("-");
    let style = if one.is_over() {
        BAD
    } else if one.is_near() {
        CHANGED
    } else {
        PLAIN
    };
    let mut remarks = Vec::new();
    if one.is_over() {
        remarks.push("over".to_owned());
    } else if one.is_near() {
        remarks.push("near".to_owned());
    }
    if one.basis == Basis::Default {
        remarks.push("default".to_owned());
    }
    // Everything else fits into a line without it.
    remarks.extend(one.at.as_ref().filter(|_| one.is_near()).map(ToString::to_string));
    vec![
        Cell::plain(&account.account),
        Cell::plain(place),
        Cell::new(BOLD, one.quota.name),
        Cell::plain(one.used.map_or_else(|| "-".to_owned(), |used| used.to_string())),
        Cell::plain(one.declared.to_string()),
        Cell::new(style, one.peak().to_string()),
        Cell::plain(one.limit.to_string()),
        Cell::new(DIM, remarks.join(", ")),
    ]
}

/// What could not be read, with the account.
pub(crate) fn notes(all: &[AccountLimits]) -> Vec<String> {
    let of = |account: &AccountLimits| {
        let id = account.account.clone();
        account.notes.iter().map(move |note| format!("account {id}, {note}")).collect::<Vec<_>>()
    };
    all.iter().flat_map(of).collect()
}

#[derive(Serialize)]
pub(crate) struct Data<'a> {
    account: &'a str,
    limits: Vec<Row<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

/// One quota for programs.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    /// Absent for what an account has in all regions together.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'a str>,
    /// The resource with the most, for a quota of each resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    what: &'a str,
    service: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    code: &'a str,
    /// In the account, whoever it belongs to; absent if it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<usize>,
    /// That of the project.
    own: usize,
    /// What the program can grow to.
    program: usize,
    /// What there is once it has grown.
    peak: usize,
    quota: usize,
    /// Whether the value is AWS's default, because AWS does not say that of the account.
    default: bool,
    over: bool,
}

/// The same for programs.
pub(crate) fn data(all: &[AccountLimits]) -> Vec<Data<'_>> {
    all.iter().map(Data::of).collect()
}

impl<'a> Data<'a> {
    fn of(account: &'a AccountLimits) -> Self {
        let AccountLimits { account, quotas, notes } = account;
        Self { account, limits: quotas.iter().map(limit).collect(), notes }
    }
}

/// One quota for programs.
pub(crate) fn limit(one: &Headroom) -> Row<'_> {
    Row {
        region: one.area.region.as_deref(),
        zone: one.area.zone.as_deref(),
        resource: one.at.as_ref().map(ToString::to_string),
        what: one.quota.name,
        service: one.quota.service,
        code: one.quota.code,
        used: one.used,
        own: one.own,
        program: one.declared,
        peak: one.peak(),
        quota: one.limit,
        default: one.basis == Basis::Default,
        over: one.is_over(),
    }
}

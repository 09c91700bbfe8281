//! A row of a plan: a step, or several steps that say the same.

use asiaq_ir::{Kind, Origin, Risk};
use asiaq_runtime::{Action, Cause, Plan, Step};

use super::follow::Followers;
use super::mark::{Detail, Mark};
use super::names::Names;
use super::{Depth, details, summary};
use crate::ui::table::{self, Cell};
use crate::ui::text::{CHANGED, DIM, ERROR, REPLACED, WARNING};

/// One or several steps. Rows of two environments are equal if they say the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) risk: Risk,
    /// Absent if the steps are about several kinds.
    pub(super) kind: Option<Kind>,
    pub(super) mark: Mark,
    /// Addresses without the environment.
    pub(super) names: Vec<String>,
    pub(super) summary: String,
    /// The note for a step that undoes drift.
    pub(super) drift: &'static str,
    pub(super) place: String,
    pub(super) details: Vec<Detail>,
}

/// A row with what only one resource in one environment has.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) row: Row,
    /// The AWS id; empty for a new resource, and for several ones.
    pub(super) id: String,
}

impl Item {
    pub(super) fn of(plan: &Plan, step: &Step, depth: Depth, followers: &Followers<'_>) -> Self {
        let row = Row {
            risk: step.risk,
            kind: Some(step.kind),
            mark: Mark::of(&step.action),
            names: vec![step.address.path().to_owned()],
            summary: summary::of(plan, step),
            drift: drift(step),
            place: step.origin.as_ref().map(Origin::to_string).unwrap_or_default(),
            details: details::of(plan, step, depth, followers),
        };
        Self { row, id: step.live().map(|live| live.id.clone()).unwrap_or_default() }
    }

    /// The cells after the mark: the risk and the kind first.
    fn cells(&self) -> Vec<Cell> {
        let row = &self.row;
        let risk = match row.risk {
            Risk::Safe => Cell::default(),
            Risk::Disruptive => Cell::new(CHANGED, row.risk.word()),
            Risk::Replace => Cell::new(REPLACED, row.risk.word()),
            Risk::DataLoss => Cell::new(ERROR, row.risk.word()),
        };
        let kind = match row.kind {
            Some(kind) => kind.name().to_owned(),
            None => format!("{} resources", row.names.len()),
        };
        let summary = [crate::ui::text::name(&self.id), row.summary.as_str()];
        let summary = summary.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let names = row.shown_names().text;
        let (names, summary) = if names.is_empty() {
            (Cell::plain(summary), Cell::default())
        } else {
            (Cell::new(row.mark.style(), names), Cell::plain(summary))
        };
        vec![
            risk,
            Cell::new(DIM, kind),
            names,
            summary,
            Cell::new(WARNING, row.drift),
            Cell::new(DIM, &row.place),
        ]
    }
}

impl Row {
    /// The names, all of them if the risk is high.
    pub(super) fn shown_names(&self) -> Names {
        let names = Names::at(self.risk, &self.names);
        if self.kind.is_none() && self.risk < Risk::Replace && names.text.chars().count() > 30 {
            return Names { text: String::new(), is_short: true };
        }
        names
    }
}

/// The lines of rows and their details.
pub(super) fn lines(items: &[Item], width: usize) -> Vec<String> {
    let rows: Vec<Vec<Cell>> = items.iter().map(Item::cells).collect();
    let mut lines = Vec::new();
    for (item, drawn) in items.iter().zip(table::fitted(&rows, 2, width.saturating_sub(4), 6)) {
        lines.extend(marked("  ", item.row.mark, drawn));
        let cells = |detail: &Detail| {
            let place = if detail.place == item.row.place { "" } else { detail.place.as_str() };
            vec![Cell::plain(&detail.text), Cell::new(DIM, place)]
        };
        let details: Vec<Vec<Cell>> = item.row.details.iter().map(cells).collect();
        let drawn = table::fitted(&details, 0, width.saturating_sub(8), 4);
        lines.extend(
            item.row
                .details
                .iter()
                .zip(drawn)
                .flat_map(|(detail, drawn)| marked("      ", detail.mark, drawn)),
        );
    }
    lines
}

/// Lines of which the first has a mark.
pub(super) fn marked(indent: &'static str, mark: Mark, lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().enumerate().map(move |(at, line)| {
        let mark = if at == 0 { mark.painted() } else { " ".to_owned() };
        format!("{indent}{mark} {line}")
    })
}

/// The note for a step that undoes drift.
fn drift(step: &Step) -> &'static str {
    match (step.cause, &step.action) {
        (Cause::Unknown | Cause::Waiting | Cause::Program, _) => "",
        (Cause::Drift, Action::Create { .. }) => "drift: deleted since the last apply",
        (Cause::Drift, Action::Delete { .. }) => "drift: added since the last apply",
        (Cause::Drift, Action::Update { .. } | Action::Replace { .. }) => "drift",
    }
}

//! A plan as text: by environment, the steps with the highest risk last, next to the confirmation.

mod details;
mod group_rules;
mod reachability;
mod summary;
mod view;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asiaq_compiler::reach::Difference;
use asiaq_ir::{Origin, Risk};
use asiaq_runtime::{Action, Cause, Goal, Plan, Refusal, Step};

pub(super) use view::Tally;
pub(crate) use view::print_json;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, ERROR, GOOD, PLAIN, REPLACED, WARNING, count, paint};
use anstyle::Style;

/// The whole plan, and how it changes the allowed connections.
pub(crate) fn text(plan: &Plan, difference: &Difference) -> String {
    if plan.is_empty() {
        return format!("{}{}\n", nothing(plan), notes(plan));
    }
    let mut by_scope: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        by_scope.entry(step.address.scope().as_str()).or_default().push(step);
    }
    let mut text = String::new();
    for (scope, mut steps) in by_scope {
        steps.sort_by_key(|step| (step.risk, step.kind));
        text.push_str(&heading(plan, scope, &steps));
        let rows: Vec<Vec<Cell>> = steps.iter().map(|step| row(plan, step)).collect();
        for (line, step) in table::lines(&rows).into_iter().zip(steps) {
            let (mark, colour) = mark(&step.action);
            let _ = writeln!(text, "  {} {line}", paint(colour, mark));
            for detail in details::lines(plan, step) {
                let _ = writeln!(text, "      {detail}");
            }
        }
        text.push('\n');
    }
    text += &(totals(plan) + &notes(plan) + "\n");
    match reachability::text(difference) {
        changes if changes.is_empty() => text,
        changes => text + "\n" + &changes,
    }
}

/// The refused steps, one per line, with what protects them.
pub(crate) fn refusals(refusals: &[Refusal<'_>]) -> String {
    let line = |refusal: &Refusal<'_>| {
        let Refusal { step, risk, by } = refusal;
        let verb = match step.action {
            Action::Create { .. } => "create",
            Action::Update { .. } => "change",
            Action::Replace { .. } => "replace",
            Action::Delete { .. } => "delete",
        };
        format!("  {verb} {} {} ({}), {by}\n", step.kind.name(), step.address, risk.word())
    };
    refusals.iter().map(line).collect()
}

fn heading(plan: &Plan, env: &str, steps: &[&Step]) -> String {
    let region = steps.first().map_or("", |step| step.region.as_str());
    let note = match plan.ir.environments.get(env) {
        None => "no longer declared",
        Some(declared) if declared.protect => "protected",
        Some(_) => "",
    };
    let cells = vec![Cell::new(BOLD, env), Cell::new(DIM, region), Cell::new(WARNING, note)];
    table::lines(&[cells]).concat() + "\n"
}

fn row(plan: &Plan, step: &Step) -> Vec<Cell> {
    let (_, colour) = mark(&step.action);
    let risk = match step.risk {
        Risk::Safe => Cell::default(),
        Risk::Disruptive => Cell::new(CHANGED, step.risk.word()),
        Risk::Replace => Cell::new(REPLACED, step.risk.word()),
        Risk::DataLoss => Cell::new(ERROR, step.risk.word()),
    };
    vec![
        Cell::new(DIM, step.kind.name()),
        Cell::new(colour, step.address.as_str()),
        Cell::new(PLAIN, summary::of(plan, step)),
        risk,
        Cell::new(WARNING, drift(step)),
        Cell::new(DIM, step.origin.as_ref().map(Origin::to_string).unwrap_or_default()),
    ]
}

/// The note for a step that undoes drift.
fn drift(step: &Step) -> &'static str {
    match (step.cause, &step.action) {
        (Cause::Unknown | Cause::Program, _) => "",
        (Cause::Drift, Action::Create { .. }) => "drift: deleted since the last apply",
        (Cause::Drift, Action::Delete { .. }) => "drift: added since the last apply",
        (Cause::Drift, Action::Update { .. } | Action::Replace { .. }) => "drift",
    }
}

fn mark(action: &Action) -> (&'static str, Style) {
    match action {
        Action::Create { .. } => ("+", GOOD),
        Action::Update { .. } => ("~", CHANGED),
        Action::Replace { .. } => ("±", REPLACED),
        Action::Delete { .. } => ("-", BAD),
    }
}

fn nothing(plan: &Plan) -> String {
    match plan.scope.goal {
        Goal::Apply => format!("Nothing to do: AWS matches `{}`.", plan.project),
        Goal::Destroy => format!("Nothing to do: no resources of `{}` exist.", plan.project),
    }
}

fn totals(plan: &Plan) -> String {
    let tally = Tally::of(plan);
    paint(BOLD, "Plan: ")
        + &format!(
            "{} to create, {} to change, {} to replace, {} to delete.",
            tally.create, tally.update, tally.replace, tally.delete
        )
        + &match tally.drift {
            0 => String::new(),
            1 => " 1 of them undoes drift: a change since the last apply that asiaq did not make.".to_owned(),
            number => {
                format!(" {number} of them undo drift: changes since the last apply that asiaq did not make.")
            }
        }
}

fn notes(plan: &Plan) -> String {
    if plan.notes.is_empty() {
        return String::new();
    }
    let lines = plan.notes.iter().map(|note| format!("\n  {note}"));
    format!(
        "\n{}{}",
        paint(WARNING, &format!("{}:", count(plan.notes.len(), "note"))),
        lines.collect::<String>()
    )
}

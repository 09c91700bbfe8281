//! A plan as text: by environment, the steps with the highest risk last, next to the confirmation.

mod block;
mod details;
mod fold;
mod follow;
mod group_rules;
mod interruptions;
mod mark;
mod names;
mod reachability;
mod refusals;
mod row;
mod sizes;
mod summary;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_compiler::reach::Difference;
use asiaq_ir::ScopeRef;
use asiaq_runtime::{Goal, Interruptions, Note, Plan};

use block::Block;
pub(crate) use refusals::{refusals, unnamed_ends};
pub(super) use view::Tally;
pub(crate) use view::print_json;

use super::secrets::without_secrets;
use super::table::{self, Cell};
use super::text::{BOLD, DIM, PLAIN, WARNING, count, listed, paint};
use super::width::width;

/// How much of a plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Steps that say the same are one row, and long values are cut.
    Folded,
    /// Each step is a row, with all of its values.
    Full,
}

/// The whole plan, and how it changes the allowed connections.
pub(crate) fn text(plan: &Plan, difference: &Difference, depth: Depth) -> String {
    let width = width();
    if plan.is_empty() {
        return format!(
            "{}{}\n",
            lines(&nothing(plan), width, 0),
            notes(plan, width) + &unmanaged(plan, width)
        );
    }
    let interruptions = Interruptions::of(plan);
    let blocks = block::blocks(plan, depth, &interruptions);
    let mut text = String::new();
    for block in &blocks {
        text += &(heading(plan, block, width) + "\n");
        for line in row::lines(&block.items, width) {
            text += &(line + "\n");
        }
        text.push('\n');
    }
    text += &totals(plan, width);
    text += &(interruptions::text(&interruptions, width)
        + &notes(plan, width)
        + &unmanaged(plan, width)
        + "\n"
        + &left(plan, width));
    let items = || blocks.iter().flat_map(|block| &block.items);
    if depth == Depth::Folded && items().any(|item| item.row.shown_names().is_short) {
        text += &paint(DIM, "`--full` shows each step by itself.");
        text.push('\n');
    }
    match reachability::text(difference, width) {
        changes if changes.is_empty() => text,
        changes => text + "\n" + &changes,
    }
}

fn lines(text: &str, width: usize, hang: usize) -> String {
    table::wrapped(PLAIN, text, width, hang).join("\n")
}

/// The environments of a block, with their regions and what is special about them.
fn heading(plan: &Plan, block: &Block<'_>, width: usize) -> String {
    let scopes = &block.scopes;
    let first = |scope: &ScopeRef<'_>| plan.steps.iter().find(|step| step.address.scope() == *scope);
    let regions: BTreeSet<&str> = scopes.iter().filter_map(first).map(|step| step.region.as_str()).collect();
    let having = |is: fn(&Plan, ScopeRef<'_>) -> bool, word: &str| {
        let those: Vec<&str> =
            scopes.iter().filter(|scope| is(plan, **scope)).map(|scope| scope.as_str()).collect();
        match those.len() {
            0 => String::new(),
            number if number == scopes.len() => word.to_owned(),
            _ => format!("{word}: {}", those.join(", ")),
        }
    };
    let is_protected = |plan: &Plan, scope: ScopeRef<'_>| {
        let declared = scope.environment().and_then(|name| plan.ir.environments.get(name));
        declared.is_some_and(|env| env.protect)
    };
    let notes = [
        having(|plan, scope| !plan.ir.declares(scope), "no longer declared"),
        having(is_protected, "protected"),
    ];
    let notes: Vec<&str> = notes.iter().map(String::as_str).filter(|note| !note.is_empty()).collect();
    let homes = scopes.iter().filter_map(|scope| plan.ir.account_name(*scope));
    let lenders = plan.ir.elsewhere.iter().filter(|(address, _)| {
        scopes.contains(&address.scope()) && plan.steps.iter().any(|step| step.address == **address)
    });
    let names = homes.chain(lenders.map(|(_, name)| name.as_str()));
    let accounts: BTreeMap<&String, &str> = names
        .filter_map(|name| plan.ir.accounts.get_key_value(name))
        .map(|(name, account)| (name, account.id.as_str()))
        .collect();
    let accounts = accounts.into_iter().map(|(name, id)| format!("account {name} ({id})"));
    // The usual program has one account, which the question for the confirmation names.
    let accounts = accounts.filter(|_| plan.ir.accounts.len() > 1);
    let places: Vec<String> = regions.into_iter().map(str::to_owned).chain(accounts).collect();
    let names = match scopes.as_slice() {
        [one] => one.as_str().to_owned(),
        several => format!("[{}]", several.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")),
    };
    let cells =
        vec![Cell::new(BOLD, names), Cell::new(DIM, places.join(", ")), Cell::new(WARNING, notes.join(", "))];
    table::fitted(&[cells], 0, width, 2).concat().join("\n")
}

/// What no project of asiaq owns, and what removes it.
fn unmanaged(plan: &Plan, width: usize) -> String {
    let named = |(address, id): (&asiaq_ir::Address, &String)| {
        lines(&format!("  unmanaged: {address} ({id})"), width, 4) + "\n"
    };
    let all: String = plan.unmanaged.iter().map(named).collect();
    if all.is_empty() {
        return all;
    }
    let way = "no project of asiaq owns these; `asiaq apply --allow prune` removes them";
    format!("\n{all}{}", lines(way, width, 0))
}

fn nothing(plan: &Plan) -> String {
    let what = scope(plan);
    let stays = plan.notes.iter().filter(|note| matches!(note, Note::Stays { .. })).count();
    match plan.scope.goal {
        Goal::Apply if plan.notes.iter().any(differs) => {
            format!("Nothing to do, but AWS differs from {what}.")
        }
        Goal::Apply => format!("Nothing to do: AWS matches {what}."),
        Goal::Destroy if stays > 0 => {
            format!("Nothing to do: no resources of {what} exist except {}.", count(stays, "topic"))
        }
        Goal::Destroy => format!("Nothing to do: no resources of {what} exist."),
    }
}

/// Whether a note tells that AWS is not as the program states.
fn differs(note: &Note) -> bool {
    match note {
        Note::LeftOut { .. }
        | Note::ElementLeftOut { .. }
        | Note::Keeps { .. }
        | Note::KeepsSize(_)
        | Note::Forecast { .. }
        | Note::LosesRules { .. }
        | Note::TargetStays { .. }
        | Note::Unresolved { .. } => true,
        // The program leaves the place of these blocks and the age of instances to asiaq; what stays is of no declared
        // environment. A subscription is there before its subscriber confirms it.
        Note::KeepsBlocks { .. }
        | Note::Unconfirmed { .. }
        | Note::Stays { .. }
        | Note::LeavesCopy { .. }
        | Note::Deactivated { .. }
        | Note::StaysInUse { .. }
        | Note::Waits { .. }
        | Note::Foreign { .. }
        | Note::Renamed { .. }
        | Note::AsksPrivately { .. }
        | Note::Undelegated { .. }
        | Note::LogStays { .. }
        | Note::RenamedEnvironment { .. }
        | Note::MayBeRenamed { .. }
        | Note::NothingMoved { .. }
        | Note::BothLive { .. }
        | Note::OldTemplate { .. }
        | Note::Quota { .. }
        | Note::Unread { .. } => false,
    }
}

/// The project, or the part of it that the plan covers.
fn scope(plan: &Plan) -> String {
    let Some(only) = plan.scope.environments() else { return format!("`{}`", plan.project) };
    // Where environments are asked for, others may be there that nothing declares any more.
    let is_whole = plan.ir.environments.keys().all(|name| only.contains(name));
    if is_whole && !plan.scope.named {
        return format!("`{}`", plan.project);
    }
    let names: Vec<&String> = only.iter().collect();
    format!("{} of `{}`", listed(&names), plan.project)
}

/// What a destroy leaves in the account besides the resources of notes.
fn left(plan: &Plan, width: usize) -> String {
    match plan.scope.goal {
        Goal::Destroy if plan.scope.under.is_none() => {
            lines("The table `asiaq-leases` stays: all projects of the account share it.", width, 0) + "\n"
        }
        Goal::Destroy | Goal::Apply => String::new(),
    }
}

fn totals(plan: &Plan, width: usize) -> String {
    let tally = Tally::of(plan);
    let drift = match tally.drift {
        0 => String::new(),
        1 => " 1 of them undoes drift: a change since the last apply that asiaq did not make.".to_owned(),
        number => {
            format!(" {number} of them undo drift: changes since the last apply that asiaq did not make.")
        }
    };
    let text = format!(
        "Plan: {} to create, {} to change, {} to replace, {} to delete.{drift}",
        tally.create, tally.update, tally.replace, tally.delete
    );
    lines(&text, width, 2).replacen("Plan:", &paint(BOLD, "Plan:"), 1)
}

fn notes(plan: &Plan, width: usize) -> String {
    if plan.notes.is_empty() {
        return String::new();
    }
    let lines = plan.notes.iter().flat_map(|note| {
        let lines = table::wrapped(PLAIN, &without_secrets(&note.to_string()), width.saturating_sub(2), 2);
        lines.into_iter().map(|line| format!("\n  {line}"))
    });
    format!(
        "\n{}{}",
        paint(WARNING, &format!("{}:", count(plan.notes.len(), "note"))),
        lines.collect::<String>()
    )
}

//! The result of an apply.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use asiaq_ir::{Address, Scope};
use asiaq_runtime::{Failure, Fault, Goal, Operation, Outcome, Plan, Verb};
use serde::Serialize;

use super::plan::Tally;
use super::text::{BOLD, ERROR, GOOD, WARNING, count, duration, paint};

#[derive(Serialize)]
struct View<'a> {
    project: &'a str,
    account: &'a str,
    /// The environments and accounts that are in another account, with its id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    accounts: BTreeMap<Scope, String>,
    summary: Tally,
    #[serde(flatten)]
    outcome: &'a Outcome,
    seconds: f64,
}

/// Prints the outcome as one object.
pub(crate) fn print_json(
    plan: &Plan,
    account: &str,
    accounts: BTreeMap<Scope, String>,
    outcome: &Outcome,
    took: Duration,
) {
    let seconds = (took.as_secs_f64() * 1000.0).round() / 1000.0;
    super::json::print(&View {
        project: &plan.project,
        account,
        accounts,
        summary: Tally::of(plan),
        outcome,
        seconds,
    });
}

/// Prints what was done, what was not and why, and what to run next.
pub(crate) fn print(plan: &Plan, outcome: &Outcome, took: Duration, recheck: &str) {
    super::out(&done(plan, outcome, took));
    super::say(&left(plan, outcome, recheck));
}

fn done(plan: &Plan, outcome: &Outcome, took: Duration) -> String {
    let verbs = |verb: Verb| outcome.done.iter().filter(|operation| operation.verb == verb).count();
    let parts = [(Verb::Create, "created"), (Verb::Update, "changed"), (Verb::Delete, "deleted")];
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(verb, word)| (verbs(verb), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let parts = match (parts.is_empty(), is_unclear(outcome)) {
        (false, _) => parts.join(", "),
        (true, false) => "nothing was changed".to_owned(),
        (true, true) => "no change that AWS has confirmed".to_owned(),
    };
    let head = match (outcome.is_complete(), plan.scope.goal) {
        (true, _) => paint(GOOD, "Done:"),
        (false, Goal::Apply) => paint(WARNING, "Applied in part:"),
        (false, Goal::Destroy) => paint(WARNING, "Destroyed in part:"),
    };
    format!("{head} {parts} in {}.\n", duration(took))
}

/// Whether AWS may have made a change without confirming it.
fn is_unclear(outcome: &Outcome) -> bool {
    let has_no_answer = |failure: &Failure| match failure.error.fault {
        Fault::Unreachable | Fault::Unreadable | Fault::TimedOut => true,
        Fault::Refused | Fault::Denied => false,
    };
    !outcome.abandoned.is_empty() || outcome.failed.iter().any(has_no_answer)
}

fn left(plan: &Plan, outcome: &Outcome, recheck: &str) -> String {
    if outcome.is_complete() {
        return String::new();
    }
    let mut text = String::new();
    for Failure { operation, error } in &outcome.failed {
        let code = if error.code.is_empty() { String::new() } else { format!("{}: ", error.code) };
        let _ = writeln!(text, "\n{} could not {}", paint(ERROR, "error:"), named(operation));
        let _ = writeln!(text, "  {}: {code}{}", error.operation, error.message);
        if let Some(request) = &error.request {
            let _ = writeln!(text, "  request {request}");
        }
    }
    let mut waiting: BTreeMap<&Address, Vec<&Operation>> = BTreeMap::new();
    for skip in &outcome.skipped {
        waiting.entry(&skip.because).or_default().push(&skip.operation);
    }
    for (because, operations) in waiting {
        text.push_str(&list(&format!("not tried, because they depend on {because}"), operations));
    }
    if !outcome.interrupted.is_empty() {
        text.push_str(&list(
            "interrupted while waiting; the next run waits again",
            outcome.interrupted.iter().collect(),
        ));
    }
    if !outcome.abandoned.is_empty() {
        text.push_str(&list(
            "in flight when the run stopped; AWS may or may not have made these changes",
            outcome.abandoned.iter().collect(),
        ));
    }
    let reported = outcome.done.len()
        + outcome.failed.len()
        + outcome.skipped.len()
        + outcome.abandoned.len()
        + outcome.interrupted.len();
    let rest = plan.operations().saturating_sub(reported);
    if rest > 0 {
        let _ = write!(text, "\n{} not tried, because the run was stopped\n", count(rest, "operation"));
    }
    text + &format!("\nCompleted changes are kept. Run `{}` to continue.\n", paint(BOLD, recheck))
}

fn list(head: &str, operations: Vec<&Operation>) -> String {
    let lines: Vec<String> = operations.into_iter().map(named).collect();
    format!("\n{head}:\n  {}\n", lines.join("\n  "))
}

fn named(operation: &Operation) -> String {
    let Operation { address, kind, verb, id } = operation;
    let id = id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{verb} {} {address}{id}", kind.name())
}
